package media

import (
	"math"
	"strings"

	"github.com/zaf/g711"

	"nocall/internal/voice"
)

// The tones of keys (ITU-T Q.23), in Hz: one of a row and one of a column.
var (
	rows    = [4]float64{697, 770, 852, 941}
	columns = [4]float64{1209, 1336, 1477, 1633}
)

// grid are the keys by row and column.
const grid = "123A456B789C*0#D"

const (
	blockSize = 102 // samples: the tones are far enough apart to be told by that

	// blocks of a tone, one after the other, make a key: 38 ms. That is less
	// than anybody presses a key, and long for speech to stay on two tones.
	blocksOfKey = 3

	quietest = 0.005 // amplitude of a tone, -46 dB
	purity   = 0.82  // the share of all energy that is in the two tones
	apart    = 6.3   // how much stronger than the next a tone is: 8 dB
	twist    = 6.3   // how much stronger than the other of a pair at most
)

// tones finds keys in sound, for a far side that does not send them as events.
type tones struct {
	block  [blockSize]float64
	filled int
	last   byte // the key of the last block; 0 for none
	same   int  // blocks with that key, in a row
}

// take takes in mu-law sound and calls press with each key in it.
func (d *tones) take(sound []byte, press func(key string)) {
	for _, b := range sound {
		d.block[d.filled] = float64(g711.DecodeUlawFrame(b)) / (1 << 15)
		if d.filled++; d.filled < blockSize {
			continue
		}
		d.filled = 0
		key := d.key()
		if key != d.last {
			d.last, d.same = key, 0
		}
		if d.same++; d.same == blocksOfKey && key != 0 {
			press(string(key))
		}
	}
}

// key gives the key whose tones the block consists of, or 0.
func (d *tones) key() byte {
	const least = quietest * quietest
	all := 0.0
	for _, x := range d.block {
		all += x * x
	}
	if all < purity*least*blockSize {
		return 0 // hardly a sound
	}
	row, low := strongest(&rows, d.block[:])
	column, high := strongest(&columns, d.block[:])
	switch {
	case low < least || high < least:
		return 0
	case low > twist*high || high > twist*low:
		return 0
	case (low+high)*blockSize/2 < purity*all:
		return 0
	case row < 0 || column < 0:
		return 0
	}
	return grid[4*row+column]
}

// strongest gives the strongest of four tones, -1 if it does not stand out, and
// the square of its amplitude.
func strongest(hertz *[4]float64, block []float64) (int, float64) {
	at, most, next := -1, 0.0, 0.0
	for i, h := range hertz {
		power := goertzel(h, block)
		switch {
		case power > most:
			at, most, next = i, power, most
		case power > next:
			next = power
		}
	}
	if most < apart*next {
		at = -1
	}
	return at, most
}

// goertzel gives the square of a tone's amplitude in a block.
func goertzel(hertz float64, block []float64) float64 {
	c := 2 * math.Cos(2*math.Pi*hertz/lowestRate)
	var a, b float64
	for _, x := range block {
		a, b = x+c*a-b, a
	}
	n := float64(len(block))
	return (a*a + b*b - c*a*b) * 4 / (n * n)
}

// sing writes the sound of a key to a frame of mu-law, after ticks of it.
func sing(frame []byte, key byte, ticks int) {
	at := strings.IndexByte(grid, key)
	const amplitude = 0.25 // of each tone: -12 dB
	low, high := rows[at/4], columns[at%4]
	for i := range frame {
		t := 2 * math.Pi * float64(ticks*voice.FrameBytes+i) / lowestRate
		frame[i] = encode(float32(amplitude * (math.Sin(low*t) + math.Sin(high*t))))
	}
}
