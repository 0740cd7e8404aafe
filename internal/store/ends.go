package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"sync"

	"nocall/internal/dnc"
	"nocall/internal/index"
)

// packed is an entry as it is read: when it was created, and its number twice,
// and one if the system created it.
type packed struct{ createdAt, number int64 }

func (p packed) compare(q packed) int {
	return cmp.Or(cmp.Compare(p.createdAt, q.createdAt), cmp.Compare(p.number, q.number))
}

// A reader hands entries over in parcels, so that they can be taken in while
// the next are read.
const (
	parcelSize = 4096
	parcels    = 4 // on the way at once
)

// Two integers a row, out of one index.
const (
	readEntries = `
		SELECT created_at, number * 2 + CASE created_by WHEN 'system' THEN 1 ELSE 0 END
		FROM dnc_entry
		WHERE environment_id = $1
		ORDER BY `
	readRising  = readEntries + `created_at, number`
	readFalling = readEntries + `created_at DESC, number DESC`
)

// readList reads the list of the environment with id and gives its entries to
// into, the oldest first. The second transaction may be nil.
func readList(ctx context.Context, id int64, by [2]*sql.Tx, into index.Reader) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	m := new(meeting)
	var newest [][]packed
	var falling sync.WaitGroup
	if by[1] != nil {
		falling.Go(func() {
			err := readParcels(ctx, by[1], readFalling, id, func(parcel []packed) bool {
				parcel, more := m.down(parcel)
				newest = append(newest, slices.Clone(parcel))
				return more
			})
			if err != nil {
				cancel(err)
			}
		})
	}
	err := giveParcels(into, func(give func([]packed)) error {
		return readParcels(ctx, by[0], readRising, id, func(parcel []packed) bool {
			parcel, more := m.up(parcel)
			give(parcel)
			return more
		})
	})
	if err != nil {
		cancel(err)
	}
	falling.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	for _, parcel := range slices.Backward(newest) {
		slices.Reverse(parcel)
		give(parcel, into)
	}
	return nil
}

// meeting is where two readers meet, one that goes up a list and one that goes
// down. Neither hands over what the other has.
type meeting struct {
	mu        sync.Mutex // guards following
	low, high packed     // the last that went up, that went down; zero before
}

// up returns what there is of parcel, which rises, below what went down, and
// whether the readers have not met.
func (m *meeting) up(parcel []packed) (below []packed, more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(parcel)
	if m.high != (packed{}) {
		n, _ = slices.BinarySearchFunc(parcel, m.high, packed.compare)
	}
	if n > 0 {
		m.low = parcel[n-1]
	}
	return parcel[:n], n == len(parcel)
}

// down is up for a parcel that falls.
func (m *meeting) down(parcel []packed) (above []packed, more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(parcel)
	if m.low != (packed{}) {
		n, _ = slices.BinarySearchFunc(parcel, m.low, func(p, low packed) int {
			return low.compare(p)
		})
	}
	if n > 0 {
		m.high = parcel[n-1]
	}
	return parcel[:n], n == len(parcel)
}

// giveParcels gives to into what read gives, while it reads on.
func giveParcels(into index.Reader, read func(give func([]packed)) error) error {
	full, empty := make(chan []packed, parcels), make(chan []packed, parcels)
	for range parcels {
		empty <- make([]packed, 0, parcelSize)
	}
	var failure error // set before full is closed
	go func() {
		defer close(full)
		failure = read(func(parcel []packed) {
			full <- append((<-empty)[:0], parcel...)
		})
	}()
	for parcel := range full {
		give(parcel, into)
		empty <- parcel
	}
	return failure
}

func give(parcel []packed, into index.Reader) {
	for _, e := range parcel {
		by := dnc.User
		if e.number&1 == 1 {
			by = dnc.System
		}
		into.Entry(number164(e.number>>1), by, e.createdAt)
	}
}

// readParcels gives the entries that text selects to take, parcel by parcel,
// until it returns false. A parcel is good until take returns.
func readParcels(
	ctx context.Context, t *sql.Tx, text string, id int64, take func([]packed) bool,
) error {
	rows, err := t.QueryContext(ctx, text, id)
	if err != nil {
		return err
	}
	defer rows.Close()
	var e packed
	dest := []any{&e.createdAt, &e.number}
	parcel := make([]packed, 0, parcelSize)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if parcel = append(parcel, e); len(parcel) < parcelSize {
			continue
		}
		if !take(parcel) {
			return rows.Close()
		}
		parcel = parcel[:0]
	}
	take(parcel)
	return rows.Err()
}
