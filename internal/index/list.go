package index

import (
	"errors"
	"slices"
	"sync/atomic"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// list is one environment's list. Its zero value is empty. Readers take no
// lock, writers take turns.
type list struct {
	revision atomic.Int64
	gap      atomic.Bool // an event has been missed, or told what cannot be

	all      pages // every number
	system   pages // those that the system added
	arrivals arrivals
}

func (l *list) contains(n e164.Number) bool { return l.all.contains(n.Uint64()) }

func (l *list) containsMany(ns []e164.Number, listed []bool) (all bool) {
	return l.all.containsMany(ns, listed)
}

// apply makes the change that ev tells.
func (l *list) apply(ev dnc.Event) {
	n, at := ev.Number.Uint64(), ev.CreatedAt.UnixMicro()
	done := true
	switch ev.Kind {
	case dnc.Added:
		done = l.add(n, ev.CreatedBy, at)
	case dnc.Edited:
		done = l.edit(n, ev.NewNumber.Uint64(), at)
	case dnc.Removed:
		done = l.remove(n, at)
	}
	if !done {
		l.gap.Store(true)
	}
}

func (l *list) add(n uint64, by dnc.CreatedBy, at int64) bool {
	if !l.all.add(n) {
		return false
	}
	d := pack(n)
	if by == dnc.System {
		l.system.add(n)
		d |= bySystem
	}
	l.arrivals.add(row{d, at})
	return true
}

func (l *list) edit(n, to uint64, at int64) bool {
	if n == to {
		return l.all.contains(n)
	}
	if !l.all.add(to) { // first: at no moment is neither of them listed
		return false
	}
	l.all.remove(n)
	if l.system.remove(n) {
		l.system.add(to)
	}
	return l.arrivals.edit(n, at, to)
}

func (l *list) remove(n uint64, at int64) bool {
	l.system.remove(n)
	return l.all.remove(n) && l.arrivals.remove(n, at)
}

func (l *list) counts() Counts {
	system := int(l.system.size.Load())
	total := int(l.all.size.Load())
	return Counts{Total: total, User: max(total-system, 0), System: system}
}

// fill puts the entries into the list, which must be empty. It sorts them.
func (l *list) fill(entries []row) error {
	numbers := make([]uint64, len(entries)) // doubled, and one more if by the system
	for i, e := range entries {
		numbers[i] = e.digits.number() << 1
		if e.digits&bySystem != 0 {
			numbers[i]++
		}
	}
	if !slices.IsSorted(numbers) {
		sortBy(numbers, func(n uint64) uint64 { return n })
	}
	for i := 1; i < len(numbers); i++ {
		if numbers[i]>>1 == numbers[i-1]>>1 {
			return errors.New("a number comes twice")
		}
	}
	l.all.fill(func(yield func(uint64) bool) {
		for _, n := range numbers {
			if !yield(n >> 1) {
				return
			}
		}
	})
	l.system.fill(func(yield func(uint64) bool) {
		for _, n := range numbers {
			if n&1 != 0 && !yield(n>>1) {
				return
			}
		}
	})
	l.arrivals.fill(entries)
	return nil
}
