package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"nocall/client"
)

const callUsage = `Usage:
    nocall call place [-provider NAME] [-agent NAME] [-caller-id NUMBER] [-wait]
                      NUMBER
    nocall call inbound -called NUMBER [NUMBER]
    nocall call say [-speaker contact|agent] [-language TAG] ID TEXT
    nocall call press ID KEYS
    nocall call end [-disposition D] ID
    nocall call show ID
    nocall call list [-number NUMBER] [-disposition D] [-opt-out] [-limit N]

place has a call placed, unless the number is listed: then nothing reaches the
provider and the exit status is 3. inbound reports a call that came in, which is
let through whatever the list says. say and press tell what was said and which
keys the contact pressed; a wish not to be called again puts the contact on the
list at once.

Options:
    -provider NAME       simulator, or external for a platform that dials
    -agent NAME          who speaks; the provider's own if left out
    -caller-id NUMBER    the number shown to the contact
    -opt-out-detection   listen for opt-outs, or =false not to
    -wait                wait for the call's end and show it
    -called NUMBER       the number of ours that was called
    -speaker WHO         contact (the default) or agent
    -language TAG        of the text, such as en
    -disposition D       answered (the default of end), busy, no_answer,
                         refused, failed; of list also skipped, recalled
    -number NUMBER       calls with this contact
    -opt-out             calls in which an opt-out was heard
    -limit N             at most N calls (50); 0 for all
    -json                an object for each call
` + remoteUsage + `
Example:
    $ nocall call place +14155550123
    nocall: +14155550123 is on the do-not-call list
`

type callCommand struct {
	Place   placeCommand   `cmd:""`
	Inbound inboundCommand `cmd:""`
	Say     sayCommand     `cmd:""`
	Press   pressCommand   `cmd:""`
	End     endCommand     `cmd:""`
	Show    showCommand    `cmd:""`
	List    callsCommand   `cmd:""`
}

type placeCommand struct {
	remote
	asJSON
	Number          string `arg:""`
	Provider        string
	Agent           string
	CallerID        string
	OptOutDetection *bool
	Wait            bool
}

// Run places the call.
func (k *placeCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	call, err := c.Place(ctx, client.Placing{
		Number: k.Number, Provider: k.Provider, Agent: k.Agent, CallerID: k.CallerID,
		OptOutDetection: k.OptOutDetection,
	})
	if errors.Is(err, client.ErrListed) || errors.Is(err, client.ErrRegistry) {
		in.complain(err)
		return errListed
	}
	if err != nil {
		return err
	}
	if k.Wait {
		if call, err = untilEnded(ctx, c, call); err != nil {
			return err
		}
	}
	return showCall(in.Stdout, k.asJSON, call)
}

// untilEnded asks for the call until it has ended.
func untilEnded(
	ctx context.Context, c *client.Client, call client.Call,
) (client.Call, error) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		var err error
		call, err = c.Call(ctx, call.ID)
		if err != nil || call.Status == "ended" {
			return call, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return call, ctx.Err()
		}
	}
}

type inboundCommand struct {
	remote
	asJSON
	Number string `arg:"" optional:""`
	Called string `required:""`
}

// Run reports the call.
func (k *inboundCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	call, err := c.Inbound(ctx, k.Number, k.Called)
	if err != nil {
		return err
	}
	return showCall(in.Stdout, k.asJSON, call)
}

type sayCommand struct {
	remote
	asJSON
	ID       string `arg:""`
	Text     string `arg:""`
	Speaker  string `enum:"contact,agent" default:"contact"`
	Language string
}

// Run tells what was said.
func (k *sayCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	heard, err := c.Turn(ctx, k.ID, client.Turn{
		Speaker: k.Speaker, Text: k.Text, Language: k.Language,
	})
	if err != nil {
		return err
	}
	return k.print(in.Stdout, heard, heardLine(heard))
}

type pressCommand struct {
	remote
	asJSON
	ID   string `arg:""`
	Keys string `arg:""`
}

// Run tells which keys were pressed.
func (k *pressCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	heard, err := c.Press(ctx, k.ID, k.Keys)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, heard, heardLine(heard))
}

func heardLine(h client.Heard) string {
	switch {
	case h.OptOut == nil && h.Finding != nil:
		return fmt.Sprintf("no opt-out, but %s: %q", h.Finding.Verdict, h.Finding.Quote)
	case h.OptOut == nil:
		return "no opt-out"
	case h.Entry != nil && h.Entry.Provisional:
		return fmt.Sprintf("may be an opt-out: %q, %s is listed until its review",
			h.OptOut.Quote, h.Entry.Number)
	case h.Entry == nil:
		return fmt.Sprintf("opt-out: %q, no number to list", h.OptOut.Quote)
	}
	return fmt.Sprintf("opt-out: %q, %s is listed", h.OptOut.Quote, h.Entry.Number)
}

type endCommand struct {
	remote
	asJSON
	ID          string `arg:""`
	Disposition string `default:"answered"`
}

// Run ends the call.
func (k *endCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	call, err := c.End(ctx, k.ID, k.Disposition)
	if err != nil {
		return err
	}
	return showCall(in.Stdout, k.asJSON, call)
}

type showCommand struct {
	remote
	asJSON
	ID string `arg:""`
}

// Run shows the call with what was said.
func (k *showCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	call, err := c.Call(ctx, k.ID)
	if err != nil {
		return err
	}
	return showCall(in.Stdout, k.asJSON, call)
}

// showCall shows a call, the turns too where it has them.
func showCall(w io.Writer, a asJSON, call client.Call) error {
	if err := a.print(w, call, callLine(call)); err != nil || a.JSON {
		return err
	}
	for _, t := range call.Turns {
		fmt.Fprintf(w, "    %-8s %s\n", t.Speaker, t.Text)
	}
	if call.OptOut != nil {
		fmt.Fprintf(w, "    opt-out: %q\n", call.OptOut.Quote)
	}
	if call.Clearance != "" {
		fmt.Fprintf(w, "    clearance: %s\n", call.Clearance)
	}
	return nil
}

// callLine is a call in one line: its ID, which other commands want, first.
func callLine(c client.Call) string {
	state := c.Status
	if c.Disposition != nil {
		state = *c.Disposition
	}
	if c.SkipReason != nil {
		state += " (" + *c.SkipReason + ")"
	}
	number := c.Number
	if number == "" {
		number = "withheld"
	}
	return fmt.Sprintf("%s  %-8s  %-16s  %s  %s",
		c.ID, c.Direction, number, stamp(c.StartedAt), state)
}

type callsCommand struct {
	remote
	asJSON
	Number      string
	Disposition string
	OptOut      bool
	Limit       int `default:"50"`
}

// Run lists calls, newest first.
func (k *callsCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	query := client.CallQuery{
		Number: k.Number, Disposition: k.Disposition, Limit: pageSize(k.Limit),
	}
	if k.OptOut {
		query.OptOut = &k.OptOut
	}
	shown := 0
	for call, err := range c.AllCalls(ctx, query) {
		if err != nil {
			return err
		}
		if err := k.print(in.Stdout, call, callLine(call)); err != nil {
			return err
		}
		if shown++; shown == k.Limit {
			break
		}
	}
	return nil
}
