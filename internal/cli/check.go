package cli

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"nocall/client"
)

const checkUsage = `Usage:
    nocall check [-json] NUMBER...
    nocall check [-json] -

Asks whether numbers may be called. "-" reads them from standard input, one a
line, and answers as they come, without limit.

The exit status is 0 when all numbers are clear, 3 when one is listed or
registered, and 1 when nocall cannot know of one, also because a registry is too
old or does not cover it (stale, not_covered): then do not call either.

Options:
    -json                an object for each number
` + remoteUsage + `
Example:
    $ nocall check +14155550123 && dial +14155550123
    +14155550123 listed
`

type checkCommand struct {
	remote
	asJSON
	Numbers []string `arg:"" name:"number"`
}

// Run asks and answers.
func (k *checkCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	tally := verdicts{}
	if len(k.Numbers) == 1 && !fromStdin(k.Numbers) {
		answer, err := c.Check(ctx, k.Numbers[0])
		if err != nil {
			return err
		}
		tally.count(answer.Verdict)
		line := answer.Number + " " + string(answer.Verdict)
		if answer.Registry != "" {
			line += " " + answer.Registry
		}
		if err := k.print(in.Stdout, answer, line); err != nil {
			return err
		}
		return tally.end()
	}
	results := c.CheckLines(ctx, in.Stdin)
	if !fromStdin(k.Numbers) {
		results = checkMany(ctx, c, k.Numbers)
	}
	for r, err := range results {
		if err != nil {
			return err
		}
		if r.Input == "" {
			continue // a blank line asks nothing
		}
		tally.count(r.Verdict)
		if r.Verdict == client.Invalid && r.Detail != "" {
			fmt.Fprintf(in.Stderr, "nocall: %q: %s\n", r.Input, r.Detail)
		}
		number := r.Number
		if number == "" {
			number = r.Input
		}
		if err := k.print(in.Stdout, r, number+" "+string(r.Verdict)); err != nil {
			return err
		}
	}
	return tally.end()
}

// checkMany asks for many numbers, as many at once as a request takes.
func checkMany(
	ctx context.Context, c *client.Client, numbers []string,
) iter.Seq2[client.Result, error] {
	return func(yield func(client.Result, error) bool) {
		for some := range slices.Chunk(numbers, client.MaxNumbers) {
			results, err := c.CheckMany(ctx, some)
			if err != nil {
				yield(client.Result{}, err)
				return
			}
			for _, r := range results {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// verdicts remembers which verdicts there were.
type verdicts map[client.Verdict]bool

func (v verdicts) count(verdict client.Verdict) { v[verdict] = true }

// end says how the command ends: one number of which nothing is known weighs
// more than one that is listed.
func (v verdicts) end() error {
	known := 0
	for _, verdict := range []client.Verdict{client.Clear, client.Listed, client.Registered} {
		if v[verdict] {
			known++
		}
	}
	switch {
	case len(v) > known:
		return errSaid
	case v[client.Listed] || v[client.Registered]:
		return errListed
	}
	return nil
}
