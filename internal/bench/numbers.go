package bench

import (
	"context"
	"math/rand/v2"
	"slices"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
)

// production is the environment that is measured.
const production dnc.Environment = "production"

// microsecond0 is when the first entry was created, in microseconds.
const microsecond0 = 1_700_000_000_000_000

// made is a list of numbers that is made by seed: North American ones, each
// exchange as full as chance has it, from a hundredth to more than half.
type made []uint64

// newList makes a list of n different numbers, in an order as they came in.
func newList(n int) made {
	r := rand.New(rand.NewPCG(42, 4242))
	list := make(made, 0, n+10_000)
	taken := make(map[uint64]bool)
	for len(list) < n {
		page := 1_200_000 + r.Uint64N(799_999) // of ten thousand numbers: an exchange
		if taken[page] {
			continue
		}
		taken[page] = true
		density := 0.01 * float64(1+r.IntN(60)) * r.Float64()
		for i := range uint64(10_000) {
			if r.Float64() < density {
				list = append(list, page*10_000+i)
			}
		}
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:n]
}

var _ index.Source = made(nil)

// Read implements [index.Source]. Two in five entries are the user's.
func (m made) Read(_ context.Context, into index.Reader) error {
	into.Environment(production, 1)
	for i, n := range m {
		by := dnc.System
		if i%5 < 2 {
			by = dnc.User
		}
		into.Entry(e164.FromUint64(n), by, microsecond0+int64(i)*1000)
	}
	return nil
}

// questions returns n numbers to ask for, half of them listed, the others near
// those that are.
func (m made) questions(n int) []e164.Number {
	r := rand.New(rand.NewPCG(6, 6))
	numbers := make([]e164.Number, n)
	for i := range numbers {
		number := m[r.IntN(len(m))]
		if i%2 == 1 {
			number = number - number%1000 + r.Uint64N(1000)
		}
		numbers[i] = e164.FromUint64(number)
	}
	r.Shuffle(n, func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
	return slices.Clip(numbers)
}
