package storetest

import (
	"context"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Notebook is a follower that writes down what it is told.
type Notebook struct {
	mu      sync.Mutex // guards following
	events  []dnc.Event
	numbers map[e164.Number]bool // listed at some time
	inDoubt bool
	doubts  int
	reloads int
}

// Apply implements [Follower].
func (n *Notebook) Apply(events []dnc.Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.events = append(n.events, events...)
	if n.numbers == nil {
		n.numbers = make(map[e164.Number]bool)
	}
	for _, ev := range events {
		n.numbers[ev.Number], n.numbers[ev.NewNumber] = true, true
	}
}

// Doubt implements [Follower].
func (n *Notebook) Doubt(inDoubt bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.inDoubt = inDoubt
	if inDoubt {
		n.doubts++
	}
}

// Reload implements [Follower].
func (n *Notebook) Reload(context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.reloads++
	return nil
}

// Told returns the events told of so far.
func (n *Notebook) Told() []dnc.Event {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]dnc.Event(nil), n.events...)
}

// Doubts returns how often there was a doubt, how often all was read anew,
// and whether there is a doubt now.
func (n *Notebook) Doubts() (doubts, reloads int, inDoubt bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.doubts, n.reloads, n.inDoubt
}

// Knows reports whether it was told of a number.
func (n *Notebook) Knows(number e164.Number) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.numbers[number]
}

// addMany adds entries 0 to n-1, many at once.
func addMany(t *testing.T, s Store, n int) {
	t.Helper()
	var clients sync.WaitGroup
	for c := range 50 {
		clients.Go(func() {
			for i := c; i < n; i += 50 {
				e := entry(i)
				e.CreatedAt = time.Time{}
				if _, added, err := s.AddEntry(t.Context(), e); !added || err != nil {
					t.Errorf("AddEntry(%d) = %v, %v; want it added", i, added, err)
				}
			}
		})
	}
	clients.Wait()
}

// testAddsAtOnce holds that of many who add one number at once, one does, and
// that each is in the trail.
func testAddsAtOnce(t *testing.T, d *database) {
	s := d.startWith(t)
	const numbers, clients = 40, 16
	var mu sync.Mutex
	added := make(map[e164.Number]int)
	stood := make(map[dnc.Entry]bool)
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for i := range numbers {
				e := entry((i + c) % numbers)
				e.CreatedAt = time.Time{}
				got, ok, err := s.AddEntry(t.Context(), e)
				if err != nil {
					t.Errorf("AddEntry = %v", err)
				}
				mu.Lock()
				stood[got] = true
				if ok {
					added[e.Number]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(added) != numbers || len(stood) != numbers {
		t.Errorf("%d numbers, %d different entries; want %d", len(added), len(stood), numbers)
	}
	for n, times := range added {
		if times != 1 {
			t.Errorf("%v was added %d times", n, times)
		}
	}
	page, err := s.Trail(t.Context(), "production", dnc.TrailQuery{
		Kind: dnc.AddedAgain, Limit: 1,
	})
	if want := numbers*clients - numbers; err != nil || page.Total != want {
		t.Errorf("Trail(added_again).Total = %d, %v; want %d", page.Total, err, want)
	}
}

// testFollows holds that the follower is told before the answer, in order.
func testFollows(t *testing.T, d *database) {
	s, book := d.startWith(t), new(Notebook)
	s.Follow(book)
	var clients sync.WaitGroup
	for c := range 8 {
		clients.Go(func() {
			for i := range 25 {
				e := entry(100*c + i)
				if _, _, err := s.AddEntry(t.Context(), e); err != nil || !book.Knows(e.Number) {
					t.Errorf("AddEntry(%v) = %v before it was told", e.Number, err)
				}
			}
		})
	}
	clients.Wait()
	checkOrder(t, book.Told(), 1)
}

// checkOrder holds that the events of production go on from a revision without
// holes, and in time.
func checkOrder(t *testing.T, events []dnc.Event, revision int64) {
	t.Helper()
	var last time.Time
	for _, ev := range events {
		if ev.Environment != "production" {
			continue
		}
		if revision++; ev.Revision != revision || !ev.At.After(last) {
			t.Fatalf("event %d at %v; want %d, after %v", ev.Revision, ev.At, revision, last)
		}
		last = ev.At
	}
}

// testChangesAtOnce holds that what is read at any moment, and the events
// after it, make what is there in the end.
func testChangesAtOnce(t *testing.T, d *database) {
	s, book := d.startWith(t), new(Notebook)
	s.Follow(book)
	ctx, stop := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	for c := range 6 {
		clients.Go(func() {
			r := rand.New(rand.NewPCG(uint64(c), 7))
			for ctx.Err() == nil {
				changeAny(t, s, r)
			}
		})
	}
	var seen []map[dnc.Environment]*state
	for range 20 {
		seen = append(seen, take(t, s))
	}
	stop()
	clients.Wait()

	events := book.Told()
	checkOrder(t, events, 1)
	want := take(t, s)["production"]
	for _, lists := range seen {
		list := lists["production"]
		begin := list.revision
		for _, ev := range events {
			if ev.Environment == "production" && ev.Revision > begin && !list.apply(ev) {
				t.Fatalf("event %d follows %d", ev.Revision, list.revision)
			}
		}
		if list.revision != want.revision || !maps.Equal(list.entries, want.entries) {
			t.Fatalf("read at %d and followed: %d entries at %d; want %d at %d", begin,
				len(list.entries), list.revision, len(want.entries), want.revision)
		}
	}
}

// changeAny makes some change of a small list; most are refused or do nothing.
func changeAny(t *testing.T, s Store, r *rand.Rand) {
	ctx, n := t.Context(), number(r.IntN(30))
	switch r.IntN(4) {
	case 0:
		to := number(r.IntN(30))
		_, _ = s.EditEntry(ctx, dnc.Edit{Environment: "production", Number: n, NewNumber: &to})
	case 1:
		_ = s.RemoveEntry(ctx, dnc.Removal{Environment: "production", Number: n})
	case 2:
		_, _, err := s.AddEntry(ctx, dnc.Entry{
			Environment: "sandbox", Number: n, CreatedBy: dnc.User,
		})
		if err != nil {
			t.Errorf("AddEntry = %v", err)
		}
	default:
		_, _, err := s.AddEntry(ctx, dnc.Entry{
			Environment: "production", Number: n, CreatedBy: dnc.System,
		})
		if err != nil {
			t.Errorf("AddEntry = %v", err)
		}
	}
}
