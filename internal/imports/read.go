package imports

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/sheet"
)

const (
	fileLines    = 1000     // rows that cannot be read, in a result
	tried        = 200      // rows that are looked at to recognise a column
	reasonsMost  = 64 << 20 // bytes of different reasons
	compactFirst = 1 << 20  // numbers after which those that come again are taken out
	tellEvery    = 4096     // rows
)

// reading is what was read of a file so far.
type reading struct {
	request Request
	job     *job
	file    dnc.ImportFile
	compact int // how many numbers there may be before they are compacted

	reasons     map[string]uint32
	reasonBytes int

	several      bool     // files in one
	table        []string // what the columns of the first table are called
	places       []int    // that numbers are read from
	columns      []string
	reasonColumn string
}

func newReading(r Request, j *job) *reading {
	return &reading{
		request: r, job: j, compact: compactFirst, reasons: make(map[string]uint32),
		file: dnc.ImportFile{Reasons: []string{""}},
	}
}

// table is one text that is read.
type table struct {
	name    string
	rows    *sheet.Reader
	numbers []int // columns
	reason  int   // column, -1 for none
}

// text reads one text.
func (r *reading) text(name string, text io.Reader) error {
	t := &table{name: name, reason: -1}
	r.several = r.several || name != r.request.File
	err := r.read(t, text)
	if wrong, ok := errors.AsType[*sheet.Error](err); ok {
		return &FileError{File: name, Line: wrong.Line, Detail: wrong.Detail}
	}
	return err
}

func (r *reading) read(t *table, text io.Reader) (err error) {
	if t.rows, err = sheet.NewReader(text); err != nil {
		return err
	}
	first, line, err := t.rows.Row()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return err
	}
	names := make([]string, len(first))
	for i, name := range first {
		names[i] = strings.TrimSpace(name)
	}
	if r.table == nil {
		r.table = slices.Clone(names)
	}
	named, err := t.find(names, r.request)
	if err != nil {
		return err
	}
	if named {
		r.remember(t, names)
		return r.rest(t)
	}
	return r.nameless(t, names, line)
}

// find finds the columns by their names, those asked for or those that are usual.
// It returns false where they have to be looked for.
func (t *table) find(names []string, r Request) (named bool, err error) {
	if t.reason, err = findColumn(names, r.ReasonColumn); err != nil {
		return false, err
	}
	if r.ReasonColumn == "" {
		t.reason = sheet.Column(names, "reason")
	}
	named = true
	for _, name := range r.Columns {
		i, err := findColumn(names, name)
		if err != nil {
			return false, err
		}
		named = named && (sheet.NamesNumber(names[i]) || sheet.Find(names, name) == i)
		if !slices.Contains(t.numbers, i) {
			t.numbers = append(t.numbers, i)
		}
	}
	if len(r.Columns) == 0 {
		t.numbers = sheet.NumberColumns(names)
		named = len(t.numbers) > 0
	}
	return named, nil
}

// findColumn returns the column at that place from 1, or of that name; -1 for "".
func findColumn(names []string, name string) (int, error) {
	if name == "" {
		return -1, nil
	}
	if place, err := strconv.Atoi(name); err == nil && place >= 1 && place <= len(names) {
		return place - 1, nil
	}
	if i := sheet.Find(names, name); i >= 0 {
		return i, nil
	}
	return -1, &sheet.Error{
		Line:   1,
		Detail: "no column " + sheet.Shorten(name) + ": there are " + sheet.Listed(names),
	}
}

// nameless reads a table whose columns have no names that say what they are: the
// rows themselves do. Its first row is one of them if it has digits there.
func (r *reading) nameless(t *table, first []string, line int) error {
	sample, lines := [][]string{first}, []int{line}
	var end error
	for len(sample) < tried && end == nil {
		var row []string
		if row, line, end = t.rows.Row(); end == nil {
			sample, lines = append(sample, slices.Clone(row)), append(lines, line)
		}
	}
	if end != nil && end != io.EOF {
		return end
	}
	if len(t.numbers) == 0 {
		i := r.likely(sample)
		if i < 0 {
			return &sheet.Error{
				Line: 1, Detail: "no column with phone numbers was recognised: name it; there " +
					"are " +
					sheet.Listed(first),
			}
		}
		t.numbers = []int{i}
	}
	if isHeader(first, t.numbers) {
		r.remember(t, first)
		sample, lines = sample[1:], lines[1:]
	} else {
		t.reason = -1
		r.remember(t, nil)
	}
	for i, row := range sample {
		if err := r.take(t, row, lines[i]); err != nil {
			return err
		}
	}
	if end == io.EOF {
		return nil
	}
	return r.rest(t)
}

// likely returns the column that has the numbers: the only one, or the one in
// which most fields are numbers, or -1.
func (r *reading) likely(sample [][]string) int {
	if !slices.ContainsFunc(sample, func(row []string) bool { return len(row) > 1 }) {
		return 0
	}
	if i := sheet.Likely(sample, r.isNumber); i >= 0 || len(sample) == 1 {
		return i
	}
	return sheet.Likely(sample[1:], r.isNumber) // the first may be a header
}

