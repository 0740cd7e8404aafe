package stream_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"nocall/internal/voice"
)

// line is the sound of a call: it plays a frame every 20 ms, as media does.
type line struct {
	heard   chan []byte
	pressed chan string

	mu     sync.Mutex // guards what follows
	queue  []func()   // frames and marks to be played
	frames int        // of the queue
	most   int        // that may wait
	played []byte
}

func newLine() *line {
	return &line{heard: make(chan []byte, 100), pressed: make(chan string, 8), most: 3000}
}

func (l *line) Heard() <-chan []byte   { return l.heard }
func (l *line) Pressed() <-chan string { return l.pressed }

func (l *line) Play(frame []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.frames >= l.most {
		return false
	}
	l.frames++
	l.queue = append(l.queue, func() { l.played = append(l.played, frame...) })
	return true
}

func (l *line) Mark(played func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, func() { go played() })
}

func (l *line) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames = 0
	played := l.played
	for _, play := range l.queue {
		play()
	}
	l.queue, l.played = nil, played
}

// say lets the contact say a frame. The oldest is dropped if nobody hears.
func (l *line) say(frame []byte) {
	for {
		select {
		case l.heard <- frame:
			return
		default:
			<-l.heard
		}
	}
}

// hangUp ends the call.
func (l *line) hangUp() {
	close(l.heard)
	close(l.pressed)
}

// sounded returns what has been played.
func (l *line) sounded() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.played)
}

// run plays until ctx is done.
func (l *line) run(ctx context.Context) {
	tick := time.NewTicker(voice.FrameTime)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-tick.C:
			l.tick()
		case <-ctx.Done():
		}
	}
}

// tick plays a frame, and the marks behind it.
func (l *line) tick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	frames := l.frames
	for len(l.queue) > 0 && (l.frames == frames || l.frames == 0) {
		before := len(l.played)
		l.queue[0]()
		l.queue = l.queue[1:]
		if len(l.played) > before {
			l.frames--
		}
	}
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
func serve(t *testing.T, handler http.HandlerFunc) *http.Client {
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	var handling sync.WaitGroup
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handling.Add(1)
			defer handling.Done()
			handler(w, r)
		}),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(p)
	}()
	transport := &http.Transport{DialContext: p.dial}
	t.Cleanup(func() {
		stop()
		transport.CloseIdleConnections()
		_ = server.Close()
		<-done
		handling.Wait()
	})
	return &http.Client{Transport: transport}
}

// program returns a server of streams that do as told.
func program(t *testing.T, do func(ctx context.Context, c *websocket.Conn)) *http.Client {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		do(r.Context(), c)
	})
}
