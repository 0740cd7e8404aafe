package campaign

import (
	"math"
	"slices"
	"time"
)

// horizon is how far [Window.Next] looks.
const horizon = 366 * 24 * time.Hour

// Zones returns the zones on whose clocks the window must be open for c: the
// one that was given for the contact, or else every zone in which its number
// may stand, or else the fallback. It returns nil if no zone is known, or one
// of them cannot be read; a window of no zone is never open.
func (w *Window) Zones(c Contact) []*time.Location {
	switch {
	case w == nil:
		return nil
	case w.Timezone != ContactZone:
		return loadZones(w.Timezone)
	case c.Timezone != "":
		return loadZones(c.Timezone)
	}
	if zones := loadZones(c.Number.Zones()...); zones != nil {
		return zones
	}
	return loadZones(w.FallbackTimezone)
}

// loadZones returns the zones of these names, or nil unless it knows all.
func loadZones(names ...string) []*time.Location {
	zones := make([]*time.Location, 0, len(names))
	for _, name := range names {
		zone, err := LoadZone(name)
		if err != nil {
			return nil
		}
		zones = append(zones, zone)
	}
	if len(zones) == 0 {
		return nil
	}
	return zones
}

// Open reports whether the window is open at the given moment on the clocks of
// all zones. A nil window is always open; one that cannot be read never is.
//
// Hours begin on a day of the week and may go on after midnight; a blackout
// day or a holiday is the day on the clock at the moment, so that it cuts off
// hours of the day before. Hours are open when they surely are: where the clock
// is put back and shows the time of their beginning twice, they begin at the
// second, and where it shows the time of their end twice, they end at the
// first. A time that the clock leaps over is the moment of the leap.
func (w *Window) Open(at time.Time, zones []*time.Location) bool {
	if w == nil {
		return true
	}
	s, ok := w.schedule()
	if !ok || len(zones) == 0 {
		return false
	}
	for _, zone := range zones {
		if !s.open(&clock{zone: zone}, at.Unix()) {
			return false
		}
	}
	return true
}

// Next returns the earliest moment, not before at, at which the window is open
// on the clocks of all zones. It returns false if there is none in 366 days.
func (w *Window) Next(at time.Time, zones []*time.Location) (time.Time, bool) {
	if w == nil {
		return at, true
	}
	s, ok := w.schedule()
	if !ok || len(zones) == 0 {
		return time.Time{}, false
	}
	clocks := make([]clock, len(zones))
	for i, zone := range zones {
		clocks[i].zone = zone
	}
	from := at.Unix()
	t, ok := s.meet(clocks, from)
	switch {
	case !ok:
		return time.Time{}, false
	case t == from:
		return at, true
	}
	return time.Unix(t, 0).In(at.Location()), true
}

// schedule is a window made ready for arithmetic. Moments are in Unix seconds;
// days are counted from 1970-01-01.
type schedule struct {
	spans    []span
	blackout []int64 // days, in order
	holidays bool
}

// span is open hours: seconds since the beginning of the day on which they
// begin. They begin within that day and last a day at most.
type span struct {
	days     uint8 // set of days of the week
	from, to int64
}

const (
	secondsOfDay = 24 * 60 * 60
	wholeDay     = 24 * 60 // minutes
)

// schedule reads the window; false: it cannot be read.
func (w *Window) schedule() (schedule, bool) {
	s := schedule{
		spans:    make([]span, 0, len(w.Weekly)),
		holidays: w.Holidays == USFederal,
	}
	if w.Holidays != "" && !s.holidays {
		return s, false
	}
	for i := range w.Weekly {
		hours, ok := w.Weekly[i].span()
		if !ok {
			return s, false
		}
		s.spans = append(s.spans, hours)
	}
	for _, text := range w.Blackout {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return s, false
		}
		s.blackout = append(s.blackout, day.Unix()/secondsOfDay)
	}
	slices.Sort(s.blackout)
	return s, true
}

