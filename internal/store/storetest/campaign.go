package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

type campaigns interface {
	AddCampaign(ctx context.Context, c campaign.Campaign) error
	Campaign(ctx context.Context, env dnc.Environment, id string) (campaign.Campaign, error)
	Campaigns(ctx context.Context, env dnc.Environment) ([]campaign.Campaign, error)
	RunningCampaigns(ctx context.Context) ([]campaign.Campaign, error)
	ChangeCampaign(
		ctx context.Context, env dnc.Environment, id string,
		change func(*campaign.Campaign) error,
	) (campaign.Campaign, error)
	RemoveCampaign(ctx context.Context, env dnc.Environment, id string) error
	Progress(ctx context.Context, env dnc.Environment, id string) (campaign.Progress, error)
	TakeLease(ctx context.Context, name, holder string, now, until time.Time) (bool, error)
}

// bareCampaign returns a campaign with nothing set in it, the later the higher
// i.
func bareCampaign(i int) campaign.Campaign {
	return campaign.Campaign{
		ID: fmt.Sprintf("k_%d", i), Environment: "production", Name: fmt.Sprint("demo ", i),
		State: campaign.Draft, Provider: "simulator", CreatedAt: at(i), UpdatedAt: at(i),
	}
}

// fullCampaign is bareCampaign with everything set.
func fullCampaign(i int) campaign.Campaign {
	c := bareCampaign(i)
	c.Description, c.Agent, c.CallerTag, c.By = "größer", "anna", "east", "user ada"
	c.CallerIDs = []e164.Number{number(9001), number(9000)}
	c.Window = &campaign.Window{
		Timezone: campaign.ContactZone, FallbackTimezone: "America/New_York",
		Weekly: []campaign.Hours{
			{Days: []time.Weekday{time.Sunday, time.Monday}, From: "09:00", To: "24:00"},
			{Days: []time.Weekday{time.Saturday}, From: "22:00", To: "02:00"},
		},
		Blackout: []string{"2026-12-25"}, Holidays: campaign.USFederal,
	}
	c.Flow = []campaign.Step{{}, {Delay: 36*time.Hour + time.Second, Agent: "bob"}}
	c.Retry = campaign.Retry{
		MaxAttempts: 3, Delays: []time.Duration{30 * time.Minute, 4 * time.Hour},
		On: []campaign.Disposition{campaign.Busy, campaign.Failed},
	}
	c.Exit = campaign.Exit{AnyAnswer: true, MaxAttempts: 7}
	c.Pace = campaign.Pace{Calls: 20, PerSecond: 0.25, PerCallerID: 1.5}
	c.OptOutDetection, c.OptOutKey = true, "9"
	c.Record, c.Consent = true, "r_1"
	c.StartedAt, c.FinishedAt = at(50), at(60)
	return c
}

func mustAddCampaign(t *testing.T, s Store, c campaign.Campaign) campaign.Campaign {
	t.Helper()
	if err := s.AddCampaign(t.Context(), c); err != nil {
		t.Fatalf("AddCampaign(%s) = %v", c.ID, err)
	}
	return c
}

func testCampaigns(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	bare, full := bareCampaign(1), fullCampaign(2)
	full.State = campaign.Running
	other := bareCampaign(3)
	other.Environment, other.State = "sandbox", campaign.Running
	for _, c := range []campaign.Campaign{bare, full, other} {
		mustAddCampaign(t, s, c)
		got, err := s.Campaign(ctx, c.Environment, c.ID)
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("Campaign = %+v, %v; want %+v", got, err, c)
		}
	}
	got, err := s.Campaigns(ctx, "production")
	if err != nil || !reflect.DeepEqual(got, []campaign.Campaign{full, bare}) {
		t.Errorf("Campaigns = %+v, %v; want the newest first", got, err)
	}
	got, err = s.RunningCampaigns(ctx)
	if err != nil || !reflect.DeepEqual(got, []campaign.Campaign{other, full}) {
		t.Errorf("RunningCampaigns = %+v, %v; want two", got, err)
	}
	if err := s.AddCampaign(ctx, bare); err == nil {
		t.Error("AddCampaign with an ID that is taken = nil")
	}
	testCampaignChange(t, s, full)
}

// testCampaignChange changes a campaign to one that is bare.
func testCampaignChange(t *testing.T, s Store, full campaign.Campaign) {
	ctx := t.Context()
	no := errors.New("no")
	_, err := s.ChangeCampaign(ctx, "production", full.ID, func(c *campaign.Campaign) error {
		c.Name = "no"
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("ChangeCampaign = %v; want the error of change", err)
	}
	want := bareCampaign(2)
	want.State = campaign.Paused
	for _, updated := range []time.Time{at(77), at(78)} {
		want.UpdatedAt = updated
		got, err := s.ChangeCampaign(ctx, "production", full.ID, func(c *campaign.Campaign) error {
			*c = want
			c.ID, c.Environment = "k_99", "sandbox" // these stay
			return nil
		})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ChangeCampaign = %+v, %v; want %+v", got, err, want)
		}
		got, err = s.Campaign(ctx, "production", full.ID)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Campaign = %+v, %v; want %+v", got, err, want)
		}
	}
	got, err := s.ChangeCampaign(ctx, "production", full.ID, func(*campaign.Campaign) error {
		return nil
	})
	if err != nil || !got.UpdatedAt.After(want.UpdatedAt) {
		t.Errorf("ChangeCampaign = %+v, %v; want it updated now", got, err)
	}
}

