package store

import (
	"context"
	"database/sql"
	"errors"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

var _ dnc.Store = (*Store)(nil)

// entryColumns are the columns of dnc_entry that [entryRow] reads.
const entryColumns = `number, created_by, reason, user_name, call_id, created_at, updated_at,
	provisional`

// EditEntry implements [dnc.Store]. An edit that changes nothing leaves no
// event.
func (s *Store) EditEntry(ctx context.Context, e dnc.Edit) (dnc.Entry, error) {
	return write(ctx, s, func(x *tx) (dnc.Entry, error) { return x.editEntry(e) })
}

func (x *tx) editEntry(e dnc.Edit) (dnc.Entry, error) {
	l, err := x.list(e.Environment)
	if err != nil {
		return dnc.Entry{}, err
	}
	before, err := x.entry(e.Environment, l.id, e.Number)
	if err != nil {
		return dnc.Entry{}, err
	}
	after := edited(before, e)
	if after == before {
		return before, nil
	}
	if after.Number != before.Number {
		_, err := x.entry(e.Environment, l.id, after.Number)
		if err == nil {
			return dnc.Entry{}, dnc.ErrListed
		}
		if !errors.Is(err, dnc.ErrNotListed) {
			return dnc.Entry{}, err
		}
	}
	ev := x.note(l, dnc.Event{
		Environment: e.Environment, Kind: dnc.Edited,
		Number: before.Number, NewNumber: after.Number,
		CreatedBy: before.CreatedBy, CreatedAt: before.CreatedAt,
		ReasonBefore: before.Reason, ReasonAfter: after.Reason,
		By: e.By, CallID: before.CallID, At: e.At,
	})
	if after, err = x.own(after, before.Number); err != nil {
		return dnc.Entry{}, err
	}
	after.UpdatedAt = ev.At
	_, err = x.exec(`
		UPDATE dnc_entry
		SET number = $3, reason = $4, updated_at = $5, provisional = $6
		WHERE environment_id = $1 AND number = $2`,
		l.id, digits(before.Number), digits(after.Number), after.Reason, micros(ev.At),
		after.Provisional)
	return after, err
}

// edited returns what e makes of an entry, except for its UpdatedAt. A number
// that a person puts on the list stands, whatever comes of a review.
func edited(entry dnc.Entry, e dnc.Edit) dnc.Entry {
	if e.NewNumber != nil && *e.NewNumber != entry.Number {
		entry.Number, entry.Provisional = *e.NewNumber, false
	}
	if e.NewReason != nil {
		entry.Reason = *e.NewReason
	}
	return entry
}

// RemoveEntry implements [dnc.Store].
func (s *Store) RemoveEntry(ctx context.Context, r dnc.Removal) error {
	return s.change(ctx, func(x *tx) error { return x.removeEntry(r) })
}

func (x *tx) removeEntry(r dnc.Removal) error {
	l, err := x.list(r.Environment)
	if err != nil {
		return err
	}
	e, err := x.entry(r.Environment, l.id, r.Number)
	if err != nil {
		return err
	}
	x.note(l, dnc.Event{
		Environment: r.Environment, Kind: dnc.Removed, Number: r.Number,
		CreatedBy: e.CreatedBy, CreatedAt: e.CreatedAt,
		ReasonBefore: e.Reason, ReasonAfter: r.Reason,
		By: r.By, CallID: e.CallID, At: r.At,
	})
	if e.Import != "" {
		return x.release(e)
	}
	_, err = x.exec(`
		DELETE FROM dnc_entry
		WHERE environment_id = $1 AND number = $2`, l.id, digits(r.Number))
	return err
}

// Entries implements [dnc.Store].
func (s *Store) Entries(
	ctx context.Context, env dnc.Environment, ns []e164.Number,
) ([]dnc.Entry, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return nil, err
	}
	found := make(map[e164.Number]dnc.Entry, len(ns))
	// First: an entry that gets a row of its own meanwhile is found there.
	err = importedEntries(s.reading(ctx), env, id, ns, func(e dnc.Entry) { found[e.Number] = e })
	if err != nil {
		return nil, err
	}
	err = inFullChunks(ns, func(chunk []e164.Number) error {
		rows, err := s.query(ctx, entriesText, entriesArgs(id, chunk)...)
		if err != nil {
			return err
		}
		return readAll(rows, func(r row) error {
			e, err := entryRow(r, env)
			found[e.Number] = e
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	entries := make([]dnc.Entry, 0, len(ns))
	for _, n := range ns {
		if e, ok := found[n]; ok {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// EachEntry calls fn for each entry of env, newest first, and returns its
// first error. It holds on to nothing between calls, so that fn may take its
// time: what changes meanwhile is told as it was before, or after.
func (s *Store) EachEntry(
	ctx context.Context, env dnc.Environment, fn func(dnc.Entry) error,
) error {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return err
	}
	for before := latest; before > 0; {
		entries, next, err := s.entriesPage(ctx, env, id, before)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := fn(e); err != nil {
				return err
			}
		}
		before = next
	}
	return nil
}

// eachPage is how many rows EachEntry reads at once.
const eachPage = 1000

// latest is later than any time that is stored.
const latest int64 = 1<<63 - 1

// entriesBefore returns entries that have rows of their own and were created
// before a time, the newest first.
func entriesBefore(
	query querier, env dnc.Environment, id, before int64,
) ([]dnc.Entry, error) {
	entries := make([]dnc.Entry, 0, eachPage)
	err := query(func(r row) error {
		e, err := entryRow(r, env)
		entries = append(entries, e)
		return err
	}, `
		SELECT `+entryColumns+`
		FROM dnc_entry
		WHERE environment_id = $1 AND created_at < $2
		ORDER BY created_at DESC
		LIMIT $3`, id, before, int64(eachPage))
	return entries, err
}

// entry returns the entry of n on a list, or [dnc.ErrNotListed].
func (x *tx) entry(env dnc.Environment, id int64, n e164.Number) (dnc.Entry, error) {
	var found dnc.Entry
	err := x.entries(env, id, []e164.Number{n}, func(e dnc.Entry) { found = e })
	if err == nil && found.Number.IsZero() {
		return dnc.Entry{}, dnc.ErrNotListed
	}
	return found, err
}

// entries gives the entries that there are of ns on a list, in any order.
func (x *tx) entries(
	env dnc.Environment, id int64, ns []e164.Number, give func(dnc.Entry),
) error {
	if err := importedEntries(x.query, env, id, ns, give); err != nil {
		return err
	}
	return inFullChunks(ns, func(chunk []e164.Number) error {
		return x.query(func(r row) error {
			e, err := entryRow(r, env)
			give(e)
			return err
		}, entriesText, entriesArgs(id, chunk)...)
	})
}

// entriesText asks for the entries of chunk numbers.
var entriesText = `
	SELECT ` + entryColumns + `
	FROM dnc_entry
	WHERE environment_id = $1 AND number IN (` + placeholders(2, chunk) + `)`

// entriesArgs are the arguments of entriesText for 1 to chunk numbers.
func entriesArgs(id int64, ns []e164.Number) []any {
	args := make([]any, 1, 1+chunk)
	args[0] = id
	for i := range chunk {
		args = append(args, digits(ns[min(i, len(ns)-1)]))
	}
	return args
}

// entryRow reads the columns of dnc_entry in the order of entryColumns.
func entryRow(r row, env dnc.Environment) (dnc.Entry, error) {
	e := dnc.Entry{Environment: env}
	var number, createdAt, updatedAt int64
	err := r.Scan(
		&number, &e.CreatedBy, &e.Reason, &e.User, &e.CallID, &createdAt, &updatedAt,
		&e.Provisional)
	e.Number = number164(number)
	e.CreatedAt, e.UpdatedAt = timeOf(createdAt), timeOf(updatedAt)
	return e, err
}

// environmentID returns what the rows of env carry, or [dnc.ErrNoEnvironment].
func (s *Store) environmentID(ctx context.Context, env dnc.Environment) (int64, error) {
	var id int64
	err := s.row(ctx, `
		SELECT id
		FROM environment
		WHERE name = $1 AND id IS NOT NULL`, string(env)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, dnc.ErrNoEnvironment
	}
	return id, err
}

// digits returns n as it is stored.
func digits(n e164.Number) int64 { return int64(n.Uint64()) }

// number164 returns the number that [digits] gave.
func number164(digits int64) e164.Number { return e164.FromUint64(uint64(digits)) }
