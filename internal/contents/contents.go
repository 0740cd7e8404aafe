// Package contents opens files as people have them: plain, in gzip, in a zip or
// as a spreadsheet, and gives the texts that are in them.
//
// What it reads may come from anywhere, so everything is bounded: how much may
// come out of how little, how many files a zip may have, how large a spreadsheet
// may be. What is cut short or damaged is an [Error], never a shorter text.
package contents

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Options say how a file is opened. The zero Options are usual.
type Options struct {
	Sheet string // which one of a spreadsheet; "" for the first with rows
	Temp  string // folder in which a zip that comes as a stream is kept; "" for the system's
}

// Limits of what is opened.
const (
	MaxFiles       = 10_000   // in a zip
	MaxSize        = 64 << 30 // bytes of the texts in one file
	MaxSpreadsheet = 256 << 20
	MaxSheets      = 1000
	maxUnpacked    = 2 << 30 // bytes of a spreadsheet unpacked
	maxRatio       = 200     // how many bytes may come out of one
	freeOfRatio    = 64 << 20
)

// Error is a file that cannot be opened, or is not what it says it is.
type Error struct {
	Name string // of the file; "" where there is none
	Text string // what is wrong, for users
	err  error
}

// Error says which file, and what is wrong.
func (e *Error) Error() string {
	if e.Name == "" {
		return e.Text
	}
	return e.Name + ": " + e.Text
}

// Unwrap is for [errors.Is].
func (e *Error) Unwrap() error { return e.err }

// A Do is given the text of one file and its name. It reads as much of it as it
// wants: what it leaves is read to its end all the same, so that damage is found.
type Do func(name string, text io.Reader) error

// Each calls do for each text in a file of the given name, in order, and returns
// the first error. What do has made of an earlier text is not to be used then.
//
// A zip is read where it is if in is an [os.File] or its like, and else kept in
// a temporary file meanwhile.
func Each(name string, in io.Reader, o Options, do Do) error {
	o.Sheet = strings.TrimSpace(o.Sheet)
	w := walk{options: o, do: do, left: MaxSize}
	return w.open(name, in, 0)
}

// walk is one call of Each.
type walk struct {
	options Options
	do      Do
	left    int64 // bytes that texts may still have
}

// deepest is how often a file may be packed: gzip in a zip, but no zip in it.
const deepest = 2

// open gives what is in a file.
func (w *walk) open(name string, in io.Reader, depth int) error {
	b := bufio.NewReaderSize(in, 64<<10)
	start, err := b.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return w.wrong(name, err)
	}
	kind := kindOf(start)
	if kind != plain && depth == deepest {
		return &Error{Name: name, Text: "packed too often: unpack it first"}
	}
	switch kind {
	case gzipped:
		return w.gzip(name, b, depth)
	case zipped:
		if depth > 0 {
			return w.inner(name, b)
		}
		return w.zip(name, in, b)
	case oldSheet:
		return &Error{
			Name: name,
			Text: "an old or a locked spreadsheet: save it as .xlsx without a password, or as CSV",
		}
	}
	return w.give(name, b)
}

type kind int

const (
	plain kind = iota
	gzipped
	zipped
	oldSheet
)

// kindOf looks at how a file begins; its name says nothing for sure.
func kindOf(start []byte) kind {
	switch {
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		return gzipped
	case bytes.HasPrefix(start, []byte("PK\x03\x04")), bytes.HasPrefix(start, []byte("PK\x05\x06")):
		return zipped
	case bytes.HasPrefix(start, []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}):
		return oldSheet
	}
	return plain
}

// give gives a text.
func (w *walk) give(name string, text io.Reader) error {
	m := &measured{in: text, walk: w}
	err := w.do(name, m)
	if err == nil {
		_, err = io.Copy(io.Discard, m)
	}
	if m.err != nil {
		return w.wrong(name, m.err)
	}
	return err
}

// wrong says what is wrong with a file that cannot be read on.
func (w *walk) wrong(name string, err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	text := textOf(err)
	if text == "" {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return &Error{Name: name, Text: text, err: err}
}

// measured counts what comes out of a file, and keeps the error of reading it
// apart from those of who reads it.
type measured struct {
	in   io.Reader
	walk *walk
	err  error
}

// Read implements [io.Reader].
func (m *measured) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.in.Read(p)
	if m.walk.left -= int64(n); m.walk.left < 0 {
		n, err = 0, &Error{Text: fmt.Sprintf("too large: more than %d GB come out of it",
			int64(MaxSize)>>30)}
	}
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

// gzip gives what is in a gzip file, which may itself be packed.
func (w *walk) gzip(name string, in io.Reader, depth int) error {
	packed := &counted{in: in}
	// Gzip reads no further than it must only from what reads bytes.
	z, err := gzip.NewReader(bufio.NewReaderSize(packed, 64<<10))
	if err != nil {
		return w.wrong(name, err)
	}
	name = strings.TrimSuffix(name, ".gz")
	return w.open(name, &inflated{in: z, packed: func() int64 { return packed.n }}, depth+1)
}

// counted counts what is read.
type counted struct {
	in io.Reader
	n  int64
}

// Read implements [io.Reader].
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}

// inflated refuses what swells beyond all measure.
type inflated struct {
	in     io.Reader
	packed func() int64 // bytes that were read of what is packed
	n      int64
}

// Read implements [io.Reader].
func (r *inflated) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	r.n += int64(n)
	if r.n > freeOfRatio && r.n/maxRatio > r.packed() {
		return 0, &Error{Text: "swells to more than 200 times its size: no list of numbers does"}
	}
	return n, err
}

// inner opens a zip in another file: a spreadsheet, or else too deep.
func (w *walk) inner(name string, in io.Reader) error {
	if !strings.EqualFold(path.Ext(name), ".xlsx") {
		return &Error{Name: name, Text: "a zip within another file: unpack it first"}
	}
	f, err := w.keep(name, in)
	if err != nil {
		return err
	}
	defer f.close()
	return w.archive(name, f, f.size, 1)
}

// zip opens a zip, where it is or after keeping it.
func (w *walk) zip(name string, in, rest io.Reader) error {
	if file, size, ok := random(in); ok {
		return w.archive(name, file, size, 0)
	}
	f, err := w.keep(name, rest)
	if err != nil {
		return err
	}
	defer f.close()
	return w.archive(name, f, f.size, 0)
}

// random returns in as what can be read at any place, and its size, if it is a
// file that was read from its beginning.
func random(in io.Reader) (io.ReaderAt, int64, bool) {
	file, ok := in.(interface {
		io.ReaderAt
		io.Seeker
	})
	if !ok {
		return nil, 0, false
	}
	size, err := file.Seek(0, io.SeekEnd)
	return file, size, err == nil
}

// kept is a temporary file.
type kept struct {
	*os.File
	size int64
}

// keep copies what is read into a temporary file.
func (w *walk) keep(name string, in io.Reader) (kept, error) {
	f, err := os.CreateTemp(w.options.Temp, "contents-*")
	if err != nil {
		return kept{}, err
	}
	k := kept{File: f}
	k.size, err = io.Copy(f, io.LimitReader(in, MaxSize+1))
	if err == nil && k.size > MaxSize {
		err = &Error{Name: name, Text: "too large"}
	}
	if err != nil {
		k.close()
		return kept{}, w.wrong(name, err)
	}
	return k, nil
}

func (k kept) close() {
	_ = k.Close() // nothing of it is needed any more
	_ = os.Remove(k.Name())
}
