package store

import (
	"encoding/json"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/voice"
)

// These types are words as they stand in columns of JSON. They have names of
// their own there, which must stay.
type (
	contactWindow struct {
		Timezone         string   `json:"timezone,omitzero"`
		FallbackTimezone string   `json:"fallback_timezone,omitzero"`
		Weekly           []hours  `json:"weekly,omitempty"`
		Blackout         []string `json:"blackout,omitempty"`
		Holidays         string   `json:"holidays,omitzero"`
	}
	hours struct {
		Days []time.Weekday `json:"days,omitempty"` // 0 is Sunday
		From string         `json:"from,omitzero"`
		To   string         `json:"to,omitzero"`
	}
	flowStep struct {
		Delay lapse  `json:"delay,omitzero"`
		Agent string `json:"agent,omitzero"`
	}
	retryRules struct {
		MaxAttempts int                    `json:"max_attempts,omitzero"`
		Delays      []lapse                `json:"delays,omitempty"`
		On          []campaign.Disposition `json:"on,omitempty"`
	}
	exitRules struct {
		AnyAnswer   bool `json:"any_answer,omitzero"`
		MaxAttempts int  `json:"max_attempts,omitzero"`
	}
	paceLimits struct {
		Calls       int     `json:"calls,omitzero"`
		PerSecond   float64 `json:"per_second,omitzero"`
		PerCallerID float64 `json:"per_caller_id,omitzero"`
	}
	numberPace struct {
		Calls     int `json:"calls,omitzero"`
		PerSecond int `json:"per_second,omitzero"`
		PerMinute int `json:"per_minute,omitzero"`
		PerDay    int `json:"per_day,omitzero"`
	}
	press struct {
		Keys string `json:"keys"`
		At   int64  `json:"at"` // in microseconds
	}
	findingSlot struct {
		Name string `json:"name"`
		Text string `json:"text"`
	}
	findingSpan struct {
		Turn  int    `json:"turn"`
		Start int    `json:"start"`
		End   int    `json:"end"`
		Quote string `json:"quote"`
	}
)

// lapse is a time.Duration in words: 1h30m0s.
type lapse time.Duration

// MarshalText implements [encoding.TextMarshaler].
func (l lapse) MarshalText() ([]byte, error) { return []byte(time.Duration(l).String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (l *lapse) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*l = lapse(d)
	return err
}

func windowOf(w *campaign.Window) *contactWindow {
	if w == nil {
		return nil
	}
	kept := &contactWindow{
		Timezone: w.Timezone, FallbackTimezone: w.FallbackTimezone,
		Blackout: w.Blackout, Holidays: w.Holidays,
	}
	for _, h := range w.Weekly {
		kept.Weekly = append(kept.Weekly, hours(h))
	}
	return kept
}

func (w *contactWindow) words() *campaign.Window {
	if w == nil {
		return nil
	}
	words := &campaign.Window{
		Timezone: w.Timezone, FallbackTimezone: w.FallbackTimezone,
		Blackout: w.Blackout, Holidays: w.Holidays,
	}
	for _, h := range w.Weekly {
		words.Weekly = append(words.Weekly, campaign.Hours(h))
	}
	return words
}

func flowOf(steps []campaign.Step) (kept []flowStep) {
	for _, s := range steps {
		kept = append(kept, flowStep{Delay: lapse(s.Delay), Agent: s.Agent})
	}
	return kept
}

func flowWords(kept []flowStep) (steps []campaign.Step) {
	for _, s := range kept {
		steps = append(steps, campaign.Step{Delay: time.Duration(s.Delay), Agent: s.Agent})
	}
	return steps
}

func retryOf(r campaign.Retry) retryRules {
	kept := retryRules{MaxAttempts: r.MaxAttempts, On: r.On}
	for _, d := range r.Delays {
		kept.Delays = append(kept.Delays, lapse(d))
	}
	return kept
}

func (r retryRules) words() campaign.Retry {
	words := campaign.Retry{MaxAttempts: r.MaxAttempts, On: r.On}
	for _, d := range r.Delays {
		words.Delays = append(words.Delays, time.Duration(d))
	}
	return words
}

// pressesOf returns keys as they are stored with their call; "" for none.
func pressesOf(presses []voice.Press) string {
	if len(presses) == 0 {
		return ""
	}
	kept := make([]press, len(presses))
	for i, p := range presses {
		kept[i] = press{p.Keys, micros(p.At)}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		panic(err) // texts and numbers always can be
	}
	return string(text)
}

// pressesIn reads what [pressesOf] wrote.
func pressesIn(text string) ([]voice.Press, error) {
	if text == "" {
		return nil, nil
	}
	var kept []press
	err := json.Unmarshal([]byte(text), &kept)
	presses := make([]voice.Press, len(kept))
	for i, p := range kept {
		presses[i] = voice.Press{Keys: p.Keys, At: timeOf(p.At)}
	}
	return presses, err
}

// jsonTexts returns values as they are stored in columns of JSON.
func jsonTexts(values ...any) ([]string, error) {
	texts := make([]string, len(values))
	for i, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		texts[i] = string(text)
	}
	return texts, nil
}

// fromJSON reads what stands in a column of JSON.
func fromJSON(text string, into any) error { return json.Unmarshal([]byte(text), into) }
