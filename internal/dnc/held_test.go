package dnc_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// refusing is a store that takes nothing for a while.
type refusing struct {
	dnc.Store
	err error
}

func (r *refusing) AddEntry(ctx context.Context, e dnc.Entry) (dnc.Entry, bool, error) {
	if r.err != nil {
		return dnc.Entry{}, false, r.err
	}
	return r.Store.AddEntry(ctx, e)
}

// TestHold shows that an entry that cannot be written down is in force, and is
// written down once it can be.
func TestHold(t *testing.T) {
	l, m := newList()
	s := &refusing{m, errors.New("disk is full")}
	l.Store = s
	n, other := number(t, "+14155550123"), number(t, "+14155550124")
	recalled := 0
	c, err := l.Clear("production", n, time.Now(), func() { recalled++ })
	if err != nil {
		t.Fatal(err)
	}
	e := dnc.Entry{Environment: "production", Number: n, CreatedBy: dnc.System}
	l.Hold(e)
	l.Hold(e)
	if l.Held() != 1 || recalled != 1 || !c.Recalled() {
		t.Errorf("%d held, recalled %d times; want 1 and once", l.Held(), recalled)
	}
	if _, err := l.Clear("production", n, time.Now(), nil); !errors.Is(err, dnc.ErrListed) {
		t.Errorf("Clear = %v, want ErrListed", err)
	}
	if _, err := l.Clear("production", other, time.Now(), nil); err != nil {
		t.Errorf("Clear of another number = %v, want nil", err)
	}
	checkHeld(t, l, n, other)
	if err := l.WriteHeld(t.Context()); !errors.Is(err, s.err) || l.Held() != 1 {
		t.Errorf("WriteHeld = %v, %d held; want the store's error and 1", err, l.Held())
	}
	s.err = nil
	if err := l.WriteHeld(t.Context()); err != nil || l.Held() != 0 {
		t.Errorf("WriteHeld = %v, %d held; want none", err, l.Held())
	}
	checkHeld(t, l, n, other) // now from the index
}

// TestHoldDefinite shows that of what is held of one number the definite entry
// is written down, whichever came first.
func TestHoldDefinite(t *testing.T) {
	for _, definiteFirst := range []bool{true, false} {
		l, m := newList()
		written := &noted{Store: m}
		l.Store = written
		e := dnc.Entry{
			Environment: "production", Number: number(t, "+14155550123"), CreatedBy: dnc.System,
		}
		for _, definite := range []bool{definiteFirst, !definiteFirst} {
			e.Provisional = !definite
			l.Hold(e)
		}
		if err := l.WriteHeld(t.Context()); err != nil || l.Held() != 0 {
			t.Errorf("WriteHeld = %v, %d held; want none", err, l.Held())
		}
		if len(written.entries) != 1 || written.entries[0].Provisional {
			t.Errorf("written %+v; want the definite one", written.entries)
		}
	}
}

// noted is a store that notes what is added.
type noted struct {
	dnc.Store
	entries []dnc.Entry
}

func (n *noted) AddEntry(ctx context.Context, e dnc.Entry) (dnc.Entry, bool, error) {
	n.entries = append(n.entries, e)
	return n.Store.AddEntry(ctx, e)
}

// TestHoldOfNoEnvironment shows that what has no list any more is let go.
func TestHoldOfNoEnvironment(t *testing.T) {
	l, m := newList()
	l.Store = &refusing{m, dnc.ErrNoEnvironment}
	l.Hold(dnc.Entry{Environment: "gone", Number: number(t, "+14155550123")})
	if err := l.WriteHeld(t.Context()); err != nil || l.Held() != 0 {
		t.Errorf("WriteHeld = %v, %d held; want none", err, l.Held())
	}
}

func checkHeld(t *testing.T, l *dnc.List, n, other e164.Number) {
	t.Helper()
	listed := make([]bool, 2)
	if err := l.CheckMany("production", []e164.Number{other, n}, listed); err != nil ||
		listed[0] || !listed[1] {
		t.Errorf("CheckMany = %v, %v; want the second", listed, err)
	}
	for _, tt := range []struct {
		n    e164.Number
		want bool
	}{{n, true}, {other, false}} {
		if got, err := l.Check("production", tt.n); got != tt.want || err != nil {
			t.Errorf("Check(%v) = %v, %v; want %v", tt.n, got, err, tt.want)
		}
	}
}
