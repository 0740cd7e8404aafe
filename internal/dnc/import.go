package dnc

import (
	"errors"
	"iter"
	"time"
	"unicode/utf8"

	"nocall/internal/e164"
)

// Import is numbers from a file that were put on a list as a unit, and that can
// be taken off it as a unit.
type Import struct {
	Environment Environment
	ID          string
	Name        string    // what the user calls it
	File        string    // the name of the file
	Reason      string    // of entries whose row has none
	By          string    // the user or key that imported it
	At          time.Time // when it came into force

	Rows          int64 // of the file, but for its header and empty ones
	Added         int64
	AlreadyListed int64 // numbers that were on the list before; their entries stay as they are
	Repeated      int64 // rows whose number an earlier row has
	Invalid       int64 // rows whose number cannot be read

	UndoneAt time.Time // zero while it is in force
	UndoneBy string
	Removed  int64 // entries that undoing it has removed
}

// Undone reports whether the import was undone.
func (i *Import) Undone() bool { return !i.UndoneAt.IsZero() }

// Kept is how many of the entries that were added have stayed after the import
// was undone, or are no longer its own: they were changed or asked for again
// since, or removed.
func (i *Import) Kept() int64 { return i.Added - i.Removed }

// ImportNumber is one number of an import.
type ImportNumber struct {
	Number e164.Number
	Row    uint32 // of the file, in the order read
	Reason uint32 // which of the reasons
}

// ImportLine is a row of a file whose number cannot be read.
type ImportLine struct {
	File   string `json:"file,omitempty"` // where there are several
	Line   int64  `json:"line"`           // on which the row begins, from 1
	Input  string `json:"input"`          // what stands there, shortened
	Detail string `json:"detail"`         // why, for users
}

// MaxImportLines is how many rows that cannot be read are told one by one. All
// are counted.
const MaxImportLines = 100_000

// ImportFile is what was read of a file.
type ImportFile struct {
	Numbers  []ImportNumber // rising, each once
	Reasons  []string       // as the numbers have them; the first is the import's own
	Lines    []ImportLine
	Rows     int64
	Repeated int64
	Invalid  int64
}

// Errors of imports.
var (
	// ErrNoImport reports an import that is not there.
	ErrNoImport = errors.New("dnc: no such import")

	// ErrUndone reports an import that was undone before.
	ErrUndone = errors.New("dnc: import was undone already")

	// ErrNoNumbers reports an import of a file in which there is no number.
	ErrNoNumbers = errors.New("dnc: no number in the file can be read")
)

// MaxImportName is the greatest length of an import's name in characters.
const MaxImportName = 100

// CleanImportName returns name as it is kept: like a reason, and cut where it is
// too long.
func CleanImportName(name string) string {
	runes := []rune(name)
	name, err := CleanReason(string(runes[:min(len(runes), MaxImportName)]))
	if err != nil || !utf8.ValidString(name) {
		return ""
	}
	return name
}

// EventNumbers are the numbers of an event that tells of many at once, each with
// when its entry was created, in microseconds since 1970. What gives them may be
// called again; nil is none.
type EventNumbers struct {
	Added   iter.Seq2[e164.Number, int64]
	Removed iter.Seq2[e164.Number, int64] // those that Added gives as well stay listed
}

// ImportSteps are what the store needs of others while it imports.
type ImportSteps struct {
	// Listed says of many numbers which of them are listed, and at which
	// revision of the list, as [Index.ContainsMany] does.
	Listed func(ns []e164.Number, listed []bool) (revision int64, err error)

	// Written is told now and then how many numbers are written down; nil is
	// not told.
	Written func(numbers int)
}

// ImportQuery asks for one page of an environment's imports, newest first.
type ImportQuery struct {
	After int64 // ImportPage.Next of the page before
	Limit int
}

// ImportPage is one page of imports.
type ImportPage struct {
	Imports []Import
	Total   int
	Next    int64 // the ImportQuery.After of the next page; 0 after the last one
}
