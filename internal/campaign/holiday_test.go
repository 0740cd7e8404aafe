package campaign

import (
	"strings"
	"testing"
	"time"
)

// TestFederalHolidays lists the days off of some years, as the Office of
// Personnel Management has them, with the date itself where another is
// observed.
func TestFederalHolidays(t *testing.T) {
	for year, want := range map[int]string{
		2021: "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 " +
			"12-24 12-25 12-31",
		2022: "01-01 01-17 02-21 05-30 06-19 06-20 07-04 09-05 10-10 11-11 11-24 12-25 12-26",
		2023: "01-01 01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-11 11-23 12-25",
		2026: "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25",
		2027: "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 " +
			"12-24 12-25 12-31",
	} {
		var got []string
		d := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
		for ; d.Year() == year; d = d.AddDate(0, 0, 1) {
			if isFederalHoliday(d.Unix() / secondsOfDay) {
				got = append(got, d.Format("01-02"))
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%d: %s\nwant  %s", year, got, want)
		}
	}
}
