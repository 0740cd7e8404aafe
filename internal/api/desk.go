package api

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// requestID is the header that names a request, in its answer and in the log.
const requestID = "X-Request-Id"

// bodyTime is how long a body may take to come in, unless its route says more.
const bodyTime = 10 * time.Second

// Headers that many answers have. They are shared, so that an answer costs
// nothing for them, and are never changed in place.
var (
	jsonType = []string{"application/json"}
	noSniff  = []string{"nosniff"}
	noStore  = []string{"no-store"}
)

// ServeHTTP answers a request through the route that it asks for.
func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	a := &answer{ResponseWriter: w, request: r}
	h := w.Header()
	a.id[0] = r.Header.Get(requestID)
	if !goodID(a.id[0]) {
		a.id[0] = strconv.FormatUint(rand.Uint64(), 16)
	}
	h[requestID] = a.id[:]
	h["X-Content-Type-Options"] = noSniff
	h["Cache-Control"] = noStore
	if r.ContentLength != 0 { // also where nobody reads it: the server waits for it
		//nolint:errcheck // a reader without deadlines reads all the same
		http.NewResponseController(w).SetReadDeadline(begin.Add(bodyTime))
	}
	defer d.finish(a, begin)
	if env, number, ok := plainCheck(r); ok {
		d.check(a, begin, env, number)
		return
	}
	d.mux.ServeHTTP(a, r)
	if a.lost != 0 {
		d.noRoute(a)
	}
}

// finish keeps a panic from ending more than its request, and logs the request.
func (d *desk) finish(a *answer, begin time.Time) {
	p := recover()
	if p != nil {
		d.recovered(a, p)
	}
	r := a.request
	if a.status == 0 {
		a.status = http.StatusOK // with an empty body
	}
	level := slog.LevelInfo
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		level = slog.LevelDebug
	}
	if a.status >= http.StatusInternalServerError && a.status != http.StatusServiceUnavailable {
		level = slog.LevelError
	}
	if !d.Log.Enabled(r.Context(), level) {
		return
	}
	// Never the path: it may hold a number.
	d.Log.Log(r.Context(), level, "request", "method", r.Method, "route", r.Pattern,
		"status", a.status, "took", time.Since(begin).String(), "id", a.id[0])
}

// recovered answers for a handler that panicked.
func (d *desk) recovered(a *answer, p any) {
	err, ok := p.(error)
	if ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p) // an answer that is cut short on purpose
	}
	d.Log.ErrorContext(a.request.Context(), "handler panicked", "route", a.request.Pattern,
		"id", a.id[0], "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
	if a.status != 0 {
		panic(http.ErrAbortHandler) // too late to say so otherwise
	}
	d.fail(a, a.request, errInternal)
}

// noRoute answers where the mux found no route.
func (d *desk) noRoute(a *answer) {
	status := a.lost
	a.lost, a.ours = 0, true
	if status == http.StatusMethodNotAllowed {
		d.fail(a, a.request, errMethod)
		return
	}
	d.fail(a, a.request, errNoPath)
}

// goodID reports whether a request ID that came with a request may be used.
func goodID(id string) bool {
	const signs = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	return id != "" && len(id) <= 64 && strings.Trim(id, signs) == ""
}

// answer is the answer to a request. It knows how far it has come, and keeps
// back what the mux says where it finds no route.
type answer struct {
	http.ResponseWriter
	request *http.Request
	id      [1]string // of the request
	status  int       // as it was sent; 0 for not yet
	lost    int       // status with which the mux refuses the request; 0 for none
	ours    bool      // the refusal is said in our words
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	noRoute := status == http.StatusNotFound || status == http.StatusMethodNotAllowed
	if noRoute && a.request.Pattern == "" && !a.ours {
		a.lost = status
		return
	}
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	if a.lost != 0 {
		return len(b), nil
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// draft is an answer that is kept back until it is known to be kept.
type draft struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (a *draft) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *draft) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.body.Write(b)
}

// Unwrap is for http.ResponseController.
func (a *draft) Unwrap() http.ResponseWriter { return a.ResponseWriter }
