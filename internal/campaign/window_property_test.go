package campaign

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// odd are zones whose clocks do odd things: change by half an hour, at
// midnight, in the south, twice in a year around Ramadan, or by a day.
var odd = []string{
	"America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Santiago",
	"America/Phoenix", "America/Havana", "Europe/London", "Europe/Dublin", "Africa/Casablanca",
	"Asia/Calcutta", "Asia/Katmandu", "Asia/Beirut", "Australia/Lord_Howe", "Australia/Sydney",
	"Pacific/Apia", "Pacific/Chatham", "Pacific/Honolulu", "UTC",
}

var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

func drawMoment(t *rapid.T) time.Time {
	const years = 15
	at := time.Unix(epoch+rapid.Int64Range(0, years*366*secondsOfDay).Draw(t, "at"), 0).UTC()
	return at.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "half")) * time.Second / 2)
}

// drawMomentNear draws a moment close to a change of the clock in zone.
func drawMomentNear(t *rapid.T, zone *time.Location) time.Time {
	at := drawMoment(t)
	if _, end := at.In(zone).ZoneBounds(); !end.IsZero() {
		at = end.Add(time.Duration(rapid.IntRange(-30*60, 30*60).Draw(t, "minutes")) * time.Minute)
	}
	return at.UTC()
}

func drawZones(t *rapid.T) []*time.Location {
	var zones []*time.Location
	for _, name := range rapid.SliceOfN(rapid.SampledFrom(odd), 1, 3).Draw(t, "zones") {
		zone, err := LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	return zones
}

func drawWindow(t *rapid.T, near time.Time) *Window {
	clock := rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"),
			rapid.SampledFrom([]int{0, 0, 15, 30, 59}).Draw(t, "minute"))
	})
	w := &Window{Timezone: ContactZone}
	days := rapid.SliceOfNDistinct(rapid.SampledFrom(allDays), 1, 7, rapid.ID)
	for range rapid.IntRange(1, 3).Draw(t, "hours") {
		h := Hours{
			Days: days.Draw(t, "days"),
			From: clock.Draw(t, "from"), To: clock.Draw(t, "to"),
		}
		if rapid.IntRange(0, 5).Draw(t, "to the end") == 0 {
			h.To = "24:00"
		}
		w.Weekly = append(w.Weekly, h)
	}
	for range rapid.IntRange(0, 3).Draw(t, "blackouts") {
		day := near.AddDate(0, 0, rapid.IntRange(-1, 9).Draw(t, "blackout"))
		w.Blackout = append(w.Blackout, day.Format(time.DateOnly))
	}
	if rapid.Bool().Draw(t, "holidays") {
		w.Holidays = USFederal
	}
	return w
}

// shownOpen reports whether the window is open by what the clock shows, and
// knows nothing of clocks that are changed.
func shownOpen(w *Window, at time.Time, zone *time.Location) bool {
	local := at.In(zone)
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	if slices.Contains(w.Blackout, day.Format(time.DateOnly)) ||
		w.Holidays != "" && isFederalHoliday(day.Unix()/secondsOfDay) {
		return false
	}
	shown := local.Format("15:04")
	for _, h := range w.Weekly {
		today := slices.Contains(h.Days, day.Weekday())
		yesterday := slices.Contains(h.Days, day.AddDate(0, 0, -1).Weekday())
		overnight := h.To <= h.From
		switch {
		case today && shown >= h.From && (shown < h.To || overnight),
			yesterday && overnight && shown < h.To:
			return true
		}
	}
	return false
}

// TestOpenAsShown holds Open against what the clock shows: never open where it
// does not say so, and always where the clock is not changed close by.
func TestOpenAsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := drawZones(t)[0]
		at := drawMomentNear(t, zone)
		w := drawWindow(t, at)
		got, want := w.Open(at, []*time.Location{zone}), shownOpen(w, at, zone)
		if got && !want {
			t.Fatalf("%+v is open at %v", w, at.In(zone))
		}
		start, end := at.In(zone).ZoneBounds()
		near := at.Sub(start) < 50*time.Hour || !end.IsZero() && end.Sub(at) < 50*time.Hour
		if got != want && !near {
			t.Fatalf("%+v is not open at %v", w, at.In(zone))
		}
	})
}

// TestNextAgrees holds Next against Open: open then, and not before.
func TestNextAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zones := drawZones(t)
		at := drawMomentNear(t, zones[0])
		w := drawWindow(t, at)
		next, ok := w.Next(at, zones)
		switch {
		case !ok:
			next = at.Add(horizon)
		case next.Before(at):
			t.Fatalf("Next(%v) = %v", at, next)
		case !w.Open(next, zones):
			t.Fatalf("%+v is not open at %v, next after %v", w, next, at)
		}
		span := int64(next.Sub(at) / time.Second)
		if span <= 0 {
			return
		}
		if again, _ := w.Next(next, zones); ok && !again.Equal(next) {
			t.Fatalf("Next(%v) = %v, but it is open", next, again)
		}
		for _, back := range []time.Duration{1, 60, 900, 3600} { // seconds before it opens
			before := next.Add(-back * time.Second)
			if !before.Before(at) && w.Open(before, zones) {
				t.Fatalf("%+v is open at %v, before %v", w, before, next)
			}
		}
		for range 50 {
			between := at.Add(time.Duration(rapid.Int64Range(0, span-1).Draw(t, "s")) * time.Second)
			if w.Open(between, zones) {
				t.Fatalf("%+v is open at %v, before %v", w, between, next)
			}
		}
	})
}

// TestNextMinuteByMinute walks through the days around a change of the clock.
func TestNextMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zones := drawZones(t)
		at := drawMomentNear(t, zones[0]).Truncate(time.Minute)
		w := drawWindow(t, at)
		next, ok := w.Next(at, zones)
		for m := range 3 * 24 * 60 {
			walked := at.Add(time.Duration(m) * time.Minute)
			if w.Open(walked, zones) {
				if !ok || !next.Equal(walked) {
					t.Fatalf("%+v opens at %v; Next(%v) = %v, %v", w, walked, at, next, ok)
				}
				return
			}
		}
		if ok && next.Before(at.Add(3*24*time.Hour)) {
			t.Fatalf("%+v: Next(%v) = %v, when it is not open", w, at, next)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	everywhere := number(b, "+18005550123").Zones()
	for _, bench := range []struct {
		name   string
		window *Window
		zones  []string
	}{
		{"one zone", working(), []string{"America/New_York"}},
		{"toll-free", daily("05:00", "23:00"), everywhere},
		{"never", working(), everywhere},
	} {
		b.Run(bench.name, func(b *testing.B) {
			zones := loadZones(bench.zones...)
			at := moment(b, "2026-11-26 00:00:00")
			for b.Loop() {
				bench.window.Next(at, zones)
			}
		})
	}
}
