package campaign

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of what may be set of a campaign.
const (
	maxName        = 100  // characters
	maxDescription = 1000 // characters
	maxTag         = 63   // characters
	maxCallerIDs   = 1000
	maxHours       = 100
	maxBlackout    = 1000
	maxSteps       = 50
	maxDelay       = 365 * 24 * time.Hour
	maxRetries     = 20  // attempts of one step
	maxAttempts    = 100 // over all steps
	maxCalls       = 100_000
	maxPace        = 10_000
)

// Problem is one thing that is wrong with a campaign.
type Problem struct {
	Field  string // as in JSON: window.weekly[0].from
	Detail string // what is wanted, for users: no capital, no full stop
}

// problems gathers what is wrong, field by field.
type problems []Problem

func (p *problems) when(wrong bool, field, detail string) {
	if wrong {
		*p = append(*p, Problem{field, detail})
	}
}

// Problems says what is wrong with the campaign as it is set, or missing
// before it can be started, in the order of the fields. Whether the provider,
// the agents and the numbers that it names are there is for others to say.
func (c *Campaign) Problems() []Problem {
	var p problems
	p.text("name", c.Name, maxName)
	p.when(c.Name == "", "name", "missing: give the campaign a name")
	p.prose("description", c.Description, maxDescription)
	p.when(c.Provider == "", "provider", "missing: say who carries the calls")
	p.when(c.Provider != "" && !names.MatchString(c.Provider), "provider", wantName)
	p.when(c.Agent != "" && !names.MatchString(c.Agent), "agent", wantName)
	p.when(len(c.CallerIDs) > maxCallerIDs, "caller_ids", "too many: want at most 1000")
	for i, n := range c.CallerIDs {
		p.when(n.IsZero(), at("caller_ids", i), "missing: want a phone number")
	}
	p.text("caller_tag", c.CallerTag, maxTag)
	if c.Window != nil {
		p.window(c.Window)
	}
	p.flow(c.Flow)
	p.retry(&c.Retry)
	p.when(c.Exit.MaxAttempts < 0 || c.Exit.MaxAttempts > maxAttempts, "exit.max_attempts",
		"want 1 to 100, or 0 for no limit")
	p.pace(&c.Pace)
	p.when(len(c.OptOutKey) > 1 || strings.Trim(c.OptOutKey, "0123456789*#") != "",
		"opt_out_key", "want one of 0 to 9, * and #, or nothing")
	p.text("consent", c.Consent, maxTag)
	return p
}

// names matches the names of providers and agents.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

const wantName = "want 1 to 63 of a-z, 0-9 and -, and no dash in front"

// at returns the name of one of the values of field.
func at(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// text holds a line of text against its limit.
func (p *problems) text(field, text string, limit int) {
	p.when(strings.ContainsFunc(text, unicode.IsControl), field, "want a single line of text")
	p.prose(field, text, limit)
}

// prose holds text of any number of lines against its limit.
func (p *problems) prose(field, text string, limit int) {
	p.when(!utf8.ValidString(text), field, "want text in UTF-8")
	p.when(utf8.RuneCountInString(text) > limit, field,
		fmt.Sprintf("too long: want at most %d characters", limit))
}

func (p *problems) window(w *Window) {
	if w.Timezone != ContactZone {
		p.zone("window.timezone", w.Timezone)
	}
	if w.FallbackTimezone != "" {
		p.zone("window.fallback_timezone", w.FallbackTimezone)
	}
	p.when(len(w.Weekly) == 0, "window.weekly", "missing: give the hours in which to call")
	p.when(len(w.Weekly) > maxHours, "window.weekly", "too many: want at most 100")
	for i := range w.Weekly {
		p.hours(at("window.weekly", i), &w.Weekly[i])
	}
	p.when(len(w.Blackout) > maxBlackout, "window.blackout", "too many days: want at most 1000")
	for i, day := range w.Blackout {
		_, err := time.Parse(time.DateOnly, day)
		p.when(err != nil, at("window.blackout", i), "want a day, such as 2026-12-25")
	}
	p.when(w.Holidays != "" && w.Holidays != USFederal, "window.holidays",
		"want us-federal, or nothing")
}

func (p *problems) zone(field, name string) {
	_, err := LoadZone(name)
	p.when(err != nil, field, wantZone)
}

func (p *problems) hours(field string, h *Hours) {
	p.when(len(h.Days) == 0, field+".days", "missing: want a day of the week")
	for i, day := range h.Days {
		p.when(day < time.Sunday || day > time.Saturday, at(field+".days", i),
			"want a day of the week")
	}
	from, ok := minutes(h.From)
	p.when(!ok || from == wholeDay, field+".from", "want a time, such as 09:00")
	_, ok = minutes(h.To)
	p.when(!ok, field+".to", "want a time, such as 19:00, or 24:00 for the end of the day")
}

func (p *problems) flow(steps []Step) {
	p.when(len(steps) > maxSteps, "flow", "too many steps: want at most 50")
	for i, step := range steps {
		p.delay(at("flow", i)+".delay", step.Delay)
		p.when(step.Agent != "" && !names.MatchString(step.Agent), at("flow", i)+".agent",
			wantName)
	}
}

func (p *problems) delay(field string, d time.Duration) {
	p.when(d < 0 || d > maxDelay, field, "want a time of 0 to 365 days, such as 30m")
}

func (p *problems) retry(r *Retry) {
	p.when(r.MaxAttempts < 0 || r.MaxAttempts > maxRetries, "retry.max_attempts", "want 1 to 20")
	p.when(len(r.Delays) > maxRetries, "retry.delays", "too many: want at most 20")
	for i, d := range r.Delays {
		p.delay(at("retry.delays", i), d)
	}
	for i, d := range r.On {
		known := slices.Contains(Dispositions(), d) && d != Skipped && d != Recalled
		p.when(!known, at("retry.on", i),
			"want answered, busy, no_answer, refused or failed")
	}
}

func (p *problems) pace(pace *Pace) {
	p.when(pace.Calls < 0 || pace.Calls > maxCalls, "pace.calls",
		"want 1 to 100000, or 0 for no limit of its own")
	p.rate("pace.per_second", pace.PerSecond)
	p.rate("pace.per_caller_id", pace.PerCallerID)
}

// rate takes a number of calls in some time; not a number, it is refused.
func (p *problems) rate(field string, rate float64) {
	p.when(!(rate >= 0 && rate <= maxPace), field,
		"want a number up to 10000, or 0 for no limit of its own")
}
