package cli

import (
	"context"
	"fmt"

	"nocall/client"
)

type subscribeCommand struct {
	remote
	asJSON
	Name       string `arg:""`
	Stale      string `enum:",refuse,allow" default:""`
	NotCovered string `enum:",refuse,allow" default:""`
}

// Run has the environment ask a registry.
func (k *subscribeCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	all, err := c.Subscribe(ctx, client.Subscription{
		Registry: k.Name, Stale: k.Stale, NotCovered: k.NotCovered,
	})
	if err != nil {
		return err
	}
	return k.printSubscriptions(in, all)
}

func (a asJSON) printSubscriptions(in *Invocation, all []client.Subscription) error {
	for _, s := range all {
		line := fmt.Sprintf("%s  stale: %s  not covered: %s", s.Registry, s.Stale, s.NotCovered)
		if err := a.print(in.Stdout, s, line); err != nil {
			return err
		}
	}
	return nil
}

type subscriptionsCommand struct {
	remote
	asJSON
}

// Run lists what the environment subscribes to.
func (k *subscriptionsCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	all, err := c.Subscriptions(ctx)
	if err != nil {
		return err
	}
	return k.printSubscriptions(in, all)
}

type unsubscribeCommand struct {
	remote
	Name string `arg:""`
}

// Run has the environment ask a registry no more.
func (k *unsubscribeCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	return c.Unsubscribe(ctx, k.Name)
}

type exemptCommand struct {
	remote
	asJSON
	Number   string `arg:""`
	Ground   string `required:"" enum:"consent,business_relationship"`
	Since    string `required:""`
	Until    string
	Evidence string `required:""`
	Registry string
}

// Run exempts a number from registries.
func (k *exemptCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	e, err := c.Exempt(ctx, client.NewExemption{
		Number: k.Number, Ground: k.Ground, Registry: k.Registry, Evidence: k.Evidence,
		Since: k.Since, Until: k.Until,
	})
	if err != nil {
		return err
	}
	return k.print(in.Stdout, e, exemptionLine(e))
}

func exemptionLine(e client.Exemption) string {
	line := fmt.Sprintf("%s  %s  %s since %s", e.ID, e.Number, e.Ground, stamp(e.Since))
	if e.Until != nil {
		line += " until " + stamp(*e.Until)
	}
	if e.Registry != "" {
		line += " from " + e.Registry
	}
	if !e.InForce {
		line += ", over"
	}
	return line + "  " + e.Evidence
}

type exemptionsCommand struct {
	remote
	asJSON
}

// Run lists the exemptions of the environment.
func (k *exemptionsCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	all, err := c.Exemptions(ctx)
	if err != nil {
		return err
	}
	for _, e := range all {
		if err := k.print(in.Stdout, e, exemptionLine(e)); err != nil {
			return err
		}
	}
	return nil
}

type unexemptCommand struct {
	remote
	asJSON
	ID string `arg:""`
}

// Run ends an exemption before its time.
func (k *unexemptCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	e, err := c.EndExemption(ctx, k.ID)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, e, exemptionLine(e))
}
