package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// static serves the files that never change under their address: the address
// has the hash of all of them in it.
type static struct {
	path  string // /static/HASH/
	files map[string]file
}

// file is one file as it is sent.
type file struct {
	kind   string // of its content
	plain  []byte
	packed []byte // gzip; nil where it is not smaller
}

// readStatic reads the embedded files. They are part of the program, so that
// an error is one of the program.
func readStatic() *static {
	s := &static{files: make(map[string]file)}
	sum := sha256.New()
	root, err := fs.Sub(staticFiles, "static")
	if err != nil {
		panic(err)
	}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		sum.Write([]byte(name))
		sum.Write(text)
		s.files[name] = file{kind: kind(name), plain: text, packed: pack(text)}
		return nil
	})
	if err != nil {
		panic(err)
	}
	s.path = "/static/" + hex.EncodeToString(sum.Sum(nil)[:6]) + "/"
	return s
}

// ServeHTTP implements [http.Handler].
func (s *static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.files[strings.TrimPrefix(r.URL.Path, s.path)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Add("Vary", "Accept-Encoding")
	text := f.plain
	if f.packed != nil && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		text = f.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text) // the browser went away
}

// kind returns the media type of a file, whatever the machine knows of it.
func kind(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func pack(text []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(text) // a buffer takes everything
	_ = w.Close()
	if b.Len() >= len(text) {
		return nil
	}
	return b.Bytes()
}
