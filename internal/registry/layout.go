package registry

import (
	"bytes"
	"fmt"
	"strings"

	"nocall/internal/e164"
)

// Layout is how the lines of a file are made.
type Layout string

// The layouts. All but the last two are recognised.
const (
	Split        Layout = "split"         // 818,0000818: area code, number
	Digits       Layout = "digits"        // 8180000818
	E164         Layout = "e164"          // +18180000818
	Change       Layout = "change"        // 8180000818,2026-11-01T02:20:18,A
	ChangeSplit  Layout = "change_split"  // 818,0000818,2026-11-01T02:20:18,A
	ChangeFixed  Layout = "change_fixed"  // 81800008182026-11-01A
	XML          Layout = "xml"           // <ph val='0000818'/> in <ac val='818'>
	ChangeXML    Layout = "change_xml"    // the same, each with A or D
	BritishSpace Layout = "british_space" // 0207 3787244, of 12 characters
	British      Layout = "british"       // 02073787244 and a blank
	CSV          Layout = "csv"           // any columns; see Mapping
	Fixed        Layout = "fixed"         // any columns of fixed width; see Mapping
)

// changes reports whether a file of that layout says what has changed.
func (l Layout) changes() bool { return strings.HasPrefix(string(l), "change") }

// An entry is what a line says of a number.
type entry struct {
	number e164.Number
	added  bool  // in a file of changes; a removal else
	at     int64 // in a file of changes: when, in seconds
}

// A form is a layout with what reads a line of it, without its end. Reading does
// not allocate.
type form struct {
	layout Layout
	like   string // a line of it, for people
	read   func(line []byte) (entry, bool)
}

// forms are the layouts of lines that are recognised, in the order in which they
// are tried. No line fits two of them, but that of the two British ones the first
// wants a blank.
func forms() []form {
	return []form{
		{Split, "818,0000818", readSplit},
		{Digits, "8180000818", readDigits},
		{E164, "+18180000818", readE164},
		{Change, "8180000818,2026-11-01T02:20:18,A", readChange},
		{ChangeSplit, "818,0000818,2026-11-01T02:20:18,A", readChangeSplit},
		{ChangeFixed, "81800008182026-11-01A", readChangeFixed},
		{BritishSpace, "0207 3787244", readBritishSpace},
		{British, "02073787244 ", readBritish},
	}
}

// formOf returns the form of a layout of lines.
func formOf(l Layout) (form, bool) {
	for _, f := range forms() {
		if f.layout == l {
			return f, true
		}
	}
	return form{}, false
}

// american returns the number of an area code and what follows it.
func american(area, rest []byte) (e164.Number, bool) {
	n, bad := uint64(1), byte(0)
	for _, c := range area {
		n = n*10 + uint64(c-'0')
		bad |= over(c)
	}
	for _, c := range rest {
		n = n*10 + uint64(c-'0')
		bad |= over(c)
	}
	return e164.FromUint64(n), bad == 0 && area[0] >= '2'
}

// over returns a bit of the highest half for what is not a digit.
func over(c byte) byte {
	d := c - '0'
	return (d | (d + 6)) & 0xf0
}

func readSplit(line []byte) (entry, bool) {
	if len(line) != 11 || line[3] != ',' {
		return entry{}, false
	}
	n, ok := american(line[:3], line[4:])
	return entry{number: n}, ok
}

func readDigits(line []byte) (entry, bool) {
	if len(line) != 10 {
		return entry{}, false
	}
	n, ok := american(line[:3], line[3:])
	return entry{number: n}, ok
}

func readE164(line []byte) (entry, bool) {
	if len(line) == 0 || line[0] != '+' || len(line) > 16 {
		return entry{}, false
	}
	n, err := e164.ParseBytes(line, "")
	return entry{number: n}, err == nil
}

func readChange(line []byte) (entry, bool) {
	if len(line) < 11 || line[10] != ',' {
		return entry{}, false
	}
	e, ok := readDigits(line[:10])
	return e, ok && e.change(line[11:])
}

