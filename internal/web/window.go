package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nocall/internal/campaign"
)

// weekdays are the days of a week in the order in which they are shown.
var weekdays = []time.Weekday{
	time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday,
	time.Sunday,
}

// usualWindow returns the hours of a new campaign.
func usualWindow() *campaign.Window {
	return &campaign.Window{
		Timezone: campaign.ContactZone, FallbackTimezone: "America/Los_Angeles",
		Weekly: []campaign.Hours{usualHours()}, Holidays: campaign.USFederal,
	}
}

func usualHours() campaign.Hours {
	return campaign.Hours{Days: weekdays[:5], From: "09:00", To: "19:00"}
}

// windowForm is the section Contact window, as it was filled in.
type windowForm struct {
	Any      bool // at any time
	Timezone string
	Fallback string
	Weekly   []hoursRow
	Holidays bool
	Blackout []string
	Own      string // a day that is being added
}

// hoursRow is open hours on some days of the week.
type hoursRow struct {
	Index    int
	Days     []dayBox
	From, To string
}

type dayBox struct {
	Value int
	Name  string
	On    bool
}

func newHoursRow(i int, h campaign.Hours) hoursRow {
	row := hoursRow{Index: i, From: h.From, To: h.To}
	if row.To == "24:00" {
		row.To = "00:00" // a field for a time of the day knows no other
	}
	for _, d := range weekdays {
		row.Days = append(row.Days, dayBox{int(d), d.String()[:3], slices.Contains(h.Days, d)})
	}
	return row
}

// Field returns the name of a field of the row, as in JSON.
func (r hoursRow) Field(name string) string {
	return fmt.Sprintf("window.weekly[%d].%s", r.Index, name)
}

func (f *windowForm) fill(c campaign.Campaign) {
	w := c.Window
	if w == nil {
		f.Any = true
		w = usualWindow()
	}
	f.Timezone, f.Fallback = w.Timezone, w.FallbackTimezone
	f.Holidays, f.Blackout = w.Holidays == campaign.USFederal, w.Blackout
	for i, h := range w.Weekly {
		f.Weekly = append(f.Weekly, newHoursRow(i, h))
	}
}

func (f *windowForm) read(v *visit) {
	f.Any = v.PostFormValue("any") != ""
	f.Timezone, f.Fallback = v.PostFormValue("timezone"), v.PostFormValue("fallback")
	f.Holidays = v.PostFormValue("holidays") != ""
	f.Blackout = v.PostForm["blackout"]
	f.Own = strings.TrimSpace(v.PostFormValue("own"))
	do := v.PostFormValue("do")
	for i := range v.PostForm["from"] {
		if do == fmt.Sprint("remove-hours-", i) {
			continue
		}
		f.Weekly = append(f.Weekly, newHoursRow(len(f.Weekly), readHours(v, i)))
	}
	if do == "add-hours" {
		f.Weekly = append(f.Weekly, newHoursRow(len(f.Weekly), nextHours(f.Weekly)))
	}
	if day, ok := strings.CutPrefix(do, "remove-day-"); ok {
		f.Blackout = slices.DeleteFunc(f.Blackout, func(d string) bool { return d == day })
	}
	if f.Own != "" {
		f.Blackout = append(f.Blackout, f.Own)
	}
}

func readHours(v *visit, i int) campaign.Hours {
	h := campaign.Hours{From: v.PostForm["from"][i]}
	if i < len(v.PostForm["to"]) {
		h.To = v.PostForm["to"][i]
	}
	for _, text := range v.PostForm[fmt.Sprint("days-", i)] {
		if d, err := strconv.Atoi(text); err == nil && d >= 0 && d < 7 {
			h.Days = append(h.Days, time.Weekday(d))
		}
	}
	return h
}

// nextHours returns the hours of a new row: of those days that have none yet.
func nextHours(rows []hoursRow) campaign.Hours {
	h := campaign.Hours{From: "10:00", To: "16:00"}
	for i, d := range weekdays {
		taken := slices.ContainsFunc(rows, func(r hoursRow) bool { return r.Days[i].On })
		if !taken {
			h.Days = append(h.Days, d)
		}
	}
	if len(h.Days) == 0 {
		h.Days = slices.Clone(weekdays)
	}
	if len(rows) == 0 {
		return usualHours()
	}
	return h
}

