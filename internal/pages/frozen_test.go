package pages

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2/roaring64"

	"nocall/internal/e164"
)

// freeze has workers, each its share, build a set of numbers.
func freeze(t testing.TB, numbers []uint64, workers int) *Frozen {
	t.Helper()
	var b Builder
	inShares(workers, func(i int) {
		w := b.Worker()
		for n := range numbered(numbers[len(numbers)*i/workers : len(numbers)*(i+1)/workers]) {
			w.Add(n)
		}
	})
	f, err := b.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// reopened returns f as it is read from its file.
func reopened(t testing.TB, f *Frozen) *Frozen {
	t.Helper()
	var file bytes.Buffer
	if n, err := f.WriteTo(&file); err != nil || n != f.Bytes() || int(n) != file.Len() {
		t.Fatalf("WriteTo = %d, %v; it has %d bytes", n, err, f.Bytes())
	}
	again, err := OpenFrozen(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Verify(); err != nil {
		t.Fatal(err)
	}
	read, err := ReadFrozen(bytes.NewReader(file.Bytes()), int64(file.Len()), nil)
	if err != nil || !bytes.Equal(read.file, again.file) {
		t.Fatalf("ReadFrozen: %v, or it is another", err)
	}
	return read
}

// crowded returns numbers of all kinds: on pages with one, with a few, with as
// many as a sparse page may have, and with all; with a table and without.
func crowded(prefixes int, seed uint64) []uint64 {
	r := rand.New(rand.NewPCG(seed, 7))
	numbers := some(2000, seed)
	for i := range prefixes {
		count := 1
		switch {
		case i%3500 == 0:
			count = []int{frozenMax - 1, frozenMax, frozenMax + 1, 3000, suffixes}[i/3500%5]
		case i%50 == 0:
			count = 1 + i/50%60
		}
		first := uint64(american+i*11%americanCount) * suffixes
		begin := r.Uint64N(suffixes)
		for s := range uint64(count) {
			numbers = append(numbers, first+(begin+s*7919)%suffixes)
		}
	}
	for range 2000 {
		numbers = append(numbers, 442_071_830_000+r.Uint64N(20_000)) // dense, elsewhere
	}
	return numbers
}

// TestFrozenAgainstRoaring holds all that can be asked of a set against another
// library: just built, and read from its file.
func TestFrozenAgainstRoaring(t *testing.T) {
	for name, numbers := range map[string][]uint64{
		"empty":    nil,
		"one":      {ada},
		"edges":    {1, 9999, 10_000, 11_999_999_999, 12e9, 19_999_999_999, 2e10, maxNumber},
		"hashed":   crowded(3000, 1),
		"table":    crowded(americanMany+1000, 2),
		"as found": some(40_000, 3),
	} {
		t.Run(name, func(t *testing.T) {
			oracle := roaring64.New()
			oracle.AddMany(numbers)
			r := rand.New(rand.NewPCG(3, 3))
			r.Shuffle(len(numbers), func(i, j int) {
				numbers[i], numbers[j] = numbers[j], numbers[i]
			})
			twice := append(slices.Clone(numbers), numbers[:len(numbers)/3]...)
			f := freeze(t, twice, 3)
			compareFrozen(t, reopened(t, f), oracle)
			odd := append([]byte{0}, f.file...)[1:] // in memory that words do not fit
			again, err := OpenFrozen(odd)
			if err != nil {
				t.Fatal(err)
			}
			compareFrozen(t, again, oracle)
		})
	}
}

func compareFrozen(t *testing.T, f *Frozen, oracle *roaring64.Bitmap) {
	t.Helper()
	want := oracle.ToArray()
	if got := f.Len(); got != len(want) {
		t.Errorf("Len = %d, want %d", got, len(want))
	}
	falling := digitsOf(f.Search(nil, e164.Number{}, true))
	slices.Reverse(falling)
	if rising := digitsOf(f.All()); !slices.Equal(rising, want) || !slices.Equal(falling, want) {
		t.Fatal("numbers in order are not those of the oracle")
	}
	var ns []e164.Number
	for _, n := range want[:min(len(want), 15_000)] {
		ns = append(ns, e164.FromUint64(n), e164.FromUint64(n+1), e164.FromUint64(n^1<<20))
	}
	has := make([]bool, len(ns))
	f.HasMany(ns, has)
	for i, n := range ns {
		want := oracle.Contains(n.Uint64())
		if got := f.Has(n); got != want || has[i] != want {
			t.Fatalf("Has(%v) = %t, among many %t, want %t", n, got, has[i], want)
		}
	}
	for _, to := range []uint64{0, 12_010_005_000, 14_155_550_100, 20_000_000_000, maxNumber} {
		from := to / 2
		want := oracle.Rank(to)
		if from > 0 {
			want -= oracle.Rank(from - 1)
		}
		if got := f.Count(e164.FromUint64(from), e164.FromUint64(to)); got != int(want) {
			t.Errorf("Count(%d, %d) = %d, want %d", from, to, got, want)
		}
	}
}

// TestFrozenSearch finds parts of a number in order, page by page.
func TestFrozenSearch(t *testing.T) {
	numbers := crowded(americanMany+1000, 5)
	f := freeze(t, numbers, 2)
	numbers = digitsOf(f.All())
	for _, text := range []string{
		"", "5", "12", "0000", "99999", "4420718", "12003500", "14155550100",
	} {
		var want []uint64
		for _, n := range numbers {
			if strings.Contains(strconv.FormatUint(n, 10), text) {
				want = append(want, n)
			}
		}
		var got []uint64
		for after := (e164.Number{}); ; after = e164.FromUint64(got[len(got)-1]) {
			before := len(got)
			for n := range f.Search(mustPart(t, text), after, false) {
				if got = append(got, n.Uint64()); len(got) == before+100_000 {
					break
				}
			}
			if len(got) == before {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("Search(%q) finds %d numbers, want %d", text, len(got), len(want))
		}
	}
}

// TestBuilderRemoves follows a change file: what was said last counts.
func TestBuilderRemoves(t *testing.T) {
	base := freeze(t, some(5000, 1), 1)
	oracle := roaring64.New()
	oracle.AddMany(digitsOf(base.All()))
	var b Builder
	w := b.Worker()
	w.AddFrozen(base)
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range digitsOf(base.All()) {
		switch r.IntN(4) {
		case 0:
			w.Remove(e164.FromUint64(n))
			oracle.Remove(n)
		case 1:
			w.Remove(e164.FromUint64(n))
			w.AddMany([]e164.Number{e164.FromUint64(n), e164.FromUint64(n + 1)})
			oracle.Add(n)
			oracle.Add(n + 1)
		}
	}
	f, err := b.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	compareFrozen(t, f, oracle)
	if f, err = b.Freeze(); err != nil || f.Len() != 0 {
		t.Errorf("a builder that was frozen has %d numbers, %v", f.Len(), err)
	}
}

// TestFrozenSize holds what the list costs in memory.
func TestFrozenSize(t *testing.T) {
	if got := freeze(t, nil, 1).Bytes(); got > 64 {
		t.Errorf("an empty set takes %d bytes", got)
	}
	if got := freeze(t, []uint64{ada}, 1).Bytes(); got > 128 {
		t.Errorf("a set of one takes %d bytes", got)
	}
	var none *Frozen
	has := []bool{true}
	if none.Has(e164.FromUint64(ada)) || none.HasMany([]e164.Number{{}}, has) || has[0] ||
		none.Len() != 0 || none.Bytes() != 0 || none.Verify() != nil ||
		digitsOf(none.All()) != nil {
		t.Error("a nil set is not empty")
	}
}

// TestPagesOfAllSizes asks a page of each number of words that a damaged file may
// say it has.
func TestPagesOfAllSizes(t *testing.T) {
	for words := range denseWords + 3 {
		f := &Frozen{begins: []uint32{0}, ends: []uint32{uint32(words)}}
		f.words = make([]uint64, words)
		for suffix := range uint64(suffixes) {
			n := e164.FromUint64(american*suffixes + suffix)
			has := make([]bool, 1)
			f.HasMany([]e164.Number{n}, has)
			got := f.Has(n)
			if got != has[0] || words >= denseWords && got != (words > denseWords) {
				t.Fatalf("of %d words Has(%v) = %t, among many %t", words, n, got, has[0])
			}
		}
	}
}

// TestFileRefused refuses every file that was cut, is too long, or has a bit that
// is another, at its head when it is opened and elsewhere when it is verified.
func TestFileRefused(t *testing.T) {
	for _, numbers := range [][]uint64{nil, crowded(700, 1), crowded(americanMany+200, 2)} {
		f := freeze(t, numbers, 1)
		head := int(f.header.body())
		slots := head + 8*int(f.header.tableWords())
		words := slots + 16*int(f.header.slots)
		for _, at := range []int{0, 7, 8, 63, 64, head, slots, words, len(f.file)} {
			for _, size := range []int{at - 1, at, at + 1} {
				if size < 0 || size == len(f.file) {
					continue
				}
				cut := f.file[:min(size, len(f.file))]
				if size > len(f.file) {
					cut = append(slices.Clone(cut), 0)
				}
				if _, err := OpenFrozen(cut); !errors.Is(err, ErrDamaged) {
					t.Errorf("of %d bytes %d are opened: %v", len(f.file), len(cut), err)
				}
				_, err := ReadFrozen(bytes.NewReader(cut), int64(len(cut)), nil)
				if !errors.Is(err, ErrDamaged) {
					t.Errorf("of %d bytes %d are read: %v", len(f.file), len(cut), err)
				}
			}
		}
		r := rand.New(rand.NewPCG(1, 1))
		for _, at := range []int{0, 9, 60, head - 1, head, slots, words, len(f.file) - 1} {
			if at == len(f.file) {
				continue
			}
			bit := byte(1) << r.IntN(8)
			f.file[at] ^= bit
			g, err := OpenFrozen(f.file)
			if err == nil {
				err = g.Verify()
			}
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("byte %d of %d is another: %v", at, len(f.file), err)
			}
			_, err = ReadFrozen(bytes.NewReader(f.file), f.Bytes(), nil)
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("byte %d of %d is another, and it is read: %v", at, len(f.file), err)
			}
			f.file[at] ^= bit
		}
	}
}

// FuzzOpenFrozen asks sets of whatever bytes, with a head that fits them.
func FuzzOpenFrozen(f *testing.F) {
	f.Add([]byte{}, uint64(ada), uint(0))
	f.Add(freeze(f, []uint64{ada}, 1).file[64:], uint64(ada), uint(0))
	f.Add(freeze(f, crowded(30, 1), 1).file[72:], uint64(447_300_000_000), uint(0))
	f.Add(bytes.Repeat([]byte{0xff}, 800), uint64(19_999_999_999), uint(3))
	f.Add([]byte{1, 0, 0, 0, 0, 1, 0, 0, 4, 0, 0, 0}, uint64(12_000_000_000), uint(2))
	f.Add(make([]byte, 4000), uint64(12_000_010_000), uint(300))
	f.Fuzz(func(t *testing.T, body []byte, number uint64, table uint) {
		h := header{numbers: 1, table: uint64(table % 1000)}
		body = append(body, make([]byte, 8*h.tableWords())...)
		left := uint64(len(body))/8 - h.tableWords()
		h.slots = number % (left/2 + 1)
		h.words = left - 2*h.slots
		file := make([]byte, h.size())
		copy(file[h.body():], body)
		h.write(file[:h.body()])
		askAll(t, file, number)
		for _, n := range []int{int(number % uint64(len(file))), len(file) - 1} {
			askAll(t, file[:n], number)
		}
		askAll(t, body, number)
	})
}

// askAll asks the set of a file everything. What it says is of no matter.
func askAll(t *testing.T, file []byte, number uint64) {
	s, err := OpenFrozen(file)
	if err != nil {
		return
	}
	s.Verify() //nolint:errcheck // it is damaged, or not
	ns := make([]e164.Number, 70)
	for i := range ns {
		ns[i] = e164.FromUint64(number%maxNumber ^ uint64(i)<<(i%50))
		if i%3 == 0 {
			ns[i] = e164.FromUint64(11_999_999_999 + number>>i%5_000_000) // in the table
		}
	}
	has := make([]bool, len(ns))
	s.HasMany(ns, has)
	for i, n := range ns {
		if s.Has(n) != has[i] {
			t.Errorf("Has(%v) = %t, among many %t", n, !has[i], has[i])
		}
	}
	p := mustPart(t, strconv.FormatUint(number%1000, 10))
	for _, down := range []bool{false, true} {
		taken := 0
		for range s.Search(p, ns[1], down) {
			if taken++; taken > 1000 {
				break
			}
		}
	}
	s.Count(ns[0], ns[len(ns)-1])
}
