package simulator

import (
	"testing"

	"nocall/internal/optout"
)

// TestLines holds what the make-believe contacts say against the detector: the
// demonstration shows opt-outs where there are some, and only there.
func TestLines(t *testing.T) {
	d := optout.New()
	for i, lines := range politeCalls {
		f, _ := d.Find(turns(lines), optout.Options{Language: "en"})
		if optout.Cautious.Suppresses(f) {
			t.Errorf("polite call %d: found %q", i, f.Quote)
		}
	}
	for i, lines := range optOutCalls {
		f, ok := d.Find(turns(lines), optout.Options{Language: "en"})
		if !ok || f.Turn != len(lines)-1 {
			t.Errorf("opt-out call %d: found %+v, %v; want one in the last line", i, f, ok)
		}
	}
	leave := append(turns(politeCalls[0]), turns([]Line{goodbye})...)
	if f, ok := d.Find(leave, optout.Options{Language: "en"}); ok {
		t.Errorf("the agent's goodbye: found %q", f.Quote)
	}
}

func turns(lines []Line) []optout.Turn {
	said := make([]optout.Turn, len(lines))
	for i, l := range lines {
		said[i] = optout.Turn{Speaker: l.Speaker, Text: l.Text}
	}
	return said
}
