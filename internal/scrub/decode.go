package scrub

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// byteOrderMark begins text in UTF-16, and some in UTF-8.
var byteOrderMark = []byte("\uFEFF")

// decode looks at how the text of in is encoded, and takes a byte order mark
// off it. UTF-8, and what is the same in it, is passed on as it is; UTF-16 is
// decoded, and what is written to the outputs encoded again.
func decode(in io.Reader, out Outputs) (text io.Reader, _ Outputs, mark []byte, err error) {
	b := bufio.NewReaderSize(in, 64<<10)
	start, err := b.Peek(b.Size())
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, out, nil, err
	}
	var order byteOrder
	switch {
	case bytes.HasPrefix(start, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(start, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	case bytes.IndexByte(start, 0) >= 0:
		return nil, out, nil, &FileError{
			0, "not a text file: it has bytes of value 0; want CSV",
		}
	case bytes.HasPrefix(start, byteOrderMark):
		_, err = b.Discard(len(byteOrderMark))
		return b, out, byteOrderMark, err
	default:
		return b, out, nil, nil
	}
	if _, err := b.Discard(2); err != nil {
		return nil, out, nil, err
	}
	for _, w := range []*io.Writer{&out.Clear, &out.Suppressed, &out.All} {
		if *w != nil {
			*w = &utf16Writer{w: *w, order: order}
		}
	}
	return &utf16Reader{in: b, order: order}, out, byteOrderMark, nil
}

// A byteOrder is that of the two bytes of a unit.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// A utf16Reader gives text in UTF-16 as UTF-8. Halves of pairs that stand
// alone come as the three bytes that they would have, so that they can be given
// back.
type utf16Reader struct {
	in    *bufio.Reader
	order byteOrder
	high  uint16 // the first half of a pair; 0 if none waits
	rest  []byte // decoded, and not yet asked for
}

// Read implements [io.Reader].
func (r *utf16Reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if err := r.decode(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// decode decodes some more.
func (r *utf16Reader) decode() error {
	var units [4096]byte
	n, err := io.ReadFull(r.in, units[:])
	if n%2 == 1 {
		return &FileError{0, "cut off in the middle of a character of UTF-16"}
	}
	r.rest = r.rest[:0]
	for i := 0; i < n; i += 2 {
		r.take(r.order.Uint16(units[i:]))
	}
	if n > 0 {
		return nil
	}
	if errors.Is(err, io.EOF) && r.high != 0 {
		r.rest, r.high = appendRune(r.rest, rune(r.high)), 0
		return nil
	}
	return err
}

func (r *utf16Reader) take(unit uint16) {
	pair := utf16.DecodeRune(rune(r.high), rune(unit))
	switch {
	case r.high != 0 && pair != utf8.RuneError:
		r.rest, r.high = utf8.AppendRune(r.rest, pair), 0
		return
	case r.high != 0:
		r.rest, r.high = appendRune(r.rest, rune(r.high)), 0
	}
	if 0xD800 <= unit && unit < 0xDC00 {
		r.high = unit
		return
	}
	r.rest = appendRune(r.rest, rune(unit))
}

// appendRune is utf8.AppendRune, also of half a pair.
func appendRune(b []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(b, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(b, r)
}

// A utf16Writer writes what a utf16Reader gave as it was. What is written ends
// with a whole character.
type utf16Writer struct {
	w     io.Writer
	order byteOrder
	buf   []byte
}

// Write implements [io.Writer].
func (w *utf16Writer) Write(p []byte) (int, error) {
	w.buf = w.buf[:0]
	for i := 0; i < len(p); {
		r, size := utf8.DecodeRune(p[i:])
		if r == utf8.RuneError && size == 1 && i+3 <= len(p) { // half a pair
			r = rune(p[i]&0xF)<<12 | rune(p[i+1]&0x3F)<<6 | rune(p[i+2]&0x3F)
			size = 3
		}
		i += size
		if r > 0xFFFF {
			high, low := utf16.EncodeRune(r)
			w.buf = w.order.AppendUint16(w.buf, uint16(high))
			r = low
		}
		w.buf = w.order.AppendUint16(w.buf, uint16(r))
	}
	if _, err := w.w.Write(w.buf); err != nil {
		return 0, err
	}
	return len(p), nil
}
