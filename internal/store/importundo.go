package store

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// UndoImport takes off a list what an import has put on it, at one moment. An
// entry that was changed, or whose number was asked for again since, stays; one
// whose number stands in a later import is that one's from then on. It returns
// [dnc.ErrNoImport] where there is none, and [dnc.ErrUndone] where it was undone.
func (s *Store) UndoImport(
	ctx context.Context, env dnc.Environment, id, by string,
) (dnc.Import, error) {
	return write(ctx, s, func(x *tx) (dnc.Import, error) { return x.undoImport(env, id, by) })
}

func (x *tx) undoImport(env dnc.Environment, id, by string) (dnc.Import, error) {
	list, err := x.list(env)
	if err != nil {
		return dnc.Import{}, err
	}
	m, kept, err := findImport(x.query, env, list.id, id)
	if err != nil {
		return dnc.Import{}, err
	}
	if m.undone != 0 {
		return dnc.Import{}, dnc.ErrUndone
	}
	u := &undoing{imported: m.imported}
	if err := u.read(x.query); err != nil {
		return dnc.Import{}, err
	}
	if err := u.passOn(x, list.id); err != nil {
		return dnc.Import{}, err
	}
	ev := x.note(list, dnc.Event{
		Environment: env, Kind: dnc.ImportUndone, CreatedBy: dnc.User, By: by, Import: id,
		Numbers: &dnc.EventNumbers{Removed: u.held.each, Added: u.passed.each},
	})
	kept.UndoneAt, kept.UndoneBy = ev.At, by
	kept.Removed = int64(len(u.held) - len(u.passed))
	_, err = x.exec(`
		UPDATE list_import
		SET state = 'undone', undone_by = $2, undone_at = $3, undone = $4, removed = $5
		WHERE serial = $1`, m.serial, by, micros(ev.At), ev.Revision, kept.Removed)
	return kept, err
}

// undoing is an import that is being undone.
type undoing struct {
	imported
	held   placed // what it holds
	passed placed // those of held that a later import holds from now on
}

// placed is numbers, which rise, with when their entries were created.
type placed []placedNumber

type placedNumber struct {
	number    e164.Number
	createdAt int64
}

// each gives the numbers.
func (p placed) each(yield func(e164.Number, int64) bool) {
	for _, n := range p {
		if !yield(n.number, n.createdAt) {
			return
		}
	}
}

// find returns the place of n.
func (p placed) find(n e164.Number) (int, bool) {
	i := sort.Search(len(p), func(i int) bool { return p[i].number.Uint64() >= n.Uint64() })
	return i, i < len(p) && p[i].number == n
}

// read reads what the import holds.
func (u *undoing) read(query querier) error {
	return eachBlock(query, u.serial, func(b block) error {
		for i, n := range b.numbers {
			if b.holds(i) {
				u.held = append(u.held, placedNumber{n, u.createdAt + b.place + int64(i)})
			}
		}
		return nil
	})
}

// passOn has later imports hold what they have as well: to them it was listed
// already, and they stand for it now. What stands in an earlier one was not
// listed any more when this import put it on the list.
func (u *undoing) passOn(x *tx, environmentID int64) error {
	others, err := importsInForce(x.query, u.environment, environmentID)
	if err != nil {
		return err
	}
	passed := make(marks, len(u.held)/8+1)
	own := slices.IndexFunc(others, func(m imported) bool { return m.serial == u.serial })
	for _, m := range slices.Backward(others[:max(own, 0)]) { // the oldest first
		err := eachBlock(x.query, m.serial, func(b block) error {
			return u.passTo(x, &m, b, passed)
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(u.passed, func(a, b placedNumber) int {
		return cmp.Compare(a.number.Uint64(), b.number.Uint64())
	})
	if len(u.passed) == 0 {
		return nil
	}
	return eachBlock(x.query, u.serial, func(b block) error { return u.letGo(x, b) })
}

// passTo has a block of another import hold what it can.
func (u *undoing) passTo(x *tx, m *imported, b block, passed marks) error {
	before := len(u.passed)
	for i, n := range b.numbers {
		if !b.listed.has(i) || b.gone.has(i) {
			continue
		}
		at, ok := u.held.find(n)
		if !ok || passed.has(at) {
			continue
		}
		passed = passed.with(at, true)
		b.listed = b.listed.with(i, false)
		u.passed = append(u.passed, placedNumber{n, m.createdAt + b.place + int64(i)})
	}
	if len(u.passed) == before {
		return nil
	}
	_, err := x.exec(`
		UPDATE import_block
		SET listed = $3
		WHERE import = $1 AND place = $2`, b.serial, b.place, b.listed.pack())
	return err
}

// letGo has a block of the import itself hold no more what was passed on.
func (u *undoing) letGo(x *tx, b block) error {
	gone := slices.Clone(b.gone)
	for i, n := range b.numbers {
		if _, ok := u.passed.find(n); ok && b.holds(i) {
			gone = gone.with(i, true)
		}
	}
	if slices.Equal(gone, b.gone) {
		return nil
	}
	_, err := x.exec(`
		UPDATE import_block
		SET gone = $3
		WHERE import = $1 AND place = $2`, b.serial, b.place, gone.pack())
	return err
}
