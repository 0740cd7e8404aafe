package dialer_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
	"nocall/internal/voice/simulator"
)

// witness sees what is promised of each number and what is done, and notes
// where a promise is not kept. It stands between the list and its store, and
// between the dialer and the make-believe network, and knows neither's inside.
type witness struct {
	mu      sync.Mutex // guards following
	numbers map[place]*standing
	broken  []string       // promises that were not kept
	seen    map[string]int // how often what was seen
}

// place is a number on the list of an environment.
type place struct {
	environment dnc.Environment
	number      e164.Number
}

func (p place) String() string { return fmt.Sprintf("%v in %s", p.number, p.environment) }

// standing is what is known of a number.
type standing struct {
	asked    int  // removals that were asked for so far
	open     int  // how many of them are under way
	promised bool // an add was acknowledged, and no removal asked for since
	ringing  map[*ringing]bool
}

// ringing is a call whose phone rings.
type ringing struct {
	ctx context.Context // done when it was recalled, or hung up
	at  place
}

func newWitness() *witness {
	return &witness{numbers: make(map[place]*standing), seen: make(map[string]int)}
}

// at returns the standing of p. It is called under w.mu.
func (w *witness) at(p place) *standing {
	if w.numbers[p] == nil {
		w.numbers[p] = &standing{ringing: make(map[*ringing]bool)}
	}
	return w.numbers[p]
}

func (w *witness) see(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[what]++
}

func (w *witness) count(what string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[what]
}

// total returns how many deeds were seen.
func (w *witness) total() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, seen := range w.seen {
		n += seen
	}
	return n
}

// String tells what was seen.
func (w *witness) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var text string
	for _, what := range slices.Sorted(maps.Keys(w.seen)) {
		text += fmt.Sprintf("%s %d, ", what, w.seen[what])
	}
	return text + fmt.Sprintf("not kept %d", len(w.broken))
}

// moment is a standing as it was.
type moment struct {
	asked    int
	quiet    bool // no removal was under way
	promised bool
}

// now returns how p stands.
func (w *witness) now(p place) moment {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.at(p)
	return moment{s.asked, s.open == 0, s.promised}
}

// added takes in that p was listed, by an add that was asked for at m and has
// been acknowledged. From here on no call to it may start, and every call to
// it that rings must have been recalled.
func (w *witness) added(p place, m moment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen["listed"]++
	s := w.at(p)
	if !m.quiet || s.asked != m.asked {
		return // who knows which came last
	}
	s.promised = true
	for call := range s.ringing {
		if call.ctx.Err() == nil {
			w.broken = append(w.broken, fmt.Sprintf("%v rings on after it was listed", p))
		}
	}
}

// removing takes in that a removal of p was asked for. It returns what takes in
// its answer.
func (w *witness) removing(p place) (done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen["removals"]++
	s := w.at(p)
	s.asked++
	s.open++
	s.promised = false
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		s.open--
	}
}

// rings takes in that a phone is made to ring.
func (w *witness) rings(call *ringing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen["rung"]++
	s := w.at(call.at)
	if s.promised {
		w.broken = append(w.broken, fmt.Sprintf("%v was rung while listed", call.at))
	}
	s.ringing[call] = true
}

// stops takes in that a phone rings no more, or is being answered. It reports
// whether the number was listed then.
func (w *witness) stops(call *ringing) (promised bool) {
	if call.at == (place{}) {
		return false // it never rang
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.at(call.at)
	delete(s.ringing, call)
	return s.promised
}

// redeemed takes in that a token for p was redeemed, asked for at m.
func (w *witness) redeemed(p place, m moment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen["redeemed"]++
	if m.promised && w.at(p).asked == m.asked {
		w.broken = append(w.broken, fmt.Sprintf("a token for %v was redeemed while listed", p))
	}
}

// watchedStore is the store of a list, as the witness sees it.
type watchedStore struct {
	dnc.Store
	witness *witness
}

func (s watchedStore) AddEntry(ctx context.Context, e dnc.Entry) (dnc.Entry, bool, error) {
	p := place{e.Environment, e.Number}
	m := s.witness.now(p)
	entry, added, err := s.Store.AddEntry(ctx, e)
	if err == nil {
		s.witness.added(p, m)
	}
	return entry, added, err
}

func (s watchedStore) EditEntry(ctx context.Context, e dnc.Edit) (dnc.Entry, error) {
	to := place{e.Environment, e.Number}
	if e.NewNumber != nil {
		defer s.witness.removing(to)()
		to.number = *e.NewNumber
	}
	m := s.witness.now(to)
	entry, err := s.Store.EditEntry(ctx, e)
	if err == nil {
		s.witness.added(to, m)
	}
	return entry, err
}

func (s watchedStore) RemoveEntry(ctx context.Context, r dnc.Removal) error {
	defer s.witness.removing(place{r.Environment, r.Number})()
	return s.Store.RemoveEntry(ctx, r)
}

// watchedPhone is the make-believe network of an environment, as the witness
// sees it.
type watchedPhone struct {
	environment dnc.Environment
	witness     *witness
}

// speed makes the network so fast that a phone which nobody answers rings for
// 10 ms.
const speed = 2000

func (p watchedPhone) Place(
	ctx context.Context, c dnc.Clearance, leg voice.Leg,
) (voice.Outcome, error) {
	call := &ringing{ctx: ctx}
	network := &simulator.Provider{Speed: speed, OnRing: func(n e164.Number) {
		linger()
		call.at = place{p.environment, n}
		p.witness.rings(call)
	}}
	hear := leg.Hear
	leg.Hear = func(ctx context.Context, ev voice.Event) (bool, error) {
		if ev.Kind != voice.Picked {
			return hear(ctx, ev)
		}
		tarry(2 * time.Millisecond)
		listed := p.witness.stops(call)
		optedOut, err := hear(ctx, ev)
		if err == nil && listed {
			p.witness.mu.Lock()
			p.witness.broken = append(p.witness.broken,
				fmt.Sprintf("%v was answered after it was listed", call.at))
			p.witness.mu.Unlock()
		}
		return optedOut, err
	}
	tarry(2 * time.Millisecond)
	outcome, err := network.Place(ctx, c, leg)
	p.witness.stops(call)
	if c.Recalled() && c.Dialed() {
		p.witness.see("recalled")
	}
	return outcome, err
}

// linger makes what takes no time take up to 1 ms, so that others come between.
// It does not wait.
func linger() {
	for end := time.Now().Add(random(time.Millisecond)); time.Now().Before(end); {
		runtime.Gosched()
	}
}

// tarry waits for up to d: a provider, or a person, may be slow.
func tarry(d time.Duration) { <-time.After(random(d)) }

func random(d time.Duration) time.Duration { return time.Duration(rand.Int64N(int64(d))) }
