package sip

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	wire "github.com/emiago/sipgo/sip"

	"nocall/internal/e164"
	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

var errCancelled = errors.New("voice/sip: caller has given up")

// arrive takes in an inbound call. It is answered whatever any list says: none
// is asked. Only who is no trunk of ours is turned away, and who calls a number
// that is not ours.
func (t *Trunks) arrive(e *endpoint, req *wire.Request, tx wire.ServerTransaction) {
	from := t.trunksAt(req.Source())
	switch {
	case len(from) == 0:
		respond(req, tx, wire.StatusForbidden, "Forbidden")
		return
	case req.Contact() == nil || req.CSeq() == nil || req.From() == nil || req.To() == nil ||
		req.CallID() == nil:
		respond(req, tx, wire.StatusBadRequest, "Bad Request")
		return
	}
	if !e.begin() {
		return
	}
	defer e.done()
	source := addressOf(req.Source()).Addr()
	met, ok := e.unmet.wait(source)
	if !ok {
		respond(req, tx, wire.StatusServiceUnavailable, "Service Unavailable")
		return
	}
	defer met()
	// From here on the call is ours and not the socket's: it ends with the
	// process, or when either side hangs up.
	ctx, cancel := context.WithCancelCause(e.calls)
	defer cancel(nil)
	tx.OnCancel(func(*wire.Request) { cancel(errCancelled) })
	leg, told, tr, err := t.welcome(ctx, req, from, func() { cancel(errLeft) })
	switch {
	case errors.Is(err, voice.ErrNoNumber):
		respond(req, tx, wire.StatusNotFound, "Not Found")
		return
	case err != nil:
		t.Log.ErrorContext(ctx, "inbound call not answered", "err", err)
		respond(req, tx, wire.StatusServiceUnavailable, "Service Unavailable")
		return
	}
	tr.calls.Add(1)
	defer tr.calls.Add(-1)
	outcome, err := t.pickUp(ctx, e, call{req, tx, leg, tr, met})
	if err != nil && context.Cause(ctx) == nil {
		t.Log.WarnContext(ctx, "inbound call failed", "call", leg.CallID, "err", err)
	}
	if told != nil {
		told(outcome)
	}
}

// welcome finds out who speaks on an inbound call. Several trunks may have one
// address; the called number says which of them it is.
func (t *Trunks) welcome(
	ctx context.Context, req *wire.Request, from []*trunk, hangUp func(),
) (voice.Leg, func(voice.Outcome), *trunk, error) {
	if t.Answer == nil {
		return voice.Leg{}, nil, nil, voice.ErrNoNumber
	}
	for _, tr := range from {
		leg, told, err := t.Answer(ctx, voice.Arrival{
			Trunk: tr.Name, Environment: tr.Environment,
			Caller: callerOf(req), Called: calledIn(req), HangUp: hangUp,
		})
		if !errors.Is(err, voice.ErrNoNumber) {
			return leg, told, tr, err
		}
	}
	return voice.Leg{}, nil, nil, voice.ErrNoNumber
}

// call is an inbound call before it is answered.
type call struct {
	req   *wire.Request
	tx    wire.ServerTransaction
	leg   voice.Leg
	trunk *trunk
	met   func() // told that the caller has acknowledged our answer, or will not
}

// pickUp answers an inbound call and carries it to its end.
func (t *Trunks) pickUp(ctx context.Context, e *endpoint, c call) (voice.Outcome, error) {
	h, err := e.back(ctx, c.req)
	if err != nil {
		respond(c.req, c.tx, wire.StatusServiceUnavailable, "Service Unavailable")
		return voice.Failed, err
	}
	defer h.release()
	d := dialogFor(e, h, c.req)
	d.account = c.trunk.account()
	d.crowded = func() bool { return e.unmet.crowded(addressOf(c.req.Source()).Addr()) }
	sdp, err := t.soundFor(d, c.req)
	if err != nil {
		respond(c.req, c.tx, wire.StatusNotAcceptableHere, "Not Acceptable Here")
		return voice.Failed, err
	}
	d.keep()
	body, err := d.settle(c.tx, c.req, d.agree(c.req, sdp))
	c.met()
	if err == nil && len(c.req.Body()) == 0 {
		err = d.session.Accept(body)
	}
	if err != nil {
		d.hangUp()
		return voice.Failed, err
	}
	e.task(d.watch)
	_, err = t.talk(ctx, e, d, &events{leg: c.leg})
	return voice.Answered, err
}

// soundFor opens the sound of an inbound call, and returns our answer to the
// caller's offer, or our offer if the caller made none.
func (t *Trunks) soundFor(d *dialog, req *wire.Request) ([]byte, error) {
	session, err := media.Open(d.hop.local.Addr(), t.Ports)
	if err != nil {
		return nil, err
	}
	var sdp []byte
	if len(req.Body()) == 0 {
		sdp, err = session.Offer(false)
	} else {
		sdp, err = session.Answer(req.Body())
	}
	if err != nil {
		session.Close()
		return nil, err
	}
	d.session, d.srtp = session, session.Encrypted()
	return sdp, nil
}

// back returns the way back to where a request came from.
func (e *endpoint) back(ctx context.Context, req *wire.Request) (*hop, error) {
	return e.reach(ctx, req.Transport(), req.Source())
}

// calledIn returns the number that a request calls: that of its line, or of To
// where the line has what we registered as.
func calledIn(req *wire.Request) e164.Number {
	for _, user := range []string{req.Recipient.User, req.To().Address.User} {
		if n, ok := number(user); ok {
			return n
		}
	}
	return e164.Number{}
}

// callerOf returns the number of who calls: what the trunk vouches for (RFC
// 3325), or else what the caller says. It is zero for one who withholds it.
func callerOf(req *wire.Request) e164.Number {
	for _, h := range req.GetHeaders("Privacy") {
		if strings.Contains(strings.ToLower(h.Value()), "id") {
			return e164.Number{}
		}
	}
	for _, h := range req.GetHeaders("P-Asserted-Identity") {
		if n, ok := number(userIn(h.Value())); ok {
			return n
		}
	}
	n, _ := number(req.From().Address.User)
	return n
}

// userIn returns the user of an address as <sip:user@host>, or the number of
// <tel:number>.
func userIn(address string) string {
	_, rest, found := strings.Cut(address, "<")
	if !found {
		rest = address
	}
	rest, _, _ = strings.Cut(rest, ">")
	scheme, rest, _ := strings.Cut(rest, ":")
	switch strings.ToLower(strings.TrimSpace(scheme)) {
	case "sip", "sips", "tel":
	default:
		return ""
	}
	user, _, _ := strings.Cut(rest, "@")
	user, _, _ = strings.Cut(user, ";")
	return user
}

// number reads the user part of an address as a number.
func number(user string) (e164.Number, bool) {
	user, _, _ = strings.Cut(user, ";")
	if len(user) > 40 {
		return e164.Number{}, false
	}
	if n, err := e164.ParsePlain(user); err == nil {
		return n, true
	}
	n, err := e164.ParseLoose(user, "")
	return n, err == nil
}

// addressOf returns the address of host:port.
func addressOf(source string) netip.AddrPort {
	at, err := netip.ParseAddrPort(source)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
