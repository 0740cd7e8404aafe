package cli

import (
	"context"
	"fmt"

	"nocall/client"
)

const environmentUsage = `Usage:
    nocall environment add NAME
    nocall environment list
    nocall environment set [-default-region CC] [-max-concurrent-calls N]
                           [-opt-out-detection] [-opt-out-preset PRESET]
                           [-hidden] NAME
    nocall environment remove -confirm NAME NAME

Each environment has a do-not-call list of its own, and calls and keys. A name
is 1 to 63 of a-z, 0-9 and -. A key belongs to one environment: add prints a key
for the new one, which is shown once. Removing an environment removes all that
it has; export its list first. Its trail is kept.

Options:
    -default-region CC   country whose national forms of numbers are understood,
                         such as US; "" for none
    -max-concurrent-calls N
                         outbound calls at once
    -opt-out-detection   listen to conversations, or =false not to
    -opt-out-preset PRESET
                         what becomes of words that can be meant either way:
                         nothing (strict), a review (balanced), or a review and
                         an entry until then (cautious)
    -hidden              not offered on the page, or =false
    -confirm NAME        the name once more, to remove an environment
    -json                an object for each environment
` + remoteUsage + `
Example:
    $ nocall environment set -default-region US production
`

type environmentCommand struct {
	Add    environmentAddCommand    `cmd:""`
	List   environmentListCommand   `cmd:""`
	Set    environmentSetCommand    `cmd:""`
	Remove environmentRemoveCommand `cmd:""`
}

type environmentAddCommand struct {
	remote
	asJSON
	Name string `arg:""`
}

// Run makes the environment.
func (k *environmentAddCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	e, err := c.AddEnvironment(ctx, k.Name)
	if err != nil {
		return err
	}
	line := e.Name + " added"
	if e.Key != nil {
		line += "\n" + e.Key.Secret
	}
	return k.print(in.Stdout, e, line)
}

type environmentListCommand struct {
	remote
	asJSON
}

// Run lists the environments that the key may see.
func (k *environmentListCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	environments, err := c.Environments(ctx)
	if err != nil {
		return err
	}
	for _, e := range environments {
		if err := k.print(in.Stdout, e, environmentLine(e)); err != nil {
			return err
		}
	}
	return nil
}

func environmentLine(e client.Environment) string {
	line := e.Name
	if e.Entries != nil {
		line += fmt.Sprintf("  %d entries", *e.Entries)
	}
	line += fmt.Sprintf("  %d calls at once", e.MaxConcurrentCalls)
	if e.DefaultRegion != "" {
		line += ", region " + e.DefaultRegion
	}
	if !e.OptOutDetection {
		line += ", no opt-out detection"
	}
	if e.OptOutPreset != "" && e.OptOutPreset != "cautious" {
		line += ", " + e.OptOutPreset
	}
	if e.Hidden {
		line += ", hidden"
	}
	return line
}

type environmentSetCommand struct {
	remote
	asJSON
	Name               string `arg:""`
	DefaultRegion      *string
	MaxConcurrentCalls *int
	OptOutDetection    *bool
	OptOutPreset       *string `enum:"strict,balanced,cautious"`
	Hidden             *bool
}

// Run changes what was given.
func (k *environmentSetCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	c.Environment = k.Name
	e, err := c.SetEnvironment(ctx, client.Settings{
		DefaultRegion: k.DefaultRegion, MaxConcurrentCalls: k.MaxConcurrentCalls,
		OptOutDetection: k.OptOutDetection, OptOutPreset: k.OptOutPreset, Hidden: k.Hidden,
	})
	if err != nil {
		return err
	}
	return k.print(in.Stdout, e, environmentLine(e))
}

type environmentRemoveCommand struct {
	remote
	Name    string `arg:""`
	Confirm string
}

// Run removes the environment, where its name was given twice.
func (k *environmentRemoveCommand) Run(ctx context.Context, in *Invocation) error {
	if k.Confirm != k.Name {
		return usageError{fmt.Sprintf(
			"this removes the list, calls and keys of %s: say -confirm %[1]s", k.Name)}
	}
	c, err := k.client(in)
	if err != nil {
		return err
	}
	return c.RemoveEnvironment(ctx, k.Name)
}
