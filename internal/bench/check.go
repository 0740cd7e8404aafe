package bench

import (
	"context"
	"fmt"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
)

// checksARound is how many numbers one round asks for.
const checksARound = 1 << 20

// Check compares a check in process with a look into a Go map and with many
// checks at once.
func Check(ctx context.Context, s Settings) ([]Figure, error) {
	numbers := newList(s.Entries)
	x := new(index.Index)
	if err := x.Load(ctx, numbers); err != nil {
		return nil, err
	}
	list := &dnc.List{Index: x}
	asked := numbers.questions(checksARound)
	asMap := make(map[e164.Number]struct{}, len(numbers))
	for _, n := range numbers {
		asMap[e164.FromUint64(n)] = struct{}{}
	}
	listed := make([]bool, len(asked))
	return measure(ctx, s.Rounds, false, contender{
		name: fmt.Sprintf("Go map of %d", s.Entries),
		run: func(context.Context) (int, error) {
			for i, n := range asked {
				_, listed[i] = asMap[n]
			}
			return len(asked), nil
		},
	}, contender{
		name: "List.Check",
		run: func(context.Context) (int, error) {
			for i, n := range asked {
				var err error
				if listed[i], err = list.Check(production, n); err != nil {
					return 0, err
				}
			}
			return len(asked), nil
		},
	}, contender{
		name: "ContainsMany",
		run: func(context.Context) (int, error) {
			_, err := x.ContainsMany(production, asked, listed)
			return len(asked), err
		},
	})
}

// Search measures the first page, newest first, for parts of a number of each
// length. A part of one length is searched for in several places of a number.
func Search(ctx context.Context, s Settings) ([]Figure, error) {
	numbers := newList(s.Entries)
	x := new(index.Index)
	if err := x.Load(ctx, numbers); err != nil {
		return nil, err
	}
	var contenders []contender
	for length := range 12 {
		contenders = append(contenders, contender{
			name: fmt.Sprintf("search for %d digits in %d", length, s.Entries),
			run:  func(context.Context) (int, error) { return search(x, numbers, length) },
		})
	}
	return measure(ctx, s.Rounds, true, contenders...)
}

// search searches for parts with the given length of numbers that are listed.
func search(x *index.Index, numbers made, length int) (int, error) {
	const times = 8
	for i := range times {
		digits := e164.FromUint64(numbers[i*len(numbers)/times]).String()[1:]
		from := i * (len(digits) - length) / times
		q := dnc.Query{Part: digits[from : from+length], Limit: 50}
		found, err := x.Search(production, q)
		if err != nil {
			return 0, err
		}
		if found.Total == 0 {
			return 0, fmt.Errorf("%s is not found", q.Part)
		}
	}
	return times, nil
}

// now is the time as the store keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
