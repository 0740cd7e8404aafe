package tape

import (
	"encoding/binary"
	"os"

	"nocall/internal/voice"
)

const (
	silence    = 0xFF       // mu-law for nothing
	unknown    = ^uint32(0) // how much sound there is, while it is written
	headerSize = 12 + 26 + 12 + 8
	muLaw      = 7 // the format's number in a WAV file
)

// header returns what stands in a WAV file before so many bytes of sound.
func header(size uint32) []byte {
	whole, samples := unknown, unknown
	if size != unknown {
		whole, samples = headerSize-8+size, size/channels
	}
	b := make([]byte, 0, headerSize)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, whole)
	b = append(b, "WAVEfmt "...)
	for _, n := range []uint32{
		18, muLaw | channels<<16, voice.SamplesPerSecond, voice.SamplesPerSecond * channels,
		channels | 8<<16,
	} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	b = binary.LittleEndian.AppendUint16(b, 0) // nothing further of the format
	b = append(b, "fact"...)
	b = binary.LittleEndian.AppendUint32(b, 4)
	b = binary.LittleEndian.AppendUint32(b, samples)
	b = append(b, "data"...)
	return binary.LittleEndian.AppendUint32(b, size)
}

// complete writes into the header of a file how much sound it has, which it
// returns. Half a sample at the end is cut off.
func complete(f *os.File) (size int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	size = max(0, info.Size()-headerSize) / channels * channels
	if size == 0 {
		return 0, nil
	}
	if err := f.Truncate(headerSize + size); err != nil {
		return 0, err
	}
	_, err = f.WriteAt(header(uint32(size)), 0)
	return size, err
}
