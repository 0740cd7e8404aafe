package voice

import (
	"slices"
	"testing"
	"time"

	"nocall/internal/e164"
)

// TestPaceWait asks how long the next call waits, after calls that began so many
// seconds ago.
func TestPaceWait(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		pace  Pace
		begun []int // seconds ago
		want  time.Duration
	}{
		{Pace{}, []int{0, 0, 0}, 0},
		{Pace{Calls: 1}, []int{0, 0, 0}, 0}, // does not ask when
		{Pace{PerSecond: 2}, []int{0}, 0},
		{Pace{PerSecond: 2}, []int{0, 0}, time.Second},
		{Pace{PerSecond: 2}, []int{1, 0}, 0}, // in no second are there three
		{Pace{PerMinute: 3}, []int{50, 20, 10}, 10 * time.Second},
		{Pace{PerMinute: 3}, []int{90, 20, 10}, 0},
		{Pace{PerMinute: 2}, []int{50, 20, 10}, 40 * time.Second}, // was 3 when they began
		{Pace{PerDay: 1}, []int{3600}, 23 * time.Hour},
		{Pace{PerSecond: 1, PerMinute: 2, PerDay: 3}, []int{7200, 40, 0}, 22 * time.Hour},
	} {
		var begun []Start
		for _, ago := range tt.begun {
			begun = append(begun, Start{At: now.Add(-time.Duration(ago) * time.Second)})
		}
		if got := tt.pace.Wait(begun, now); max(0, got) != tt.want {
			t.Errorf("%+v.Wait(%v seconds ago) = %v, want %v", tt.pace, tt.begun, got, tt.want)
		}
	}
}

func TestPaceProblems(t *testing.T) {
	n := OwnNumber{
		Number: e164.FromUint64(1_415_555_0100), Provider: "trunk",
		Pace: Pace{Calls: -1, PerSecond: MostStarts, PerMinute: MostStarts + 1, PerDay: -5},
	}
	var fields []string
	for _, p := range n.Problems() {
		fields = append(fields, p.Field)
	}
	want := []string{"pace.calls", "pace.per_minute", "pace.per_day"}
	if !slices.Equal(fields, want) {
		t.Errorf("Problems are in %q, want %q", fields, want)
	}
}
