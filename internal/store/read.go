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

// packed is an entry as it is read: when it was created, and its number twice,
// and one if the system created it.
type packed struct{ createdAt, number int64 }

// A reader hands entries over in parcels, so that they can be taken in while
// the next are read.
const (
	parcelSize = 4096
	parcels    = 4 // on the way at once
)

// readEntries reads rows and gives their entries to into.
func readEntries(rows *sql.Rows, into index.Reader) error {
	full, empty := make(chan []packed, parcels), make(chan []packed, parcels)
	for range parcels {
		empty <- make([]packed, 0, parcelSize)
	}
	var failure error // set before full is closed
	go func() {
		defer close(full)
		failure = fillParcels(rows, full, empty)
	}()
	for parcel := range full {
		for _, e := range parcel {
			by := dnc.User
			if e.number&1 == 1 {
				by = dnc.System
			}
			into.Entry(number164(e.number>>1), by, e.createdAt)
		}
		empty <- parcel[:0]
	}
	return failure
}

// fillParcels reads rows into empty parcels and passes them on.
func fillParcels(rows *sql.Rows, full chan<- []packed, empty <-chan []packed) error {
	defer rows.Close()
	var e packed
	dest := []any{&e.createdAt, &e.number}
	parcel := <-empty
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if parcel = append(parcel, e); len(parcel) == parcelSize {
			full <- parcel
			parcel = <-empty
		}
	}
	full <- parcel
	return rows.Err()
}
