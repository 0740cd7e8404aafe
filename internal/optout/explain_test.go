package optout

import (
	"reflect"
	"testing"
)

func TestExplain(t *testing.T) {
	l, err := parse("en", littleEnglish)
	if err != nil {
		t.Fatal(err)
	}
	d := &Detector{languages: []*language{l}}
	x := d.Explain(said("[Want off the list?] / he told me, do not call me; zyx"+
		" / stop calling before nine"), Options{})
	want := []ExplainedTurn{
		{Turn: Turn{Agent, "Want off the list?"}},
		{
			Turn: Turn{Contact, "he told me, do not call me; zyx"},
			Readings: []Reading{{"en", "he told me, dont call me. [zyx]", []Candidate{
				{Phrase: "dont_call", Words: "do not call me", Refused: "reported"},
				{Phrase: "offer", Words: "Want off", Asked: true},
			}}},
		},
		{
			Turn: Turn{Contact, "stop calling before nine"},
			Readings: []Reading{{"en", "stop calling before nine", []Candidate{
				{Phrase: "stop_calling", Words: "stop calling", Scope: "time"},
			}}},
			Finding: Finding{
				Verdict: Scoped, Family: "time_scope", Turn: 2, Phrase: "stop_calling",
				Quote: "stop calling before nine", End: 24, Language: "en",
				Slots: []Slot{{"time", "before nine"}},
			},
			Found: true,
		},
	}
	if !reflect.DeepEqual(x.Turns, want) {
		t.Errorf("Explain gives turns\n%+v; want\n%+v", x.Turns, want)
	}
	if !x.Found || !reflect.DeepEqual(x.Finding, want[2].Finding) {
		t.Errorf("Explain finds %+v; want %+v", x.Finding, want[2].Finding)
	}
	none := New().Explain([]Turn{{Contact, "bonjour, ça va?"}}, Options{})
	if none.Found || len(none.Turns[0].Readings) != 1 {
		t.Errorf("Explain = %+v; want one reading and no finding", none)
	}
}
