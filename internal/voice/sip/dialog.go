package sip

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"nocall/internal/voice/sip/media"

	wire "github.com/emiago/sipgo/sip"
)

// byeTime is how long a hang-up may take to be confirmed.
const byeTime = 4 * time.Second

var (
	errClosed = errors.New("voice/sip: closed")
	errOver   = errors.New("voice/sip: the far end has hung up")
)

// dialog is an answered call as SIP has it (RFC 3261, section 12).
type dialog struct {
	end     *endpoint
	hop     *hop
	account account
	session *media.Session // nil for one that is only hung up
	srtp    bool           // whether its sound is encrypted

	callID string
	local  wire.HeaderParams // of our From
	from   wire.Uri
	remote wire.HeaderParams // of our To
	to     wire.Uri
	routes []wire.Uri
	user   string // of our Contact

	crowded func() bool   // whether too many wait with it to be acknowledged; nil for never
	updates bool          // whether they take UPDATE
	renewed chan struct{} // one waiting means that the session was refreshed

	mu      sync.Mutex
	keys    func(key string) // told of keys in INFO; nil for nobody
	target  wire.Uri         // the far end's Contact
	cseq    uint32           // ours, of the last request
	heard   uint32           // theirs
	refresh refresh
	acks    map[uint32]chan []byte // by what is to be acknowledged: wait for the ACK's body
	astray  bool                   // they cannot be reached where they say that they are

	over  context.Context // done once the call has ended, on either side
	ended context.CancelCauseFunc
	once  sync.Once
}

// errLeft says that it was us who ended a call.
var errLeft = errors.New("voice/sip: we have hung up")

// dialogOf returns the dialog that a 2xx to our INVITE makes.
func dialogOf(i *invite, res *wire.Response) *dialog {
	from, to := i.req.From(), i.req.To()
	d := &dialog{
		end: i.end, hop: i.hop, callID: i.req.CallID().Value(),
		from: from.Address, local: from.Params, to: to.Address, remote: to.Params,
		target: i.req.Recipient, cseq: i.req.CSeq().SeqNo + i.pracks.Load(),
		user:    i.req.Contact().Address.User,
		renewed: make(chan struct{}, 1), acks: make(map[uint32]chan []byte),
	}
	if to := res.To(); to != nil {
		d.remote = to.Params
	}
	if contact := res.Contact(); contact != nil {
		d.target = contact.Address
	}
	d.routes = routesOf(res)
	slices.Reverse(d.routes)
	d.updates = lists(res, "Allow", "UPDATE")
	return d
}

// dialogFor returns the dialog that our 2xx to an INVITE makes.
func dialogFor(e *endpoint, h *hop, req *wire.Request) *dialog {
	from, to := req.From(), req.To()
	d := &dialog{
		end: e, hop: h, callID: req.CallID().Value(),
		from: to.Address, local: to.Params.Clone(), to: from.Address, remote: from.Params,
		target: req.Contact().Address, heard: req.CSeq().SeqNo, user: req.Recipient.User,
		routes:  routesOf(req),
		updates: lists(req, "Allow", "UPDATE"),
		renewed: make(chan struct{}, 1), acks: make(map[uint32]chan []byte),
	}
	d.local.Add("tag", mark())
	return d
}

func routesOf(m interface{ GetHeaders(string) []wire.Header }) []wire.Uri {
	var routes []wire.Uri
	for _, h := range m.GetHeaders("Record-Route") {
		if r, ok := h.(*wire.RecordRouteHeader); ok {
			routes = append(routes, r.Address)
		}
	}
	return routes
}

// keep has requests of the far end find the dialog, until it is finished. One that
// is only made to send a request is not kept.
func (d *dialog) keep() {
	d.over, d.ended = context.WithCancelCause(d.end.ctx)
	d.end.mu.Lock()
	defer d.end.mu.Unlock()
	d.end.dialogs[d.key()] = d
}

// key is what the far end's requests are known by. A call that a carrier brings
// back to us has one Call-ID and two dialogs.
func (d *dialog) key() string { return d.local.GetOr("tag", "") + " " + d.callID }

