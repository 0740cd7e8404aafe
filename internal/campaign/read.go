package campaign

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"nocall/internal/e164"
)

// Limits of a file of contacts.
const (
	MaxRows    = 1_000_000
	MaxColumns = 200
	MaxRow     = 64 << 10 // bytes of a row, which may be of several lines
)

// ReadOptions say how a file of contacts is read. The zero ReadOptions find the
// columns by their usual names, in any case (phone_number, phone, number, mobile;
// timezone), and take international numbers only.
type ReadOptions struct {
	NumberColumn   string // name of the column of numbers; "" for phone_number or its like
	TimezoneColumn string // name of the column of IANA zones; "" for timezone, if there is one
	Region         string // whose national forms of numbers are understood; "" for none
}

// Read is what a file of contacts has.
type Read struct {
	Contacts   []Contact // waiting; without what is given to a contact that is added
	Duplicates []Line    // rows with a number that an earlier row has
	Invalid    []Line    // rows without a number, or a zone, that can be read
	Columns    []string  // names, as they stand in the first line

	NumberColumn   string // the name of the column with the numbers
	TimezoneColumn string // the name of the one with the zones; "" if there is none
}

// Line is a row of a file that made no contact.
type Line struct {
	Line   int    // on which the row begins, from 1
	Input  string // what was read, shortened
	Detail string // why, for users
}

// FileError is why a file of contacts cannot be read at all.
type FileError struct {
	Line   int    // where, from 1; 0 for the whole file
	Detail string // what is wrong and what would be right
}

// Error says where, and what is wrong.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Detail
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Detail)
}

// ReadContacts reads a file of comma-separated values (RFC 4180) into
// contacts. The first line names the columns; one has the numbers, one may have
// time zones, and others with a name become variables of the contact, where
// they are not empty. Semicolons and tabs may stand for the commas, and a
// byte-order mark may come first.
//
// A row whose number or zone cannot be read is reported, and the others are
// read all the same. A file that is not what it should be, or is larger than
// the limits, is a [FileError], and nothing of it is returned but, if they could
// be read, the names of its columns; another error is one of r.
func ReadContacts(r io.Reader, o ReadOptions) (Read, error) {
	return readContacts(r, o, MaxRows)
}

func readContacts(r io.Reader, o ReadOptions, most int) (Read, error) {
	if o.Region != "" && !e164.KnownRegion(o.Region) {
		return Read{}, &FileError{0, "unknown region: want a country code, such as US"}
	}
	f, err := openFile(r)
	if err != nil {
		return Read{}, err
	}
	header, line, err := f.row()
	if err == io.EOF {
		return Read{}, &FileError{0, "empty: want a line with the names of columns, such as " +
			"phone_number, and contacts below it"}
	}
	if err != nil {
		return Read{}, err
	}
	rows := rows{region: o.Region, seen: make(map[e164.Number]int)}
	rows.columns, err = findColumns(header, o)
	rows.read.Columns = rows.columns.names
	if err != nil {
		return rows.read, &FileError{line, err.Error()}
	}
	rows.read.NumberColumn = rows.columns.name(rows.columns.number)
	rows.read.TimezoneColumn = rows.columns.name(rows.columns.timezone)
	for n := 0; ; n++ {
		row, line, err := f.row()
		if err == io.EOF {
			return rows.read, nil
		}
		if err == nil && n == most {
			err = &FileError{line, fmt.Sprintf("too many rows: want at most %d in a file", most)}
		}
		if err != nil {
			return Read{}, err
		}
		rows.take(row, line)
	}
}

// rows makes contacts of rows.
type rows struct {
	columns columns
	region  string
	seen    map[e164.Number]int // from a number to its line
	read    Read
}

