package dialer_test

import (
	"errors"
	"fmt"
	"testing"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// campaign makes a campaign of random contacts and starts it.
func (o *worker) campaign(t *testing.T) {
	p := o.place()
	c := campaign.Campaign{
		ID: fmt.Sprintf("%016x", o.rand.Uint64()), Environment: p.environment, Name: "Promise",
		State: campaign.Draft, Provider: string(p.environment), Agent: "sam",
		Window: anyTime(), OptOutDetection: true,
		Pace: campaign.Pace{Calls: 1 + o.rand.IntN(3)},
	}
	c.Normalize()
	contacts := make([]campaign.Contact, 1+o.rand.IntN(4))
	for i := range contacts {
		contacts[i].Number = o.place().number
	}
	if err := o.h.store.AddCampaign(t.Context(), c); err != nil {
		t.Errorf("AddCampaign: %v", err)
		return
	}
	_, _, err := o.h.store.AddContacts(t.Context(), p.environment, c.ID, contacts)
	if err != nil {
		t.Errorf("AddContacts: %v", err)
		return
	}
	_, err = o.h.StartCampaign(t.Context(), p.environment, c.ID, "ada")
	if err != nil && !errors.Is(err, campaign.ErrState) { // another was quicker
		t.Errorf("StartCampaign: %v", err)
	}
	o.w.see("campaigns")
}

// turn pauses a campaign that runs, or starts one that does not.
func (o *worker) turn(t *testing.T) {
	env := o.place().environment
	all, err := o.h.store.Campaigns(t.Context(), env)
	if err != nil {
		t.Errorf("Campaigns: %v", err)
	}
	if len(all) == 0 {
		return
	}
	c := all[o.rand.IntN(min(len(all), 3))] // of the newest
	turn, what := o.h.StartCampaign, "started again"
	if c.State == campaign.Running {
		turn, what = o.h.PauseCampaign, "paused"
	}
	_, err = turn(t.Context(), env, c.ID, "ada")
	switch {
	case err == nil:
		o.w.see(what)
	case errors.Is(err, campaign.ErrState): // another was quicker
	case errors.As(err, new(dialer.NotReady)): // its contacts are not there yet
	default:
		t.Errorf("campaign not %s: %v", what, err)
	}
}

// checkCampaigns holds what was kept of campaigns against what they promise:
// no attempt is left open, and each contact has a call for each attempt.
func (h *house) checkCampaigns(t *testing.T, env dnc.Environment) {
	all, err := h.store.Campaigns(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		page, err := h.store.Calls(t.Context(), env, voice.CallQuery{CampaignID: c.ID, Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		calls := make(map[string]int)
		for _, call := range page.Calls {
			calls[call.Number.String()]++
		}
		err = h.store.EachContact(t.Context(), env, c.ID, func(contact campaign.Contact) error {
			n := calls[contact.Number.String()]
			if contact.State == campaign.Active || contact.AllAttempts > n ||
				contact.State == campaign.Done && n == 0 {
				t.Errorf("contact %+v has %d calls", contact, n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
