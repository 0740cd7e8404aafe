package registry

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nocall/internal/e164"
)

// Mapping says where in a line the number is, for files that have no layout that
// is recognised. Its zero value says nothing.
type Mapping struct {
	Layout    Layout   `json:"layout,omitzero"`    // CSV, Fixed, or one that is expected; "" to recognise it
	Delimiter string   `json:"delimiter,omitzero"` // of CSV, one character; "" to recognise it
	Columns   []string `json:"columns,omitempty"`  // of CSV: names in the header, or places from 1; together the number
	Start     int      `json:"start,omitzero"`     // of Fixed: the first character of the number, from 1
	Width     int      `json:"width,omitzero"`     // of Fixed: how many it has
	Region    string   `json:"region,omitzero"`    // whose national forms are read; "" for none
}

// mostParts is in how many columns a number may be.
const mostParts = 4

func (m Mapping) check() error {
	_, lines := formOf(m.Layout)
	switch {
	case m.Region != "" && !e164.KnownRegion(m.Region):
		return fmt.Errorf("%w: region %q is none whose numbers are read, such as US",
			ErrInvalid, m.Region)
	case len(m.Columns) > mostParts:
		return fmt.Errorf("%w: a number is in %d columns at most", ErrInvalid, mostParts)
	case len(m.Delimiter) > 1:
		return fmt.Errorf("%w: delimiter is one character, such as a comma", ErrInvalid)
	case (m.layout() == Fixed || m.Start != 0) &&
		(m.Start < 1 || m.Width < 1 || m.Start > 4096 || m.Width > 64):
		return fmt.Errorf("%w: columns of fixed width want start, from 1, and width, up to 64",
			ErrInvalid)
	case m.Layout != "" && m.Layout != CSV && m.Layout != Fixed && m.Layout != XML &&
		m.Layout != ChangeXML && !lines:
		return fmt.Errorf("%w: there is no layout %q", ErrInvalid, m.Layout)
	}
	return nil
}

// layout returns the layout that the mapping asks for; "" to recognise it.
func (m Mapping) layout() Layout {
	switch {
	case m.Layout != "":
		return m.Layout
	case m.Width > 0:
		return Fixed
	case len(m.Columns) > 0 || m.Delimiter != "":
		return CSV
	}
	return ""
}

// fixed returns the form of columns of fixed width.
func (m Mapping) fixed() form {
	return form{Fixed, "", func(line []byte) (entry, bool) {
		if len(line) < m.Start-1+m.Width {
			return entry{}, false
		}
		field := bytes.TrimSpace(line[m.Start-1 : m.Start-1+m.Width])
		n, err := e164.ParseBytes(field, m.Region)
		return entry{number: n}, err == nil
	}}
}

// csv returns the form of a file that begins with a line, and whether that is
// its header.
func (m Mapping) csv(first []byte) (f form, header bool, err error) {
	delimiter := m.delimiter(first)
	names := fields(first, delimiter)
	columns, header, err := m.columns(names)
	if err != nil {
		return form{}, false, err
	}
	width := len(names)
	return form{CSV, "", func(line []byte) (entry, bool) {
		return readFields(line, fieldPlan{delimiter, columns, width, m.Region})
	}}, header, nil
}

func (m Mapping) delimiter(first []byte) byte {
	if m.Delimiter != "" {
		return m.Delimiter[0]
	}
	best, most := byte(','), 0
	for _, d := range []byte(",;\t|") {
		if n := bytes.Count(first, []byte{d}); n > most {
			best, most = d, n
		}
	}
	return best
}

// columns returns the places of the columns that together are the number.
func (m Mapping) columns(names []string) (places []int, header bool, err error) {
	if len(m.Columns) == 0 {
		i := slices.IndexFunc(names, namesNumber)
		if i < 0 {
			return nil, false, &FileError{Line: 1, Text: "no column is called phone or " +
				"number: say in which one the numbers are"}
		}
		return []int{i}, true, nil
	}
	for _, name := range m.Columns {
		place, isPlace := strconv.Atoi(name)
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
		switch {
		case i >= 0:
			header = true
		case isPlace == nil && place >= 1 && place <= len(names):
			i = place - 1
		default:
			return nil, false, &FileError{Line: 1, Text: fmt.Sprintf("there is no column %q", name)}
		}
		places = append(places, i)
	}
	return places, header, nil
}

// namesNumber reports whether a column of that name has numbers.
func namesNumber(name string) bool {
	plain := strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-.", r) {
			return -1
		}
		return r
	}, name))
	switch plain {
	case "phone", "phonenumber", "number", "telephone", "telephonenumber", "tel", "tn":
		return true
	}
	return false
}

// fields returns the fields of a line.
func fields(line []byte, delimiter byte) []string {
	var all []string
	for more := true; more; {
		var field []byte
		field, line, more = cutField(line, delimiter)
		all = append(all, strings.TrimSpace(string(field)))
	}
	return all
}

// cutField returns the first field of a line, without quotes around it, and what
// is behind it. There is none of a field whose quote does not end.
func cutField(line []byte, delimiter byte) (field, rest []byte, more bool) {
	if len(line) > 0 && line[0] == '"' {
		end := bytes.IndexByte(line[1:], '"')
		if end >= 0 && (end+2 == len(line) || line[end+2] == delimiter) {
			field, rest = line[1:end+1], line[end+2:]
			if len(rest) == 0 {
				return field, nil, false
			}
			return field, rest[1:], true
		}
	}
	i := bytes.IndexByte(line, delimiter)
	if i < 0 {
		return line, nil, false
	}
	return line[:i], line[i+1:], true
}

// A fieldPlan says where in a line the number is.
type fieldPlan struct {
	delimiter byte
	columns   []int
	width     int // how many fields there are
	region    string
}

// readFields reads the number out of a line, which must have as many fields as
// all.
func readFields(line []byte, p fieldPlan) (entry, bool) {
	var room [64]byte
	var parts [mostParts][]byte
	at, more := 0, true
	for ; more; at++ {
		var field []byte
		field, line, more = cutField(line, p.delimiter)
		for i, column := range p.columns {
			if column == at && i < len(parts) {
				parts[i] = bytes.TrimSpace(field)
			}
		}
	}
	if at != p.width {
		return entry{}, false
	}
	number := parts[0]
	if len(p.columns) > 1 {
		number = room[:0]
		for _, part := range parts {
			if len(number)+len(part) > len(room) {
				return entry{}, false
			}
			number = append(number, part...)
		}
	}
	n, err := e164.ParseBytes(number, p.region)
	return entry{number: n}, err == nil
}