func testNoCampaign(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	c := mustAddCampaign(t, s, bareCampaign(1))
	nothing := func(*campaign.Campaign) error { return nil }
	for _, env := range []dnc.Environment{"sandbox", "nowhere"} {
		_, _, err := s.AddContacts(ctx, env, c.ID, newContacts(1, 2))
		_, _, err2 := s.NextDue(ctx, env, c.ID)
		for _, err := range []error{
			err, err2,
			second(s.Campaign(ctx, env, c.ID)),
			second(s.ChangeCampaign(ctx, env, c.ID, nothing)),
			s.RemoveCampaign(ctx, env, c.ID),
			second(s.Progress(ctx, env, c.ID)),
			second(s.Contacts(ctx, env, c.ID, campaign.ContactQuery{Limit: 1})),
			s.EachContact(ctx, env, c.ID, nil),
			second(s.DueContacts(ctx, env, c.ID, at(0), 1)),
			second(s.ActiveContacts(ctx, env, c.ID)),
		} {
			if !errors.Is(err, campaign.ErrNoCampaign) {
				t.Errorf("in %s: %v; want ErrNoCampaign", env, err)
			}
		}
	}
	c.ID, c.Environment = "k_2", "nowhere"
	if err := s.AddCampaign(ctx, c); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("AddCampaign(nowhere) = %v; want ErrNoEnvironment", err)
	}
	if _, err := s.Campaigns(ctx, "nowhere"); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("Campaigns(nowhere) = %v; want ErrNoEnvironment", err)
	}
}

func testCampaignRemoved(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	c := bareCampaign(1)
	c.State = campaign.Running
	mustAddCampaign(t, s, c)
	first := mustAddContacts(t, s, c.ID, newContacts(1, 4))[0]
	if err := s.RemoveCampaign(ctx, "production", c.ID); !errors.Is(err, campaign.ErrState) {
		t.Errorf("RemoveCampaign(running) = %v; want ErrState", err)
	}
	begin(t, s, first, 1)
	setState(t, s, c.ID, campaign.Paused)
	if err := s.RemoveCampaign(ctx, "production", c.ID); !errors.Is(err, campaign.ErrState) {
		t.Errorf("RemoveCampaign(with an active contact) = %v; want ErrState", err)
	}
	end(t, s, first, campaign.Answered)
	if err := s.RemoveCampaign(ctx, "production", c.ID); err != nil {
		t.Errorf("RemoveCampaign = %v", err)
	}
	if _, err := s.Campaign(ctx, "production", c.ID); !errors.Is(err, campaign.ErrNoCampaign) {
		t.Errorf("Campaign = %v; want ErrNoCampaign", err)
	}
	_, err := s.Contact(ctx, "production", c.ID, first.ID)
	if !errors.Is(err, campaign.ErrNoContact) {
		t.Errorf("Contact = %v; want ErrNoContact", err)
	}
	page, err := s.Calls(ctx, "production", voice.CallQuery{CampaignID: c.ID, Limit: 5})
	if err != nil || page.Total != 1 {
		t.Errorf("Calls = %+v, %v; want the one of before", page, err)
	}
	mustAddCampaign(t, s, bareCampaign(1)) // the same again, and empty
	if got := progress(t, s, c.ID); got.Total != 0 {
		t.Errorf("Progress = %+v; want no contacts", got)
	}
	mustAddContacts(t, s, c.ID, newContacts(1, 4))
}

func setState(t *testing.T, s Store, id string, state campaign.State) {
	t.Helper()
	change := func(c *campaign.Campaign) error { c.State = state; return nil }
	if _, err := s.ChangeCampaign(t.Context(), "production", id, change); err != nil {
		t.Fatal(err)
	}
}

func testLeases(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	for i, test := range []struct {
		name, holder string
		now, until   int
		want         bool
	}{
		{"dial", "a", 0, 10, true},
		{"dial", "b", 5, 15, false},
		{"dial", "a", 5, 20, true}, // longer
		{"dial", "b", 15, 30, false},
		{"other", "b", 15, 30, true},
		{"dial", "b", 20, 30, true}, // out
		{"dial", "a", 21, 40, false},
		{"dial", "b", 22, 22, true}, // given up
		{"dial", "a", 22, 40, true},
	} {
		got, err := s.TakeLease(ctx, test.name, test.holder, at(test.now), at(test.until))
		if got != test.want || err != nil {
			t.Errorf("%d: TakeLease(%+v) = %v, %v", i, test, got, err)
		}
	}
}
