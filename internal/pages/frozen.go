package pages

import (
	"math/bits"
	"runtime"
	"sync"

	"nocall/internal/e164"
)

// Frozen is a set of numbers that does not change. It stands in one piece of
// memory, which is also its file; see [OpenFrozen]. It may be used by many
// goroutines at once. A nil Frozen is empty.
//
// A page is found by its prefix: by a table in the North American plan, where
// there are many, else by a hash.
type Frozen struct {
	file   []byte
	header header
	begins []uint32 // the table: of american prefixes, where the page begins, which is
	ends   []uint32 // where the one before ends
	slots  []uint64 // of all other prefixes: two for each, see slotOf
	words  []uint64 // the pages, one behind the other

	once   sync.Once
	rising []uint64 // the prefixes that have a slot, in order; see hashed
}

// span is where in the words a page is. A page has no words where there is none.
type span struct{ begin, end uint64 }

// beyond is the span of a page that cannot be: the file is damaged.
func (f *Frozen) beyond(s span) bool {
	return s.end > uint64(len(f.words)) || s.end-s.begin > denseWords
}

// Has reports whether n is in the set. It does not allocate.
//
// What a damaged file, opened and not verified, cannot say is taken to be there:
// in doubt nobody is called.
func (f *Frozen) Has(n e164.Number) bool {
	if f == nil {
		return false
	}
	number := n.Uint64()
	prefix := number / suffixes
	s := f.span(prefix)
	if s.begin == s.end {
		return false
	}
	if f.beyond(s) {
		return true
	}
	has := page{words: f.words[s.begin:s.end]}.contains(number - prefix*suffixes)
	runtime.KeepAlive(f) // and so the memory, which may not be Go's
	return has
}

// span returns where the page of prefix is.
func (f *Frozen) span(prefix uint64) span {
	if i := prefix - american; i < uint64(len(f.begins)) {
		return span{uint64(f.begins[i]), uint64(f.ends[i])}
	}
	return f.hashedSpan(prefix)
}

// hashedSpan returns where the page of a prefix is that is not in the table.
func (f *Frozen) hashedSpan(prefix uint64) span {
	count := uint64(len(f.slots)) / 2
	i, _ := bits.Mul64(hash(prefix), count)
	for range count {
		switch f.slots[2*i] {
		case prefix + 1:
			begin := f.slots[2*i+1] & (1<<32 - 1)
			return span{begin, begin + f.slots[2*i+1]>>32}
		case 0:
			return span{}
		}
		if i++; i == count {
			i = 0
		}
	}
	return span{}
}

// HasMany says in has, which must be at least as long as ns, of each of ns
// whether it is in the set, and returns whether all are. It is faster than to ask
// one by one, for what it waits for in memory it waits for at once.
func (f *Frozen) HasMany(ns []e164.Number, has []bool) (all bool) {
	if f == nil {
		clear(has[:len(ns)])
		return len(ns) == 0
	}
	all = true
	for len(ns) > 0 {
		n := min(len(ns), group)
		all = f.hasGroup(ns[:n], has[:n]) && all
		ns, has = ns[n:], has[n:]
	}
	runtime.KeepAlive(f)
	return all
}

// hasGroup is HasMany for a group, in three passes: where the pages are, what is
// read of them, and what that says.
func (f *Frozen) hasGroup(ns []e164.Number, has []bool) (all bool) {
	var (
		spans  [group]span
		probes [group]probe
	)
	for i, n := range ns {
		spans[i&(group-1)] = f.span(n.Uint64() / suffixes)
	}
	for i, n := range ns {
		s := spans[i&(group-1)]
		if s.begin == s.end || f.beyond(s) {
			probes[i&(group-1)] = edge(s)
			continue
		}
		probes[i&(group-1)] = page{words: f.words[s.begin:s.end]}.probe(n.Uint64() % suffixes)
	}
	all = true
	for i, n := range ns {
		has[i] = probes[i&(group-1)].holds(n.Uint64() % suffixes)
		all = all && has[i]
	}
	return all
}

// edge is what is read of a page that has no words, or cannot be.
func edge(s span) probe {
	if s.begin == s.end {
		return probe{dense: ^uint64(0)}
	}
	return probe{[window]uint64{^uint64(0)}, ^uint64(0)}
}

// Len returns how many numbers are in the set.
func (f *Frozen) Len() int {
	if f == nil {
		return 0
	}
	return int(f.header.numbers)
}

// Bytes returns how much memory the set takes, which is the size of its file.
func (f *Frozen) Bytes() int64 {
	if f == nil {
		return 0
	}
	return int64(len(f.file))
}

// page returns the page of prefix to be gone through. It has no words where
// there is none.
func (f *Frozen) page(prefix uint64) page {
	s := f.span(prefix)
	if s.begin >= s.end || f.beyond(s) {
		return page{}
	}
	return page{words: f.words[s.begin:s.end]}
}
