package dialer_test

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// caller returns one of our numbers.
func caller(last int) e164.Number { return e164.FromUint64(1_202_555_0100 + uint64(last)) }

// number keeps one of our numbers.
func (h *house) number(t *testing.T, n e164.Number, p voice.Pace) {
	t.Helper()
	err := h.store.AddNumber(t.Context(), voice.OwnNumber{
		Environment: sandbox, Number: n, Provider: dialer.Simulator, Pace: p,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// showing returns a change of a campaign: it shows numbers of ours.
func showing(numbers ...e164.Number) func(*campaign.Campaign) {
	return func(c *campaign.Campaign) { c.CallerIDs = numbers }
}

// within checks that of the calls that show a number no more than so many began
// within any time so long, and returns how many there were.
func (l *line) within(t *testing.T, n e164.Number, most int, span time.Duration) int {
	t.Helper()
	var begun []time.Time
	legs, at := l.asked()
	for i, leg := range legs {
		if leg.CallerID == n {
			begun = append(begun, at[i])
		}
	}
	for i := most; i < len(begun); i++ {
		if apart := begun[i].Sub(begun[i-most]); apart < span {
			t.Errorf("%d calls that show %v began within %v, want %d in %v",
				most+1, n, apart, most, span)
		}
	}
	return len(begun)
}

// TestNumberPace has two campaigns and a single call show one number. Together
// they do it no more often than its pace allows, and nobody loses an attempt.
func TestNumberPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		l := &line{rings: 25 * time.Second}
		h.number(t, caller(1), voice.Pace{Calls: 2, PerSecond: 1, PerMinute: 3})
		var both [2]campaign.Campaign
		for i := range both {
			lasts := []int{10 * i, 10*i + 1, 10*i + 2, 10*i + 3}
			both[i] = h.campaign(t, h.over(t, "line", l, showing(caller(1))), lasts...)
		}
		h.keep(t)
		for _, c := range both {
			h.start(t, c)
		}
		<-time.After(10 * time.Second) // two calls are on
		r := request(90)
		r.Provider, r.CallerID = "line", caller(1)
		_, err := h.Place(t.Context(), r)
		if p, ok := errors.AsType[dialer.Paced](err); !ok || !p.Until.IsZero() {
			t.Errorf("Place with two calls on = %v, want Paced until one ends", err)
		}
		if held := h.Held(sandbox, both[0].ID); held != (dialer.Held{By: dialer.HeldByNumbers}) {
			t.Errorf("Held = %+v, want by its number until a call ends", held)
		}
		<-time.After(40 * time.Second) // three have begun, the last is over
		_, err = h.Place(t.Context(), r)
		if p, ok := errors.AsType[dialer.Paced](err); !ok || time.Until(p.Until) > 15*time.Second {
			t.Errorf("Place after three calls = %v, want Paced until a minute has passed", err)
		}
		h.finished(t, both[0])
		h.finished(t, both[1])
		for _, c := range both {
			h.wantDone(t, c, "no_answer", "no_answer", "no_answer", "no_answer")
			for _, contact := range h.each(t, c) {
				if contact.AllAttempts != 1 {
					t.Errorf("contact %v had %d attempts, want 1", contact.Number,
						contact.AllAttempts)
				}
			}
			if held := h.Held(sandbox, c.ID); held != (dialer.Held{}) {
				t.Errorf("Held = %+v at the end, want none", held)
			}
		}
		l.within(t, caller(1), 1, time.Second)
		l.within(t, caller(1), 2, 25*time.Second)
		if n := l.within(t, caller(1), 3, time.Minute); n != 8 {
			t.Errorf("%d calls, want 8", n)
		}
	})
}

// TestNumberWithRoom has a campaign choose, of its numbers, the one with room.
func TestNumberWithRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		l := &line{rings: 40 * time.Second}
		h.number(t, caller(1), voice.Pace{Calls: 1})
		h.number(t, caller(2), voice.Pace{PerDay: 2})
		h.number(t, caller(3), voice.Pace{PerMinute: 3})
		c := h.campaign(t, h.over(t, "line", l, showing(caller(1), caller(2), caller(3))),
			1, 2, 3, 4, 5, 6, 7)
		h.keep(t)
		h.start(t, c)
		<-time.After(20 * time.Second)
		if n := l.calls(); n != 6 {
			t.Errorf("%d calls at once, want 6: all that the numbers allow", n)
		}
		if held := h.Held(sandbox, c.ID); held.By != dialer.HeldByNumbers {
			t.Errorf("Held = %+v, want by its numbers", held)
		}
		h.finished(t, c)
		for n, want := range map[e164.Number]int{caller(1): 2, caller(2): 2, caller(3): 3} {
			if got := l.within(t, n, 3, time.Minute); got != want {
				t.Errorf("%v was shown on %d calls, want %d", n, got, want)
			}
		}
	})
}

