package pages

import (
	"slices"
	"sync"
	"sync/atomic"

	"nocall/internal/e164"
)

// Builder gathers numbers that many goroutines give it, in any order and also
// more than once, and makes a [Frozen] set of them. Its zero value is empty.
//
// It is quickest when the numbers rise, or nearly so. While it gathers, it takes
// up to 1.3 MB for each area code of the North American plan, and eight bytes for
// each number from elsewhere.
type Builder struct {
	// Memory gives zeroed memory for the set, of so many bytes. Nil asks Go.
	Memory func(size int) []byte

	areas [americanCount / exchanges]atomic.Pointer[area]

	mu      sync.Mutex // guards workers
	workers []*Worker
}

// exchanges is how many prefixes an area code has.
const exchanges = 1000

// area is the numbers of an area code: a dense page for each exchange. Of the
// memory only what is written to is there.
type area [exchanges * denseWords]uint64

// Worker gives numbers to a [Builder]. Each goroutine needs one of its own.
type Worker struct {
	builder *Builder
	at      uint64 // the word of the plan that is being gathered
	bits    uint64
	others  []uint64 // numbers of no area: doubled, and one more if they are removed
	removes bool
}

// Worker returns a new worker. It may be called by several goroutines at once.
func (b *Builder) Worker() *Worker {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := &Worker{builder: b}
	b.workers = append(b.workers, w)
	return w
}

// Add adds n.
func (w *Worker) Add(n e164.Number) {
	number := n.Uint64()
	prefix := number / suffixes
	if prefix-american >= americanCount {
		w.others = append(w.others, number<<1)
		return
	}
	suffix := number - prefix*suffixes
	if at := (prefix-american)*denseWords + suffix/64; at != w.at {
		w.flush()
		w.at = at
	}
	w.bits |= 1 << (suffix % 64)
}

// AddMany adds ns.
func (w *Worker) AddMany(ns []e164.Number) {
	for _, n := range ns {
		w.Add(n)
	}
}

// AddFrozen adds all of f.
func (w *Worker) AddFrozen(f *Frozen) {
	for n := range f.All() {
		w.Add(n)
	}
}

// Remove takes away n, if it was added before. That is certain if no other
// worker gives numbers meanwhile.
func (w *Worker) Remove(n e164.Number) {
	number := n.Uint64()
	prefix, suffix := number/suffixes, number%suffixes
	if prefix-american >= americanCount {
		w.others = append(w.others, number<<1|1)
		w.removes = true
		return
	}
	w.flush()
	word := w.builder.word((prefix-american)*denseWords + suffix/64)
	atomic.AndUint64(word, ^(1 << (suffix % 64)))
}

// flush gives what the worker has gathered of one word to its builder.
func (w *Worker) flush() {
	if w.bits != 0 {
		atomic.OrUint64(w.builder.word(w.at), w.bits)
		w.bits = 0
	}
}

// word returns a word of the plan.
func (b *Builder) word(at uint64) *uint64 {
	const words = uint64(len(area{}))
	into := b.areas[at/words].Load()
	if into == nil {
		b.areas[at/words].CompareAndSwap(nil, new(area))
		into = b.areas[at/words].Load()
	}
	return &into[at%words]
}

// gatherOthers returns the numbers of no area that the workers have, in order.
func (b *Builder) gatherOthers() []uint64 {
	inShares(len(b.workers), func(i int) {
		b.workers[i].flush()
		b.workers[i].sort()
	})
	var all []uint64
	for _, w := range b.workers {
		all = merged(all, w.others)
	}
	b.workers = nil
	return slices.Compact(all)
}

// sort sorts the numbers of no area and drops those that were removed in the end.
func (w *Worker) sort() {
	if w.removes {
		slices.SortStableFunc(w.others, func(a, b uint64) int { return int(a>>1) - int(b>>1) })
		w.others = lasting(w.others)
	}
	slices.Sort(w.others)
}

// lasting returns of each number what was said of it last, if it was added.
func lasting(sorted []uint64) []uint64 {
	kept := sorted[:0]
	for i, n := range sorted {
		last := i+1 == len(sorted) || sorted[i+1]>>1 != n>>1
		if last && n&1 == 0 {
			kept = append(kept, n)
		}
	}
	return kept
}

// merged returns the numbers of two sorted slices in order.
func merged(a, b []uint64) []uint64 {
	if len(a) == 0 {
		return b
	}
	all := make([]uint64, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0] <= b[0] {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return append(append(all, a...), b...)
}
