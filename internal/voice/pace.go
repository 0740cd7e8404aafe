package voice

import (
	"fmt"
	"time"

	"nocall/internal/campaign"
)

// MostStarts is how many calls in a day a [Pace] can tell apart.
const MostStarts = 100_000

// Pace says how often one of our numbers is shown to contacts, whatever calls
// them. Inbound calls do not count. Zeros set no limit.
type Pace struct {
	Calls     int // at once
	PerSecond int // calls begun in any second
	PerMinute int // in any minute
	PerDay    int // in any 24 hours
}

// Start is when a call began that showed a number.
type Start struct {
	CallID string
	At     time.Time
}

// limit is how many calls may begin within any time so long.
type limit struct {
	field  string
	calls  int
	within time.Duration
}

func (p Pace) limits() [3]limit {
	return [3]limit{
		{"per_second", p.PerSecond, time.Second},
		{"per_minute", p.PerMinute, time.Minute},
		{"per_day", p.PerDay, 24 * time.Hour},
	}
}

// Remembers reports whether p asks when earlier calls began, of the last 24
// hours.
func (p Pace) Remembers() bool { return p.PerSecond > 0 || p.PerMinute > 0 || p.PerDay > 0 }

// Wait returns how long after a time the next call must wait, begun being those
// so far, in order; 0 if it may begin.
func (p Pace) Wait(begun []Start, at time.Time) time.Duration {
	var wait time.Duration
	for _, l := range p.limits() {
		if l.calls > 0 && len(begun) >= l.calls {
			wait = max(wait, begun[len(begun)-l.calls].At.Add(l.within).Sub(at))
		}
	}
	return wait
}

// Problems says what is wrong with p, as a part of a number of ours.
func (p Pace) Problems() []campaign.Problem {
	var f findings
	bad := func(n int) bool { return n < 0 || n > MostStarts }
	detail := fmt.Sprintf("want 1 to %d, or 0 for no limit", MostStarts)
	f.when(bad(p.Calls), "pace.calls", detail)
	for _, l := range p.limits() {
		f.when(bad(l.calls), "pace."+l.field, detail)
	}
	return f
}
