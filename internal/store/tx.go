package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"nocall/internal/dnc"
)

// tx is a transaction of the writer and what it has found and noted so far.
type tx struct {
	ctx      context.Context
	sql      *sql.Tx
	prepared *prepared
	stmts    map[string]*sql.Stmt // prepared ones, for this transaction

	worlds   map[dnc.Environment]*list
	counts   map[alike]int64 // calls more or fewer than before
	contacts map[look]int64  // contacts more or fewer than before
	events   []dnc.Event     // of this transaction, in order; not written yet
	now      time.Time
	writes   int   // statements that changed something, events included
	broken   error // the first error of the database
}

// list is how far the list of an environment has come.
type list struct {
	id       int64
	revision int64
	lastAt   int64
	changed  bool
	removed  bool // in this transaction
}

func newTx(ctx context.Context, t *sql.Tx, p *prepared) *tx {
	return &tx{
		ctx: ctx, sql: t, prepared: p, stmts: make(map[string]*sql.Stmt),
		worlds: make(map[dnc.Environment]*list), counts: make(map[alike]int64),
		contacts: make(map[look]int64), now: time.Now().UTC(),
	}
}

// run does the works of a batch, in order. It returns an error when the
// transaction is of no use any more; what a work was refused for stands in it.
func (x *tx) run(batch []*work) error {
	for len(batch) > 0 {
		n := 1
		if batch[0].add == nil {
			if err := x.runOne(batch[0]); err != nil {
				return err
			}
		} else {
			n = additions(batch)
			if err := x.addAll(batch[:n]); err != nil {
				return err
			}
		}
		batch = batch[n:]
	}
	return x.finish()
}

func (x *tx) runOne(one *work) error {
	before := x.writes
	one.err = one.do(x)
	if x.broken != nil {
		return x.broken
	}
	if one.err != nil && x.writes > before {
		return one.err // half done: take it back
	}
	return nil
}

// finish writes what was noted on the way.
func (x *tx) finish() error {
	if err := x.writeEvents(); err != nil {
		return err
	}
	for env, l := range x.worlds {
		if !l.changed {
			continue
		}
		_, err := x.exec(`
			UPDATE environment
			SET revision = $2, last_at = $3
			WHERE name = $1`, string(env), l.revision, l.lastAt)
		if err != nil {
			return err
		}
	}
	if err := x.writeCounts(); err != nil {
		return err
	}
	return x.writeLooks()
}

// list returns how far env's list has come, or [dnc.ErrNoEnvironment].
func (x *tx) list(env dnc.Environment) (*list, error) {
	if l := x.worlds[env]; l != nil {
		if l.removed {
			return nil, dnc.ErrNoEnvironment
		}
		return l, nil
	}
	l := new(list)
	err := x.row([]any{&l.id, &l.revision, &l.lastAt}, `
		SELECT id, revision, last_at
		FROM environment
		WHERE name = $1 AND id IS NOT NULL`, string(env))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, dnc.ErrNoEnvironment
	}
	if err != nil {
		return nil, err
	}
	x.worlds[env] = l
	return l, nil
}

// note gives ev the next revision of its environment's list l, and a time that
// is later than any before: the one it has, unless that is too early, or still
// to come. It returns the event as it will stand in the trail.
func (x *tx) note(l *list, ev dnc.Event) dnc.Event {
	at := ev.At
	if at.IsZero() || at.After(x.now) {
		at = x.now
	}
	l.lastAt = max(at.UnixMicro(), l.lastAt+1)
	l.revision++
	l.changed = true
	ev.At = timeOf(l.lastAt)
	ev.Revision = l.revision
	if ev.Kind == dnc.Added {
		ev.CreatedAt = ev.At
	}
	x.events = append(x.events, ev)
	x.writes++
	return ev
}

// exec runs a statement that changes something.
func (x *tx) exec(text string, args ...any) (changed int64, err error) {
	x.writes++
	r, err := x.prepared.exec(x, text, storable(args))
	if err == nil {
		changed, err = r.RowsAffected()
	}
	return changed, x.check(err)
}

// row runs a query for one row and reads it into dest. It returns
// sql.ErrNoRows where there is none.
func (x *tx) row(dest []any, text string, args ...any) error {
	rows, err := x.prepared.query(x, text, storable(args))
	if err != nil {
		return x.check(err)
	}
	found := false
	err = readAll(rows, func(r row) error {
		found = true
		return r.Scan(dest...)
	})
	if err == nil && !found {
		return sql.ErrNoRows
	}
	return x.check(err)
}

// query runs a query and reads each of its rows.
func (x *tx) query(read func(row) error, text string, args ...any) error {
	rows, err := x.prepared.query(x, text, storable(args))
	if err != nil {
		return x.check(err)
	}
	return x.check(readAll(rows, read))
}

// exists reports whether a query finds a row.
func (x *tx) exists(text string, args ...any) (bool, error) {
	var one int64
	err := x.row([]any{&one}, text, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (x *tx) check(err error) error {
	if err != nil && x.broken == nil {
		x.broken = err
	}
	return err
}

// row is one row of a result.
type row interface{ Scan(dest ...any) error }

// readAll reads each of rows and closes them.
func readAll(rows *sql.Rows, read func(row) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// storable makes text in args such that both databases can store it: UTF-8
// without the character NUL. Offsets in UTF-8 stay what they were.
func storable(args []any) []any {
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			args[i] = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", " "), "\uFFFD")
		}
	}
	return args
}

// micros returns t as it is stored: microseconds since 1970, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// timeOf returns the time that [micros] gave.
func timeOf(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
