// Package store keeps everything that must outlive the program, in SQLite or
// PostgreSQL. Both run the same SQL text, with $1, $2 for arguments.
//
// One writer makes all changes, many in one transaction, and answers when they
// are durable. Each change of a list takes the next revision of its environment
// and leaves its event in the trail, in the same transaction; the [Follower] is
// told of it before whoever asked for it is answered.
//
// A database belongs to one process at a time. See [Open].
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"nocall/internal/dnc"
)

// Errors of the store.
var (
	// ErrBusy reports more changes at once than are kept waiting.
	ErrBusy = dnc.ErrBusy

	// ErrClosed reports a change asked of a store that is closed.
	ErrClosed = errors.New("store: closed")

	// ErrInUse reports a database that another process uses.
	ErrInUse = errors.New("store: another nocall uses this database")

	// ErrNewer reports a database of a newer program than this one.
	ErrNewer = errors.New("store: database was made by a newer nocall, use that one")
)

// Follower follows the lists. Its methods are called one at a time for each
// kind; Apply and Doubt must not call the store.
type Follower interface {
	// Apply takes in events that have become durable, those of an environment
	// in the order of their revisions, before their callers are answered.
	Apply(events []dnc.Event)

	// Doubt says whether events may be missing or others may change the
	// lists: while that is so, nothing of them is certain.
	Doubt(inDoubt bool)

	// Reload reads everything anew from the store, before Doubt(false).
	Reload(ctx context.Context) error
}

// Store is an open database, of the newest schema. It may be used by many
// goroutines at once.
type Store struct {
	engine   *engine
	writer   *writer
	follower *told
	cleanup  chan struct{} // holds one when what was removed is to be cleared away
	adding   turns         // at adding contacts, by campaign
	imports  turns         // at imports, by environment
	sealer   Sealer        // nil for none
	close    func() error  // once
}

// Open opens the database that dsn names, a postgres:// address or the path of
// an SQLite file, and brings its schema up to date. It returns an error that
// matches [ErrInUse] when another process has it open: for an SQLite file, any
// database of the same folder.
func Open(ctx context.Context, dsn string) (*Store, error) {
	e, err := openEngine(ctx, dsn)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := e.migrate(ctx); err != nil {
		return nil, fmt.Errorf("open database: %w", errors.Join(err, e.close()))
	}
	if err := dropUnfinished(ctx, e); err != nil {
		return nil, fmt.Errorf("open database: %w", errors.Join(err, e.close()))
	}
	s := &Store{engine: e, follower: newTold(), cleanup: make(chan struct{}, 1)}
	s.cleanup <- struct{}{}
	s.writer = startWriter(e, s.follower)
	s.close = sync.OnceValue(func() error {
		s.writer.close()
		return e.close()
	})
	return s, nil
}

// Follow has f told of every change from now on. It is called once, before
// [Store.Run].
func (s *Store) Follow(f Follower) { s.follower.follow(f) }

// Close makes the changes that wait, and closes the database. Closing again
// does nothing.
func (s *Store) Close() error { return s.close() }

// query runs a query outside the writer.
func (s *Store) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return s.engine.read.QueryContext(ctx, text, storable(args)...)
}

// row runs a query for one row outside the writer.
func (s *Store) row(ctx context.Context, text string, args ...any) *sql.Row {
	return s.engine.read.QueryRowContext(ctx, text, storable(args)...)
}

// write has the writer run do, and returns what it gave once that is durable.
// Do may be run again when others that shared its transaction failed. What it
// refuses it refuses before its first change. When ctx ends first, it may or
// may not have been done.
func write[T any](ctx context.Context, s *Store, do func(*tx) (T, error)) (T, error) {
	var result T
	w := &work{ctx: ctx, done: make(chan error, 1)}
	w.do = func(x *tx) (err error) {
		result, err = do(x)
		return err
	}
	if err := s.writer.ask(ctx, w); err != nil {
		var none T
		return none, err
	}
	return result, nil
}

// change is [write] for what gives nothing but an error.
func (s *Store) change(ctx context.Context, do func(*tx) error) error {
	w := &work{ctx: ctx, do: do, done: make(chan error, 1)}
	return s.writer.ask(ctx, w)
}
