package voice

import (
	"encoding/binary"
	"io"
	"time"
)

// SamplesPerSecond is the rate of recordings.
const SamplesPerSecond = 8000

// LengthOf returns how long G.711 mu-law sounds.
func LengthOf(audio []byte) time.Duration {
	return time.Duration(len(audio)) * time.Second / SamplesPerSecond
}

// WriteWAV writes a recording as a WAV file of 16-bit samples, which every
// browser plays.
func (r *Recording) WriteWAV(w io.Writer) error {
	const width = 2 // bytes of a sample
	size := uint32(len(r.Audio) * width)
	file := make([]byte, 0, 44+size)
	file = append(file, "RIFF"...)
	file = binary.LittleEndian.AppendUint32(file, 36+size)
	file = append(file, "WAVEfmt "...)
	for _, n := range []uint32{
		16, 1 | 1<<16, SamplesPerSecond, SamplesPerSecond * width, width | 8*width<<16,
	} {
		file = binary.LittleEndian.AppendUint32(file, n)
	}
	file = append(file, "data"...)
	file = binary.LittleEndian.AppendUint32(file, size)
	for _, b := range r.Audio {
		file = binary.LittleEndian.AppendUint16(file, uint16(fromMuLaw(b)))
	}
	_, err := w.Write(file)
	return err
}

// fromMuLaw returns the sample that a byte of G.711 mu-law stands for.
func fromMuLaw(b byte) int16 {
	const bias = 0x84
	b = ^b
	size := (int16(b&0x0f)<<3+bias)<<(b>>4&7) - bias
	if b&0x80 != 0 {
		return -size
	}
	return size
}
