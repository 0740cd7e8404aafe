package web

import (
	"io"
	"mime"
	"net/http"
	"time"
)

// download is a file that is written while it is sent.
type download struct {
	kind  string // of its content
	name  string
	save  bool // it is to be kept, and not to be shown
	write func(w io.Writer) error

	sound io.ReadSeekCloser // in place of write, where parts may be asked for
	at    time.Time         // when that was made
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
	if d.sound != nil {
		defer d.sound.Close()
		http.ServeContent(w, v.Request, "", d.at, d.sound)
		return
	}
	if err := d.write(w); err != nil {
		s.Log.ErrorContext(v.Context(), "send file", "name", d.name, "err", err)
		panic(http.ErrAbortHandler)
	}
}