// isHeader reports whether names stand where numbers should be: without digits,
// or with letters and fewer digits than any number has.
func isHeader(row []string, columns []int) bool {
	for _, i := range columns {
		if i >= len(row) {
			continue
		}
		digits := len(row[i]) - len(strings.Map(func(c rune) rune {
			if '0' <= c && c <= '9' {
				return -1
			}
			return c
		}, row[i]))
		if digits > 2 || digits > 0 && !strings.ContainsFunc(row[i], unicode.IsLetter) {
			return false
		}
	}
	return true
}

func (r *reading) isNumber(text string) bool {
	_, err := e164.ParseBytes([]byte(text), r.request.Region)
	return err == nil
}

// remember keeps what the columns of the first table are called.
func (r *reading) remember(t *table, names []string) {
	if r.columns != nil {
		return
	}
	called := func(i int) string {
		if i < len(names) && names[i] != "" {
			return names[i]
		}
		return "column " + strconv.Itoa(i+1)
	}
	for _, i := range t.numbers {
		r.columns = append(r.columns, called(i))
	}
	r.places = t.numbers
	for i := range r.table {
		r.table[i] = called(i)
	}
	if t.reason >= 0 && t.reason < len(names) {
		r.reasonColumn = names[t.reason]
	}
}

// rest reads the rows that are left.
func (r *reading) rest(t *table) error {
	for {
		row, line, err := t.rows.Row()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.take(t, row, line); err != nil {
			return err
		}
	}
}

// take takes in the numbers of a row. A row of nothing but empty fields is passed
// over, as spreadsheets write them below a table.
func (r *reading) take(t *table, row []string, line int) error {
	if sheet.IsEmpty(row) {
		return nil
	}
	if r.file.Rows++; r.file.Rows%tellEvery == 0 {
		r.job.read(r.file.Rows)
	}
	reason, err := r.reason(t, row)
	if err != nil {
		return err
	}
	found := false
	for _, i := range t.numbers {
		if i >= len(row) || strings.TrimSpace(row[i]) == "" {
			continue
		}
		found = true
		n, err := e164.ParseBytes([]byte(row[i]), r.request.Region)
		if err != nil {
			r.invalid(t, line, row[i], err.Error())
			continue
		}
		r.add(dnc.ImportNumber{Number: n, Row: uint32(r.file.Rows), Reason: reason})
	}
	if !found {
		r.invalid(t, line, "", "no number in the row")
	}
	return nil
}

// reason returns the reason of a row. One that is too long is cut: nobody is
// called because of many words.
func (r *reading) reason(t *table, row []string) (uint32, error) {
	if t.reason < 0 || t.reason >= len(row) || row[t.reason] == "" {
		return 0, nil
	}
	if of, ok := r.reasons[row[t.reason]]; ok {
		return of, nil
	}
	raw := strings.Clone(row[t.reason])
	text, err := dnc.CleanReason(raw)
	if err != nil {
		text, _ = dnc.CleanReason(string([]rune(raw)[:dnc.MaxReason]))
	}
	if r.reasonBytes += len(raw); r.reasonBytes > reasonsMost {
		return 0, &sheet.Error{Detail: "too many different reasons: import the file in parts"}
	}
	of := uint32(0)
	if text != "" {
		of = uint32(len(r.file.Reasons))
		r.file.Reasons = append(r.file.Reasons, text)
	}
	r.reasons[raw] = of
	return of, nil
}

func (r *reading) invalid(t *table, line int, input, detail string) {
	r.file.Invalid++
	if len(r.file.Lines) == dnc.MaxImportLines {
		return
	}
	l := dnc.ImportLine{
		Line: int64(line), Input: strings.Clone(sheet.Shorten(input)), Detail: detail,
	}
	if r.several {
		l.File = t.name
	}
	r.file.Lines = append(r.file.Lines, l)
}

func (r *reading) add(n dnc.ImportNumber) {
	if len(r.file.Numbers) >= r.compact {
		r.tidy()
		r.compact = max(compactFirst, 2*len(r.file.Numbers))
	}
	r.file.Numbers = append(r.file.Numbers, n)
}

// tidy sorts the numbers and takes out those that came before. So memory grows
// with how many different ones there are.
func (r *reading) tidy() {
	all := r.file.Numbers
	compare := func(a, b dnc.ImportNumber) int {
		if a.Number != b.Number {
			return cmp.Compare(a.Number.Uint64(), b.Number.Uint64())
		}
		return cmp.Compare(a.Row, b.Row)
	}
	if !slices.IsSortedFunc(all, compare) {
		slices.SortFunc(all, compare)
	}
	once := slices.CompactFunc(all, func(a, b dnc.ImportNumber) bool {
		return a.Number == b.Number
	})
	r.file.Repeated += int64(len(all) - len(once))
	r.file.Numbers = once
}

// finish returns all that was read.
func (r *reading) finish() *dnc.ImportFile {
	r.tidy()
	return &r.file
}

// result says what was read.
func (r *reading) result(f *dnc.ImportFile) Result {
	return Result{
		Import:  dnc.Import{Rows: f.Rows, Repeated: f.Repeated, Invalid: f.Invalid},
		Columns: r.columns, ReasonColumn: r.reasonColumn, Table: r.table, Places: r.places,
		Lines: f.Lines[:min(len(f.Lines), fileLines)],
	}
}
