package cli

import "context"

const removeUsage = `Usage:
    nocall remove [-json] NUMBER...
    nocall remove [-json] -

Takes numbers off the do-not-call list, which makes them callable again. "-"
reads them from standard input, one a line. The trail keeps who did it.

Options:
    -json                an object for each number
` + remoteUsage + `
Example:
    $ nocall remove +14155550123
    +14155550123 removed
`

type removeCommand struct {
	remote
	asJSON
	Numbers []string `arg:"" name:"number"`
}

// removed is what came of removing a number.
type removed struct {
	Number  string `json:"number"` // as it was given
	Removed bool   `json:"removed"`
}

// Run removes the numbers, several at once.
func (k *removeCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	return each(in, k.Numbers, func(number string) (removed, error) {
		return removed{number, true}, c.Remove(ctx, number)
	}, func(r removed) error {
		return k.print(in.Stdout, r, r.Number+" removed")
	})
}
