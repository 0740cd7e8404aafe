package index

import (
	"time"

	"nocall/internal/dnc"
)

// MaxDays is the greatest number of days that [Index.Days] counts.
const MaxDays = 3660

// Day is how many of a list's entries were created on one day.
type Day struct {
	Date         time.Time // midnight UTC with which the day begins
	User, System int
}

// Days counts the entries of env's list that were created from since until
// before until, day by day in UTC: one Day for each, also for those without
// entries, the oldest first. Of more than [MaxDays] the last are counted.
func (x *Index) Days(env dnc.Environment, since, until time.Time) ([]Day, error) {
	l, err := x.whole(env)
	if err != nil {
		return nil, err
	}
	if !since.Before(until) {
		return nil, nil
	}
	last := midnight(until.Add(-1))
	first := midnight(since)
	if earliest := last.AddDate(0, 0, 1-MaxDays); first.Before(earliest) {
		first, since = earliest, earliest
	}
	days := make([]Day, int(last.Sub(first)/day)+1)
	for i := range days {
		days[i].Date = first.Add(time.Duration(i) * day)
	}
	l.days(days, micros(since), micros(until))
	return days, nil
}

const day = 24 * time.Hour

func midnight(t time.Time) time.Time { return t.UTC().Truncate(day) }

// micros returns the first whole microsecond that is not before t.
func micros(t time.Time) int64 { return t.Add(time.Microsecond - 1).UnixMicro() }

// days counts into days, of which the first holds since.
func (l *list) days(days []Day, since, until int64) {
	rows, size := l.arrivals.view()
	begin := days[0].Date.UnixMicro()
	for i := rows.first(since, size); i < size && rows.at(i) < until; i++ {
		d := &days[(rows.at(i)-begin)/day.Microseconds()]
		switch marked := rows.digits(i); {
		case marked&removed != 0:
		case marked&bySystem != 0:
			d.System++
		default:
			d.User++
		}
	}
}
