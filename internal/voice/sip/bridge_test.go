package sip

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

// TestRingFor rings an agent whom nobody picks up for, and hangs up on the
// contact, who has heard ringback meanwhile. SIPp sees CANCEL.
func TestRingFor(t *testing.T) {
	t.Parallel()
	var rang atomic.Int64
	far := person(t, func(_ context.Context, _ *media.Session, heard <-chan []byte) {
		ringback := media.Ringback()
		for frame := range heard {
			if bytes.Contains(ringback, frame) && bytes.Count(frame, []byte{0xff}) < len(frame)/2 {
				rang.Add(1)
			}
		}
	})
	h := dialer(t, far, nil).run(t)
	ctx, _, c := h.clear(t)
	leg := newHeard().leg()
	leg.Agent = voice.Agent{
		Kind: voice.Bridged, Address: "sip:agent@" + sipp(t, "ring").addr,
		RingFor: 1500 * time.Millisecond,
	}
	began := time.Now()
	got, err := h.provider(t).Place(ctx, c, leg)
	if got != voice.Answered || !errors.Is(err, voice.ErrAgent) || !errors.Is(err, errNobody) {
		t.Errorf("Place = %q, %v; want answered, ErrAgent and errNobody", got, err)
	}
	if took := time.Since(began); took < time.Second || took > 5*time.Second {
		t.Errorf("hung up after %s, want 1.5s", took)
	}
	if n := rang.Load(); n < 20 {
		t.Errorf("contact heard %d frames of ringback, want about a second of it", n)
	}
}

// TestBusyAgent hangs up at once where the agent does not take the call.
func TestBusyAgent(t *testing.T) {
	t.Parallel()
	far := person(t, func(_ context.Context, _ *media.Session, heard <-chan []byte) {
		for range heard {
		}
	})
	h := dialer(t, far, nil).run(t)
	ctx, _, c := h.clear(t)
	leg := newHeard().leg()
	busy := sipp(t, "refuse", "STATUS", "486 Busy Here", "REASON", "")
	leg.Agent = voice.Agent{Kind: voice.Bridged, Address: "sip:agent@" + busy.addr}
	began := time.Now()
	if got, err := h.provider(t).Place(ctx, c, leg); got != voice.Answered ||
		!errors.Is(err, voice.ErrAgent) {
		t.Errorf("Place = %q, %v; want answered and ErrAgent", got, err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("hung up after %s, want at once", took)
	}
}

// TestAstray hangs up on who picks up and does not say where to be reached: SIPp
// sees ACK and BYE. It counts as answered.
func TestAstray(t *testing.T) {
	t.Parallel()
	const contact = "Contact: <sip:[local_ip]:[local_port]>"
	for name, instead := range map[string]string{
		"contact": "Contact: <sip:carrier@a..b>",
		"route":   "Record-Route: <sip:a..b;lr>\n" + contact,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, carrier(sipp(t, "answer", contact, instead))).run(t)
			ctx, _, c := h.clear(t)
			calls := newHeard()
			leg := calls.leg()
			var code int
			leg.Final = func(c int, _ string) { code = c }
			got, err := h.provider(t).Place(ctx, c, leg)
			if got != voice.Answered || !errors.Is(err, voice.ErrAgent) || code != 200 {
				t.Errorf("Place = %q, %v, code %d; want answered and ErrAgent", got, err, code)
			}
			calls.want(t, voice.Ringing, voice.Picked)
		})
	}
}
