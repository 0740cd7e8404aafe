package store

import (
	"context"
	"slices"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
)

// imported is an import that is in force, as the entries in its blocks have it.
type imported struct {
	environment dnc.Environment
	serial      int64
	id          string
	reason, by  string
	createdAt   int64 // of the entry at place 0
}

// importsInForce returns those of an environment, the newest first.
func importsInForce(query querier, env dnc.Environment, id int64) ([]imported, error) {
	var all []imported
	err := query(func(r row) error {
		m := imported{environment: env}
		err := r.Scan(&m.serial, &m.id, &m.reason, &m.by, &m.createdAt)
		all = append(all, m)
		return err
	}, `
		SELECT serial, id, reason, by, created_at
		FROM list_import
		WHERE environment_id = $1 AND state = 'done'
		ORDER BY revision DESC`, id)
	return all, err
}

// blockOf returns the block of an import that may have n, or false.
func blockOf(query querier, serial int64, n e164.Number) (b block, ok bool, err error) {
	err = query(func(r row) (err error) {
		b, err = blockRow(r)
		ok = true
		return err
	}, `
		SELECT `+blockColumns+`
		FROM import_block
		WHERE import = $1 AND first_number <= $2
		ORDER BY first_number DESC
		LIMIT 1`, serial, digits(n))
	return b, ok, err
}

// importedEntries gives the entries of ns that imports in force hold.
func importedEntries(
	query querier, env dnc.Environment, id int64, ns []e164.Number, give func(dnc.Entry),
) error {
	all, err := importsInForce(query, env, id)
	for _, m := range all {
		for _, n := range ns {
			b, ok, err := blockOf(query, m.serial, n)
			if err != nil {
				return err
			}
			if i, has := b.find(n); ok && has && b.holds(i) {
				give(b.entry(i, &m))
			}
		}
	}
	return err
}

// release has an entry that an import holds be its no more: it is removed, or
// gets a row of its own.
func (x *tx) release(e dnc.Entry) error {
	var serial int64
	err := x.row([]any{&serial}, `
		SELECT serial
		FROM list_import
		WHERE id = $1`, e.Import)
	if err != nil {
		return err
	}
	b, _, err := blockOf(x.query, serial, e.Number)
	if err != nil {
		return err
	}
	i, _ := b.find(e.Number)
	_, err = x.exec(`
		UPDATE import_block
		SET gone = $3
		WHERE import = $1 AND place = $2`, serial, b.place, b.gone.with(i, true).pack())
	return err
}

// own gives an entry that stands under number a row of its own there if an
// import holds it, so that it stays when that is undone. It returns the entry
// as it is then.
func (x *tx) own(e dnc.Entry, number e164.Number) (dnc.Entry, error) {
	if e.Import == "" {
		return e, nil
	}
	there := e
	there.Number = number
	if err := x.release(there); err != nil {
		return e, err
	}
	there.Import, e.Import = "", ""
	return e, x.insertEntries([]dnc.Entry{there})
}

// readImported gives the entries that imports hold.
func readImported(query querier, id int64, into index.Reader) error {
	all, err := importsInForce(query, "", id)
	for _, m := range all {
		if err := eachBlock(query, m.serial, func(b block) error {
			for i, n := range b.numbers {
				if b.holds(i) {
					into.Entry(n, dnc.User, m.createdAt+b.place+int64(i))
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return err
}

// blocksPage is how many blocks are read at once.
const blocksPage = 64

// eachBlock gives the blocks of an import, in order. Between them others may be
// asked for and changed.
func eachBlock(query querier, serial int64, give func(block) error) error {
	blocks := make([]block, 0, blocksPage)
	for from := int64(0); ; {
		blocks = blocks[:0]
		err := query(func(r row) error {
			b, err := blockRow(r)
			blocks = append(blocks, b)
			return err
		}, `
			SELECT `+blockColumns+`
			FROM import_block
			WHERE import = $1 AND place >= $2
			ORDER BY place
			LIMIT $3`, serial, from, int64(blocksPage))
		if err != nil {
			return err
		}
		for _, b := range blocks {
			if err := give(b); err != nil {
				return err
			}
		}
		if len(blocks) < blocksPage {
			return nil
		}
		from = blocks[len(blocks)-1].place + 1
	}
}

// blocksAtOnce is how many blocks a page of entries takes in.
const blocksAtOnce = 2

// entriesPage returns the entries that were created before a time, and the time
// before which the next page goes on: 0 after the last one. All of it is as of
// one moment, so that no entry is missed that gets a row of its own.
func (s *Store) entriesPage(
	ctx context.Context, env dnc.Environment, id, before int64,
) (entries []dnc.Entry, next int64, err error) {
	t, err := s.beginRead(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer t.Rollback() // it changes nothing
	query := within(ctx, t)
	if entries, err = entriesBefore(query, env, id, before); err != nil {
		return nil, 0, err
	}
	if len(entries) == eachPage {
		next = micros(entries[eachPage-1].CreatedAt)
	}
	all, err := importsInForce(query, env, id)
	if err != nil {
		return nil, 0, err
	}
	older := func(m imported) bool { return m.createdAt < before }
	if i := slices.IndexFunc(all, older); i >= 0 {
		held, end, err := heldBefore(query, &all[i], before)
		if err != nil {
			return nil, 0, err
		}
		next = max(next, end)
		entries = append(entries, held...)
	}
	slices.SortFunc(entries, func(a, b dnc.Entry) int { return b.CreatedAt.Compare(a.CreatedAt) })
	n, _ := slices.BinarySearchFunc(entries, next, func(e dnc.Entry, next int64) int {
		if micros(e.CreatedAt) >= next {
			return -1
		}
		return 1
	})
	return entries[:n], next, nil
}

// heldBefore returns entries that an import holds and that were created before
// a time, and the time of the first that may have been left out.
func heldBefore(
	query querier, m *imported, before int64,
) (entries []dnc.Entry, end int64, err error) {
	blocks := 0
	end = m.createdAt
	err = query(func(r row) error {
		b, err := blockRow(r)
		if err != nil {
			return err
		}
		if blocks++; blocks == blocksAtOnce {
			end = m.createdAt + b.place
		}
		for i := range b.numbers {
			if e := b.entry(i, m); b.holds(i) && micros(e.CreatedAt) < before {
				entries = append(entries, e)
			}
		}
		return nil
	}, `
		SELECT `+blockColumns+`
		FROM import_block
		WHERE import = $1 AND place < $2
		ORDER BY place DESC
		LIMIT $3`, m.serial, before-m.createdAt, int64(blocksAtOnce))
	return entries, end, err
}
