package campaign

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"nocall/internal/e164"
)

// outreach is a campaign of three steps, with two attempts each.
func outreach() *Campaign {
	return &Campaign{
		Flow:  []Step{{}, {Delay: 24 * time.Hour}, {Delay: 48 * time.Hour}},
		Retry: Retry{MaxAttempts: 2, Delays: []time.Duration{time.Hour}},
	}
}

// ending is how an attempt ended.
type ending struct {
	d        Disposition
	why      SkipReason
	optedOut bool
}

// standing is how far a contact has come.
type standing struct {
	state    ContactState
	step     int
	attempts int // of the step
	all      int
	wait     time.Duration // from the end of the attempt
}

func TestAfter(t *testing.T) {
	at := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	first := Contact{State: Active}
	again := Contact{State: Active, Attempts: 1, AllAttempts: 1}
	last := Contact{State: Active, Step: 2, Attempts: 1, AllAttempts: 5}
	withExit := func(e Exit) *Campaign {
		c := outreach()
		c.Exit = e
		return c
	}
	withOn := func(on ...Disposition) *Campaign {
		c := outreach()
		c.Retry.On = on
		return c
	}
	for _, test := range []struct {
		name     string
		campaign *Campaign
		contact  Contact
		ended    ending
		want     standing
	}{
		{
			"busy is retried", outreach(), first,
			ending{d: Busy},
			standing{Waiting, 0, 1, 1, time.Hour},
		},
		{
			"no answer is", outreach(), first,
			ending{d: NoAnswer},
			standing{Waiting, 0, 1, 1, time.Hour},
		},
		{
			"failed is", outreach(), first,
			ending{d: Failed},
			standing{Waiting, 0, 1, 1, time.Hour},
		},
		{
			"refused is not", outreach(), first,
			ending{d: Refused},
			standing{Waiting, 1, 0, 1, 24 * time.Hour},
		},
		{
			"refused is if named", withOn(Refused), first,
			ending{d: Refused},
			standing{Waiting, 0, 1, 1, time.Hour},
		},
		{
			"busy is not if others are", withOn(Refused), first,
			ending{d: Busy},
			standing{Waiting, 1, 0, 1, 24 * time.Hour},
		},
		{
			"answered goes on", outreach(), first,
			ending{d: Answered},
			standing{Waiting, 1, 0, 1, 24 * time.Hour},
		},
		{
			"answered is done", withExit(Exit{AnyAnswer: true}), first,
			ending{d: Answered},
			standing{Done, 0, 1, 1, 0},
		},
		{
			"busy is not", withExit(Exit{AnyAnswer: true}), first,
			ending{d: Busy},
			standing{Waiting, 0, 1, 1, time.Hour},
		},
		{
			"last of a step", outreach(), again,
			ending{d: Busy},
			standing{Waiting, 1, 0, 2, 24 * time.Hour},
		},
		{
			"last of all", outreach(), last,
			ending{d: Busy},
			standing{Done, 2, 2, 6, 0},
		},
		{
			"last answered", outreach(), last,
			ending{d: Answered},
			standing{Done, 2, 2, 6, 0},
		},
		{
			"unreachable", withExit(Exit{MaxAttempts: 2}), again,
			ending{d: Busy},
			standing{Done, 0, 2, 2, 0},
		},
		{
			"not yet", withExit(Exit{MaxAttempts: 3}), again,
			ending{d: Busy},
			standing{Waiting, 1, 0, 2, 24 * time.Hour},
		},
		{
			"opted out", outreach(), first,
			ending{d: Answered, optedOut: true},
			standing{Done, 0, 1, 1, 0},
		},
		{
			"opted out by 607", outreach(), first,
			ending{d: Refused, optedOut: true},
			standing{Done, 0, 1, 1, 0},
		},
		{
			"listed", outreach(), first,
			ending{d: Skipped, why: SkipDNC},
			standing{Done, 0, 0, 0, 0},
		},
		{
			"registered", outreach(), first,
			ending{d: Skipped, why: SkipRegistry},
			standing{Done, 0, 0, 0, 0},
		},
		{
			"too many", outreach(), first,
			ending{d: Skipped, why: SkipLimit},
			standing{Done, 0, 0, 0, 0},
		},
		{
			"recalled", outreach(), first,
			ending{d: Recalled, why: SkipDNC},
			standing{Done, 0, 1, 1, 0},
		},
		{
			"skipped for no reason", outreach(), first,
			ending{d: Skipped},
			standing{Done, 0, 0, 0, 0},
		},
		{
			"window, that is open again", outreach(), again,
			ending{d: Skipped, why: SkipWindow},
			standing{Waiting, 0, 1, 1, 0},
		},
		{
			"zero campaign", &Campaign{}, first,
			ending{d: Busy},
			standing{Done, 0, 1, 1, 0},
		},
	} {
		end := test.ended
		got := test.campaign.After(test.contact, end.d, end.why, end.optedOut, at)
		want := test.contact
		want.State, want.Step = test.want.state, test.want.step
		want.Attempts, want.AllAttempts = test.want.attempts, test.want.all
		if want.State == Waiting {
			want.NextAt = at.Add(test.want.wait)
		}
		want.UpdatedAt = at
		want.Disposition, want.SkipReason, want.OptedOut = end.d, end.why, end.optedOut
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(e164.Number{})); diff != "" {
			t.Errorf("%s: After (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestAfterWaitsForTheWindow(t *testing.T) {
	c := outreach()
	c.Window = working()
	contact := Contact{State: Active, Number: number(t, "+12125550123")}
	for _, test := range []struct {
		d        Disposition
		why      SkipReason
		utc      string
		want     string
		attempts int
	}{
		{Busy, "", "2026-11-23 22:00:00", "2026-11-23 23:00:00", 1},
		{Busy, "", "2026-11-23 23:30:00", "2026-11-24 14:00:00", 1}, // 19:30 there an hour later
		{Skipped, SkipWindow, "2026-11-24 00:00:00", "2026-11-24 14:00:00", 0},
	} {
		got := c.After(contact, test.d, test.why, false, moment(t, test.utc))
		if !got.NextAt.Equal(moment(t, test.want)) || got.Attempts != test.attempts ||
			got.State != Waiting {
			t.Errorf("%s at %s: %+v, want next at %s", test.d, test.utc, got, test.want)
		}
	}
	nowhere := Contact{State: Active, Number: number(t, "+80012345678")}
	at := moment(t, "2026-11-23 22:00:00")
	if got := c.After(nowhere, Skipped, SkipWindow, false, at); got.State != Waiting ||
		got.NextAt.Before(at.AddDate(1, 0, 0)) {
		t.Errorf("a contact whose zone is not known: %+v, want a long wait", got)
	}
}

func TestRetryDelays(t *testing.T) {
	r := Retry{Delays: []time.Duration{time.Minute, time.Hour}}
	for attempts, want := range map[int]time.Duration{1: time.Minute, 2: time.Hour, 9: time.Hour} {
		if got := r.delay(attempts); got != want {
			t.Errorf("delay after %d attempts: %v, want %v", attempts, got, want)
		}
	}
	if got := (&Retry{}).delay(1); got != 30*time.Minute {
		t.Errorf("delay where none is set: %v", got)
	}
}

func TestNextAtOfFirstStep(t *testing.T) {
	started := moment(t, "2026-11-23 12:00:00")
	c := &Campaign{StartedAt: started, Flow: []Step{{Delay: time.Hour}, {}}}
	for _, test := range []struct {
		name    string
		contact Contact
		from    time.Duration // since it started
		want    time.Duration
	}{
		{"at the start", Contact{}, 0, time.Hour},
		{"later", Contact{}, 2 * time.Hour, 2 * time.Hour},
		{"added later", Contact{AddedAt: started.Add(time.Hour)}, time.Hour, 2 * time.Hour},
		{"added before", Contact{AddedAt: started.Add(-time.Hour)}, 0, time.Hour},
		{"second attempt", Contact{Attempts: 1, AllAttempts: 1}, 0, 0},
		{"second step", Contact{Step: 1}, 0, 0},
	} {
		got, ok := c.NextAt(test.contact, started.Add(test.from))
		if !ok || !got.Equal(started.Add(test.want)) {
			t.Errorf("%s: NextAt = %v, %v; want %v", test.name, got, ok, started.Add(test.want))
		}
	}
	c.StartedAt = time.Time{}
	if got, _ := c.NextAt(Contact{}, started); !got.Equal(started.Add(time.Hour)) {
		t.Errorf("before the start: NextAt = %v", got)
	}
}

// drawCampaign draws one as it may be set: without problems.
func drawCampaign(t *rapid.T) *Campaign {
	delay := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.IntRange(0, 48*60).Draw(t, "delay")) * time.Minute
	})
	c := &Campaign{Name: "demo", Provider: "simulator"}
	for _, d := range rapid.SliceOfN(delay, 0, 4).Draw(t, "flow") {
		c.Flow = append(c.Flow, Step{Delay: d})
	}
	c.Retry = Retry{
		MaxAttempts: rapid.IntRange(0, maxRetries).Draw(t, "attempts"),
		Delays:      rapid.SliceOfN(delay, 0, 3).Draw(t, "delays"),
		On: rapid.SliceOfN(rapid.SampledFrom(
			[]Disposition{Answered, Busy, NoAnswer, Refused, Failed}), 0, 3).Draw(t, "on"),
	}
	c.Exit = Exit{
		AnyAnswer:   rapid.Bool().Draw(t, "answer"),
		MaxAttempts: rapid.IntRange(0, 5).Draw(t, "all attempts"),
	}
	if rapid.Bool().Draw(t, "window") {
		c.Window = working()
	}
	c.Normalize()
	if p := c.Problems(); len(p) > 0 {
		t.Fatalf("%+v: %v", c, p)
	}
	return c
}

