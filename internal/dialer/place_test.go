package dialer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// TestPlace follows calls from the request to the end, over contacts that do
// each of what contacts do.
func TestPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		for _, tt := range []struct {
			last   int
			how    campaign.Disposition
			optOut voice.Channel
		}{
			{4, campaign.Answered, ""},
			{50, campaign.Answered, voice.Speech},
			{60, campaign.Answered, voice.Key},
			{70, campaign.Busy, ""},
			{80, campaign.NoAnswer, ""},
			{90, campaign.Refused, ""},
			{95, campaign.Refused, voice.Signal},
			{96, campaign.Failed, ""},
		} {
			call := h.place(t, request(tt.last))
			if call.Status != voice.Queued || call.Provider != dialer.Simulator {
				t.Errorf("Place returned a call that is %s at %q", call.Status, call.Provider)
			}
			<-time.After(5 * time.Minute)
			h.want(t, call.ID, voice.Ended, tt.how, "")
			c := h.read(t, call.ID)
			f, optOut := c.OptedOut()
			if optOut != (tt.optOut != "") || f.Channel != tt.optOut {
				t.Errorf("...%02d: opted out %v by %q, want %q",
					tt.last, optOut, f.Channel, tt.optOut)
			}
			if h.listed(t, contact(tt.last)) != optOut {
				t.Errorf("...%02d: listed %v after opt-out %v", tt.last, !optOut, optOut)
			}
			if c.Revision == 0 || c.AnsweredAt.IsZero() == (tt.how == campaign.Answered) ||
				c.EndedAt.Sub(c.StartedAt) < time.Second || c.By != "ada" {
				t.Errorf("...%02d: call %+v", tt.last, c)
			}
		}
		if got := h.rings(); got != 8 {
			t.Errorf("%d phones rang, want 8", got)
		}
	})
}

// TestPlaceListed shows that nothing reaches a provider for a listed number,
// and that the history has a skipped call for it.
func TestPlaceListed(t *testing.T) {
	h := newHouse(t)
	h.add(t, contact(4))
	for _, placing := range []func() (voice.Call, error){
		func() (voice.Call, error) { return h.Place(t.Context(), request(4)) },
		func() (voice.Call, error) {
			call, token, err := h.PlaceExternal(t.Context(), request(4))
			if token.Text != "" {
				t.Error("a token for a listed number")
			}
			return call, err
		},
	} {
		call, err := placing()
		if !errors.Is(err, dnc.ErrListed) {
			t.Fatalf("Place = %v, want ErrListed", err)
		}
		h.want(t, call.ID, voice.Ended, campaign.Skipped, campaign.SkipDNC)
	}
	if h.rings() != 0 || len(h.calls(t)) != 2 {
		t.Errorf("%d rings and %d calls, want 0 and 2", h.rings(), len(h.calls(t)))
	}
	inbound, err := h.Inbound(t.Context(), request(4))
	if err != nil {
		t.Fatalf("Inbound from a listed number: %v", err)
	}
	h.want(t, inbound.ID, voice.InProgress, "", "")
}

// TestPlaceUnready shows that an unread or lagging list clears nothing, and
// that nothing is kept of the request. Inbound calls go through.
func TestPlaceUnready(t *testing.T) {
	h := newHouse(t)
	h.index.SetCurrent(false)
	if _, err := h.Place(t.Context(), request(4)); !errors.Is(err, dnc.ErrUnready) {
		t.Errorf("Place = %v, want ErrUnready", err)
	}
	if _, _, err := h.PlaceExternal(t.Context(), request(4)); !errors.Is(err, dnc.ErrUnready) {
		t.Errorf("PlaceExternal = %v, want ErrUnready", err)
	}
	if h.rings() != 0 || len(h.calls(t)) != 0 {
		t.Errorf("%d rings and %d calls, want none", h.rings(), len(h.calls(t)))
	}
	if _, err := h.Inbound(t.Context(), request(4)); err != nil {
		t.Errorf("Inbound: %v", err)
	}
}

