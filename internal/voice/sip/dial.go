package sip

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	wire "github.com/emiago/sipgo/sip"

	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

// failoverTime is how long a destination may be silent before the next one is
// tried. A clearance lives for five seconds, so it cannot be long.
const failoverTime = 1500 * time.Millisecond

// Why there was no answer.
var (
	errSilent   = errors.New("voice/sip: far end does not answer")
	errNobody   = errors.New("voice/sip: nobody picks up")
	errDeadLine = errors.New("voice/sip: far end cannot be reached")
	errNoSound  = errors.New("voice/sip: no sound in common with the far end")

	// errPicked says that somebody picked up, and heard nothing: the answer was
	// of no use, and the call was hung up.
	errPicked = errors.New("voice/sip: picked up, and hung up at once")
)

// way is a destination and whom the INVITE is sent to first.
type way struct {
	first string // host:port or a name, that of a proxy if there is one
	at    string // host:port: a host behind first
	to    string // host:port or a name
	proxy bool
}

// dialing is one call as it is being placed.
type dialing struct {
	end     *endpoint
	ports   media.Ports
	ways    []way
	network string
	account account
	srtp    bool
	from    wire.Uri
	shown   string // the asserted identity; "" for none
	ring    time.Duration

	// leave calls send with whom to invite, unless that is not allowed any
	// more. Whatever may be the first packet to ring a phone is sent in it.
	leave func(send func(user string)) bool

	ringing func() // the phone rings; called once

	// early takes the sound that the far end has while it rings; nil if nobody hears
	// it.
	early   func(s *media.Session, answer []byte)
	session *media.Session // of the destination that is being tried

	rang   bool // as far as was heard
	unsure bool // it may have rung without a word
}

// dial invites at one destination after the other, until one has answered. It
// goes on to the next only if the one before cannot be reached, is silent or
// has no room (503), and never once a phone has rung. It returns a *refusal if
// the far end will not take the call.
func (d *dialing) dial(ctx context.Context) (*dialog, error) {
	var err error
	ways := d.lookUp(ctx)
	for n, w := range ways {
		patience := linger
		if n < len(ways)-1 {
			patience = failoverTime
		}
		var answered *dialog
		if answered, err = d.try(ctx, w, patience); err == nil {
			return answered, nil
		}
		if ctx.Err() != nil || d.rang || !elsewhere(err) {
			break
		}
	}
	return nil, err
}

// lookUp returns the ways, each once for every host behind its name.
func (d *dialing) lookUp(ctx context.Context) (ways []way) {
	looking, cancel := context.WithTimeout(ctx, failoverTime)
	defer cancel()
	for _, w := range d.ways {
		for _, at := range d.end.targets(looking, strings.ToUpper(d.network), w.first) {
			w.at = at
			ways = append(ways, w)
		}
	}
	return ways
}

// elsewhere reports whether another destination may do better.
func elsewhere(err error) bool {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.code == wire.StatusServiceUnavailable
	}
	return errors.Is(err, errSilent) || errors.Is(err, errDeadLine)
}

// try invites at one destination.
func (d *dialing) try(ctx context.Context, w way, patience time.Duration) (*dialog, error) {
	reaching, cancel := context.WithTimeout(ctx, 2*failoverTime)
	defer cancel()
	h, err := d.end.reach(reaching, d.network, w.at)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDeadLine, err)
	}
	defer h.release()
	session, err := media.Open(h.local.Addr(), d.ports)
	if err != nil {
		return nil, err
	}
	answered, err := d.negotiate(ctx, invitation{way: w, hop: h, session: session}, patience)
	if err != nil {
		session.Close()
		return nil, err
	}
	return answered, nil
}

// invitation is what an INVITE is made of.
type invitation struct {
	way     way
	hop     *hop
	session *media.Session
	req     *wire.Request // nil as long as it is not known whom to invite
}

