package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/zaf/g711"

	"nocall/internal/voice"
)

// wavFile writes a WAV file with a sample for each of channels at each of n
// places.
func wavFile(f wavFormat, n int, sample func(place, channel int) float64) []byte {
	var data []byte
	for i := range n {
		for c := range f.channels {
			data = f.append(data, sample(i, c))
		}
	}
	b := []byte("RIFF\x00\x00\x00\x00WAVEJUNK\x03\x00\x00\x00abc\x00fmt ")
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, f.code)
	b = binary.LittleEndian.AppendUint16(b, uint16(f.channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(f.rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(f.rate)*uint32(f.frame()))
	b = binary.LittleEndian.AppendUint16(b, uint16(f.frame()))
	b = binary.LittleEndian.AppendUint16(b, uint16(f.bits))
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(b, data...)
}

func (f wavFormat) append(b []byte, x float64) []byte {
	switch {
	case f.code == formatMuLaw:
		return append(b, g711.EncodeUlawFrame(int16(x*32767)))
	case f.code == formatALaw:
		return append(b, g711.EncodeAlawFrame(int16(x*32767)))
	case f.code == formatFloat:
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(x)))
	case f.bits == 8:
		return append(b, byte(math.Round(x*127)+128))
	case f.bits == 16:
		return binary.LittleEndian.AppendUint16(b, uint16(int16(x*32767)))
	case f.bits == 24:
		return append(b, binary.LittleEndian.AppendUint32(nil, uint32(int32(x*(1<<31-1))))[1:]...)
	}
	return binary.LittleEndian.AppendUint32(b, uint32(int32(x*(1<<31-1))))
}

func sine(hertz, amplitude float64, rate int) func(int, int) float64 {
	return func(i, _ int) float64 {
		return amplitude * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate))
	}
}

// level gives the amplitude of a tone in mu-law sound, and of the rest.
func level(sound []byte, hertz float64) (tone, rest float64) {
	var re, im, all float64
	sound = sound[400 : len(sound)-400]
	for i, b := range sound {
		x := float64(g711.DecodeUlawFrame(b)) / (1 << 15)
		angle := 2 * math.Pi * hertz * float64(i) / lowestRate
		re, im, all = re+x*math.Cos(angle), im+x*math.Sin(angle), all+x*x
	}
	n := float64(len(sound))
	tone = 2 * math.Hypot(re, im) / n
	return tone, math.Sqrt(max(0, all/n-tone*tone/2))
}

var wavFormats = []struct{ code, bits int }{
	{formatPCM, 8},
	{formatPCM, 16},
	{formatPCM, 24},
	{formatPCM, 32},
	{formatFloat, 32},
	{formatMuLaw, 8},
	{formatALaw, 8},
}

// TestReadWAV reads a tone of 1 kHz in every format, at usual and unusual
// rates, and wants it there, as loud as it was, for as long, and little else.
func TestReadWAV(t *testing.T) {
	for _, is := range wavFormats {
		for _, rate := range []int{8000, 11025, 16000, 22050, 44100, 48000, 191_999, 192_000} {
			if is.bits != 16 && rate != 8000 && rate != 44100 {
				continue
			}
			f := wavFormat{uint16(is.code), 1 + rate%3, rate, is.bits}
			t.Run(fmt.Sprint(f), func(t *testing.T) {
				file := wavFile(f, rate/2, sine(1000, 0.5, rate))
				sound, err := ReadWAV(bytes.NewReader(file), 1<<23)
				if err != nil {
					t.Fatal(err)
				}
				if n := len(sound); n < 3999 || n > 4001 {
					t.Errorf("%d samples, want 4000", n)
				}
				tone, rest := level(sound, 1000)
				if math.Abs(tone-0.5) > 0.015 || rest > 0.02 {
					t.Errorf("tone %.3f, rest %.4f; want 0.5 and next to nothing", tone, rest)
				}
			})
		}
	}
}

// TestLowPass holds what a telephone carries, and keeps out what would fold
// over into it.
func TestLowPass(t *testing.T) {
	for _, rate := range []int{12000, 16000, 44100, 48000, 192_000} {
		for _, c := range []struct{ hertz, low, high float64 }{
			{300, 0.97, 1.03},
			{3000, 0.97, 1.03},
			{3300, 0.9, 1.03},
			{4100, 0, 0.003},
			{5000, 0, 0.003}, // would be heard at 3 kHz
			{5900, 0, 0.003},
		} {
			var sound []float64
			d := newDecimator(rate, func(x float32) { sound = append(sound, float64(x)) })
			tone := sine(c.hertz, 1, rate)
			for i := range rate / 4 {
				d.put(float32(tone(i, 0)))
			}
			energy := 0.0
			for _, x := range sound[400:] {
				energy += x * x
			}
			got := math.Sqrt(2 * energy / float64(len(sound)-400))
			if got < c.low || got > c.high {
				t.Errorf("%v Hz of %d/s: %.4f is left, want %v to %v",
					c.hertz, rate, got, c.low, c.high)
			}
		}
	}
}

