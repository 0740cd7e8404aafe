package dialer

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"nocall/internal/campaign"
	"nocall/internal/voice"
)

// settling is how many calls or contacts are settled at once.
const settling = 32

// settleAll ends the attempts of all campaigns that nobody makes any more, such
// as those of an earlier process.
func (d *Dialer) settleAll(ctx context.Context) error {
	if d.Campaigns == nil {
		return nil
	}
	worlds, err := d.Worlds.Worlds(ctx)
	if err != nil {
		return fmt.Errorf("read environments: %w", err)
	}
	for _, w := range worlds {
		campaigns, err := d.Campaigns.Campaigns(ctx, w.Name)
		if err != nil {
			return fmt.Errorf("read campaigns: %w", err)
		}
		for _, c := range campaigns {
			if c.State == campaign.Draft || c.State == campaign.Running && !d.tends(keyOf(&c)) {
				continue // who comes to hold it settles it
			}
			if err := d.settle(ctx, keyOf(&c)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Dialer) tends(k campaignKey) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.runners[k] != nil
}

// settle ends the attempts of a campaign that nobody makes any more. Nobody
// knows how far they came, so they are not made again: each counts as one that
// failed, unless its call says otherwise.
func (d *Dialer) settle(ctx context.Context, k campaignKey) error {
	contacts, err := d.Campaigns.ActiveContacts(ctx, k.environment, k.id)
	if err != nil || len(contacts) == 0 {
		return err
	}
	c, err := d.Campaigns.Campaign(ctx, k.environment, k.id)
	if err != nil {
		return err
	}
	return side(len(contacts), func(i int) error { return d.settleContact(ctx, &c, contacts[i]) })
}

func (d *Dialer) settleContact(
	ctx context.Context, camp *campaign.Campaign, c campaign.Contact,
) error {
	if d.hasCall(c.CallID) {
		return nil
	}
	call, err := d.endLost(ctx, voice.Call{Environment: camp.Environment, ID: c.CallID})
	switch {
	case errors.Is(err, voice.ErrNoCall):
		call = voice.Call{ID: c.CallID, Disposition: campaign.Failed}
	case err != nil:
		return err
	}
	d.concludeContact(camp.Environment, c.ID, call,
		func(c campaign.Contact) campaign.Contact { return after(camp, c, call) })
	return nil
}

func (d *Dialer) hasCall(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, has := d.active[id]
	return has
}

// endLost ends a call of which nothing will be heard any more, and returns it
// as it is kept.
func (d *Dialer) endLost(ctx context.Context, c voice.Call) (voice.Call, error) {
	kept, err := d.Calls.ChangeCall(ctx, c.Environment, c.ID, func(c *voice.Call) error {
		switch c.Status {
		case voice.Ended:
			return nil
		case voice.InProgress:
			return c.End(campaign.Answered, now())
		}
		return c.End(campaign.Failed, now())
	})
	if err != nil {
		return voice.Call{}, fmt.Errorf("end call %s: %w", c.ID, err)
	}
	d.forget(c.ID)
	kept = d.heardOut(kept)
	d.List.Bell.Ring(c.Environment)
	return kept, nil
}

// side does n things, several at once, and returns the first error.
func side(n int, do func(i int) error) error {
	var all sync.WaitGroup
	var once sync.Once
	var first error
	slots := make(chan struct{}, settling)
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if err := do(i); err != nil {
				once.Do(func() { first = err })
			}
		})
	}
	all.Wait()
	return first
}
