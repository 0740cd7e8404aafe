package dialer_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// TestDemo runs the demonstration twice: whoever opted out the first time is
// not called the second.
func TestDemo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		contacts, err := h.Demo(t.Context(), sandbox, "ada")
		if err != nil || contacts != 14 {
			t.Fatalf("Demo = %d, %v; want 14 contacts", contacts, err)
		}
		<-time.After(5 * time.Minute)
		first := h.counts(t)
		if first.Calls != contacts+1 || first.SkipReason[campaign.SkipDNC] != 2 ||
			first.Direction[voice.Inbound] != 1 || first.OptOuts != 5 || h.rings() != contacts-2 {
			t.Errorf("first: %+v with %d rings", first, h.rings())
		}
		if _, err := h.Demo(t.Context(), sandbox, "ada"); err != nil {
			t.Fatal(err)
		}
		<-time.After(5 * time.Minute)
		second := h.counts(t)
		skipped := second.SkipReason[campaign.SkipDNC] - first.SkipReason[campaign.SkipDNC]
		if skipped != 2+first.OptOuts || second.OptOuts != first.OptOuts {
			t.Errorf("second: %d skipped after %d opt-outs: %+v", skipped, first.OptOuts, second)
		}
		if open, err := h.store.OpenCalls(t.Context()); err != nil || len(open) > 0 {
			t.Errorf("%d calls left open, %v", len(open), err)
		}
	})
}

func TestDemoInSandboxOnly(t *testing.T) {
	h := newHouse(t)
	if _, err := h.Demo(t.Context(), "production", "ada"); !errors.Is(err, dialer.ErrNotSandbox) {
		t.Errorf("Demo in production = %v, want ErrNotSandbox", err)
	}
	h.index.SetCurrent(false)
	if _, err := h.Demo(t.Context(), sandbox, "ada"); !errors.Is(err, dnc.ErrUnready) {
		t.Errorf("Demo with a list that lags = %v, want ErrUnready", err)
	}
}

func (h *house) counts(t *testing.T) voice.Counts {
	t.Helper()
	counts, err := h.store.CallCounts(t.Context(), sandbox, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}
