package dialer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// campaign keeps a campaign over the simulator, which set may change, with
// contacts whose numbers end so.
func (h *house) campaign(
	t *testing.T, set func(*campaign.Campaign), lasts ...int,
) campaign.Campaign {
	t.Helper()
	c := campaign.Campaign{
		ID: fmt.Sprintf("c%d", time.Now().UnixNano()), Environment: sandbox, Name: "Spring",
		Provider: dialer.Simulator, OptOutDetection: true, By: "ada", CreatedAt: time.Now(),
	}
	if set != nil {
		set(&c)
	}
	c.Normalize()
	if err := h.store.AddCampaign(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	h.contacts(t, c, lasts...)
	<-time.After(time.Microsecond) // so that each has an ID of its own
	return c
}

// contacts adds contacts to a campaign.
func (h *house) contacts(t *testing.T, c campaign.Campaign, lasts ...int) {
	t.Helper()
	contacts := make([]campaign.Contact, len(lasts))
	for i, last := range lasts {
		contacts[i].Number = contact(last)
	}
	if _, _, err := h.store.AddContacts(t.Context(), sandbox, c.ID, contacts); err != nil {
		t.Fatal(err)
	}
}

func (h *house) start(t *testing.T, c campaign.Campaign) {
	t.Helper()
	if _, err := h.StartCampaign(t.Context(), sandbox, c.ID, "ada"); err != nil {
		t.Fatal(err)
	}
}

func (h *house) state(t *testing.T, c campaign.Campaign) campaign.State {
	t.Helper()
	c, err := h.store.Campaign(t.Context(), sandbox, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return c.State
}

// finished waits until a campaign has finished, for a day at most.
func (h *house) finished(t *testing.T, c campaign.Campaign) {
	t.Helper()
	for range 24 * 60 {
		if h.state(t, c) == campaign.Finished {
			return
		}
		<-time.After(time.Minute)
	}
	t.Fatalf("campaign is %s after a day, want it finished", h.state(t, c))
}

// each returns the contacts of a campaign, in the order in which they were
// added.
func (h *house) each(t *testing.T, c campaign.Campaign) (all []campaign.Contact) {
	t.Helper()
	err := h.store.EachContact(t.Context(), sandbox, c.ID, func(c campaign.Contact) error {
		all = append(all, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// wantDone checks that each contact is done, and how it ended.
func (h *house) wantDone(t *testing.T, c campaign.Campaign, want ...string) {
	t.Helper()
	var got []string
	for _, c := range h.each(t, c) {
		end := string(c.Disposition)
		if c.SkipReason != "" {
			end += " " + string(c.SkipReason)
		}
		if c.OptedOut {
			end += " opted out"
		}
		if c.State != campaign.Done {
			end += " " + string(c.State)
		}
		got = append(got, end)
	}
	if !slices.Equal(got, want) {
		t.Errorf("contacts ended as %q, want %q", got, want)
	}
}

// TestCampaign follows a campaign over contacts that do each of what contacts
// do, one of whom is listed, to its end.
func TestCampaign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.add(t, contact(5))
		c := h.campaign(t, nil, 4, 5, 50, 60, 70, 80, 90, 95, 96)
		h.keep(t)
		h.start(t, c)
		h.finished(t, c)
		h.wantDone(t, c, "answered", "skipped dnc", "answered opted out", "answered opted out",
			"busy", "no_answer", "refused", "refused opted out", "failed")
		if h.rings() != 8 || h.Active(sandbox) != 0 {
			t.Errorf("%d rings, %d calls go on; want 8 and none", h.rings(), h.Active(sandbox))
		}
		for _, call := range h.calls(t) {
			if call.CampaignID != c.ID || call.By != "ada" || call.Status != voice.Ended {
				t.Errorf("call %+v", call)
			}
		}
		kept, err := h.store.Campaign(t.Context(), sandbox, c.ID)
		if err != nil || kept.StartedAt.IsZero() || kept.FinishedAt.Before(kept.StartedAt) {
			t.Errorf("campaign %+v, %v", kept, err)
		}
	})
}

// TestStartAgain goes on with contacts that came after a campaign had finished.
func TestStartAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		c := h.campaign(t, nil, 4)
		h.keep(t)
		h.start(t, c)
		h.finished(t, c)
		h.contacts(t, c, 5)
		<-time.After(time.Hour)
		h.wantDone(t, c, "answered", " waiting")
		h.start(t, c)
		h.finished(t, c)
		h.wantDone(t, c, "answered", "answered")
	})
}