func TestPlaceRefused(t *testing.T) {
	h := newHouse(t)
	unknown, nowhere := request(4), request(4)
	unknown.Provider, nowhere.Environment = "trunk", "nowhere"
	if _, err := h.Place(t.Context(), unknown); !errors.Is(err, dialer.ErrNoProvider) {
		t.Errorf("Place over an unknown provider = %v, want ErrNoProvider", err)
	}
	if _, err := h.Place(t.Context(), nowhere); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("Place in no environment = %v, want ErrNoEnvironment", err)
	}
	if _, err := h.Inbound(t.Context(), nowhere); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("Inbound in no environment = %v, want ErrNoEnvironment", err)
	}
	h.store.broken.Store(true)
	if _, err := h.Place(t.Context(), request(4)); !errors.Is(err, errBroken) {
		t.Errorf("Place that cannot be kept = %v, want the error", err)
	}
	if h.rings() != 0 || h.Active(sandbox) != 0 {
		t.Errorf("%d rings and %d active calls, want none", h.rings(), h.Active(sandbox))
	}
}

func TestMaxConcurrentCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		_, err := h.store.ChangeWorld(t.Context(), sandbox, "ada", func(s *dnc.Settings) error {
			s.MaxConcurrentCalls = 2
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		h.place(t, request(80))
		h.place(t, request(81))
		if _, err := h.Place(t.Context(), request(4)); !errors.Is(err, dialer.ErrTooManyCalls) {
			t.Errorf("third Place = %v, want ErrTooManyCalls", err)
		}
		if h.Active(sandbox) != 2 || len(h.calls(t)) != 2 {
			t.Errorf("%d active of %d calls, want 2 of 2", h.Active(sandbox), len(h.calls(t)))
		}
		h.add(t, contact(5))
		if _, err := h.Place(t.Context(), request(5)); !errors.Is(err, dnc.ErrListed) {
			t.Errorf("Place of a listed number = %v, want ErrListed all the same", err)
		}
		<-time.After(time.Minute)
		if h.Active(sandbox) != 0 {
			t.Errorf("%d active after a minute, want none", h.Active(sandbox))
		}
		h.place(t, request(4))
		<-time.After(5 * time.Minute)
	})
}

func TestDetection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		off := false
		r := request(50)
		r.Detection = &off
		call := h.place(t, r)
		<-time.After(5 * time.Minute)
		h.want(t, call.ID, voice.Ended, campaign.Answered, "")
		if h.listed(t, contact(50)) {
			t.Error("listed though nobody was to listen")
		}
	})
}

// TestRecall lists numbers of calls at every stage.
func TestRecall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		ringing, talking := h.place(t, request(80)), h.place(t, request(4))
		<-time.After(10 * time.Second) // ...04 is answered within five
		h.add(t, contact(80))
		h.add(t, contact(4))
		synctest.Wait()
		h.want(t, ringing.ID, voice.Ended, campaign.Recalled, campaign.SkipDNC)
		h.want(t, talking.ID, voice.InProgress, "", "")
		<-time.After(5 * time.Minute)
		h.want(t, talking.ID, voice.Ended, campaign.Answered, "")
	})
}

// slow is a provider that takes its time before it dials.
type slow struct{ wait time.Duration }

