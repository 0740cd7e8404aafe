// Package imports puts the numbers of files on do-not-call lists, as a unit: it
// reads a file, says what would change, and has the store make the change or take
// it back. It knows no file and no network: what it reads comes from a reader.
package imports

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Store keeps imports.
type Store interface {
	// AddImport puts the numbers of f on the list of m's environment: all that
	// are not on it, or none. It returns [dnc.ErrNoNumbers] where there is none.
	AddImport(
		ctx context.Context, m dnc.Import, f *dnc.ImportFile, steps dnc.ImportSteps,
	) (dnc.Import, error)

	// UndoImport takes off the list what an import has put on it and nobody has
	// changed or asked for again since. It returns [dnc.ErrNoImport] where there
	// is none, and [dnc.ErrUndone] where it was undone.
	UndoImport(ctx context.Context, env dnc.Environment, id, by string) (dnc.Import, error)

	// EachRunningContact calls fn for the numbers of the contacts of running
	// campaigns that are not done.
	EachRunningContact(
		ctx context.Context, env dnc.Environment, fn func(e164.Number) error,
	) error

	// EachImportLine calls fn for the rows of an import that could not be read.
	EachImportLine(
		ctx context.Context, env dnc.Environment, id string, fn func(dnc.ImportLine) error,
	) error

	// EachImportListed calls fn for its numbers that were listed already.
	EachImportListed(
		ctx context.Context, env dnc.Environment, id string, fn func(e164.Number) error,
	) error
}

// Open calls do for each text in a file of the given name, which may be packed,
// or a spreadsheet of which sheet is wanted; "" is the first. What do has made of
// a text is not to be used after an error.
type Open func(
	name, sheet string, in io.Reader, do func(name string, text io.Reader) error,
) error

// Imports does imports. Its exported fields are set once, before use. It may be
// used by many goroutines at once.
type Imports struct {
	List  *dnc.List
	Store Store
	Open  Open

	mu      sync.Mutex // guards following
	running map[*job]struct{}
}

// Request is a file that is to be imported.
type Request struct {
	Environment  dnc.Environment
	Name         string   // what the user calls it; "" for the name of the file
	File         string   // name of the file
	Sheet        string   // of a spreadsheet; "" for the first with rows
	Columns      []string // with the numbers: names, or places from 1; none: recognised
	ReasonColumn string   // "" for one that is called reason, if there is one
	Reason       string   // of entries whose row has none
	Region       string   // whose national forms of numbers are understood; "" for none
	By           string   // the user or key that imports
	DryRun       bool     // says what would change, and changes nothing

	// Progress is called now and then, from one goroutine at a time; nil is not
	// called.
	Progress func(Progress)
}

// Result is what came of an import, or would come.
type Result struct {
	dnc.Import                    // without ID after a dry run
	Columns      []string         // that numbers were read from
	ReasonColumn string           // that reasons were read from; "" for none
	Table        []string         // what all columns of the first table are called
	Places       []int            // those of Columns in Table
	Lines        []dnc.ImportLine // the first rows that cannot be read
	Contacts     int64            // of running campaigns, that are skipped because of it
}

// Import reads a file and puts its numbers on the list: all, or after an error
// none. An error of the file itself is a [*FileError]; then the result knows the
// columns, if it came to them.
func (i *Imports) Import(ctx context.Context, r Request, in io.Reader) (Result, error) {
	if r.Region != "" && !e164.KnownRegion(r.Region) {
		return Result{}, &FileError{Detail: "unknown region: want a country code, such as US"}
	}
	reason, err := dnc.CleanReason(r.Reason)
	if err != nil {
		return Result{}, err
	}
	j := i.begin(r)
	defer i.end(j)
	read := newReading(r, j)
	if err := i.Open(r.File, r.Sheet, in, read.text); err != nil {
		return Result{Columns: read.columns, Table: read.table, Places: read.places}, err
	}
	file := read.finish()
	if len(file.Numbers) == 0 {
		return read.result(file), dnc.ErrNoNumbers
	}
	result := read.result(file)
	result.Import.Environment, result.Import.By, result.Import.Reason = r.Environment, r.By, reason
	result.Import.File = dnc.CleanImportName(r.File)
	result.Import.Name = dnc.CleanImportName(r.Name)
	if result.Import.Name == "" {
		result.Import.Name = result.Import.File
	}
	if err := i.foresee(ctx, file, &result); err != nil || r.DryRun {
		return result, err
	}
	result.Import.ID = "i_" + strings.ToLower(rand.Text())
	j.write(len(file.Numbers))
	result.Import, err = i.Store.AddImport(ctx, result.Import, file, dnc.ImportSteps{
		Listed: func(ns []e164.Number, listed []bool) (int64, error) {
			return i.List.Index.ContainsMany(r.Environment, ns, listed)
		},
		Written: j.written,
	})
	return result, err
}

// foresee says what would change.
func (i *Imports) foresee(ctx context.Context, file *dnc.ImportFile, result *Result) error {
	const some = 4096
	env := result.Environment
	fresh := make([]uint64, 0, len(file.Numbers))
	ns, listed := make([]e164.Number, 0, some), make([]bool, some)
	for part := range slices.Chunk(file.Numbers, some) {
		ns = ns[:0]
		for _, n := range part {
			ns = append(ns, n.Number)
		}
		if _, err := i.List.Index.ContainsMany(env, ns, listed[:len(ns)]); err != nil {
			return err
		}
		for at, n := range ns {
			if !listed[at] {
				fresh = append(fresh, n.Uint64())
			}
		}
	}
	result.Added = int64(len(fresh))
	result.AlreadyListed = int64(len(file.Numbers) - len(fresh))
	return i.Store.EachRunningContact(ctx, env, func(n e164.Number) error {
		if _, ok := slices.BinarySearch(fresh, n.Uint64()); ok {
			result.Contacts++
		}
		return nil
	})
}

// Undo takes an import back. It returns [dnc.ErrNoImport] where there is none,
// and [dnc.ErrUndone] where it was undone before.
func (i *Imports) Undo(
	ctx context.Context, env dnc.Environment, id, by string,
) (dnc.Import, error) {
	return i.Store.UndoImport(ctx, env, id, by)
}

// FileError is a file that cannot be imported, and where.
type FileError struct {
	File   string // its name, or that of one in it
	Line   int    // from 1; 0 for the whole file
	Detail string // what is wrong and what would be right
}

// Error says where, and what is wrong.
func (e *FileError) Error() string {
	where := e.File
	if e.Line > 0 {
		where += fmt.Sprintf(" line %d", e.Line)
	}
	if where == "" {
		return e.Detail
	}
	return strings.TrimSpace(where) + ": " + e.Detail
}
