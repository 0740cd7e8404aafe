package index

import (
	"maps"

	"nocall/internal/dnc"
)

// Apply follows one event. Events of an environment come in the order of their
// revisions; one that was applied already changes nothing. Where one is
// missing the environment is unready until the next [Index.Load].
//
// The revisions of an environment that is removed and added again go on from
// where they were.
func (x *Index) Apply(ev dnc.Event) {
	x.mu.Lock()
	defer x.mu.Unlock()

	if x.loading {
		x.kept = append(x.kept, ev)
	}
	if lists := x.lists.Load(); lists != nil {
		if next := x.follow(*lists, ev); next != nil {
			x.lists.Store(&next)
		}
	}
}

// follow applies ev to lists. It returns a new map where environments come or
// go, nil where the map stays as it is.
func (x *Index) follow(
	lists map[dnc.Environment]*list, ev dnc.Event,
) map[dnc.Environment]*list {
	l := lists[ev.Environment]
	if l == nil {
		return x.meet(lists, ev)
	}
	have := l.revision.Load()
	if ev.Revision <= have {
		return nil
	}
	if ev.Kind == dnc.EnvironmentRemoved {
		x.leave(ev)
		rest := maps.Clone(lists)
		delete(rest, ev.Environment)
		return rest
	}
	if ev.Revision > have+1 {
		l.gap.Store(true)
	}
	l.apply(ev)
	l.revision.Store(ev.Revision) // last: a reader who sees it sees the change
	return nil
}

// meet takes in an event of an environment that is not there.
func (x *Index) meet(
	lists map[dnc.Environment]*list, ev dnc.Event,
) map[dnc.Environment]*list {
	if ev.Revision <= x.gone[ev.Environment] {
		return nil
	}
	if ev.Kind == dnc.EnvironmentRemoved {
		x.leave(ev)
		return nil
	}
	l := new(list)
	l.gap.Store(ev.Kind != dnc.EnvironmentAdded)
	l.revision.Store(ev.Revision)
	more := maps.Clone(lists)
	more[ev.Environment] = l
	return more
}

func (x *Index) leave(ev dnc.Event) {
	if x.gone == nil {
		x.gone = make(map[dnc.Environment]int64)
	}
	x.gone[ev.Environment] = ev.Revision
}
