package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sort"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

const (
	blocksPart  = 32   // blocks written in one transaction, so that an opt-out does not wait
	linesPart   = 1000 // rows that cannot be read in one row of the database
	changesMost = 2000 // changes of a list that are looked at one by one
	importTries = 20   // to catch up with a list that changes meanwhile
)

// errMoved reports a list that has changed too much while an import was written.
var errMoved = errors.New("store: list has changed")

// AddImport puts the numbers of a file on a list: all that are not on it, at one
// moment, or none. The numbers are written down little by little, where nobody
// sees them; then one small change puts them in force. It returns the import with
// what came of it.
//
// Imports of one environment come one after the other.
func (s *Store) AddImport(
	ctx context.Context, m dnc.Import, f *dnc.ImportFile, steps dnc.ImportSteps,
) (dnc.Import, error) {
	if len(f.Numbers) == 0 {
		return dnc.Import{}, dnc.ErrNoNumbers
	}
	release, err := s.imports.take(ctx, string(m.Environment))
	if err != nil {
		return dnc.Import{}, err
	}
	defer release()
	m.Rows, m.Repeated, m.Invalid = f.Rows, f.Repeated, f.Invalid
	l := &loading{store: s, Import: m, file: f, steps: steps}
	if err := s.change(ctx, l.begin); err != nil {
		return dnc.Import{}, err
	}
	if err := l.load(ctx); err != nil {
		// Nobody sees what remains; what fails here is dropped at the next start.
		_ = s.change(context.WithoutCancel(ctx), l.drop)
		s.wakeCleanup()
		return dnc.Import{}, err
	}
	return l.Import, nil
}

// loading is an import that is not in force yet.
type loading struct {
	dnc.Import
	store         *Store
	file          *dnc.ImportFile
	steps         dnc.ImportSteps
	serial        int64
	environmentID int64
	listed        []marks // block by block
	revision      int64   // of the list that listed is right for
}

// begin makes the row of the import, which nobody sees.
func (l *loading) begin(x *tx) error {
	list, err := x.list(l.Environment)
	if err != nil {
		return err
	}
	l.environmentID = list.id
	err = x.row([]any{&l.serial}, `
		SELECT COALESCE(MAX(serial), 0) + 1
		FROM list_import`)
	if err != nil {
		return err
	}
	_, err = x.exec(`
		INSERT INTO list_import (serial, environment_id, id, state, name, file, reason, by,
			revision, created_at, at, file_rows, added, already_listed, repeated, invalid,
			undone_by, undone_at, undone, removed)
		VALUES ($1, $2, $3, 'loading', $4, $5, $6, $7, 0, 0, 0, $8, 0, 0, $9, $10, '', 0, 0, 0)`,
		l.serial, l.environmentID, l.ID, l.Name, l.File, l.Reason, l.By, l.Rows, l.Repeated,
		l.Invalid)
	return err
}

