package voice_test

import (
	"testing"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

func TestQuoted(t *testing.T) {
	turns := []voice.Turn{
		{Speaker: optout.Agent, Text: "Shall we stop ringing you?"},
		{Speaker: optout.Contact, Text: "I'd rather you DIDN'T bother, ¿no?  ça suffit 3"},
	}
	for _, c := range []struct {
		quote string
		want  bool
	}{
		{"I'd rather you didn't bother", true},
		{"rather  you DIDN’T", true},
		{"ça suffit", true},
		{"I'd rather you did", false}, // the end of a word is cut off
		{"stop ringing you", false},   // the agent's
		{"I would rather you didn't bother", false},
		{"no", false},
		{"...", false},
		{"", false},
	} {
		if got := (voice.Opinion{OptOut: true, Quote: c.quote}).Quoted(turns); got != c.want {
			t.Errorf("Quoted(%q) = %v; want %v", c.quote, got, c.want)
		}
	}
}
