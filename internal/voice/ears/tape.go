package ears

import (
	"bytes"
	"sync"
	"time"

	"nocall/internal/voice"
)

const (
	byteASec = voice.FrameBytes * int(time.Second/voice.FrameTime)
	maxTape  = 30 * byteASec // what is kept for a service that is away
	maxPiece = byteASec / 2  // what is sent at once
)

// tape keeps the sound that a service has not confirmed to have heard, so that
// it can be played to it again. Positions count bytes from the begin of a call.
type tape struct {
	changed chan struct{} // has one when there is more, or the end

	mu    sync.Mutex // guards what follows
	sound []byte
	begin int // the position of sound
	head  int // the position of what is played next
	heard int // the position up to which all is heard, or lost
	lost  int // bytes
	ended bool
}

func newTape() *tape { return &tape{changed: make(chan struct{}, 1)} }

// record adds sound, and gives up the oldest when too much is kept.
func (t *tape) record(sound []byte) {
	t.mu.Lock()
	t.sound = append(t.sound, sound...)
	t.giveUp(len(t.sound) - maxTape)
	t.mu.Unlock()
	t.wake()
}

// end says that nothing more will be recorded.
func (t *tape) end() {
	t.mu.Lock()
	t.ended = true
	t.mu.Unlock()
	t.wake()
}

func (t *tape) wake() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// rewind lets next begin again with what nobody has confirmed to have heard,
// and returns its position.
func (t *tape) rewind() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lose()
	t.head = t.heard
	return t.head
}

// next returns what is to be played next, nothing if it is yet to come. over:
// all has been played, and no more will come.
func (t *tape) next() (sound []byte, over bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.head < t.begin {
		t.lose()
		t.head = t.begin
	}
	rest := t.sound[t.head-t.begin:]
	sound = bytes.Clone(rest[:min(len(rest), maxPiece)])
	t.head += len(sound)
	return sound, t.ended && len(rest) == 0
}

// confirm takes all before the position as heard, as far as it was played.
func (t *tape) confirm(position int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.heard = max(t.heard, min(position, t.head))
	t.giveUp(t.heard - t.begin)
}

// unheard returns how much sound was lost, or is not confirmed.
func (t *tape) unheard() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.lost + t.begin + len(t.sound) - t.heard
	return time.Duration(n) * time.Second / time.Duration(byteASec)
}

// giveUp takes off the oldest n bytes. It expects the lock.
func (t *tape) giveUp(n int) {
	if n <= 0 {
		return
	}
	t.sound = t.sound[n:]
	t.begin += n
}

// lose counts as lost what was given up without being heard. It expects the
// lock.
func (t *tape) lose() {
	if n := t.begin - t.heard; n > 0 {
		t.lost += n
		t.heard = t.begin
	}
}