// hours returns what a row says.
func (r hoursRow) hours() campaign.Hours {
	h := campaign.Hours{From: r.From, To: r.To}
	for _, d := range r.Days {
		if d.On {
			h.Days = append(h.Days, time.Weekday(d.Value))
		}
	}
	return h
}

func (f *windowForm) apply(c *campaign.Campaign, wrong problems) {
	if f.Any {
		c.Window = nil
		return
	}
	w := &campaign.Window{Timezone: f.Timezone, FallbackTimezone: f.Fallback}
	for _, r := range f.Weekly {
		w.Weekly = append(w.Weekly, r.hours())
		if len(r.hours().Days) == 0 {
			wrong.add(r.Field("days"), "Choose a day, or remove the row.")
		}
	}
	if f.Holidays {
		w.Holidays = campaign.USFederal
	}
	if _, err := time.Parse(time.DateOnly, f.Own); f.Own != "" && err != nil {
		wrong.add("own", "Want a day, such as 2026-12-24.")
		return
	}
	w.Blackout = slices.Clone(f.Blackout)
	slices.Sort(w.Blackout)
	w.Blackout = slices.Compact(w.Blackout)
	c.Window = w
}

// Zones returns the time zones to choose from, with those chosen among them.
func (f *windowForm) Zones() []zone {
	all := slices.Clone(zones)
	for _, name := range []string{f.Timezone, f.Fallback} {
		known := slices.ContainsFunc(all, func(z zone) bool { return z.Name == name })
		if name != "" && name != campaign.ContactZone && !known {
			all = append(all, zone{name, name})
		}
	}
	return all
}

// zoneTitle returns what a time zone is called.
func zoneTitle(name string) string {
	if name == campaign.ContactZone {
		return "Contact’s Local Timezone"
	}
	for _, z := range zones {
		if z.Name == name {
			return z.Title
		}
	}
	return name
}

// zone is a time zone to choose: its IANA name, and what it is called.
type zone struct{ Name, Title string }

var zones = []zone{
	{"America/New_York", "Eastern Time (New York)"},
	{"America/Chicago", "Central Time (Chicago)"},
	{"America/Denver", "Mountain Time (Denver)"},
	{"America/Phoenix", "Arizona (Phoenix)"},
	{"America/Los_Angeles", "Pacific Time (Los Angeles)"},
	{"America/Anchorage", "Alaska (Anchorage)"},
	{"Pacific/Honolulu", "Hawaii (Honolulu)"},
	{"America/Puerto_Rico", "Puerto Rico"},
	{"America/Halifax", "Atlantic Time (Halifax)"},
	{"America/Toronto", "Toronto"},
	{"America/Vancouver", "Vancouver"},
	{"America/Mexico_City", "Mexico City"},
	{"America/Bogota", "Bogotá"},
	{"America/Sao_Paulo", "São Paulo"},
	{"America/Argentina/Buenos_Aires", "Buenos Aires"},
	{"Europe/London", "London"},
	{"Europe/Dublin", "Dublin"},
	{"Europe/Lisbon", "Lisbon"},
	{"Europe/Madrid", "Madrid"},
	{"Europe/Paris", "Paris"},
	{"Europe/Berlin", "Berlin"},
	{"Europe/Zurich", "Zürich"},
	{"Europe/Rome", "Rome"},
	{"Europe/Warsaw", "Warsaw"},
	{"Europe/Athens", "Athens"},
	{"Europe/Istanbul", "Istanbul"},
	{"Africa/Johannesburg", "Johannesburg"},
	{"Africa/Lagos", "Lagos"},
	{"Asia/Dubai", "Dubai"},
	{"Asia/Kolkata", "India (Kolkata)"},
	{"Asia/Singapore", "Singapore"},
	{"Asia/Manila", "Manila"},
	{"Asia/Tokyo", "Tokyo"},
	{"Australia/Sydney", "Sydney"},
	{"Australia/Perth", "Perth"},
	{"Pacific/Auckland", "Auckland"},
	{"UTC", "UTC"},
}
