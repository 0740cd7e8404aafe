package dialer_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
	"nocall/internal/listen"
	"nocall/internal/optout"
	"nocall/internal/store"
	"nocall/internal/voice"
	"nocall/internal/voice/external"
	"nocall/internal/voice/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const sandbox = dialer.Sandbox

// contact returns a number whose last two digits say what its contact does.
func contact(last int) e164.Number { return e164.FromUint64(1_415_555_0100 + uint64(last)) }

// house is a dialer on a real store, and the make-believe network.
type house struct {
	*dialer.Dialer
	store *flaky
	index *index.Index
	ears  *listen.Listener
	phone *simulator.Provider
	named dialer.Named // the providers
	log   *logged

	mu   sync.Mutex // guards following
	rung []e164.Number
}

// flaky is a store that can be told to fail.
type flaky struct {
	*store.Store
	broken atomic.Bool
}

var errBroken = errors.New("the disk is full")

func (f *flaky) AddEntry(ctx context.Context, e dnc.Entry) (dnc.Entry, bool, error) {
	if f.broken.Load() {
		return dnc.Entry{}, false, errBroken
	}
	return f.Store.AddEntry(ctx, e)
}

func (f *flaky) AddCall(ctx context.Context, c voice.Call) error {
	if f.broken.Load() {
		return errBroken
	}
	return f.Store.AddCall(ctx, c)
}

func (f *flaky) ChangeCall(
	ctx context.Context, env dnc.Environment, id string, change func(*voice.Call) error,
) (voice.Call, error) {
	if f.broken.Load() {
		return voice.Call{}, errBroken
	}
	return f.Store.ChangeCall(ctx, env, id, change)
}

func (f *flaky) BeginAttempt(
	ctx context.Context, env dnc.Environment, c campaign.Contact, call voice.Call,
) error {
	if f.broken.Load() {
		return errBroken
	}
	return f.Store.BeginAttempt(ctx, env, c, call)
}

func (f *flaky) EndAttempt(
	ctx context.Context, env dnc.Environment, id string, change func(*campaign.Contact) error,
) (campaign.Contact, error) {
	if f.broken.Load() {
		return campaign.Contact{}, errBroken
	}
	return f.Store.EndAttempt(ctx, env, id, change)
}

// follower passes on what the store tells.
type follower struct {
	*dnc.List
	index *index.Index
	store *store.Store
}

func (f follower) Doubt(inDoubt bool)               { f.index.SetCurrent(!inDoubt) }
func (f follower) Reload(ctx context.Context) error { return f.index.Load(ctx, f.store) }

// logged keeps what is logged at level info and above.
type logged struct {
	mu   sync.Mutex // guards following
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newHouse builds a house on a new database, ready to dial. Nothing that it
// logs may name a number.
func newHouse(t *testing.T) *house {
	t.Helper()
	h := open(t, filepath.Join(t.TempDir(), "nocall.db"))
	_, err := h.store.AddWorld(t.Context(), dnc.World{
		Name: sandbox, Settings: dnc.DefaultSettings(),
	}, "test")
	if err != nil {
		t.Fatal(err)
	}
	h.load(t)
	t.Cleanup(func() {
		h.close(t)
		if strings.Contains(h.log.String(), "1415555") {
			t.Errorf("a number was logged:\n%s", h.log)
		}
	})
	return h
}

// open builds a house on the database that dsn names. Its lists are not read.
func open(t *testing.T, dsn string) *house {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{store: &flaky{Store: s}, index: new(index.Index), log: new(logged)}
	h.phone = &simulator.Provider{OnRing: h.ring}
	h.named = dialer.Named{dialer.Simulator: h.phone}
	list := &dnc.List{Index: h.index, Store: h.store}
	s.Follow(follower{list, h.index, s})
	h.ears = &listen.Listener{
		List: list, Calls: h.store, Worlds: h.store, Detector: doubtful{optout.New()},
	}
	h.Dialer = &dialer.Dialer{
		List: list, Calls: h.store, Worlds: h.store, Listener: h.ears,
		Providers: h.named,
		Agents:    s, Campaigns: h.store, Node: "test",
		Tokens: external.New(), Log: slog.New(slog.NewTextHandler(h.log, nil)),
	}
	return h
}

func (h *house) load(t *testing.T) {
	t.Helper()
	if err := h.index.Load(t.Context(), h.store); err != nil {
		t.Fatal(err)
	}
}

func (h *house) close(t *testing.T) {
	t.Helper()
	h.stop(t)
	if n := h.List.Attempts(); n != 0 {
		t.Errorf("%d attempts are left over", n)
	}
	if err := h.store.Close(); err != nil {
		t.Error(err)
	}
}

// stop shuts the dialer down.
func (h *house) stop(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.Run(ctx); err != nil {
		t.Error(err)
	}
}

func (h *house) ring(n e164.Number) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rung = append(h.rung, n)
}

// rings returns how many phones rang so far.
func (h *house) rings() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.rung)
}

// request asks for a call to the contact whose number ends so.
func request(last int) dialer.Request {
	return dialer.Request{Environment: sandbox, Number: contact(last), By: "ada"}
}

// place has a call placed and fails the test where that is refused.
func (h *house) place(t *testing.T, r dialer.Request) voice.Call {
	t.Helper()
	call, err := h.Place(t.Context(), r)
	if err != nil {
		t.Fatalf("Place(%v): %v", r.Number, err)
	}
	return call
}

func (h *house) read(t *testing.T, id string) voice.Call {
	t.Helper()
	c, err := h.store.Call(t.Context(), sandbox, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// calls returns the calls kept so far, newest first.
func (h *house) calls(t *testing.T) []voice.Call {
	t.Helper()
	page, err := h.store.Calls(t.Context(), sandbox, voice.CallQuery{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return page.Calls
}

// want checks how a call stands or ended.
func (h *house) want(
	t *testing.T, id string, status voice.Status, how campaign.Disposition,
	why campaign.SkipReason,
) {
	t.Helper()
	c := h.read(t, id)
	if c.Status != status || c.Disposition != how || c.SkipReason != why {
		t.Errorf("call to %v is %s, %q, %q; want %s, %q, %q",
			c.Number, c.Status, c.Disposition, c.SkipReason, status, how, why)
	}
}

// add lists a number.
func (h *house) add(t *testing.T, n e164.Number) {
	t.Helper()
	_, _, err := h.List.Add(t.Context(), dnc.Entry{
		Environment: sandbox, Number: n, CreatedBy: dnc.User, User: "ada",
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) listed(t *testing.T, n e164.Number) bool {
	t.Helper()
	listed, err := h.List.Check(sandbox, n)
	if err != nil {
		t.Fatal(err)
	}
	return listed
}
