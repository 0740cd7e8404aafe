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
	end := r.endOfField()
	field = r.text[r.at:end]
	r.at = min(end+1, len(r.text))
	if end == len(r.text) {
		return field, false
	}
	if r.text[end] == r.delimiter {
		return field, true
	}
	return bytes.TrimSuffix(field, []byte{'\r'}), false
}

// endOfField returns where the field ends that begins here.
func (r *reading) endOfField() int {
	text, delimiter, i := r.text, r.delimiter, r.at
	if r.quoted && i < len(text) && text[i] == '"' {
		i = max(closed(text, i+1), i+1)
	}
	for i < len(text) && text[i] != delimiter && text[i] != '\n' {
		i++
	}
	return i
}

// skip passes over fields, as many as are there, and reports whether more
// follow in the row.
func (r *reading) skip(fields int) bool {
	for range fields {
		end := r.endOfField()
		r.at = min(end+1, len(r.text))
		if end == len(r.text) || r.text[end] == '\n' {
			return false
		}
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
	end := bytes.IndexByte(r.text[r.at:], '\n') + 1
	if end == 0 {
		end = len(r.text) - r.at
	}
	if !r.quoted || bytes.IndexByte(r.text[r.at:r.at+end], '"') < 0 {
		r.at += end
		return
	}
	for r.skip(1) {
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
