package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"nocall/internal/dnc"
	"nocall/internal/index"
)

var _ index.Source = (*Store)(nil)

// Read implements [index.Source], the oldest entries of a list first, and those of
// imports behind them.
//
// A list is read from both ends at once, in two transactions that see the same:
// reading a row costs more than taking it in.
func (s *Store) Read(ctx context.Context, into index.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rising, err := s.beginRead(ctx)
	if err != nil {
		return err
	}
	defer rising.Rollback() // it changes nothing
	heads, err := readHeads(ctx, rising)
	if err != nil {
		return err
	}
	falling, err := s.readBeside(ctx, heads)
	if err != nil {
		return err
	}
	if falling != nil {
		defer falling.Rollback()
	}
	for _, h := range heads {
		into.Environment(h.name, h.revision)
		if err := readList(ctx, h.id, [2]*sql.Tx{rising, falling}, into); err != nil {
			return err
		}
		if err := readImported(within(ctx, rising), h.id, into); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) beginRead(ctx context.Context) (*sql.Tx, error) {
	return s.engine.read.BeginTx(ctx, s.engine.snapshot)
}

// head is an environment and how far its list has come.
type head struct {
	name         dnc.Environment
	id, revision int64
}

func readHeads(ctx context.Context, t *sql.Tx) ([]head, error) {
	rows, err := t.QueryContext(ctx, `
		SELECT name, id, revision
		FROM environment
		WHERE id IS NOT NULL
		ORDER BY name`)
	if err != nil {
		return nil, err
	}
	var heads []head
	err = readAll(rows, func(r row) error {
		var h head
		err := r.Scan(&h.name, &h.id, &h.revision)
		heads = append(heads, h)
		return err
	})
	return heads, err
}

// readBeside begins a second transaction that sees the same lists: where no
// revision has moved no list has changed. It returns nil where one has.
func (s *Store) readBeside(ctx context.Context, heads []head) (*sql.Tx, error) {
	t, err := s.beginRead(ctx)
	if err != nil {
		return nil, err
	}
	if beside, err := readHeads(ctx, t); err != nil || !slices.Equal(heads, beside) {
		return nil, errors.Join(err, t.Rollback())
	}
	return t, nil
}