// TestEveryContactIsDone has attempts end in every way, one after the other: in
// the end the contact is done, after no more attempts than are allowed, each in
// the window and no sooner than the one before ended.
func TestEveryContactIsDone(t *testing.T) {
	ends := []Disposition{Answered, Busy, NoAnswer, Refused, Failed, Skipped}
	rapid.Check(t, func(t *rapid.T) {
		c := drawCampaign(t)
		contact := Contact{State: Waiting, Number: number(t, "+12705550123")}
		limit := len(c.Flow) * c.Retry.MaxAttempts
		if c.Exit.MaxAttempts > 0 {
			limit = min(limit, c.Exit.MaxAttempts)
		}
		at, _ := c.NextAt(contact, drawMoment(t))
		attempts := 0
		for contact.State != Done {
			if attempts++; attempts > limit {
				t.Fatalf("%+v: attempt %d of at most %d", c, attempts, limit)
			}
			contact.State = Active
			d, why := rapid.SampledFrom(ends).Draw(t, "end"), SkipReason("")
			if d == Skipped {
				why, attempts = SkipWindow, attempts-1
			}
			at = at.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "seconds")) * time.Second)
			contact = c.After(contact, d, why, false, at)
			if contact.State == Done {
				break
			}
			if contact.NextAt.Before(at) ||
				!c.Window.Open(contact.NextAt, c.Window.Zones(contact)) {
				t.Fatalf("%+v: ended at %v, next at %v", c, at, contact.NextAt)
			}
			at = contact.NextAt
		}
		if contact.AllAttempts != attempts || !contact.NextAt.IsZero() {
			t.Fatalf("%d attempts: %+v", attempts, contact)
		}
	})
}

