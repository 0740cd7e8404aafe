// Package sheet reads tables of text as people have them, and knows what their
// columns are: one way to see it for every file that comes in.
//
// A table is in UTF-8 or UTF-16, with a byte order mark or without; commas,
// semicolons, tabs or bars stand between its fields, which may be quoted (RFC
// 4180).
package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a table.
const (
	MaxColumns = 200
	MaxRow     = 64 << 10 // bytes of a row, which may be of several lines
)

// Mark is the byte order mark, in UTF-8.
const Mark = "\uFEFF"

// Error is what is wrong with a table, and where.
type Error struct {
	Line   int    // from 1; 0 for the whole table
	Detail string // what is wrong and what would be right
}

// Error says where, and what is wrong.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Detail
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Detail)
}

const wantUTF8 = "not text in UTF-8: save the file as CSV UTF-8"

// Reader reads rows of bounded length.
type Reader struct {
	bounded *bounded
	buffer  *bufio.Reader
	csv     *csv.Reader
	skipped int // lines before those that csv reads
	line    int // at or before the one on which the next row begins
}

// NewReader looks at the beginning of a table: in which characters it is, and
// what stands between its fields.
func NewReader(r io.Reader) (*Reader, error) {
	text, err := decoded(r)
	if err != nil {
		return nil, err
	}
	f := &Reader{bounded: &bounded{r: text, left: 2 * MaxRow}, line: 1}
	f.buffer = bufio.NewReaderSize(f.bounded, MaxRow)
	head, err := f.buffer.Peek(MaxRow)
	if err != nil && err != io.EOF {
		return nil, err
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	comma := Delimiter(first)
	if sep, found := bytes.CutPrefix(bytes.TrimRight(first, "\r"), []byte("sep=")); found &&
		len(sep) == 1 && slices.Contains(delimiters, sep[0]) {
		comma = sep[0]
		f.skipped = 1
		f.discard(len(first) + len("\n"))
	}
	f.csv = csv.NewReader(f.buffer)
	f.csv.Comma = rune(comma)
	f.csv.FieldsPerRecord = -1
	f.csv.ReuseRecord = true
	return f, nil
}

// discard passes over bytes that were peeked at, or the end.
func (f *Reader) discard(n int) {
	_, _ = f.buffer.Discard(n) // the end is found again by who reads on
}

var delimiters = []byte(",;\t|")

// Delimiter returns what stands between the fields of a line: what it has most
// often of the usual ones, outside of quotes.
func Delimiter(line []byte) byte {
	var counts [256]int
	quoted := false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			counts[c]++
		}
	}
	best := delimiters[0]
	for _, c := range delimiters[1:] {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// Row returns the next row and the line on which it begins, or [io.EOF]. What is
// wrong with the table is an [*Error]; another error is one of reading it. The
// row is good until the next call.
func (f *Reader) Row() (row []string, line int, err error) {
	f.bounded.left = 2 * MaxRow // the row, and what is read ahead
	begin := f.csv.InputOffset()
	row, err = f.csv.Read()
	if f.bounded.err != nil {
		err = f.bounded.err // which csv may take for the end of the row
	}
	if err != nil {
		return nil, 0, f.wrong(err)
	}
	line, _ = f.csv.FieldPos(0)
	line += f.skipped
	last, _ := f.csv.FieldPos(len(row) - 1)
	f.line = last + f.skipped + 1 + strings.Count(row[len(row)-1], "\n")
	switch {
	case f.csv.InputOffset()-begin > MaxRow:
		return nil, 0, &Error{line, wantShorter}
	case len(row) > MaxColumns:
		return nil, 0, &Error{line, "too many columns: want at most 200"}
	}
	for _, text := range row {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return nil, 0, &Error{line, wantUTF8}
		}
	}
	return row, line, nil
}

const wantShorter = "too long: want at most 64 KiB in a row; is a closing quote missing?"

// wrong says what is wrong with a row that cannot be read.
func (f *Reader) wrong(err error) error {
	if err == errTooLong {
		return &Error{f.line, wantShorter}
	}
	if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
		detail := "a quote within a field: write it twice, and the field in quotes"
		if syntax.Err == csv.ErrQuote {
			detail = "a quoted field that does not end where its quote does: write quotes " +
				"within it twice"
		}
		return &Error{syntax.StartLine + f.skipped, detail}
	}
	return err
}

// bounded reads from r as long as there is some left.
type bounded struct {
	r    io.Reader
	left int
	err  error // the first one, but for the end
}

var errTooLong = errors.New("sheet: row is too long")

// Read implements [io.Reader]. It returns errTooLong where nothing is left.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.err = errTooLong
		return 0, b.err
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}
