package pages

import (
	"iter"
	"math/bits"
	"sync/atomic"
)

// The prefixes of the North American plan, +1 200 000 to +1 999 999, have a
// direct table once there are many.
const (
	american      = 1_200_000
	americanCount = 800_000
	americanMany  = 16 << 10
)

// isAmerican reports whether prefix is of the North American plan.
func isAmerican(prefix uint64) bool { return prefix-american < americanCount }

// table finds the refs of prefixes by a hash. A prefix that was put into it
// stays, also with a ref of 0.
type table struct {
	slots    []slot                   // a power of two, at most half of them taken
	taken    atomic.Int64             // slots
	american int                      // of which of the North American plan; for the writer
	rising   atomic.Pointer[[]uint64] // the prefixes in order, as they were last asked for
}

type slot struct {
	key atomic.Uint64 // prefix+1; 0 while free
	ref atomic.Uint64
}

// read returns the prefix in the slot and its ref, 0 where the slot is free.
func (s *slot) read() (prefix uint64, r ref) {
	key := s.key.Load()
	if key == 0 {
		return 0, 0
	}
	return key - 1, ref(s.ref.Load())
}

// ref returns the ref of prefix, 0 where there is no page.
func (v *view) ref(prefix uint64) ref {
	if v == nil {
		return 0
	}
	if i := prefix - american; i < uint64(len(v.direct)) {
		return ref(v.direct[i].Load())
	}
	if s := v.table.slot(prefix); s != nil {
		return ref(s.ref.Load())
	}
	return 0
}

// slot returns the slot of prefix, or nil where it has none.
func (t *table) slot(prefix uint64) *slot {
	if len(t.slots) == 0 {
		return nil
	}
	for i := hash(prefix); ; i++ {
		s := &t.slots[i&uint64(len(t.slots)-1)]
		switch s.key.Load() {
		case prefix + 1:
			return s
		case 0:
			return nil
		}
	}
}

// insert gives prefix, which has none, a slot. The table must have room.
func (t *table) insert(prefix uint64, r ref) {
	i := hash(prefix)
	for t.slots[i&uint64(len(t.slots)-1)].key.Load() != 0 {
		i++
	}
	s := &t.slots[i&uint64(len(t.slots)-1)]
	s.ref.Store(uint64(r)) // first: whoever sees the key sees the ref
	s.key.Store(prefix + 1)
	t.taken.Add(1)
	if isAmerican(prefix) {
		t.american++
	}
}

func hash(prefix uint64) uint64 {
	hi, lo := bits.Mul64(prefix, 0x9E3779B97F4A7C15)
	return hi ^ lo
}

// point makes r the ref of prefix and returns the one before.
func (s *Set) point(prefix uint64, r ref) ref {
	v := s.view.Load()
	if v == nil {
		return 0 // r is 0 too: a page that is written makes a view
	}
	if i := prefix - american; i < uint64(len(v.direct)) {
		return ref(v.direct[i].Swap(uint64(r)))
	}
	if slot := v.table.slot(prefix); slot != nil {
		return ref(slot.ref.Swap(uint64(r)))
	}
	if r == 0 {
		return 0
	}
	if int(v.table.taken.Load()) < len(v.table.slots)/2 {
		v.table.insert(prefix, r)
		return 0
	}
	next := v.wider()
	s.view.Store(next)
	return s.point(prefix, r)
}

// wider returns v with room for more prefixes.
func (v *view) wider() *view {
	next := &view{direct: v.direct, blocks: v.blocks}
	if v.table.american >= americanMany {
		next.direct = make([]atomic.Uint64, americanCount)
	}
	old := &view{table: v.table}
	stay := 0
	for prefix, r := range old.refs(0, 1) {
		if i := prefix - american; i < uint64(len(next.direct)) {
			next.direct[i].Store(uint64(r))
		} else {
			stay++
		}
	}
	next.table = &table{slots: make([]slot, max(16, 1<<bits.Len(uint(stay*3))))}
	for prefix, r := range old.refs(0, 1) {
		if prefix-american >= uint64(len(next.direct)) {
			next.table.insert(prefix, r)
		}
	}
	return next
}

// refs gives the prefixes that have a page, and their refs, in no order: of n
// shares the i-th.
func (v *view) refs(i, n int) iter.Seq2[uint64, ref] {
	return func(yield func(uint64, ref) bool) {
		for j := len(v.direct) * i / n; j < len(v.direct)*(i+1)/n; j++ {
			if r := ref(v.direct[j].Load()); r != 0 && !yield(uint64(american+j), r) {
				return
			}
		}
		slots := v.table.slots
		slots = slots[len(slots)*i/n : len(slots)*(i+1)/n]
		for j := range slots {
			if prefix, r := slots[j].read(); r != 0 && !yield(prefix, r) {
				return
			}
		}
	}
}
