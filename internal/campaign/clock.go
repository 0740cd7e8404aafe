package campaign

import (
	"math"
	"time"
)

// clock is the clock on the wall in one zone. It keeps the stretch of time, of
// one offset from UTC, in which it was last looked at.
type clock struct {
	zone       *time.Location
	start, end int64 // of the stretch, in Unix seconds; none yet if both are 0
	offset     int64 // in seconds, east of Greenwich
}

// seek moves to the stretch in which t is.
func (k *clock) seek(t int64) {
	if k.start <= t && t < k.end {
		return
	}
	local := time.Unix(t, 0).In(k.zone)
	_, offset := local.Zone()
	start, end := local.ZoneBounds()
	k.offset, k.start, k.end = int64(offset), math.MinInt64, math.MaxInt64
	if !start.IsZero() {
		k.start = start.Unix()
	}
	if !end.IsZero() {
		k.end = end.Unix()
	}
}

// day returns the day on the clock at t, and until when it surely stays.
func (k *clock) day(t int64) (day, end int64) {
	k.seek(t)
	day = floorDiv(t+k.offset, secondsOfDay)
	return day, min(k.end, (day+1)*secondsOfDay-k.offset)
}

// farthest is more than any clock was ever ahead of UTC, or behind it.
const farthest = 16 * 60 * 60

// shows returns when the clock shows a time, in seconds since the beginning of
// 1970 on that clock, for the first and for the last time. Both are the moment
// of the leap where the clock leaps over it.
func (k *clock) shows(wall int64) (first, last int64) {
	found := false
	for k.seek(wall - farthest); ; k.seek(k.end) {
		t := wall - k.offset
		switch {
		case t < k.start && !found:
			return k.start, k.start
		case k.start <= t && t < k.end && !found:
			first, last, found = t, t, true
		case k.start <= t && t < k.end:
			last = t
		}
		if k.end > wall+farthest {
			return first, last
		}
	}
}

// floorDiv divides, towards the past.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
