package ears

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"nocall/internal/voice"
)

// The make-believe services hear letters: a frame of 160 times the same byte is
// that letter, and frames of 0xFF are silence.

// letters returns frames that say text, and some silence after it.
func letters(text string, silence time.Duration) [][]byte {
	var frames [][]byte
	for _, letter := range []byte(text) {
		frames = append(frames, frame(letter))
	}
	for range silence / voice.FrameTime {
		frames = append(frames, frame(0xFF))
	}
	return frames
}

func frame(b byte) []byte {
	sound := make([]byte, voice.FrameBytes)
	for i := range sound {
		sound[i] = b
	}
	return sound
}

// speak sends frames in real time, which in a bubble takes none, and ends.
func speak(t *testing.T, frames [][]byte) <-chan []byte {
	line := make(chan []byte, 100)
	go func() {
		defer close(line)
		for _, frame := range frames {
			select {
			case line <- frame:
				pause(t.Context(), voice.FrameTime)
			case <-t.Context().Done():
				return
			}
		}
	}()
	return line
}

// pipes is a network without a machine, for synctest.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, io.EOF
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "unix"} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve runs a server on a network of its own and returns the way to it.
func serve(t *testing.T, handler http.Handler) *http.Client {
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	var handling sync.WaitGroup
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handling.Add(1)
			defer handling.Done()
			handler.ServeHTTP(w, r)
		}),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	handling.Go(func() { _ = server.Serve(p) })
	transport := &http.Transport{DialContext: p.dial}
	t.Cleanup(func() {
		stop()
		transport.CloseIdleConnections()
		_ = server.Close()
		handling.Wait()
	})
	way := client()
	way.Transport = transport
	return way
}

// recogniser is a service that hears streams, and behaves like Deepgram's: a
// word is final with the blank after it, a turn ends with 300 ms of silence.
type recogniser struct {
	dropAfter []int // bytes after which the connections, in order, are dropped
	away      func() bool
	stuck     bool // it does not answer the end

	mu    sync.Mutex // guards what follows
	calls []*http.Request
	stays int // KeepAlive messages
	ends  int // CloseStream messages
}

func (s *recogniser) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.away != nil && s.away() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	s.mu.Lock()
	limit := 1 << 30
	if n := len(s.calls); n < len(s.dropAfter) {
		limit = s.dropAfter[n]
	}
	s.calls = append(s.calls, r)
	s.mu.Unlock()
	s.hear(r.Context(), c, limit)
}

// hear hears a stream until it ends, or for so many bytes.
func (s *recogniser) hear(ctx context.Context, c *websocket.Conn, limit int) {
	h := heardStream{ctx: ctx, conn: c}
	for h.at < limit {
		kind, m, err := c.Read(ctx)
		if err != nil {
			return
		}
		if kind == websocket.MessageBinary {
			h.sound(m)
			continue
		}
		s.mu.Lock()
		end := strings.Contains(string(m), "CloseStream")
		if end {
			s.ends++
		} else {
			s.stays++
		}
		s.mu.Unlock()
		if end && s.stuck {
			<-ctx.Done()
		}
		if end {
			h.result(true, false)
			h.send(object{"type": "Metadata", "duration": h.seconds(h.at)})
			c.Close(websocket.StatusNormalClosure, "")
			return
		}
	}
}

type object = map[string]any

// heardStream is what a recogniser has heard on one connection.
type heardStream struct {
	ctx   context.Context
	conn  *websocket.Conn
	at    int // bytes
	begin int // of what is not final
	quiet int // bytes
	words string
}

func (h *heardStream) sound(m []byte) {
	for ; len(m) >= voice.FrameBytes; m = m[voice.FrameBytes:] {
		h.at += voice.FrameBytes
		if m[0] == 0xFF {
			if h.quiet += voice.FrameBytes; h.quiet == 15*voice.FrameBytes {
				h.result(true, true)
			}
			continue
		}
		h.quiet = 0
		h.words += string(m[0])
		h.result(m[0] == ' ', false)
	}
}

func (h *heardStream) result(final, ends bool) {
	h.send(object{
		"type": "Results", "is_final": final, "speech_final": ends,
		"start": h.seconds(h.begin), "duration": h.seconds(h.at - h.begin),
		"channel_index": []int{0, 1},
		"channel": object{"alternatives": []object{
			{"transcript": strings.TrimSpace(h.words), "confidence": 0.9},
			{"transcript": "something else"},
		}},
	})
	if final {
		h.begin, h.words = h.at, ""
	}
}

func (h *heardStream) seconds(n int) float64 { return float64(n) / 8000 }

func (h *heardStream) send(m object) {
	text, err := json.Marshal(m)
	if err == nil {
		_ = h.conn.Write(h.ctx, websocket.MessageText, text)
	}
}
