package media

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/zaf/g711"
)

// Errors of WAV files.
var (
	ErrWAV     = errors.New("media: not a WAV file that can be read")
	ErrTooLong = errors.New("media: WAV file is too long")
)

// The formats of WAV files that are read.
const (
	formatPCM        = 1
	formatFloat      = 3
	formatALaw       = 6
	formatMuLaw      = 7
	formatExtensible = 0xFFFE
)

const (
	lowestRate  = 8000
	highestRate = 192_000
	maxChannels = 8
)

// wavFormat is what a WAV file says of its sound.
type wavFormat struct {
	code     uint16
	channels int
	rate     int
	bits     int
}

// ReadWAV reads a WAV file of at most limit bytes, and gives its sound as one:
// mu-law, 8,000 samples a second. It reads PCM of 8, 16, 24 and 32 bits,
// floating point of 32, mu-law and A-law, of 1 to 8 channels, which are mixed,
// and 8,000 to 192,000 samples a second.
func ReadWAV(r io.Reader, limit int64) ([]byte, error) {
	limited := &io.LimitedReader{R: r, N: limit + 1}
	sound, err := readWAV(bufio.NewReader(limited))
	if limited.N <= 0 {
		return nil, fmt.Errorf("%w: over %d bytes", ErrTooLong, limit)
	}
	return sound, err
}

func readWAV(r *bufio.Reader) ([]byte, error) {
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil {
		return nil, unread("header", err)
	}
	if string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrWAV)
	}
	var format *wavFormat
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return nil, unread("sound", err)
		}
		size := binary.LittleEndian.Uint32(head[4:])
		switch string(head[:4]) {
		case "fmt ":
			f, err := readFormat(r, size)
			if err != nil {
				return nil, err
			}
			format = &f
		case "data":
			if format == nil {
				return nil, fmt.Errorf("%w: sound before its format", ErrWAV)
			}
			return format.read(r, size)
		default:
			if err := skip(r, int64(size)+int64(size&1)); err != nil {
				return nil, err
			}
		}
	}
}

func unread(what string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends before its %s", ErrWAV, what)
	}
	return fmt.Errorf("media: read WAV file: %w", err)
}

func skip(r io.Reader, n int64) error {
	if _, err := io.CopyN(io.Discard, r, n); err != nil {
		return unread("sound", err)
	}
	return nil
}

// readFormat reads a chunk of that size that says what the format is.
func readFormat(r io.Reader, size uint32) (wavFormat, error) {
	var b [26]byte
	if size < 16 {
		return wavFormat{}, fmt.Errorf("%w: format of %d bytes", ErrWAV, size)
	}
	n := min(int(size), len(b))
	if _, err := io.ReadFull(r, b[:n]); err != nil {
		return wavFormat{}, unread("format", err)
	}
	if err := skip(r, int64(size)+int64(size&1)-int64(n)); err != nil {
		return wavFormat{}, err
	}
	f := wavFormat{
		code:     binary.LittleEndian.Uint16(b[0:]),
		channels: int(binary.LittleEndian.Uint16(b[2:])),
		rate:     int(binary.LittleEndian.Uint32(b[4:])),
		bits:     int(binary.LittleEndian.Uint16(b[14:])),
	}
	if f.code == formatExtensible && n >= 26 {
		f.code = binary.LittleEndian.Uint16(b[24:])
	}
	return f, f.check()
}

func (f wavFormat) check() error {
	switch {
	case f.channels < 1 || f.channels > maxChannels:
		return fmt.Errorf("%w: %d channels, want 1 to %d", ErrWAV, f.channels, maxChannels)
	case f.rate < lowestRate || f.rate > highestRate:
		return fmt.Errorf("%w: %d samples a second, want %d to %d",
			ErrWAV, f.rate, lowestRate, highestRate)
	case f.sample() == nil:
		return fmt.Errorf("%w: format %d of %d bits", ErrWAV, f.code, f.bits)
	}
	return nil
}

// sample is how one sample of one channel is read, to -1 to 1; nil for a format
// that is not known.
func (f wavFormat) sample() func(b []byte) float32 {
	switch [2]int{int(f.code), f.bits} {
	case [2]int{formatPCM, 8}:
		return func(b []byte) float32 { return float32(int(b[0])-128) / (1 << 7) }
	case [2]int{formatPCM, 16}:
		return func(b []byte) float32 {
			return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
		}
	case [2]int{formatPCM, 24}:
		return func(b []byte) float32 {
			high := uint32(b[0])<<8 | uint32(b[1])<<16 | uint32(b[2])<<24
			return float32(int32(high)) / (1 << 31)
		}
	case [2]int{formatPCM, 32}:
		return func(b []byte) float32 {
			return float32(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
		}
	case [2]int{formatFloat, 32}:
		return func(b []byte) float32 {
			return finite(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
	case [2]int{formatMuLaw, 8}:
		return func(b []byte) float32 { return float32(g711.DecodeUlawFrame(b[0])) / (1 << 15) }
	case [2]int{formatALaw, 8}:
		return func(b []byte) float32 { return float32(g711.DecodeAlawFrame(b[0])) / (1 << 15) }
	}
	return nil
}

// finite keeps a sample within what can be mixed.
func finite(x float32) float32 {
	if x != x {
		return 0
	}
	return min(max(x, -1), 1)
}

// read reads the sound: size bytes of it, or all there is where the file was
// written by who did not know yet how much it would be.
func (f wavFormat) read(r io.Reader, size uint32) ([]byte, error) {
	const unknown = 0x7FFFF000 // and above, as sox and ffmpeg write it
	open := size == 0 || size >= unknown
	if !open {
		r = io.LimitReader(r, int64(size))
	}
	var sound []byte
	take := func(x float32) { sound = append(sound, encode(x)) }
	end := func() {}
	if f.rate != lowestRate {
		d := newDecimator(f.rate, take)
		take, end = d.put, d.end
	}
	n, err := f.mix(r, take)
	end()
	switch {
	case err != nil:
		return nil, err
	case !open && n < int64(size)/f.frame()*f.frame():
		return nil, fmt.Errorf("%w: cut short, %d of %d bytes of sound", ErrWAV, n, size)
	case len(sound) == 0:
		return nil, fmt.Errorf("%w: no sound in it", ErrWAV)
	}
	return sound, nil
}

// frame is the size of the samples of all channels, in bytes.
func (f wavFormat) frame() int64 { return int64(f.channels * f.bits / 8) }

// mix reads samples, mixes their channels, and gives them to take. It returns
// how many bytes it has used.
func (f wavFormat) mix(r io.Reader, take func(float32)) (int64, error) {
	sample, width := f.sample(), f.bits/8
	buf := make([]byte, f.frame()*1024)
	for used := int64(0); ; {
		n, err := io.ReadFull(r, buf)
		n -= n % int(f.frame())
		used += int64(n)
		for at := 0; at < n; at += int(f.frame()) {
			var sum float32
			for c := range f.channels {
				sum += sample(buf[at+c*width:])
			}
			take(sum / float32(f.channels))
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return used, nil
		}
		if err != nil {
			return used, fmt.Errorf("media: read WAV file: %w", err)
		}
	}
}

// encode gives a sample as mu-law.
func encode(x float32) byte {
	level := math.RoundToEven(float64(x) * (1 << 15))
	return g711.EncodeUlawFrame(int16(min(max(level, math.MinInt16), math.MaxInt16)))
}
