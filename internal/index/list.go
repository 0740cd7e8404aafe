package index

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// list is one environment's list.
type list struct {
	revision atomic.Int64
	gap      atomic.Bool // an event has been missed

	mu      sync.RWMutex // guards following
	entries map[e164.Number]entry
}

type entry struct {
	number e164.Number
	by     dnc.CreatedBy
	at     int64
}

func newList() *list { return &list{entries: make(map[e164.Number]entry)} }

func (l *list) contains(n e164.Number) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ok := l.entries[n]
	return ok
}

func (l *list) containsMany(ns []e164.Number, listed []bool) (all bool) {
	all = true
	for i, n := range ns {
		listed[i] = l.contains(n)
		all = all && listed[i]
	}
	return all
}

func (l *list) add(n e164.Number, by dnc.CreatedBy, at int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.entries[n]; !ok {
		l.entries[n] = entry{n, by, at}
	}
}

func (l *list) edit(ev dnc.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.entries, ev.Number)
	l.entries[ev.NewNumber] = entry{ev.NewNumber, ev.CreatedBy, ev.CreatedAt.UnixMicro()}
}

func (l *list) remove(n e164.Number, _ int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.entries, n)
}

func (l *list) counts() Counts {
	l.mu.RLock()
	defer l.mu.RUnlock()
	c := Counts{Total: len(l.entries)}
	for _, e := range l.entries {
		if e.by == dnc.System {
			c.System++
		}
	}
	c.User = c.Total - c.System
	return c
}

func (l *list) search(q dnc.Query) dnc.Found {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var match []entry
	for n, e := range l.entries {
		if (q.CreatedBy == "" || q.CreatedBy == e.by) && strings.Contains(n.String()[1:], q.Part) {
			match = append(match, e)
		}
	}
	compare := func(a, b entry) int {
		switch q.Order {
		case dnc.OldestFirst:
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.number.Uint64(), b.number.Uint64()))
		case dnc.NumberUp:
			return cmp.Compare(a.number.Uint64(), b.number.Uint64())
		case dnc.NumberDown:
			return cmp.Compare(b.number.Uint64(), a.number.Uint64())
		}
		return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.number.Uint64(), a.number.Uint64()))
	}
	slices.SortFunc(match, compare)
	found := dnc.Found{Total: len(match)}
	after := entry{number: q.After.Number, at: q.After.CreatedAt.UnixMicro()}
	for _, e := range match {
		if !q.After.IsZero() && compare(e, after) <= 0 {
			continue
		}
		if len(found.Numbers) == max(q.Limit, 1) {
			last := match[slices.IndexFunc(match, func(e entry) bool {
				return e.number == found.Numbers[len(found.Numbers)-1]
			})]
			found.Next = dnc.Position{CreatedAt: time.UnixMicro(last.at).UTC(), Number: last.number}
			break
		}
		found.Numbers = append(found.Numbers, e.number)
	}
	return found
}
