package web

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"nocall/internal/access"
)

// How live pages are told.
const (
	streamPause  = 500 * time.Millisecond // changes that come closer are told as one
	streamTick   = 2 * time.Second        // how often it is looked whether the list is ready
	streamBeat   = 15 * time.Second       // how often it looks at the session
	streamLimit  = 10 * time.Second       // for a browser that takes in nothing
	streamsTotal = 1000
	streamsEach  = 50 // of one user
)

// streams counts the live pages that are open, so that there are not too many.
type streams struct {
	mu    sync.Mutex // guards following
	total int
	each  map[string]int // by user
}

func (s *streams) begin(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total >= streamsTotal || s.each[user] >= streamsEach {
		return false
	}
	if s.each == nil {
		s.each = make(map[string]int)
	}
	s.total++
	s.each[user]++
	return true
}

func (s *streams) end(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.each[user]--; s.each[user] == 0 {
		delete(s.each, user)
	}
}

// live tells a page, as server-sent events, that something in its environment
// changed: not what, for the page looks for itself. It ends with the request,
// with the session, and with the server.
func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	v, err := s.visit(r, access.Viewer)
	if errors.Is(err, errSignedOut) {
		http.Error(w, "You have been signed out.", http.StatusUnauthorized)
		return
	}
	if err != nil {
		s.fail(w, v, err)
		return
	}
	if !s.streams.begin(v.who.Name) {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "Too many live pages are open.", http.StatusServiceUnavailable)
		return
	}
	defer s.streams.end(v.who.Name)

	changed, stop := s.List.Bell.Watch(v.env())
	defer stop()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // or a proxy would keep the news to itself
	stream := &stream{Server: s, visit: v, w: w, out: http.NewResponseController(w)}
	stream.run(changed)
}

// stream is one live page.
type stream struct {
	*Server
	visit *visit
	w     http.ResponseWriter
	out   *http.ResponseController
	ready bool
	heard time.Time // when it was last looked whether the session goes on
}

// run tells what happens until somebody goes away.
func (s *stream) run(changed <-chan struct{}) {
	s.ready, s.heard = s.Index.Ready(), time.Now()
	if !s.tell("state", readiness(s.ready)) {
		return
	}
	tick := time.NewTicker(streamTick)
	defer tick.Stop()
	for {
		select {
		case <-changed:
			if !s.tell("changed", "") || !s.pause() {
				return
			}
		case <-tick.C:
			if !s.look() {
				return
			}
		case <-s.visit.Context().Done():
			return
		}
	}
}

// look tells what no bell rings for: the end of the session, the list getting
// ready or doubtful, and that the stream lives.
func (s *stream) look() bool {
	if ready := s.Index.Ready(); ready != s.ready {
		s.ready = ready
		return s.tell("state", readiness(ready))
	}
	if time.Since(s.heard) < streamBeat {
		return true
	}
	s.heard = time.Now()
	_, err := s.Access.Session(s.visit.Context(), s.visit.token)
	if errors.Is(err, access.ErrUnknown) {
		s.tell("signed-out", "")
		return false
	}
	return s.tell("beat", "")
}

func (s *stream) pause() bool {
	timer := time.NewTimer(streamPause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.visit.Context().Done():
		return false
	}
}

// tell writes one event and reports whether it went out.
func (s *stream) tell(event, data string) bool {
	err := s.out.SetWriteDeadline(time.Now().Add(streamLimit))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return false
	}
	if _, err := fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", event, data); err != nil {
		return false
	}
	return s.out.Flush() == nil
}

func readiness(ready bool) string {
	if ready {
		return "ready"
	}
	return "unready"
}
