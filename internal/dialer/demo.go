package dialer

import (
	"context"
	"errors"

	"nocall/internal/campaign"
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
	demoCallerID = e164.FromUint64(1_415_555_0100)
	demoListed   = []dnc.Entry{
		{Number: e164.FromUint64(1_415_555_0123), Reason: "Requested removal via email"},
		{Number: e164.FromUint64(1_206_555_0148), Reason: "Imported from legacy DNC list"},
	}
	demoContacts = []uint64{
		1_212_555_0104, 1_415_555_0123, 1_313_555_0152, 1_617_555_0117, 1_303_555_0172,
		1_206_555_0148, 1_404_555_0158, 1_702_555_0163, 1_503_555_0181, 1_916_555_0131,
		1_305_555_0195, 1_512_555_0192, 1_602_555_0154, 1_801_555_0126,
	}
	demoTalk = []voice.Turn{
		{Speaker: optout.Agent, Text: "Brightside Energy, good day. How can I help?"},
		{Speaker: optout.Contact, Text: "Hello, I have a question about my last bill."},
		{Speaker: optout.Agent, Text: "Of course, let me look at it with you."},
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
	for _, e := range demoListed {
		e.Environment, e.CreatedBy, e.User, e.CreatedAt = env, dnc.User, by, now()
		if _, _, err := d.List.Add(ctx, e); err != nil {
			return 0, err
		}
	}
	r := Request{
		Environment: env, CallerID: demoCallerID, Provider: Simulator,
		CampaignID: DemoCampaign, By: by,
	}
	for _, contact := range demoContacts {
		r.Number = e164.FromUint64(contact)
		_, err := d.Place(ctx, r)
		if err != nil && !errors.Is(err, dnc.ErrListed) { // skipped, as it should be
			return 0, err
		}
	}
	r.Number = demoListed[0].Number
	return len(demoContacts), d.demoInbound(ctx, r)
}

// demoInbound is a listed contact who calls in and is answered.
func (d *Dialer) demoInbound(ctx context.Context, r Request) error {
	call, err := d.Inbound(ctx, r)
	if err != nil {
		return err
	}
	for _, t := range demoTalk {
		t.At, t.Language = now(), "en"
		if _, err := d.Listener.Turn(ctx, r.Environment, call.ID, t); err != nil {
			return err
		}
	}
	_, err = d.End(ctx, r.Environment, call.ID, campaign.Answered)
	return err
}
