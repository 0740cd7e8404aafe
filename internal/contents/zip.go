package contents

import (
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// archive gives what is in a zip, file by file, or in a spreadsheet, which is a
// zip as well.
func (w *walk) archive(name string, in io.ReaderAt, size int64, depth int) error {
	z, err := zip.NewReader(in, size)
	if err != nil {
		return w.wrong(name, err)
	}
	if isSheet(z) {
		return w.spreadsheet(name, in, size)
	}
	if depth > 0 {
		return &Error{Name: name, Text: "not a spreadsheet, though its name says so"}
	}
	if len(z.File) > MaxFiles {
		return &Error{
			Name: name,
			Text: fmt.Sprintf("has %d files: want at most %d", len(z.File), MaxFiles),
		}
	}
	found := false
	for _, f := range z.File {
		if beside(f) {
			continue
		}
		found = true
		if err := w.member(f); err != nil {
			return err
		}
	}
	if !found {
		return &Error{Name: name, Text: "no file in it"}
	}
	return nil
}

// beside reports whether a file of a zip is none of those that somebody put
// there: a folder, or what a system adds.
func beside(f *zip.File) bool {
	base := path.Base(f.Name)
	return f.FileInfo().IsDir() || strings.HasPrefix(f.Name, "__MACOSX/") ||
		strings.HasPrefix(base, ".") || base == "Thumbs.db"
}

// encrypted is the flag of a file with a password.
const encrypted = 1

// member gives one file of a zip.
func (w *walk) member(f *zip.File) error {
	if f.Flags&encrypted != 0 {
		return &Error{Name: f.Name, Text: "has a password: unpack it first"}
	}
	in, err := f.Open()
	if err != nil {
		return w.wrong(f.Name, err)
	}
	defer in.Close()
	packed := max(int64(f.CompressedSize64), 1)
	return w.open(f.Name, &inflated{in: in, packed: func() int64 { return packed }}, 1)
}

// textOf says for users what is wrong with a packed file, "" for an error that
// is not about it.
func textOf(err error) string {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "cut short: its end is missing"
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zip.ErrChecksum):
		return "damaged: its check sum is not right"
	case errors.Is(err, zip.ErrFormat), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return "damaged or cut short: it cannot be unpacked"
	case errors.Is(err, zip.ErrAlgorithm):
		return "packed in a way that is not read here: pack it as usual, or not at all"
	}
	return ""
}
