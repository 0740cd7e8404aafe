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

// Campaigns keeps the campaigns.
type Campaigns interface {
	Contacts
	Campaign(ctx context.Context, env dnc.Environment, id string) (campaign.Campaign, error)
	Campaigns(ctx context.Context, env dnc.Environment) ([]campaign.Campaign, error)
	RunningCampaigns(ctx context.Context) ([]campaign.Campaign, error) // of all environments
	ChangeCampaign(
		ctx context.Context, env dnc.Environment, id string,
		change func(*campaign.Campaign) error,
	) (campaign.Campaign, error)
	Progress(ctx context.Context, env dnc.Environment, id string) (campaign.Progress, error)

	// TakeLease has holder hold what is named so until then, and returns
	// whether it does: not while another holds it.
	TakeLease(ctx context.Context, name, holder string, now, until time.Time) (bool, error)
}

// Contacts keeps the contacts of campaigns.
type Contacts interface {
	EachContact(
		ctx context.Context, env dnc.Environment, id string, fn func(campaign.Contact) error,
	) error

	// DueContacts returns contacts that wait, and not beyond the time, the
	// earliest first. NextDue returns when the earliest of those that wait
	// is due, if any does.
	DueContacts(
		ctx context.Context, env dnc.Environment, id string, at time.Time, limit int,
	) ([]campaign.Contact, error)
	NextDue(ctx context.Context, env dnc.Environment, id string) (time.Time, bool, error)
	ActiveContacts(
		ctx context.Context, env dnc.Environment, id string,
	) ([]campaign.Contact, error)

	// BeginAttempt has a contact that waits become as given and adds the call
	// of the attempt, both or neither. It returns campaign.ErrTaken for one
	// that does not wait.
	BeginAttempt(
		ctx context.Context, env dnc.Environment, c campaign.Contact, call voice.Call,
	) error

	// EndAttempt reads a contact, changes it and writes it back as one.
	EndAttempt(
		ctx context.Context, env dnc.Environment, contactID string,
		change func(*campaign.Contact) error,
	) (campaign.Contact, error)
}

// NotReady reports a campaign that cannot be started as it is.
type NotReady struct{ Problems []campaign.Problem }

// Error implements error. It names the first problem.
func (n NotReady) Error() string {
	text := "dialer: campaign is not ready to start"
	if len(n.Problems) > 0 {
		text += fmt.Sprintf(": %s: %s", n.Problems[0].Field, n.Problems[0].Detail)
	}
	return text
}

// campaignKey names a campaign.
type campaignKey struct {
	environment dnc.Environment
	id          string
}

func keyOf(c *campaign.Campaign) campaignKey { return campaignKey{c.Environment, c.ID} }

// StartCampaign has the contacts of a campaign called, from now on until it is
// paused or finished, or no contact is left. It returns [NotReady] for one that
// cannot be started as it is, and [campaign.ErrState] for one that runs.
func (d *Dialer) StartCampaign(
	ctx context.Context, env dnc.Environment, id, by string,
) (campaign.Campaign, error) {
	c, err := d.Campaigns.Campaign(ctx, env, id)
	if err != nil {
		return campaign.Campaign{}, err
	}
	problems, err := d.problems(ctx, &c)
	if err != nil {
		return campaign.Campaign{}, err
	}
	if len(problems) > 0 {
		return campaign.Campaign{}, NotReady{problems}
	}
	c, err = d.turn(ctx, campaignKey{env, id}, campaign.Running, by)
	if err == nil {
		d.forgive(keyOf(&c))
		d.callFor()
	}
	return c, err
}

// PauseCampaign has no attempt begin from when it returns; calls that go on end
// by themselves. It returns [campaign.ErrState] for a campaign that does not
// run.
func (d *Dialer) PauseCampaign(
	ctx context.Context, env dnc.Environment, id, by string,
) (campaign.Campaign, error) {
	c, err := d.turn(ctx, campaignKey{env, id}, campaign.Paused, by)
	if err == nil {
		d.halt(campaignKey{env, id})
	}
	return c, err
}

// FinishCampaign ends a campaign before its contacts are done. Like
// [Dialer.PauseCampaign] it lets calls go on. It returns [campaign.ErrState] for
// a campaign that was never started or has finished.
func (d *Dialer) FinishCampaign(
	ctx context.Context, env dnc.Environment, id, by string,
) (campaign.Campaign, error) {
	c, err := d.turn(ctx, campaignKey{env, id}, campaign.Finished, by)
	if err == nil {
		d.halt(campaignKey{env, id})
	}
	return c, err
}

