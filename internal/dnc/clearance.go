package dnc

import (
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
	key      key
	revision int64
	until    time.Time
	recalled atomic.Bool
	recall   func()
}

// Number returns the number that may be dialed, or false once the clearance
// has lapsed at now, or once the number has been listed.
func (c Clearance) Number(now time.Time) (e164.Number, bool) {
	a := c.attempt
	if a == nil || a.recalled.Load() || !now.Before(a.until) {
		return e164.Number{}, false
	}
	return a.key.number, true
}

// Revision returns the revision of the list at which the number was clear: the
// proof that the list was asked. It is 0 for the zero Clearance.
func (c Clearance) Revision() int64 {
	if c.attempt == nil {
		return 0
	}
	return c.attempt.revision
}

// Until returns when the clearance lapses.
func (c Clearance) Until() time.Time {
	if c.attempt == nil {
		return time.Time{}
	}
	return c.attempt.until
}

// Recalled reports whether the number has been listed since it was cleared.
func (c Clearance) Recalled() bool { return c.attempt != nil && c.attempt.recalled.Load() }
