package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/voice"
	"nocall/internal/voice/simulator"
)

func number(t testing.TB, s string) e164.Number {
	t.Helper()
	n, err := e164.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// clearIndex is an index of an empty list.
type clearIndex struct{ dnc.Index }

func (clearIndex) Contains(dnc.Environment, e164.Number) (bool, int64, error) {
	return false, 1, nil
}

func (clearIndex) Apply(dnc.Event) {}

// phone is a call under test: its clearance, and what was heard on it.
type phone struct {
	list      *dnc.List
	clearance dnc.Clearance
	detector  *optout.Detector
	ctx       context.Context
	cancel    context.CancelCauseFunc
	heard     []voice.Event
	fail      voice.EventKind // which event cannot be kept
}

func newPhone(t *testing.T) *phone {
	ph := &phone{list: &dnc.List{Index: clearIndex{}}, detector: optout.New()}
	ph.ctx, ph.cancel = context.WithCancelCause(t.Context())
	return ph
}

var (
	errRecalled = errors.New("recalled")
	errNotKept  = errors.New("not kept")
)

func (ph *phone) hear(_ context.Context, ev voice.Event) (bool, error) {
	ph.heard = append(ph.heard, ev)
	if ev.Kind == ph.fail {
		return false, errNotKept
	}
	if ev.Kind == voice.Pressed {
		return true, nil
	}
	found, _ := ph.detector.FindLast(
		[]optout.Turn{{Speaker: ev.Speaker, Text: ev.Text}}, optout.Options{Language: ev.Language})
	return optout.Cautious.Suppresses(found), nil
}

func (ph *phone) kinds() []voice.EventKind {
	var kinds []voice.EventKind
	for _, ev := range ph.heard {
		if len(kinds) == 0 || kinds[len(kinds)-1] != ev.Kind {
			kinds = append(kinds, ev.Kind)
		}
	}
	return kinds
}

// place calls n and returns what came of it, and how long it took.
func place(
	t *testing.T, p *simulator.Provider, n e164.Number, ph *phone,
) (voice.Outcome, time.Duration, error) {
	t.Helper()
	begin := time.Now()
	c, err := ph.list.Clear("sandbox", n, begin, func() { ph.cancel(errRecalled) })
	if err != nil {
		t.Fatal(err)
	}
	ph.clearance = c
	outcome, err := p.Place(ph.ctx, c, voice.Leg{CallID: "c", Hear: ph.hear})
	return outcome, time.Since(begin), err
}

// TestBehaviours holds what contacts do against the contract, by the last two
// digits of their number.
func TestBehaviours(t *testing.T) {
	for last := range 100 {
		want, optsOut := voice.Answered, false
		switch {
		case last < 50:
		case last < 70:
			optsOut = true
		case last < 80:
			want = voice.Busy
		case last < 90:
			want = voice.NoAnswer
		case last < 95:
			want = voice.Refused
		case last == 95:
			want = voice.Unwanted
		default:
			want = voice.Failed
		}
		synctest.Test(t, func(t *testing.T) {
			var rung []e164.Number
			p := &simulator.Provider{OnRing: func(n e164.Number) { rung = append(rung, n) }}
			n := number(t, fmt.Sprintf("+141555501%02d", last))
			ph := newPhone(t)
			outcome, took, err := place(t, p, n, ph)
			if outcome != want || err != nil {
				t.Errorf("%v: %s, %v; want %s", n, outcome, err, want)
			}
			if !slices.Equal(rung, []e164.Number{n}) {
				t.Errorf("%v: rang %v", n, rung)
			}
			if want == voice.NoAnswer && took != 20*time.Second {
				t.Errorf("%v: rang for %v, want 20s", n, took)
			}
			checkTalk(t, n, ph, want, optsOut)
		})
	}
}

func checkTalk(t *testing.T, n e164.Number, ph *phone, outcome voice.Outcome, optsOut bool) {
	t.Helper()
	want := []voice.EventKind{voice.Ringing}
	switch {
	case outcome == voice.Busy || outcome == voice.Failed:
		want = nil
	case n.LastTwo() >= 60 && n.LastTwo() < 70:
		want = append(want, voice.Picked, voice.Said, voice.Pressed, voice.Said)
	case outcome == voice.Answered:
		want = append(want, voice.Picked, voice.Said)
	}
	if kinds := ph.kinds(); !slices.Equal(kinds, want) {
		t.Errorf("%v: heard %v, want %v", n, kinds, want)
	}
	if outcome != voice.Answered {
		return
	}
	last := ph.heard[len(ph.heard)-1]
	leave := last.Speaker == optout.Agent &&
		last.Text == "Understood. I have taken your number off our calls. Goodbye."
	if leave != optsOut {
		t.Errorf("%v: the last word was %q; leave taken %v, want %v", n, last.Text, leave, optsOut)
	}
	for i := 1; i < len(ph.heard); i++ {
		if !ph.heard[i].At.After(ph.heard[i-1].At) && ph.heard[i].Kind != voice.Said {
			t.Errorf("%v: event %d is not after the one before", n, i)
		}
	}
}

func TestSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, slow, _ := place(t, new(simulator.Provider), number(t, "+14155550185"), newPhone(t))
		_, fast, _ := place(t, &simulator.Provider{Speed: 100},
			number(t, "+14155550185"), newPhone(t))
		if slow != 20*time.Second || fast != slow/100 {
			t.Errorf("rang for %v and %v, want 20s and a hundredth of it", slow, fast)
		}
	})
}

