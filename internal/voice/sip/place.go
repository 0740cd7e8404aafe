package sip

import (
	"context"
	"errors"
	"fmt"
	"time"

	wire "github.com/emiago/sipgo/sip"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// provider is a trunk as a [voice.Provider].
type provider struct {
	trunks *Trunks
	trunk  *trunk
}

// Place implements [voice.Provider]. It returns an error that wraps
// [voice.ErrTrunk] where the trunk does not let us in or cannot be reached, and
// [ErrFull] where it carries as many calls as it may.
//
// A trunk that was silent to an INVITE may have rung a phone all the same, so
// that call has failed; but the next one is not placed before the trunk has
// answered a question (OPTIONS).
func (p *provider) Place(
	ctx context.Context, c dnc.Clearance, leg voice.Leg,
) (voice.Outcome, error) {
	t := p.trunk
	defer t.calls.Add(-1)
	if n := t.calls.Add(1); t.MaxCalls > 0 && n > int64(t.MaxCalls) {
		return "", ErrFull
	}
	end, err := p.trunks.endpointFor(ctx)
	if err != nil {
		return "", err
	}
	if !end.begin() {
		return "", errClosed
	}
	defer end.done()
	ctx, cancel := end.during(ctx)
	defer cancel()
	if err := p.trunks.awaken(ctx, t); err != nil {
		return "", err
	}
	events := &events{leg: leg}
	defer events.later.Wait()
	d := p.dialing(end, leg)
	d.leave = func(send func(string)) bool {
		return c.Dial(time.Now(), func(n e164.Number) { send(t.digits(n)) })
	}
	d.ringing = func() { events.soon(ctx, voice.Event{Kind: voice.Ringing, At: now()}) }
	answered, err := d.dial(ctx)
	final(leg, err)
	switch {
	case errors.Is(err, errPicked):
		return pickedUp(ctx, events, err)
	case err != nil:
		return p.outcome(ctx, d, err)
	}
	return p.trunks.talk(ctx, end, answered, events)
}

// final tells the leg of the last answer of the far end, if there was one.
func final(leg voice.Leg, err error) {
	if leg.Final == nil {
		return
	}
	r, refused := errors.AsType[*refusal](err)
	switch {
	case refused:
		leg.Final(r.code, r.phrase)
	case err == nil, errors.Is(err, errPicked):
		leg.Final(wire.StatusOK, "OK")
	}
}

// pickedUp says of a call that somebody picked up, and heard nothing. It counts
// as answered: a phone that was picked up does not ring again.
func pickedUp(ctx context.Context, events *events, err error) (voice.Outcome, error) {
	if _, failed := events.now(ctx, voice.Event{Kind: voice.Picked, At: now()}); failed != nil {
		return "", failed
	}
	return voice.Answered, fmt.Errorf("%w: %w", voice.ErrAgent, err)
}

// during returns a context that is done when ctx is, or when the socket is about
// to close.
func (e *endpoint) during(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(e.calls, func() { cancel(errClosed) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// outcome says what became of a call that was not answered.
func (p *provider) outcome(ctx context.Context, d *dialing, err error) (voice.Outcome, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if errors.Is(err, errSilent) {
		p.trunk.silent.Store(true)
	}
	outcome := voice.Outcome("")
	switch r, refused := errors.AsType[*refusal](err); {
	case refused:
		outcome, err = r.outcome(p.trunk.Unwanted)
	case errors.Is(err, errNobody):
		return voice.NoAnswer, nil
	case errors.Is(err, errDeadLine):
		err = fmt.Errorf("%w: %w", voice.ErrTrunk, err)
	}
	if d.unsure && errors.Is(err, voice.ErrTrunk) {
		return "", errors.New(err.Error()) // a phone may have rung elsewhere
	}
	return outcome, err
}

// awakenTime is how long a trunk that was silent has to say that it is there.
const awakenTime = 2 * time.Second

// awaken makes sure that a trunk that was silent is there again.
func (t *Trunks) awaken(ctx context.Context, tr *trunk) error {
	if !tr.silent.Load() {
		return nil
	}
	asking, cancel := context.WithTimeoutCause(ctx, awakenTime, errSilent)
	defer cancel()
	_, err := t.options(asking, tr)
	switch {
	case err == nil:
		tr.silent.Store(false)
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w: %w", voice.ErrTrunk, err)
}

// dialing prepares a call over the trunk.
func (p *provider) dialing(end *endpoint, leg voice.Leg) *dialing {
	t := p.trunk
	d := &dialing{
		end: end, ports: p.trunks.Ports, ways: t.ways(), network: t.network(),
		account: t.account(), srtp: t.SRTP, ring: p.trunks.Ring,
	}
	if d.ring == 0 {
		d.ring = DefaultRing
	}
	caller := leg.CallerID
	if caller.IsZero() {
		caller = t.CallerID
	}
	d.from = wire.Uri{Scheme: "sip", User: t.Username}
	if !caller.IsZero() {
		d.from.User, d.shown = caller.String(), caller.String()
	}
	return d
}

func (t *trunk) account() account { return account{t.Username, t.Password} }

func (t *trunk) network() string {
	switch t.Transport {
	case "tcp":
		return "TCP"
	case "tls":
		return "TLS"
	}
	return "UDP"
}

// ways returns the destinations, in the order in which they are tried.
func (t *trunk) ways() []way {
	var ways []way
	for _, to := range append([]string{t.Address}, t.Failover...) {
		w := way{first: to, to: to}
		if t.Proxy != "" {
			w.first, w.proxy = t.Proxy, true
		}
		ways = append(ways, w)
	}
	return ways
}

// digits returns a number as the trunk wants it: in E.164, or behind its
// prefix without the plus sign.
func (t *trunk) digits(n e164.Number) string {
	if t.TechPrefix == "" {
		return n.String()
	}
	return t.TechPrefix + n.String()[1:]
}

func now() time.Time { return time.Now().UTC() }
