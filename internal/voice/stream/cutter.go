package stream

import (
	"bytes"

	"nocall/internal/voice"
)

// quiet is a sample of silence in G.711 mu-law.
const quiet = 0xFF

// cutter cuts sound of any length into frames.
type cutter struct{ rest []byte }

// cut returns the whole frames of what came before and sound.
func (c *cutter) cut(sound []byte) [][]byte {
	all := append(c.rest, sound...)
	frames := make([][]byte, 0, len(all)/voice.FrameBytes)
	for len(all) >= voice.FrameBytes {
		frames = append(frames, all[:voice.FrameBytes:voice.FrameBytes])
		all = all[voice.FrameBytes:]
	}
	c.rest = bytes.Clone(all)
	return frames
}

// flush returns what is left, filled up with silence, if anything is.
func (c *cutter) flush() [][]byte {
	if len(c.rest) == 0 {
		return nil
	}
	return c.cut(bytes.Repeat([]byte{quiet}, voice.FrameBytes-len(c.rest)))
}

// clear forgets what is left.
func (c *cutter) clear() { c.rest = nil }
