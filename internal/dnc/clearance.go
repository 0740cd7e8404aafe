package dnc

import (
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/e164"
)

// ClearanceLife is how long a Clearance may be used after it was given.
const ClearanceLife = 5 * time.Second

// Clearance is leave to place one call to one number, soon.
//
// It can be had from [List.Clear] alone. The zero Clearance clears nothing.
// Copies of a clearance are one clearance: what is recalled is recalled in all.
type Clearance struct {
	attempt *attempt
}

// attempt is a call that was cleared and has not been answered.
type attempt struct {
	list     *List
	key      key
	revision int64
	until    time.Time
	recall   func()

	mu       sync.Mutex // held while the number is dialed, and to put an end to that
	dialed   atomic.Bool
	recalled atomic.Bool
	released atomic.Bool
}

// Dial calls ring with the number that may be dialed and returns true, or
// returns false and does not call it: once the clearance has lapsed at now or
// was released, and while the list is not sure that the number is clear.
//
// No listing of the number is acknowledged while ring runs. What ring starts
// has started before, and is recalled; afterwards Dial calls it no more. So
// ring does the one thing that makes a phone ring, such as sending the first
// packet. It must not wait, for the list's writers wait for it, and must not
// call the list. A further packet that may be the first to ring the phone, as
// after a demand for a password, is sent in a Dial of its own.
func (c Clearance) Dial(now time.Time, ring func(n e164.Number)) bool {
	a := c.attempt
	if a == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()

	if a.recalled.Load() || a.released.Load() || !now.Before(a.until) {
		return false
	}
	listed, _, err := a.list.Index.Contains(a.key.environment, a.key.number)
	if listed || err != nil {
		return false
	}
	a.dialed.Store(true)
	ring(a.key.number)
	return true
}

// Dialed reports whether the number was given out to be rung. A call that was
// recalled before has never rung.
func (c Clearance) Dialed() bool { return c.attempt != nil && c.attempt.dialed.Load() }

// Recalled reports whether the number has been listed since it was cleared.
func (c Clearance) Recalled() bool { return c.attempt != nil && c.attempt.recalled.Load() }

// Revision returns the revision of the list at which the number was clear: the
// proof that the list was asked. It is 0 for the zero Clearance.
func (c Clearance) Revision() int64 {
	if c.attempt == nil {
		return 0
	}
	return c.attempt.revision
}

// end sets one of the states in which the number is dialed no more, once
// nobody is dialing it.
func (a *attempt) end(state *atomic.Bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	state.Store(true)
}
