package sip

import (
	"net/netip"
	"sync"
	"time"
)

// Inbound calls that wait for the caller to acknowledge our answer. Carriers do
// within moments; who writes a carrier's address on a flood of calls never does,
// and each of theirs holds sound ports meanwhile.
const (
	mostUnmet = 1000            // in all
	mostOfOne = mostUnmet / 2   // of one address, so that others are still answered
	crowd     = 50              // of one address: more than a carrier ever has
	crowdLife = 4 * time.Second // how long one of those may wait, in place of half a minute
)

// unmet are the inbound calls that the caller has not acknowledged yet.
type unmet struct {
	mu  sync.Mutex
	all int
	of  map[netip.Addr]int
}

// wait counts a call from an address in, unless there are too many. Met counts it
// out, once.
func (u *unmet) wait(from netip.Addr) (met func(), ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all >= mostUnmet || u.of[from] >= mostOfOne {
		return nil, false
	}
	if u.of == nil {
		u.of = make(map[netip.Addr]int)
	}
	u.all++
	u.of[from]++
	return sync.OnceFunc(func() { u.leave(from) }), true
}

func (u *unmet) leave(from netip.Addr) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all--
	if u.of[from]--; u.of[from] == 0 {
		delete(u.of, from)
	}
}

// crowded reports whether more calls of an address wait than a carrier's ever do.
func (u *unmet) crowded(from netip.Addr) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.of[from] > crowd
}
