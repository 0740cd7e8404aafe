package cli

import (
	"context"
	"fmt"

	"nocall/client"
)

const addUsage = `Usage:
    nocall add [-reason TEXT] [-json] NUMBER...
    nocall add [-reason TEXT] [-json] -

Puts numbers on the do-not-call list. "-" reads them from standard input, one a
line. When the answer is there, the entry is durable and in force: no call to
the number starts any more. A number that is listed already keeps its entry.

Options:
    -reason TEXT         why, at most 500 characters
    -json                the entry of each number, and whether it was "added"
` + remoteUsage + `
Example:
    $ nocall add -reason "asked by email" +14155550123
    +14155550123 added
`

type addCommand struct {
	remote
	asJSON
	Reason  string
	Numbers []string `arg:"" name:"number"`
}

// added is what came of adding a number.
type added struct {
	Added bool `json:"added"`
	client.Entry
}

// Run adds the numbers, several at once.
func (k *addCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	return each(in, k.Numbers, func(number string) (added, error) {
		entry, isNew, err := c.Add(ctx, number, k.Reason)
		return added{isNew, entry}, err
	}, func(a added) error {
		line := a.Number + " already listed"
		if a.Added {
			line = a.Number + " added"
		}
		return k.print(in.Stdout, a, line)
	})
}

// each works on every number, several at once, and shows what came of it, in
// order. A number that fails is named on standard error and the others are
// worked on all the same, unless the server is not to be had.
func each[O any](
	in *Invocation, numbers []string, work func(string) (O, error), show func(O) error,
) error {
	type outcome struct {
		number string
		value  O
		err    error
	}
	var end error
	err := inOrder(in.numbers(numbers), func(number string) outcome {
		value, err := work(number)
		return outcome{number, value, err}
	}, func(o outcome) {
		switch {
		case o.err == nil:
			o.err = show(o.value)
		case len(numbers) > 1 || fromStdin(numbers):
			o.err = fmt.Errorf("%s: %w", o.number, o.err)
		}
		if o.err == nil {
			return
		}
		if end != nil {
			in.complain(end) // the last one is said by the caller
		}
		end = o.err
	})
	if err != nil {
		return fmt.Errorf("read numbers: %w", err)
	}
	return end
}
