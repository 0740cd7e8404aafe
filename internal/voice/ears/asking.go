package ears

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"nocall/internal/voice"
)

// asking is one call as a service hears it that is sent pieces.
type asking struct {
	windows *windows
	waiting chan []byte      // pieces
	answers chan chan answer // of those that were sent, in order
	unsent  time.Duration    // counted by the one who cuts the call

	// kept by the one who says what was said
	refused error
	lost    LostError
}

// answer is what became of a piece.
type answer struct {
	text, language string
	sound          time.Duration
	err            error
}

// Listen hears frames and says each piece as a turn. When the frames have
// ended, the last ones may take some seconds more.
//
// It returns a RefusedError as soon as the service refuses, and at the end a
// LostError if some pieces were not heard.
func (w *windows) Listen(
	ctx context.Context, frames <-chan []byte, said func(text, language string),
) error {
	limited, cancel := context.WithCancelCause(ctx)
	a := &asking{
		windows: w,
		waiting: make(chan []byte, maxWaiting),
		// One that is waited for, and those in here, are under way.
		answers: make(chan chan answer, underWay-1),
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		a.cut(limited, frames)
		if pause(limited, endTimeout) {
			cancel(errSlow)
		}
	})
	wg.Go(func() { a.send(limited) })

	a.say(cancel, said)
	cancel(nil)
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return a.err()
}

// err returns what was wrong with the service.
func (a *asking) err() error {
	a.lost.Sound += a.unsent
	switch {
	case a.refused != nil:
		return fmt.Errorf("ears: %w", a.refused)
	case a.lost.Sound > 0:
		return fmt.Errorf("ears: %w", &a.lost)
	}
	return nil
}

// cut cuts the call into pieces. It does not wait for the service.
func (a *asking) cut(ctx context.Context, frames <-chan []byte) {
	defer close(a.waiting)
	u := pieces{cut: func(sound []byte) {
		select {
		case a.waiting <- sound:
		default:
			a.unsent += length(sound)
		}
	}}
	eachSound(ctx, frames, u.hear)
	u.end()
}

// send asks for each piece, a few at a time.
func (a *asking) send(ctx context.Context) {
	defer close(a.answers)
	for sound := range a.waiting {
		reply := make(chan answer, 1)
		a.answers <- reply
		go func() {
			text, language, err := a.windows.transcribe(ctx, sound)
			reply <- answer{text: text, language: language, sound: length(sound), err: err}
		}()
	}
}

// say says what was said, in order. It stops the others when the service
// refuses.
func (a *asking) say(stop func(cause error), said func(text, language string)) {
	for reply := range a.answers {
		r := <-reply
		if r.err == nil {
			say(said, r.text, r.language)
			continue
		}
		a.lost.Sound, a.lost.Last = a.lost.Sound+r.sound, r.err
		if _, ok := errors.AsType[*RefusedError](r.err); ok {
			a.refused = r.err
			stop(r.err)
		}
	}
}

// length returns how long sound is.
func length(sound []byte) time.Duration {
	return time.Duration(len(sound)/voice.FrameBytes) * voice.FrameTime
}
