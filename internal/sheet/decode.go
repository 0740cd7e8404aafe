package sheet

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// decoded returns text as UTF-8, without a byte order mark.
func decoded(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	head, err := b.Peek(len(Mark))
	if err != nil && err != io.EOF {
		return nil, err
	}
	skip, order := 0, binary.ByteOrder(nil)
	switch {
	case bytes.HasPrefix(head, []byte(Mark)):
		skip = len(Mark)
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		skip, order = 2, binary.LittleEndian
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		skip, order = 2, binary.BigEndian
	}
	if _, err := b.Discard(skip); err != nil {
		return nil, err
	}
	if order == nil {
		return b, nil
	}
	return &fromUTF16{in: b, order: order}, nil
}

// fromUTF16 gives text in UTF-16 as UTF-8. Halves of pairs that stand alone
// become the sign for what cannot be read.
type fromUTF16 struct {
	in    io.Reader
	order binary.ByteOrder
	high  rune   // the first half of a pair; 0 if none waits
	rest  []byte // decoded, and not yet asked for
	units [4096]byte
}

// Read implements [io.Reader].
func (f *fromUTF16) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		if err := f.decode(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// decode decodes some more, or returns io.EOF.
func (f *fromUTF16) decode() error {
	n, err := io.ReadFull(f.in, f.units[:])
	if n%2 == 1 {
		return &Error{0, "cut off in the middle of a character of UTF-16"}
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	f.rest = f.rest[:0]
	for i := 0; i < n; i += 2 {
		f.take(rune(f.order.Uint16(f.units[i:])))
	}
	if n == 0 && f.high != 0 {
		f.rest, f.high = utf8.AppendRune(f.rest, utf8.RuneError), 0
	} else if n == 0 {
		return io.EOF
	}
	return nil
}

func (f *fromUTF16) take(unit rune) {
	if f.high != 0 {
		pair := utf16.DecodeRune(f.high, unit)
		f.rest, f.high = utf8.AppendRune(f.rest, pair), 0
		if pair != utf8.RuneError {
			return
		}
	}
	if 0xD800 <= unit && unit < 0xDC00 {
		f.high = unit
		return
	}
	f.rest = utf8.AppendRune(f.rest, unit)
}
