package cli

import (
	"context"
	"fmt"
	"strings"

	"nocall/client"
)

const demoUsage = `Usage:
    nocall demo [-json]

Runs a small campaign of simulated calls in the sandbox: some contacts are
listed and skipped, some ask not to be called again and appear on the list, one
calls in and is answered. Watch it on the page. Run it again, and nobody who
opted out is called.

Options:
    -json                an object
` + remoteUsage

type demoCommand struct {
	remote
	asJSON
}

// Run starts the demonstration.
func (k *demoCommand) Run(ctx context.Context, in *Invocation) error {
	if k.Environment == "" {
		k.Environment = "sandbox"
	}
	c, err := k.client(in)
	if err != nil {
		return err
	}
	contacts, err := c.Demo(ctx)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, demonstration{contacts}, fmt.Sprintf(
		"%d contacts are being called; watch it on %s", contacts, page(c)))
}

type demonstration struct {
	Contacts int `json:"contacts"`
}

func page(c *client.Client) string { return strings.TrimSuffix(c.Server, "/") + "/" }
