package simulator_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"nocall/internal/voice"
	"nocall/internal/voice/simulator"
)

const script = `{
	"+14155550104": {"outcome": "busy"},
	"+14155550185": {"outcome": "answered", "lines": [
		{"speaker": "agent", "text": "Good day."},
		{"speaker": "contact", "text": "Never call me again."},
		{"speaker": "contact", "text": "Really."}
	]},
	"+14155550186": {"outcome": "answered", "lines": [{"keys": "12#"}]},
	"+14155550187": {"outcome": "no_answer"}
}`

func TestScript(t *testing.T) {
	s, err := simulator.ReadScript(strings.NewReader(script))
	if err != nil {
		t.Fatal(err)
	}
	p := &simulator.Provider{Script: s}
	for _, tt := range []struct {
		number string
		want   voice.Outcome
		events int
	}{
		{"+14155550104", voice.Busy, 0},
		{"+14155550185", voice.Answered, 5}, // ringing, answered, two lines and the leave
		{"+14155550186", voice.Answered, 4}, // ringing, answered, keys, leave
		{"+14155550187", voice.NoAnswer, 1},
		{"+14155550195", voice.Unwanted, 1}, // not in the script
	} {
		synctest.Test(t, func(t *testing.T) {
			ph := newPhone(t)
			got, _, err := place(t, p, number(t, tt.number), ph)
			if got != tt.want || err != nil || len(ph.heard) != tt.events {
				t.Errorf("%s: %s, %v, %d events; want %s and %d", tt.number,
					got, err, len(ph.heard), tt.want, tt.events)
			}
		})
	}
}

func TestReadScriptRefuses(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{``, "EOF"},
		{`[]`, "cannot unmarshal"},
		{`{} {}`, "nothing after it"},
		{`{"": {"outcome": "busy"}}`, "a number is empty"},
		{`{"4155550104": {"outcome": "busy"}}`, "number"},
		{`{"+14155550104": {"outcome": "asleep"}}`, `no such outcome "asleep"`},
		{`{"+14155550104": {"outcome": "busy", "mood": 1}}`, "unknown field"},
		{`{"+14155550104": {"outcome": "busy", "lines": [{"keys": "9"}]}}`, "busy has no lines"},
		{`{"+14155550104": {"outcome": "answered", "lines": [{}]}}`, "line 1: voice: speaker"},
		{
			`{"+14155550104": {"outcome": "answered", "language": "` + strings.Repeat("e", 36) + `"}}`,
			"want a tag such as es",
		},
		{
			`{"+14155550104": {"outcome": "answered", "lines": [{"keys": "x"}]}}`,
			"line 1: voice: keys",
		},
		{
			`{"+14155550104": {"outcome": "answered", "lines": [{"keys": "9", "text": "hi"}]}}`,
			"not both",
		},
		{
			`{"+14155550104": {"outcome": "answered", "lines": [{"keys": "9", "speaker": "agent"}]}}`,
			"pressed by the contact",
		},
	} {
		_, err := simulator.ReadScript(strings.NewReader(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ReadScript(%s) = %v, want an error with %q", tt.text, err, tt.want)
		}
	}
}

func FuzzReadScript(f *testing.F) {
	f.Add(script)
	f.Add(`{"+14155550104": {"outcome": "busy"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := simulator.ReadScript(strings.NewReader(text))
		for n, b := range s {
			if err != nil || n.IsZero() || b.Rings <= 0 {
				t.Errorf("ReadScript(%q): %v has %+v, %v", text, n, b, err)
			}
		}
	})
}
