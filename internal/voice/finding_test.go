package voice_test

import (
	"testing"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

// TestFindingMeans shows what a finding comes to, as far as its review has come.
func TestFindingMeans(t *testing.T) {
	for _, tt := range []struct {
		verdict            optout.Verdict
		listed             bool
		review             voice.ReviewState
		optOut, suppresses bool
	}{
		{optout.OptOut, true, "", true, true},
		{optout.OptOut, false, voice.ReviewOpen, true, true}, // a withheld number
		{optout.OptOut, true, voice.Released, false, false},
		{optout.Review, true, voice.ReviewOpen, false, true},
		{optout.Review, false, voice.ReviewOpen, false, false},
		{optout.Review, true, voice.Confirmed, true, true},
		{optout.Review, true, voice.Released, false, false},
		{optout.Scoped, false, "", false, false},
		{optout.Scoped, true, voice.ReviewOpen, false, true},
	} {
		f := voice.Finding{
			Finding: optout.Finding{Verdict: tt.verdict}, Listed: tt.listed, Review: tt.review,
		}
		c := voice.Call{Findings: []voice.Finding{{}, f}}
		_, optedOut := c.OptedOut()
		heard := voice.Heard{Finding: &f}
		if f.OptOut() != tt.optOut || optedOut != tt.optOut || f.Suppresses() != tt.suppresses ||
			c.Suppressed() != tt.suppresses || heard.Suppresses() != tt.suppresses {
			t.Errorf("%s, listed %v, %q: opt-out %v, suppresses %v; want %v, %v", tt.verdict,
				tt.listed, tt.review, f.OptOut(), f.Suppresses(), tt.optOut, tt.suppresses)
		}
	}
	if (voice.Heard{}).Suppresses() {
		t.Error("nothing was heard, and suppresses")
	}
}

// TestSame shows which findings are of one request.
func TestSame(t *testing.T) {
	first := voice.Finding{Channel: voice.Speech, Finding: optout.Finding{
		Verdict: optout.OptOut, Turn: 3, Phrase: "stop_calling", Quote: "stop calling",
		Start: 7, End: 19,
	}}
	for _, tt := range []struct {
		name   string
		change func(*voice.Finding)
		want   bool
	}{
		{"itself", func(*voice.Finding) {}, true},
		{"in another turn", func(f *voice.Finding) { f.Turn = 9 }, true},
		{"in other letters", func(f *voice.Finding) { f.Turn, f.Quote = 9, "Stop calling" }, true},
		{
			"in more words",
			func(f *voice.Finding) { f.Start, f.Quote = 0, "please stop calling" },
			true,
		},
		{
			"other words of the turn",
			func(f *voice.Finding) { f.Start, f.End, f.Quote = 25, 30, "lists" },
			false,
		},
		{"other words", func(f *voice.Finding) { f.Turn, f.Quote = 9, "stop phoning" }, false},
		{"another verdict", func(f *voice.Finding) { f.Verdict = optout.Review }, false},
		{"another doubt", func(f *voice.Finding) { f.Doubt = optout.Withdrawn }, false},
		{"another channel", func(f *voice.Finding) { f.Channel = voice.Key }, false},
	} {
		other := first
		tt.change(&other)
		if first.Same(&other) != tt.want || other.Same(&first) != tt.want {
			t.Errorf("%s: same is not %v", tt.name, tt.want)
		}
	}
}
