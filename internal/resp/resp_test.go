package resp_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/resp"
)

const (
	listed = "+14155550123"
	clear  = "+14155550150"
)

// TestAnswers asks whatever a client may ask, one after the other.
func TestAnswers(t *testing.T) {
	h := newHouse(t)
	l := h.enter(t)
	for _, test := range []struct {
		words []string
		want  string
	}{
		{[]string{"SISMEMBER", "production", listed}, ":1"},
		{[]string{"SISMEMBER", "production", clear}, ":0"},
		{[]string{"SISMEMBER", "production", listed[1:]}, ":1"},
		{[]string{"SISMEMBER", "dnc:production", listed}, ":1"},
		{[]string{"sIsMember", "production", "+1 (415) 555-0123"}, ":1"},
		{[]string{"SMISMEMBER", "production", listed, clear, listed}, "*[:1 :0 :1]"},
		{[]string{"smismember", "dnc:production", clear}, "*[:0]"},

		// What is no number is an error, and never 0.
		{[]string{"SISMEMBER", "production", ""}, "-ERR number cannot be read: no digits"},
		{[]string{"SISMEMBER", "production", "4155550123"}, "-ERR number cannot be read: "},
		{[]string{"SISMEMBER", "production", "+1415555x"}, "-ERR number cannot be read: letters"},
		{[]string{"SISMEMBER", "production", "+0"}, "-ERR number cannot be read: "},
		{
			[]string{"SMISMEMBER", "production", clear, "12", clear},
			"-ERR number 2 cannot be read: ",
		},
		// So is what is asked of other lists, or the wrong way.
		{[]string{"SISMEMBER", "sandbox", clear}, "-NOPERM "},
		{[]string{"SISMEMBER", "dnc", clear}, "-NOPERM "},
		{[]string{"SISMEMBER", "", clear}, "-NOPERM "},
		{[]string{"SMISMEMBER", "dnc:", clear}, "-NOPERM "},
		{[]string{"SISMEMBER", "production"}, "-ERR wrong number of arguments for 'sismember'"},
		{[]string{"SISMEMBER", "production", clear, clear}, "-ERR wrong number of arguments"},
		{[]string{"SMISMEMBER", "production"}, "-ERR wrong number of arguments for 'smismember'"},
		{[]string{"SMISMEMBER"}, "-ERR wrong number of arguments"},

		{[]string{"PING"}, "+PONG"},
		{[]string{"ping", "hello"}, "hello"},
		{[]string{"PING", "a", "b"}, "-ERR wrong number of arguments for 'ping'"},
		{[]string{"ECHO", ""}, ""},
		{[]string{"SELECT", "0"}, "+OK"},
		{[]string{"SELECT", "1"}, "-ERR DB index is out of range"},
		{[]string{"CLIENT", "SETNAME", "dialer"}, "+OK"},
		{[]string{"CLIENT", "SETINFO", "LIB-NAME", "some"}, "+OK"},
		{[]string{"CLIENT", "GETNAME"}, "$-1"},
		{[]string{"CLIENT", "ID"}, ":"},
		{[]string{"CLIENT", "KILL", "1"}, "-ERR unknown subcommand"},
		{[]string{"CLIENT"}, "-ERR wrong number of arguments for 'client'"},
		{[]string{"COMMAND", "DOCS"}, "*[]"},
		{[]string{"INFO"}, "# Server\r\nredis_version:7.0.0\r\n"},
		{[]string{"SADD", "production", listed}, "-ERR unknown command"},
		{[]string{"GET", listed}, "-ERR unknown command"},
		{[]string{strings.Repeat("X", 1000)}, "-ERR unknown command"},

		{[]string{"HELLO"}, "*[server redis version 7.0.0 proto :2 id :"},
		{[]string{"HELLO", "3", "SETNAME", "me"}, "%[server redis version 7.0.0 proto :3 id :"},
		{[]string{"CLIENT", "GETNAME"}, "_"},
		{[]string{"SMISMEMBER", "production", listed, clear}, "*[:1 :0]"},
		{[]string{"HELLO", "4"}, "-NOPROTO "},
		{[]string{"HELLO", "3", "NOISE"}, "-ERR unknown subcommand or option"},
		{[]string{"HELLO", "2", "AUTH", "default", h.key}, "*[server redis"},
		{[]string{"AUTH", "somebody", h.key}, "+OK"},
		{[]string{"AUTH"}, "-ERR wrong number of arguments for 'auth'"},
		{[]string{"RESET"}, "+RESET"},
		{[]string{"SISMEMBER", "production", clear}, "-NOAUTH "},
		{[]string{"HELLO", "3", "AUTH", "default", h.key}, "%[server redis"},
		{[]string{"QUIT"}, "+OK"},
	} {
		got := l.ask(test.words...)
		if !strings.HasPrefix(got, test.want) || len(test.want) < 4 && got != test.want &&
			test.want != ":" {
			t.Errorf("%q = %q, want %q", test.words, got, test.want)
		}
	}
}