func TestRecallWhileRinging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ph, n := newPhone(t), number(t, "+14155550185")
		time.AfterFunc(7*time.Second, func() {
			ph.list.Apply([]dnc.Event{{Environment: "sandbox", Kind: dnc.Added, Number: n}})
		})
		_, took, err := place(t, new(simulator.Provider), n, ph)
		if !errors.Is(err, errRecalled) || took != 7*time.Second {
			t.Errorf("Place = %v after %v, want it recalled after 7s", err, took)
		}
		if !ph.clearance.Recalled() || !ph.clearance.Dialed() {
			t.Error("the clearance does not know that it was dialed and recalled")
		}
	})
}

func TestHangUpWhileTalking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ph, why := newPhone(t), errors.New("hung up")
		time.AfterFunc(10*time.Second, func() { ph.cancel(why) })
		_, took, err := place(t, new(simulator.Provider), number(t, "+14155550104"), ph)
		if !errors.Is(err, why) || took != 10*time.Second {
			t.Errorf("Place = %v after %v, want it hung up after 10s", err, took)
		}
	})
}

// TestNotRung shows when no phone rings at all.
func TestNotRung(t *testing.T) {
	p := &simulator.Provider{OnRing: func(e164.Number) { t.Error("a phone rang") }}
	list := &dnc.List{Index: clearIndex{}}
	n := number(t, "+14155550104")
	clear := func(at time.Time) dnc.Clearance {
		c, err := list.Clear("sandbox", n, at, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	released, recalled := clear(time.Now()), clear(time.Now())
	list.Release(released)
	list.Apply([]dnc.Event{{Environment: "sandbox", Kind: dnc.Added, Number: n}})

	for name, c := range map[string]dnc.Clearance{
		"none":     {},
		"lapsed":   clear(time.Now().Add(-dnc.ClearanceLife)),
		"released": released,
		"recalled": recalled,
	} {
		if _, err := p.Place(t.Context(), c, voice.Leg{}); !errors.Is(err, voice.ErrLapsed) {
			t.Errorf("Place with a clearance that is %s: %v, want ErrLapsed", name, err)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errRecalled)
	if _, err := p.Place(ctx, clear(time.Now()), voice.Leg{}); !errors.Is(err, errRecalled) {
		t.Errorf("Place after it was cut off: %v, want the cause", err)
	}
}

// TestNotKept shows that a call ends where what happens on it cannot be kept.
func TestNotKept(t *testing.T) {
	for _, kind := range []voice.EventKind{
		voice.Ringing, voice.Picked, voice.Said, voice.Pressed,
	} {
		synctest.Test(t, func(t *testing.T) {
			ph := newPhone(t)
			ph.fail = kind
			n := number(t, "+14155550162")
			if _, _, err := place(t, new(simulator.Provider), n, ph); !errors.Is(err, errNotKept) {
				t.Errorf("Place with %s not kept: %v, want that error", kind, err)
			}
		})
	}
}
