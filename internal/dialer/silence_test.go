package dialer_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// mute is a provider whose calls are all answered. Its agent cannot speak on
// those that bad says.
type mute struct {
	calls atomic.Int64
	bad   func(call int64) bool
}

func (m *mute) Place(
	ctx context.Context, c dnc.Clearance, leg voice.Leg,
) (voice.Outcome, error) {
	if !c.Dial(time.Now(), func(e164.Number) {}) {
		return "", voice.ErrLapsed
	}
	if _, err := leg.Hear(ctx, voice.Event{Kind: voice.Picked, At: time.Now()}); err != nil {
		return "", err
	}
	if m.bad(m.calls.Add(1)) {
		return voice.Answered, fmt.Errorf("%w: nobody there", voice.ErrAgent)
	}
	return voice.Answered, nil
}

// TestSilence pauses a campaign whose agent cannot speak three times in a row:
// the contacts would hear nobody. They were called, and are not called again.
func TestSilence(t *testing.T) {
	for _, tt := range []struct {
		name  string
		bad   func(call int64) bool
		calls int64
		state campaign.State
	}{
		{"dead", func(int64) bool { return true }, 3, campaign.Paused},
		{"at times", func(call int64) bool { return call%3 != 0 }, 10, campaign.Finished},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				m := &mute{bad: tt.bad}
				c := h.campaign(t, h.over(t, "mute", m, func(c *campaign.Campaign) {
					c.Pace.Calls = 1
				}), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
				h.keep(t)
				h.start(t, c)
				<-time.After(5 * time.Minute)
				if m.calls.Load() != tt.calls || h.state(t, c) != tt.state {
					t.Errorf("%d calls, campaign is %s; want %d and %s",
						m.calls.Load(), h.state(t, c), tt.calls, tt.state)
				}
				trouble := h.Trouble(sandbox, c.ID)
				if errors.Is(trouble, voice.ErrAgent) != (tt.state == campaign.Paused) {
					t.Errorf("Trouble = %v", trouble)
				}
				done := int64(0)
				for _, c := range h.each(t, c) {
					if c.State == campaign.Done && c.Disposition == campaign.Answered {
						done++
					}
				}
				if done != tt.calls {
					t.Errorf("%d contacts were answered, want %d", done, tt.calls)
				}
			})
		})
	}
}
