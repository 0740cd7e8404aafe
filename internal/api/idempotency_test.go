package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nocall/internal/access"
	"nocall/internal/api"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// withKey is a POST with an Idempotency-Key.
func withKey(path, body, key string) ask {
	return ask{
		method: "POST", path: path, body: body, header: http.Header{"Idempotency-Key": {key}},
	}
}

func TestIdempotency(t *testing.T) {
	h := newHouse(t, nil)
	const body = `{"number":"+14155550123","reason":"once"}`
	first := h.do(t, withKey(sandbox+"/entries", body, "k1"))
	h.do(t, ask{method: "DELETE", path: sandbox + "/entries/14155550123"})
	again := h.do(t, withKey(sandbox+"/entries", body, "k1"))
	if first.status != 201 || again.status != 201 || again.body != first.body ||
		again.header.Get("Content-Type") != first.header.Get("Content-Type") ||
		again.header.Get("Location") != first.header.Get("Location") ||
		again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("first %d %s %v; again %d %s %v", first.status, first.body, first.header,
			again.status, again.body, again.header)
	}
	h.run(t, []row{{"GET", "~/check/14155550123", "", 200, "clear", "", ""}}) // it was done once

	other := h.do(t, withKey(sandbox+"/entries", `{"number":"+14155550124"}`, "k1"))
	if other.status != 422 || other.text(t, "type") != "/problems/idempotency-key" {
		t.Errorf("same key, other body = %d %s, want 422", other.status, other.body)
	}
	if got := h.do(t, withKey(sandbox+"/calls/inbound", body, "k1")); got.status != 422 {
		t.Errorf("same key, other path = %d, want 422", got.status)
	}
	elsewhere := withKey(production+"/entries", body, "k1")
	elsewhere.key = "production admin"
	if got := h.do(t, elsewhere); got.status != 201 || got.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("same key in another environment = %d, want 201 of its own", got.status)
	}
	someone := withKey(sandbox+"/entries", body, "k1")
	someone.key = "sandbox member"
	if got := h.do(t, someone); got.header.Get("Idempotent-Replayed") != "" {
		t.Error("one asker was given the answer of another")
	}
	long := h.do(t, withKey(sandbox+"/entries", body, strings.Repeat("k", 256)))
	if long.status != 400 {
		t.Errorf("key of 256 characters = %d, want 400", long.status)
	}
	large := h.do(t, withKey(sandbox+"/entries", strings.Repeat(" ", 70_000), "k3"))
	if large.status != 413 {
		t.Errorf("large body with a key = %d, want 413", large.status)
	}
}

// What was not done may be tried again with the same key; what was refused for
// good is refused again, with the same call.
func TestIdempotencyOfRefusals(t *testing.T) {
	h := newHouse(t, nil)
	if got := h.do(t, withKey(sandbox+"/entries", `{"number":"x"}`, "k")); got.status != 422 {
		t.Fatalf("= %d", got.status)
	}
	if got := h.do(t, withKey(sandbox+"/entries", `{"number":"+14155550123"}`, "k")); got.status != 201 {
		t.Errorf("put right, with the same key = %d %s, want 201", got.status, got.body)
	}
	first := h.do(t, withKey(sandbox+"/calls", `{"number":"+14155550123"}`, "c"))
	again := h.do(t, withKey(sandbox+"/calls", `{"number":"+14155550123"}`, "c"))
	if first.status != 409 || again.status != 409 || first.body != again.body {
		t.Errorf("refused call: %d %s, then %d %s",
			first.status, first.body, again.status, again.body)
	}
	h.run(t, []row{{"GET", "~/calls", "", 200, `"total":1`, "", ""}})

	h.index.SetCurrent(false)
	call := withKey(sandbox+"/calls", `{"number":"+14155550199"}`, "u")
	if got := h.do(t, call); got.status != 503 {
		t.Errorf("call while unready = %d", got.status)
	}
	h.index.SetCurrent(true)
	if got := h.do(t, call); got.status != 201 {
		t.Errorf("the same when ready = %d %s, want 201", got.status, got.body)
	}
}

