package ears

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	firstWait    = 250 * time.Millisecond // before a service is called again
	longestWait  = 4 * time.Second
	keepAlive    = 4 * time.Second // services hang up after 10 s without anything
	writeTimeout = 5 * time.Second
	closeTimeout = 5 * time.Second // for the last results
)

// The messages to a service.
var (
	stayMessage = []byte(`{"type":"KeepAlive"}`)
	endMessage  = []byte(`{"type":"CloseStream"}`)
)

// hearing is one call as a streaming service hears it, over one connection
// after another.
type hearing struct {
	stream *stream
	tape   *tape
	turn   turn        // for the one who reads the connection
	spoke  atomic.Bool // the service has said something on this connection
}

// run plays the tape to the service until it has ended.
func (h *hearing) run(ctx context.Context) error {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := h.connect(ctx)
		if err == nil {
			return h.lost(nil)
		}
		if _, ok := errors.AsType[*RefusedError](err); ok {
			return err
		}
		if h.spoke.Load() {
			wait = firstWait
		}
		if !pause(ctx, wait) {
			return h.lost(err)
		}
	}
}

// lost returns a LostError if something was not heard.
func (h *hearing) lost(last error) error {
	if sound := h.tape.unheard(); sound > 0 {
		return &LostError{Sound: sound, Last: last}
	}
	return nil
}

// connect plays the tape over one connection. It returns nil once the service
// has been told of the end and has had time to answer.
func (h *hearing) connect(ctx context.Context) error {
	h.spoke.Store(false)
	conn, err := h.stream.dial(ctx)
	if err != nil {
		return err
	}
	reading, stop := context.WithCancel(ctx)
	var gone error
	done := make(chan struct{})
	begin := h.tape.rewind()
	go func() {
		defer close(done)
		gone = h.read(reading, conn, begin)
	}()

	err = h.play(ctx, conn, done)
	if err == nil {
		await(ctx, done)
	}
	stop()
	_ = conn.CloseNow()
	<-done
	return h.ended(err, gone)
}

// ended returns nil if a connection ended as it should: told is why the service
// was not told of the end, gone why it was no longer read.
func (h *hearing) ended(told, gone error) error {
	switch status := websocket.CloseStatus(gone); {
	case told != nil && status != -1:
		return fmt.Errorf("the service hung up with status %d", status)
	case told != nil:
		return told
	case status == websocket.StatusNormalClosure:
		h.tape.confirm(math.MaxInt)
		return nil
	case errors.Is(gone, context.Canceled), h.tape.unheard() == 0:
		return nil
	}
	return fmt.Errorf("last results: %w", plain(gone))
}

// play sends what is on the tape, and then that this was the end.
func (h *hearing) play(ctx context.Context, conn *websocket.Conn, done <-chan struct{}) error {
	idle := time.NewTicker(keepAlive)
	defer idle.Stop()
	for {
		sound, over := h.tape.next()
		if over {
			return write(ctx, conn, websocket.MessageText, endMessage)
		}
		if len(sound) > 0 {
			if err := write(ctx, conn, websocket.MessageBinary, sound); err != nil {
				return err
			}
			idle.Reset(keepAlive)
			continue
		}
		select {
		case <-h.tape.changed:
		case <-idle.C:
			if err := write(ctx, conn, websocket.MessageText, stayMessage); err != nil {
				return err
			}
		case <-done:
			return errGone
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// read takes in what the service says until the connection ends. The stream on
// it begins at the position.
func (h *hearing) read(ctx context.Context, conn *websocket.Conn, begin int) error {
	for {
		kind, text, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if kind != websocket.MessageText {
			continue
		}
		r, err := parseResult(text)
		if err != nil {
			continue
		}
		h.spoke.Store(true)
		h.turn.add(r)
		if r.final {
			h.tape.confirm(begin + r.bytes())
		}
	}
}

var errGone = errors.New("the service hung up")

// write sends a message, and breaks the connection if that takes too long.
func write(ctx context.Context, conn *websocket.Conn, kind websocket.MessageType, m []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if err := conn.Write(ctx, kind, m); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// await waits for the last results.
func await(ctx context.Context, done <-chan struct{}) {
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// plain takes out of an error what the service gave as its reason.
func plain(err error) error {
	if status := websocket.CloseStatus(err); status != -1 {
		return fmt.Errorf("the service hung up with status %d", status)
	}
	return err
}
