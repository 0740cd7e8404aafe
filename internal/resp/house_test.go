package resp_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
	"nocall/internal/resp"
	"nocall/internal/store"
)

// TestMain sees to it that no client is left behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is the door and what stands behind it: a list with the numbers
// +14155550100 to +14155550149 in production.
type house struct {
	resp.Server
	store  *store.Store
	index  *index.Index
	region string
	key    string // of production, of a viewer
	keyID  string
	closed func() // closes the door and waits for the clients
	at     string // address
}

// Reload implements [store.Follower].
func (h *house) Reload(ctx context.Context) error { return h.index.Load(ctx, h.store) }

// Doubt implements [store.Follower].
func (h *house) Doubt(inDoubt bool) { h.index.SetCurrent(!inDoubt) }

// Apply implements [store.Follower].
func (h *house) Apply(events []dnc.Event) { h.List.Apply(events) }

// newHouse puts a house together that has read its lists, and opens the door.
func newHouse(t testing.TB) *house {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "nocall.db"))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{store: s, index: new(index.Index)}
	h.List = &dnc.List{Index: h.index, Store: s}
	h.Access = &access.Access{Store: s}
	h.Region = func(context.Context, dnc.Environment) (string, error) { return h.region, nil }
	h.Ready = func() error {
		if !h.index.Ready() {
			return dnc.ErrUnready
		}
		return nil
	}
	h.Log = slog.New(slog.DiscardHandler)
	s.Follow(h)
	var works sync.WaitGroup
	works.Go(func() { s.Run(ctx) }) //nolint:errcheck // ends with ctx
	t.Cleanup(func() {
		cancel()
		works.Wait()
		s.Close()
	})
	h.furnish(t)
	h.open(t, resp.Door{Address: "127.0.0.1:0"})
	return h
}

func (h *house) furnish(t testing.TB) {
	ctx := context.Background()
	for _, env := range []dnc.Environment{"sandbox", "production"} {
		w := dnc.World{Name: env, Settings: dnc.DefaultSettings()}
		if _, err := h.store.AddWorld(ctx, w, "test"); err != nil {
			t.Fatal(err)
		}
	}
	secret, key, err := h.Access.NewKey(ctx, access.Key{
		Environment: "production", Role: access.Viewer,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.key, h.keyID = secret, key.ID
	if err := h.index.Load(ctx, h.store); err != nil {
		t.Fatal(err)
	}
	h.list(t)
}

// list puts the numbers on the list, all at once.
func (h *house) list(t testing.TB) {
	var adding sync.WaitGroup
	for i := range uint64(50) {
		adding.Go(func() {
			_, _, err := h.List.Add(context.Background(), dnc.Entry{
				Environment: "production", Number: e164.FromUint64(14155550100 + i),
				CreatedBy: dnc.User,
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	adding.Wait()
}

// open opens the door until the test ends.
func (h *house) open(t testing.TB, door resp.Door) {
	t.Helper()
	l, err := door.Listen()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := h.Serve(ctx, l); err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
	h.at = l.Addr().String()
	h.closed = func() {
		cancel()
		serving.Wait()
	}
	t.Cleanup(h.closed)
}

// line is a client's connection.
type line struct {
	net.Conn
	*bufio.Reader
	t testing.TB
}

// Read reads what was answered.
func (l *line) Read(b []byte) (int, error) { return l.Reader.Read(b) }

// dial connects a client, which has not said who it is.
func (h *house) dial(t testing.TB) *line {
	t.Helper()
	conn, err := net.Dial("tcp", h.at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &line{conn, bufio.NewReader(conn), t}
}

// enter connects a client with the key.
func (h *house) enter(t testing.TB) *line {
	t.Helper()
	l := h.dial(t)
	if got := l.ask("AUTH", h.key); got != "+OK" {
		t.Fatalf("AUTH = %q", got)
	}
	return l
}

// request is a request as it goes over the wire.
func request(words ...string) string {
	var b strings.Builder
	b.WriteString("*" + strconv.Itoa(len(words)) + "\r\n")
	for _, w := range words {
		b.WriteString("$" + strconv.Itoa(len(w)) + "\r\n" + w + "\r\n")
	}
	return b.String()
}

// ask sends a request and returns the answer; see [line.answer].
func (l *line) ask(words ...string) string {
	l.t.Helper()
	l.send(request(words...))
	return l.answer()
}

func (l *line) send(text string) {
	l.t.Helper()
	if _, err := io.WriteString(l.Conn, text); err != nil {
		l.t.Fatal(err)
	}
}

// answer reads one answer: a line with its sign, the text of a bulk string, or
// the elements of an array with spaces between them, in brackets.
func (l *line) answer() string {
	l.t.Helper()
	text, err := l.ReadString('\n')
	if err != nil {
		return err.Error()
	}
	text = strings.TrimSuffix(text, "\r\n")
	n, _ := strconv.Atoi(text[1:])
	switch text[0] {
	case '$':
		if n < 0 {
			return text
		}
		b := make([]byte, n+2)
		if _, err := io.ReadFull(l.Reader, b); err != nil {
			l.t.Fatal(err)
		}
		return string(b[:n])
	case '%':
		n *= 2
		fallthrough
	case '*':
		all := make([]string, n)
		for i := range all {
			all[i] = l.answer()
		}
		return text[:1] + "[" + strings.Join(all, " ") + "]"
	}
	return text
}
