package media

import "math"

const (
	// passBand is where the low-pass is half way down: a telephone carries up
	// to 3,400 Hz, and above 4,000 Hz nothing may be left.
	passBand = 3650

	// crossings is how many zeros the low-pass has on each side: more of them
	// make it steeper.
	crossings = 24

	// maxPhases bounds how many places between two samples are told apart.
	maxPhases = 512
)

// decimator brings sound down to 8,000 samples a second. What would fold over
// into hearing is filtered out first: by a sinc, with Kaiser's window.
type decimator struct {
	take    func(float32)
	rate    int
	reach   int         // samples before and after that count
	phases  [][]float32 // the filter, for each place between two samples
	history []float32
	begins  int64 // the place in the sound of the first sample of history
	next    int64 // how many samples were taken
}

func newDecimator(rate int, take func(float32)) *decimator {
	ratio := float64(rate) / lowestRate
	d := &decimator{take: take, rate: rate}
	d.reach = int(math.Ceil(crossings * ratio * lowestRate / (2 * passBand)))
	d.phases = make([][]float32, min(lowestRate/gcd(rate, lowestRate), maxPhases))
	for i := range d.phases {
		d.phases[i] = lowPass(float64(i)/float64(len(d.phases)), d.reach, rate)
	}
	d.history = make([]float32, d.reach, 16*d.reach) // silence before it begins
	d.begins = -int64(d.reach)
	return d
}

// put adds a sample. Each of the 8,000 is taken once everything that counts for
// it is there.
func (d *decimator) put(x float32) {
	d.history = append(d.history, x)
	for {
		// the place of the next one: whole samples, and a rest of them
		whole := d.next * int64(d.rate) / lowestRate
		rest := d.next * int64(d.rate) % lowestRate
		phase := (int(rest)*len(d.phases) + lowestRate/2) / lowestRate
		if phase == len(d.phases) {
			whole, phase = whole+1, 0
		}
		first := int(whole - int64(d.reach) + 1 - d.begins)
		filter := d.phases[phase]
		if first+len(filter) > len(d.history) {
			d.forget(first)
			return
		}
		var sum float32
		for i, h := range filter {
			sum += h * d.history[first+i]
		}
		d.take(sum)
		d.next++
	}
}

// end says that there are no more samples.
func (d *decimator) end() {
	for range d.reach {
		d.put(0)
	}
}

// forget drops what is before the sample at first, if that is much.
func (d *decimator) forget(first int) {
	if first < 8*d.reach {
		return
	}
	kept := copy(d.history, d.history[first:])
	d.history = d.history[:kept]
	d.begins += int64(first)
}

// lowPass is the filter for a sample at a place between two others, the last of
// which is the one at reach-1. It adds up to 1.
func lowPass(place float64, reach, rate int) []float32 {
	const beta = 7 // 70 dB
	filter := make([]float32, 2*reach)
	sum := 0.0
	values := make([]float64, len(filter))
	for i := range values {
		x := float64(i-reach+1) - place
		values[i] = sinc(2*passBand*x/float64(rate)) * kaiser(x/float64(reach), beta)
		sum += values[i]
	}
	for i, v := range values {
		filter[i] = float32(v / sum)
	}
	return filter
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the window at x, from -1 to 1.
func kaiser(x, beta float64) float64 {
	if x < -1 || x > 1 {
		return 0
	}
	return bessel(beta*math.Sqrt(1-x*x)) / bessel(beta)
}

// bessel is the modified Bessel function of the first kind, of order zero.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
