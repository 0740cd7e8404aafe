package bench

import (
	"context"
	"math"
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

// made is a list of numbers that is made by seed, as lists of people in North
// America are: spread over 300,000 exchanges, some of them much fuller than
// others; and one number in forty from elsewhere.
type made []uint64

// exchange is how many numbers one has.
const exchange = 10_000

// newList makes a list of n different numbers, in an order as they came in.
func newList(n int) made {
	r := rand.New(rand.NewPCG(42, 4242))
	weights := make([]float64, 800_000) // 0 for an exchange that is not in use
	sum := 0.0
	for i := range weights {
		if r.Float64() < 0.375 {
			weights[i] = math.Exp(0.8 * r.NormFloat64())
			sum += weights[i]
		}
	}
	list := make(made, 0, n+n/8)
	for at, weight := range weights {
		if weight == 0 {
			continue
		}
		page := 1_200_000 + uint64(at)
		density := min(1.1*float64(n)*weight/sum/exchange, 0.9)
		gap := math.Log1p(-density)
		for i := 0.0; ; i++ {
			if i += math.Floor(math.Log1p(-r.Float64()) / gap); i >= exchange {
				break
			}
			list = append(list, page*exchange+uint64(i))
		}
	}
	for range n / abroad {
		list = append(list, foreign(r))
	}
	slices.Sort(list)
	list = slices.Compact(list)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:n]
}

// newRandomList makes a list of n numbers, half of which are random ones that
// redis-benchmark can ask for: see [end.benchmark].
func newRandomList(n int) made {
	r := rand.New(rand.NewPCG(43, 43))
	list := make(made, 0, n+n/100)
	for range n/2 + n/200 {
		list = append(list, randomFirst+r.Uint64N(randomRange))
	}
	slices.Sort(list)
	list = append(slices.Compact(list), newList(n-n/2)...)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:n]
}

const (
	randomFirst = 431_000_000_000_000
	randomRange = 1_000_000_000
)

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

// distinct returns the first n different ones of numbers, or as many as there are.
func distinct(numbers []e164.Number, n int) []e164.Number {
	seen := make(map[e164.Number]bool, n)
	var some []e164.Number
	for _, number := range numbers {
		if len(some) < n && !seen[number] {
			seen[number] = true
			some = append(some, number)
		}
	}
	return some
}

// count counts those of asked that are on the list, in a manner that has nothing
// to do with how lists are kept.
func (m made) count(asked []e164.Number) (listed int) {
	sorted := slices.Clone(m)
	slices.Sort(sorted)
	for _, n := range asked {
		if _, found := slices.BinarySearch(sorted, n.Uint64()); found {
			listed++
		}
	}
	return listed
}
