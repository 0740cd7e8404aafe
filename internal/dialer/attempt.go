package dialer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// attempt is one try at one contact.
type attempt struct {
	placing
	campaign *campaign.Campaign
	contact  campaign.Contact // as it was before
}

// call begins an attempt at a contact, or returns how long it must wait.
func (r *runner) call(
	ctx context.Context, c campaign.Contact, at time.Time,
) (time.Duration, error) {
	shown, wait, why := r.callerID(at)
	if wait > 0 {
		r.hold(heldFor(why))
		return min(wait, lookEvery), nil
	}
	a, err := r.prepare(ctx, c)
	if err != nil {
		return 0, err
	}
	a.call.CallerID = shown
	if !r.slot(ctx) {
		return 0, nil
	}
	placed, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	limits := r.limits
	limits.pace = r.paces[shown]
	err = r.dialer.begin(a.call, cancel, limits)
	r.hold(heldFor(err))
	if err != nil {
		cancel(err)
		<-r.slots
		return waitFor(err)
	}
	r.pace.took(at, r.campaign.Pace.PerSecond)
	r.callerIDs.took(shown, at, r.campaign.Pace.PerCallerID)
	r.take(c)
	r.beginning.Add(1)
	go func() {
		defer r.leaves(c)
		defer r.dialer.done(a.call)
		defer cancel(nil)
		if !r.written(placed, a) {
			r.dialer.notShown(a.call)
			return
		}
		end := r.dialer.run(placed, cancel, a.placing)
		r.dialer.takeBack(end.call)
		r.conclude(a, end)
	}()
	return 0, nil
}

// waitFor returns how long an attempt waits that could not begin.
func waitFor(err error) (time.Duration, error) {
	switch {
	case errors.Is(err, ErrTooManyCalls), errors.Is(err, errCampaignFull):
		return lookEvery, nil // until a call ends
	case errors.Is(err, errNumberBusy), errors.Is(err, ErrPaced):
		return 0, nil // since it was looked at; there may be others meanwhile
	case errors.Is(err, ErrClosed):
		return 0, errStopped
	}
	return 0, err
}

// prepare makes an attempt. A campaign whose provider or agent is not there is
// paused.
func (r *runner) prepare(ctx context.Context, c campaign.Contact) (attempt, error) {
	a := attempt{campaign: r.campaign, contact: c}
	a.call = r.newCall(c)
	a.record, a.consent = r.campaign.Record, r.campaign.Consent
	var err error
	if a.agent, err = r.agent(ctx, c); err != nil {
		if !errors.Is(err, voice.ErrNoAgent) {
			return attempt{}, err
		}
		r.dialer.pauseFor(ctx, r.key, err)
		return attempt{}, errStopped
	}
	var ok bool
	a.provider, ok = r.dialer.Providers.Provider(r.key.environment, r.campaign.Provider)
	if !ok {
		err := fmt.Errorf("%w %q", ErrNoProvider, r.campaign.Provider)
		r.dialer.pauseFor(ctx, r.key, err)
		return attempt{}, errStopped
	}
	return a, nil
}

// newCall makes the call of an attempt.
func (r *runner) newCall(c campaign.Contact) voice.Call {
	at := now()
	return voice.Call{
		ID: voice.NewID(at), Environment: r.key.environment, Direction: voice.Outbound,
		Number: c.Number, Provider: r.campaign.Provider, CampaignID: r.key.id,
		Status: voice.Queued, By: r.campaign.By, StartedAt: at,
		OptOutDetection: r.campaign.OptOutDetection,
	}
}