func TestIdempotencyAtOnce(t *testing.T) {
	h := newHouse(t, nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := make(map[int]int)
	for range 16 {
		wg.Go(func() {
			got := h.do(t, withKey(sandbox+"/calls/inbound", `{"number":"+14155550123"}`, "k"))
			mu.Lock()
			defer mu.Unlock()
			statuses[got.status]++
		})
	}
	wg.Wait()
	h.run(t, []row{{"GET", "~/calls", "", 200, `"total":1`, "", ""}})
	if statuses[201] == 0 || statuses[201]+statuses[409] != 16 {
		t.Errorf("statuses %v, want 201 and 409 only", statuses)
	}
}

func TestSecretsAreNotKept(t *testing.T) {
	h := newHouse(t, nil)
	first := h.do(t, withKey(sandbox+"/keys", `{"role":"viewer"}`, "k"))
	again := h.do(t, withKey(sandbox+"/keys", `{"role":"viewer"}`, "k"))
	if first.text(t, "secret") == "" || again.text(t, "secret") != "" ||
		first.text(t, "id") != again.text(t, "id") || again.status != 201 {
		t.Errorf("first %s, again %s", first.body, again.body)
	}
	h.run(t, []row{{"GET", "~/keys", "", 200, `"total":4`, "", ""}})
}

// brokenStore fails to write an entry the first time, or panics.
type brokenStore struct {
	dnc.Store
	mu    sync.Mutex // guards following
	tries int
}

func (s *brokenStore) AddEntry(ctx context.Context, e dnc.Entry) (dnc.Entry, bool, error) {
	s.mu.Lock()
	s.tries++
	try := s.tries
	s.mu.Unlock()
	switch try {
	case 1:
		return dnc.Entry{}, false, errors.New("disk on fire at +14155550123")
	case 2:
		panic("disk on fire")
	}
	return s.Store.AddEntry(ctx, e)
}

// More changes than are kept waiting are for later, with the same key.
func TestBusy(t *testing.T) {
	h := newHouse(t, func(h *house) { h.List.Store = &busyStore{Store: h.store} })
	add := withKey(sandbox+"/entries", `{"number":"+14155550123"}`, "k")
	got := h.do(t, add)
	if got.status != 503 || got.text(t, "type") != "/problems/busy" ||
		got.header.Get("Retry-After") == "" {
		t.Errorf("busy store = %d %s, want 503 with Retry-After", got.status, got.body)
	}
	if got := h.do(t, add); got.status != 201 {
		t.Errorf("later = %d %s, want 201", got.status, got.body)
	}
}

// busyStore is busy the first time.
type busyStore struct {
	dnc.Store
	asked atomic.Bool
}

func (s *busyStore) AddEntry(ctx context.Context, e dnc.Entry) (dnc.Entry, bool, error) {
	if s.asked.CompareAndSwap(false, true) {
		return dnc.Entry{}, false, dnc.ErrBusy
	}
	return s.Store.AddEntry(ctx, e)
}

// An error of the server says nothing of its inside, and is not kept.
func TestErrorsOfTheServer(t *testing.T) {
	h := newHouse(t, func(h *house) { h.List.Store = &brokenStore{Store: h.store} })
	add := withKey(sandbox+"/entries", `{"number":"+14155550123"}`, "k")
	for range 2 {
		got := h.do(t, add)
		if got.status != 500 || strings.Contains(got.body, "fire") ||
			got.text(t, "type") != "/problems/internal" {
			t.Errorf("broken store = %d %s, want 500 without detail", got.status, got.body)
		}
	}
	if got := h.do(t, add); got.status != 201 || got.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("mended store = %d %s, want 201", got.status, got.body)
	}
}

// A process that was cut off has left its claims. An entry is added again, and
// is the same; of a call nobody knows whether it was placed.
func TestIdempotencyAfterACrash(t *testing.T) {
	h := newHouse(t, nil)
	const number = `{"number":"+14155550123"}`
	h.crash(t, sandbox+"/entries", number, "e")
	h.crash(t, sandbox+"/calls/inbound", number, "c")
	h.web.Config.Handler = h.Handler() // the process that comes after
	if got := h.do(t, withKey(sandbox+"/entries", number, "e")); got.status != 201 {
		t.Errorf("entry after a crash = %d %s, want 201", got.status, got.body)
	}
	got := h.do(t, withKey(sandbox+"/calls/inbound", number, "c"))
	if got.status != 409 || got.text(t, "type") != "/problems/under-way" {
		t.Errorf("call after a crash = %d %s, want 409", got.status, got.body)
	}
}

