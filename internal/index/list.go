package index

import (
	"errors"
	"slices"
	"sync/atomic"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/pages"
)

// list is one environment's list. Its zero value is empty. Readers take no
// lock, writers take turns.
type list struct {
	revision atomic.Int64
	gap      atomic.Bool // an event has been missed, or told what cannot be

	all      pages.Set // every number
	system   pages.Set // those that the system added
	arrivals arrivals
}

// apply makes the change that ev tells.
func (l *list) apply(ev dnc.Event) {
	n, at := ev.Number, ev.CreatedAt.UnixMicro()
	done := true
	switch ev.Kind {
	case dnc.Added:
		done = l.add(n, ev.CreatedBy, at)
	case dnc.Edited:
		done = l.edit(n, ev.NewNumber, at)
	case dnc.Removed:
		done = l.remove(n, at)
	}
	if !done {
		l.gap.Store(true)
	}
}

func (l *list) add(n e164.Number, by dnc.CreatedBy, at int64) bool {
	if !l.all.Add(n) {
		return false
	}
	d := pages.Pack(n)
	if by == dnc.System {
		l.system.Add(n)
		d |= bySystem
	}
	l.arrivals.add(row{d, at})
	return true
}

func (l *list) edit(n, to e164.Number, at int64) bool {
	if n == to {
		return l.all.Has(n)
	}
	if !l.all.Add(to) { // first: at no moment is neither of them listed
		return false
	}
	l.all.Remove(n)
	if l.system.Remove(n) {
		l.system.Add(to)
	}
	return l.arrivals.edit(n, at, to)
}

func (l *list) remove(n e164.Number, at int64) bool {
	l.system.Remove(n)
	return l.all.Remove(n) && l.arrivals.remove(n, at)
}

func (l *list) counts() Counts {
	system := l.system.Len()
	total := l.all.Len()
	return Counts{Total: total, User: max(total-system, 0), System: system}
}

// fill puts the entries into the list, which must be empty. It sorts them.
func (l *list) fill(entries []row) error {
	numbers := make([]uint64, len(entries)) // doubled, and one more if by the system
	for i, e := range entries {
		numbers[i] = e.digits.Number().Uint64() << 1
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
	l.all.Fill(func(yield func(e164.Number) bool) {
		for _, n := range numbers {
			if !yield(e164.FromUint64(n >> 1)) {
				return
			}
		}
	})
	l.system.Fill(func(yield func(e164.Number) bool) {
		for _, n := range numbers {
			if n&1 != 0 && !yield(e164.FromUint64(n>>1)) {
				return
			}
		}
	})
	l.arrivals.fill(entries)
	return nil
}
