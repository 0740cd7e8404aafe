package voice

import (
	"context"
	"time"
)

// FrameTime is how much sound a frame holds: 160 samples.
const FrameTime = 20 * time.Millisecond

// FrameBytes is how many bytes a frame has: one for each sample, G.711 mu-law
// at 8,000 samples a second.
const FrameBytes = 160

// Sound is the sound of a call, as one who speaks on our side has it.
type Sound interface {
	// Heard gives the contact's sound, frame by frame, and is closed when the
	// call ends. Who reads too slowly misses the oldest frames.
	Heard() <-chan []byte

	// Pressed gives the contact's keys, one by one, and is closed when the
	// call ends.
	Pressed() <-chan string

	// Play queues a frame to be heard by the contact. It does not wait, and
	// returns false once a minute of sound is waiting or the call has ended.
	// The frame is kept, and must not be changed any more.
	Play(frame []byte) bool

	// Mark calls played, from another goroutine, once everything that was
	// queued before has been played or cleared.
	Mark(played func())

	// Clear drops what is queued.
	Clear()
}

// StreamAgent speaks on a call through a program elsewhere.
type StreamAgent interface {
	// Talk connects the sound of leg's call with the program at leg.Agent.URL,
	// until one of them ends or ctx is done.
	Talk(ctx context.Context, leg Leg, sound Sound) error
}

// Transcriber writes down what is said.
type Transcriber interface {
	// Listen hears frames until they end or ctx is done and gives each turn,
	// once it is final, to said, in order.
	Listen(ctx context.Context, frames <-chan []byte, said func(text, language string)) error
}
