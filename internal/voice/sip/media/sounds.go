package media

import (
	"math"
	"slices"
	"sync"
	"time"

	"nocall/internal/voice"
)

// note is two tones that sound together for so long; silence for 0 Hz.
type note struct {
	low, high float64 // Hz
	lasts     time.Duration
}

// Ringback returns what one hears while a phone rings, as it is in North America:
// six seconds, to be repeated. It must not be changed.
var Ringback = sync.OnceValue(func() []byte {
	return sound(note{440, 480, 2 * time.Second}, note{lasts: 4 * time.Second})
})

// Chime returns three notes, to be heard that a call has sound, again after a
// pause: eight seconds. It must not be changed.
var Chime = sync.OnceValue(func() []byte {
	chime := sound(
		note{523, 523, 300 * time.Millisecond}, note{659, 659, 300 * time.Millisecond},
		note{784, 784, 700 * time.Millisecond}, note{lasts: 700 * time.Millisecond},
	)
	return slices.Repeat(chime, 4)
})

// sound returns notes one after the other.
func sound(notes ...note) []byte {
	const amplitude = 0.1 // of each tone: -20 dB
	var samples []byte
	for _, n := range notes {
		for i := range int(n.lasts * voice.SamplesPerSecond / time.Second) {
			t := 2 * math.Pi * float64(i) / voice.SamplesPerSecond
			samples = append(samples,
				encode(float32(amplitude*(math.Sin(n.low*t)+math.Sin(n.high*t)))))
		}
	}
	return samples
}
