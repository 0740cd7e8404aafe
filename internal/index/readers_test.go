package index

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// TestReadersSeeWholeLists has readers ask while a writer changes the list as
// fast as it can. What is always listed must always be found, what never is
// never, and what was added before a question by its answer.
func TestReadersSeeWholeLists(t *testing.T) {
	const steps = 5000
	l := new(list)
	for i := range uint64(alwaysListed) {
		l.add(e(always(i)), dnc.User, int64(i))
	}
	var (
		added   atomic.Int64 // numbers of these are on the list
		done    atomic.Bool
		readers sync.WaitGroup
	)
	for seed := range uint64(2) {
		readers.Go(func() {
			r := rand.New(rand.NewPCG(seed, 1))
			for !done.Load() {
				readOnce(t, l, r, added.Load())
			}
		})
	}
	churn := rand.New(rand.NewPCG(9, 9))
	for i := range int64(steps) {
		l.add(e(newcomer(i)), dnc.System, 1_000_000+i*2)
		added.Store(i + 1)
		n := e(2 * (6_107_000_000 + churn.Uint64N(200_000))) // comes and goes
		if !l.add(n, dnc.User, 1_000_001+i*2) {
			l.all.Remove(n)
		}
	}
	done.Store(true)
	readers.Wait()
}

// alwaysListed is how many numbers are always listed, each on a page of its
// own. The newcomers bring the pages over the threshold of their direct table.
const alwaysListed = 14_000

func always(i uint64) uint64 { return 1_201_000_0000 + i*20_000 }

// newcomer returns the number that is added in step i.
func newcomer(i int64) uint64 { return 1_600_000_0000 + uint64(i)*20_000 }

// readOnce asks for an always listed number, its odd neighbour that never is,
// and one of the newcomers; one by one, among many, and by a search.
func readOnce(t *testing.T, l *list, r *rand.Rand, added int64) {
	there := []uint64{always(r.Uint64N(alwaysListed))}
	if added > 0 {
		there = append(there, newcomer(added-1), newcomer(r.Int64N(added)))
	}
	var ns []e164.Number
	for _, n := range there {
		if !l.all.Has(e(n)) {
			t.Errorf("Has(%d) = false, it has been added", n)
		}
		if l.all.Has(e(n + 1)) {
			t.Errorf("Has(%d) = true, it was never added", n+1)
		}
		ns = append(ns, e164.FromUint64(n), e164.FromUint64(n+1))
	}
	listed := make([]bool, len(ns))
	l.all.HasMany(ns, listed)
	for i, n := range ns {
		if listed[i] != (i%2 == 0) {
			t.Errorf("among many %v is listed: %t", n, listed[i])
		}
	}
	if r.IntN(500) == 0 {
		searchOnce(t, l, there[0])
	}
}

// searchOnce looks for a number that is listed, by all its digits.
func searchOnce(t *testing.T, l *list, n uint64) {
	for _, order := range []dnc.Order{
		dnc.NewestFirst, dnc.OldestFirst, dnc.NumberUp, dnc.NumberDown,
	} {
		q := dnc.Query{Part: e164.FromUint64(n).String()[1:], Order: order, Limit: 50}
		if found := l.search(q); !slices.Contains(found.Numbers, e164.FromUint64(n)) {
			t.Errorf("search(%+v) = %+v, %d is listed", q, found, n)
		}
	}
}