func (h *Hours) span() (span, bool) {
	from, okFrom := minutes(h.From)
	to, okTo := minutes(h.To)
	if !okFrom || !okTo || from == wholeDay {
		return span{}, false
	}
	if to <= from {
		to += wholeDay
	}
	s := span{from: from * 60, to: to * 60}
	for _, day := range h.Days {
		if day < time.Sunday || day > time.Saturday {
			return span{}, false
		}
		s.days |= 1 << day
	}
	return s, true
}

// minutes reads a time of day, from 00:00 to 24:00, in minutes.
func minutes(text string) (int64, bool) {
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	hour := int64(text[0]-'0')*10 + int64(text[1]-'0')
	minute := int64(text[3]-'0')*10 + int64(text[4]-'0')
	m := hour*60 + minute
	return m, minute < 60 && m <= wholeDay
}

// beginsOn reports whether the hours begin on day.
func (h span) beginsOn(day int64) bool {
	weekday := (day%7 + 7 + int64(time.Thursday)) % 7
	return h.days>>weekday&1 != 0
}

// bounds returns when the hours that begin on day begin and end. Put back, the
// clock may end them before they begin.
func (h span) bounds(k *clock, day int64) (begin, end int64) {
	_, begin = k.shows(day*secondsOfDay + h.from)
	end, _ = k.shows(day*secondsOfDay + h.to)
	return begin, end
}

// closed reports whether day is a blackout day or a holiday.
func (s *schedule) closed(day int64) bool {
	if _, found := slices.BinarySearch(s.blackout, day); found {
		return true
	}
	return s.holidays && isFederalHoliday(day)
}

// open reports whether it is open at t on the clock.
func (s *schedule) open(k *clock, t int64) bool {
	day, _ := k.day(t)
	return !s.closed(day) && s.within(k, day, t)
}

// within reports whether t is in the hours of day, or of the day before.
func (s *schedule) within(k *clock, day, t int64) bool {
	for _, h := range s.spans {
		for d := day - 1; d <= day; d++ {
			if !h.beginsOn(d) {
				continue
			}
			if begin, end := h.bounds(k, d); begin <= t && t < end {
				return true
			}
		}
	}
	return false
}

// meet returns the earliest moment from the given one at which it is open on
// all clocks, within the horizon.
func (s *schedule) meet(clocks []clock, from int64) (int64, bool) {
	limit := from + int64(horizon/time.Second)
	t := from
	for agreed := 0; agreed < len(clocks); {
		for i := range clocks {
			next, ok := s.next(&clocks[i], t, limit)
			if !ok {
				return 0, false
			}
			if next > t {
				t, agreed = next, 0
			}
			if agreed++; agreed == len(clocks) {
				break
			}
		}
	}
	return t, true
}

// next returns the earliest moment, from t to the limit, at which it is open
// on the clock. It steps from edge to edge: over closed days, and to where
// hours begin.
func (s *schedule) next(k *clock, t, limit int64) (int64, bool) {
	for len(s.spans) > 0 && t <= limit {
		day, end := k.day(t)
		switch {
		case s.closed(day):
			t = end
		case s.within(k, day, t):
			return t, true
		default:
			t = s.begin(k, day, t)
		}
	}
	return 0, false
}

// begin returns when hours begin next after t, which is on day; or, if none do
// within the week, a moment after t before which none do.
func (s *schedule) begin(k *clock, day, t int64) int64 {
	const week = 7
	for d := day; d <= day+week; d++ {
		next := int64(math.MaxInt64)
		for _, h := range s.spans {
			if !h.beginsOn(d) {
				continue
			}
			if begin, end := h.bounds(k, d); begin > t && begin < end {
				next = min(next, begin)
			}
		}
		if next < math.MaxInt64 {
			return next
		}
	}
	after, _ := k.shows((day + week) * secondsOfDay)
	return after
}
