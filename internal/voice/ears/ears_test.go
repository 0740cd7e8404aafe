package ears_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"nocall/internal/voice/ears"
)

func TestNewRefuses(t *testing.T) {
	for _, test := range []struct{ address, key string }{
		{"", ""},
		{"api.example.com", ""},
		{"ftp://api.example.com", ""},
		{"file:///etc/passwd", ""},
		{"wss:///v1/listen", ""},
		{"https://user:secret@api.example.com", ""},
		{"https://api.example.com", "secret\nHost: elsewhere"},
		{"https://%zz/secret", ""},
	} {
		_, err := ears.New(test.address, test.key, "en")
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("New(%q, %q) = %v, want an error without secrets", test.address, test.key, err)
		}
	}
}

// TestRealNetwork hears over TCP, with the usual client, through both kinds.
func TestRealNetwork(t *testing.T) {
	stream := func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		for {
			kind, m, err := c.Read(r.Context())
			if err != nil {
				return
			}
			if kind == websocket.MessageText && strings.Contains(string(m), "CloseStream") {
				_ = c.Write(r.Context(), websocket.MessageText, []byte(`{"type":"Results",`+
					`"is_final":true,"channel":{"alternatives":[{"transcript":"stop"}]}}`))
				c.Close(websocket.StatusNormalClosure, "")
				return
			}
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/listen", stream)
	mux.HandleFunc("POST /v1/audio/transcriptions", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"text":"stop"}`))
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	for _, address := range []string{
		strings.Replace(server.URL, "http", "ws", 1), server.URL + "/",
	} {
		got := listen(t, address)
		if len(got) != 1 || got[0] != "stop en" {
			t.Errorf("%s: heard %q, want stop", address, got)
		}
	}
}

func listen(t *testing.T, address string) []string {
	t.Helper()
	transcriber, err := ears.New(address, "key", "en")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	frames := make(chan []byte, 20)
	for range cap(frames) {
		frames <- []byte(strings.Repeat("a", 160))
	}
	close(frames)
	var turns []string
	err = transcriber.Listen(ctx, frames, func(text, language string) {
		turns = append(turns, text+" "+language)
	})
	if err != nil {
		t.Error(err)
	}
	return turns
}
