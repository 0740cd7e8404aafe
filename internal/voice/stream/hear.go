package stream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/coder/websocket"
)

var (
	errFinished = errors.New("the program has closed the stream")
	errTooMuch  = errors.New("the program sends too much")
)

// hear takes in what the program sends until the connection ends.
func (t *talk) hear(ctx context.Context) {
	allowed := allowance{left: mostSaved, at: time.Now()}
	var cut cutter
	for {
		kind, text, err := t.conn.Read(ctx)
		if err != nil {
			for _, frame := range cut.flush() {
				t.play(frame)
			}
			t.part(err)
			return
		}
		if !allowed.take(len(text), time.Now()) {
			t.gone <- errTooMuch
			t.discard(ctx)
			return
		}
		if kind != websocket.MessageText {
			t.nonsense++
			continue
		}
		t.obey(text, &cut)
	}
}

// part says why the program is heard no more. Of a connection that we have
// closed, who did so says it.
func (t *talk) part(err error) {
	if !errors.Is(err, net.ErrClosed) {
		t.gone <- whyGone(err)
	}
	if websocket.CloseStatus(err) == -1 {
		_ = t.conn.CloseNow() // there is nobody to say goodbye to
	}
}

// obey does what a message of the program asks for. What is not understood is
// counted and left alone: platforms have messages that we do not know.
func (t *talk) obey(text []byte, cut *cutter) {
	r, err := parse(text)
	if err != nil {
		t.nonsense++
		return
	}
	switch r.Event {
	case "media":
		for _, frame := range cut.cut(r.Media.Payload) {
			t.play(frame)
		}
	case "mark":
		for _, frame := range cut.flush() {
			t.play(frame)
		}
		t.mark(r.Mark.Name)
	case "clear":
		cut.clear()
		t.sound.Clear()
	}
}

func (t *talk) play(frame []byte) {
	if !t.sound.Play(frame) {
		t.dropped++
		return
	}
	t.frames++
}

func (t *talk) mark(name string) {
	played, ok := t.marks.set(name)
	if !ok {
		t.nonsense++
		return
	}
	t.sound.Mark(played)
}

// discard reads on so that the stream can be closed in order.
func (t *talk) discard(ctx context.Context) {
	for {
		if _, _, err := t.conn.Read(ctx); err != nil {
			return
		}
	}
}

// watch makes sure, from time to time, that the program is still there.
func (t *talk) watch(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		pong, cancel := context.WithTimeout(ctx, pingTimeout)
		err := t.conn.Ping(pong)
		cancel()
		if err != nil {
			t.gone <- errors.New("the program does not answer a ping")
			return
		}
	}
}

// whyGone says why nothing can be read any more, without what the program gave
// as its reason.
func whyGone(err error) error {
	switch status := websocket.CloseStatus(err); status {
	case websocket.StatusNormalClosure, websocket.StatusGoingAway,
		websocket.StatusNoStatusRcvd:
		return errFinished
	case -1:
		return fmt.Errorf("receive: %w", err)
	default:
		return fmt.Errorf("the program has closed the stream with status %d", status)
	}
}
