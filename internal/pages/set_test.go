package pages

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"nocall/internal/e164"
)

// TestSetAgainstRoaring fills pages with many numbers at once, changes them
// one by one, and holds all that can be read of them against another library.
func TestSetAgainstRoaring(t *testing.T) {
	numbers := some(40_000, 1)
	oracle := roaring64.New()
	oracle.AddMany(numbers)
	s := new(Set)
	s.Fill(numbered(numbers))
	compare(t, s, oracle)

	r := rand.New(rand.NewPCG(1, 2))
	for range 25_000 {
		n := numbers[r.IntN(len(numbers))]
		switch r.IntN(4) {
		case 0:
			n += r.Uint64N(200) // near others
		case 1:
			n = 1_212_555_0000 + r.Uint64N(30_000) // on pages that become dense
		case 2:
			n = 1_000_000 + r.Uint64N(maxNumber-1_000_000) // anywhere
		}
		if r.IntN(2) == 0 {
			if got, want := s.add(n), oracle.CheckedAdd(n); got != want {
				t.Fatalf("add(%d) = %t, want %t", n, got, want)
			}
		} else if got, want := s.remove(n), oracle.CheckedRemove(n); got != want {
			t.Fatalf("remove(%d) = %t, want %t", n, got, want)
		}
	}
	compare(t, s, oracle)
}

// compare holds membership, size and order of s against oracle.
func compare(t *testing.T, s *Set, oracle *roaring64.Bitmap) {
	t.Helper()
	if got, want := uint64(s.Len()), oracle.GetCardinality(); got != want {
		t.Errorf("Len = %d, want %d", got, want)
	}
	want := oracle.ToArray()
	all := mustPart(t, "")
	rising := digitsOf(s.Search(all, e164.Number{}, false))
	falling := digitsOf(s.Search(all, e164.Number{}, true))
	slices.Reverse(falling)
	if !slices.Equal(rising, want) || !slices.Equal(falling, want) {
		t.Fatal("numbers in order are not those of the oracle")
	}
	inShares := s.gatherShare(s.view.Load(), Part{}, len(want), 0, 3).numbers
	for i := 1; i < 3; i++ {
		found := s.gatherShare(s.view.Load(), Part{}, len(want), i, 3)
		inShares = append(inShares, found.numbers...)
	}
	if slices.Sort(inShares); !slices.Equal(inShares, want) {
		t.Fatal("numbers in shares are not those of the oracle")
	}
	var ns []e164.Number
	for _, n := range want {
		ns = append(ns, e164.FromUint64(n), e164.FromUint64(n+1), e164.FromUint64(n^1<<20))
	}
	has := make([]bool, len(ns))
	s.HasMany(ns, has)
	for i, n := range ns {
		want := oracle.Contains(n.Uint64())
		if got := s.Has(n); got != want || has[i] != want {
			t.Fatalf("Has(%v) = %t, among many %t, want %t", n, got, has[i], want)
		}
	}
}

// TestSetAtEdges looks for what is not there where padding, bits or the ends
// of tables could be taken for it.
func TestSetAtEdges(t *testing.T) {
	numbers := []uint64{
		0, 9999, 10_000, 9_999_999_999, 10_000_000_000, 19_999_999_999, 20_000_000_000,
		maxNumber - 1, maxNumber,
	}
	for count := range numbers {
		s := new(Set)
		for _, n := range numbers[:count] {
			s.add(n)
		}
		for i, n := range numbers {
			if got := s.contains(n); got != (i < count) {
				t.Errorf("with %d numbers contains(%d) = %t", count, n, got)
			}
		}
	}
	for count := range uint64(2 * sparseMax) { // every filling of a sparse page
		s := new(Set)
		for i := range count {
			s.add(ada - ada%suffixes + 5000 + i)
		}
		for suffix := uint64(4900); suffix < 5300; suffix++ {
			want := suffix >= 5000 && suffix < 5000+count
			if got := s.contains(ada - ada%suffixes + suffix); got != want {
				t.Fatalf("with %d numbers contains(...%04d) = %t", count, suffix, got)
			}
		}
	}
}

// TestBlocksStaySmall changes a few pages very often: what is not in use any
// more must go.
func TestBlocksStaySmall(t *testing.T) {
	s := new(Set)
	s.Fill(numbered(some(20_000, 1)))
	inUse := func() (words, ids int) {
		for _, b := range s.view.Load().blocks {
			words += len(b)
		}
		return words, len(s.view.Load().blocks)
	}
	before, _ := inUse()
	r := rand.New(rand.NewPCG(1, 1))
	for range 10_000 {
		n := 1_212_555_0000 + r.Uint64N(50_000)
		if !s.add(n) {
			s.remove(n)
		}
	}
	after, ids := inUse()
	if most := 3*before + 3*blockMax; after > most || ids > 16 {
		t.Errorf("%d words in %d blocks, at first %d words; want at most %d",
			after, ids, before, most)
	}
}

// TestReadersOfSmallBlocks has readers ask while a writer changes one page of
// a small list. Its blocks are so small that every second change begins a new
// one, under the number of one that was dropped.
func TestReadersOfSmallBlocks(t *testing.T) {
	const first = ada - ada%suffixes
	s := new(Set)
	for i := range uint64(200) {
		s.add(first + i*3) // always there; one more never is, two more come and go
		s.add(first + suffixes + i*30)
	}
	var (
		done    atomic.Bool
		readers sync.WaitGroup
		all     = mustPart(t, strconv.Itoa(first/suffixes))
	)
	readers.Go(func() {
		for i := uint64(0); !done.Load(); i++ {
			n := first + i%200*3
			if !s.contains(n) || s.contains(n+1) {
				t.Errorf("%d is there, and %d is not: %t, %t",
					n, n+1, s.contains(n), s.contains(n+1))
			}
		}
	})
	readers.Go(func() {
		var has [group]bool
		ns := make([]e164.Number, group)
		for i := uint64(0); !done.Load(); i++ {
			for j := range ns {
				ns[j] = e164.FromUint64(first + (i+uint64(j)/2)%200*3 + uint64(j)%2)
			}
			s.HasMany(ns, has[:])
			for j, n := range ns {
				if has[j] != (j%2 == 0) {
					t.Errorf("among many %v is there: %t", n, has[j])
				}
			}
		}
	})
	readers.Go(func() {
		for !done.Load() {
			if total, _ := s.Gather(all, 0); total < 200 || total > 400 {
				t.Errorf("%d numbers on a page of 200 to 400", total)
			}
		}
	})
	for i := range uint64(20_000) {
		if n := first + i%200*3 + 2; !s.add(n) {
			s.remove(n)
		}
	}
	done.Store(true)
	readers.Wait()
}

func mustPart(t *testing.T, text string) *Part {
	t.Helper()
	p, ok := NewPart(text)
	if !ok {
		t.Fatalf("NewPart(%q) = false", text)
	}
	return p
}