// TestWithoutKey answers nothing to one who has not said who it is, and leaves
// one who guesses.
func TestWithoutKey(t *testing.T) {
	h := newHouse(t)
	l := h.dial(t)
	for _, words := range [][]string{
		{"SISMEMBER", "production", clear},
		{"SMISMEMBER", "production", clear, clear},
		{"SISMEMBER", "production", "no number"},
		{"SISMEMBER"},
		{"PING"},
		{"INFO"},
		{"HELLO"},
		{"HELLO", "3"},
		{"SELECT", "0"},
		{"NOISE"},
	} {
		if got := l.ask(words...); got != "-NOAUTH Authentication required." {
			t.Errorf("%q = %q", words, got)
		}
	}
	wrong := h.key[:len(h.key)-1] + "?"
	for _, words := range [][]string{
		{"AUTH", "secret"}, {"HELLO", "3", "AUTH", "default", wrong}, {"AUTH", "default", wrong},
	} {
		if got := l.ask(words...); !strings.HasPrefix(got, "-WRONGPASS ") {
			t.Errorf("%q = %q", words, got)
		}
	}
	if got := l.ask("AUTH", h.key); got == "+OK" {
		t.Error("a fourth key was taken")
	}
	l = h.dial(t)
	l.send("*17\r\n")
	if got := l.answer(); !strings.HasPrefix(got, "-ERR Protocol error: a length") {
		t.Errorf("many words without a key: %q", got)
	}
}

// TestRemovedKey answers nothing more from the moment a key is removed.
func TestRemovedKey(t *testing.T) {
	h := newHouse(t)
	l := h.enter(t)
	if got := l.ask("SISMEMBER", "production", clear); got != ":0" {
		t.Fatal(got)
	}
	long := request("SMISMEMBER", "production", clear, clear)
	l.send(request("PING") + long[:len(long)-4])
	if got := l.answer(); got != "+PONG" { // the rest has been read too
		t.Fatal(got)
	}
	if err := h.Access.RemoveKey(t.Context(), "production", h.keyID); err != nil {
		t.Fatal(err)
	}
	l.send(long[len(long)-4:] + request("SISMEMBER", "production", clear))
	for range 2 {
		if got := l.answer(); got != "-NOAUTH Authentication required." {
			t.Errorf("with a key that was removed: %q", got)
		}
	}
}

