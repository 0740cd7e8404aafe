package dnc

import "sync"

// Bell tells those who watch an environment that something changed in it, not
// what. Its zero value is ready; it may be used by many goroutines at once.
type Bell struct {
	mu       sync.Mutex // guards following
	watchers map[Environment]map[chan struct{}]struct{}
}

// Watch returns a channel that receives after every change in env, where
// changes that come close together may be told as one, and a function that
// ends the watch. The channel is never closed.
func (b *Bell) Watch(env Environment) (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.watchers == nil {
		b.watchers = make(map[Environment]map[chan struct{}]struct{})
	}
	if b.watchers[env] == nil {
		b.watchers[env] = make(map[chan struct{}]struct{})
	}
	b.watchers[env][c] = struct{}{}
	return c, func() { b.forget(env, c) }
}

// Ring tells everyone who watches env. It does not wait for them.
func (b *Bell) Ring(env Environment) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.watchers[env] {
		select {
		case c <- struct{}{}:
		default: // has not yet looked at the change before; will see both
		}
	}
}

func (b *Bell) forget(env Environment, c chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.watchers[env], c)
	if len(b.watchers[env]) == 0 {
		delete(b.watchers, env)
	}
}
