package campaign

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nocall/internal/e164"
)

// whole is a campaign with everything set, and nothing wrong.
func whole(t tester) *Campaign {
	w := working()
	w.FallbackTimezone = "America/Los_Angeles"
	return &Campaign{
		Name: "Q2 warm leads", Description: "of two\nlines", Provider: "trunk-1", Agent: "ada",
		CallerIDs: []e164.Number{number(t, "+14155550100")}, CallerTag: "sales-us", Window: w,
		Flow: []Step{{}, {Delay: 24 * time.Hour, Agent: "bob"}},
		Retry: Retry{
			MaxAttempts: 3, Delays: []time.Duration{time.Hour}, On: []Disposition{Refused},
		},
		Exit: Exit{AnyAnswer: true, MaxAttempts: 5},
		Pace: Pace{Calls: 10, PerSecond: 0.5, PerCallerID: 2}, OptOutKey: "9",
	}
}

func TestProblems(t *testing.T) {
	for _, test := range []struct {
		want  string // the fields, in order
		spoil func(c *Campaign)
	}{
		{"", func(c *Campaign) {}},
		{"", func(c *Campaign) { c.Window = nil }},
		{"", func(c *Campaign) { c.Name = strings.Repeat("é", 100) }},
		{"", func(c *Campaign) { c.Flow, c.Retry, c.Exit, c.Pace = nil, Retry{}, Exit{}, Pace{} }},
		{"name", func(c *Campaign) { c.Name = "" }},
		{"name", func(c *Campaign) { c.Name = strings.Repeat("é", 101) }},
		{"name", func(c *Campaign) { c.Name = "two\nlines" }},
		{"name", func(c *Campaign) { c.Name = "\xff" }},
		{"description", func(c *Campaign) { c.Description = strings.Repeat("x", 1001) }},
		{"provider", func(c *Campaign) { c.Provider = "" }},
		{"provider", func(c *Campaign) { c.Provider = "My Trunk" }},
		{"agent", func(c *Campaign) { c.Agent = "-ada" }},
		{"caller_ids", func(c *Campaign) {
			for c.CallerIDs = nil; len(c.CallerIDs) <= 1000; {
				c.CallerIDs = append(c.CallerIDs, number(t, "+14155550100"))
			}
		}},
		{"caller_ids[1]", func(c *Campaign) { c.CallerIDs = append(c.CallerIDs, e164.Number{}) }},
		{"caller_tag", func(c *Campaign) { c.CallerTag = strings.Repeat("x", 64) }},
		{"window.timezone", func(c *Campaign) { c.Window.Timezone = "EST" }},
		{"window.timezone", func(c *Campaign) { c.Window.Timezone = "" }},
		{"window.fallback_timezone", func(c *Campaign) { c.Window.FallbackTimezone = "contact" }},
		{"window.weekly", func(c *Campaign) { c.Window.Weekly = nil }},
		{"window.weekly[0].days", func(c *Campaign) { c.Window.Weekly[0].Days = nil }},
		{"window.weekly[0].days[0]", func(c *Campaign) {
			c.Window.Weekly[0].Days = []time.Weekday{7}
		}},
		{"window.weekly[0].from", func(c *Campaign) { c.Window.Weekly[0].From = "24:00" }},
		{"window.weekly[0].from", func(c *Campaign) { c.Window.Weekly[0].From = "9am" }},
		{"window.weekly[1].to", func(c *Campaign) {
			c.Window.Weekly = append(c.Window.Weekly, Hours{allDays, "09:00", "19:60"})
		}},
		{"window.weekly[0].from window.weekly[0].to", func(c *Campaign) {
			c.Window.Weekly[0].From, c.Window.Weekly[0].To = "", "24:01"
		}},
		{"window.blackout[1]", func(c *Campaign) {
			c.Window.Blackout = []string{"2026-12-25", "2026-02-29"}
		}},
		{"window.holidays", func(c *Campaign) { c.Window.Holidays = "uk" }},
		{"flow", func(c *Campaign) { c.Flow = make([]Step, 51) }},
		{"flow[1].delay", func(c *Campaign) { c.Flow[1].Delay = -1 }},
		{"flow[1].delay", func(c *Campaign) { c.Flow[1].Delay = 366 * 24 * time.Hour }},
		{"flow[0].agent", func(c *Campaign) { c.Flow[0].Agent = "Ada" }},
		{"retry.max_attempts", func(c *Campaign) { c.Retry.MaxAttempts = 21 }},
		{"retry.max_attempts", func(c *Campaign) { c.Retry.MaxAttempts = -1 }},
		{"retry.delays", func(c *Campaign) { c.Retry.Delays = make([]time.Duration, 21) }},
		{"retry.delays[1]", func(c *Campaign) { c.Retry.Delays = []time.Duration{1, -1} }},
		{"retry.on[0]", func(c *Campaign) { c.Retry.On = []Disposition{Skipped} }},
		{"retry.on[1]", func(c *Campaign) { c.Retry.On = []Disposition{Busy, "later"} }},
		{"exit.max_attempts", func(c *Campaign) { c.Exit.MaxAttempts = 101 }},
		{"pace.calls", func(c *Campaign) { c.Pace.Calls = -1 }},
		{"pace.per_second", func(c *Campaign) { c.Pace.PerSecond = math.NaN() }},
		{"pace.per_second", func(c *Campaign) { c.Pace.PerSecond = -0.5 }},
		{"pace.per_caller_id", func(c *Campaign) { c.Pace.PerCallerID = math.Inf(1) }},
		{"opt_out_key", func(c *Campaign) { c.OptOutKey = "99" }},
		{"opt_out_key", func(c *Campaign) { c.OptOutKey = "x" }},
	} {
		c := whole(t)
		test.spoil(c)
		var fields []string
		for _, p := range c.Problems() {
			fields = append(fields, p.Field)
			if p.Detail == "" || strings.HasSuffix(p.Detail, ".") {
				t.Errorf("%s: detail %q", p.Field, p.Detail)
			}
		}
		if got := strings.Join(fields, " "); got != test.want {
			t.Errorf("problems with %q, want with %q", got, test.want)
		}
	}
}

