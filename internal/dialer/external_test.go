package dialer_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
	"nocall/internal/voice/external"
)

// token has a call cleared for a platform and fails the test where that is
// refused.
func (h *house) token(t *testing.T, last int) (voice.Call, string) {
	t.Helper()
	call, token, err := h.PlaceExternal(t.Context(), request(last))
	if err != nil {
		t.Fatalf("PlaceExternal: %v", err)
	}
	if call.Status != voice.Queued || call.Revision == 0 || token.Text == "" {
		t.Fatalf("PlaceExternal = %+v, %+v", call, token)
	}
	return call, token.Text
}

// redeem redeems a token and wants err of it.
func (h *house) redeem(t *testing.T, id, token string, err error) {
	t.Helper()
	if _, got := h.Redeem(t.Context(), sandbox, id, token); !errors.Is(got, err) ||
		err == nil && got != nil {
		t.Errorf("Redeem = %v, want %v", got, err)
	}
}

// keep has the dialer keep house, as a node does, until the test ends.
func (h *house) keep(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var works sync.WaitGroup
	works.Go(func() {
		if err := h.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		works.Wait()
	})
}

func TestRedeem(t *testing.T) {
	h := newHouse(t)
	call, token := h.token(t, 4)
	other, _ := h.token(t, 5)
	if n := h.List.Attempts(); n != 0 {
		t.Errorf("%d attempts before a token is redeemed, want none", n)
	}
	h.redeem(t, other.ID, token, dialer.ErrToken)
	h.redeem(t, call.ID, token+"x", dialer.ErrToken)
	_, err := h.Redeem(t.Context(), "production", call.ID, token)
	if !errors.Is(err, dialer.ErrToken) {
		t.Errorf("Redeem in another environment = %v, want ErrToken", err)
	}
	h.index.SetCurrent(false)
	h.redeem(t, call.ID, token, dnc.ErrUnready)
	h.index.SetCurrent(true)
	h.want(t, call.ID, voice.Queued, "", "") // it may still be redeemed

	h.redeem(t, call.ID, token, nil)
	h.want(t, call.ID, voice.IsRinging, "", "")
	h.redeem(t, call.ID, token, dialer.ErrTokenUsed)
	h.want(t, call.ID, voice.IsRinging, "", "")
	if n := h.List.Attempts(); n != 1 {
		t.Errorf("%d attempts while it rings, want 1", n)
	}
	if _, err := h.End(t.Context(), sandbox, call.ID, campaign.Busy); err != nil {
		t.Fatal(err)
	}
	if n := h.List.Attempts(); n != 0 {
		t.Errorf("%d attempts after the end, want none", n)
	}
	h.redeem(t, call.ID, token, dialer.ErrTokenUsed)
}

func TestRedeemOnce(t *testing.T) {
	h := newHouse(t)
	call, token := h.token(t, 4)
	var redeemed atomic.Int64
	var platforms sync.WaitGroup
	for range 8 {
		platforms.Go(func() {
			_, err := h.Redeem(t.Context(), sandbox, call.ID, token)
			if err == nil {
				redeemed.Add(1)
			} else if !errors.Is(err, dialer.ErrTokenUsed) {
				t.Errorf("Redeem = %v, want ErrTokenUsed", err)
			}
		})
	}
	platforms.Wait()
	if n := redeemed.Load(); n != 1 {
		t.Errorf("redeemed %d times, want once", n)
	}
	if _, err := h.End(t.Context(), sandbox, call.ID, campaign.Answered); err != nil {
		t.Error(err)
	}
}

// TestRedeemListed lists numbers at every stage of calls of a platform.
func TestRedeemListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		queued, token := h.token(t, 4)
		ringing, token2 := h.token(t, 5)
		talking, token3 := h.token(t, 6)
		h.redeem(t, ringing.ID, token2, nil)
		h.redeem(t, talking.ID, token3, nil)
		_, err := h.Listener.Turn(t.Context(), sandbox, talking.ID, voice.Turn{
			Speaker: optout.Contact, Text: "Hello?", At: time.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, last := range []int{4, 5, 6} {
			h.add(t, contact(last))
		}
		h.redeem(t, queued.ID, token, dnc.ErrListed)
		h.redeem(t, queued.ID, token, dnc.ErrListed)
		synctest.Wait()
		h.want(t, queued.ID, voice.Ended, campaign.Skipped, campaign.SkipDNC)
		h.want(t, ringing.ID, voice.Ended, campaign.Recalled, campaign.SkipDNC)
		h.want(t, talking.ID, voice.InProgress, "", "")
		if _, err := h.End(t.Context(), sandbox, talking.ID, campaign.Answered); err != nil {
			t.Error(err)
		}
	})
}

// TestOptOutWhileRinging has a contact opt out on a call of a platform that has
// not said that it was answered: it was.
func TestOptOutWhileRinging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		call, token := h.token(t, 4)
		h.redeem(t, call.ID, token, nil)
		heard, err := h.Listener.Keys(t.Context(), sandbox, call.ID, pressed("9"))
		if err != nil || heard.Entry == nil {
			t.Fatalf("Keys = %+v, %v", heard, err)
		}
		synctest.Wait()
		h.want(t, call.ID, voice.InProgress, "", "")
		if _, err := h.End(t.Context(), sandbox, call.ID, campaign.Answered); err != nil {
			t.Error(err)
		}
	})
}

// TestNotRedeemed shows that a call fails soon after its token has lapsed, and
// that others that the platform carries are left alone.
func TestNotRedeemed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.keep(t)
		forgotten, token := h.token(t, 4)
		ringing, token2 := h.token(t, 5)
		unasked, _ := h.token(t, 6) // answered, though its token was not redeemed
		h.redeem(t, ringing.ID, token2, nil)
		_, err := h.Listener.Keys(t.Context(), sandbox, unasked.ID, pressed("1"))
		if err != nil {
			t.Fatal(err)
		}
		h.store.broken.Store(true)
		<-time.After(external.Life + 10*time.Second)
		h.store.broken.Store(false)
		h.want(t, forgotten.ID, voice.Queued, "", "") // it could not be written
		h.redeem(t, forgotten.ID, token, voice.ErrLapsed)
		<-time.After(10 * time.Second)
		h.want(t, forgotten.ID, voice.Ended, campaign.Failed, "")
		h.want(t, ringing.ID, voice.IsRinging, "", "")
		h.want(t, unasked.ID, voice.InProgress, "", "")

		<-time.After(26 * time.Hour) // of which nothing was heard again
		h.want(t, ringing.ID, voice.Ended, campaign.Failed, "")
		h.want(t, unasked.ID, voice.Ended, campaign.Answered, "")
	})
}

// TestTokenOfBefore shows that a token does not outlive the process that signed
// it.
func TestTokenOfBefore(t *testing.T) {
	h := newHouse(t)
	call, token := h.token(t, 4)
	h.Tokens = external.New()
	h.redeem(t, call.ID, token, dialer.ErrToken)
}

// pressed are keys, pressed now.
func pressed(keys string) voice.Keys { return voice.Keys{Pressed: keys, At: time.Now()} }
