package dialer

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// How often, and after what pause at first, it is tried to write down what
// happened on a call, before it is given up.
const (
	writeTries = 6
	writePause = 100 * time.Millisecond
)

// ending is how a call ended.
type ending struct {
	call   voice.Call // as it is kept; the zero Call where that could not be written
	dialed bool       // whether a phone may have rung
	err    error      // of the list or the provider
}

// run carries one call through the list and a provider to its end. The list
// is asked last, so that nothing can come between the answer and the call.
func (d *Dialer) run(ctx context.Context, cancel context.CancelCauseFunc, p placing) ending {
	call := p.call
	recall := func() { cancel(errRecalled) }
	clearance, err := d.List.Clear(call.Environment, call.Number, time.Now(), recall)
	if why := skipReason(err); why != "" {
		kept := d.finish(call.Environment, call.ID, func(c *voice.Call) error {
			return c.Skip(campaign.Skipped, why, now())
		})
		return ending{call: kept, err: err}
	}
	if err != nil {
		d.Log.WarnContext(ctx, "call not cleared", "call", call.ID, "err", err)
		kept := d.finish(call.Environment, call.ID, func(c *voice.Call) error {
			return c.End(campaign.Failed, now())
		})
		return ending{call: kept, err: err}
	}
	defer d.List.Release(clearance)

	var last reply
	outcome, err := d.carryOut(ctx, p, clearance, &last)
	if err != nil && context.Cause(ctx) == nil {
		d.Log.WarnContext(ctx, "call failed", "call", call.ID, "err", err)
	}
	if err == nil && outcome == voice.Unwanted {
		d.unwanted(call)
	}
	kept := d.finish(call.Environment, call.ID, func(c *voice.Call) error {
		c.Replied(last.code, last.phrase)
		return conclude(c, clearance, outcome, err)
	})
	return ending{call: kept, dialed: clearance.Dialed(), err: err}
}

// reply is the last answer of a trunk; zero for none.
type reply struct {
	code   int
	phrase string
}

// hear takes in what a leg is told of it, and tells it on.
func (r *reply) hear(leg *voice.Leg) {
	told := leg.Final
	leg.Final = func(code int, phrase string) {
		r.code, r.phrase = code, phrase
		if told != nil {
			told(code, phrase)
		}
	}
}

// carryOut has the provider place the call. A provider that panics loses this
// call and no other. What it panicked with is not logged, as it may be a
// number.
func (d *Dialer) carryOut(
	ctx context.Context, p placing, c dnc.Clearance, last *reply,
) (outcome voice.Outcome, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w with a value of type %T", errPanicked, v)
			d.Log.ErrorContext(ctx, "provider panicked", "call", p.call.ID,
				"provider", p.call.Provider, "stack", string(debug.Stack()))
		}
	}()
	leg := p.leg(d.ears(p, c))
	last.hear(&leg)
	return p.provider.Place(ctx, c, leg)
}

// leg returns our side of a call on which hear takes in what happens.
func (p placing) leg(hear func(context.Context, voice.Event) (bool, error)) voice.Leg {
	agent := p.agent
	agent.OptOutKey = optOutKey(agent.OptOutKey)
	leg := voice.Leg{
		CallID: p.call.ID, Environment: p.call.Environment, CallerID: p.call.CallerID,
		Agent: agent, Detection: p.call.OptOutDetection,
		Record: p.record, Consent: p.consent, Hear: hear,
	}
	if p.trial != nil {
		p.trial.follow(&leg)
	}
	return leg
}

// conclude writes on a call how it ended.
func conclude(c *voice.Call, clearance dnc.Clearance, outcome voice.Outcome, err error) error {
	c.Revision = clearance.Revision()
	switch {
	case err == nil:
		return c.End(outcome.Disposition(), now())
	case c.Status == voice.InProgress: // cut off, but it was answered
		return c.End(campaign.Answered, now())
	case !clearance.Recalled():
		return c.End(campaign.Failed, now())
	case clearance.Dialed():
		return c.Skip(campaign.Recalled, campaign.SkipDNC, now())
	}
	return c.Skip(campaign.Skipped, campaign.SkipDNC, now())
}

// ears returns what takes in the events of a call that is placed.
func (d *Dialer) ears(
	p placing, clearance dnc.Clearance,
) func(context.Context, voice.Event) (bool, error) {
	hear := d.earsOf(p, clearance.Revision())
	return func(ctx context.Context, ev voice.Event) (bool, error) {
		if ev.Kind == voice.Picked {
			d.List.Release(clearance) // from here on it is not recalled
			if clearance.Recalled() {
				return false, errRecalled
			}
		}
		return hear(ctx, ev)
	}
}

