// Package scrub checks a file of contacts against the lists, row by row, and
// gives the same rows back: those that may be called, and those that may not.
//
// Rows are kept byte for byte and in order, whatever stands in their other
// columns. Memory does not grow with the file. It knows no file and no network:
// it reads from a reader and asks a [Checker].
package scrub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"nocall/internal/e164"
)

// Verdict says what may become of a row.
type Verdict uint8

// The verdicts, from the mildest to what weighs most: a row has the heaviest
// of its numbers. Only [Clear] may be called.
const (
	Clear      Verdict = iota // on no list
	Invalid                   // a number cannot be read, or there is none
	NotCovered                // a registry that was subscribed to does not speak of the number
	Stale                     // that registry is too old to say
	Registered                // in a registry
	Listed                    // on the environment's own list
	verdicts                  // how many there are
)

var verdictNames = [verdicts]string{
	"clear", "invalid", "not_covered", "stale", "registered", "listed",
}

// String returns the verdict as it is written.
func (v Verdict) String() string { return verdictNames[v] }

// Checker answers for many numbers at once. It may be used by several
// goroutines at once.
type Checker interface {
	// CheckMany puts the verdict on each of ns in its place in out.
	CheckMany(ctx context.Context, ns []e164.Number, out []Verdict) error
}

// Options say how a file is read.
type Options struct {
	Columns []string // the columns with numbers; none: they are recognised
	Region  string   // ISO 3166-1 alpha-2, for national forms of numbers; "" for none
	Verdict string   // name of a column to be added with the verdict; "" for none

	// Progress is called now and then with how many bytes have been read, from
	// one goroutine at a time; nil is not called.
	Progress func(bytes int64)
}

// Outputs are where rows are written, each with the header first; nil is not
// wanted.
type Outputs struct {
	Clear      io.Writer // what may be called
	Suppressed io.Writer // what may not
	All        io.Writer
}

// Counts is what was found in a file.
type Counts struct {
	Of      [verdicts]int64 // rows by verdict
	Columns []string        // the columns that numbers were read from
}

// Rows is how many rows there were.
func (c *Counts) Rows() (n int64) {
	for _, of := range c.Of {
		n += of
	}
	return n
}

// FileError is a file that cannot be scrubbed, and where.
type FileError struct {
	Line int64 // from 1; 0 is the file as a whole
	Text string
}

// Error says where, and what is wrong.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Text)
}

// MaxRow is the greatest length of a row in bytes.
const MaxRow = 1 << 20

// errEmpty is of a file without a header.
var errEmpty = &FileError{0, "empty: want a header, such as name,phone_number, and rows below it"}

// Run scrubs what it reads from in. What it has written before an error is not
// to be used.
func Run(ctx context.Context, in io.Reader, out Outputs, c Checker, o Options) (Counts, error) {
	if o.Region != "" && !e164.KnownRegion(o.Region) {
		return Counts{}, &FileError{0, "unknown region: want a country code, such as US"}
	}
	in, out, mark, err := decode(in, out)
	if err != nil {
		return Counts{}, err
	}
	s := splitter{in: in}
	first, err := s.next(nil)
	if errors.Is(err, io.EOF) {
		return Counts{}, errEmpty
	}
	if err != nil {
		return Counts{}, err
	}
	t, err := newTable(&first, s.delimiter, o)
	if err != nil {
		return Counts{}, err
	}
	t.header = slices.Concat(mark, t.header)
	p := pipeline{table: t, checker: c, out: out, progress: o.Progress}
	return p.run(ctx, &s, first)
}