func TestReadWAVChannels(t *testing.T) {
	f := wavFormat{formatPCM, 2, 8000, 16}
	left := func(i, c int) float64 { return float64(1-c) * sine(500, 0.8, 8000)(i, c) }
	sound, err := ReadWAV(bytes.NewReader(wavFile(f, 8000, left)), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if tone, _ := level(sound, 500); math.Abs(tone-0.4) > 0.01 {
		t.Errorf("left channel alone is %.3f loud, want 0.4", tone)
	}
}

func TestReadWAVStreamed(t *testing.T) {
	f := wavFormat{formatPCM, 1, 8000, 16}
	whole := wavFile(f, 800, sine(500, 0.5, 8000))
	for _, size := range []uint32{0, math.MaxUint32, 0x7FFFF024} {
		b := bytes.Clone(whole)
		binary.LittleEndian.PutUint32(b[len(b)-1600-4:], size)
		sound, err := ReadWAV(bytes.NewReader(b), 1<<20)
		if err != nil || len(sound) != 800 {
			t.Errorf("size %#x: %d samples, %v; want 800", size, len(sound), err)
		}
	}
}

func TestReadWAVExtensible(t *testing.T) {
	f := wavFormat{formatPCM, 1, 8000, 16}
	plain := wavFile(f, 800, sine(500, 0.5, 8000))
	at := bytes.Index(plain, []byte("fmt "))
	b := bytes.Clone(plain[:at])
	b = append(b, "fmt \x28\x00\x00\x00\xfe\xff"...)
	b = append(b, plain[at+10:at+24]...)
	b = append(b, "\x16\x00\x10\x00\x04\x00\x00\x00\x01\x00\x00\x00\x00\x00\x10\x00"...)
	b = append(b, "\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	b = append(b, plain[at+24:]...)
	sound, err := ReadWAV(bytes.NewReader(b), 1<<20)
	if err != nil || len(sound) != 800 {
		t.Errorf("%d samples, %v; want 800", len(sound), err)
	}
}

func TestReadWAVWrong(t *testing.T) {
	good := wavFormat{formatPCM, 1, 8000, 16}
	file := func(f wavFormat) []byte { return wavFile(f, 100, sine(500, 0.5, 8000)) }
	for _, c := range []struct {
		name string
		file []byte
		want error
	}{
		{"nothing", nil, ErrWAV},
		{"an MP3", []byte("ID3\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), ErrWAV},
		{"no sound", file(good)[:60], ErrWAV},
		{"cut short", file(good)[:180], ErrWAV},
		{"no channels", file(wavFormat{formatPCM, 0, 8000, 16}), ErrWAV},
		{"nine channels", file(wavFormat{formatPCM, 9, 8000, 16}), ErrWAV},
		{"too slow", file(wavFormat{formatPCM, 1, 4000, 16}), ErrWAV},
		{"too fast", file(wavFormat{formatPCM, 1, 384_000, 16}), ErrWAV},
		{"ADPCM", file(wavFormat{2, 1, 8000, 8}), ErrWAV},
		{"too long", append(file(good), make([]byte, 4096)...), nil},
		{"far too long", wavFile(good, 4000, sine(500, 0.5, 8000)), ErrTooLong},
	} {
		if _, err := ReadWAV(bytes.NewReader(c.file), 5000); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestWriteWAV(t *testing.T) {
	sound := make([]byte, 256)
	for i := range sound {
		sound[i] = byte(i)
	}
	var file bytes.Buffer
	if err := (&voice.Recording{Audio: sound}).WriteWAV(&file); err != nil {
		t.Fatal(err)
	}
	if n := binary.LittleEndian.Uint32(file.Bytes()[4:]); int(n) != file.Len()-8 {
		t.Errorf("the header says %d bytes follow, %d do", n, file.Len()-8)
	}
	got, err := ReadWAV(&file, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	sound[0x7f] = 0xff // the other zero
	if !bytes.Equal(got, sound) {
		t.Errorf("read back\n% x, want\n% x", got, sound)
	}
}

func FuzzReadWAV(f *testing.F) {
	for _, is := range wavFormats {
		f.Add(wavFile(wavFormat{uint16(is.code), 2, 11025, is.bits}, 30, sine(500, 1, 11025)))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		const limit = 1 << 16
		sound, err := ReadWAV(bytes.NewReader(file), limit)
		switch {
		case err == nil && (len(sound) == 0 || len(sound) > limit):
			t.Errorf("%d samples of %d bytes", len(sound), len(file))
		case err != nil && !errors.Is(err, ErrWAV) && !errors.Is(err, ErrTooLong):
			t.Error(err)
		}
	})
}

func BenchmarkReadWAV(b *testing.B) {
	for _, rate := range []int{8000, 44100, 48000, 192_000} {
		f := wavFormat{formatPCM, 2, rate, 16}
		file := wavFile(f, rate, sine(1000, 0.5, rate))
		b.Run(fmt.Sprint(rate), func(b *testing.B) { // a second of sound
			for b.Loop() {
				if _, err := ReadWAV(bytes.NewReader(file), 1<<30); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