// TestUnready never answers 0 while the list is not certain.
func TestUnready(t *testing.T) {
	h := newHouse(t)
	l := h.enter(t)
	h.index.SetCurrent(false)
	const unready = "-LOADING the list is not ready: nothing is cleared"
	for want, words := range map[string][]string{
		unready:             {"SISMEMBER", "production", clear},
		":1":                {"SISMEMBER", "production", listed},
		"*[:1 :1]":          {"SMISMEMBER", "production", listed, listed},
		unready[:8]:         {"SMISMEMBER", "production", listed, clear},
		"+PONG":             {"PING"},
		"# Server\r\nredis": {"INFO"},
	} {
		if got := l.ask(words...); !strings.HasPrefix(got, want) {
			t.Errorf("%q = %q, want %q", words, got, want)
		}
	}
	if got := l.ask("INFO"); !strings.Contains(got, "loading:1\r\n") {
		t.Errorf("INFO = %q", got)
	}
	h.index.SetCurrent(true)
	if got := l.ask("SISMEMBER", "production", clear); got != ":0" {
		t.Errorf("ready again: %q", got)
	}
	if got := l.ask("INFO"); !strings.Contains(got, "loading:0\r\n") {
		t.Errorf("INFO = %q", got)
	}
	// The environment goes away, and its key is still known to be right.
	h.index.Apply(dnc.Event{Environment: "production", Kind: dnc.EnvironmentRemoved, Revision: 100})
	if got := l.ask("SISMEMBER", "production", clear); got[0] != '-' {
		t.Errorf("without an environment: %q", got)
	}
}

// TestPipeline answers requests that come together, in their order.
func TestPipeline(t *testing.T) {
	h := newHouse(t)
	l := h.enter(t)
	var sent, want []string
	for i := range 3000 {
		switch {
		case i%50 == 7:
			sent, want = append(sent, request("PING")), append(want, "+PONG")
		case i%50 == 20:
			sent = append(sent, request("SISMEMBER", "production", "nobody"))
			want = append(want, "-ERR number cannot be read: letters in the number: "+
				"write digits only")
		case i%50 == 30:
			sent = append(sent, request("SMISMEMBER", "production", listed, clear))
			want = append(want, "*[:1 :0]")
		case i%3 == 0:
			sent = append(sent, request("SISMEMBER", "production", listed))
			want = append(want, ":1")
		default:
			sent = append(sent, request("SISMEMBER", "production", clear))
			want = append(want, ":0")
		}
	}
	go l.send(strings.Join(sent, ""))
	for i, want := range want {
		if got := l.answer(); got != want {
			t.Fatalf("answer %d = %q, want %q", i, got, want)
		}
	}
}

// TestMany asks for as many numbers at once as may be asked for, and one more.
func TestMany(t *testing.T) {
	h := newHouse(t)
	l := h.enter(t)
	words := []string{"SMISMEMBER", "production"}
	for i := range uint64(100_000) {
		words = append(words, e164.FromUint64(14155550000+i).String())
	}
	go l.send(request(words...))
	got := l.answer()
	if n := strings.Count(got, ":1"); n != 50 || len(got) != 300_002 {
		t.Errorf("%d of them are listed, want 50; %d bytes", n, len(got))
	}
	if got := l.ask("SISMEMBER", "production", listed); got != ":1" {
		t.Errorf("afterwards %q", got)
	}
	l.send("*100003\r\n")
	if got := l.answer(); !strings.HasPrefix(got, "-ERR Protocol error: a length") {
		t.Errorf("one more: %q", got)
	}
}

// TestProtocolError answers what came before, and then leaves.
func TestProtocolError(t *testing.T) {
	h := newHouse(t)
	for _, wrong := range []string{
		"PING\r\n", "GET / HTTP/1.1\r\n", "*x\r\n", "*-1\r\n", "*1\n", "*\r\n", "*1\r\r\n",
		"*1\r\n+PING\r\n", "*1\r\n$4\r\nPING\n\n", "*1\r\n$-1\r\n", "*1\r\n$1025\r\n",
		"*00000000000000000", "*1\r\n$99999999999999999999\r\n",
		"*4\r\n$10\r\nSMISMEMBER\r\n$10\r\nproduction\r\n$12\r\n+14155550123\r\n$x",
	} {
		l := h.enter(t)
		l.send(request("SISMEMBER", "production", listed) + "*0\r\n" + wrong)
		if got := l.answer(); got != ":1" {
			t.Errorf("before %q: %q", wrong, got)
		}
		if got := l.answer(); !strings.HasPrefix(got, "-ERR Protocol error: ") {
			t.Errorf("%q: %q", wrong, got)
		}
		if got := l.answer(); !strings.Contains(got, "EOF") && !strings.Contains(got, "reset") {
			t.Errorf("after %q: %q", wrong, got)
		}
	}
}

