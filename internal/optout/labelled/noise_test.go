package labelled_test

import (
	"reflect"
	"strings"
	"testing"

	"nocall/internal/optout/labelled"
)

// TestNoise holds that the share of words is misheard, the same each time, and
// only the contact's.
func TestNoise(t *testing.T) {
	const said = "would you be so good and not call this number again thank you "
	c := labelled.Conversation{ID: []byte(`"a"`), Turns: []labelled.Turn{
		{Speaker: "agent", Text: strings.Repeat(said, 50)},
		{Speaker: "contact", Text: strings.Repeat(said, 50)},
		{Speaker: "contact", Text: "No."},
	}}
	heard := labelled.Noise{Share: 0.1, Seed: 1}.Of(c)
	if again := (labelled.Noise{Share: 0.1, Seed: 1}).Of(c); !reflect.DeepEqual(again, heard) {
		t.Error("the same noise is another one the second time")
	}
	if heard.Turns[0] != c.Turns[0] || heard.Turns[2] != c.Turns[2] {
		t.Errorf("noise changed %q", heard.Turns)
	}
	was := map[string]int{}
	for _, w := range strings.Fields(c.Turns[1].Text) {
		was[w]++
	}
	kept := 0
	for _, w := range strings.Fields(heard.Turns[1].Text) {
		if was[w]--; was[w] >= 0 {
			kept++
		}
	}
	if lost := 650 - kept; lost < 40 || lost > 110 {
		t.Errorf("%d of 650 words are misheard; want about 65", lost)
	}
	for _, other := range []labelled.Noise{{Share: 0.1, Seed: 2}, {Share: 0.5, Seed: 1}} {
		if reflect.DeepEqual(other.Of(c), heard) {
			t.Errorf("%+v makes the same", other)
		}
	}
	if got := (labelled.Noise{Seed: 1}).Of(c); !reflect.DeepEqual(got.Turns[2], c.Turns[2]) ||
		strings.Join(strings.Fields(c.Turns[1].Text), " ") != got.Turns[1].Text {
		t.Error("no noise changes words")
	}
}
