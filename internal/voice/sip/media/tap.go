package media

import (
	"sync"

	"nocall/internal/voice"
)

// mostAhead is how many of the far side's frames may wait for their place beside
// ours: who sends faster than our clock ticks, or all at once after a standstill,
// loses the oldest.
const mostAhead = 50

// tap has both sides of a session's sound recorded in step: for each tick of our
// clock what we sent, and what has come in meanwhile, or silence.
type tap struct {
	take func(heard, spoken []byte)

	mu     sync.Mutex
	frames [][]byte // of the far side, that wait
}

// Tap has take given both sides of the sound, a frame of each every 20 ms, from
// now on until the session ends; nil ends it sooner. Take must not wait, nor
// keep the frames.
func (s *Session) Tap(take func(heard, spoken []byte)) {
	if take == nil {
		s.tap.Store(nil)
		return
	}
	s.tap.Store(&tap{take: take})
}

// hear takes in a frame of the far side.
func (t *tap) hear(frame []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.frames) == mostAhead {
		t.frames = append(t.frames[:0], t.frames[1:]...)
	}
	t.frames = append(t.frames, frame)
}

// tick gives on what was spoken, and the next frame of the far side.
func (t *tap) tick(spoken [voice.FrameBytes]byte) {
	t.take(t.next(), spoken[:])
}

// next takes the oldest frame of the far side out; silence for none.
func (t *tap) next() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.frames) == 0 {
		return quiet[:]
	}
	frame := t.frames[0]
	t.frames = append(t.frames[:0], t.frames[1:]...)
	return frame
}