func readChangeSplit(line []byte) (entry, bool) {
	if len(line) < 12 || line[11] != ',' {
		return entry{}, false
	}
	e, ok := readSplit(line[:11])
	return e, ok && e.change(line[12:])
}

// change reads a time, a comma and what was done.
func (e *entry) change(text []byte) bool {
	when, what, ok := bytes.Cut(text, []byte{','})
	return ok && e.when(when) && e.what(what)
}

func readChangeFixed(line []byte) (entry, bool) {
	if len(line) != 21 {
		return entry{}, false
	}
	e, ok := readDigits(line[:10])
	return e, ok && e.when(line[10:20]) && e.what(line[20:])
}

// what reads A for an addition, and D for a deletion.
func (e *entry) what(text []byte) bool {
	e.added = len(text) == 1 && text[0] == 'A'
	return e.added || len(text) == 1 && text[0] == 'D'
}

// when reads a date, and a time if there is one. It is that of a clock that
// nobody names, and is compared with others of the same only.
func (e *entry) when(text []byte) bool {
	year, ok1 := number(text, 0, 4, '-')
	month, ok2 := number(text, 5, 2, '-')
	d, ok3 := number(text, 8, 2, 'T')
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || d < 1 || d > 31 {
		return false
	}
	e.at = ((year*12+month)*31 + d) * 86400
	if len(text) == 10 {
		return true
	}
	hour, ok1 := number(text, 11, 2, ':')
	minute, ok2 := number(text, 14, 2, ':')
	second, ok3 := number(text, 17, 2, 0)
	e.at += (hour*60+minute)*60 + second
	return ok1 && ok2 && ok3 && len(text) == 19 && hour < 24 && minute < 60 && second < 61
}

// number reads digits of text, and what follows them unless the text ends there.
func number(text []byte, at, digits int, next byte) (n int64, ok bool) {
	end := at + digits
	if len(text) < end || len(text) > end && text[end] != next {
		return 0, false
	}
	for _, c := range text[at:end] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// britishWidth is how many characters a line of the British registries has.
const britishWidth = 12

// readBritishSpace reads a dialling code of five characters, with blanks behind
// it, and seven with blanks in front.
func readBritishSpace(line []byte) (entry, bool) {
	if len(line) != britishWidth {
		return entry{}, false
	}
	code := bytes.TrimRight(line[:5], " ")
	rest := bytes.TrimLeft(line[5:], " ")
	if len(code)+len(rest) == britishWidth || len(code) < 3 {
		return entry{}, false
	}
	return british(code, rest)
}

func readBritish(line []byte) (entry, bool) {
	if len(line) != britishWidth {
		return entry{}, false
	}
	return british(bytes.TrimRight(line, " "), nil)
}

// british reads a number as it is dialled in Britain.
func british(code, rest []byte) (entry, bool) {
	n := len(code) + len(rest)
	if n < 10 || n > 11 || code[0] != '0' || code[1] == '0' {
		return entry{}, false
	}
	var text [britishWidth + 2]byte
	digits := append(append(append(text[:0], "+44"...), code[1:]...), rest...)
	number, err := e164.ParseBytes(digits, "")
	return entry{number: number}, err == nil
}

// sampled is how many lines are looked at to recognise a layout.
const sampled = 100

// recognise returns the form of which all of the first lines are.
func recognise(lines [][]byte) (form, error) {
	if len(lines) == 0 {
		return form{}, &FileError{Text: "there is no line in it"}
	}
	best, at := form{}, -1
	for _, f := range forms() {
		fits := 0
		for fits < len(lines) {
			if _, ok := f.read(lines[fits]); !ok {
				break
			}
			fits++
		}
		if fits > at {
			best, at = f, fits
		}
	}
	if at == 0 {
		return form{}, &FileError{Line: 1, Text: "it is of no layout that is known: want " +
			known() + ", or XML, or say in which column the numbers are"}
	}
	return best, nil // a later line that does not fit is found when it is read
}

func known() string {
	var all []string
	for _, f := range forms() {
		all = append(all, fmt.Sprintf("%q", f.like))
	}
	return strings.Join(all, ", ")
}
