package voice_test

import (
	"strings"
	"testing"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

// TestWhy explains each family and each doubt in words of its
// own.
func TestWhy(t *testing.T) {
	otherwise := voice.Why(optout.Finding{Verdict: optout.Review, Family: "no such family"})
	for _, family := range optout.Families() {
		f := optout.Finding{Verdict: optout.Review, Doubt: optout.Ambiguous, Family: family}
		if voice.Why(f) == otherwise {
			t.Errorf("family %q is not explained", family)
		}
	}
	said := map[string]bool{otherwise: true}
	for _, f := range []optout.Finding{
		{Verdict: optout.OptOut},
		{Verdict: optout.None},
		{Verdict: optout.Scoped},
		{Verdict: optout.Scoped, Family: "place_scope"},
		{Verdict: optout.Review, Doubt: optout.Withdrawn},
		{Verdict: optout.Review, Doubt: optout.Echo},
		{Verdict: optout.Review, Doubt: optout.Unlikely, Family: "stop"},
		{Verdict: optout.Review, Doubt: optout.Likely},
	} {
		why := voice.Why(f)
		if said[why] || !strings.HasSuffix(why, ".") {
			t.Errorf("Why(%+v) = %q, want a sentence of its own", f, why)
		}
		said[why] = true
	}
}
