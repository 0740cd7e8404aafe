package pages

import (
	"iter"
	"slices"
	"sync/atomic"

	"nocall/internal/e164"
)

// Set is a set of numbers. Its zero value is empty, and small. Readers take no
// lock and always see whole pages; writers must take turns.
//
// A page is never changed: the writer puts a new one into a block, a large
// piece of memory that the garbage collector need not look into, and then makes
// it the prefix's page by one atomic store of its [ref]. What a ref means is
// said by the view that is in use when the ref is read. So a reader takes the
// view, the ref, and then looks whether the view is still in use; if so, what
// it has in hand stays true to that moment however long it takes.
type Set struct {
	view atomic.Pointer[view] // nil while nothing was ever added
	size atomic.Int64         // numbers in the set

	nothing [1]uint64 // is read where there is no page

	blocks blocks // the writer's account of the view's blocks

	suffixes []uint16 // for building a page
	words    []uint64
}

// view is where pages are. Its slices stay as they are; the refs in direct and
// in the table change.
type view struct {
	direct []atomic.Uint64 // refs by prefix-american; nil while few
	table  *table          // all other prefixes
	blocks [][]uint64      // nil where there is none
}

// Has reports whether n is in the set. It does not allocate.
func (s *Set) Has(n e164.Number) bool { return s.contains(n.Uint64()) }

// Len returns how many numbers are in the set.
func (s *Set) Len() int { return int(s.size.Load()) }

// Add puts n into the set. It returns false if it is there already.
func (s *Set) Add(n e164.Number) bool { return s.add(n.Uint64()) }

// Remove takes n out of the set. It returns false if it is not there.
func (s *Set) Remove(n e164.Number) bool { return s.remove(n.Uint64()) }

// contains reports whether number is in the set. It is in one piece, and short,
// so that a processor has several questions in hand while it waits for memory.
func (s *Set) contains(number uint64) bool {
	prefix := number / suffixes
	suffix := number - prefix*suffixes
	v := s.view.Load()
	if v == nil {
		return false
	}
	i := prefix - american
	if i >= uint64(len(v.direct)) {
		return s.containsSlowly(number)
	}
	r := ref(v.direct[i].Load())
	if s.view.Load() != v {
		return s.containsSlowly(number)
	}
	if r == 0 {
		return false
	}
	return has(v.blocks[r.block()][r.at():r.at()+r.words()], suffix)
}

// containsSlowly is contains for every number and at every moment.
func (s *Set) containsSlowly(number uint64) bool {
	return s.page(number / suffixes).contains(number % suffixes)
}

// page returns the page of prefix.
func (s *Set) page(prefix uint64) page {
	for {
		v := s.view.Load()
		if r := v.ref(prefix); s.view.Load() == v {
			return v.page(r)
		}
	}
}

// page returns the page of r. The view must have been in use after r was read.
func (v *view) page(r ref) page {
	if r == 0 {
		return page{}
	}
	return page{v.blocks[r.block()][r.at() : r.at()+r.words()], r.count()}
}

// group is how many numbers are looked up at once, so that the waits for memory
// overlap.
const group = 64

// HasMany says in has, which must be at least as long as ns, of each of ns
// whether it is in the set, and returns whether all are. It is faster than to ask
// one by one.
func (s *Set) HasMany(ns []e164.Number, has []bool) (all bool) {
	all = true
	for len(ns) > 0 {
		n := min(len(ns), group)
		all = s.hasGroup(ns[:n], has[:n]) && all
		ns, has = ns[n:], has[n:]
	}
	return all
}

// finds are the pages of a group, and what is to be read of them.
type finds struct {
	words   [group][]uint64
	of      [group]look
	touched uint64 // of no use but that it was read
}

func (s *Set) hasGroup(ns []e164.Number, has []bool) (all bool) {
	var f finds
	for !s.find(ns, &f) {
	}
	f.aim(ns, s.nothing[:])
	f.touch(len(ns))
	all = true
	for i := range has {
		has[i] = f.of[i&(group-1)].found(f.words[i&(group-1)])
		all = all && has[i]
	}
	return all
}

// find finds the pages of ns. It returns false if the view went out of use
// meanwhile.
func (s *Set) find(ns []e164.Number, f *finds) bool {
	v := s.view.Load()
	var refs [group]ref
	for i, n := range ns {
		refs[i&(group-1)] = v.ref(n.Uint64() / suffixes)
	}
	if s.view.Load() != v {
		return false
	}
	for i := range ns {
		f.words[i&(group-1)] = v.page(refs[i&(group-1)]).words
	}
	return true
}

// aim finds out what is to be read of the pages, which is nothing where there is
// none.
func (f *finds) aim(ns []e164.Number, nothing []uint64) {
	for i, n := range ns {
		i &= group - 1
		if len(f.words[i]) == 0 {
			f.words[i], f.of[i] = nothing, look{}
			continue
		}
		f.of[i].aim(n.Uint64()%suffixes, span{0, uint64(len(f.words[i]))})
	}
}

// touch reads what is to be read for the first n, and does nothing else: so much
// is under way at once.
func (f *finds) touch(n int) {
	touched := uint64(0)
	for i := range f.of[:n] {
		words := f.words[i]
		touched ^= words[f.of[i].at] ^ words[f.of[i].far]
	}
	f.touched = touched
}

func (s *Set) add(number uint64) bool {
	if s.contains(number) {
		return false
	}
	s.change(number, +1)
	return true
}

func (s *Set) remove(number uint64) bool {
	if !s.contains(number) {
		return false
	}
	s.change(number, -1)
	return true
}

// change puts number into its page, by +1, or takes it out of it, by -1.
func (s *Set) change(number uint64, by int) {
	prefix, suffix := number/suffixes, number%suffixes
	p := s.page(prefix)
	if p.dense() && p.count+by > sparseMax {
		s.words = append(s.words[:0], p.words...)
		s.words[suffix>>6] ^= 1 << (suffix & 63)
		s.put(prefix, page{s.words, p.count + by})
	} else {
		s.suffixes = slices.AppendSeq(s.suffixes[:0], p.each)
		if i := slices.Index(s.suffixes, uint16(suffix)); i >= 0 {
			s.suffixes = slices.Delete(s.suffixes, i, i+1)
		} else {
			s.suffixes = append(s.suffixes, uint16(suffix))
		}
		s.rewrite(prefix)
	}
	s.size.Add(int64(by))
}

// Fill puts numbers, which rise, into the set. It must be empty.
func (s *Set) Fill(numbers iter.Seq[e164.Number]) {
	prefix, n := uint64(0), int64(0)
	s.suffixes = s.suffixes[:0]
	for number := range numbers {
		number := number.Uint64()
		if p := number / suffixes; p != prefix {
			s.rewrite(prefix)
			prefix, s.suffixes = p, s.suffixes[:0]
		}
		s.suffixes = append(s.suffixes, uint16(number%suffixes))
		n++
	}
	s.rewrite(prefix)
	s.size.Store(n)
}

// rewrite makes the suffixes that the writer has gathered the page of prefix.
func (s *Set) rewrite(prefix uint64) {
	if len(s.suffixes) == 0 {
		s.release(s.point(prefix, 0))
		return
	}
	s.words = appendPage(s.words[:0], s.suffixes, sparseMax)
	s.put(prefix, page{s.words, len(s.suffixes)})
}

// put makes a copy of p the page of prefix.
func (s *Set) put(prefix uint64, p page) {
	r := s.write(prefix, p)
	s.release(s.point(prefix, r))
}
