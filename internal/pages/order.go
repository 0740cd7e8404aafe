package pages

import (
	"iter"
	"slices"

	"nocall/internal/e164"
)

// Search gives the numbers that hold p and come after one, in rising order, or
// in falling order if down is set. All come after the zero Number, either way.
func (s *Set) Search(p *Part, after e164.Number, down bool) iter.Seq[e164.Number] {
	return func(yield func(e164.Number) bool) {
		search(s.page, s.prefixes(after.Uint64(), down), walk{p, after.Uint64(), down}, yield)
	}
}

// walk is a way through numbers in order.
type walk struct {
	part  *Part // that they hold; nil for all
	after uint64
	down  bool
}

// search goes through the pages of prefixes.
func search(
	pageOf func(prefix uint64) page, prefixes iter.Seq[uint64], w walk,
	yield func(e164.Number) bool,
) {
	var (
		buf []uint64
		set *suffixSet
	)
	for prefix := range prefixes {
		if w.part != nil {
			var all bool
			if set, all = w.part.after(pack(prefix)); set == nil && !all {
				continue
			}
		}
		buf = pageOf(prefix).appendNumbers(buf[:0], prefix, set)
		if !w.inOrder(buf, yield) {
			return
		}
	}
}

// inOrder sorts numbers and gives those that come after the one.
func (w walk) inOrder(numbers []uint64, yield func(e164.Number) bool) bool {
	slices.Sort(numbers)
	if w.down {
		slices.Reverse(numbers)
	}
	for _, n := range numbers {
		beyond := n > w.after
		if w.down {
			beyond = n < w.after || w.after == 0
		}
		if beyond && !yield(e164.FromUint64(n)) {
			return false
		}
	}
	return true
}

// prefixes gives those of the numbers that may come after one, in order.
func (s *Set) prefixes(after uint64, down bool) iter.Seq[uint64] {
	switch {
	case !down:
		return s.rising(after / suffixes)
	case after == 0:
		return s.falling(maxNumber / suffixes)
	}
	return s.falling(after / suffixes)
}

// sorted returns the prefixes in rising order.
func (t *table) sorted() []uint64 {
	taken := int(t.taken.Load())
	if last := t.rising.Load(); last != nil && len(*last) >= taken {
		return *last
	}
	rising := make([]uint64, 0, taken)
	for i := range t.slots {
		if key := t.slots[i].key.Load(); key != 0 {
			rising = append(rising, key-1)
		}
	}
	slices.Sort(rising)
	t.rising.Store(&rising)
	return rising
}

// rising gives the prefixes from first on, in rising order; of some the page
// may be empty.
func (s *Set) rising(first uint64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		v := s.view.Load()
		if v == nil {
			return
		}
		hashed := v.table.sorted()
		i, _ := slices.BinarySearch(hashed, first)
		for ; i < len(hashed) && hashed[i] < american; i++ {
			if !yield(hashed[i]) {
				return
			}
		}
		for j := max(first, american) - american; j < uint64(len(v.direct)); j++ {
			if v.direct[j].Load() != 0 && !yield(american+j) {
				return
			}
		}
		for ; i < len(hashed); i++ {
			if !yield(hashed[i]) {
				return
			}
		}
	}
}

// falling gives the prefixes from first on, in falling order; of some the page
// may be empty.
func (s *Set) falling(first uint64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		v := s.view.Load()
		if v == nil {
			return
		}
		hashed := v.table.sorted()
		i, _ := slices.BinarySearch(hashed, first+1)
		for ; i > 0 && hashed[i-1] >= american; i-- {
			if !yield(hashed[i-1]) {
				return
			}
		}
		direct := v.direct[:min(uint64(len(v.direct)), max(first+1, american)-american)]
		for j := len(direct) - 1; j >= 0; j-- {
			if direct[j].Load() != 0 && !yield(uint64(american+j)) {
				return
			}
		}
		for ; i > 0; i-- {
			if !yield(hashed[i-1]) {
				return
			}
		}
	}
}
