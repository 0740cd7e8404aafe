package voice

import (
	"errors"
	"io"
	"time"

	"nocall/internal/dnc"
)

// ErrNoTape says that a call was not recorded, or that its sound is kept no
// more.
var ErrNoTape = errors.New("voice: no recording of that call")

// Tape takes the sound of one call while it lasts.
type Tape interface {
	// Take takes both sides of a [FrameTime], a frame of each. It does not wait,
	// and copies what it keeps.
	Take(heard, spoken []byte)

	// Close ends the tape; what was taken is kept. It does not wait either.
	Close()
}

// Recorder begins the tapes of calls.
type Recorder interface {
	Record(env dnc.Environment, callID string) (Tape, error)
}

// Tapes are the recorded calls.
type Tapes interface {
	// Recorded reports whether the sound of a call that has ended is kept.
	Recorded(env dnc.Environment, callID string) bool

	// Play opens the sound of a call, a WAV file of two channels, and says when
	// it was kept. It returns [ErrNoTape] where there is none.
	Play(env dnc.Environment, callID string) (io.ReadSeekCloser, time.Time, error)

	// Erase removes the sound of a call. It returns [ErrNoTape] where there is
	// none.
	Erase(env dnc.Environment, callID string) error

	// EraseAll removes the sound of every call of an environment.
	EraseAll(env dnc.Environment) error
}
