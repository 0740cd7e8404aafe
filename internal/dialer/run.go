package dialer

import (
	"context"
	"errors"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// How often, and after what pause at first, it is tried to write down what
// happened on a call, before the call is given up.
const (
	hearTries = 6
	hearPause = 100 * time.Millisecond
)

// Run keeps the dialer at work until ctx is done: it ends calls that an
// earlier process left open, and on the way out hangs up those at providers
// and waits for them.
func (d *Dialer) Run(ctx context.Context) error {
	if err := d.endLeft(ctx); err != nil && ctx.Err() == nil {
		d.Log.ErrorContext(ctx, "end calls left open", "err", err)
	}
	sweep := time.NewTicker(time.Hour)
	defer sweep.Stop()
	for {
		select {
		case <-sweep.C:
			if err := d.sweep(ctx); err != nil && ctx.Err() == nil {
				d.Log.ErrorContext(ctx, "end calls nobody ended", "err", err)
			}
		case <-ctx.Done():
			d.close()
			return nil
		}
	}
}

func (d *Dialer) close() {
	d.mu.Lock()
	d.closed = true
	for _, a := range d.active {
		a.cancel(errShutdown)
	}
	d.mu.Unlock()
	d.running.Wait()
}

// run carries one call through the list and a provider to its end. The list
// is asked last, so that nothing can come between the answer and the call.
func (d *Dialer) run(
	ctx context.Context, cancel context.CancelCauseFunc, call voice.Call, p voice.Provider,
) {
	recall := func() { cancel(errRecalled) }
	clearance, err := d.List.Clear(call.Environment, call.Number, time.Now(), recall)
	if errors.Is(err, dnc.ErrListed) {
		d.finish(call, func(c *voice.Call) error {
			return c.Skip(campaign.Skipped, campaign.SkipDNC, now())
		})
		return
	}
	if err != nil {
		d.Log.WarnContext(ctx, "call not cleared", "call", call.ID, "err", err)
		d.finish(call, func(c *voice.Call) error { return c.End(campaign.Failed, now()) })
		return
	}
	defer d.List.Release(clearance)

	hear := d.ears(call, clearance)
	outcome, err := p.Place(ctx, clearance, voice.Leg{
		CallID: call.ID, CallerID: call.CallerID, Hear: hear,
	})
	if err == nil && outcome == voice.Unwanted {
		if _, err := d.Listener.Unwanted(
			context.WithoutCancel(ctx), call.Environment, call.ID, now(),
		); err != nil {
			d.Log.ErrorContext(ctx, "opt-out not listed", "call", call.ID, "err", err)
		}
	}
	if err != nil && clearance.Recalled() {
		err = errRecalled
	}
	d.finish(call, func(c *voice.Call) error { return d.conclude(c, outcome, clearance, err) })
	if err != nil && context.Cause(ctx) == nil {
		d.Log.WarnContext(ctx, "call failed", "call", call.ID, "err", err)
	}
}

// conclude writes on a call how it ended.
func (d *Dialer) conclude(
	c *voice.Call, outcome voice.Outcome, clearance dnc.Clearance, err error,
) error {
	c.Revision = clearance.Revision()
	switch {
	case err == nil:
		return c.End(outcome.Disposition(), now())
	case c.Status == voice.InProgress: // cut off, but it was answered
		return c.End(campaign.Answered, now())
	case errors.Is(err, errRecalled) && c.Status == voice.Queued:
		return c.Skip(campaign.Skipped, campaign.SkipDNC, now()) // it never rang
	case errors.Is(err, errRecalled):
		return c.Skip(campaign.Recalled, campaign.SkipDNC, now())
	}
	return c.End(campaign.Failed, now())
}

// ears returns what takes in the events of one call.
func (d *Dialer) ears(
	call voice.Call, clearance dnc.Clearance,
) func(context.Context, voice.Event) (bool, error) {
	return func(ctx context.Context, ev voice.Event) (optedOut bool, err error) {
		if ev.Kind == voice.Picked {
			d.List.Release(clearance) // from here on it is not recalled
			if clearance.Recalled() {
				return false, errRecalled
			}
		}
		ctx = context.WithoutCancel(ctx) // what was said is kept, whoever hangs up
		pause := hearPause
		for try := 1; ; try++ {
			optedOut, err = d.hear(ctx, call, ev, clearance.Revision())
			if err == nil || try == hearTries {
				return optedOut, err
			}
			d.Log.WarnContext(ctx, "event not kept, trying again",
				"call", call.ID, "event", ev.Kind, "err", err)
			time.Sleep(pause)
			pause *= 2
		}
	}
}

// hear takes in one event of one call.
func (d *Dialer) hear(
	ctx context.Context, call voice.Call, ev voice.Event, revision int64,
) (bool, error) {
	var heard voice.Heard
	var err error
	switch ev.Kind {
	case voice.Ringing, voice.Picked:
		_, err = d.Calls.ChangeCall(ctx, call.Environment, call.ID, func(c *voice.Call) error {
			c.Revision = revision
			if ev.Kind == voice.Ringing {
				c.Ring()
				return nil
			}
			c.Answer(ev.At)
			return nil
		})
		d.List.Bell.Ring(call.Environment)
	case voice.Said:
		heard, err = d.Listener.Turn(ctx, call.Environment, call.ID, voice.Turn{
			Speaker: ev.Speaker, Text: ev.Text, Language: ev.Language, At: ev.At,
		})
	case voice.Pressed:
		heard, err = d.Listener.Keys(ctx, call.Environment, call.ID, ev.Keys, ev.At)
	}
	return heard.Finding != nil, err
}

// finish writes the end of a call, as long as nobody has written another.
func (d *Dialer) finish(call voice.Call, end func(*voice.Call) error) {
	ctx := context.Background()
	pause := hearPause
	for try := 1; ; try++ {
		_, err := d.Calls.ChangeCall(ctx, call.Environment, call.ID, end)
		if err == nil || errors.Is(err, voice.ErrEnded) || errors.Is(err, voice.ErrNoCall) {
			break
		}
		d.Log.ErrorContext(ctx, "end of call not kept", "call", call.ID, "err", err)
		if try == hearTries {
			break // the next start ends it
		}
		time.Sleep(pause)
		pause *= 2
	}
	d.List.Bell.Ring(call.Environment)
}
