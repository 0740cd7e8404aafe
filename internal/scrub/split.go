package scrub

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// pieceSize is about how many bytes are worked on at once.
const pieceSize = 1 << 20

// A piece is some whole rows of the file.
type piece struct {
	text   []byte
	line   int64 // of its first row, from 1
	quotes bool  // some fields may be quoted
}

// A splitter cuts a file into pieces, at ends of rows: a line feed, outside of
// quotes.
type splitter struct {
	in        io.Reader
	delimiter byte   // found in the first line
	rest      []byte // read, but not yet in a piece
	line      int64  // lines in the pieces so far
	ended     bool
	plain     []int // where the parts of a text begin and end that are not quoted
}

// next returns the next piece, in the memory of room if it is large enough, or
// io.EOF.
func (s *splitter) next(room []byte) (piece, error) {
	buf := append(slices.Grow(room[:0], pieceSize+len(s.rest)), s.rest...)
	for {
		if err := s.fill(&buf); err != nil {
			return piece{}, err
		}
		if len(buf) == 0 {
			return piece{}, io.EOF
		}
		if s.delimiter == 0 {
			s.delimiter = delimiterOf(buf)
		}
		rows := s.rowsOf(buf)
		switch {
		case s.ended && rows.open >= 0:
			return piece{}, s.fail(buf, rows.open, "a quote is opened here and never closed")
		case s.ended:
			rows.end = len(buf)
		case rows.end == 0 && len(buf) > MaxRow:
			return piece{}, s.fail(buf, 0, "a row is longer than a million bytes, "+
				"or a quote in it is never closed")
		case rows.end == 0:
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
			continue
		}
		p := piece{text: buf[:rows.end], line: s.line + 1, quotes: rows.quotes}
		s.rest = append(s.rest[:0], buf[rows.end:]...)
		s.line += int64(bytes.Count(p.text, newline))
		return p, nil
	}
}

var newline = []byte{'\n'}

// fill reads until buf is full or the file has ended.
func (s *splitter) fill(buf *[]byte) error {
	for !s.ended && len(*buf) < cap(*buf) {
		n, err := s.in.Read((*buf)[len(*buf):cap(*buf)])
		*buf = (*buf)[:len(*buf)+n]
		if errors.Is(err, io.EOF) {
			s.ended = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *splitter) fail(buf []byte, at int, text string) error {
	return &FileError{s.line + 1 + int64(bytes.Count(buf[:at], newline)), text}
}

// rows is where the rows of a text end.
type rows struct {
	end    int  // of the last whole one
	quotes bool // some of the fields are quoted
	open   int  // a quote that is not closed, or -1
}

// rowsOf finds the rows of a text that begins with one. It looks at quotes
// only, so a text without any costs next to nothing.
func (s *splitter) rowsOf(text []byte) rows {
	r := rows{open: -1}
	s.plain = append(s.plain[:0], 0)
	for from := 0; r.open < 0; {
		next := bytes.IndexByte(text[from:], '"')
		if next < 0 {
			break
		}
		next += from
		if !opens(text, next, s.delimiter) {
			from = next + 1
			continue
		}
		r.quotes = true
		if from = closed(text, next+1); from < 0 {
			r.open, from = next, len(text)
		}
		s.plain = append(s.plain, next, from)
	}
	s.plain = append(s.plain, len(text))
	r.end = lastRow(s.plain, text)
	return r
}

// lastRow returns where the last whole row of text ends. Plain says where the
// parts of it that are not quoted begin and end, in turns.
func lastRow(plain []int, text []byte) int {
	for i := len(plain); i > 0; i -= 2 {
		from, to := plain[i-2], plain[i-1]
		if end := bytes.LastIndexByte(text[from:to], '\n'); end >= 0 {
			return from + end + 1
		}
	}
	return 0
}

// opens reports whether the quote at i begins a quoted field: nothing of the
// field stands before it. Elsewhere a quote is text, as in 5" pipe.
func opens(text []byte, i int, delimiter byte) bool {
	return i == 0 || text[i-1] == '\n' || text[i-1] == delimiter
}

// closed returns where the quoted part of a field ends whose text begins at i,
// after its closing quote, or -1. Two quotes are one that is text.
func closed(text []byte, i int) int {
	for {
		next := bytes.IndexByte(text[i:], '"')
		if next < 0 {
			return -1
		}
		i += next + 1
		if i == len(text) || text[i] != '"' {
			return i
		}
		i++
	}
}

// delimiterOf returns what stands between the fields of the first line: the
// one of the usual ones that it has most of.
func delimiterOf(text []byte) byte {
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	best, most := byte(','), 0
	for _, d := range []byte{',', ';', '\t', '|'} {
		if n := bytes.Count(text, []byte{d}); n > most {
			best, most = d, n
		}
	}
	return best
}
