package index

import (
	"cmp"
	"slices"
	"sort"
	"sync/atomic"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/pages"
)

// arrivals is the entries of a list in the order in which they were created.
// Its zero value is empty. Readers take no lock, writers take turns.
//
// An entry has a row. A new one comes behind the last; an edit changes the
// digits of the row, in one store; a removal marks them. When most rows are
// removed, those that are left are written anew.
type arrivals struct {
	rows    atomic.Pointer[rows] // nil while nothing was ever added
	removed int                  // rows that are marked
}

// The marks of an entry that stand beside the digits of its number.
const (
	bySystem pages.Digits = 1 << 60
	removed  pages.Digits = 1 << 61
)

// row is one entry: its number, by whom and when it was created.
type row struct {
	digits pages.Digits
	at     int64 // microseconds since 1970
}

// rows are the rows as a reader sees them. Those before size are complete.
type rows struct {
	chunks []chunk // of chunkRows rows, but for the last
	size   atomic.Int64
}

type chunk struct {
	digits []atomic.Uint64
	at     []int64
}

const (
	chunkRows    = 8192
	chunkMin     = 16 // rows of the first chunk: a small list costs little
	compactAfter = 1024
)

func newChunk(n int) chunk { return chunk{make([]atomic.Uint64, n), make([]int64, n)} }

// view returns the rows and how many there are.
func (a *arrivals) view() (v *rows, size int) {
	v = a.rows.Load()
	if v == nil {
		return new(rows), 0
	}
	return v, int(v.size.Load())
}

func (v *rows) digits(i int) pages.Digits {
	return pages.Digits(v.chunks[i/chunkRows].digits[i%chunkRows].Load())
}

func (v *rows) at(i int) int64 { return v.chunks[i/chunkRows].at[i%chunkRows] }

func (v *rows) set(i int, d pages.Digits) {
	v.chunks[i/chunkRows].digits[i%chunkRows].Store(uint64(d))
}

// first returns the first of size rows that was created at or after at.
func (v *rows) first(at int64, size int) int {
	return sort.Search(size, func(i int) bool { return v.at(i) >= at })
}

// before returns how many of size rows come before a position, after returns
// the first that comes after it. All do, either way, for the zero position.
func (v *rows) before(p dnc.Position, size int) int {
	if p.IsZero() {
		return size
	}
	return sort.Search(size, func(i int) bool { return v.compare(i, p) >= 0 })
}

func (v *rows) after(p dnc.Position, size int) int {
	if p.IsZero() {
		return 0
	}
	return sort.Search(size, func(i int) bool { return v.compare(i, p) > 0 })
}

func (v *rows) compare(i int, p dnc.Position) int {
	if c := cmp.Compare(v.at(i), p.CreatedAt.UnixMicro()); c != 0 {
		return c
	}
	return cmp.Compare(v.digits(i).Number().Uint64(), p.Number.Uint64())
}

// next returns the first place from i on, in steps of 1 or -1, whose digits
// pass few, or a place where there are no rows.
func (v *rows) next(i, step int, few sieve) int {
	if few.bits == nil {
		return i
	}
	for i >= 0 && i/chunkRows < len(v.chunks) {
		digits := v.chunks[i/chunkRows].digits
		begin := i - i%chunkRows
		for i -= begin; uint(i) < uint(len(digits)); i += step {
			if few.passes(digits[i].Load()) {
				return begin + i
			}
		}
		i += begin
		if len(digits) < chunkRows && step > 0 {
			break
		}
	}
	return i
}

// find returns the place of the row of number, which was created at at.
func (a *arrivals) find(number e164.Number, at int64) (v *rows, i int, ok bool) {
	v, size := a.view()
	want := pages.Pack(number)
	for i = v.first(at, size); i < size && v.at(i) == at; i++ {
		if d := v.digits(i); d&^bySystem == want {
			return v, i, true
		}
	}
	return v, 0, false
}

// add puts r in its place, which is the last but where clocks went backwards.
func (a *arrivals) add(r row) {
	v, size := a.view()
	if size > 0 && v.at(size-1) > r.at {
		a.fill(append(a.left(), r))
		return
	}
	if last := len(v.chunks) - 1; last < 0 || size == last*chunkRows+len(v.chunks[last].at) {
		v = v.longer(size)
		a.rows.Store(v)
	}
	v.chunks[size/chunkRows].at[size%chunkRows] = r.at
	v.set(size, r.digits)
	v.size.Store(int64(size + 1)) // last: whoever sees it sees the row
}

// longer returns v, which is full, with room for more rows.
func (v *rows) longer(size int) *rows {
	next := &rows{chunks: slices.Clone(v.chunks)}
	next.size.Store(int64(size))
	last := len(next.chunks) - 1
	switch {
	case last < 0:
		next.chunks = append(next.chunks, newChunk(chunkMin))
	case len(next.chunks[last].at) == chunkRows:
		next.chunks = append(next.chunks, newChunk(chunkRows))
	default:
		next.chunks[last] = next.chunks[last].longer()
	}
	return next
}

func (c chunk) longer() chunk {
	next := newChunk(min(2*len(c.at), chunkRows))
	copy(next.at, c.at)
	for i := range c.digits {
		next.digits[i].Store(c.digits[i].Load())
	}
	return next
}

// edit gives the row of number, which was created at at, another number. It
// returns false if there is no such row.
func (a *arrivals) edit(number e164.Number, at int64, to e164.Number) bool {
	v, i, ok := a.find(number, at)
	if ok {
		v.set(i, pages.Pack(to)|v.digits(i)&pages.Marks)
	}
	return ok
}

// remove takes the row of number, which was created at at, away. It returns
// false if there is no such row.
func (a *arrivals) remove(number e164.Number, at int64) bool {
	v, i, ok := a.find(number, at)
	if !ok {
		return false
	}
	v.set(i, v.digits(i)|removed)
	a.removed++
	if a.removed > compactAfter && a.removed > int(v.size.Load())/2 {
		a.fill(a.left())
	}
	return true
}

// left returns the rows that are not removed.
func (a *arrivals) left() []row {
	v, size := a.view()
	left := make([]row, 0, size-a.removed+1)
	for i := range size {
		if d := v.digits(i); d&removed == 0 {
			left = append(left, row{d, v.at(i)})
		}
	}
	return left
}

// fill makes the rows all there is.
func (a *arrivals) fill(all []row) {
	sortRows(all)
	v := new(rows)
	v.size.Store(int64(len(all)))
	for part := range slices.Chunk(all, chunkRows) {
		c := newChunk(len(part))
		for i, r := range part {
			c.digits[i].Store(uint64(r.digits))
			c.at[i] = r.at
		}
		v.chunks = append(v.chunks, c)
	}
	a.rows.Store(v)
	a.removed = 0
}

// sortRows sorts rows by time, and by number where clocks stood still.
func sortRows(s []row) {
	compare := func(a, b row) int {
		if a.at != b.at {
			return cmp.Compare(a.at, b.at)
		}
		return cmp.Compare(a.digits.Number().Uint64(), b.digits.Number().Uint64())
	}
	if slices.IsSortedFunc(s, compare) {
		return
	}
	sortBy(s, func(r row) uint64 { return uint64(r.at) ^ 1<<63 })
	if !slices.IsSortedFunc(s, compare) {
		slices.SortFunc(s, compare)
	}
}
