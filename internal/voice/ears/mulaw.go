package ears

import "encoding/binary"

// linear has what a byte of G.711 mu-law stands for.
var linear = linearSamples()

func linearSamples() [256]int16 {
	const bias = 0x84
	var samples [256]int16
	for i := range samples {
		code := ^byte(i)
		size := (int16(code&0x0F)<<3 + bias) << (code & 0x70 >> 4)
		if code&0x80 == 0 {
			samples[i] = size - bias
		} else {
			samples[i] = bias - size
		}
	}
	return samples
}

// wave returns mu-law sound as a WAV file of 16 bits a sample, which every
// service reads.
func wave(sound []byte) []byte {
	le := binary.LittleEndian
	size := uint32(2 * len(sound))
	file := make([]byte, 0, 44+size)
	file = append(file, "RIFF"...)
	file = le.AppendUint32(file, 36+size)
	file = append(file, "WAVEfmt "...)
	file = le.AppendUint32(file, 16)                 // bytes of the format
	file = le.AppendUint16(file, 1)                  // PCM
	file = le.AppendUint16(file, 1)                  // channels
	file = le.AppendUint32(file, uint32(byteASec))   // samples a second
	file = le.AppendUint32(file, uint32(2*byteASec)) // bytes a second
	file = le.AppendUint16(file, 2)                  // bytes a sample
	file = le.AppendUint16(file, 16)                 // bits a sample
	file = append(file, "data"...)
	file = le.AppendUint32(file, size)
	for _, code := range sound {
		file = le.AppendUint16(file, uint16(linear[code]))
	}
	return file
}