// earsOf returns what takes in the events of a call that was cleared at a
// revision.
func (d *Dialer) earsOf(
	p placing, revision int64,
) func(context.Context, voice.Event) (bool, error) {
	return func(ctx context.Context, ev voice.Event) (optedOut bool, err error) {
		ctx = context.WithoutCancel(ctx) // what was said is kept, whoever hangs up
		err = d.write(p.call.ID, string(ev.Kind), func() error {
			optedOut, err = d.hear(ctx, p, ev, revision)
			return err
		})
		if err != nil && (ev.Kind == voice.Said || ev.Kind == voice.Pressed) {
			d.Log.ErrorContext(ctx, "what was said is lost", "call", p.call.ID, "err", err)
		}
		return optedOut, err
	}
}

// hear takes in one event of one call.
func (d *Dialer) hear(
	ctx context.Context, p placing, ev voice.Event, revision int64,
) (bool, error) {
	var heard voice.Heard
	var err error
	env, id := p.call.Environment, p.call.ID
	switch ev.Kind {
	case voice.Ringing, voice.Picked:
		err = d.progress(ctx, p.call, ev, revision)
	case voice.Said:
		heard, err = d.Listener.Turn(ctx, env, id, voice.Turn{
			Speaker: ev.Speaker, Text: ev.Text, Language: ev.Language, At: ev.At,
		})
	case voice.Pressed:
		heard, err = d.Listener.Keys(ctx, env, id, voice.Keys{
			Pressed: ev.Keys, OptOut: p.agent.OptOutKey, At: ev.At,
		})
	}
	return heard.Suppresses(), err
}

// progress notes that a call rings or was answered.
func (d *Dialer) progress(
	ctx context.Context, call voice.Call, ev voice.Event, revision int64,
) error {
	_, err := d.Calls.ChangeCall(ctx, call.Environment, call.ID, func(c *voice.Call) error {
		c.Revision = revision
		if ev.Kind == voice.Ringing {
			c.Ring(whole(ev.At))
			return nil
		}
		c.Answer(whole(ev.At))
		return nil
	})
	d.List.Bell.Ring(call.Environment)
	return err
}

// unwanted lists the number of a contact who refused the call as unwanted.
func (d *Dialer) unwanted(call voice.Call) {
	ctx := context.Background()
	err := d.write(call.ID, string(voice.Unwanted), func() error {
		_, err := d.Listener.Unwanted(ctx, call.Environment, call.ID, now())
		return err
	})
	if err != nil {
		d.Log.ErrorContext(ctx, "opt-out not listed", "call", call.ID, "err", err)
	}
}

// finish writes the end of a call, unless another has been written, and returns
// the call as it is kept then. Where it cannot be written, it returns the zero
// Call, and [Dialer.sweep] ends the call later.
func (d *Dialer) finish(
	env dnc.Environment, id string, end func(*voice.Call) error,
) (kept voice.Call) {
	ctx := context.Background()
	err := d.write(id, "end", func() (err error) {
		kept, err = d.Calls.ChangeCall(ctx, env, id, func(c *voice.Call) error {
			if c.Status == voice.Ended {
				return nil
			}
			return end(c)
		})
		return err
	})
	if err != nil && !over(err) {
		d.unsettled.Store(true)
		d.Log.ErrorContext(ctx, "end of call not kept", "call", id, "err", err)
	}
	kept = d.heardOut(kept)
	d.List.Bell.Ring(env)
	return kept
}

// heardOut has the whole of a call judged that was answered and has ended, and
// returns the call as it is kept then.
func (d *Dialer) heardOut(call voice.Call) (kept voice.Call) {
	if call.Disposition != campaign.Answered {
		return call
	}
	ctx := context.Background()
	err := d.write(call.ID, "all that was said", func() (err error) {
		kept, err = d.Listener.Ended(ctx, call.Environment, call.ID)
		return err
	})
	if err != nil {
		d.Log.ErrorContext(ctx, "call not judged as a whole", "call", call.ID, "err", err)
		return call
	}
	return kept
}

// write has what happened on a call written down, again and again for a while
// as long as there is hope.
func (d *Dialer) write(id, what string, do func() error) error {
	pause := writePause
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == writeTries || hopeless(err) {
			return err
		}
		d.Log.Warn("not written down, trying again", "call", id, "what", what, "err", err)
		time.Sleep(pause)
		pause *= 2
	}
}

// over reports whether err says that a call is over already.
func over(err error) bool {
	return errors.Is(err, voice.ErrEnded) || errors.Is(err, voice.ErrNoCall)
}

// hopeless reports whether err will be the same next time.
func hopeless(err error) bool {
	for _, same := range []error{
		voice.ErrSpeaker, voice.ErrText, voice.ErrTextTooLong, voice.ErrKeys, voice.ErrTurns,
		dnc.ErrNoEnvironment, campaign.ErrTaken, campaign.ErrNoContact,
	} {
		if errors.Is(err, same) {
			return true
		}
	}
	return over(err)
}
