package voice_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

var start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// TestStatus shows that a call goes forward only, and ends once.
func TestStatus(t *testing.T) {
	ring := func(c *voice.Call) error { c.Ring(start); return nil }
	answer := func(c *voice.Call) error { c.Answer(start); return nil }
	end := func(c *voice.Call) error { return c.End(campaign.Busy, start) }
	skip := func(c *voice.Call) error {
		return c.Skip(campaign.Recalled, campaign.SkipDNC, start)
	}
	type step = func(*voice.Call) error
	for _, tt := range []struct {
		name   string
		steps  []step
		status voice.Status
		how    campaign.Disposition
		why    campaign.SkipReason
		err    error // of the last step
	}{
		{"ring", []step{ring}, voice.IsRinging, "", "", nil},
		{"answer", []step{ring, answer}, voice.InProgress, "", "", nil},
		{"answer unheard", []step{answer}, voice.InProgress, "", "", nil},
		{"late ring", []step{answer, ring}, voice.InProgress, "", "", nil},
		{"end", []step{ring, end}, voice.Ended, campaign.Busy, "", nil},
		{"end twice", []step{end, end}, voice.Ended, campaign.Busy, "", voice.ErrEnded},
		{"skip", []step{ring, skip}, voice.Ended, campaign.Recalled, campaign.SkipDNC, nil},
		{"late skip", []step{end, skip}, voice.Ended, campaign.Busy, "", voice.ErrEnded},
		{"late answer", []step{end, answer}, voice.Ended, campaign.Busy, "", nil},
	} {
		c := voice.Call{Status: voice.Queued}
		var err error
		for _, step := range tt.steps {
			err = step(&c)
		}
		if c.Status != tt.status || c.Disposition != tt.how || c.SkipReason != tt.why ||
			!errors.Is(err, tt.err) {
			t.Errorf("%s: %s, %q, %q, %v; want %s, %q, %q, %v", tt.name,
				c.Status, c.Disposition, c.SkipReason, err, tt.status, tt.how, tt.why, tt.err)
		}
	}
}

func TestAnsweredOnce(t *testing.T) {
	c := voice.Call{Status: voice.IsRinging}
	c.Answer(start)
	c.Answer(start.Add(time.Minute))
	if !c.AnsweredAt.Equal(start) {
		t.Errorf("answered at %v, want the first time, %v", c.AnsweredAt, start)
	}
}

func TestNote(t *testing.T) {
	finding := func(turn int, channel voice.Channel, at time.Time) voice.Finding {
		return voice.Finding{
			Finding: optout.Finding{Verdict: optout.OptOut, Turn: turn, Quote: "stop"},
			Channel: channel, At: at,
		}
	}
	var c voice.Call
	if _, ok := c.OptedOut(); ok {
		t.Error("a call without findings has an opt-out")
	}
	c.Note(finding(1, voice.Speech, start))
	c.Note(finding(1, voice.Speech, start.Add(time.Second))) // sent again
	c.Note(finding(1, voice.Key, start))
	c.Note(finding(3, voice.Speech, start)) // asked again
	if len(c.Findings) != 2 {
		t.Errorf("%d findings, want 2", len(c.Findings))
	}
	if f, ok := c.OptedOut(); !ok || f.Channel != voice.Speech || !f.At.Equal(start) {
		t.Errorf("OptedOut = %+v, %v; want the first finding", f, ok)
	}
}

func TestDisposition(t *testing.T) {
	for _, tt := range []struct {
		outcome voice.Outcome
		want    campaign.Disposition
	}{
		{voice.Answered, campaign.Answered},
		{voice.Busy, campaign.Busy},
		{voice.NoAnswer, campaign.NoAnswer},
		{voice.Refused, campaign.Refused},
		{voice.Unwanted, campaign.Refused},
		{voice.Failed, campaign.Failed},
		{"", campaign.Failed}, // a provider that does not know
	} {
		if got := tt.outcome.Disposition(); got != tt.want {
			t.Errorf("Disposition of %q = %s, want %s", tt.outcome, got, tt.want)
		}
	}
}

func TestValidateTurn(t *testing.T) {
	for _, tt := range []struct {
		speaker optout.Speaker
		text    string
		want    error
	}{
		{optout.Contact, "hello", nil},
		{optout.Agent, "héllo", nil},
		{optout.Agent, strings.Repeat("a", voice.MaxText), nil},
		{"", "hello", voice.ErrSpeaker},
		{"customer", "hello", voice.ErrSpeaker},
		{optout.Contact, "", voice.ErrText},
		{optout.Contact, "\xff", voice.ErrText},
		{optout.Contact, strings.Repeat("a", voice.MaxText+1), voice.ErrTextTooLong},
	} {
		err := voice.Turn{Speaker: tt.speaker, Text: tt.text}.Validate()
		if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
			t.Errorf("Validate(%q, %.9q) = %v, want %v", tt.speaker, tt.text, err, tt.want)
		}
	}
}

func TestValidateKeys(t *testing.T) {
	for _, tt := range []struct {
		keys string
		ok   bool
	}{
		{"9", true},
		{"0123456789ABCD*#", true},
		{strings.Repeat("1", voice.MaxKeys), true},
		{"", false},
		{strings.Repeat("1", voice.MaxKeys+1), false},
		{"E", false},
		{"a", false},
		{"9 ", false},
		{"９", false}, // full-width
	} {
		if err := voice.ValidateKeys(tt.keys); (err == nil) != tt.ok {
			t.Errorf("ValidateKeys(%q) = %v, want ok %v", tt.keys, err, tt.ok)
		}
	}
}
