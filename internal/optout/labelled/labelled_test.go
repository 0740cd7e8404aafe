package labelled_test

import (
	"math"
	"strings"
	"testing"

	"nocall/internal/optout"
	"nocall/internal/optout/labelled"
)

func TestRead(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{"turns":[{"speaker":"contact","text":"stop"}],"label":"opt_out"}`, ""},
		{`{"text":"stop"}`, ""},
		{`{"text":"stop","label":"maybe"}`, `label "maybe"`},
		{`{"turns":[{"speaker":"robot","text":"stop"}]}`, `speaker "robot"`},
		{`{}`, "no turns"},
		{`{"turns":[]} 1`, "something after"},
		{`[]`, "want a JSON object"},
	} {
		said, err := labelled.Read([]byte(c.line))
		if c.want == "" {
			if err != nil || len(said.Said()) != 1 || said.Said()[0].Text != "stop" {
				t.Errorf("Read(%s) = %+v, %v; want one turn", c.line, said, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Read(%s) = %v; want %q", c.line, err, c.want)
		}
	}
}

func TestTally(t *testing.T) {
	var tally labelled.Tally
	for _, c := range []struct {
		line    string
		verdict optout.Verdict
		right   bool
	}{
		{`{"language":"en","category":"b","label":"opt_out","text":"x"}`, optout.OptOut, true},
		{`{"language":"en","category":"b","label":"opt_out","text":"x"}`, optout.Review, false},
		{`{"language":"de","category":"a","label":"scoped","text":"x"}`, optout.OptOut, false},
		{`{"language":"de","category":"a","label":"none","text":"x"}`, optout.Scoped, true},
		{`{"language":"de","category":"0","label":"ambiguous","text":"x"}`, optout.OptOut, true},
	} {
		said, err := labelled.Read([]byte(c.line))
		if err != nil {
			t.Fatal(err)
		}
		if right := tally.Add(said, c.verdict); right != c.right {
			t.Errorf("Add(%s, %s) = %v; want %v", c.line, c.verdict, right, c.right)
		}
	}
	want := labelled.Count{
		OptOuts: 2, Heard: 1, Others: 2, Fired: 1, Reviewed: 2, Unclear: 1, UnclearFired: 1,
		OtherTurns: 2,
	}
	if tally.All != want {
		t.Errorf("All = %+v; want %+v", tally.All, want)
	}
	if p, r, f := want.Precision(), want.Recall(), want.F1(); p != 0.5 || r != 0.5 || f != 0.5 {
		t.Errorf("precision %v, recall %v, F1 %v; want 0.5 each", p, r, f)
	}
	if per := want.Per10000(); per != 5000 {
		t.Errorf("Per10000 = %v; want 5000", per)
	}
	var names []string
	for _, p := range tally.Categories() {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "b a 0" {
		t.Errorf("Categories are %s; want b a 0", got)
	}
	if !math.IsNaN(new(labelled.Count).Recall()) {
		t.Error("the recall of nothing is a number")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"id":1,"text":"stop","label":"none"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if c, err := labelled.Read(line); err == nil && c.Label == "" {
			t.Errorf("Read(%q) has no label", line)
		}
	})
}