// take makes a contact of a row, or reports it. A row of nothing but empty
// fields is passed over, as spreadsheets write them below a table.
func (r *rows) take(row []string, line int) {
	if isEmpty(row) {
		return
	}
	contact := Contact{State: Waiting}
	input := field(row, r.columns.number)
	err := r.columns.tooMany(row)
	if err == nil {
		contact.Number, err = e164.ParseLoose(input, r.region)
	}
	if zone := strings.TrimSpace(field(row, r.columns.timezone)); err == nil && zone != "" {
		input = zone
		contact.Timezone = zone
		_, err = LoadZone(zone)
	}
	if err != nil {
		r.read.Invalid = append(r.read.Invalid, Line{line, shorten(input), err.Error()})
		return
	}
	if first := r.seen[contact.Number]; first > 0 {
		r.read.Duplicates = append(r.read.Duplicates, Line{
			line, shorten(input), fmt.Sprintf("the number is on line %d already", first),
		})
		return
	}
	r.seen[contact.Number] = line
	contact.Variables = r.columns.variables(row)
	r.read.Contacts = append(r.read.Contacts, contact)
}

// shorten bounds what is repeated of a file.
func shorten(text string) string {
	const most = 100 // bytes
	if len(text) <= most {
		return text
	}
	end := most
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// file reads rows of bounded length.
type file struct {
	bounded *bounded
	buffer  *bufio.Reader
	csv     *csv.Reader
	skipped int // lines before those that csv reads
	line    int // at or before the one on which the next row begins
}

// openFile looks at the beginning of a file: in which characters it is, and
// what stands between its fields.
func openFile(r io.Reader) (*file, error) {
	f := &file{bounded: &bounded{r: r, left: 2 * MaxRow}, line: 1}
	f.buffer = bufio.NewReaderSize(f.bounded, MaxRow)
	head, err := f.buffer.Peek(MaxRow)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return nil, &FileError{1, wantUTF8}
	}
	if rest, found := bytes.CutPrefix(head, []byte("\ufeff")); found {
		head = rest
		f.discard(len("\ufeff"))
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	comma := delimiter(first)
	if sep, found := bytes.CutPrefix(bytes.TrimRight(first, "\r"), []byte("sep=")); found &&
		len(sep) == 1 && bytes.ContainsAny(sep, ",;\t") {
		comma = rune(sep[0])
		f.skipped = 1
		f.discard(len(first) + len("\n"))
	}
	f.csv = csv.NewReader(f.buffer)
	f.csv.Comma = comma
	f.csv.FieldsPerRecord = -1
	return f, nil
}

const wantUTF8 = "not text in UTF-8: save the file as CSV UTF-8"

// discard passes over bytes that were peeked at, or the end.
func (f *file) discard(n int) {
	_, _ = f.buffer.Discard(n) // the end is found again by who reads on
}

// delimiter returns what stands between the fields of the first line most
// often, outside of quotes.
func delimiter(line []byte) rune {
	counts := make(map[byte]int)
	quoted := false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte(";\t") {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return rune(best)
}

// row returns the next row and the line on which it begins, or io.EOF.
func (f *file) row() (row []string, line int, err error) {
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
	f.line = line + 1 + strings.Count(strings.Join(row, ""), "\n")
	switch {
	case f.csv.InputOffset()-begin > MaxRow:
		return nil, 0, &FileError{line, wantShorter}
	case len(row) > MaxColumns:
		return nil, 0, &FileError{line, "too many columns: want at most 200"}
	}
	for _, text := range row {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return nil, 0, &FileError{line, wantUTF8}
		}
	}
	return row, line, nil
}

const wantShorter = "too long: want at most 64 KiB in a row; is a closing quote missing?"

// wrong says what is wrong with a row that cannot be read.
func (f *file) wrong(err error) error {
	if err == errTooLong {
		return &FileError{f.line, wantShorter}
	}
	if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
		detail := "a quote within a field: write it twice, and the field in quotes"
		if syntax.Err == csv.ErrQuote {
			detail = "a quoted field that does not end where its quote does: write quotes " +
				"within it twice"
		}
		return &FileError{syntax.StartLine + f.skipped, detail}
	}
	return err
}

// bounded reads from r as long as there is some left.
type bounded struct {
	r    io.Reader
	left int
	err  error // the first one, but for the end
}

var errTooLong = errors.New("campaign: row is too long")

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