// dialog returns the dialog to which a request of a far end belongs, or nil.
func (e *endpoint) dialog(req *wire.Request) *dialog {
	if req.CallID() == nil || req.From() == nil || req.To() == nil {
		return nil
	}
	ours, theirs := req.To().Params.GetOr("tag", ""), req.From().Params.GetOr("tag", "")
	e.mu.Lock()
	d := e.dialogs[ours+" "+req.CallID().Value()]
	e.mu.Unlock()
	if d == nil || theirs != d.remote.GetOr("tag", "") {
		return nil
	}
	return d
}

// request makes a request of the dialog. What came over a connection stays on
// it; over UDP it goes where the far end said that it is.
func (d *dialog) request(method wire.RequestMethod, cseq uint32) *wire.Request {
	d.mu.Lock()
	target, astray := *d.target.Clone(), d.astray
	d.mu.Unlock()
	req := d.end.newRequest(method, target, d.hop)
	req.AppendHeader(&wire.FromHeader{Address: d.from, Params: d.local})
	req.AppendHeader(&wire.ToHeader{Address: d.to, Params: d.remote})
	id := wire.CallIDHeader(d.callID)
	req.AppendHeader(&id)
	req.AppendHeader(&wire.CSeqHeader{SeqNo: cseq, MethodName: method})
	for _, r := range d.routes {
		req.AppendHeader(&wire.RouteHeader{Address: r})
	}
	req.AppendHeader(d.hop.contact(d.user))
	if d.hop.network == "UDP" && !astray {
		req.SetDestination("") // by route or target
	}
	return req
}

// detour has requests go where the INVITE went.
func (d *dialog) detour() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.astray = true
}

// next returns the number of the next request.
func (d *dialog) next() uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cseq++
	return d.cseq
}

func (d *dialog) ack(cseq uint32) *wire.Request { return d.request(wire.ACK, cseq) }

// ask sends a request of the dialog and returns the final answer.
func (d *dialog) ask(ctx context.Context, req *wire.Request) (*wire.Response, error) {
	res, err := d.end.ask(ctx, req, d.account)
	d.mu.Lock()
	d.cseq += spentByAsk - 1 // for those with a password
	d.mu.Unlock()
	return res, err
}

// finish ends the dialog on our side, for a cause. It reports whether it had
// not ended before.
func (d *dialog) finish(cause error) bool {
	first := false
	d.once.Do(func() {
		first = true
		d.ended(cause)
		d.end.mu.Lock()
		if d.end.dialogs[d.key()] == d {
			delete(d.end.dialogs, d.key())
		}
		d.end.mu.Unlock()
		if d.session != nil {
			d.session.Close()
		}
	})
	return first
}

// hangUp ends the call, unless it has ended. It does not wait until the far end
// has confirmed that.
func (d *dialog) hangUp() {
	if d.finish(errLeft) {
		d.end.task(func() { d.bye(d.end.ctx) })
	}
}

// farEnded reports whether it was the far end that ended the call.
func (d *dialog) farEnded() bool { return errors.Is(context.Cause(d.over), errOver) }

// onKey sets who is told of keys that come by INFO.
func (d *dialog) onKey(pressed func(key string)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys = pressed
}

func (d *dialog) bye(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, byeTime)
	defer cancel()
	d.ask(ctx, d.request(wire.BYE, d.next()))
}

// offerAgain sends a re-INVITE that refreshes the session and changes nothing.
func (d *dialog) offerAgain(ctx context.Context) (*wire.Response, error) {
	offer, err := d.session.Offer(d.srtp)
	if err != nil {
		return nil, err
	}
	req := d.request(wire.INVITE, d.next())
	req.AppendHeader(wire.NewHeader("Content-Type", sdpType))
	d.askRefresh(req)
	req.SetBody(offer)
	i := d.end.invite(req, d.hop)
	if err := d.end.write(req); err != nil {
		i.abandon()
		return nil, err
	}
	res, err := i.await(ctx, func() { d.end.write(req) })
	if err != nil || !res.IsSuccess() {
		return res, err
	}
	if err := i.acknowledge(res); err != nil {
		return nil, err
	}
	if err := d.session.Accept(res.Body()); err != nil {
		return nil, fmt.Errorf("sound cannot be refreshed: %w", err)
	}
	return res, nil
}
