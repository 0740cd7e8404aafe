package store

import (
	"context"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// addition is an entry that somebody wants on a list, and what came of it.
type addition struct {
	entry  dnc.Entry
	result outcome
}

// outcome is the entry that stands, and whether it is the wanted one.
type outcome struct {
	entry dnc.Entry
	added bool
}

// AddEntry implements [dnc.Store]. The entry is created at the time it names,
// unless that is to come, or not later than what its list has seen last: then
// as soon as possible after that.
func (s *Store) AddEntry(ctx context.Context, e dnc.Entry) (dnc.Entry, bool, error) {
	w := &work{ctx: ctx, add: &addition{entry: e}, done: make(chan error, 1)}
	if err := s.writer.ask(ctx, w); err != nil {
		return dnc.Entry{}, false, err
	}
	return w.add.result.entry, w.add.result.added, nil
}

// additions returns how many works at the beginning of batch are additions.
func additions(batch []*work) int {
	n := 0
	for n < len(batch) && batch[n].add != nil {
		n++
	}
	return n
}

// place is where an entry stands.
type place struct {
	environment dnc.Environment
	number      e164.Number
}

// addAll makes the additions of batch as if one by one, in few statements.
func (x *tx) addAll(batch []*work) error {
	known, err := x.known(batch)
	if err != nil {
		return err
	}
	fresh := make([]dnc.Entry, 0, len(batch))
	var confirmed []dnc.Entry
	for _, one := range batch {
		e := one.add.entry
		l, err := x.list(e.Environment)
		if x.broken != nil {
			return err
		}
		if one.err = err; err != nil {
			continue
		}
		at := place{e.Environment, e.Number}
		if there, ok := known[at]; ok {
			if there.Provisional && !e.Provisional {
				there = x.noteConfirmed(l, there, addedAgain(there, e))
				known[at] = there
				confirmed = append(confirmed, there)
			} else {
				x.note(l, addedAgain(there, e))
			}
			if there, err = x.own(there, there.Number); err != nil {
				return err
			}
			known[at] = there
			one.add.result = outcome{entry: there}
			continue
		}
		e.CreatedAt = x.note(l, added(e)).At
		e.UpdatedAt = e.CreatedAt
		known[at] = e
		fresh = append(fresh, e)
		one.add.result = outcome{entry: e, added: true}
	}
	if err := x.insertEntries(fresh); err != nil {
		return err
	}
	return x.makeDefinite(confirmed)
}

// noteConfirmed notes with ev that an entry is provisional no more, and returns
// it as it is then.
func (x *tx) noteConfirmed(l *list, e dnc.Entry, ev dnc.Event) dnc.Entry {
	ev.Kind = dnc.Confirmed
	e.Provisional, e.UpdatedAt = false, x.note(l, ev).At
	return e
}

// makeDefinite writes entries that are provisional no more.
func (x *tx) makeDefinite(entries []dnc.Entry) error {
	for _, e := range entries {
		_, err := x.exec(`
			UPDATE dnc_entry
			SET provisional = FALSE, updated_at = $3
			WHERE environment_id = $1 AND number = $2`,
			x.worlds[e.Environment].id, digits(e.Number), micros(e.UpdatedAt))
		if err != nil {
			return err
		}
	}
	return nil
}

func added(e dnc.Entry) dnc.Event {
	return dnc.Event{
		Environment: e.Environment, Kind: dnc.Added, Number: e.Number, CreatedBy: e.CreatedBy,
		ReasonAfter: e.Reason, By: e.User, CallID: e.CallID, At: e.CreatedAt,
		Provisional: e.Provisional,
	}
}

// addedAgain is the event of wanting e where there is an entry already.
func addedAgain(there, e dnc.Entry) dnc.Event {
	return dnc.Event{
		Environment: e.Environment, Kind: dnc.AddedAgain, Number: e.Number,
		CreatedBy: there.CreatedBy, CreatedAt: there.CreatedAt,
		ReasonAfter: e.Reason, By: e.User, CallID: e.CallID, At: e.CreatedAt,
	}
}

// known returns the entries that there are of the numbers in batch.
func (x *tx) known(batch []*work) (map[place]dnc.Entry, error) {
	wanted := make(map[dnc.Environment][]e164.Number)
	for _, one := range batch {
		e := one.add.entry
		wanted[e.Environment] = append(wanted[e.Environment], e.Number)
	}
	known := make(map[place]dnc.Entry)
	for env, ns := range wanted {
		l, err := x.list(env)
		if x.broken != nil {
			return nil, err
		}
		if err != nil {
			continue // refused one by one
		}
		err = x.entries(env, l.id, ns, func(e dnc.Entry) { known[place{env, e.Number}] = e })
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// insertEntries writes new entries, many in one statement.
func (x *tx) insertEntries(entries []dnc.Entry) error {
	return inChunks(entries, func(chunk []dnc.Entry) error {
		args := make([]any, 0, 9*len(chunk))
		for _, e := range chunk {
			args = append(args, x.worlds[e.Environment].id, digits(e.Number),
				string(e.CreatedBy), e.Reason, e.User, e.CallID,
				micros(e.CreatedAt), micros(e.UpdatedAt), e.Provisional)
		}
		_, err := x.exec(`
			INSERT INTO dnc_entry (environment_id, number, created_by, reason, user_name,
				call_id, created_at, updated_at, provisional)
			VALUES `+tuples(len(chunk), 9), args...)
		return err
	})
}
