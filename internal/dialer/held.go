package dialer

import (
	"errors"
	"time"

	"nocall/internal/dnc"
)

// HeldBy names what a campaign waits for, though contacts are due.
type HeldBy string

// What a campaign waits for.
const (
	HeldByNumbers HeldBy = "caller_ids" // each is shown as often as its pace allows
	HeldByCalls   HeldBy = "calls"      // as many as the environment, or the provider, allows
)

// Held says why no call of a campaign begins for now, though contacts are due.
// The zero Held is that of one that is not held.
type Held struct {
	By    HeldBy
	Until time.Time // zero for until a call ends
}

// Held returns why a campaign that this process calls is held, if it is.
func (d *Dialer) Held(env dnc.Environment, id string) Held {
	d.mu.Lock()
	r := d.runners[campaignKey{env, id}]
	d.mu.Unlock()
	if r == nil {
		return Held{}
	}
	if h := r.held.Load(); h != nil {
		return *h
	}
	return Held{}
}

// heldFor returns how a campaign is held whose call may not begin because of err.
func heldFor(err error) Held {
	if p, ok := errors.AsType[Paced](err); ok {
		return Held{By: HeldByNumbers, Until: p.Until}
	}
	if errors.Is(err, ErrTooManyCalls) {
		return Held{By: HeldByCalls}
	}
	return Held{}
}

// hold notes why the campaign is held, and tells those who watch when that
// changes.
func (r *runner) hold(h Held) {
	before := r.held.Swap(&h)
	if before == nil && h == (Held{}) || before != nil && *before == h {
		return
	}
	r.dialer.List.Bell.Ring(r.key.environment)
}

// Refresh has every campaign of env that runs look at once for what changed in
// what it is called with, such as the pace of numbers.
func (d *Dialer) Refresh(env dnc.Environment) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for k, r := range d.runners {
		if k.environment == env {
			r.changed.Store(true)
			r.nudge.give()
		}
	}
}
