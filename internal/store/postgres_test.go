package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/store"
	"nocall/internal/store/storetest"
)

// follower passes on what it is told of doubts.
type follower struct {
	storetest.Notebook
	doubts chan bool
}

func newFollower() *follower { return &follower{doubts: make(chan bool, 100)} }

func (f *follower) Doubt(inDoubt bool) {
	f.Notebook.Doubt(inDoubt)
	f.doubts <- inDoubt
}

// expect waits until the follower is told that there is a doubt, or is none.
func (f *follower) expect(t *testing.T, want bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case got := <-f.doubts:
			if got == want {
				return
			}
		case <-late:
			t.Fatalf("was not told Doubt(%v)", want)
		}
	}
}

// running opens a store with the environment production and runs it.
func running(t *testing.T, dsn string, f store.Follower) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	s.Follow(f)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	w := dnc.World{Name: "production", Settings: dnc.DefaultSettings()}
	if _, err := s.AddWorld(t.Context(), w, "test"); err != nil {
		t.Fatal(err)
	}
	return s
}

func add(t *testing.T, s *store.Store, i int) error {
	t.Helper()
	_, _, err := s.AddEntry(t.Context(), dnc.Entry{
		Environment: "production", Number: e164.FromUint64(uint64(14155550000 + i)),
		CreatedBy: dnc.User, CreatedAt: time.Now(),
	})
	return err
}

// terminate ends the connection that holds one of the schema's two locks, as
// an administrator does.
func terminate(t *testing.T, dsn string, lock int) {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var ended bool
	err = db.QueryRowContext(t.Context(), `
		SELECT pg_terminate_backend(pid)
		FROM pg_locks
		WHERE locktype = 'advisory' AND classid = $1
			AND objid::bigint = hashtext(current_schema())::bigint & 4294967295`,
		lock).Scan(&ended)
	if err != nil || !ended {
		t.Fatalf("pg_terminate_backend = %v, %v", ended, err)
	}
}

func TestPostgresLosesLock(t *testing.T) {
	dsn := storetest.Schema(t, postgres(t))
	f := newFollower()
	s := running(t, dsn, f)
	terminate(t, dsn, 0x6e6f6301)
	f.expect(t, true)
	f.expect(t, false)
	if _, reloads, _ := f.Doubts(); reloads == 0 {
		t.Error("nothing was read anew after the lock was lost")
	}
	if err := add(t, s, 1); err != nil {
		t.Errorf("AddEntry = %v", err)
	}
	if _, err := store.Open(t.Context(), dsn); err == nil {
		t.Error("another store opens")
	}
}

func TestPostgresLosesWriter(t *testing.T) {
	dsn := storetest.Schema(t, postgres(t))
	f := newFollower()
	s := running(t, dsn, f)
	for i := range 3 {
		terminate(t, dsn, 0x6e6f6302)
		if err := add(t, s, i); err != nil {
			t.Errorf("AddEntry after the connection was lost = %v", err)
		}
	}
	if n := len(f.Told()); n != 4 {
		t.Errorf("told of %d events; want 4", n)
	}
}

// TestPostgresLosesCommit cuts the connection when a change is committed.
func TestPostgresLosesCommit(t *testing.T) {
	for _, test := range []struct {
		name  string
		cut   cut
		made  bool // the change was made
		known bool // and the store can find out
	}{
		{"before", cut{before: true}, false, true},
		{"after", cut{}, true, true},
		{"before, and nobody answers", cut{before: true, down: true}, false, false},
		{"after, and nobody answers", cut{down: true}, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dsn := storetest.Schema(t, postgres(t))
			wire := newWire(t, dsn)
			f := newFollower()
			s := running(t, wire.dsn, f)
			wire.arm(test.cut)
			err := add(t, s, 1)
			if test.made && test.known && err != nil || !test.known && err == nil {
				t.Errorf("AddEntry = %v; made %v, known %v", err, test.made, test.known)
			}
			made := test.made
			if test.known {
				made = err == nil // what shared a transaction that failed is done again
			}
			if !test.known {
				f.expect(t, true)
				wire.mend()
				f.expect(t, false)
			}
			if err := add(t, s, 2); err != nil {
				t.Errorf("AddEntry of another number = %v", err)
			}
			want := 2
			if made {
				want++
			}
			page, err := s.Trail(t.Context(), "production", dnc.TrailQuery{Limit: 9})
			if err != nil || page.Total != want {
				t.Errorf("Trail has %d events, %v; want %d", page.Total, err, want)
			}
			if doubts, _, _ := f.Doubts(); test.known && doubts > 0 {
				t.Errorf("%d doubts about what can be known", doubts)
			}
		})
	}
}

// cut says how a connection is cut at its next commit.
type cut struct {
	before bool // the server does not get it
	down   bool // and takes no new connections, until mended
}

// wire passes on what a client and a server say, until it is cut.
type wire struct {
	dsn    string
	server string

	mu    sync.Mutex // guards following
	armed *cut
	down  bool
	conns []net.Conn
}

func newWire(t *testing.T, dsn string) *wire {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil || address.Host == "" || !strings.Contains(dsn, "sslmode=disable") {
		t.Skip("set TEST_POSTGRES to an address with a host and sslmode=disable")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{server: address.Host}
	address.Host = listener.Addr().String()
	w.dsn = address.String()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.connect(client) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		w.closeAll()
		all.Wait()
	})
	return w
}

func (w *wire) arm(c cut) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = &c
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = false
}

func (w *wire) closeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
}

// keep notes connections, to be closed in the end, or reports that none are
// taken now.
func (w *wire) keep(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns = append(w.conns, conns...)
	return !w.down
}

// commits reports how a connection that sends text is cut, if it is.
func (w *wire) commits(text []byte) *cut {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.armed == nil || !bytes.Contains(text, []byte("commit\x00")) {
		return nil
	}
	c := w.armed
	w.armed, w.down = nil, c.down
	return c
}

func (w *wire) connect(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		return
	}
	defer server.Close()
	if !w.keep(client, server) {
		return
	}
	var lost sync.Mutex // held while what the server says is not passed on
	var answers sync.WaitGroup
	answered := make(chan struct{}, 1)
	answers.Go(func() {
		defer client.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			if err != nil {
				return
			}
			select {
			case answered <- struct{}{}:
			default:
			}
			lost.Lock()
			_, err = client.Write(buffer[:n])
			lost.Unlock()
			if err != nil {
				return
			}
		}
	})
	w.passOn(client, server, &lost, answered)
	server.Close()
	answers.Wait()
}

// passOn passes on what the client says, until its commit is cut.
func (w *wire) passOn(client, server net.Conn, lost *sync.Mutex, answered chan struct{}) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		c := w.commits(buffer[:n])
		if c != nil && c.before {
			client.Close()
			return
		}
		if c == nil {
			if _, err := server.Write(buffer[:n]); err != nil {
				return
			}
			continue
		}
		lost.Lock()
		defer lost.Unlock()
		select {
		case <-answered: // of what was said before
		default:
		}
		if _, err := server.Write(buffer[:n]); err == nil {
			<-answered // the server has committed
		}
		client.Close()
		return
	}
}