// slot takes one of the slots for attempts that are being written down.
func (r *runner) slot(ctx context.Context) bool {
	select {
	case r.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// written writes an attempt down before its call is placed, and returns whether
// it is: nothing is placed of which there is no trace after a crash.
func (r *runner) written(ctx context.Context, a attempt) bool {
	defer r.beginning.Done()
	defer func() { <-r.slots }()
	c := a.contact
	c.State, c.CallID, c.UpdatedAt = campaign.Active, a.call.ID, a.call.StartedAt
	return r.begun(ctx, c, a.call)
}

// begun writes down what an attempt begins with.
func (r *runner) begun(ctx context.Context, c campaign.Contact, call voice.Call) bool {
	d := r.dialer
	err := d.Campaigns.BeginAttempt(ctx, r.key.environment, c, call)
	switch {
	case err == nil:
		d.List.Bell.Ring(r.key.environment)
		return true
	case errors.Is(err, campaign.ErrTaken), errors.Is(err, campaign.ErrNoContact):
		return false
	}
	r.stumble()
	d.unsettled.Store(true) // it may have been written all the same
	d.Log.ErrorContext(ctx, "attempt not begun", "call", call.ID, "err", err)
	return false
}

// skip keeps an attempt at which no call is placed.
func (r *runner) skip(c campaign.Contact, why campaign.SkipReason) {
	call := r.newCall(c)
	if err := call.Skip(campaign.Skipped, why, call.StartedAt); err != nil {
		return // it has not begun
	}
	after := r.campaign.After(c, campaign.Skipped, why, false, call.StartedAt)
	after.CallID = call.ID
	r.aside(c, func(ctx context.Context) { r.begun(ctx, after, call) })
}

// postpone lets a contact wait that may not be called yet.
func (r *runner) postpone(c campaign.Contact, a admission) {
	camp := r.campaign
	r.aside(c, func(ctx context.Context) {
		_, err := r.dialer.Campaigns.EndAttempt(ctx, r.key.environment, c.ID,
			func(c *campaign.Contact) error {
				if c.State != campaign.Waiting {
					return campaign.ErrTaken
				}
				if a.skip != "" {
					*c = camp.After(*c, campaign.Skipped, a.skip, false, now())
					return nil
				}
				c.NextAt = a.later
				return nil
			})
		if err != nil && !errors.Is(err, campaign.ErrTaken) {
			r.stumble()
			r.dialer.Log.WarnContext(ctx, "contact not postponed", "err", err)
		}
	})
}

// aside has something written down about a contact, beside everything else.
func (r *runner) aside(c campaign.Contact, write func(context.Context)) {
	r.slots <- struct{}{}
	r.take(c)
	r.beginning.Go(func() {
		defer r.leaves(c)
		defer func() { <-r.slots }()
		write(context.Background())
	})
}

// conclude writes down how an attempt ended, and what becomes of its contact.
// A trunk that is out of order pauses the campaign, and so does an agent.
func (r *runner) conclude(a attempt, e ending) {
	d := r.dialer
	become := func(c campaign.Contact) campaign.Contact {
		if e.untouched() {
			return back(c, a.contact)
		}
		return after(a.campaign, c, e.call)
	}
	if e.call.ID != "" {
		d.concludeContact(r.key.environment, a.contact.ID, e.call, become)
	}
	if errors.Is(e.err, voice.ErrTrunk) || r.silence(e) {
		d.pauseFor(context.Background(), r.key, e.err)
	}
}

// silentMost is on how many answered calls in a row the agent may be unable to
// speak: one may be busy, but people who pick up and hear nobody are pestered.
const silentMost = 3

// silence notes whether the agent spoke on a call that was answered, and reports
// whether it did not once too often.
func (r *runner) silence(e ending) bool {
	switch {
	case errors.Is(e.err, voice.ErrAgent):
		return r.silent.Add(1) >= silentMost
	case e.err == nil && e.call.Disposition == campaign.Answered:
		r.silent.Store(0)
	}
	return false
}

// untouched reports whether it is sure that no phone rang, for a reason that
// has nothing to do with the contact: then it was no attempt.
func (e ending) untouched() bool {
	if errors.Is(e.err, voice.ErrTrunk) {
		return true
	}
	return !e.dialed && (errors.Is(e.err, errShutdown) || errors.Is(e.err, dnc.ErrUnready))
}

// back returns a contact as it was before the attempt that goes on.
func back(c, before campaign.Contact) campaign.Contact {
	before.CallID, before.UpdatedAt = c.CallID, now()
	return before
}

// after returns a contact as it is after the call of an attempt has ended. Where
// an opt-out that is in doubt has listed the number, that is the end of it too.
func after(camp *campaign.Campaign, c campaign.Contact, call voice.Call) campaign.Contact {
	return camp.After(c, call.Disposition, call.SkipReason, call.Suppressed(), now())
}

// concludeContact writes down what becomes of a contact whose attempt had call.
// Where that cannot be written, [Dialer.sweep] does it later.
func (d *Dialer) concludeContact(
	env dnc.Environment, contactID string, call voice.Call,
	become func(campaign.Contact) campaign.Contact,
) {
	err := d.write(call.ID, "end of attempt", func() error {
		_, err := d.Campaigns.EndAttempt(context.Background(), env, contactID,
			func(c *campaign.Contact) error {
				if c.State != campaign.Active || c.CallID != call.ID {
					return campaign.ErrTaken
				}
				*c = become(*c)
				return nil
			})
		return err
	})
	if err != nil && !hopeless(err) { // another has written it, or the contact is no more
		d.unsettled.Store(true)
		d.Log.Error("end of attempt not kept", "call", call.ID, "err", err)
	}
	d.List.Bell.Ring(env)
}
