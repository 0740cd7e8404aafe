package web

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nocall/internal/access"
)

// TestLive reads the news of an environment as they come.
func TestLive(t *testing.T) {
	h := newHouse(t)
	b := h.as("vic@example.com")
	if r := h.browser().get("/e/sandbox/live"); r.status != http.StatusUnauthorized {
		t.Errorf("live without signing in: %d", r.status)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/e/sandbox/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	next := func(want string) {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == want {
				return
			}
		}
		t.Fatalf("no %q: %v", want, lines.Err())
	}
	next("data: ready")
	h.add("production", "+14155550123", "")
	h.add("sandbox", "+14155550123", "")
	next("event: changed")
	h.index.SetCurrent(false)
	next("data: unready")
}

// TestLiveEnds signs out while a page is live.
func TestLiveEnds(t *testing.T) {
	h := newHouse(t)
	token, _, err := h.access.SignIn(t.Context(), access.Credentials{
		Name: "vic@example.com", Password: password,
	})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s := &stream{
		Server: h.page, w: w, out: http.NewResponseController(w), ready: true,
		visit: &visit{Request: httptest.NewRequest(http.MethodGet, "/", nil), token: token},
	}
	if !s.look() || !strings.Contains(w.Body.String(), "event: beat") {
		t.Errorf("while signed in: %q, want a beat", w.Body)
	}
	if err := h.access.SignOut(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if !s.look() {
		t.Error("the session is looked at more often than it should be")
	}
	s.heard = time.Now().Add(-streamBeat)
	if s.look() || !strings.Contains(w.Body.String(), "event: signed-out") {
		t.Errorf("after signing out: %q, want the end", w.Body)
	}
}

func TestStreams(t *testing.T) {
	var s streams
	for i := range streamsEach {
		if !s.begin("ada") {
			t.Fatalf("stream %d of one user is refused", i+1)
		}
	}
	if s.begin("ada") {
		t.Error("one user has more than the limit")
	}
	if !s.begin("max") {
		t.Error("another user is refused")
	}
	s.end("max")
	s.end("ada")
	if !s.begin("ada") {
		t.Error("the place of a stream that ended is not free")
	}
}

// TestLiveGone counts a stream out when its page is left.
func TestLiveGone(t *testing.T) {
	h := newHouse(t)
	b := h.as("vic@example.com")
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/e/sandbox/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	leave()
	h.server.CloseClientConnections()
	h.server.Close() // returns when every request has ended
	h.page.streams.mu.Lock()
	defer h.page.streams.mu.Unlock()
	if h.page.streams.total != 0 {
		t.Errorf("%d streams are left", h.page.streams.total)
	}
}
