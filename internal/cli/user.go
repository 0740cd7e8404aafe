package cli

import (
	"context"
	"fmt"

	"nocall/client"
)

const userUsage = `Usage:
    nocall user add [-role admin|member|viewer] [-only NAME] NAME
    nocall user list
    nocall user password NAME
    nocall user remove NAME

Users are the people who sign in on the page. The password is asked for, or read
as a line of standard input; it is never on the command line, where others on
the machine could see it. It takes the key of an admin.

Options:
    -role ROLE           what the user may do (member)
    -only NAME           the only environment that the user may see
    -json                an object for each user
` + remoteUsage + `
Example:
    $ nocall user add -role admin ada@example.com
    Password:
`

type userCommand struct {
	Add      userAddCommand      `cmd:""`
	List     userListCommand     `cmd:""`
	Password userPasswordCommand `cmd:""`
	Remove   userRemoveCommand   `cmd:""`
}

type userAddCommand struct {
	remote
	asJSON
	Name string `arg:""`
	Role string `enum:"admin,member,viewer" default:"member"`
	Only *string
}

// Run makes the user.
func (k *userAddCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	password, err := in.password()
	if err != nil {
		return err
	}
	user, err := c.AddUser(ctx, client.Person{
		Name: k.Name, Role: k.Role, Environment: k.Only,
	}, password)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, user, user.Name+" added")
}

type userListCommand struct {
	remote
	asJSON
}

// Run lists the users.
func (k *userListCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	users, err := c.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		where := "all environments"
		if only := text(u.Environment); only != "" {
			where = only
		}
		line := fmt.Sprintf("%-6s  %s  %s  (%s)", u.Role, stamp(u.CreatedAt), u.Name, where)
		if err := k.print(in.Stdout, u, line); err != nil {
			return err
		}
	}
	return nil
}

type userPasswordCommand struct {
	remote
	Name string `arg:""`
}

// Run gives the user a new password.
func (k *userPasswordCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	password, err := in.password()
	if err != nil {
		return err
	}
	return c.SetPassword(ctx, k.Name, password)
}

type userRemoveCommand struct {
	remote
	Name string `arg:""`
}

// Run takes the user away.
func (k *userRemoveCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	return c.RemoveUser(ctx, k.Name)
}
