// Package index keeps the do-not-call lists of all environments in memory,
// where a check asks them: no database, no lock, no allocation.
//
// An [Index] reads itself in from the store and then follows the trail, event
// by event. It is not a cache, for a cache may forget: what it holds is the
// whole list, and while it cannot be sure of that, nothing is clear.
package index

import (
	"sync"
	"sync/atomic"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

var _ dnc.Index = (*Index)(nil)

// Index holds every environment's numbers. Its zero value is empty and
// unready; [Index.Load] makes it ready. It may be used by many goroutines at
// once: readers take no lock, writers take turns.
type Index struct {
	lists   atomic.Pointer[lists] // nil until read in; replaced, never changed
	lagging atomic.Bool           // may lag behind the store

	loads sync.Mutex // held by Load: one at a time

	mu      sync.Mutex                // guards following, and every change of a list
	loading bool                      // events are kept for the lists being read in
	kept    []dnc.Event               // in the order in which they came
	gone    map[dnc.Environment]int64 // revisions at which environments were removed
}

// Contains reports whether n is on env's list, and a revision of the list that
// says so. It takes no lock and does not allocate.
//
// A number found in memory is listed even while the list may lag behind the
// store; that a number is not listed is said only while that is certain, and
// is [dnc.ErrUnready] otherwise.
func (x *Index) Contains(env dnc.Environment, n e164.Number) (bool, int64, error) {
	ls := x.lists.Load()
	if ls == nil {
		return false, 0, dnc.ErrUnready
	}
	l := ls.of(env)
	if l == nil {
		return false, 0, dnc.ErrNoEnvironment
	}
	revision := l.revision.Load() // first: what is found is at least as new
	listed := l.all.Has(n)
	if !x.certain(l) && !listed {
		return false, 0, dnc.ErrUnready
	}
	return listed, revision, nil
}

// ContainsMany answers [Index.Contains] for many numbers, faster than one by
// one: listed, which must be at least as long as ns, says of each whether it
// is on env's list. With [dnc.ErrUnready] only what is true in listed is sure.
func (x *Index) ContainsMany(
	env dnc.Environment, ns []e164.Number, listed []bool,
) (int64, error) {
	l, err := x.list(env)
	if err != nil {
		clear(listed[:len(ns)])
		return 0, err
	}
	revision := l.revision.Load()
	if all := l.all.HasMany(ns, listed); !all && !x.certain(l) {
		return 0, dnc.ErrUnready
	}
	return revision, nil
}

// Search finds numbers of env's list by a part of them. Found.Total is exact.
// A position of an order by number has no CreatedAt, and needs none.
//
// It answers from memory, also while the list may lag behind the store.
func (x *Index) Search(env dnc.Environment, q dnc.Query) (dnc.Found, error) {
	l, err := x.whole(env)
	if err != nil {
		return dnc.Found{}, err
	}
	return l.search(q), nil
}

// SetCurrent says whether the lists are known to be as new as the store. While
// they are not, no number is clear: what is not listed is [dnc.ErrUnready].
func (x *Index) SetCurrent(current bool) { x.lagging.Store(!current) }

// Ready reports whether numbers can be cleared in every environment: all lists
// have been read in, are current, and have missed no event.
func (x *Index) Ready() bool {
	return x.lists.Load() != nil && !x.lagging.Load() && !x.Gap()
}

// Gap reports whether an event of some environment has been missed, so that
// nothing of it is certain before the next [Index.Load].
func (x *Index) Gap() bool {
	ls := x.lists.Load()
	if ls == nil {
		return false
	}
	for _, n := range *ls {
		if n.list.gap.Load() {
			return true
		}
	}
	return false
}

// Len returns the number of entries on env's list.
func (x *Index) Len(env dnc.Environment) (int, error) {
	c, err := x.Counts(env)
	return c.Total, err
}

// Counts is how many entries are on a list, and by whom they were created.
type Counts struct {
	Total, User, System int
}

// Counts counts the entries of env's list.
func (x *Index) Counts(env dnc.Environment) (Counts, error) {
	l, err := x.whole(env)
	if err != nil {
		return Counts{}, err
	}
	return l.counts(), nil
}

func (x *Index) list(env dnc.Environment) (*list, error) {
	ls := x.lists.Load()
	if ls == nil {
		return nil, dnc.ErrUnready
	}
	l := ls.of(env)
	if l == nil {
		return nil, dnc.ErrNoEnvironment
	}
	return l, nil
}

// whole returns env's list, provided that it has missed no event.
func (x *Index) whole(env dnc.Environment) (*list, error) {
	l, err := x.list(env)
	if err == nil && l.gap.Load() {
		return nil, dnc.ErrUnready
	}
	return l, err
}

func (x *Index) certain(l *list) bool { return !x.lagging.Load() && !l.gap.Load() }
