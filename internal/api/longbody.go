package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// longBody is a body that may be larger and take longer than most.
type longBody struct {
	io.Reader
	failed error // of reading, not of what was read
	out    *http.ResponseController
}

// longBody gives a body the time and the length that rt allows. One that was
// read before, for an Idempotency-Key, has them behind it.
func (d *desk) longBody(w http.ResponseWriter, r *http.Request, rt route) *longBody {
	b := &longBody{
		Reader: http.MaxBytesReader(w, r.Body, rt.bodyLimit()), out: http.NewResponseController(w),
	}
	_ = b.out.SetReadDeadline(time.Now().Add(rt.bodyWait())) // one that has none does without
	return b
}

// Read implements [io.Reader]. At the end nobody waits any more.
func (b *longBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil {
		_ = b.out.SetReadDeadline(time.Time{})
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

// err is what is wrong where reading met e: with the body itself, or else with
// what stands in it.
func (b *longBody) err(e error) error {
	if b.failed != nil {
		return bodyError(b.failed)
	}
	return e
}

// write answers with a value as JSON.
func (d *desk) write(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // a struct of what JSON can say
	}
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	w.Write(append(text, '\n')) //nolint:errcheck // whoever asked is gone
}
