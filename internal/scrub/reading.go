package scrub

import "bytes"

// A reading is a place in a text of rows.
type reading struct {
	text      []byte
	at        int
	delimiter byte
	quoted    bool // some fields may be quoted
}

// field returns the next field as it is written, and whether more follow in
// its row. Without more the reading stands at the next row.
func (r *reading) field() (field []byte, more bool) {
	start := r.at
	if r.quoted && r.at < len(r.text) && r.text[r.at] == '"' {
		r.at = max(closed(r.text, r.at+1), r.at+1)
	}
	for ; r.at < len(r.text); r.at++ {
		switch r.text[r.at] {
		case r.delimiter:
			r.at++
			return r.text[start : r.at-1], true
		case '\n':
			r.at++
			return bytes.TrimSuffix(r.text[start:r.at-1], []byte{'\r'}), false
		}
	}
	return r.text[start:], false
}

// skip passes over fields, as many as are there, and reports whether more
// follow in the row.
func (r *reading) skip(fields int) bool {
	for range fields {
		if r.quoted && r.at < len(r.text) && r.text[r.at] == '"' {
			if _, more := r.field(); !more {
				return false
			}
			continue
		}
		i := r.at
		for i < len(r.text) && r.text[i] != r.delimiter && r.text[i] != '\n' {
			i++
		}
		if i >= len(r.text) || r.text[i] == '\n' {
			r.at = min(i+1, len(r.text))
			return false
		}
		r.at = i + 1
	}
	return true
}

// blank returns where the line ends that begins here, if there is nothing on
// it, or 0.
func (r *reading) blank() int {
	switch {
	case r.text[r.at] == '\n':
		return r.at + 1
	case r.text[r.at] == '\r' && r.at+1 < len(r.text) && r.text[r.at+1] == '\n':
		return r.at + 2
	}
	return 0
}

// endRow passes over what is left of the row.
func (r *reading) endRow() {
	if !r.quoted {
		i := bytes.IndexByte(r.text[r.at:], '\n')
		if i < 0 {
			r.at = len(r.text)
			return
		}
		r.at += i + 1
		return
	}
	for {
		if _, more := r.field(); !more {
			return
		}
	}
}

// unquoted returns what a field says: without its quotes, and two quotes within
// as one.
func unquoted(field []byte) []byte {
	if len(field) < 2 || field[0] != '"' || field[len(field)-1] != '"' {
		return field
	}
	field = field[1 : len(field)-1]
	if bytes.IndexByte(field, '"') < 0 {
		return field
	}
	return bytes.ReplaceAll(field, []byte(`""`), []byte(`"`))
}