// TestNobodyIsCalledAfter has a contact opt out, or be listed, at any time.
func TestNobodyIsCalledAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCampaign(t)
		contact := Contact{
			State: Active, Number: number(t, "+12705550123"),
			Step:        rapid.IntRange(0, len(c.Flow)-1).Draw(t, "step"),
			Attempts:    rapid.IntRange(0, 3).Draw(t, "attempts"),
			AllAttempts: rapid.IntRange(0, 9).Draw(t, "all"),
			OptedOut:    rapid.Bool().Draw(t, "before"),
		}
		d := rapid.SampledFrom(Dispositions()).Draw(t, "end")
		why := rapid.SampledFrom([]SkipReason{
			SkipDNC, SkipRegistry, SkipWindow, SkipLimit,
		}).Draw(t, "why")
		optedOut := rapid.Bool().Draw(t, "opted out")
		got := c.After(contact, d, why, optedOut, drawMoment(t))
		listed := d == Recalled || d == Skipped && (why == SkipDNC || why == SkipRegistry)
		if (contact.OptedOut || optedOut || listed) && got.State != Done {
			t.Fatalf("%s %s %v: %+v", d, why, optedOut, got)
		}
		if got.OptedOut != (contact.OptedOut || optedOut) {
			t.Fatalf("opted out before: %v, now: %v; kept as %v",
				contact.OptedOut, optedOut, got.OptedOut)
		}
		if !slices.Contains([]ContactState{Waiting, Done}, got.State) {
			t.Fatalf("state %q", got.State)
		}
	})
}
