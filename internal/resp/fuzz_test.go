package resp

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
)

// source is a list with one number.
type source struct{}

// Read implements [index.Source].
func (source) Read(_ context.Context, into index.Reader) error {
	into.Environment("production", 1)
	into.Entry(e164.FromUint64(14155550123), dnc.User, 1)
	return nil
}

// oneKey is a store of one key.
type oneKey struct {
	access.Store
	key access.Key
}

// AddKey implements [access.Keys].
func (s *oneKey) AddKey(_ context.Context, k access.Key) error {
	s.key = k
	return nil
}

// Key implements [access.Keys].
func (s *oneKey) Key(_ context.Context, id string) (access.Key, error) {
	if s.key.ID != id {
		return access.Key{}, access.ErrNoKey
	}
	return s.key, nil
}

// newServer returns a server without a door, and its key.
func newServer(t testing.TB) (s *Server, key string) {
	x := new(index.Index)
	if err := x.Load(t.Context(), source{}); err != nil {
		t.Fatal(err)
	}
	s = &Server{
		List: &dnc.List{Index: x}, Access: &access.Access{Store: new(oneKey)},
		Region: func(context.Context, dnc.Environment) (string, error) { return "", nil },
		Ready:  func() error { return nil }, Log: slog.New(slog.DiscardHandler),
	}
	key, _, err := s.Access.NewKey(t.Context(), access.Key{
		Environment: "production", Role: access.Viewer,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, key
}

// script is a connection over which a text comes in pieces.
type script struct {
	net.Conn
	pieces       [][]byte
	bytes.Buffer // what was answered
}

// Read gives a piece.
func (s *script) Read(b []byte) (int, error) {
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(b, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; len(s.pieces[0]) == 0 {
		s.pieces = s.pieces[1:]
	}
	return n, nil
}

// Write takes an answer.
func (s *script) Write(b []byte) (int, error) { return s.Buffer.Write(b) }

// RemoteAddr returns no address of the world.
func (s *script) RemoteAddr() net.Addr { return &net.TCPAddr{} }

// SetReadDeadline and SetWriteDeadline do nothing: nothing is waited for.
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// answered returns what is answered to pieces of text by a server whose client has
// said who it is.
func answered(t *testing.T, s *Server, key string, pieces ...[]byte) string {
	conn := &script{pieces: pieces}
	c := newClient(t.Context(), s, conn)
	if !c.login(key) {
		t.Fatal("the key is not taken")
	}
	c.id = 1
	c.run()
	return conn.String()
}

// FuzzRequests answers whatever comes, and the same however it is cut up. It
// answers 0 only where the list was asked for a number.
func FuzzRequests(f *testing.F) {
	for _, text := range []string{
		"*3\r\n$9\r\nSISMEMBER\r\n$10\r\nproduction\r\n$12\r\n+14155550123\r\n",
		"*4\r\n$10\r\nSMISMEMBER\r\n$10\r\nproduction\r\n$11\r\n14155550123\r\n$1\r\n1\r\n",
		"*3\r\n$9\r\nsismember\r\n$14\r\ndnc:production\r\n$12\r\n+14155550124\r\n" +
			"*1\r\n$4\r\nPING\r\n",
		strings.Repeat("*3\r\n$9\r\nSisMember\r\n$10\r\nproduction\r\n$12\r\n+14155550123\r\n", 3) +
			"*3\r\n$9\r\nSisMember\r\n$10\r\nproduction\r\n$2\r\n+1\r\n",
		"*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n*1\r\n$5\r\nRESET\r\n*1\r\n$4\r\nINFO\r\n",
		"*0\r\n*2\r\n$6\r\nCLIENT\r\n$7\r\nGETNAME\r\n*1\r\n$4\r\nQUIT\r\n*1\r\n$0\r\n\r\n",
	} {
		f.Add([]byte(text), uint8(7))
	}
	s, key := newServer(f)
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		whole := answered(t, s, key, bytes.Clone(text))
		var pieces [][]byte
		for rest := bytes.Clone(text); len(rest) > 0; {
			n := min(len(rest), int(size)%61+1)
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		if cut := answered(t, s, key, pieces...); cut != whole {
			t.Errorf("in one piece %q, in several %q", whole, cut)
		}
		asks := strings.Contains(strings.ToUpper(string(text)), "ISMEMBER") &&
			bytes.Contains(text, []byte("production"))
		said := strings.ReplaceAll(whole, "loading:0", "") // of INFO
		if strings.Contains(said, ":0\r\n") && !asks && !bytes.Contains(text, []byte(":0")) {
			t.Errorf("%q is answered %q", text, whole)
		}
	})
}

// TestAllocation holds that a check makes no garbage. To look at the key again
// makes a little, once for all that come together.
func TestAllocation(t *testing.T) {
	s, key := newServer(t)
	one := "*3\r\n$9\r\nSISMEMBER\r\n$10\r\nproduction\r\n$12\r\n+14155550124\r\n"
	text := []byte(strings.Repeat(one, 100))
	conn := new(script)
	c := newClient(t.Context(), s, conn)
	if !c.login(key) {
		t.Fatal("the key is not taken")
	}
	batch := func() {
		conn.Reset()
		c.end = copy(c.in, text)
		c.recognize()
		if err := c.answer(); err != nil {
			t.Fatal(err)
		}
		c.flush()
	}
	batch()
	if n := testing.AllocsPerRun(100, batch); n > 1 {
		t.Errorf("%v allocations for 100 checks", n)
	}
	if got := conn.String(); got != strings.Repeat(":0\r\n", 100) {
		t.Errorf("answered %q", got)
	}
}

// BenchmarkAnswer answers 100 requests that came together, without a network.
func BenchmarkAnswer(b *testing.B) {
	s, key := newServer(b)
	one := "*3\r\n$9\r\nSISMEMBER\r\n$10\r\nproduction\r\n$12\r\n+14155550124\r\n"
	text := []byte(strings.Repeat(one, 100))
	conn := new(script)
	c := newClient(b.Context(), s, conn)
	if !c.login(key) {
		b.Fatal("the key is not taken")
	}
	b.ReportAllocs()
	for b.Loop() {
		conn.Reset()
		c.end = copy(c.in, text)
		c.recognize()
		if err := c.answer(); err != nil {
			b.Fatal(err)
		}
		c.flush()
	}
}
