package dialer

import (
	"cmp"
	"context"
	"errors"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// Errors of signed clearances.
var (
	ErrToken     = errors.New("dialer: clearance is not one of ours, or of another call")
	ErrTokenUsed = errors.New("dialer: clearance has been used already")
)

// Tokens signs clearances for platforms that dial by themselves.
type Tokens interface {
	// Sign returns a token that stands for c and the call, and when it
	// lapses. It returns false when c clears nothing.
	Sign(c dnc.Clearance, call voice.Call) (Token, bool)

	// Verify returns what a token stands for. It returns ErrToken for one
	// that was not signed here, and voice.ErrLapsed for an old one.
	Verify(token string) (Claim, error)
}

// Token is a signed clearance, as a platform gets it.
type Token struct {
	Text      string
	ExpiresAt time.Time
}

// Claim is what a token stands for.
type Claim struct {
	Environment dnc.Environment
	CallID      string
	Number      e164.Number
}

// carried is a call that a platform carries: cleared and not yet dialed, or
// dialed.
type carried struct {
	environment dnc.Environment
	lapses      time.Time     // when its token lapses
	clearance   dnc.Clearance // with which it was dialed; zero before
}

// rings reports whether the platform has dialed.
func (c carried) rings() bool { return c.clearance != dnc.Clearance{} }

// PlaceExternal clears one call for a platform that dials by itself. It
// returns the errors of [Dialer.Place]. Such calls do not count among those
// that an environment allows at once: the platform knows what it can carry.
//
// A call whose token is not redeemed in time has failed.
func (d *Dialer) PlaceExternal(ctx context.Context, r Request) (voice.Call, Token, error) {
	r.Provider = External
	call, _, err := d.prepare(ctx, r)
	if err != nil {
		return call, Token{}, err
	}
	token, err := d.sign(&call)
	if skipReason(err) != "" { // since prepare asked
		call, err := d.skip(ctx, call, err)
		return call, Token{}, err
	}
	if err != nil {
		return voice.Call{}, Token{}, err
	}
	if !d.carry(call.ID, carried{environment: call.Environment, lapses: token.ExpiresAt}) {
		return voice.Call{}, Token{}, ErrClosed
	}
	if err := d.Calls.AddCall(ctx, call); err != nil {
		d.forget(call.ID)
		return voice.Call{}, Token{}, err
	}
	d.List.Bell.Ring(call.Environment)
	return call, token, nil
}

// sign signs a token for call, and notes on it which list was asked.
func (d *Dialer) sign(call *voice.Call) (Token, error) {
	clearance, err := d.List.Clear(call.Environment, call.Number, time.Now(), nil)
	if err != nil {
		return Token{}, err
	}
	defer d.List.Release(clearance)
	call.Revision = clearance.Revision()
	token, ok := d.Tokens.Sign(clearance, *call)
	switch {
	case ok:
		return token, nil
	case clearance.Recalled():
		return Token{}, dnc.ErrListed
	}
	return Token{}, voice.ErrLapsed
}

// Redeem takes a signed clearance in the moment in which the platform dials:
// it may be used once, in time, and while the number is not listed, for which
// the list is asked anew. From then on the call rings, and is recalled when
// its number is listed. It returns [ErrToken], [voice.ErrLapsed],
// [ErrTokenUsed], [ErrClosed], [dnc.ErrUnready], or the call that must not be
// dialed with [dnc.ErrListed] or [dnc.ErrRegistered].
//
// Which calls ring is not known to the next process: it recalls none of them.
func (d *Dialer) Redeem(
	ctx context.Context, env dnc.Environment, id, token string,
) (voice.Call, error) {
	claim, err := d.Tokens.Verify(token)
	if err != nil {
		return voice.Call{}, err
	}
	if claim.Environment != env || claim.CallID != id {
		return voice.Call{}, ErrToken
	}
	ctx = context.WithoutCancel(ctx) // what rings can be recalled, whoever goes away
	recall := func() { d.recall(env, id) }
	clearance, err := d.List.Clear(env, claim.Number, time.Now(), recall)
	if skipReason(err) != "" {
		return d.refuse(ctx, voice.Call{Environment: env, ID: id, Status: voice.Queued}, err)
	}
	if err != nil {
		return voice.Call{}, err
	}
	call, err := d.ring(ctx, env, id, clearance)
	if err != nil {
		d.List.Release(clearance)
	}
	return call, err
}

// ring notes that a call of a platform rings, if that may be and c still
// clears it then.
func (d *Dialer) ring(
	ctx context.Context, env dnc.Environment, id string, c dnc.Clearance,
) (voice.Call, error) {
	call, err := d.Calls.ChangeCall(ctx, env, id, func(call *voice.Call) error {
		if call.Status != voice.Queued {
			return ErrTokenUsed
		}
		call.Revision = c.Revision()
		call.Ring(now())
		return nil
	})
	if err != nil {
		return voice.Call{}, err
	}
	open := false
	dialed := c.Dial(time.Now(), func(e164.Number) {
		open = d.carry(id, carried{environment: env, clearance: c})
	})
	if c.Recalled() {
		return d.refuse(ctx, voice.Call{Environment: env, ID: id, Status: voice.IsRinging},
			dnc.ErrListed)
	}
	if !dialed || !open {
		return voice.Call{}, cmp.Or(d.fail(ctx, env, id, voice.IsRinging), voice.ErrLapsed)
	}
	d.List.Bell.Ring(env)
	return call, nil
}

// refuse ends a call that must not be dialed any more, provided that it still
// stands as it did, and returns why with it.
func (d *Dialer) refuse(ctx context.Context, c voice.Call, why error) (voice.Call, error) {
	call, err := d.stop(ctx, c.Environment, c.ID, c.Status, func(c *voice.Call) error {
		return c.Skip(campaign.Skipped, skipReason(why), now())
	})
	if err != nil {
		return voice.Call{}, err
	}
	return call, why
}

// fail ends a call that nobody will dial any more, provided that it stands at
// status.
func (d *Dialer) fail(
	ctx context.Context, env dnc.Environment, id string, status voice.Status,
) error {
	_, err := d.stop(ctx, env, id, status, func(c *voice.Call) error {
		return c.End(campaign.Failed, now())
	})
	return err
}

// stop ends a call of a platform, provided that it stands at status.
func (d *Dialer) stop(
	ctx context.Context, env dnc.Environment, id string, status voice.Status,
	end func(*voice.Call) error,
) (voice.Call, error) {
	call, err := d.Calls.ChangeCall(ctx, env, id, func(c *voice.Call) error {
		if c.Status != status {
			return nil
		}
		return end(c)
	})
	if err != nil && !errors.Is(err, voice.ErrNoCall) {
		return voice.Call{}, err
	}
	if call.Status != voice.IsRinging { // it is answered, over, or not there
		d.forget(id)
	}
	d.List.Bell.Ring(env)
	return call, err
}

// recall marks a call of a platform recalled that rings while its number is
// listed. The list calls it and does not wait.
func (d *Dialer) recall(env dnc.Environment, id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.carried[id].rings() || d.closed {
		return
	}
	d.running.Go(func() {
		d.finish(env, id, func(c *voice.Call) error {
			if c.Status == voice.InProgress {
				return nil // answered: it goes on
			}
			return c.Skip(campaign.Recalled, campaign.SkipDNC, now())
		})
		d.forget(id)
	})
}

// carry notes how a call of a platform stands. It returns false where the
// dialer has been closed.
func (d *Dialer) carry(id string, c carried) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	if d.carried == nil {
		d.carried = make(map[string]carried)
	}
	d.carried[id] = c
	return true
}

// forget ends the attempt of a call of a platform: it is over.
func (d *Dialer) forget(id string) {
	d.mu.Lock()
	c := d.carried[id]
	delete(d.carried, id)
	d.mu.Unlock()
	d.List.Release(c.clearance)
}

// lapse ends calls whose tokens have lapsed without being redeemed.
func (d *Dialer) lapse(ctx context.Context) {
	for id, c := range d.lapsed(time.Now()) {
		err := d.fail(ctx, c.environment, id, voice.Queued)
		if err != nil && !errors.Is(err, voice.ErrNoCall) && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "lapsed call not ended", "call", id, "err", err)
		}
	}
}

func (d *Dialer) lapsed(at time.Time) map[string]carried {
	d.mu.Lock()
	defer d.mu.Unlock()
	lapsed := make(map[string]carried)
	for id, c := range d.carried {
		if !c.rings() && at.After(c.lapses) {
			lapsed[id] = c
		}
	}
	return lapsed
}