// TestHome reads national forms where the environment has a region, and refuses
// digits that are another number there.
func TestHome(t *testing.T) {
	h := newHouse(t)
	h.region = "US"
	l := h.enter(t)
	for number, want := range map[string]string{
		"(415) 555-0123": ":1", "4155550123": ":1", listed[1:]: ":1", clear[1:]: ":0",
	} {
		if got := l.ask("SISMEMBER", "production", number); got != want {
			t.Errorf("%q in the US = %q, want %q", number, got, want)
		}
	}
	const two = "-ERR number cannot be read: can be read as two numbers"
	if got := l.ask("SISMEMBER", "production", "2025550123"); !strings.HasPrefix(got, two) {
		t.Errorf("a number of Egypt or of Washington = %q", got)
	}
	h.Region = func(context.Context, dnc.Environment) (string, error) {
		return "", errors.New("the database is away")
	}
	const failed = "-ERR it cannot be said now: nothing is cleared"
	if got := l.ask("SISMEMBER", "production", clear[1:]); got != failed {
		t.Errorf("without a region = %q", got)
	}
	if got := l.ask("SISMEMBER", "production", clear); got != ":0" {
		t.Errorf("without need of one = %q", got)
	}
}

// TestClose answers what has been asked for before the door is closed, and
// leaves clients that ask for nothing.
func TestClose(t *testing.T) {
	h := newHouse(t)
	idle, other := h.enter(t), h.dial(t)
	begin := time.Now()
	h.closed()
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("closed after %v", took)
	}
	for _, l := range []*line{idle, other} {
		if got := l.answer(); got != "EOF" {
			t.Errorf("after the door was closed: %q", got)
		}
	}
}

// TestRole lets in keys of every role.
func TestRole(t *testing.T) {
	h := newHouse(t)
	for _, role := range []access.Role{access.Viewer, access.Member, access.Admin} {
		secret, _, err := h.Access.NewKey(t.Context(), access.Key{
			Environment: "sandbox", Role: role,
		})
		if err != nil {
			t.Fatal(err)
		}
		l := h.dial(t)
		l.ask("AUTH", secret)
		if got := l.ask("SISMEMBER", "sandbox", listed); got != ":0" {
			t.Errorf("a number of production in the sandbox, by a %s: %q", role, got)
		}
		if got := l.ask("SISMEMBER", "production", clear); !strings.HasPrefix(got, "-NOPERM ") {
			t.Errorf("production, by a %s of the sandbox: %q", role, got)
		}
	}
}

// TestDoor opens for other machines only where keys are encrypted or that is
// said to be meant.
func TestDoor(t *testing.T) {
	for _, test := range []struct {
		door resp.Door
		want error
	}{
		{resp.Door{Address: "127.0.0.1:0"}, nil},
		{resp.Door{Address: "localhost:0"}, nil},
		{resp.Door{Address: "[::1]:0"}, nil},
		{resp.Door{Address: "0.0.0.0:0"}, resp.ErrPlain},
		{resp.Door{Address: ":0"}, resp.ErrPlain},
		{resp.Door{Address: "192.0.2.1:0"}, resp.ErrPlain},
		{resp.Door{Address: "0.0.0.0:0", Plain: true}, nil},
	} {
		l, err := test.door.Listen()
		if !errors.Is(err, test.want) {
			t.Errorf("%+v: %v, want %v", test.door, err, test.want)
		}
		if err == nil {
			l.Close()
		}
	}
	if _, err := (resp.Door{Address: "127.0.0.1:0", CertFile: "none"}).Listen(); err == nil {
		t.Error("listens without the key of its certificate")
	}
}
