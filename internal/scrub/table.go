package scrub

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"nocall/internal/e164"
)

// A table is how the rows of a file are read: its header, and where its numbers
// are.
type table struct {
	delimiter byte
	header    []byte // with its byte order mark and the end of its line
	columns   []int  // with numbers, rising
	names     []string
	region    string
	verdict   string // name of the column with the verdict; "" for none
}

// newTable reads the header off the first piece.
func newTable(first *piece, delimiter byte, o Options) (*table, error) {
	t := &table{delimiter: delimiter, region: o.Region, verdict: o.Verdict}
	r := reading{text: first.text, delimiter: delimiter, quoted: first.quotes}
	var names []string
	for more := true; more; {
		var field []byte
		field, more = r.field()
		names = append(names, strings.TrimSpace(string(unquoted(field))))
	}
	t.header = first.text[:r.at]
	first.line += int64(bytes.Count(t.header, newline))
	first.text = first.text[r.at:]
	if err := t.choose(names, *first, o.Columns); err != nil {
		return nil, err
	}
	return t, nil
}

// choose finds the columns with the numbers: those that are asked for, else
// those that are named as such, else the one whose fields are numbers.
func (t *table) choose(names []string, sample piece, asked []string) error {
	for _, name := range asked {
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
		if i < 0 {
			return &FileError{1, fmt.Sprintf("no column %q: there are %s", name, listed(names))}
		}
		if !slices.Contains(t.columns, i) {
			t.columns = append(t.columns, i)
		}
	}
	if len(asked) == 0 {
		for i, name := range names {
			if namesNumber(name) {
				t.columns = append(t.columns, i)
			}
		}
	}
	if len(t.columns) == 0 {
		if i := t.likely(len(names), sample); i >= 0 {
			t.columns = []int{i}
		}
	}
	if len(t.columns) == 0 {
		return &FileError{1, "no column with phone numbers was recognised: name it; there are " +
			listed(names)}
	}
	slices.Sort(t.columns)
	for _, i := range t.columns {
		t.names = append(t.names, names[i])
	}
	return nil
}

// listed names columns, the first of them.
func listed(names []string) string {
	const most = 20
	all := strings.Join(names[:min(most, len(names))], ", ")
	if len(names) > most {
		all += ", …"
	}
	return all
}

// namesNumber reports whether a column of that name has phone numbers.
func namesNumber(name string) bool {
	name = strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-.", r) {
			return -1
		}
		return r
	}, name))
	switch name {
	case "phone", "phonenumber", "phoneno", "number", "tel", "telephone", "telephonenumber",
		"mobile", "mobilephone", "mobilenumber", "cell", "cellphone", "cellnumber", "landline",
		"homephone", "workphone", "msisdn", "phone1", "phone2", "phone3", "altphone", "e164":
		return true
	}
	return false
}

// tried is how many rows are looked at to recognise a column.
const tried = 200

// likely returns the column in which most fields of the first rows are
// numbers, or -1.
func (t *table) likely(columns int, sample piece) int {
	read := make([]int, columns)
	r := reading{text: sample.text, delimiter: t.delimiter, quoted: sample.quotes}
	rows := 0
	for ; rows < tried && r.at < len(r.text); rows++ {
		more := true
		for i := 0; more; i++ {
			var field []byte
			field, more = r.field()
			if i < columns && t.isNumber(field) {
				read[i]++
			}
		}
	}
	best := 0
	for i, n := range read {
		if n > read[best] {
			best = i
		}
	}
	if rows == 0 || 2*read[best] <= rows {
		return -1
	}
	return best
}

func (t *table) isNumber(field []byte) bool {
	_, err := e164.ParseBytes(unquoted(field), t.region)
	return err == nil
}

// withField appends a row to b, with one more field at its end. A last row
// without an end of line gets one.
func (t *table) withField(b, row []byte, field string) []byte {
	row = bytes.TrimSuffix(row, newline)
	row, hadReturn := bytes.CutSuffix(row, []byte{'\r'})
	b = append(b, row...)
	b = append(b, t.delimiter)
	b = append(b, field...)
	if hadReturn {
		b = append(b, '\r')
	}
	return append(b, '\n')
}
