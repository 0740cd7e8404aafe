package cli

import (
	"context"
	"fmt"
	"strings"

	"nocall/client"
)

const numberUsage = `Usage:
    nocall number list
    nocall number add -provider NAME [OPTION]... NUMBER
    nocall number pace [OPTION]... NUMBER... | -all
    nocall number remove NUMBER

Our own numbers: campaigns and single calls show them to contacts as caller
IDs, and inbound calls to them are answered by their agent. A number's pace is
how often it is shown, by all campaigns and single calls together; pace sets it
anew, and without an option takes it away. It takes the key of an admin.

Options of add:
    -provider NAME       who carries it
    -label TEXT          for people to read
    -tag TAG             by which campaigns choose it; may be repeated
    -agent NAME          who answers calls to it
Options of add and pace:
    -calls N             calls at once
    -per-second N        calls begun in any second
    -per-minute N        in any minute
    -per-day N           in any 24 hours
Other options:
    -all                 of every number of the environment
    -json                an object for each number
` + remoteUsage + `
Example:
    $ nocall number add -provider trunk -tag sales -per-day 100 +14155550100
    +14155550100  trunk  100 a day  sales
`

type numberCommand struct {
	List   numberListCommand   `cmd:""`
	Add    numberAddCommand    `cmd:""`
	Pace   numberPaceCommand   `cmd:""`
	Remove numberRemoveCommand `cmd:""`
}

// paceFlags are how often a number is shown.
type paceFlags struct {
	Calls     int
	PerSecond int
	PerMinute int
	PerDay    int
}

func (k paceFlags) pace() *client.NumberPace {
	return &client.NumberPace{
		Calls: k.Calls, PerSecond: k.PerSecond, PerMinute: k.PerMinute, PerDay: k.PerDay,
	}
}

// numberLine is a number in one line.
func numberLine(n client.Number) string {
	parts := []string{n.Number, n.Provider}
	for _, part := range []string{paceWords(n.Pace), strings.Join(n.Tags, ","), n.Label} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if n.InboundAgent != nil {
		parts = append(parts, "answered by "+*n.InboundAgent)
	}
	return strings.Join(parts, "  ")
}

// paceWords are a pace as people say it, "" for none.
func paceWords(p client.NumberPace) string {
	var said []string
	for _, limit := range []struct {
		calls int
		words string
	}{
		{p.Calls, "at once"},
		{p.PerSecond, "a second"},
		{p.PerMinute, "a minute"},
		{p.PerDay, "a day"},
	} {
		if limit.calls > 0 {
			said = append(said, fmt.Sprintf("%d %s", limit.calls, limit.words))
		}
	}
	return strings.Join(said, ", ")
}

type numberListCommand struct {
	remote
	asJSON
}

// Run lists the numbers, in their order.
func (k *numberListCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	numbers, err := c.Numbers(ctx)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if err := k.print(in.Stdout, n, numberLine(n)); err != nil {
			return err
		}
	}
	return nil
}

type numberAddCommand struct {
	remote
	asJSON
	paceFlags
	Number   string `arg:""`
	Provider string `required:""`
	Label    string
	Tag      []string
	Agent    string
}

// Run adds a number.
func (k *numberAddCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	added, err := c.AddNumber(ctx, client.NumberSettings{
		Number: k.Number, Provider: k.Provider, Label: k.Label, Tags: k.Tag,
		InboundAgent: k.Agent, Pace: k.pace(),
	})
	if err != nil {
		return err
	}
	return k.print(in.Stdout, added, numberLine(added))
}

type numberPaceCommand struct {
	remote
	asJSON
	paceFlags
	Numbers []string `arg:"" optional:""`
	All     bool
}

// Run sets how often numbers are shown, one after the other.
func (k *numberPaceCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	if k.All == (len(k.Numbers) > 0) {
		return usageError{"want numbers, or -all"}
	}
	if k.All {
		all, err := c.Numbers(ctx)
		if err != nil {
			return err
		}
		for _, n := range all {
			k.Numbers = append(k.Numbers, n.Number)
		}
	}
	for _, n := range k.Numbers {
		changed, err := c.SetNumber(ctx, n, client.NumberSettings{Pace: k.pace()})
		if err != nil {
			return fmt.Errorf("%s: %w", n, err)
		}
		if err := k.print(in.Stdout, changed, numberLine(changed)); err != nil {
			return err
		}
	}
	return nil
}

type numberRemoveCommand struct {
	remote
	Number string `arg:""`
}

// Run removes a number.
func (k *numberRemoveCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	return c.RemoveNumber(ctx, k.Number)
}
