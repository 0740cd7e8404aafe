package dialer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// openLife is how long a call that others carry may stay open without a word
// of its end.
const openLife = 24 * time.Hour

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

// PlaceExternal clears one call for a platform that dials by itself. It
// returns the errors of [Dialer.Place].
func (d *Dialer) PlaceExternal(ctx context.Context, r Request) (voice.Call, Token, error) {
	r.Provider = External
	call, _, err := d.prepare(ctx, r)
	if err != nil {
		return call, Token{}, err
	}
	clearance, err := d.List.Clear(call.Environment, call.Number, time.Now(), func() {
		d.recallExternal(call)
	})
	if errors.Is(err, dnc.ErrListed) { // since prepare asked
		call, _, err := d.prepare(ctx, r)
		return call, Token{}, err
	}
	if err != nil {
		return voice.Call{}, Token{}, err
	}
	call.Revision = clearance.Revision()
	if err := d.Calls.AddCall(ctx, call); err != nil {
		d.List.Release(clearance)
		return voice.Call{}, Token{}, err
	}
	d.mu.Lock()
	if d.external == nil {
		d.external = make(map[string]dnc.Clearance)
	}
	d.external[call.ID] = clearance
	d.mu.Unlock()
	d.List.Bell.Ring(call.Environment)

	token, ok := d.Tokens.Sign(clearance, call)
	if !ok { // it took longer than a clearance lives, or the number was listed
		skipped, err := d.skipExternal(ctx, call)
		if err != nil && !errors.Is(err, voice.ErrEnded) {
			return voice.Call{}, Token{}, err
		}
		if clearance.Recalled() {
			return skipped, Token{}, dnc.ErrListed
		}
		return skipped, Token{}, voice.ErrLapsed
	}
	return call, token, nil
}

// Redeem takes a signed clearance in the moment in which the platform dials:
// it may be used once, in time, and only while the number is not listed. From
// then on the call rings. It returns [ErrToken], [voice.ErrLapsed],
// [ErrTokenUsed], [dnc.ErrListed] or [dnc.ErrUnready].
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
	call, err := d.Calls.ChangeCall(ctx, env, id, func(c *voice.Call) error {
		if c.SkipReason == campaign.SkipDNC {
			return dnc.ErrListed
		}
		if c.Status != voice.Queued {
			return ErrTokenUsed
		}
		c.Ring()
		return nil
	})
	if err != nil {
		return voice.Call{}, err
	}
	listed, err := d.List.Check(env, claim.Number)
	if err != nil {
		return voice.Call{}, err
	}
	if listed {
		call, err := d.skipExternal(ctx, call)
		if err != nil && !errors.Is(err, voice.ErrEnded) {
			return voice.Call{}, err
		}
		return call, dnc.ErrListed
	}
	d.List.Bell.Ring(env)
	return call, nil
}

// Inbound keeps a call that came in. The list is not asked.
func (d *Dialer) Inbound(ctx context.Context, r Request) (voice.Call, error) {
	world, err := d.Worlds.World(ctx, r.Environment)
	if err != nil {
		return voice.Call{}, err
	}
	now := now()
	call := voice.Call{
		ID: newID(now), Environment: r.Environment, Direction: voice.Inbound,
		Number: r.Number, CallerID: r.CallerID, Provider: r.Provider,
		CampaignID: r.CampaignID, Status: voice.InProgress, By: r.By,
		StartedAt: now, AnsweredAt: now,
		OptOutDetection: world.Settings.OptOutDetection,
	}
	if call.Provider == "" {
		call.Provider = External
	}
	if r.Detection != nil {
		call.OptOutDetection = *r.Detection
	}
	if err := d.Calls.AddCall(ctx, call); err != nil {
		return voice.Call{}, err
	}
	d.List.Bell.Ring(call.Environment)
	return call, nil
}

// recallExternal marks a call recalled whose number was listed while the
// platform may have been ringing it. The list calls it and does not wait.
func (d *Dialer) recallExternal(call voice.Call) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.running.Add(1)
	go func() {
		defer d.running.Done()
		_, err := d.skipExternal(context.Background(), call)
		if err != nil && !errors.Is(err, voice.ErrEnded) {
			d.Log.Error("recall not kept", "call", call.ID, "err", err)
		}
	}()
}

// skipExternal ends a call as not placed, or as recalled where it may ring. A
// call that was answered goes on.
func (d *Dialer) skipExternal(ctx context.Context, call voice.Call) (voice.Call, error) {
	d.mu.Lock()
	delete(d.external, call.ID)
	d.mu.Unlock()
	skipped, err := d.Calls.ChangeCall(ctx, call.Environment, call.ID, func(c *voice.Call) error {
		if c.Status == voice.InProgress {
			return nil
		}
		return c.Skip(campaign.Recalled, campaign.SkipDNC, now())
	})
	d.List.Bell.Ring(call.Environment)
	return skipped, err
}

// endLeft ends the calls at providers that an earlier process left open:
// whatever became of them, nobody will say.
func (d *Dialer) endLeft(ctx context.Context) error {
	return d.endOpen(ctx, func(c voice.Call) bool { return d.Providers[c.Provider] != nil })
}

// sweep ends calls that others carry and of which nothing was heard for long.
func (d *Dialer) sweep(ctx context.Context) error {
	before := now().Add(-openLife)
	return d.endOpen(ctx, func(c voice.Call) bool {
		return d.Providers[c.Provider] == nil && c.StartedAt.Before(before)
	})
}

func (d *Dialer) endOpen(ctx context.Context, ended func(voice.Call) bool) error {
	open, err := d.Calls.OpenCalls(ctx)
	if err != nil {
		return fmt.Errorf("read open calls: %w", err)
	}
	for _, c := range open {
		if !ended(c) || d.isActive(c.ID) {
			continue
		}
		how := campaign.Failed
		if c.Status == voice.InProgress {
			how = campaign.Answered
		}
		_, err := d.Calls.ChangeCall(ctx, c.Environment, c.ID, func(c *voice.Call) error {
			return c.End(how, now())
		})
		if err != nil && !errors.Is(err, voice.ErrEnded) {
			return fmt.Errorf("end call %s: %w", c.ID, err)
		}
		d.mu.Lock()
		clearance := d.external[c.ID]
		delete(d.external, c.ID)
		d.mu.Unlock()
		d.List.Release(clearance)
	}
	return nil
}

func (d *Dialer) isActive(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.active[id] != nil
}
