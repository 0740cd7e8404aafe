package web

import (
	"io"
	"mime"
	"net/http"
)

// download is a file that is written while it is sent.
type download struct {
	kind  string // of its content
	name  string
	save  bool // it is to be kept, and not to be shown
	write func(w io.Writer) error
}

// send sends a file. When it breaks off in the middle so does the answer, so
// that nobody takes a part for the whole.
func (s *Server) send(w http.ResponseWriter, v *visit, d *download) {
	h := w.Header()
	h.Set("Content-Type", d.kind)
	if d.save {
		h.Set("Content-Disposition",
			mime.FormatMediaType("attachment", map[string]string{"filename": d.name}))
	}
	if err := d.write(w); err != nil {
		s.Log.ErrorContext(v.Context(), "send file", "name", d.name, "err", err)
		panic(http.ErrAbortHandler)
	}
}