// TestFreshCampaignIsNearlyWhole has what a name and a provider leave out.
func TestFreshCampaignIsNearlyWhole(t *testing.T) {
	c := &Campaign{Name: " demo ", Provider: "simulator"}
	c.Normalize()
	want := &Campaign{
		Name: "demo", Provider: "simulator", State: Draft, Flow: []Step{{}},
		Retry: Retry{MaxAttempts: 1, On: []Disposition{Busy, NoAnswer, Failed}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("Normalize (-want +got)\n%s", diff)
	}
	if p := c.Problems(); len(p) > 0 {
		t.Errorf("problems: %v", p)
	}
}

func TestNormalize(t *testing.T) {
	one, two := number(t, "+14155550100"), number(t, "+14155550101")
	c := &Campaign{
		Name: "demo\t", Description: " x\n", Provider: " p", Agent: "a ", CallerTag: " t ",
		OptOutKey: " 9", State: Paused, CallerIDs: []e164.Number{two, one, two},
		Window: &Window{
			Timezone: " Contact ", FallbackTimezone: " UTC", Blackout: []string{" 2026-12-25 "},
			Weekly: []Hours{{
				[]time.Weekday{time.Sunday, time.Friday, time.Monday, time.Friday},
				"9:00", " 19:00 ",
			}},
		},
		Flow:  []Step{{Agent: " b "}},
		Retry: Retry{MaxAttempts: 2},
	}
	want := &Campaign{
		Name: "demo", Description: "x", Provider: "p", Agent: "a", CallerTag: "t",
		OptOutKey: "9", State: Paused, CallerIDs: []e164.Number{two, one},
		Window: &Window{
			Timezone: ContactZone, FallbackTimezone: "UTC", Blackout: []string{"2026-12-25"},
			Weekly: []Hours{{
				[]time.Weekday{time.Monday, time.Friday, time.Sunday}, "09:00", "19:00",
			}},
		},
		Flow: []Step{{Agent: "b"}},
		Retry: Retry{
			MaxAttempts: 2, On: []Disposition{Busy, NoAnswer, Failed},
			Delays: []time.Duration{30 * time.Minute},
		},
	}
	c.Normalize()
	for _, again := range []string{"once", "twice"} {
		if diff := cmp.Diff(want, c, cmp.AllowUnexported(e164.Number{})); diff != "" {
			t.Errorf("normalized %s (-want +got)\n%s", again, diff)
		}
		c.Normalize()
	}
}
