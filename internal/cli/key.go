package cli

import (
	"context"
	"fmt"
)

const keyUsage = `Usage:
    nocall key add [-role admin|member|viewer] NAME
    nocall key list
    nocall key remove ID

Keys are what programs sign in with. A key belongs to one environment. Its
secret is shown once, when it is made. It takes the key of an admin.

    viewer     may look at everything
    member     and change the list, and place calls
    admin      and change environments, users and keys

Options:
    -role ROLE           what the key may do (member)
    -json                an object for each key
` + remoteUsage + `
Example:
    $ nocall key add -environment production -role viewer dashboard
    nocall_production_...
`

type keyCommand struct {
	Add    keyAddCommand    `cmd:""`
	List   keyListCommand   `cmd:""`
	Remove keyRemoveCommand `cmd:""`
}

type keyAddCommand struct {
	remote
	asJSON
	Name string `arg:""`
	Role string `enum:"admin,member,viewer" default:"member"`
}

// Run makes the key and shows its secret.
func (k *keyAddCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	made, err := c.AddKey(ctx, k.Name, k.Role)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, made, made.Secret)
}

type keyListCommand struct {
	remote
	asJSON
}

// Run lists the keys, without their secrets.
func (k *keyListCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	keys, err := c.Keys(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		line := fmt.Sprintf("%s  %-6s  %s  %s", key.ID, key.Role, stamp(key.CreatedAt), key.Name)
		if err := k.print(in.Stdout, key, line); err != nil {
			return err
		}
	}
	return nil
}

type keyRemoveCommand struct {
	remote
	ID string `arg:""`
}

// Run takes the key away.
func (k *keyRemoveCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	return c.RemoveKey(ctx, k.ID)
}
