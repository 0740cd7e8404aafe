package store

import (
	"context"
	"database/sql"

	"nocall/internal/dnc"
	"nocall/internal/index"
)

var _ index.Source = (*Store)(nil)

// Read implements [index.Source], the oldest entries of a list first.
func (s *Store) Read(ctx context.Context, into index.Reader) error {
	t, err := s.engine.read.BeginTx(ctx, s.engine.snapshot)
	if err != nil {
		return err
	}
	defer t.Rollback() // it changes nothing

	rows, err := t.QueryContext(ctx, `
		SELECT name, id, revision
		FROM environment
		WHERE id IS NOT NULL
		ORDER BY name`)
	if err != nil {
		return err
	}
	type head struct {
		name         dnc.Environment
		id, revision int64
	}
	var heads []head
	err = readAll(rows, func(r row) error {
		var h head
		err := r.Scan(&h.name, &h.id, &h.revision)
		heads = append(heads, h)
		return err
	})
	if err != nil {
		return err
	}
	for _, h := range heads {
		into.Environment(h.name, h.revision)
		// Two integers a row, out of one index.
		rows, err := t.QueryContext(ctx, `
			SELECT created_at, number * 2 + CASE created_by WHEN 'system' THEN 1 ELSE 0 END
			FROM dnc_entry
			WHERE environment_id = $1
			ORDER BY created_at`, h.id)
		if err != nil {
			return err
		}
		if err := readEntries(rows, into); err != nil {
			return err
		}
	}
	return nil
}

func readEntries(rows *sql.Rows, into index.Reader) error {
	defer rows.Close()
	var createdAt, packed int64
	dest := []any{&createdAt, &packed}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		by := dnc.User
		if packed&1 == 1 {
			by = dnc.System
		}
		into.Entry(number164(packed>>1), by, createdAt)
	}
	return rows.Err()
}
