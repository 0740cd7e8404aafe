package index

import (
	"iter"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/pages"
)

// renewed returns a list that is l after an event of many numbers. It is built
// beside l, which stays as it is, so that a reader sees all of the change or
// nothing of it.
func (l *list) renewed(ev dnc.Event) *list {
	next := new(list)
	next.revision.Store(ev.Revision)
	next.gap.Store(l.gap.Load() || ev.Numbers == nil)
	rows := l.arrivals.left()
	if ev.Numbers != nil {
		if ev.Numbers.Removed != nil {
			var all bool
			if rows, all = without(rows, ev.Numbers.Removed); !all {
				next.gap.Store(true)
			}
		}
		if ev.Numbers.Added != nil {
			for n, at := range ev.Numbers.Added {
				rows = append(rows, row{pages.Pack(n), at})
			}
		}
	}
	if err := next.fill(rows); err != nil {
		next.gap.Store(true)
	}
	return next
}

// without takes numbers out of rows, and reports whether all were there. Both
// stand in the order in which their entries were created.
func without(rows []row, numbers iter.Seq2[e164.Number, int64]) ([]row, bool) {
	next, stop := iter.Pull2(numbers)
	defer stop()
	n, at, more := next()
	left := rows[:0]
	for _, r := range rows {
		if more && r.at == at && r.digits&^pages.Marks == pages.Pack(n) {
			n, at, more = next()
			continue
		}
		left = append(left, r)
	}
	return left, !more
}
