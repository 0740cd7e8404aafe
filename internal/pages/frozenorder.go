package pages

import (
	"iter"
	"math/bits"
	"runtime"
	"slices"

	"nocall/internal/e164"
)

// All gives the numbers of the set in rising order.
func (f *Frozen) All() iter.Seq[e164.Number] { return f.Search(nil, e164.Number{}, false) }

// Search gives the numbers that hold p, or all if p is nil, and come after one,
// in rising order, or in falling order if down is set. All come after the zero
// Number, either way. It goes only as far as it is asked to.
func (f *Frozen) Search(p *Part, after e164.Number, down bool) iter.Seq[e164.Number] {
	return func(yield func(e164.Number) bool) {
		if f == nil {
			return
		}
		defer runtime.KeepAlive(f)
		last := uint64(maxNumber)
		if down && !after.IsZero() {
			last = after.Uint64()
		}
		prefixes := f.rise(after.Uint64() / suffixes)
		if down {
			prefixes = f.fall(last / suffixes)
		}
		search(f.page, prefixes, walk{p, after.Uint64(), down}, yield)
	}
}

// Count returns how many numbers from first to last are in the set.
func (f *Frozen) Count(first, last e164.Number) int {
	if f == nil {
		return 0
	}
	defer runtime.KeepAlive(f)
	n := 0
	from, to := first.Uint64(), last.Uint64()
	for prefix := range f.rise(from / suffixes) {
		if prefix > to/suffixes {
			break
		}
		n += f.page(prefix).countBetween(prefix*suffixes, from, to)
	}
	return n
}

// countBetween counts the numbers from one to another of a page whose first
// number would be first.
func (p page) countBetween(first, from, to uint64) (n int) {
	if p.dense() && from <= first && to >= first+suffixes-1 {
		for _, w := range p.words {
			n += bits.OnesCount64(w)
		}
		return n
	}
	for suffix := range p.each {
		if number := first + uint64(suffix); number >= from && number <= to {
			n++
		}
	}
	return n
}

// rise gives the prefixes from first on that have a page, in rising order.
func (f *Frozen) rise(first uint64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		hashed := f.hashed()
		i, _ := slices.BinarySearch(hashed, first)
		for ; i < len(hashed) && hashed[i] < american; i++ {
			if !yield(hashed[i]) {
				return
			}
		}
		for j := max(first, american) - american; j < uint64(len(f.begins)); j++ {
			if f.begins[j] != f.ends[j] && !yield(american+j) {
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

// fall gives the prefixes from first on that have a page, in falling order.
func (f *Frozen) fall(first uint64) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		hashed := f.hashed()
		i, _ := slices.BinarySearch(hashed, first+1)
		for ; i > 0 && hashed[i-1] >= american; i-- {
			if !yield(hashed[i-1]) {
				return
			}
		}
		count := uint64(len(f.begins))
		for j := min(count, max(first+1, american)-american); j > 0; j-- {
			if f.begins[j-1] != f.ends[j-1] && !yield(american+j-1) {
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

// hashed returns the prefixes that have a slot, in rising order. They are put in
// order when they are first asked for.
func (f *Frozen) hashed() []uint64 {
	f.once.Do(func() {
		for i := 0; i < len(f.slots); i += 2 {
			if key := f.slots[i]; key != 0 && key-1 <= maxNumber/suffixes {
				f.rising = append(f.rising, key-1)
			}
		}
		slices.Sort(f.rising)
		f.rising = slices.Compact(f.rising)
	})
	return f.rising
}
