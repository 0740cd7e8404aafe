package dialer

import "time"

// slack is how much an attempt that comes late may be made up for by the next.
const slack = 20 * time.Millisecond

// maxApart is the most that attempts are kept apart, however slow the pace.
const maxApart = 365 * 24 * time.Hour

// pace keeps attempts apart. Its zero value lets the first one begin at once.
type pace struct{ next time.Time }

// wait returns how long after the time an attempt must wait.
func (p *pace) wait(at time.Time) time.Duration { return max(0, p.next.Sub(at)) }

// took notes that an attempt begins at the time, of which there are to be so
// many a second; 0 for no limit.
func (p *pace) took(at time.Time, perSecond float64) {
	if perSecond <= 0 {
		p.next = time.Time{}
		return
	}
	begun := at.Add(-slack)
	if p.next.After(begun) {
		begun = p.next
	}
	apart := min(float64(time.Second)/perSecond, float64(maxApart))
	p.next = begun.Add(time.Duration(apart))
}
