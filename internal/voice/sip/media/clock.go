package media

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/voice"
)

const (
	// slots is into how many parts of a frame's time the sessions are spread,
	// so that the packets of hundreds do not leave in one burst.
	slots = 4

	// catchUp is how late a packet may still be sent. What is later than that,
	// as after the machine stood still, is left out.
	catchUp = 60 * time.Millisecond
)

// pace are the clocks of all sessions, one for each processor: that takes about
// two thirds of the time that one for each session does, see BenchmarkClock.
// A clock runs while it has sessions.
var (
	pace   = make([]clock, runtime.GOMAXPROCS(0))
	opened atomic.Uint32 // sessions, which take clocks in turns
)

func nextClock() *clock { return &pace[int(opened.Add(1))%len(pace)] }

// clock makes each of its sessions tick every 20 ms, without drift.
type clock struct {
	mu       sync.Mutex // guards everything below
	sessions [slots][]*Session
	running  bool
}

// beat is one tick of a clock: when it was due, and when it is.
type beat struct{ due, now time.Time }

func (b beat) late() time.Duration { return max(0, b.now.Sub(b.due)) }

// missed reports whether it is too late for a packet.
func (b beat) missed() bool { return b.late() > catchUp }

// add makes s tick from now on, in the slot with the fewest sessions.
func (c *clock) add(s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fewest := 0
	for i := range c.sessions {
		if len(c.sessions[i]) < len(c.sessions[fewest]) {
			fewest = i
		}
	}
	c.sessions[fewest] = append(c.sessions[fewest], s)
	if !c.running {
		c.running = true
		go c.run()
	}
}

// remove takes s off the clock: once it returns, s does not tick any more.
func (c *clock) remove(s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.sessions {
		if at := slices.Index(c.sessions[i], s); at >= 0 {
			c.sessions[i] = slices.Delete(c.sessions[i], at, at+1)
		}
	}
}

// run ticks until there are no sessions. Each tick is due a fixed time after
// the one before, however long that took.
func (c *clock) run() {
	const step = voice.FrameTime / slots
	due := time.Now()
	for slot := 0; c.tick(slot, due); slot = (slot + 1) % slots {
		due = due.Add(step)
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}
	}
}

// tick ticks the sessions of a slot, and reports whether the clock goes on.
func (c *clock) tick(slot int, due time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sessions[slot] {
		s.tick(beat{due: due, now: time.Now()})
	}
	c.running = slices.ContainsFunc(c.sessions[:], func(s []*Session) bool { return len(s) > 0 })
	return c.running
}
