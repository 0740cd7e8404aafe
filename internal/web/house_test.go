package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"nocall/internal/access"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/imports"
	"nocall/internal/index"
	"nocall/internal/intake"
	"nocall/internal/listen"
	"nocall/internal/optout"
	"nocall/internal/registry"
	"nocall/internal/results"
	"nocall/internal/snapshot"
	"nocall/internal/store"
	"nocall/internal/voice"
	"nocall/internal/voice/external"
	"nocall/internal/voice/simulator"
	"nocall/internal/voice/tape"
)

const password = "correct horse battery"

// passwordHash is the hash of password, at a cost that spares the tests.
var passwordHash = sync.OnceValue(func() string {
	salt := []byte("0123456789abcdef")
	sum := argon2.IDKey([]byte(password), salt, 1, 64, 1, 32)
	return "$argon2id$v=19$m=64,t=1,p=1$" + base64.RawStdEncoding.EncodeToString(salt) +
		"$" + base64.RawStdEncoding.EncodeToString(sum)
})

// detector is one for all tests: to read the phrases takes a while.
var detector = sync.OnceValue(optout.New)

// house is a whole node behind the page: a real store, index, dialer and
// simulator.
type house struct {
	t      *testing.T
	store  *store.Store
	index  *index.Index
	list   *dnc.List
	dialer *dialer.Dialer
	ears   *listen.Listener
	access *access.Access
	page   *Server
	server *httptest.Server

	registries *registry.Keeper
}

type follower struct {
	*dnc.List
	index      *index.Index
	source     index.Source
	registries *registry.Keeper
}

func (f follower) Apply(events []dnc.Event) {
	f.registries.Follow(events)
	f.List.Apply(events)
}

func (f follower) Doubt(inDoubt bool) { f.index.SetCurrent(!inDoubt) }

func (f follower) Reload(ctx context.Context) error { return f.index.Load(ctx, f.source) }

