package store

import (
	"context"
	"sync"

	"nocall/internal/dnc"
)

// told is the store's side of its follower: what it was told, and whether that
// is all.
type told struct {
	wake chan struct{} // holds one when there is a doubt to settle

	mu       sync.Mutex // guards following, and the calls of Doubt
	follower Follower   // nil for none
	doubts   int        // so far
	settled  int        // doubts that a reload has settled
}

func newTold() *told { return &told{wake: make(chan struct{}, 1)} }

func (t *told) follow(f Follower) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.follower = f
	if f != nil && t.doubts != t.settled {
		f.Doubt(true)
	}
}

// apply tells of events that have become durable. The writer alone calls it.
func (t *told) apply(events []dnc.Event) {
	if f := t.current(); f != nil && len(events) > 0 {
		f.Apply(events)
	}
}

func (t *told) current() Follower {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.follower
}

// doubt tells that events may be missing from now on.
func (t *told) doubt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.doubts++
	if t.follower != nil {
		t.follower.Doubt(true)
	}
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// doubted returns how many doubts there were, and whether one is not settled.
func (t *told) doubted() (doubts int, open bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.doubts, t.doubts != t.settled
}

// reload has everything read anew, which settles the doubts so far.
func (t *told) reload(ctx context.Context) error {
	doubts, open := t.doubted()
	if !open {
		return nil
	}
	if f := t.current(); f != nil {
		if err := f.Reload(ctx); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.doubts != doubts {
		return nil // another one came up meanwhile
	}
	t.settled = doubts
	if t.follower != nil {
		t.follower.Doubt(false)
	}
	return nil
}