// negotiate invites, and again as long as the far end wants to know who we are
// or to be asked in another way.
func (d *dialing) negotiate(
	ctx context.Context, v invitation, patience time.Duration,
) (*dialog, error) {
	d.session = v.session
	offer, err := v.session.Offer(d.srtp)
	if err != nil {
		return nil, err
	}
	for range 4 {
		i, err := d.send(ctx, &v, offer)
		if err != nil {
			return nil, err
		}
		res, early, err := d.await(ctx, i, patience)
		if err != nil {
			return nil, err
		}
		if res.IsSuccess() {
			return d.accept(i, res, early, v.session)
		}
		v.req, err = d.rephrase(v.req, res)
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: asked for a password again and again", voice.ErrTrunk)
}

// rephrase returns the INVITE as it is sent after an answer that asks for it
// in another way, or the refusal that the answer is.
func (d *dialing) rephrase(req *wire.Request, res *wire.Response) (*wire.Request, error) {
	if least := leastOf(res); res.StatusCode == 422 && least > leastInterval {
		next := again(req)
		wish(next, max(least, usualInterval), least)
		return next, nil
	}
	next, err := answerChallenge(req, res, d.account)
	if err != nil {
		return nil, refusalOf(req, res)
	}
	return next, nil
}

// send sends the INVITE, if that is allowed.
func (d *dialing) send(ctx context.Context, v *invitation, offer []byte) (*invite, error) {
	var i *invite
	var err error
	left := d.leave(func(user string) {
		if v.req == nil {
			v.req = d.compose(user, v, offer)
		}
		i = d.end.invite(v.req, v.hop)
		i.account = d.account
		err = v.hop.conn.WriteMsg(v.req)
	})
	switch {
	case !left && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case !left:
		return nil, voice.ErrLapsed
	case err != nil:
		i.abandon()
		if v.hop.network == "UDP" {
			return nil, fmt.Errorf("%w: %w", errDeadLine, err)
		}
		d.unsure = true // some of it may have arrived
		return nil, fmt.Errorf("%w: %w", errSilent, err)
	}
	return i, nil
}

// compose makes an INVITE.
func (d *dialing) compose(user string, v *invitation, offer []byte) *wire.Request {
	req := d.end.newRequest(wire.INVITE, uriAt(user, v.way.to, d.network), v.hop)
	if v.way.proxy {
		route := uriAt("", v.way.first, d.network)
		route.UriParams.Add("lr", "")
		req.AppendHeader(&wire.RouteHeader{Address: route})
	}
	from := d.from
	if from.Host == "" {
		from.Host = host(v.way.to)
	}
	tag := wire.HeaderParams{{K: "tag", V: mark()}}
	req.AppendHeader(&wire.FromHeader{Address: from, Params: tag})
	req.AppendHeader(&wire.ToHeader{Address: wire.Uri{
		Scheme: "sip", User: user, Host: host(v.way.to),
	}})
	id := wire.CallIDHeader(mark())
	req.AppendHeader(&id)
	req.AppendHeader(&wire.CSeqHeader{SeqNo: 1, MethodName: wire.INVITE})
	req.AppendHeader(v.hop.contact(d.account.username))
	if d.shown != "" {
		identity := wire.Uri{Scheme: "sip", User: d.shown, Host: from.Host}
		req.AppendHeader(wire.NewHeader("P-Asserted-Identity", "<"+identity.String()+">"))
	}
	req.AppendHeader(wire.NewHeader("Allow", allowed))
	req.AppendHeader(wire.NewHeader("Supported", supported))
	wish(req, usualInterval, leastInterval)
	req.AppendHeader(wire.NewHeader("Content-Type", sdpType))
	req.SetBody(offer)
	return req
}

// await waits for the final answer. It returns the sound that was offered
// while the phone rang, too.
func (d *dialing) await(
	ctx context.Context, i *invite, patience time.Duration,
) (res *wire.Response, early []byte, err error) {
	w := i.wait(func() bool { return d.leave(func(string) { i.hop.conn.WriteMsg(i.req) }) })
	defer w.stop()
	silent := time.NewTimer(patience)
	defer silent.Stop()
	ring := time.NewTimer(d.ring)
	defer ring.Stop()
	for {
		select {
		case res := <-i.provisional:
			w.stop()
			silent.Stop()
			early = d.progress(res, early)
			continue
		case res := <-i.final:
			for len(i.provisional) > 0 { // they came before
				early = d.progress(<-i.provisional, early)
			}
			return res, early, nil
		case <-w.due():
			w.again()
			continue
		case <-silent.C:
			err = errSilent
			d.unsure = true
		case <-ring.C:
			err = errNobody
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		i.abandon()
		return nil, nil, err
	}
}

// progress takes in that the call is under way.
func (d *dialing) progress(res *wire.Response, early []byte) []byte {
	if res.StatusCode > 100 && !d.rang {
		d.rang = true
	}
	if res.StatusCode >= 180 && d.ringing != nil {
		d.ringing()
		d.ringing = nil
	}
	if len(res.Body()) == 0 {
		return early
	}
	if d.early != nil {
		d.early(d.session, res.Body())
	}
	return res.Body()
}

// accept acknowledges a 2xx and has the sound begin. A call without sound is
// hung up again, and so is one whose far end does not say where it can be
// reached: it is told where the INVITE went. Either was picked up.
func (d *dialing) accept(
	i *invite, res *wire.Response, early []byte, s *media.Session,
) (*dialog, error) {
	answered := dialogOf(i, res)
	answered.session, answered.srtp, answered.account = s, d.srtp, d.account
	answered.keep()
	if err := i.acknowledge(res); err != nil {
		answered.detour()
		answered.hangUp()
		return nil, fmt.Errorf("%w: acknowledge: %w", errPicked, err)
	}
	answer := res.Body()
	if len(answer) == 0 {
		answer = early // as gateways do that have said it all while it rang
	}
	if err := s.Accept(answer); err != nil {
		answered.hangUp()
		return nil, fmt.Errorf("%w: %w: %w", errPicked, errNoSound, err)
	}
	answered.agreeRefresh(res)
	d.end.task(answered.watch)
	return answered, nil
}

// waiting sends an INVITE over UDP again, more and more rarely, until the far
// end has answered or it is not allowed any more.
type waiting struct {
	send  func() bool
	pause time.Duration
	timer *time.Timer // nil where nothing is lost on the way
}

func (i *invite) wait(send func() bool) *waiting {
	w := &waiting{send: send, pause: t1}
	if i.hop.network == "UDP" {
		w.timer = time.NewTimer(w.pause)
	}
	return w
}

func (w *waiting) due() <-chan time.Time {
	if w.timer == nil {
		return nil
	}
	return w.timer.C
}

func (w *waiting) again() {
	if w.send() {
		w.pause *= 2
		w.timer.Reset(w.pause)
	}
}

func (w *waiting) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// await waits for the final answer to an INVITE within a call.
func (i *invite) await(ctx context.Context, send func()) (*wire.Response, error) {
	w := i.wait(func() bool { send(); return true })
	defer w.stop()
	for {
		select {
		case <-i.provisional:
			w.stop()
		case res := <-i.final:
			return res, nil
		case <-w.due():
			w.again()
		case <-ctx.Done():
			i.abandon()
			return nil, context.Cause(ctx)
		}
	}
}
