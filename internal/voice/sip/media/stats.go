package media

import (
	"math/bits"
	"time"
)

// Stats counts what a session has sent and received, in packets unless it says
// otherwise.
type Stats struct {
	Sent     uint64
	Unsent   uint64 // could not be sent
	Skipped  uint64 // were not sent, as it was too late for them
	Received uint64 // of the far side's sound and keys
	Lost     uint64
	Late     uint64 // came twice, or after they were given up
	Strays   uint64 // came from elsewhere, or were none that we understand
	Missed   uint64 // frames that nobody read in time
	Keys     uint64 // keys of the far side
	Sending  Lateness

	// LastReceived is when the last of the far side's packets came; zero if
	// none did. One that has sent nothing for long, and has not been put on
	// hold, may be no more.
	LastReceived time.Time
}

// Stats gives what was counted so far.
func (s *Session) Stats() Stats {
	var stats Stats
	s.sender.count(&stats)
	s.receiver.count(&stats)
	return stats
}

// Lateness counts packets by how late they were sent after they were due. The
// zero Lateness has counted none.
type Lateness struct {
	// bands are 16 for each doubling: the error is 6 % at most.
	bands [16 * lateBands]uint32
}

const lateBands = 21 // doublings, up to 16 s

// Add counts those of other too.
func (l *Lateness) Add(other Lateness) {
	for i, n := range other.bands {
		l.bands[i] += n
	}
}

// Count is how many packets were counted.
func (l *Lateness) Count() uint64 {
	var all uint64
	for _, n := range l.bands {
		all += uint64(n)
	}
	return all
}

// Quantile is how late the packet was that a share q of all packets, as 0.99,
// was not later than.
func (l *Lateness) Quantile(q float64) time.Duration {
	want := max(1, uint64(q*float64(l.Count())+0.5))
	var seen uint64
	for i, n := range l.bands {
		if seen += uint64(n); seen >= want {
			return bandEnd(i)
		}
	}
	return 0
}

func (l *Lateness) observe(late time.Duration) { l.bands[band(late)]++ }

// band is the place of late: the first 32 are a microsecond each, every
// further 16 twice as wide as those before.
func band(late time.Duration) int {
	us := uint64(max(0, late.Microseconds()))
	double := max(0, bits.Len64(us)-5)
	at := 16*double + int(us>>double)
	return min(at, 16*lateBands-1)
}

// bandEnd is the greatest lateness of a band.
func bandEnd(at int) time.Duration {
	if at < 32 {
		return time.Duration(at) * time.Microsecond
	}
	double := at/16 - 1
	us := (uint64(at%16+16)+1)<<double - 1
	return time.Duration(us) * time.Microsecond
}