// crash claims the answer to a request and gives none.
func (h *house) crash(t *testing.T, path, body, key string) {
	t.Helper()
	store := h.Store
	hung := &hungStore{Store: store, claimed: make(chan struct{}), over: make(chan struct{})}
	h.Store = hung
	h.web.Config.Handler = h.Handler()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		req, err := http.NewRequestWithContext(ctx, "POST", h.web.URL+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+h.keys["sandbox admin"])
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
		if resp, err := h.web.Client().Do(req); err == nil {
			resp.Body.Close()
			t.Errorf("%s was answered", path)
		}
	})
	<-hung.claimed
	cancel()
	wg.Wait()
	t.Cleanup(func() { close(hung.over) })
	h.Store = store
}

// hungStore hangs once a reply is claimed.
type hungStore struct {
	api.Store
	claimed, over chan struct{}
}

func (s *hungStore) ClaimReply(
	ctx context.Context, r access.Reply,
) (access.Reply, bool, error) {
	_, _, err := s.Store.ClaimReply(ctx, r)
	close(s.claimed)
	<-s.over
	return access.Reply{}, false, err
}

func TestRepliesAreKeptForADay(t *testing.T) {
	h := newHouse(t, nil)
	id, err := h.Access.Authenticate(t.Context(), h.keys["sandbox admin"])
	if err != nil {
		t.Fatal(err)
	}
	old := access.Reply{
		Environment: "sandbox", Key: id.KeyID + " k", CreatedAt: time.Now().Add(-25 * time.Hour),
	}
	if _, mine, err := h.store.ClaimReply(t.Context(), old); !mine || err != nil {
		t.Fatal(mine, err)
	}
	if got := h.do(t, withKey(sandbox+"/entries", `{"number":"+14155550123"}`, "k")); got.status != 201 {
		t.Errorf("key of yesterday = %d %s, want 201", got.status, got.body)
	}
}

func FuzzBodies(f *testing.F) {
	h := newHouse(f, func(h *house) { h.RequestsPerSecond = 1e6 })
	handler := h.Handler()
	paths := []string{
		"/entries", "/check", "/calls", "/calls/inbound", "/calls/x/turns", "/calls/x/keys",
		"/calls/x/end", "/calls/x/dial", "/keys",
	}
	for i := range paths {
		f.Add(byte(i), `{"number":"+14155550123","numbers":["x"],"keys":"9"}`, "application/json")
	}
	f.Add(byte(1), "+14155550123\n\n\x00", "text/plain")
	f.Add(byte(0), "[]", "application/json; charset=utf-8")
	f.Add(byte(0), "{}", "a/b+json;+")
	f.Fuzz(func(t *testing.T, which byte, body, form string) {
		path := sandbox + paths[int(which)%len(paths)]
		got := serve(t, handler, "POST", path, body, form, h.keys["sandbox member"])
		if got.status >= 500 {
			t.Errorf("POST %s %q as %q = %d %s", path, body, form, got.status, got.body)
		}
	})
}

func FuzzCursors(f *testing.F) {
	h := newHouse(f, func(h *house) { h.RequestsPerSecond = 1e6 })
	handler := h.Handler()
	for i := range 3 {
		h.add(f, fmt.Sprintf("+1415555012%d", i), "")
	}
	first := h.do(f, ask{method: "GET", path: sandbox + "/entries?limit=1"})
	f.Add(first.text(f, "next_cursor"), "415")
	f.Add("e30", "")
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, cursor, search string) {
		for _, path := range []string{"/entries", "/events", "/calls", "/keys"} {
			path = sandbox + path + "?cursor=" + escape(cursor) + "&search=" + escape(search) +
				"&number=" + escape(search)
			got := serve(t, handler, "GET", path, "", "", h.keys["sandbox admin"])
			if got.status >= 500 {
				t.Errorf("GET %s = %d %s", path, got.status, got.body)
			}
		}
	})
}

func FuzzPathNumbers(f *testing.F) {
	h := newHouse(f, func(h *house) { h.RequestsPerSecond = 1e6 })
	handler := h.Handler()
	for _, n := range []string{"14155550123", "+14155550123", "(415) 555", "../entries", "%"} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, number string) {
		got := serve(t, handler, "GET", sandbox+"/check/"+escape(number), "", "",
			h.keys["sandbox viewer"])
		switch {
		case got.status >= 500:
			t.Errorf("check of %q = %d %s", number, got.status, got.body)
		case got.status == 200 && strings.Contains(got.body, `"verdict"`):
			if n, err := e164.Parse(got.text(t, "number")); err != nil || n.IsZero() {
				t.Errorf("check of %q = %s", number, got.body)
			}
		}
	})
}
