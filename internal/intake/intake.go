// Package intake takes in files of registries: as they are sent, on the disk until
// they have been read, or as they lie there. It opens zip and gzip, whose checksums
// say whether a file is whole.
package intake

import (
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"nocall/internal/registry"
)

// mostFiles is how many files a zip may have: a few for each area code there is.
const mostFiles = 10_000

// Folder is where files are kept that are being read. It is made when the first
// one comes.
type Folder string

var _ registry.Intake = Folder("")

// Empty removes what a process before this one has left.
func (d Folder) Empty() error { return os.RemoveAll(string(d)) }

// Take implements [registry.Intake].
func (d Folder) Take(
	ctx context.Context, name string, r io.Reader,
) (taken registry.Taken, err error) {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return taken, err
	}
	file, err := os.CreateTemp(string(d), "taken-*")
	if err != nil {
		return taken, err
	}
	drop := func() { os.Remove(file.Name()) } // what is left goes with the next start
	defer func() {
		if err != nil {
			drop()
		}
	}()
	_, err = io.Copy(file, reader{ctx, r})
	if err = errors.Join(err, file.Close()); err != nil {
		return taken, err
	}
	files, err := Open(name, file.Name())
	return registry.Taken{Files: files, Drop: drop}, err
}

// reader reads until its context is done.
type reader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements [io.Reader].
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Open returns the files in what lies at a path, under a name: those of a zip, else
// one, unpacked if it is gzip.
func Open(name, at string) ([]registry.File, error) {
	file, err := os.Open(at)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	begin := make([]byte, 4)
	n, err := io.ReadFull(file, begin)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	switch begin := string(begin[:n]); {
	case strings.HasPrefix(begin, "PK\x03\x04"), strings.HasPrefix(begin, "PK\x05\x06"):
		return openZip(name, at)
	case strings.HasPrefix(begin, "\x1f\x8b"):
		name = strings.TrimSuffix(name, ".gz")
		return []registry.File{{Name: name, Open: func() (io.ReadCloser, error) {
			return openGzip(at)
		}}}, nil
	}
	return []registry.File{{Name: name, Open: func() (io.ReadCloser, error) {
		return os.Open(at)
	}}}, nil
}

// openZip returns the files in a zip. Each opens it for itself: they are read at
// once, and it is closed with the last one.
func openZip(name, at string) (files []registry.File, err error) {
	z, err := zip.OpenReader(at)
	if err != nil {
		return nil, notWhole(name, err)
	}
	defer z.Close()
	for i, f := range z.File {
		if strings.HasSuffix(f.Name, "/") || hidden(f.Name) {
			continue
		}
		files = append(files, registry.File{
			Name: path.Base(filepath.ToSlash(f.Name)), Time: f.Modified,
			Open: func() (io.ReadCloser, error) { return openIn(name, at, i) },
		})
	}
	switch {
	case len(files) == 0:
		return nil, &registry.FileError{File: name, Text: "there is no file in it"}
	case len(files) > mostFiles:
		return nil, &registry.FileError{
			File: name, Text: fmt.Sprintf("there are more than %d files in it", mostFiles),
		}
	}
	return files, nil
}

// hidden reports whether a file in a zip was put there by the system that made it.
func hidden(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(path.Base(name), ".")
}

// notWhole says of a zip that it cannot be opened.
func notWhole(name string, err error) error {
	return &registry.FileError{
		File: name, Text: "the zip is not whole (" + plain(err) + "): fetch it anew",
	}
}

func plain(err error) string {
	return strings.TrimPrefix(strings.TrimPrefix(err.Error(), "zip: "), "gzip: ")
}

// openIn opens the i-th file of a zip.
func openIn(name, at string, i int) (io.ReadCloser, error) {
	z, err := zip.OpenReader(at)
	if err != nil {
		return nil, notWhole(name, err)
	}
	in, err := z.File[i].Open()
	if err != nil {
		return nil, errors.Join(notWhole(name, err), z.Close())
	}
	return &packed{in, []io.Closer{in, z}}, nil
}

func openGzip(at string) (io.ReadCloser, error) {
	file, err := os.Open(at)
	if err != nil {
		return nil, err
	}
	in, err := gzip.NewReader(file)
	if err != nil {
		return nil, errors.Join(damaged(err), file.Close())
	}
	return &packed{in, []io.Closer{in, file}}, nil
}

// packed is a file that is unpacked while it is read.
type packed struct {
	r     io.Reader
	close []io.Closer
}

// Read implements [io.Reader]. A file that is not as it was packed is a FileError.
func (p *packed) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = damaged(err)
	}
	return n, err
}

// Close implements [io.Closer].
func (p *packed) Close() (err error) {
	for _, c := range p.close {
		err = errors.Join(err, c.Close())
	}
	return err
}

func damaged(err error) error {
	text := plain(err)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		text = "it ends too soon"
	}
	return &registry.FileError{Text: "what is packed is not whole (" + text + "): fetch it anew"}
}
