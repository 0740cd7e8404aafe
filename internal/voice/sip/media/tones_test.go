package media

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/zaf/g711"

	"nocall/internal/voice"
)

// dial are two tones, with what a line may do to them.
type dial struct {
	key          byte
	off          float64 // how much the tones are off, as 0.01
	low, high    float64 // amplitudes
	noise        float64 // amplitude
	milliseconds int
}

// sound gives the sound of d, and a pause.
func (d dial) sound(random *rand.Rand) (sound []byte) {
	at := 0
	for grid[at] != d.key {
		at++
	}
	phase := random.Float64()
	for i := range (d.milliseconds + 50) * 8 {
		t := 2 * math.Pi * (1 + d.off) * (phase + float64(i)/lowestRate)
		x := d.noise * (2*random.Float64() - 1)
		if i < d.milliseconds*8 {
			x += d.low*math.Sin(rows[at/4]*t) + d.high*math.Sin(columns[at%4]*t)
		}
		sound = append(sound, encode(float32(x)))
	}
	return sound
}

func listenFor(sound []byte) (keys string) {
	var d tones
	d.take(sound, func(key string) { keys += key })
	return keys
}

// TestTones wants each key once, as lines bring them.
func TestTones(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, d := range []dial{
		{low: 0.25, high: 0.25, milliseconds: 100},
		{low: 0.25, high: 0.25, milliseconds: 55},
		{low: 0.25, high: 0.25, milliseconds: 600},
		{low: 0.01, high: 0.01, milliseconds: 80},
		{low: 0.45, high: 0.45, milliseconds: 80},
		{low: 0.25, high: 0.15, milliseconds: 80},
		{low: 0.12, high: 0.25, milliseconds: 80},
		{low: 0.25, high: 0.25, milliseconds: 80, off: 0.012},
		{low: 0.25, high: 0.25, milliseconds: 80, off: -0.012},
		{low: 0.25, high: 0.25, milliseconds: 80, noise: 0.08},
	} {
		var sound []byte
		for i := range len(grid) {
			d.key = grid[i]
			sound = append(sound, d.sound(random)...)
			sound = append(sound, d.sound(random)...)
		}
		want := "112233AA445566BB778899CC**00##DD"
		if got := listenFor(sound); got != want {
			t.Errorf("%+v: %s, want %s", d, got, want)
		}
		for i, b := range sound { // as A-law on the way
			sound[i] = g711.Alaw2UlawFrame(g711.Ulaw2AlawFrame(b))
		}
		if got := listenFor(sound); got != want {
			t.Errorf("%+v, as A-law: %s, want %s", d, got, want)
		}
	}
}

// TestNoTones wants no key in what is none.
func TestNoTones(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, d := range map[string]dial{
		"too short":       {low: 0.25, high: 0.25, milliseconds: 20},
		"one tone":        {low: 0.25, milliseconds: 200},
		"very uneven":     {low: 0.4, high: 0.02, milliseconds: 200},
		"far off":         {low: 0.25, high: 0.25, off: 0.05, milliseconds: 200},
		"within noise":    {low: 0.1, high: 0.1, noise: 0.5, milliseconds: 200},
		"nothing":         {milliseconds: 200},
		"noise, no tones": {noise: 0.9, milliseconds: 10_000},
	} {
		d.key = '5'
		if got := listenFor(d.sound(random)); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := listenFor(hum(random, 30)); got != "" {
		t.Errorf("in half a minute of humming: %q", got)
	}
}

// hum gives seconds of something like speech: a gliding voice with overtones
// that come and go.
func hum(random *rand.Rand, seconds int) (sound []byte) {
	pitch, angle := 120.0, 0.0
	var loud [25]float64
	for range seconds * 50 {
		pitch = min(max(pitch*(0.97+0.06*random.Float64()), 80), 300)
		for i := range loud {
			loud[i] += 0.4 * (random.Float64()*random.Float64()/float64(i+1) - loud[i])
		}
		for range voice.FrameBytes {
			angle += 2 * math.Pi * pitch / lowestRate
			x := 0.0
			for i, l := range loud {
				if pitch*float64(i+1) < 3400 {
					x += l * math.Sin(angle*float64(i+1))
				}
			}
			sound = append(sound, encode(float32(x/2)))
		}
	}
	return sound
}

// TestPressTones presses keys for a far side that takes and sends no events.
func TestPressTones(t *testing.T) {
	a, b := open(t), open(t)
	for _, s := range []*Session{a, b} {
		other := b
		if s == b {
			other = a
		}
		if s.Press("1") {
			t.Error("pressed a key before anything was agreed")
		}
		offer := replacePort(string(lines("c=IN IP4 127.0.0.1", "m=audio PORT RTP/AVP 8")),
			other.Local().Port())
		if _, err := s.Answer([]byte(offer)); err != nil {
			t.Fatal(err)
		}
	}
	a.Play(make([]byte, 16000)) // loud, and not heard while keys are
	if !a.Press("99*#0") {
		t.Error("pressed no key")
	}
	keys := ""
	for len(keys) < 5 {
		keys += within(t, b.Pressed())
	}
	if keys != "99*#0" {
		t.Errorf("keys %q, want 99*#0", keys)
	}
}

func BenchmarkTones(b *testing.B) { // of a second of sound
	sound := hum(rand.New(rand.NewPCG(1, 2)), 1)
	var d tones
	for b.Loop() {
		d.take(sound, func(string) {})
	}
}
