package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A scan is a file of XML while it is read. The registries' own samples are not
// well-formed, so it is read as they write it, and not a bit otherwise:
//
//	<list type='full' level='ac' val='818'> <ac val='818'> <ph val='0000818' /> … </ac> </list>
//
// The first tag may close itself, and be closed at the end all the same. In a file
// of changes each ph has an attribute, of whatever name, that is A or D.
type scan struct {
	*reading
	line   int64
	area   []byte // that is open; nil for none
	only   string // the area of the list; "" for any
	listed bool   // the list has begun
	ended  bool
	parser *parser
}

// readXML reads the file as XML.
func (r *reading) readXML(ctx context.Context) error {
	s := &scan{reading: r, line: 1, parser: <-r.parsers}
	defer func() { r.parsers <- s.parser }()
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		tag, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = s.take(tag)
		}
		if err != nil {
			return s.wrong(err)
		}
	}
	r.source.Lines = s.line
	if !s.ended {
		return s.wrong(errors.New("it ends without </list>: the file has been cut off"))
	}
	return nil
}

// wrong says in which line something is wrong.
func (s *scan) wrong(err error) error {
	if _, ok := errors.AsType[*FileError](err); ok {
		return err
	}
	if _, ok := errors.AsType[misreading](err); ok {
		return err
	}
	return &FileError{Line: s.line, Text: err.Error()}
}

// misreading is an error of reading, not of what was read.
type misreading struct{ error }

// Unwrap is for errors.Is.
func (m misreading) Unwrap() error { return m.error }

// next returns what is between the next angle brackets, and io.EOF if there are
// none any more.
func (s *scan) next() ([]byte, error) {
	text, err := s.in.ReadSlice('<')
	s.line += int64(bytes.Count(text, []byte{'\n'}))
	if blank := bytes.TrimSuffix(text, []byte{'<'}); len(bytes.TrimSpace(blank)) > 0 {
		return nil, errors.New("there is text between the tags")
	}
	if err != nil {
		if !errors.Is(err, io.EOF) {
			err = misreading{err}
		}
		return nil, err
	}
	text, err = s.in.ReadSlice('>')
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("a tag has no end: the file has been cut off")
	case err != nil:
		return nil, misreading{err}
	}
	s.line += int64(bytes.Count(text, []byte{'\n'}))
	return text[:len(text)-1], nil
}

// take takes in one tag.
func (s *scan) take(tag []byte) error {
	if s.ended {
		return errors.New("there is more behind </list>")
	}
	if len(tag) > 0 && (tag[0] == '?' || tag[0] == '!') {
		return nil // the declaration, or a comment
	}
	name, rest := tagName(tag)
	switch {
	case name == "ph" && s.area != nil:
		return s.number(rest)
	case name == "ac" && s.listed:
		return s.open(rest)
	case name == "/ac" && s.area != nil:
		s.area = nil
		return nil
	case name == "list" && !s.listed:
		return s.begin(rest)
	case name == "/list" && s.listed && s.area == nil:
		s.ended = true
		return nil
	case name == "/list" && s.area != nil:
		return errors.New("the list ends before its area code does: something is missing")
	case name == "/ph":
		return nil
	}
	return fmt.Errorf("there is a tag where none such belongs: want list, in it ac, in it ph")
}

// tagName splits a tag into its name and the rest, without the bar at its end.
func tagName(tag []byte) (string, []byte) {
	tag = bytes.TrimSpace(tag)
	if len(tag) > 1 {
		tag = bytes.TrimSuffix(tag, []byte{'/'})
	}
	i := bytes.IndexAny(tag, " \t\r\n")
	if i < 0 {
		return string(tag), nil
	}
	return string(tag[:i]), tag[i:]
}

// begin takes in the beginning of the list.
func (s *scan) begin(rest []byte) error {
	s.listed = true
	for name, value := range attributes(rest) {
		switch {
		case name == "val":
			s.only = string(value)
		case name == "type" && slices.Contains([]string{"change", "delta"}, string(value)):
			s.form.layout = ChangeXML
		case name == "type" && string(value) != "full":
			return fmt.Errorf("the type of the list is neither full nor change")
		}
	}
	if want := s.registry.Mapping.Layout; want != "" && want != s.form.layout {
		return fmt.Errorf("the type of the list is not that of layout %s", want)
	}
	return nil
}

// open takes in the beginning of an area code.
func (s *scan) open(rest []byte) error {
	if s.area != nil {
		return errors.New("an area code begins before the one before has ended")
	}
	for name, value := range attributes(rest) {
		if name == "val" {
			s.area = bytes.Clone(value)
		}
	}
	if len(s.area) != 3 {
		return errors.New("ac wants val with an area code of three digits")
	}
	if s.only != "" && s.only != string(s.area) {
		return fmt.Errorf("area code %s is in the list of %s", digitsOf(s.area),
			digitsOf([]byte(s.only)))
	}
	return nil
}

// number takes in one number.
func (s *scan) number(rest []byte) error {
	var e entry
	changes, known, done := s.form.layout.changes(), false, false
	for name, value := range attributes(rest) {
		switch {
		case name == "val" && len(value) == 7:
			e.number, known = american(s.area, value)
		case name == "val":
			known = false
		case changes && e.what(value) && !done:
			done = true
		case changes && e.when(value):
		default:
			return fmt.Errorf("ph has an attribute that is not known")
		}
	}
	switch {
	case !known:
		return errors.New("ph wants val with seven digits")
	case changes && !done:
		return errors.New("ph wants A or D, as the list is one of changes")
	}
	return s.add(s.parser, e)
}

// attributes gives the attributes of a tag. What cannot be read has the name "".
func attributes(text []byte) func(func(name string, value []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for text = bytes.TrimSpace(text); len(text) > 0; text = bytes.TrimSpace(text) {
			name, rest, ok := bytes.Cut(text, []byte{'='})
			rest = bytes.TrimSpace(rest)
			if !ok || len(rest) == 0 || rest[0] != '\'' && rest[0] != '"' {
				yield("", nil)
				return
			}
			end := bytes.IndexByte(rest[1:], rest[0])
			if end < 0 {
				yield("", nil)
				return
			}
			if !yield(attributeName(name), rest[1:end+1]) {
				return
			}
			text = rest[end+2:]
		}
	}
}

// attributeName returns the name of an attribute. The usual one is not allocated.
func attributeName(name []byte) string {
	if string(name) == "val" {
		return "val"
	}
	return strings.TrimSpace(string(name))
}

// digitsOf returns digits for a message, and nothing else.
func digitsOf(text []byte) string {
	for _, c := range text {
		if c < '0' || c > '9' {
			return "another area"
		}
	}
	return string(text)
}
