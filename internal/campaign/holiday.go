package campaign

import "time"

// isFederalHoliday reports whether day, counted from 1970-01-01, is a holiday
// of 5 U.S.C. 6103, or the day on which one is observed: the Friday before a
// Saturday, the Monday after a Sunday. Inauguration Day, a holiday of the
// capital alone, is not one.
func isFederalHoliday(day int64) bool {
	date := time.Unix(day*secondsOfDay, 0).UTC()
	if isWeekHoliday(date) || isDatedHoliday(date) {
		return true
	}
	switch date.Weekday() {
	case time.Friday:
		return isDatedHoliday(date.AddDate(0, 0, 1))
	case time.Monday:
		return isDatedHoliday(date.AddDate(0, 0, -1))
	}
	return false
}

// isDatedHoliday reports whether date is one of the holidays with a fixed date.
func isDatedHoliday(date time.Time) bool {
	_, month, day := date.Date()
	switch month {
	case time.January:
		return day == 1 // New Year's Day
	case time.June:
		return day == 19 // Juneteenth
	case time.July:
		return day == 4 // Independence Day
	case time.November:
		return day == 11 // Veterans Day
	case time.December:
		return day == 25 // Christmas Day
	}
	return false
}

// isWeekHoliday reports whether date is one of the holidays that are a certain
// Monday, or Thursday, of a month.
func isWeekHoliday(date time.Time) bool {
	_, month, day := date.Date()
	week := (day-1)/7 + 1 // the third Monday is that of week 3
	if date.Weekday() == time.Thursday {
		return month == time.November && week == 4 // Thanksgiving Day
	}
	if date.Weekday() != time.Monday {
		return false
	}
	switch month {
	case time.January, time.February: // Martin Luther King Jr., Washington
		return week == 3
	case time.May: // Memorial Day
		return day > 31-7
	case time.September: // Labor Day
		return week == 1
	case time.October: // Columbus Day
		return week == 2
	}
	return false
}
