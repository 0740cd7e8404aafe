package index

import "nocall/internal/dnc"

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
	if ls := x.lists.Load(); ls != nil {
		if next := x.follow(*ls, ev); next != nil {
			x.lists.Store(&next)
		}
	}
}

// follow applies ev to ls. It returns new lists where environments come or go, or
// many numbers of one at once, nil where they stay.
func (x *Index) follow(ls lists, ev dnc.Event) lists {
	l := ls.of(ev.Environment)
	if l == nil {
		return x.meet(ls, ev)
	}
	have := l.revision.Load()
	if ev.Revision <= have {
		return nil
	}
	if ev.Kind == dnc.EnvironmentRemoved {
		x.leave(ev)
		return ls.without(ev.Environment)
	}
	if ev.Revision > have+1 {
		l.gap.Store(true)
	}
	if ev.Kind == dnc.Imported || ev.Kind == dnc.ImportUndone {
		return ls.without(ev.Environment).with(ev.Environment, l.renewed(ev))
	}
	l.apply(ev)
	l.revision.Store(ev.Revision) // last: a reader who sees it sees the change
	return nil
}

// meet takes in an event of an environment that is not there.
func (x *Index) meet(ls lists, ev dnc.Event) lists {
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
	return ls.with(ev.Environment, l)
}

func (x *Index) leave(ev dnc.Event) {
	if x.gone == nil {
		x.gone = make(map[dnc.Environment]int64)
	}
	x.gone[ev.Environment] = ev.Revision
}
