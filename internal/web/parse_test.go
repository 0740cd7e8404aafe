package web

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

func TestParseDelays(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []time.Duration // nil where it cannot be read
	}{
		{"30m, 4h,1d", []time.Duration{30 * time.Minute, 4 * time.Hour, day}},
		{"1.5 H", []time.Duration{90 * time.Minute}},
		{"0m", []time.Duration{0}},
		{"30", nil},
		{"m", nil},
		{"-1h", nil},
		{"NaNh", nil},
		{"Infd", nil},
		{"1e9d", nil},
		{"1h 2h", nil}, // no comma
	} {
		got, err := parseDelays(tt.text)
		if (err == nil) != (tt.want != nil) || !slices.Equal(got, tt.want) {
			t.Errorf("parseDelays(%q) = %v, %v; want %v", tt.text, got, err, tt.want)
		}
	}
}

// FuzzParseDelays reads back what it has written.
func FuzzParseDelays(f *testing.F) {
	for _, text := range []string{"30m, 4h", "1.5h", "2d,", "", "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := parseDelays(text)
		if err != nil {
			return
		}
		again, err := parseDelays(delayList(read))
		if err != nil || !slices.Equal(read, again) {
			t.Errorf("parseDelays(%q) = %v, written %q, read again %v, %v",
				text, read, delayList(read), again, err)
		}
	})
}

func FuzzParseVariables(f *testing.F) {
	for _, text := range []string{"first_name=Ann", "a=b=c\n\n d = e ", "=", "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseVariables(text)
		for name, value := range all {
			if err != nil || name == "" || strings.TrimSpace(value) != value {
				t.Errorf("parseVariables(%q) = %q, %v", text, all, err)
			}
		}
	})
}

func TestTimeline(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	answered := voice.Call{
		Direction: voice.Outbound, Status: voice.Ended, Disposition: campaign.Answered,
		Revision: 12, StartedAt: at, RangAt: at.Add(2 * time.Second),
		AnsweredAt: at.Add(5 * time.Second),
		Presses:    []voice.Press{{Keys: "1", At: at.Add(7 * time.Second)}},
		EndedAt:    at.Add(70 * time.Second), By: "ada@example.com",
		Turns: []voice.Turn{
			{Speaker: optout.Agent, At: at.Add(6 * time.Second)},
			{Speaker: optout.Contact, At: at.Add(9 * time.Second), Index: 1},
		},
		Findings: []voice.Finding{{Channel: voice.Key, At: at.Add(8 * time.Second)}},
	}
	skipped := voice.Call{
		Direction: voice.Outbound, Status: voice.Ended, Disposition: campaign.Skipped,
		SkipReason: campaign.SkipDNC, StartedAt: at, EndedAt: at,
	}
	for _, tt := range []struct {
		call voice.Call
		want string
	}{
		{answered, "queued cleared ringing answered turns keys keys turns ended"},
		{skipped, "queued skipped"},
		{voice.Call{
			Direction: voice.Inbound, Status: voice.IsRinging, StartedAt: at,
		}, "queued ringing"},
	} {
		var kinds []string
		for _, m := range timeline(tt.call) {
			kinds = append(kinds, m.Kind)
		}
		if got := strings.Join(kinds, " "); got != tt.want {
			t.Errorf("timeline of a call %s: %s, want %s", tt.call.Disposition, got, tt.want)
		}
	}
	busy := voice.Call{
		Direction: voice.Outbound, Status: voice.Ended, Disposition: campaign.Busy, StartedAt: at,
		EndedAt: at, SIPCode: 486, SIPPhrase: "Busy Here",
	}
	if got := timeline(busy)[1].Text; got != "486 Busy Here" {
		t.Errorf("end of a busy call: %q", got)
	}
	last := timeline(answered)[8]
	if last.After() != "+1:10" || last.Text != "1:05 after the answer" {
		t.Errorf("end: %q %q", last.After(), last.Text)
	}
}

// TestCallExport exports the history, with and without its filters.
func TestCallExport(t *testing.T) {
	h := newHouse(t)
	call := h.inbound("sandbox", "+12125550150")
	h.say(call, optout.Contact, "Please stop calling me.")
	h.inbound("sandbox", "+12125550151")
	b := h.as("vic@example.com")
	for _, tt := range []struct {
		query, contains string
		lines           int
	}{
		{"", "inbound,+12125550150,", 3},
		{"safe=true", "inbound,'+12125550150,", 3},
		{"opt_out=yes", "yes,speech,", 2},
		{"direction=outbound", "Phone Number", 1},
		{"number=letters", "Phone Number", 1},
		{"from=2020-01-01&to=2020-01-02", "Phone Number", 1},
		{"from=2020-01-01", "+12125550151", 3},
	} {
		r := b.get("/e/sandbox/call-history.csv?" + tt.query)
		if lines := strings.Count(r.body, "\n"); r.status != 200 || lines != tt.lines ||
			!strings.Contains(r.body, tt.contains) {
			t.Errorf("export %s: %d, %d lines, want %d with %q in\n%s", tt.query, r.status, lines,
				tt.lines, tt.contains, r.body)
		}
		name := r.header.Get("Content-Disposition")
		if !strings.Contains(name, "call-history-sandbox") {
			t.Errorf("export %s: disposition %q", tt.query, name)
		}
	}
	f := callFilter{Number: "0150", From: "2026-01-01", OptOut: "no"}
	if got := f.values(); !f.Filtered() || !f.More() || got.Get("from") != "2026-01-01" ||
		len(got) != 3 {
		t.Errorf("values: %v, want %v", got, url.Values{})
	}
}

// TestDeaf tells where nobody listens, and where somebody does.
func TestDeaf(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		provider string
		ears     bool
		want     bool
	}{
		{"carrier-east", false, true},
		{"carrier-east", true, false},
		{"simulator", false, false},
		{"external", false, false},
		{"", false, false}, // not chosen yet
	} {
		h.page.Ears = tt.ears
		if got := h.page.deaf(tt.provider); got != tt.want {
			t.Errorf("deaf(%q) with ears %t = %t", tt.provider, tt.ears, got)
		}
	}
}