func (l *loading) load(ctx context.Context) error {
	if err := l.mark(); err != nil {
		return err
	}
	if err := l.write(ctx); err != nil {
		return err
	}
	if err := l.writeLines(ctx); err != nil {
		return err
	}
	for range importTries {
		// From here on it is all or nothing, and known which.
		err := l.store.change(context.WithoutCancel(ctx), l.finish)
		if !errors.Is(err, errMoved) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.markAgain(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("import: %w", dnc.ErrBusy)
}

// blocks is how many blocks the import has.
func (l *loading) blocks() int { return (len(l.file.Numbers) + blockSize - 1) / blockSize }

// numbers returns the numbers of one block.
func (l *loading) numbers(i int) []dnc.ImportNumber {
	return l.file.Numbers[i*blockSize : min((i+1)*blockSize, len(l.file.Numbers))]
}

// mark finds the numbers that are listed.
func (l *loading) mark() error {
	all := make([]marks, 0, l.blocks())
	ns, listed := make([]e164.Number, 0, blockSize), make([]bool, blockSize)
	for i := range l.blocks() {
		ns = ns[:0]
		for _, n := range l.numbers(i) {
			ns = append(ns, n.Number)
		}
		revision, err := l.steps.Listed(ns, listed[:len(ns)])
		if err != nil {
			return err
		}
		if i == 0 {
			l.revision = revision // what came later is looked at in the end
		}
		var m marks
		for i, is := range listed[:len(ns)] {
			if is {
				m = m.with(i, true)
			}
		}
		all = append(all, m)
	}
	l.listed = all
	return nil
}

// markAgain finds the numbers that are listed now, and writes that down.
func (l *loading) markAgain(ctx context.Context) error {
	before := l.listed
	if err := l.mark(); err != nil {
		return err
	}
	for i := range before {
		if before[i].pack() == l.listed[i].pack() {
			continue
		}
		err := l.store.change(ctx, func(x *tx) error { return l.writeMarks(x, i) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *loading) writeMarks(x *tx, i int) error {
	_, err := x.exec(`
		UPDATE import_block
		SET listed = $3
		WHERE import = $1 AND place = $2`, l.serial, int64(i*blockSize), l.listed[i].pack())
	return err
}

// write writes the blocks.
func (l *loading) write(ctx context.Context) error {
	for from := 0; from < l.blocks(); from += blocksPart {
		to := min(from+blocksPart, l.blocks())
		rows := make([]any, 0, blocksPart*7)
		for i := from; i < to; i++ {
			row, err := l.block(i)
			if err != nil {
				return err
			}
			rows = append(rows, row...)
		}
		err := l.store.change(ctx, func(x *tx) error {
			return inChunks(slices.Collect(slices.Chunk(rows, 7)), func(chunk [][]any) error {
				_, err := x.exec(`
					INSERT INTO import_block (`+blockColumns+`)
					VALUES `+tuples(len(chunk), 7), slices.Concat(chunk...)...)
				return err
			})
		})
		if err != nil {
			return err
		}
		if l.steps.Written != nil {
			l.steps.Written(min(to*blockSize, len(l.file.Numbers)))
		}
	}
	return nil
}

// block returns the columns of one block.
func (l *loading) block(i int) ([]any, error) {
	numbers := l.numbers(i)
	b := block{serial: l.serial, place: int64(i * blockSize), listed: l.listed[i]}
	own := false
	for _, n := range numbers {
		b.numbers = append(b.numbers, n.Number)
		own = own || n.Reason != 0
	}
	if own {
		b.reasons = l.reasons(numbers)
	}
	return b.row()
}

// reasons returns the reasons of some numbers.
func (l *loading) reasons(numbers []dnc.ImportNumber) *blockReasons {
	r := new(blockReasons)
	places := make(map[uint32]int)
	for _, n := range numbers {
		of, ok := places[n.Reason]
		if !ok {
			of = len(r.Texts)
			places[n.Reason] = of
			text := l.Reason
			if n.Reason > 0 {
				text = l.file.Reasons[n.Reason]
			}
			r.Texts = append(r.Texts, text)
		}
		r.Of = append(r.Of, of)
	}
	return r
}

// writeLines writes the rows that cannot be read.
func (l *loading) writeLines(ctx context.Context) error {
	part := int64(0)
	for lines := range slices.Chunk(l.file.Lines, linesPart) {
		texts, err := jsonTexts(lines)
		if err != nil {
			return err
		}
		err = l.store.change(ctx, func(x *tx) error {
			_, err := x.exec(`
				INSERT INTO import_problem (import, part, lines)
				VALUES ($1, $2, $3)`, l.serial, part, texts[0])
			return err
		})
		if err != nil {
			return err
		}
		part++
	}
	return nil
}

// finish looks at what has changed on the list meanwhile and puts the import in
// force. It refuses with errMoved when that is too much.
func (l *loading) finish(x *tx) error {
	list, err := x.list(l.Environment)
	if err != nil {
		return err
	}
	if list.id != l.environmentID {
		return dnc.ErrNoEnvironment
	}
	changed, err := l.changed(x)
	if err != nil {
		return err
	}
	if err := l.markChanged(x, list.id, changed); err != nil {
		return err
	}
	l.AlreadyListed = 0
	for _, m := range l.listed {
		l.AlreadyListed += m.count()
	}
	l.Added = int64(len(l.file.Numbers)) - l.AlreadyListed
	size := int64(len(l.file.Numbers))
	createdAt := max(list.lastAt+1, x.now.UnixMicro()-size)
	list.lastAt = createdAt + size - 1
	ev := x.note(list, dnc.Event{
		Environment: l.Environment, Kind: dnc.Imported, CreatedBy: dnc.User,
		ReasonAfter: l.Reason, By: l.By, Import: l.ID,
		Numbers: &dnc.EventNumbers{Added: l.added(createdAt)},
	})
	l.At = ev.At
	_, err = x.exec(`
		UPDATE list_import
		SET state = 'done', revision = $2, created_at = $3, at = $4, added = $5,
			already_listed = $6
		WHERE serial = $1`,
		l.serial, ev.Revision, createdAt, micros(ev.At), l.Added, l.AlreadyListed)
	return err
}

// added gives the numbers that come onto the list.
func (l *loading) added(createdAt int64) func(func(e164.Number, int64) bool) {
	numbers, listed := l.file.Numbers, l.listed
	return func(yield func(e164.Number, int64) bool) {
		for i, n := range numbers {
			if listed[i/blockSize].has(i % blockSize) {
				continue
			}
			if !yield(n.Number, createdAt+int64(i)) {
				return
			}
		}
	}
}

// changed returns the numbers that were added to the list, or taken off it, since
// it was looked at.
func (l *loading) changed(x *tx) ([]e164.Number, error) {
	var all []dnc.Event
	err := x.query(func(r row) error {
		ev, err := eventRow(r)
		all = append(all, ev)
		return err
	}, `
		SELECT `+eventColumns+`
		FROM event
		WHERE environment = $1 AND revision > $2
		ORDER BY revision
		LIMIT $3`, string(l.Environment), l.revision, int64(changesMost+1))
	if err != nil {
		return nil, err
	}
	var numbers []e164.Number
	for _, ev := range append(all, x.events...) { // those are not written yet
		if ev.Environment != l.Environment {
			continue
		}
		if ev.Kind == dnc.Imported || ev.Kind == dnc.ImportUndone {
			return nil, errMoved
		}
		numbers = append(numbers, ev.Number, ev.NewNumber)
	}
	if len(numbers) > 2*changesMost {
		return nil, errMoved
	}
	return numbers, nil
}

// markChanged marks which of the numbers that have changed are listed now.
func (l *loading) markChanged(x *tx, environmentID int64, changed []e164.Number) error {
	for _, n := range changed {
		i := sort.Search(len(l.file.Numbers), func(i int) bool {
			return l.file.Numbers[i].Number.Uint64() >= n.Uint64()
		})
		if n.IsZero() || i == len(l.file.Numbers) || l.file.Numbers[i].Number != n {
			continue
		}
		_, err := x.entry(l.Environment, environmentID, n)
		if err != nil && !errors.Is(err, dnc.ErrNotListed) {
			return err
		}
		at := i / blockSize
		l.listed[at] = l.listed[at].with(i%blockSize, err == nil)
		if err := l.writeMarks(x, at); err != nil {
			return err
		}
	}
	return nil
}

// drop gives up an import that is not in force.
func (l *loading) drop(x *tx) error {
	_, err := x.exec(`
		UPDATE list_import
		SET state = 'dropped'
		WHERE serial = $1 AND state = 'loading'`, l.serial)
	return err
}

// dropUnfinished gives up the imports that were being written when the process
// before ended.
func dropUnfinished(ctx context.Context, e *engine) error {
	_, err := e.write.ExecContext(ctx, `
		UPDATE list_import
		SET state = 'dropped'
		WHERE state = 'loading'`)
	return err
}

// clearImport removes a part of one import that was given up, or whose
// environment was removed, and reports whether there may be more.
func (x *tx) clearImport() (more bool, err error) {
	var serial int64
	err = x.row([]any{&serial}, `
		SELECT serial
		FROM list_import
		WHERE state = 'dropped'
			OR environment_id IN (SELECT id FROM removed_environment)
		LIMIT 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	changed, err := x.exec(`
		DELETE FROM import_block
		WHERE import = $1 AND place IN (
			SELECT place FROM import_block WHERE import = $1 ORDER BY place LIMIT $2)`,
		serial, int64(clearPart/4))
	if err != nil || changed > 0 {
		return true, err
	}
	for _, text := range []string{
		`DELETE FROM import_problem WHERE import = $1`,
		`DELETE FROM list_import WHERE serial = $1`,
	} {
		if _, err := x.exec(text, serial); err != nil {
			return false, err
		}
	}
	return true, nil
}
