package campaign

import (
	"slices"
	"strings"
	"time"

	"nocall/internal/e164"
)

// Normalize trims what was typed and fills in what was left out: a draft, one
// step, one attempt, the dispositions that are usually retried and the wait
// before that, the contact's own clock. What is wrong it leaves as it is, for
// [Campaign.Problems] to name.
func (c *Campaign) Normalize() {
	for _, text := range []*string{
		&c.Name, &c.Description, &c.Provider, &c.Agent, &c.CallerTag, &c.OptOutKey,
		&c.Consent,
	} {
		*text = strings.TrimSpace(*text)
	}
	if c.State == "" {
		c.State = Draft
	}
	c.CallerIDs = distinct(c.CallerIDs)
	if len(c.Flow) == 0 {
		c.Flow = []Step{{}}
	}
	for i := range c.Flow {
		c.Flow[i].Agent = strings.TrimSpace(c.Flow[i].Agent)
	}
	c.Retry.normalize()
	if c.Window != nil {
		c.Window.normalize()
	}
}

func (r *Retry) normalize() {
	if r.MaxAttempts == 0 {
		r.MaxAttempts = 1
	}
	if len(r.On) == 0 {
		r.On = slices.Clone(usualRetries)
	}
	if len(r.Delays) == 0 && r.MaxAttempts > 1 {
		r.Delays = []time.Duration{usualDelay}
	}
}

func (w *Window) normalize() {
	w.Timezone = strings.TrimSpace(w.Timezone)
	if w.Timezone == "" || strings.EqualFold(w.Timezone, ContactZone) {
		w.Timezone = ContactZone
	}
	w.FallbackTimezone = strings.TrimSpace(w.FallbackTimezone)
	for i := range w.Weekly {
		w.Weekly[i].normalize()
	}
	for i, day := range w.Blackout {
		w.Blackout[i] = strings.TrimSpace(day)
	}
}

// normalize sorts the days from Monday on, and writes 9:00 as 09:00.
func (h *Hours) normalize() {
	slices.SortFunc(h.Days, func(a, b time.Weekday) int { return int(a+6)%7 - int(b+6)%7 })
	h.Days = slices.Compact(h.Days)
	for _, text := range []*string{&h.From, &h.To} {
		*text = strings.TrimSpace(*text)
		if len(*text) == 4 && (*text)[1] == ':' {
			*text = "0" + *text
		}
	}
}

// distinct returns the numbers without those that stand there already.
func distinct(numbers []e164.Number) []e164.Number {
	var kept []e164.Number
	for _, n := range numbers {
		if !slices.Contains(kept, n) {
			kept = append(kept, n)
		}
	}
	return kept
}
