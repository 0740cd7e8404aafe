package sip

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/emiago/sipgo"
	wire "github.com/emiago/sipgo/sip"
)

// handle has requests from far ends answered.
func (t *Trunks) handle(e *endpoint) {
	on := func(method wire.RequestMethod, answer sipgo.RequestHandler) {
		e.server.OnRequest(method, t.safely(answer))
	}
	on(wire.INVITE, func(req *wire.Request, tx wire.ServerTransaction) {
		switch d := e.dialog(req); {
		case tooMuch(req, tx), tooOften(req, tx):
		case d != nil:
			d.reoffered(req, tx)
		case within(req):
			respond(req, tx, wire.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
		default:
			t.arrive(e, req, tx)
		}
	})
	on(wire.PRACK, func(req *wire.Request, tx wire.ServerTransaction) { // of none of ours
		respond(req, tx, wire.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
	})
	on(wire.UPDATE, e.inside((*dialog).updated))
	on(wire.BYE, e.inside((*dialog).left))
	on(wire.INFO, e.inside((*dialog).informed))
	on(wire.ACK, func(req *wire.Request, _ wire.ServerTransaction) {
		if d := e.dialog(req); d != nil && req.CSeq() != nil {
			d.acknowledged(req.CSeq().SeqNo, req.Body())
		}
	})
	on(wire.OPTIONS, func(req *wire.Request, tx wire.ServerTransaction) {
		tx.Respond(capable(req))
	})
	e.server.OnNoRoute(func(req *wire.Request, tx wire.ServerTransaction) {
		res := wire.NewResponseFromRequest(req, wire.StatusMethodNotAllowed,
			"Method Not Allowed", nil)
		res.AppendHeader(wire.NewHeader("Allow", allowed))
		tx.Respond(res)
	})
}

// safely keeps a request that makes us panic from ending the process. What was
// panicked with is not logged, as it may be a number.
func (t *Trunks) safely(answer sipgo.RequestHandler) sipgo.RequestHandler {
	return func(req *wire.Request, tx wire.ServerTransaction) {
		defer func() {
			if v := recover(); v != nil {
				t.Log.Error("request made us panic", "method", req.Method,
					"type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
				respond(req, tx, wire.StatusInternalServerError, "Internal Server Error")
			}
		}()
		answer(req, tx)
	}
}

// capable answers what we can do.
func capable(req *wire.Request) *wire.Response {
	res := wire.NewResponseFromRequest(req, wire.StatusOK, "OK", nil)
	res.AppendHeader(wire.NewHeader("Allow", allowed))
	res.AppendHeader(wire.NewHeader("Accept", sdpType))
	res.AppendHeader(wire.NewHeader("Supported", supported))
	return res
}

// tooMuch reports whether a request asks for what we cannot do, and answers it
// if so (RFC 3261, section 8.2.2.3).
func tooMuch(req *wire.Request, tx wire.ServerTransaction) bool {
	var unknown []string
	for _, h := range req.GetHeaders("Require") {
		for option := range strings.SplitSeq(h.Value(), ",") {
			option = strings.TrimSpace(option)
			if !strings.EqualFold(option, timers) && !strings.EqualFold(option, reliably) {
				unknown = append(unknown, option)
			}
		}
	}
	if len(unknown) == 0 {
		return false
	}
	res := wire.NewResponseFromRequest(req, wire.StatusBadExtension, "Bad Extension", nil)
	res.AppendHeader(wire.NewHeader("Unsupported", strings.Join(unknown, ", ")))
	tx.Respond(res)
	return true
}

func respond(req *wire.Request, tx wire.ServerTransaction, code int, phrase string) {
	tx.Respond(wire.NewResponseFromRequest(req, code, phrase, nil))
}

// within reports whether a request claims to belong to a call.
func within(req *wire.Request) bool {
	return req.To() != nil && req.To().Params.Has("tag")
}

// inside has a request of a call answered by its dialog.
func (e *endpoint) inside(
	answer func(*dialog, *wire.Request, wire.ServerTransaction),
) func(*wire.Request, wire.ServerTransaction) {
	return func(req *wire.Request, tx wire.ServerTransaction) {
		d := e.dialog(req)
		if d == nil || req.CSeq() == nil {
			respond(req, tx, wire.StatusCallTransactionDoesNotExists, "Call Does Not Exist")
			return
		}
		if !d.inOrder(req.CSeq().SeqNo) {
			respond(req, tx, wire.StatusInternalServerError, "Out of Order")
			return
		}
		answer(d, req, tx)
	}
}

// inOrder takes in the number of a request; an old one is out of order (RFC
// 3261, section 12.2.2).
func (d *dialog) inOrder(cseq uint32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if cseq <= d.heard {
		return false
	}
	d.heard = cseq
	return true
}

// left takes in that the far end has hung up.
func (d *dialog) left(req *wire.Request, tx wire.ServerTransaction) {
	respond(req, tx, wire.StatusOK, "OK")
	d.finish(errOver)
}

// informed takes in a key that is sent by signalling, as old gateways do.
func (d *dialog) informed(req *wire.Request, tx wire.ServerTransaction) {
	respond(req, tx, wire.StatusOK, "OK")
	d.mu.Lock()
	pressed := d.keys
	d.mu.Unlock()
	if key := signal(string(req.Body())); key != "" && pressed != nil {
		pressed(key)
	}
}

// signal returns the key of a body of type application/dtmf-relay or
// application/dtmf, or "".
func signal(body string) string {
	if len(body) > 1000 {
		return ""
	}
	for line := range strings.Lines(body) {
		key := strings.TrimSpace(line)
		if name, value, ok := strings.Cut(key, "="); ok {
			if !strings.EqualFold(strings.TrimSpace(name), "Signal") {
				continue
			}
			key = strings.TrimSpace(value)
		}
		if len(key) == 1 && strings.Contains("0123456789*#", key) {
			return key
		}
	}
	return ""
}

// updated takes in an UPDATE, with an offer or without one.
func (d *dialog) updated(req *wire.Request, tx wire.ServerTransaction) {
	if tooOften(req, tx) {
		return
	}
	var answer []byte
	if len(req.Body()) > 0 {
		var err error
		if answer, err = d.session.Answer(req.Body()); err != nil {
			respond(req, tx, wire.StatusNotAcceptableHere, "Not Acceptable Here")
			return
		}
	}
	tx.Respond(d.agree(req, answer))
}

// reoffered takes in a re-INVITE, which may hold the call, move its sound or
// only refresh it.
func (d *dialog) reoffered(req *wire.Request, tx wire.ServerTransaction) {
	if !d.inOrder(req.CSeq().SeqNo) {
		respond(req, tx, wire.StatusInternalServerError, "Out of Order")
		return
	}
	var answer []byte
	var err error
	asked := len(req.Body()) == 0 // then the offer is ours, and the ACK has the answer
	if asked {
		answer, err = d.session.Offer(d.srtp)
	} else {
		answer, err = d.session.Answer(req.Body())
	}
	if err != nil {
		respond(req, tx, wire.StatusNotAcceptableHere, "Not Acceptable Here")
		return
	}
	body, err := d.settle(tx, req, d.agree(req, answer))
	if err == nil && asked {
		err = d.session.Accept(body)
	}
	if err != nil {
		d.hangUp()
	}
}

// agree makes the 200 for a request of the far end, and takes in where it says
// that it is.
func (d *dialog) agree(req *wire.Request, answer []byte) *wire.Response {
	if contact := req.Contact(); contact != nil {
		d.mu.Lock()
		d.target = contact.Address
		d.mu.Unlock()
	}
	res := wire.NewResponseFromRequest(req, wire.StatusOK, "OK", nil)
	if to := res.To(); to != nil {
		to.Params.Add("tag", d.local.GetOr("tag", ""))
	}
	res.AppendHeader(d.hop.contact(d.user))
	res.AppendHeader(wire.NewHeader("Allow", allowed))
	res.AppendHeader(wire.NewHeader("Supported", supported))
	d.grantRefresh(req, res)
	if answer != nil {
		res.AppendHeader(wire.NewHeader("Content-Type", sdpType))
		res.SetBody(answer)
	}
	return res
}

// settle sends a 2xx to INVITE, again and again until the far end has
// acknowledged it (RFC 3261, section 13.3.1.4), and returns what the ACK says.
func (d *dialog) settle(
	tx wire.ServerTransaction, req *wire.Request, res *wire.Response,
) ([]byte, error) {
	acked := d.expectAck(req.CSeq().SeqNo)
	if err := tx.Respond(res); err != nil {
		return nil, err
	}
	late := time.NewTimer(linger)
	defer late.Stop()
	began, pause := time.Now(), t1
	again := time.NewTimer(pause)
	defer again.Stop()
	for {
		select {
		case body := <-acked:
			return body, nil
		case <-again.C:
			if d.crowded != nil && time.Since(began) > crowdLife-t1 && d.crowded() {
				return nil, errSilent
			}
			tx.Respond(res)
			pause = min(2*pause, t2)
			again.Reset(pause)
		case <-d.over.Done():
			select {
			case body := <-acked: // before that
				return body, nil
			default:
			}
			if d.farEnded() { // its BYE says as well that it has our answer
				return nil, nil
			}
			return nil, context.Cause(d.over)
		case <-late.C:
			return nil, errSilent
		}
	}
}

func (d *dialog) expectAck(cseq uint32) <-chan []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	acked := make(chan []byte, 1)
	d.acks[cseq] = acked
	return acked
}

func (d *dialog) acknowledged(cseq uint32, body []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if acked := d.acks[cseq]; acked != nil {
		acked <- body
		delete(d.acks, cseq)
	}
}
