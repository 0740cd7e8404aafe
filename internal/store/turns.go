package store

import (
	"context"
	"sync"
)

// turns has those who want the same thing take turns.
type turns struct {
	mu    sync.Mutex // guards following
	taken map[string]chan struct{}
}

// take waits until nobody else has the thing of that name, and gives it away
// until release is called. It returns an error when ctx ends first.
func (t *turns) take(ctx context.Context, name string) (release func(), err error) {
	for {
		others, mine := t.try(name)
		if mine != nil {
			return mine, nil
		}
		select {
		case <-others:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// try takes the thing, or returns what is closed when it is given back.
func (t *turns) try(name string) (others <-chan struct{}, release func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if done, ok := t.taken[name]; ok {
		return done, nil
	}
	if t.taken == nil {
		t.taken = make(map[string]chan struct{})
	}
	done := make(chan struct{})
	t.taken[name] = done
	return nil, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.taken, name)
		close(done)
	}
}
