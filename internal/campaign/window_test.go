package campaign

import (
	"testing"
	"time"

	"nocall/internal/e164"
)

func zone(t tester, name string) *time.Location {
	t.Helper()
	zone, err := LoadZone(name)
	if err != nil {
		t.Fatalf("zone %s: %v", name, err)
	}
	return zone
}

// tester is what tests and properties have in common.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func number(t tester, text string) e164.Number {
	t.Helper()
	n, err := e164.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// moment reads a time of UTC.
func moment(t tester, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", text, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

var (
	workdays = []time.Weekday{
		time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday,
	}
	allDays = append([]time.Weekday{time.Saturday, time.Sunday}, workdays...)
)

func daily(from, to string) *Window {
	return &Window{Timezone: ContactZone, Weekly: []Hours{{allDays, from, to}}}
}

func working() *Window {
	return &Window{
		Timezone: ContactZone, Weekly: []Hours{{workdays, "09:00", "19:00"}},
		Blackout: []string{"2026-12-24"}, Holidays: USFederal,
	}
}

// TestOpenOnTheClock gives times on the clock in one zone.
func TestOpenOnTheClock(t *testing.T) {
	night := &Window{Weekly: []Hours{{[]time.Weekday{time.Friday}, "22:00", "02:00"}}}
	dark := &Window{
		Weekly:   []Hours{{[]time.Weekday{time.Friday}, "22:00", "02:00"}},
		Blackout: []string{"2026-11-28"},
	}
	late := &Window{
		Weekly:   []Hours{{[]time.Weekday{time.Friday}, "22:00", "02:00"}},
		Blackout: []string{"2026-11-27"},
	}
	for _, test := range []struct {
		name   string
		window *Window
		local  string // in New York
		want   bool
	}{
		{"before", working(), "2026-11-23 08:59:59", false}, // a Monday
		{"at the beginning", working(), "2026-11-23 09:00:00", true},
		{"within", working(), "2026-11-23 12:00:00", true},
		{"to the last second", working(), "2026-11-23 18:59:59", true},
		{"at the end", working(), "2026-11-23 19:00:00", false},
		{"Saturday", working(), "2026-11-28 12:00:00", false},
		{"Thanksgiving", working(), "2026-11-26 12:00:00", false},
		{"the day after", working(), "2026-11-27 12:00:00", true},
		{"blackout day", working(), "2026-12-24 12:00:00", false},
		{"Independence Day, observed on Friday", working(), "2026-07-03 12:00:00", false},
		{"whole days", daily("00:00", "24:00"), "2026-11-28 23:59:59", true},
		{"from midnight to midnight", daily("00:00", "00:00"), "2026-11-28 23:59:59", true},
		{"from noon to noon", daily("12:00", "12:00"), "2026-11-28 11:59:59", true},
		{"long ago", working(), "1969-11-24 08:59:59", false},
		{"long ago, at the beginning", working(), "1969-11-24 09:00:00", true},
		{"long ago, before a holiday", working(), "1969-12-24 12:00:00", true},
		{"New Year's Day before, observed", working(), "1965-12-31 12:00:00", false},
		{"no hours", &Window{}, "2026-11-23 12:00:00", false},
		{"nil", nil, "2026-11-23 03:00:00", true},

		{"Friday evening", night, "2026-11-27 22:00:00", true},
		{"over midnight", night, "2026-11-28 01:59:59", true},
		{"to the end after midnight", night, "2026-11-28 02:00:00", false},
		{"not Saturday's evening", night, "2026-11-28 22:00:00", false},
		{"not the night before", night, "2026-11-27 01:00:00", false},
		{"Friday before a blackout day", dark, "2026-11-27 23:59:59", true},
		{"a blackout day ends the night before", dark, "2026-11-28 00:00:00", false},
		{"no evening on a blackout day", late, "2026-11-27 23:00:00", false},
		{"the morning after is not blacked out", late, "2026-11-28 01:00:00", true},
	} {
		ny := zone(t, "America/New_York")
		at, err := time.ParseInLocation(time.DateTime, test.local, ny)
		if err != nil {
			t.Fatal(err)
		}
		if got := test.window.Open(at, []*time.Location{ny}); got != test.want {
			t.Errorf("%s: Open(%v) = %v", test.name, at, got)
		}
	}
}

// TestOpenWhereTheClockIsChanged gives moments of UTC around the changes of the
// clock. In New York it leaps from 2:00 to 3:00 on 2026-03-08 at 7:00 UTC, and
// is put back from 2:00 to 1:00 on 2026-11-01 at 6:00 UTC.
func TestOpenWhereTheClockIsChanged(t *testing.T) {
	for _, test := range []struct {
		name     string
		from, to string
		utc      string
		want     bool
	}{
		{"before the leap", "02:30", "20:00", "2026-03-08 06:59:59", false},
		{"begins where there is no such time", "02:30", "20:00", "2026-03-08 07:00:00", true},
		{"until the leap", "00:00", "02:30", "2026-03-08 06:59:59", true},
		{"ends where there is no such time", "00:00", "02:30", "2026-03-08 07:00:00", false},
		{"hours that are leapt over", "02:00", "03:00", "2026-03-08 07:00:00", false},
		{"from after the leap", "03:00", "20:00", "2026-03-08 07:00:00", true},
		{"day of 23 hours", "03:00", "03:00", "2026-03-08 06:59:59", true},

		{"the first 1:30 is not surely after 1:15", "01:15", "20:00", "2026-11-01 05:30:00", false},
		{"the second 1:14", "01:15", "20:00", "2026-11-01 06:14:59", false},
		{"the second 1:15", "01:15", "20:00", "2026-11-01 06:15:00", true},
		{"until the first 1:15", "20:00", "01:15", "2026-11-01 05:14:59", true},
		{"after the first 1:15", "20:00", "01:15", "2026-11-01 05:15:00", false},
		{"the second 1:10 is not surely sooner", "20:00", "01:15", "2026-11-01 06:10:00", false},
		{"hours within the hour, at first", "01:15", "01:45", "2026-11-01 05:30:00", false},
		{"hours within the hour, again", "01:15", "01:45", "2026-11-01 06:30:00", false},
		{"hours around it, at first", "00:00", "20:00", "2026-11-01 05:30:00", true},
		{"hours around it, again", "00:00", "20:00", "2026-11-01 06:30:00", true},
		{"hour that comes twice, at first", "01:00", "02:00", "2026-11-01 05:30:00", false},
		{"hour that comes twice, again", "01:00", "02:00", "2026-11-01 06:30:00", true},
	} {
		w := daily(test.from, test.to)
		at := moment(t, test.utc)
		if got := w.Open(at, []*time.Location{zone(t, "America/New_York")}); got != test.want {
			t.Errorf("%s: %s to %s is open at %v: %v", test.name, test.from, test.to, at, got)
		}
	}
}

// TestOpenAtMidnight has places where midnight itself is leapt over, comes
// twice, or where a whole day is missing.
func TestOpenAtMidnight(t *testing.T) {
	for _, test := range []struct {
		zone     string
		from, to string
		blackout string
		utc      string
		want     bool
	}{
		// 2024-09-08 in Chile begins at 1:00, which is 4:00 UTC.
		{"America/Santiago", "00:00", "12:00", "", "2024-09-08 03:59:59", false},
		{"America/Santiago", "00:00", "12:00", "", "2024-09-08 04:00:00", true},
		{"America/Santiago", "20:00", "24:00", "", "2024-09-08 03:59:59", true},
		{"America/Santiago", "20:00", "24:00", "", "2024-09-08 04:00:00", false},
		// 2024-04-06 there ends at 24:00 for the first time at 3:00 UTC, and
		// goes on at 23:00.
		{"America/Santiago", "20:00", "23:30", "", "2024-04-07 03:15:00", false},
		{"America/Santiago", "20:00", "24:00", "", "2024-04-07 03:30:00", true},
		{"America/Santiago", "00:00", "24:00", "2024-04-06", "2024-04-07 03:59:59", false},
		{"America/Santiago", "00:00", "24:00", "2024-04-06", "2024-04-07 04:00:00", true},
		// 2011-12-30 was none in Samoa: the 29th ended at 10:00 UTC.
		{"Pacific/Apia", "00:00", "24:00", "2011-12-29", "2011-12-30 09:59:59", false},
		{"Pacific/Apia", "00:00", "24:00", "2011-12-29", "2011-12-30 10:00:00", true},
		{"Pacific/Apia", "00:00", "24:00", "2011-12-31", "2011-12-30 10:00:00", false},
	} {
		w := daily(test.from, test.to)
		if test.blackout != "" {
			w.Blackout = []string{test.blackout}
		}
		at := moment(t, test.utc)
		if got := w.Open(at, []*time.Location{zone(t, test.zone)}); got != test.want {
			t.Errorf("%s: %+v is open at %v: %v", test.zone, w, at, got)
		}
	}
}

func TestOpenInAllZones(t *testing.T) {
	w := daily("09:00", "19:00")
	chicago, ny := zone(t, "America/Chicago"), zone(t, "America/New_York")
	for _, test := range []struct {
		utc   string
		zones []*time.Location
		want  bool
	}{
		{"2026-11-23 14:30:00", []*time.Location{ny}, true},
		{"2026-11-23 14:30:00", []*time.Location{ny, chicago}, false}, // 8:30 in Chicago
		{"2026-11-23 15:00:00", []*time.Location{ny, chicago}, true},
		{"2026-11-23 23:59:59", []*time.Location{ny, chicago}, true},
		{"2026-11-24 00:00:00", []*time.Location{ny, chicago}, false},
		{"2026-11-23 15:00:00", nil, false},
	} {
		if got := w.Open(moment(t, test.utc), test.zones); got != test.want {
			t.Errorf("Open(%s, %v) = %v", test.utc, test.zones, got)
		}
	}
}

func TestUnreadableWindowIsNeverOpen(t *testing.T) {
	utc := []*time.Location{time.UTC}
	at := moment(t, "2026-11-23 12:00:00")
	for name, spoil := range map[string]func(w *Window){
		"from":     func(w *Window) { w.Weekly[0].From = "9am" },
		"to":       func(w *Window) { w.Weekly[0].To = "25:00" },
		"day":      func(w *Window) { w.Weekly[0].Days = []time.Weekday{-2} },
		"blackout": func(w *Window) { w.Blackout = []string{"Christmas"} },
		"holidays": func(w *Window) { w.Holidays = "martian" },
	} {
		w := daily("00:00", "24:00")
		if !w.Open(at, utc) {
			t.Fatal("a window of all hours is not open")
		}
		spoil(w)
		if next, ok := w.Next(at, utc); ok || w.Open(at, utc) {
			t.Errorf("unreadable %s: open, next at %v", name, next)
		}
	}
}

func TestNext(t *testing.T) {
	for _, test := range []struct {
		name   string
		window *Window
		utc    string
		zones  []string
		want   string // "": never
	}{
		{
			"open now", working(), "2026-11-23 15:00:00",
			[]string{"America/New_York"},
			"2026-11-23 15:00:00",
		},
		{
			"tomorrow", working(), "2026-11-24 00:00:00",
			[]string{"America/New_York"},
			"2026-11-24 14:00:00",
		},
		{
			"over a holiday", working(), "2026-11-26 00:00:00",
			[]string{"America/New_York"},
			"2026-11-27 14:00:00",
		},
		{
			"over a blackout day, a holiday and a weekend", working(), "2026-12-24 00:00:00",
			[]string{"America/New_York"},
			"2026-12-28 14:00:00",
		},
		{
			"open in both", working(), "2026-11-24 00:00:00",
			[]string{"America/New_York", "America/Los_Angeles"},
			"2026-11-24 17:00:00",
		},
		{
			"too far apart", working(), "2026-11-24 00:00:00",
			[]string{"Europe/Berlin", "Pacific/Honolulu"},
			"",
		},
		{
			"no hours", &Window{}, "2026-11-24 00:00:00", []string{"UTC"}, "",
		},
		{
			"no zone", working(), "2026-11-24 00:00:00", nil, "",
		},
		{
			"where the clock has been put back", daily("01:15", "03:00"), "2026-11-01 05:00:00",
			[]string{"America/New_York"},
			"2026-11-01 06:15:00",
		},
		{
			"hours that are leapt over", daily("02:00", "03:00"), "2026-03-08 05:00:00",
			[]string{"America/New_York"},
			"2026-03-09 06:00:00",
		},
		{
			"a week later for hours that are leapt over", &Window{
				Weekly: []Hours{{[]time.Weekday{time.Sunday}, "02:00", "03:00"}},
			}, "2026-03-08 05:00:00", []string{"America/New_York"}, "2026-03-15 06:00:00",
		},
		{
			"midnight after a blackout day", &Window{
				Weekly: []Hours{{allDays, "22:00", "02:00"}}, Blackout: []string{"2026-11-23"},
			}, "2026-11-23 12:00:00", []string{"UTC"}, "2026-11-24 00:00:00",
		},
	} {
		var zones []*time.Location
		for _, name := range test.zones {
			zones = append(zones, zone(t, name))
		}
		got, ok := test.window.Next(moment(t, test.utc), zones)
		if ok != (test.want != "") || ok && !got.Equal(moment(t, test.want)) {
			t.Errorf("%s: Next(%s) = %v, %v; want %s", test.name, test.utc, got, ok, test.want)
		}
	}
}

func TestZonesOfContact(t *testing.T) {
	la, both := number(t, "+14155550123"), number(t, "+12705550123")
	world := number(t, "+80012345678") // of no country
	for _, test := range []struct {
		name     string
		zone     string // of the window
		fallback string
		contact  Contact
		want     []string
	}{
		{"its number's", "contact", "", Contact{Number: la}, []string{"America/Los_Angeles"}},
		{
			"all of its number's", "contact", "",
			Contact{Number: both},
			[]string{"America/Chicago", "America/New_York"},
		},
		{
			"given", "contact", "",
			Contact{Number: both, Timezone: "Europe/Rome"},
			[]string{"Europe/Rome"},
		},
		{
			"the number's go before the fallback", "contact", "UTC",
			Contact{Number: la},
			[]string{"America/Los_Angeles"},
		},
		{"fallback", "contact", "UTC", Contact{Number: world}, []string{"UTC"}},
		{"not known", "contact", "", Contact{Number: world}, nil},
		{"given one that is none", "contact", "UTC", Contact{Number: la, Timezone: "EST"}, nil},
		{
			"the window's own", "Asia/Tokyo", "",
			Contact{Number: la, Timezone: "Europe/Rome"},
			[]string{"Asia/Tokyo"},
		},
		{"the window's own is none", "Tokyo", "UTC", Contact{Number: la}, nil},
	} {
		w := &Window{Timezone: test.zone, FallbackTimezone: test.fallback}
		got := w.Zones(test.contact)
		same := len(got) == len(test.want)
		for i := range test.want {
			same = same && got[i].String() == test.want[i]
		}
		if !same {
			t.Errorf("%s: Zones(%+v) = %v, want %v", test.name, test.contact, got, test.want)
		}
	}
}

func TestLoadZone(t *testing.T) {
	for name, want := range map[string]bool{
		"America/New_York": true, "America/Argentina/Buenos_Aires": true, "UTC": true,
		"Asia/Calcutta": true, // a link
		"":              false, "Local": false, "EST": false, "contact": false, "New York": false,
		"America/Nowhere": false, "../etc/passwd": false, "/etc/localtime": false,
	} {
		zone, err := LoadZone(name)
		if (err == nil) != want || want && zone.String() != name {
			t.Errorf("LoadZone(%q) = %v, %v", name, zone, err)
		}
	}
}