// Wake has a campaign that runs look at once for what changed: its settings, or
// its contacts. Without it, it looks twice a minute.
func (d *Dialer) Wake(env dnc.Environment, id string) {
	d.mu.Lock()
	r := d.runners[campaignKey{env, id}]
	d.mu.Unlock()
	if r != nil {
		r.changed.Store(true)
		r.nudge.give()
	}
}

// Trouble returns why the dialer itself paused a campaign, until it is started
// again; nil if it did not, or another process did.
func (d *Dialer) Trouble(env dnc.Environment, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.trouble[campaignKey{env, id}]
}

// mayTurn reports whether a campaign may go from one state to another.
func mayTurn(from, to campaign.State) bool {
	switch to {
	case campaign.Running:
		return from != campaign.Running
	case campaign.Paused:
		return from == campaign.Running
	}
	return from == campaign.Running || from == campaign.Paused
}

// turn has a campaign go to another state.
func (d *Dialer) turn(
	ctx context.Context, k campaignKey, to campaign.State, by string,
) (campaign.Campaign, error) {
	at := now()
	c, err := d.Campaigns.ChangeCampaign(ctx, k.environment, k.id,
		func(c *campaign.Campaign) error { return turned(c, to, at) })
	if err != nil {
		return campaign.Campaign{}, err
	}
	d.Log.InfoContext(ctx, "campaign is "+string(to), "campaign", k.id, "by", by)
	d.List.Bell.Ring(k.environment)
	return c, nil
}

// turned changes the state of a campaign, if that may be.
func turned(c *campaign.Campaign, to campaign.State, at time.Time) error {
	if !mayTurn(c.State, to) {
		return campaign.ErrState
	}
	c.State, c.UpdatedAt, c.FinishedAt = to, at, time.Time{}
	switch {
	case to == campaign.Finished:
		c.FinishedAt = at
	case to == campaign.Running && c.StartedAt.IsZero():
		c.StartedAt = at
	}
	return nil
}

// pauseFor pauses a campaign for what it cannot go on with, and tells why.
func (d *Dialer) pauseFor(ctx context.Context, k campaignKey, why error) {
	ctx = context.WithoutCancel(ctx)
	d.Log.ErrorContext(ctx, "campaign is paused, it cannot go on", "campaign", k.id, "err", why)
	d.mu.Lock()
	if d.trouble == nil {
		d.trouble = make(map[campaignKey]error)
	}
	d.trouble[k] = why
	d.mu.Unlock()
	_, err := d.turn(ctx, k, campaign.Paused, "dialer")
	if err != nil && !errors.Is(err, campaign.ErrState) {
		d.Log.ErrorContext(ctx, "campaign not paused", "campaign", k.id, "err", err)
	}
	d.Wake(k.environment, k.id)
}

func (d *Dialer) forgive(k campaignKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.trouble, k)
}

// callFor has Run look which campaigns run.
func (d *Dialer) callFor() {
	d.called.Store(true)
	d.attention.give()
}

// attend has every campaign called that runs, and is not yet, until ctx is
// done.
func (d *Dialer) attend(ctx context.Context) error {
	if d.Campaigns == nil {
		return nil
	}
	running, err := d.Campaigns.RunningCampaigns(ctx)
	if err != nil {
		return fmt.Errorf("read running campaigns: %w", err)
	}
	for _, c := range running {
		d.tend(ctx, keyOf(&c))
	}
	return nil
}

// tend has a campaign called until it runs no more, or ctx is done.
func (d *Dialer) tend(ctx context.Context, k campaignKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.runners[k] != nil || d.closed {
		return
	}
	ctx, stop := context.WithCancel(ctx)
	r := newRunner(d, k, stop)
	if d.runners == nil {
		d.runners = make(map[campaignKey]*runner)
	}
	d.runners[k] = r
	d.tending.Go(func() {
		defer stop()
		r.run(ctx)
		d.mu.Lock()
		delete(d.runners, k)
		d.mu.Unlock()
		close(r.ended)
		d.callFor() // it may have been started again meanwhile
	})
}

// halt has no attempt of a campaign begin any more.
func (d *Dialer) halt(k campaignKey) {
	d.mu.Lock()
	r := d.runners[k]
	d.mu.Unlock()
	if r != nil {
		r.stop()
		<-r.ended
	}
}
