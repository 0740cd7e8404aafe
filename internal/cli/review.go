package cli

import (
	"context"
	"fmt"

	"nocall/client"
)

const reviewUsage = `Usage:
    nocall review list [-review STATE] [-verdict VERDICT] [-campaign ID]
                       [-search NUMBER] [-limit N] [-json]
    nocall review confirm [-json] CALL PLACE
    nocall review release [-json] CALL PLACE

list shows what was heard on calls and may have been a request not to be called
again, newest first: the call and the place of the finding on it, the number,
the words and why they are in doubt. A person says what it was: confirm lists
the number for good, release takes a provisional entry off the list.

Options:
    -review STATE        open (the default), confirmed, released or all
    -verdict VERDICT     opt_out, review or scoped
    -campaign ID         those on calls of one campaign
    -search NUMBER       those of one number, or of part of one
    -limit N             at most N findings (50); 0 for all
    -json                an object for each finding
` + remoteUsage + `
Example:
    $ nocall review list
    0sgg8f4c3k2h 0  +14155550123  "leave me alone"  review, leave_alone, listed
    $ nocall review release 0sgg8f4c3k2h 0
    released
`

type reviewCommand struct {
	List    reviewListCommand    `cmd:""`
	Confirm reviewConfirmCommand `cmd:""`
	Release reviewReleaseCommand `cmd:""`
}

type reviewListCommand struct {
	remote
	asJSON
	Review  string `enum:"open,confirmed,released,all" default:"open"`
	Verdict string `enum:",opt_out,review,scoped" default:""`
	Limit   int    `default:"50"`

	Campaign string
	Search   string
}

// Run shows the findings.
func (k *reviewListCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	query := client.FindingQuery{
		Review: k.Review, Verdict: k.Verdict, Limit: pageSize(k.Limit),
		CampaignID: k.Campaign, Search: k.Search,
	}
	if query.Review == "all" {
		query.Review = ""
	}
	shown := 0
	for f, err := range c.AllFindings(ctx, query) {
		if err != nil {
			return err
		}
		if err := k.print(in.Stdout, f, findingLine(f)); err != nil {
			return err
		}
		if shown++; shown == k.Limit {
			break
		}
	}
	return nil
}

// findingLine is a finding in one line: what the answers want first.
func findingLine(f client.Found) string {
	place := 0
	if f.Place != nil {
		place = *f.Place
	}
	number := f.Call.Number
	if number == "" {
		number = "withheld"
	}
	line := fmt.Sprintf("%s %d  %-16s  %q  %s", f.Call.ID, place, number, f.Quote, f.Verdict)
	for _, more := range []string{text(f.Family), text(f.Review), text(f.ReviewedBy)} {
		if more != "" {
			line += ", " + more
		}
	}
	if text(f.Review) == "open" && f.Listed {
		line += ", listed"
	}
	return line
}

type reviewAnswer struct {
	remote
	asJSON
	Call  string `arg:""`
	Place int    `arg:""`
}

type reviewConfirmCommand struct{ reviewAnswer }

// Run says that it was an opt-out.
func (k *reviewConfirmCommand) Run(ctx context.Context, in *Invocation) error {
	return k.give(ctx, in, (*client.Client).Confirm)
}

type reviewReleaseCommand struct{ reviewAnswer }

// Run says that it was no opt-out.
func (k *reviewReleaseCommand) Run(ctx context.Context, in *Invocation) error {
	return k.give(ctx, in, (*client.Client).Release)
}

func (k *reviewAnswer) give(
	ctx context.Context, in *Invocation,
	answer func(c *client.Client, ctx context.Context, callID string, place int) (
		client.Reviewed, error),
) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	r, err := answer(c, ctx, k.Call, k.Place)
	if err != nil {
		return err
	}
	line := text(r.Finding.Review)
	if r.Entry != nil {
		line += ": " + r.Entry.Number + " is listed"
	}
	return k.print(in.Stdout, r, line)
}
