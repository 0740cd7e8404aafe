package sip

import (
	"context"
	"errors"
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nocall/internal/voice"
)

// TestMain runs many tests at once, as most of them wait for SIPp.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// TestRefused calls someone who does not take the call, and says so in each of
// the ways there are.
func TestRefused(t *testing.T) {
	t.Parallel()
	const analytics = "Reason: Q.850;cause=21;text=\"v=analytics1;url=x\";location=TN\n"
	for _, tt := range []struct {
		status, reason string
		unwanted       bool
		want           voice.Outcome
		err            error
	}{
		{status: "486 Busy Here", want: voice.Busy},
		{status: "600 Busy Everywhere", want: voice.Busy},
		{status: "480 Temporarily Unavailable", want: voice.NoAnswer},
		{status: "408 Request Timeout", want: voice.NoAnswer},
		{status: "603 Decline", unwanted: true, want: voice.Refused},
		{status: "603 Network Blocked", reason: analytics, unwanted: true, want: voice.Refused},
		{status: "608 Rejected", unwanted: true, want: voice.Refused},
		{status: "607 Unwanted", unwanted: true, want: voice.Unwanted},
		{status: "607 Unwanted", want: voice.Refused},
		{status: "403 Forbidden", reason: "Reason: Q.850;cause=21\n", want: voice.Refused},
		{status: "403 Forbidden", want: voice.Failed},
		{status: "404 Not Found", want: voice.Failed},
		{status: "484 Address Incomplete", want: voice.Failed},
		{status: "604 Does Not Exist Anywhere", want: voice.Failed},
		{status: "503 Service Unavailable", want: voice.Failed},
		{
			status: "302 Moved", reason: "Contact: <sip:+14155550199@127.0.0.1>\n",
			want: voice.Failed,
		},
		{status: "407 Proxy Authentication Required", err: voice.ErrTrunk},
	} {
		t.Run(tt.status, func(t *testing.T) {
			t.Parallel()
			far := sipp(t, "refuse", "STATUS", tt.status, "REASON", tt.reason)
			trunk := carrier(far)
			trunk.Unwanted = tt.unwanted
			h := newHouse(t, trunk).run(t)
			ctx, _, c := h.clear(t)
			calls := newHeard()
			got, err := h.provider(t).Place(ctx, c, calls.leg())
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("Place = %q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
			calls.want(t)
		})
	}
}

// TestAnswered calls someone who picks up and hangs up, over a trunk that wants
// it so or so.
func TestAnswered(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		scenario string
		ours     bool // whether it is us who hang up
		set      func(*voice.Trunk)
		events   []voice.EventKind
	}{
		{scenario: "hangup", events: []voice.EventKind{voice.Ringing, voice.Picked}},
		{scenario: "hold", events: []voice.EventKind{voice.Ringing, voice.Picked}},
		{scenario: "chatty", ours: true, events: []voice.EventKind{voice.Ringing, voice.Picked}},
		{scenario: "prack", ours: true, events: []voice.EventKind{voice.Ringing, voice.Picked}},
		{scenario: "silent", ours: true, events: []voice.EventKind{voice.Picked}},
		{
			scenario: "auth401", ours: true, set: password,
			events: []voice.EventKind{voice.Ringing, voice.Picked},
		},
		{
			scenario: "auth407", ours: true, set: password,
			events: []voice.EventKind{voice.Ringing, voice.Picked},
		},
		{scenario: "expire", events: []voice.EventKind{voice.Ringing, voice.Picked}},
	} {
		t.Run(tt.scenario, func(t *testing.T) {
			t.Parallel()
			trunk := carrier(sipp(t, tt.scenario))
			if tt.set != nil {
				tt.set(&trunk)
			}
			h := newHouse(t, trunk).run(t)
			ctx, cancel, c := h.clear(t)
			calls := newHeard()
			leg := calls.leg()
			if tt.ours { // as somebody who ends the call
				hear := leg.Hear
				leg.Hear = func(ctx context.Context, ev voice.Event) (bool, error) {
					if ev.Kind == voice.Picked {
						time.AfterFunc(200*time.Millisecond, func() { cancel(errRecalled) })
					}
					return hear(ctx, ev)
				}
			}
			got, err := h.provider(t).Place(ctx, c, leg)
			if tt.ours && !errors.Is(err, errRecalled) || !tt.ours && got != voice.Answered {
				t.Errorf("Place = %q, %v", got, err)
			}
			calls.want(t, tt.events...)
		})
	}
}

func password(t *voice.Trunk) { t.Username, t.Password = "acme", "s3cret" }

// TestWrongPassword sees to it that a trunk that does not know us is told from
// a call that failed.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	trunk := carrier(sipp(t, "wrong"))
	password(&trunk)
	h := newHouse(t, trunk).run(t)
	ctx, _, c := h.clear(t)
	if got, err := h.provider(t).Place(ctx, c, newHeard().leg()); !errors.Is(err, voice.ErrTrunk) {
		t.Errorf("Place = %q, %v; want ErrTrunk", got, err)
	}
}

// TestMute hangs up where there is no sound in common: SIPp sees ACK and BYE. The
// phone was picked up, and must not ring again.
func TestMute(t *testing.T) {
	t.Parallel()
	h := newHouse(t, carrier(sipp(t, "mute"))).run(t)
	ctx, _, c := h.clear(t)
	calls := newHeard()
	got, err := h.provider(t).Place(ctx, c, calls.leg())
	if got != voice.Answered || !errors.Is(err, voice.ErrAgent) {
		t.Errorf("Place = %q, %v; want answered and ErrAgent", got, err)
	}
	calls.want(t, voice.Ringing, voice.Picked)
}

// TestRecall lists a number whose phone rings, and one whose contact answers
// at that very moment: SIPp sees CANCEL, and then ACK, or ACK and BYE.
func TestRecall(t *testing.T) {
	t.Parallel()
	for _, scenario := range []string{"ring", "cross"} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, carrier(sipp(t, scenario))).run(t)
			ctx, cancel, c := h.clear(t)
			calls := newHeard()
			go func() {
				calls.until(t, voice.Ringing)
				cancel(errRecalled)
			}()
			got, err := h.provider(t).Place(ctx, c, calls.leg())
			if !errors.Is(err, errRecalled) {
				t.Errorf("Place = %q, %v; want errRecalled", got, err)
			}
			calls.want(t, voice.Ringing)
		})
	}
}

// TestNobody lets a phone ring as long as a phone may.
func TestNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, carrier(sipp(t, "ring")))
	h.Ring = 300 * time.Millisecond
	h.run(t)
	ctx, _, c := h.clear(t)
	got, err := h.provider(t).Place(ctx, c, newHeard().leg())
	if got != voice.NoAnswer || err != nil {
		t.Errorf("Place = %q, %v; want no_answer", got, err)
	}
}

// TestRefresh keeps a call up by refreshing it, as was agreed: with UPDATE, and
// with INVITE where the far end does not know that.
func TestRefresh(t *testing.T) {
	t.Parallel()
	for _, scenario := range []string{"refresh", "reinvite"} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, carrier(sipp(t, scenario))).run(t)
			ctx, cancel, c := h.clear(t)
			time.AfterFunc(2500*time.Millisecond, func() { cancel(errRecalled) })
			got, err := h.provider(t).Place(ctx, c, newHeard().leg())
			if !errors.Is(err, errRecalled) {
				t.Errorf("Place = %q, %v", got, err)
			}
		})
	}
}
