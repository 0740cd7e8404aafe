package stream_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"nocall/internal/voice"
	"nocall/internal/voice/stream"
)

func TestDialRefuses(t *testing.T) {
	for _, url := range []string{
		"", "agent", "http://agent.test/", "https://agent.test/", "file:///etc/passwd",
		"ws:", "wss:///call", "ws://\x00", "unix:///run/x", "//agent.test/call",
	} {
		leg := leg
		leg.Agent.URL = url
		err := new(stream.Agent).Talk(t.Context(), leg, newLine())
		if err == nil || !strings.Contains(err.Error(), "want a URL as") {
			t.Errorf("Talk(%q) = %v, want that the URL is none", url, err)
		}
	}
}

// TestDialFails has addresses without a program behind them.
func TestDialFails(t *testing.T) {
	answer := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "ws://elsewhere.test/secret")
			w.WriteHeader(status)
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"sends us elsewhere", answer(http.StatusFound), "answered 302"},
		{"keeps the method elsewhere", answer(http.StatusTemporaryRedirect), "answered 307"},
		{"has no such path", answer(http.StatusNotFound), "answered 404"},
		{"is no WebSocket", answer(http.StatusOK), "answered 200"},
		{
			"never answers",
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			"deadline exceeded",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				agent := stream.Agent{Client: serve(t, test.handler)}
				err := agent.Talk(t.Context(), leg, newLine())
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
				checkSecrets(t, err)
				if d := time.Since(begin); d > 6*time.Second {
					t.Errorf("took %v", d)
				}
			})
		})
	}
}

// TestRealNetwork talks over TCP, with the usual client.
func TestRealNetwork(t *testing.T) {
	l := newLine()
	server := httptest.NewServer(echoing(t, l))
	defer server.Close()
	leg := leg
	leg.Agent.URL = strings.Replace(server.URL, "http", "ws", 1)
	checkEcho(t, new(stream.Agent), leg, l)
	server.Close()

	leg.Agent.URL += "/gone?key=secret"
	err := new(stream.Agent).Talk(t.Context(), leg, l)
	if err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v, want that the connection was refused", err)
	}
	checkSecrets(t, err)
}

// TestTLS talks over TLS with a server that would rather speak HTTP/2.
func TestTLS(t *testing.T) {
	l := newLine()
	server := httptest.NewUnstartedServer(echoing(t, l))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	leg := leg
	leg.Agent.URL = strings.Replace(server.URL, "https", "wss", 1)
	checkEcho(t, &stream.Agent{Client: server.Client()}, leg, l)

	err := new(stream.Agent).Talk(t.Context(), leg, l)
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v, want that nobody vouches for the certificate", err)
	}
}

// checkEcho says five frames and wants them back.
func checkEcho(t *testing.T, agent *stream.Agent, leg voice.Leg, l *line) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go l.run(ctx)
	for range 5 {
		l.say([]byte(strings.Repeat("e", voice.FrameBytes)))
	}
	if err := agent.Talk(ctx, leg, l); err != nil {
		t.Fatal(err)
	}
	if got := string(l.sounded()); got != strings.Repeat("e", 5*voice.FrameBytes) {
		t.Errorf("the echo was %d bytes, want 800", len(got))
	}
}

func echoing(t *testing.T, l *line) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		echo(t, r.Context(), c, l)
	}
}

// echo says what it hears, five frames, and waits until that has been played.
func echo(t *testing.T, ctx context.Context, c *websocket.Conn, l *line) {
	read(t, ctx, c)
	read(t, ctx, c)
	for range 5 {
		_, text, err := c.Read(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		write(t, ctx, c, string(text))
	}
	write(t, ctx, c, `{"event":"mark","mark":{"name":"end"}}`)
	if m := read(t, ctx, c); m["event"] != "mark" {
		t.Errorf("got %v, want the mark", m)
	}
	l.hangUp()
	read(t, ctx, c)
}
