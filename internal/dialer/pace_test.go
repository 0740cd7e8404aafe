package dialer

import (
	"slices"
	"testing"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

var begin = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// TestPaceKeeps shows that attempts are so far apart as they are to be, however
// late each begins, and that the time of a long silence is not made up for.
func TestPaceKeeps(t *testing.T) {
	for _, tt := range []struct {
		perSecond float64
		late      time.Duration // how late each attempt begins
		want      time.Duration // from the first to the eleventh
	}{
		{0, 0, 0},
		{10, 0, time.Second},
		{10, 5 * time.Millisecond, time.Second},
		{10, 50 * time.Millisecond, 1300 * time.Millisecond}, // 20 of 50 ms are made up for
		{0.5, 0, 20 * time.Second},
		{10_000, 0, time.Millisecond},
	} {
		var p pace
		at := begin
		for range 10 {
			p.took(at, tt.perSecond)
			if wait := p.wait(at); wait > 0 {
				at = at.Add(wait + tt.late)
			}
		}
		got := at.Sub(begin)
		if diff := (got - tt.want).Abs(); diff > 50*time.Millisecond {
			t.Errorf("11 attempts, %v a second, each %v late: within %v, want %v",
				tt.perSecond, tt.late, got, tt.want)
		}
	}
}

// TestPaceSlowest shows that the slowest pace that can be written keeps attempts
// apart: the time between them is too long for a [time.Duration].
func TestPaceSlowest(t *testing.T) {
	for _, perSecond := range []float64{1e-10, 1e-300, 5e-324} {
		var p pace
		p.took(begin, perSecond)
		if wait := p.wait(begin); wait < 24*time.Hour {
			t.Errorf("%v a second: the next attempt after %v, want days", perSecond, wait)
		}
	}
}

// unpaced is that of numbers that may be shown as often as one likes.
func unpaced(e164.Number) (Paced, bool) { return Paced{}, false }

// TestCallerIDsTurn shows numbers in turns, each of which rests.
func TestCallerIDsTurn(t *testing.T) {
	a, b := e164.FromUint64(1_415_555_0100), e164.FromUint64(1_415_555_0101)
	var ids callerIDs
	ids.show([]e164.Number{a, b})
	for i, want := range []e164.Number{a, b, a, b} {
		n, wait, _ := ids.next(begin, unpaced)
		if n != want || wait != 0 {
			t.Errorf("turn %d: %v after %v, want %v at once", i, n, wait, want)
		}
		ids.took(n, begin, 0)
	}
	ids.took(a, begin, 2)
	ids.took(b, begin.Add(10*time.Second), 2)
	ids.show([]e164.Number{b, a}) // changes nothing in how long they rest
	at := begin.Add(20 * time.Second)
	if n, wait, _ := ids.next(at, unpaced); wait != 10*time.Second-slack {
		t.Errorf("next after 20s = %v, %v; want a wait of 10s", n, wait)
	}
	if n, wait, _ := ids.next(begin.Add(30*time.Second), unpaced); n != a || wait != 0 {
		t.Errorf("next after 30s = %v, %v; want %v at once", n, wait, a)
	}
}

func TestCallerIDsOf(t *testing.T) {
	n := func(last uint64) e164.Number { return e164.FromUint64(1_415_555_0100 + last) }
	ours := []voice.OwnNumber{
		{Number: n(1), Provider: "trunk", Tags: []string{"west"}},
		{Number: n(2), Provider: "other", Tags: []string{"west"}},
		{Number: n(3), Tags: []string{"east", "west"}},
		{Number: n(4), Provider: "trunk", Tags: []string{"east"}},
		{Number: n(5), Provider: "trunk"},
	}
	for _, tt := range []struct {
		named []e164.Number
		tag   string
		want  []e164.Number
	}{
		{nil, "", []e164.Number{{}}},
		{nil, "north", []e164.Number{{}}},
		{[]e164.Number{n(9)}, "", []e164.Number{n(9)}},
		{[]e164.Number{n(3)}, "west", []e164.Number{n(3), n(1)}},
		{nil, "east", []e164.Number{n(3), n(4)}},
	} {
		c := campaign.Campaign{Provider: "trunk", CallerIDs: tt.named, CallerTag: tt.tag}
		if got := callerIDsOf(c, ours, e164.Number{}); !slices.Equal(got, tt.want) {
			t.Errorf("caller IDs %v with tag %q: %v, want %v", tt.named, tt.tag, got, tt.want)
		}
	}
}
