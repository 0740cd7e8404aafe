package dialer

import (
	"context"
	"errors"
	"fmt"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// Sandbox is the only environment in which the demonstration runs.
const Sandbox dnc.Environment = "sandbox"

// DemoCampaign is the campaign that the demonstration's calls belong to.
const DemoCampaign = "demo"

// ErrNotSandbox reports a demonstration anywhere else.
var ErrNotSandbox = errors.New("dialer: the demonstration runs in the sandbox only")

// The demonstration's numbers are those set aside for fiction, 555-0100 to
// 555-0199 of an area code. Their last two digits say what their contacts do;
// see package simulator.
var (
	demoCallerID = "+14155550100"
	demoListed   = []struct{ number, reason string }{
		{"+14155550123", "Requested removal via email"},
		{"+12065550148", "Imported from legacy DNC list"},
	}
	demoContacts = []string{
		"+12125550104", "+14155550123", "+13125550152", "+16175550117", "+13035550172",
		"+12065550148", "+14045550158", "+17025550163", "+15035550181", "+19165550131",
		"+13055550195", "+15125550192", "+16025550154", "+18015550126",
	}
)

// Demo runs a small campaign of calls over the simulator: some contacts are on
// the list and skipped, some ask not to be called again and are listed, one
// listed contact calls in and is answered. It returns how many contacts there
// are, without waiting for the calls. Running it again shows that nobody who
// opted out is called.
func (d *Dialer) Demo(ctx context.Context, env dnc.Environment, by string) (int, error) {
	if env != Sandbox {
		return 0, ErrNotSandbox
	}
	for _, listed := range demoListed {
		n, err := e164.Parse(listed.number)
		if err != nil {
			return 0, fmt.Errorf("demonstration number: %w", err)
		}
		_, _, err = d.List.Add(ctx, dnc.Entry{
			Environment: env, Number: n, CreatedBy: dnc.User, Reason: listed.reason,
			User: by, CreatedAt: now(),
		})
		if err != nil {
			return 0, err
		}
	}
	for _, contact := range demoContacts {
		if err := d.demoCall(ctx, env, contact, by); err != nil {
			return 0, err
		}
	}
	return len(demoContacts), d.demoInbound(ctx, env, by)
}

func (d *Dialer) demoCall(ctx context.Context, env dnc.Environment, contact, by string) error {
	n, err := e164.Parse(contact)
	if err != nil {
		return fmt.Errorf("demonstration number: %w", err)
	}
	callerID, err := e164.Parse(demoCallerID)
	if err != nil {
		return fmt.Errorf("demonstration number: %w", err)
	}
	_, err = d.Place(ctx, Request{
		Environment: env, Number: n, CallerID: callerID, Provider: Simulator,
		CampaignID: DemoCampaign, By: by,
	})
	if errors.Is(err, dnc.ErrListed) {
		return nil // skipped, as it should be
	}
	return err
}

// demoInbound is a listed contact who calls in and is answered.
func (d *Dialer) demoInbound(ctx context.Context, env dnc.Environment, by string) error {
	n, err := e164.Parse(demoListed[0].number)
	if err != nil {
		return fmt.Errorf("demonstration number: %w", err)
	}
	called, err := e164.Parse(demoCallerID)
	if err != nil {
		return fmt.Errorf("demonstration number: %w", err)
	}
	call, err := d.Inbound(ctx, Request{
		Environment: env, Number: n, CallerID: called, Provider: Simulator,
		CampaignID: DemoCampaign, By: by,
	})
	if err != nil {
		return err
	}
	for _, t := range []voice.Turn{
		{Speaker: optout.Agent, Text: "Brightside Energy, good day. How can I help?"},
		{Speaker: optout.Contact, Text: "Hello, I have a question about my last bill."},
		{Speaker: optout.Agent, Text: "Of course, let me look at it with you."},
	} {
		t.At, t.Language = now(), "en"
		if _, err := d.Listener.Turn(ctx, env, call.ID, t); err != nil {
			return err
		}
	}
	_, err = d.End(ctx, env, call.ID, "answered")
	return err
}
