package dialer_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// registered are numbers that registries do not clear, and what they say.
type registered map[e164.Number]dnc.Verdict

func (r registered) Lookup(_ dnc.Environment, n e164.Number, _ time.Time) dnc.Answer {
	if v := r[n]; v != dnc.Clear {
		return dnc.Answer{Verdict: v, Registry: "us-national"}
	}
	return dnc.Answer{}
}

func (r registered) LookupMany(
	_ dnc.Environment, ns []e164.Number, _ time.Time, verdicts []dnc.Verdict,
) {
	for i, n := range ns {
		verdicts[i] = max(verdicts[i], r[n])
	}
}

// TestRegistryCampaign holds that a campaign skips whom no registry clears, and that
// the own list is the reason where both are.
func TestRegistryCampaign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.add(t, contact(5))
		h.List.Registries = registered{
			contact(5): dnc.Registered, contact(6): dnc.Registered, contact(7): dnc.Stale,
			contact(8): dnc.NotCovered,
		}
		c := h.campaign(t, nil, 4, 5, 6, 7, 8)
		p, err := h.Preview(t.Context(), sandbox, c.ID)
		if err != nil || p.Listed != 1 || p.Registered != 3 {
			t.Errorf("Preview = %+v, %v; want one listed and three registered", p, err)
		}
		h.keep(t)
		h.start(t, c)
		h.finished(t, c)
		h.wantDone(t, c, "answered", "skipped dnc", "skipped registry", "skipped registry",
			"skipped registry")
		if h.rings() != 1 {
			t.Errorf("%d phones rang, want 1", h.rings())
		}
	})
}

// TestRegistryPlace holds the same of single calls, and of clearances for platforms
// until the moment in which they dial.
func TestRegistryPlace(t *testing.T) {
	h := newHouse(t)
	h.List.Registries = registered{contact(4): dnc.Stale}
	for name, place := range map[string]func() (voice.Call, error){
		"Place": func() (voice.Call, error) { return h.Place(t.Context(), request(4)) },
		"PlaceExternal": func() (voice.Call, error) {
			call, token, err := h.PlaceExternal(t.Context(), request(4))
			if token != (dialer.Token{}) {
				t.Error("a token for a number that no registry clears")
			}
			return call, err
		},
	} {
		call, err := place()
		if !errors.Is(err, dnc.ErrRegistered) {
			t.Fatalf("%s = %v; want ErrRegistered", name, err)
		}
		h.want(t, call.ID, voice.Ended, campaign.Skipped, campaign.SkipRegistry)
	}
	h.List.Registries = registered{}
	call, token, err := h.PlaceExternal(t.Context(), request(4))
	if err != nil {
		t.Fatal(err)
	}
	h.List.Registries = registered{contact(4): dnc.Registered} // as by an import since
	_, err = h.Redeem(t.Context(), call.Environment, call.ID, token.Text)
	if !errors.Is(err, dnc.ErrRegistered) {
		t.Errorf("Redeem = %v; want ErrRegistered", err)
	}
	h.want(t, call.ID, voice.Ended, campaign.Skipped, campaign.SkipRegistry)
	if h.rings() != 0 {
		t.Errorf("%d phones rang, want none", h.rings())
	}
}
