package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/coder/websocket"

	"nocall/internal/voice"
)

// talk is one call's stream. One goroutine tells the program what happens,
// another hears the program, a third sees to it that it is still there.
type talk struct {
	conn  *websocket.Conn
	leg   voice.Leg
	sound voice.Sound
	marks *marks
	gone  chan error // why the program is no longer heard

	sequence int // of the last message to the program
	chunk    int // of the last frame to the program

	// counted by the one who hears the program
	frames, dropped, nonsense int
}

func newTalk(conn *websocket.Conn, leg voice.Leg, sound voice.Sound) *talk {
	return &talk{
		conn: conn, leg: leg, sound: sound, marks: newMarks(), gone: make(chan error, 2),
	}
}

// run talks until the call or the stream ends.
func (t *talk) run(ctx context.Context) error {
	// Reading outlives ctx: a reader that is stopped breaks the connection,
	// and the program is to be told that the call has ended.
	reading, stopReading := context.WithCancel(context.WithoutCancel(ctx))
	defer stopReading()
	var wg sync.WaitGroup
	wg.Go(func() { t.hear(reading) })
	wg.Go(func() { t.watch(reading) })

	err := t.tell(ctx)
	late := time.AfterFunc(closeTimeout, stopReading)
	_ = t.conn.Close(closing(err), "") // the other side may be gone already
	late.Stop()
	stopReading()
	wg.Wait()

	if errors.Is(err, errFinished) {
		return t.playOut(ctx)
	}
	return err
}

// tell tells the program what happens on the call.
func (t *talk) tell(ctx context.Context) error {
	err := t.send(message{Event: "connected", Protocol: "Call", Version: "1.0.0"})
	if err == nil {
		err = t.send(began(t.leg))
	}
	sound, keys := t.sound.Heard(), t.sound.Pressed()
	for err == nil {
		select {
		case frame, ok := <-sound:
			if !ok {
				t.tellEnd()
				return nil
			}
			t.chunk++
			err = t.send(heard(frame, t.chunk))
		case key, ok := <-keys:
			if !ok {
				keys = nil
				continue
			}
			err = t.send(message{Event: "dtmf", Key: &dtmf{Track: "inbound_track", Digit: key}})
		case <-t.marks.ready:
			err = t.tellMarks()
		case err = <-t.gone:
			return err
		case <-ctx.Done():
			t.tellEnd()
			return context.Cause(ctx)
		}
	}
	return t.whyUnsent(err)
}

func (t *talk) tellMarks() error {
	for _, name := range t.marks.take() {
		if err := t.send(message{Event: "mark", Mark: &mark{Name: name}}); err != nil {
			return err
		}
	}
	return nil
}

// tellEnd tells the program that the call has ended. If it has gone by then,
// that is no error.
func (t *talk) tellEnd() {
	_ = t.send(message{Event: "stop", Stop: &stopped{
		Account: string(t.leg.Environment), Call: t.leg.CallID,
	}})
}

// send writes a message, and breaks the connection if that takes too long.
func (t *talk) send(m message) error {
	if m.Event != "connected" {
		t.sequence++
		m.Sequence, m.Stream = strconv.Itoa(t.sequence), streamID(t.leg)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return t.conn.Write(ctx, websocket.MessageText, text)
}

// whyUnsent returns what became of the program, if that is why a message could
// not be sent, and otherwise err.
func (t *talk) whyUnsent(err error) error {
	select {
	case gone := <-t.gone:
		return gone
	case <-time.After(closeTimeout):
	}
	return fmt.Errorf("send: %w", err)
}

// playOut waits until what the program said before it closed the stream has
// been played.
func (t *talk) playOut(ctx context.Context) error {
	played := make(chan struct{})
	t.sound.Mark(func() { close(played) })
	for {
		select {
		case _, ok := <-t.sound.Heard():
			if !ok {
				return nil
			}
		case <-played:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// closing returns the status to close the stream with.
func closing(err error) websocket.StatusCode {
	if errors.Is(err, errTooMuch) {
		return websocket.StatusPolicyViolation
	}
	return websocket.StatusNormalClosure
}