func (s slow) Place(
	ctx context.Context, c dnc.Clearance, _ voice.Leg,
) (voice.Outcome, error) {
	select {
	case <-time.After(s.wait):
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if !c.Dial(time.Now(), func(e164.Number) {}) {
		return "", voice.ErrLapsed
	}
	return voice.Busy, nil
}

// TestNotDialed shows what becomes of a call that its provider has not dialed.
func TestNotDialed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.named["slow"] = slow{2 * time.Second}
		h.named["asleep"] = slow{time.Minute}
		r := request(4)
		r.Provider = "slow"
		listed := h.place(t, r)
		<-time.After(time.Second)
		h.add(t, contact(4))
		r.Number, r.Provider = contact(5), "asleep"
		lapsed := h.place(t, r)
		r.Number, r.Provider = contact(6), "slow"
		dialed := h.place(t, r)
		<-time.After(2 * time.Minute)
		h.want(t, listed.ID, voice.Ended, campaign.Skipped, campaign.SkipDNC) // it never rang
		h.want(t, lapsed.ID, voice.Ended, campaign.Failed, "")
		h.want(t, dialed.ID, voice.Ended, campaign.Busy, "")
	})
}

func TestEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		call := h.place(t, request(80))
		<-time.After(time.Second)
		for _, tt := range []struct {
			id   string
			how  campaign.Disposition
			want error
		}{
			{call.ID, campaign.Skipped, voice.ErrDisposition},
			{call.ID, "", voice.ErrDisposition},
			{"none", campaign.Failed, voice.ErrNoCall},
			{call.ID, campaign.NoAnswer, nil},
			{call.ID, campaign.Answered, voice.ErrEnded},
		} {
			_, err := h.End(t.Context(), sandbox, tt.id, tt.how)
			if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
				t.Errorf("End(%s, %s) = %v, want %v", tt.id, tt.how, err, tt.want)
			}
		}
		synctest.Wait()
		if h.Active(sandbox) != 0 {
			t.Error("the call was not hung up")
		}
		h.want(t, call.ID, voice.Ended, campaign.NoAnswer, "")
	})
}

// panicky is a provider with a bug.
type panicky struct{ after bool } // whether it has dialed by then

func (p panicky) Place(
	_ context.Context, c dnc.Clearance, _ voice.Leg,
) (voice.Outcome, error) {
	c.Dial(time.Now(), func(n e164.Number) {
		if !p.after {
			panic("cannot ring " + n.String())
		}
	})
	panic(errors.New("nil line"))
}

func TestPanickingProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.named["before"], h.named["after"] = panicky{false}, panicky{true}
		r := request(4)
		for _, r.Provider = range []string{"before", "after"} {
			call := h.place(t, r)
			synctest.Wait()
			h.want(t, call.ID, voice.Ended, campaign.Failed, "")
		}
		if n := strings.Count(h.log.String(), `msg="provider panicked"`); n != 2 {
			t.Errorf("logged %d times that a provider panicked, want 2:\n%s", n, h.log)
		}
		h.add(t, contact(4)) // no lock is left behind
		other := h.place(t, request(5))
		<-time.After(5 * time.Minute)
		h.want(t, other.ID, voice.Ended, campaign.Answered, "")
	})
}

// TestBrokenStore shows that what happens on a call is written down once the
// store works again, above all an opt-out.
func TestBrokenStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		spoken, unwanted := h.place(t, request(50)), h.place(t, request(95))
		<-time.After(500 * time.Millisecond)
		for range 60 { // fails for a second of every three
			h.store.broken.Store(true)
			<-time.After(time.Second)
			h.store.broken.Store(false)
			<-time.After(2 * time.Second)
		}
		h.want(t, spoken.ID, voice.Ended, campaign.Answered, "")
		h.want(t, unwanted.ID, voice.Ended, campaign.Refused, "")
		for _, call := range []voice.Call{spoken, unwanted} {
			c := h.read(t, call.ID)
			if len(c.Findings) != 1 || !h.listed(t, c.Number) {
				t.Errorf("findings %+v, want one and the number listed", c.Findings)
			}
		}
		if turns := h.read(t, spoken.ID).Turns; len(turns) != 3 {
			t.Errorf("%d turns, want 3, none twice: %+v", len(turns), turns)
		}
		if !strings.Contains(h.log.String(), "trying again") {
			t.Error("the store was never needed while it was broken")
		}
	})
}