// TestStates turns a campaign to states in which it is not.
func TestStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.keep(t)
		c := h.campaign(t, nil, 80, 81, 82)
		turn := func(
			do func(context.Context, dnc.Environment, string, string) (campaign.Campaign, error),
			want error,
		) {
			t.Helper()
			if _, err := do(t.Context(), sandbox, c.ID, "ada"); !errors.Is(err, want) {
				t.Errorf("turned: %v, want %v", err, want)
			}
		}
		turn(h.PauseCampaign, campaign.ErrState)
		turn(h.FinishCampaign, campaign.ErrState)
		turn(h.StartCampaign, nil)
		turn(h.StartCampaign, campaign.ErrState)
		turn(h.PauseCampaign, nil)
		turn(h.PauseCampaign, campaign.ErrState)
		turn(h.FinishCampaign, nil)
		turn(h.FinishCampaign, campaign.ErrState)
		if _, err := h.StartCampaign(t.Context(), sandbox, "none", ""); !errors.Is(
			err, campaign.ErrNoCampaign) {
			t.Errorf("StartCampaign of none = %v, want ErrNoCampaign", err)
		}
	})
}

// TestPause shows that no attempt begins after a pause, while calls that go on
// end by themselves, and that all is as before when it is started again.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.keep(t)
		c := h.campaign(t, func(c *campaign.Campaign) { c.Pace.Calls = 2 }, 80, 81, 82, 83)
		h.start(t, c)
		<-time.After(5 * time.Second)
		if _, err := h.PauseCampaign(t.Context(), sandbox, c.ID, "ada"); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		h.wantDone(t, c, "no_answer", "no_answer", " waiting", " waiting")
		h.start(t, c)
		<-time.After(5 * time.Second)
		if _, err := h.FinishCampaign(t.Context(), sandbox, c.ID, "ada"); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		h.wantDone(t, c, "no_answer", "no_answer", "no_answer", "no_answer")
		if h.rings() != 4 {
			t.Errorf("%d rings, want 4", h.rings())
		}
	})
}

// TestNotReady names everything for which a campaign cannot be started.
func TestNotReady(t *testing.T) {
	h := newHouse(t)
	h.named["trunk"] = slow{}
	for _, tt := range []struct {
		set    func(*campaign.Campaign)
		fields string
	}{
		{func(*campaign.Campaign) {}, "contacts"},
		{func(c *campaign.Campaign) { c.Name = "" }, "name contacts"},
		{func(c *campaign.Campaign) { c.Provider = "" }, "provider contacts"},
		{func(c *campaign.Campaign) { c.Provider = "none" }, "provider contacts"},
		{func(c *campaign.Campaign) { c.Provider = dialer.External }, "provider contacts"},
		{func(c *campaign.Campaign) { c.Provider = "trunk" }, "window agent contacts"},
		{func(c *campaign.Campaign) {
			c.Agent, c.Flow = "eve", []campaign.Step{{}, {Agent: "bob"}}
		}, "agent flow[1].agent contacts"},
	} {
		c := h.campaign(t, tt.set)
		_, err := h.StartCampaign(t.Context(), sandbox, c.ID, "ada")
		not, ok := errors.AsType[dialer.NotReady](err)
		var fields []string
		for _, p := range not.Problems {
			fields = append(fields, p.Field)
		}
		got := strings.Join(fields, " ")
		if !ok || got != tt.fields || h.state(t, c) != campaign.Draft {
			t.Errorf("StartCampaign = %v: problems with %s, want %s", err, got, tt.fields)
		}
		preview, err := h.Preview(t.Context(), sandbox, c.ID)
		if err != nil || len(preview.Problems) != len(fields) {
			t.Errorf("Preview = %+v, %v; want as many problems", preview, err)
		}
	}
}

// TestPreview counts who would be called, and says when the first one would.
func TestPreview(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // begins at midnight UTC, a Saturday
		h := newHouse(t)
		h.add(t, contact(5))
		c := h.campaign(t, func(c *campaign.Campaign) {
			c.Window = &campaign.Window{Timezone: campaign.ContactZone, Weekly: []campaign.Hours{{
				Days: []time.Weekday{time.Saturday}, From: "09:00", To: "17:00",
			}}}
		}, 4, 5)
		unknown := campaign.Contact{Number: e164.FromUint64(883_510_000_000_000)}
		late := campaign.Contact{Number: contact(6), Timezone: "Pacific/Honolulu"}
		_, _, err := h.store.AddContacts(t.Context(), sandbox, c.ID,
			[]campaign.Contact{unknown, late})
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.Preview(t.Context(), sandbox, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		first := time.Date(2000, 1, 1, 17, 0, 0, 0, time.UTC) // 9 in San Francisco
		if got.Total != 4 || got.Listed != 1 || got.NoZone != 1 || len(got.Problems) != 0 ||
			!got.FirstCallAt.Equal(first) {
			t.Errorf("Preview = %+v, want 4 contacts, one listed, one without zone, from %v",
				got, first)
		}
	})
}