// TestNumberPaceAfterRestart shows that a new process knows what an earlier one
// showed, and that calls which were skipped do not count.
func TestNumberPaceAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dsn := filepath.Join(t.TempDir(), "nocall.db")
		h := open(t, dsn)
		_, err := h.store.AddWorld(t.Context(), dnc.World{
			Name: sandbox, Settings: dnc.DefaultSettings(),
		}, "test")
		if err != nil {
			t.Fatal(err)
		}
		h.load(t)
		h.number(t, caller(1), voice.Pace{Calls: 3, PerDay: 3})
		h.add(t, contact(9))
		shows := func(last int) dialer.Request {
			r := request(last)
			r.CallerID = caller(1)
			return r
		}
		h.place(t, shows(80))
		if _, err := h.Place(t.Context(), shows(9)); !errors.Is(err, dnc.ErrListed) {
			t.Errorf("Place of a listed number = %v, want ErrListed", err)
		}
		begin := time.Now()
		<-time.After(time.Hour)
		h.place(t, shows(81))
		h.close(t) // hangs up

		h = open(t, dsn)
		h.load(t)
		t.Cleanup(func() { h.close(t) })
		h.place(t, shows(82))
		_, err = h.Place(t.Context(), shows(83))
		p, ok := errors.AsType[dialer.Paced](err)
		if want := begin.Add(24 * time.Hour); !ok || !p.Until.Equal(want) {
			t.Errorf("Place after three calls = %v until %v, want Paced until %v",
				err, p.Until, want)
		}
		<-time.After(time.Until(p.Until))
		h.place(t, shows(83))
		if _, err := h.Place(t.Context(), shows(84)); !errors.Is(err, dialer.ErrPaced) {
			t.Errorf("Place after three calls in a day = %v, want ErrPaced", err)
		}
	})
}

// TestNewPace has a pace hold as soon as it is set, for calls of before too, and
// not for longer than it is set.
func TestNewPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		l := new(line)
		h.number(t, caller(1), voice.Pace{})
		c := h.campaign(t, h.over(t, "line", l, showing(caller(1))), 1, 2)
		h.keep(t)
		h.start(t, c)
		h.finished(t, c)
		pace := func(p voice.Pace) {
			t.Helper()
			_, err := h.store.ChangeNumber(t.Context(), sandbox, caller(1),
				func(n *voice.OwnNumber) error { n.Pace = p; return nil })
			if err != nil {
				t.Fatal(err)
			}
			h.Refresh(sandbox)
		}
		pace(voice.Pace{PerDay: 2})
		h.contacts(t, c, 3, 4)
		h.start(t, c)
		<-time.After(10 * time.Hour)
		if held := h.Held(sandbox, c.ID); l.calls() != 2 || held.Until.IsZero() {
			t.Errorf("%d calls, held %+v; want 2, and until when", l.calls(), held)
		}
		pace(voice.Pace{PerDay: 3})
		<-time.After(time.Second)
		if l.calls() != 3 {
			t.Errorf("%d calls with room for three, want 3", l.calls())
		}
		pace(voice.Pace{})
		<-time.After(time.Second)
		if l.calls() != 4 {
			t.Errorf("%d calls without a pace, want 4", l.calls())
		}
		h.finished(t, c)
	})
}

// TestPaceOfTheTrunksOwn counts calls that show the caller ID of their trunk.
func TestPaceOfTheTrunksOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := trunkHouse(t, &carrier{says: voice.Busy})
		own := caller(0)
		h.number(t, own, voice.Pace{PerMinute: 1})
		r := request(1)
		r.Provider = "carrier"
		if c := h.place(t, r); c.CallerID != own {
			t.Errorf("the call shows %v, want %v, as the trunk says", c.CallerID, own)
		}
		r.CallerID = own
		if _, err := h.Place(t.Context(), r); !errors.Is(err, dialer.ErrPaced) {
			t.Errorf("Place within the minute = %v, want ErrPaced", err)
		}
	})
}
