package dialer

import (
	"context"
	"sync"
	"time"
)

// nudge wakes one who waits. Nudges that come before it is looked at are one.
// Its zero value is ready.
type nudge struct {
	once sync.Once // makes c
	c    chan struct{}
}

// given receives once somebody has nudged.
func (n *nudge) given() <-chan struct{} {
	n.once.Do(func() { n.c = make(chan struct{}, 1) })
	return n.c
}

// give nudges. It does not wait.
func (n *nudge) give() {
	n.given()
	select {
	case n.c <- struct{}{}:
	default:
	}
}

// wait returns after d, at a nudge, or when ctx is done.
func (n *nudge) wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-n.given():
	case <-ctx.Done():
	}
}
