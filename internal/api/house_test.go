package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"nocall/internal/access"
	"nocall/internal/api"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/imports"
	"nocall/internal/index"
	"nocall/internal/intake"
	"nocall/internal/listen"
	"nocall/internal/optout"
	"nocall/internal/registry"
	"nocall/internal/snapshot"
	"nocall/internal/store"
	"nocall/internal/voice/external"
	"nocall/internal/voice/simulator"
)

// detector is one for all tests: to read the phrases takes a while.
var detector = sync.OnceValue(optout.New)

// house is everything behind the API, on a database of its own.
type house struct {
	api.Server
	store  *store.Store
	index  *index.Index
	folder string
	keys   map[string]string // secrets, by environment and role: "sandbox admin"
	web    *httptest.Server
	cookie http.Header // of the session of who signed in last

	revision atomic.Int64 // of the sandbox, for list

	mu   sync.Mutex // guards following
	rung []e164.Number
}

// follower passes what the store tells on to the list and the index.
type follower struct {
	*dnc.List
	index      *index.Index
	store      *store.Store
	registries *registry.Keeper
}

func (f follower) Apply(events []dnc.Event) {
	f.registries.Follow(events)
	f.List.Apply(events)
}

func (f follower) Reload(ctx context.Context) error { return f.index.Load(ctx, f.store) }

func (f follower) Doubt(inDoubt bool) { f.index.SetCurrent(!inDoubt) }

// newHouse puts a house together, with the environments sandbox and production
// and a key of every role in each. Settle, if not nil, changes the server
// before it is used.
func newHouse(t testing.TB, settle func(*house)) *house {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	folder := t.TempDir()
	s, err := store.Open(ctx, filepath.Join(folder, "nocall.db"))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{store: s, index: new(index.Index), keys: make(map[string]string), folder: folder}
	h.assemble()
	var works sync.WaitGroup
	works.Go(func() { s.Run(ctx) })        //nolint:errcheck // ends with ctx
	works.Go(func() { h.Dialer.Run(ctx) }) //nolint:errcheck // ends with ctx
	t.Cleanup(func() {
		if h.web != nil {
			h.web.Close()
		}
		cancel()
		works.Wait()
		s.Close()
	})
	h.furnish(t)
	if settle != nil {
		settle(h)
	}
	h.web = httptest.NewServer(h.Handler())
	return h
}

func (h *house) assemble() {
	log := slog.New(slog.DiscardHandler)
	h.Registries = &registry.Keeper{
		Store: h.store, Shelf: snapshot.Shelf(filepath.Join(h.folder, "registries")), Log: log,
	}
	h.Intake = intake.Folder(filepath.Join(h.folder, "intake"))
	h.List = &dnc.List{Index: h.index, Store: h.store, Registries: h.Registries}
	h.store.Follow(follower{h.List, h.index, h.store, h.Registries})
	h.Listener = &listen.Listener{
		List: h.List, Calls: h.store, Worlds: h.store, Detector: detector(),
	}
	h.Dialer = &dialer.Dialer{
		List: h.List, Calls: h.store, Worlds: h.store, Listener: h.Listener,
		Providers: dialer.Named{
			dialer.Simulator: &simulator.Provider{Speed: 1000, OnRing: h.ring},
		},
		Tokens: external.New(), Agents: h.store, Campaigns: h.store, Node: "test", Log: log,
	}
	h.Imports = &imports.Imports{List: h.List, Store: h.store, Open: opened}
	h.Access = &access.Access{Store: h.store}
	h.Store, h.Log, h.Platform, h.Version = h.store, log, "Fluents", "test"
	h.Ready = func() error {
		if !h.index.Ready() {
			return dnc.ErrUnready
		}
		return nil
	}
	h.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "nocall_ready 1\n") //nolint:errcheck // a test
	})
}

func (h *house) ring(n e164.Number) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rung = append(h.rung, n)
}

func (h *house) furnish(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	for _, env := range []dnc.Environment{"sandbox", "production"} {
		_, err := h.store.AddWorld(ctx, dnc.World{
			Name: env, Settings: dnc.DefaultSettings(),
		}, "test")
		if err != nil && !errors.Is(err, dnc.ErrEnvironmentExists) {
			t.Fatal(err)
		}
		for _, role := range []access.Role{access.Viewer, access.Member, access.Admin} {
			secret, _, err := h.Access.NewKey(ctx, access.Key{Environment: env, Role: role})
			if err != nil {
				t.Fatal(err)
			}
			h.keys[string(env)+" "+string(role)] = secret
		}
	}
	if err := errors.Join(h.Registries.Open(ctx), h.index.Load(ctx, h.store)); err != nil {
		t.Fatal(err)
	}
	w, err := h.store.World(ctx, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	h.revision.Store(w.Revision)
}

// ask is one request.
type ask struct {
	method, path, body string
	key                string // name of the key; "" for that of a sandbox admin, "none" for none
	header             http.Header
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

// do sends one request.
func (h *house) do(t testing.TB, a ask) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), a.method, h.web.URL+a.path,
		strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if a.header != nil {
		req.Header = a.header.Clone()
	}
	if a.body != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	switch a.key {
	case "":
		a.key = "sandbox admin"
		fallthrough
	default:
		if secret, ok := h.keys[a.key]; ok {
			a.key = secret
		}
		req.Header.Set("Authorization", "Bearer "+a.key)
	case "none":
	}
	resp, err := h.web.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(text)}
}

// get reads an answer as JSON.
func (r reply) get(t testing.TB) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(r.body), &out); err != nil {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return out
}

// text returns a field of an answer that is text.
func (r reply) text(t testing.TB, field string) string {
	t.Helper()
	s, _ := r.get(t)[field].(string)
	return s
}

// add puts a number on the list of the sandbox.
func (h *house) add(t testing.TB, number, reason string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"number": number, "reason": reason})
	if err != nil {
		t.Fatal(err)
	}
	r := h.do(t, ask{method: "POST", path: "/v1/environments/sandbox/entries", body: string(body)})
	if r.status != http.StatusCreated && r.status != http.StatusOK {
		t.Fatalf("add %s: %d %s", number, r.status, r.body)
	}
}

// serve answers one request without a connection.
func serve(t testing.TB, h http.Handler, method, path, body, form, key string) reply {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+key)
	if form != "" {
		req.Header.Set("Content-Type", form)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return reply{w.Code, w.Header(), w.Body.String()}
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