// newHouse builds a house with the environments sandbox and production, the
// users ada (admin), max (member) and vic (viewer), ready to use.
func newHouse(t *testing.T) *house {
	t.Helper()
	ctx := t.Context()
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "nocall.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	sealer, err := access.NewSealer(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	s.SealWith(sealer)
	h := &house{t: t, store: s, index: new(index.Index), access: &access.Access{Store: s}}
	h.registries = &registry.Keeper{
		Store: s, Shelf: snapshot.Shelf(filepath.Join(t.TempDir(), "registries")),
		Log: slog.New(slog.DiscardHandler),
	}
	h.list = &dnc.List{Index: h.index, Store: s, Registries: h.registries}
	s.Follow(follower{h.list, h.index, s, h.registries})
	h.assemble()
	for _, env := range []dnc.Environment{"sandbox", "production"} {
		_, err := s.AddWorld(ctx, dnc.World{
			Name: env, Settings: dnc.DefaultSettings(), CreatedAt: now().Add(-90 * day),
		}, "test")
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range []access.User{
		{Name: "ada@example.com", Role: access.Admin},
		{Name: "max@example.com", Role: access.Member},
		{Name: "vic@example.com", Role: access.Viewer},
	} {
		u.Password, u.CreatedAt = passwordHash(), now()
		if err := s.AddUser(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(h.registries.Open(ctx), h.index.Load(ctx, s)); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) assemble() {
	h.ears = &listen.Listener{
		List: h.list, Calls: h.store, Worlds: h.store, Detector: detector(),
	}
	h.dialer = &dialer.Dialer{
		List: h.list, Calls: h.store, Worlds: h.store, Listener: h.ears,
		Providers: dialer.Named{
			dialer.Simulator: &simulator.Provider{Speed: 200},
			"carrier-east":   &simulator.Provider{Speed: 200},
		},
		Tokens: external.New(), Agents: h.store, Campaigns: h.store, Node: "test",
	}
	h.page = &Server{
		List: h.list, Index: h.index, Dialer: h.dialer, Listener: h.ears,
		Access: h.access, Store: h.store,
		Version: "v0.1.0", Log: slog.New(slog.NewTextHandler(h.t.Output(), nil)),
		ReadWAV: readWAV, TestTrunk: testTrunk,
		Registries: h.registries, Intake: intake.Folder(filepath.Join(h.t.TempDir(), "intake")),
		Tapes: &tape.Shelf{Dir: h.t.TempDir(), Log: slog.New(slog.DiscardHandler)},
		Scrubs: &results.Shelf{
			Dir: filepath.Join(h.t.TempDir(), "results"), Log: slog.New(slog.DiscardHandler),
		},
	}
	h.page.Imports = &imports.Imports{List: h.list, Store: h.store, Open: opened}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	h.server = httptest.NewUnstartedServer(h.page.Handler())
	h.dialer.Log = h.page.Log
	h.server.Config.RegisterOnShutdown(stop)
	h.server.Start()
	go func() { ended <- h.dialer.Run(ctx) }()
	h.t.Cleanup(func() {
		h.server.CloseClientConnections()
		h.server.Close()
		stop()
		if err := <-ended; err != nil {
			h.t.Error(err)
		}
	})
}

// readWAV takes what begins as a WAV file does for a second of silence.
func readWAV(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(r)
	if err != nil || !strings.HasPrefix(string(text), "RIFF") {
		return nil, errors.New("media: not a WAV file")
	}
	return bytes.Repeat([]byte{0xff}, voice.SamplesPerSecond), nil
}

// testTrunk finds every trunk there but the one called silent.
func testTrunk(_ context.Context, _ dnc.Environment, name string) (voice.TrunkTest, error) {
	if name == "silent" {
		return voice.TrunkTest{Reason: "no answer within 4s", Registration: "off"}, nil
	}
	return voice.TrunkTest{
		OK: true, Code: 200, Reason: "OK", Took: 23 * time.Millisecond, Registration: "registered",
	}, nil
}

func number(t *testing.T, text string) e164.Number {
	t.Helper()
	n, err := e164.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// add lists a number as a person does.
func (h *house) add(env dnc.Environment, text, reason string) {
	h.t.Helper()
	_, _, err := h.list.Add(h.t.Context(), dnc.Entry{
		Environment: env, Number: number(h.t, text), CreatedBy: dnc.User,
		Reason: reason, User: "ada@example.com", CreatedAt: now(),
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// inbound begins a call that a contact makes, and returns it.
func (h *house) inbound(env dnc.Environment, text string) voice.Call {
	h.t.Helper()
	r := dialer.Request{
		Environment: env, CallerID: number(h.t, "+14155550100"), Provider: dialer.Simulator,
	}
	if text != "" {
		r.Number = number(h.t, text)
	}
	call, err := h.dialer.Inbound(h.t.Context(), r)
	if err != nil {
		h.t.Fatal(err)
	}
	return call
}

// say adds a turn to a call.
func (h *house) say(call voice.Call, speaker optout.Speaker, text string) {
	h.t.Helper()
	_, err := h.ears.Turn(h.t.Context(), call.Environment, call.ID, voice.Turn{
		Speaker: speaker, Text: text, Language: "en", At: now(),
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// browser is somebody who has a cookie jar.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
	htmx   bool // ask as the scripts of the page do
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &browser{t: h.t, base: h.server.URL, client: &http.Client{
		Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
}

// as returns somebody who is signed in.
func (h *house) as(user string) *browser {
	h.t.Helper()
	b := h.browser()
	r := b.post("/sign-in", "user", user, "password", password)
	if r.status != http.StatusSeeOther {
		h.t.Fatalf("sign in as %s: %d", user, r.status)
	}
	return b
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

// contains reports whether text stands in what came, as a person reads it.
func (r reply) contains(text string) bool {
	return strings.Contains(html.UnescapeString(r.body), text)
}

func (b *browser) get(path string) reply {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

// post sends a form of names and values.
func (b *browser) post(path string, fields ...string) reply {
	b.t.Helper()
	form := make(url.Values)
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path,
		strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (b *browser) do(r *http.Request) reply {
	b.t.Helper()
	if b.htmx {
		r.Header.Set("HX-Request", "true")
	}
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(body)}
}
