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
	suffix := number - prefix*suffixes
	s := f.span(prefix)
	if s.begin == s.end {
		return false
	}
	if f.beyond(s) {
		return true
	}
	there := has(f.words[s.begin:s.end], suffix)
	runtime.KeepAlive(f) // and so the memory, which may not be Go's
	return there
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
	var g looks
	for len(ns) > 0 {
		n := min(len(ns), group)
		if !f.locate(&g, ns[:n]) {
			f.hasEach(ns[:n], has[:n])
		} else {
			g.touch(f.words, n)
			f.answer(g.of[:n], has[:n])
		}
		for _, h := range has[:n] {
			all = all && h
		}
		ns, has = ns[n:], has[n:]
	}
	runtime.KeepAlive(f)
	return all
}

// look is what is read of a page to tell whether a suffix is on it. A dense page
// is read at one place, a sparse one at three.
type look struct {
	at, next, far uint32 // words of the set
	suffix        uint32
	dense         uint64 // 1 if the page is dense
	sparse        uint64 // all ones if it is sparse
}

// looks are those of a group.
type looks struct {
	of      [group]look
	touched uint64 // of no use but that it was read
}

// locate finds out what is to be read to answer for ns. It has no branch on what
// a page is like: a processor that had to guess could not go on. It returns
// false for a set that has no pages, or a page that cannot be.
func (f *Frozen) locate(g *looks, ns []e164.Number) bool {
	most, begins := uint64(len(f.words)), f.begins
	ends := f.ends[:len(begins)]
	for i, n := range ns {
		number := n.Uint64()
		prefix := number / suffixes
		suffix := number - prefix*suffixes
		var s span
		if at := prefix - american; at < uint64(len(begins)) {
			s = span{uint64(begins[at]), uint64(ends[at])}
		} else {
			s = f.hashedSpan(prefix)
		}
		size := s.end - s.begin
		if s.end > most || size > denseWords || most == 0 {
			return false
		}
		if size == 0 {
			g.of[i&(group-1)] = look{}
			continue
		}
		g.of[i&(group-1)].aim(suffix, s)
	}
	return true
}

// aim finds out what is to be read of a page, which has words, for suffix.
func (l *look) aim(suffix uint64, page span) {
	size := page.end - page.begin
	dense := size / denseWords
	sparse := dense - 1
	in := place(suffix, int(size))&sparse | suffix/64&-dense
	last := (size-1)&sparse | in&-dense
	l.at = uint32(page.begin + in)
	l.next = uint32(page.begin + min(in+1, last))
	l.far = uint32(page.begin + min(in+2, last))
	l.suffix, l.dense, l.sparse = uint32(suffix), dense, sparse
}

// found reports whether the suffix is on the page, in words.
func (l *look) found(words []uint64) bool {
	word, suffix := words[l.at], uint64(l.suffix)
	found := inSparse(word, words[l.next], words[l.far], suffix) & l.sparse
	return word>>(suffix&63)&l.dense|found != 0
}

// touch reads what is to be read for the first n, and does nothing else: so much
// is under way at once.
func (g *looks) touch(words []uint64, n int) {
	touched := uint64(0)
	for i := range g.of[:n] {
		touched ^= words[g.of[i].at] ^ words[g.of[i].far]
	}
	g.touched = touched
}

// answer answers for a group.
func (f *Frozen) answer(g []look, has []bool) {
	for i := range has {
		has[i] = g[i].found(f.words)
	}
}

// hasEach answers for a group one by one.
func (f *Frozen) hasEach(ns []e164.Number, has []bool) {
	for i, n := range ns {
		has[i] = f.Has(n)
	}
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
