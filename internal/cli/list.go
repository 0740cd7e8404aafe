package cli

import (
	"context"
	"fmt"

	"nocall/client"
)

const listUsage = `Usage:
    nocall list [-search PART] [-created-by user|system] [-sort ORDER]
                [-limit N] [-json]

Shows the do-not-call list, newest first. "-created-by system" are the numbers
of those who asked on a call not to be called again. "nocall export" gives the
whole list as CSV.

Options:
    -search PART         part or all of a number, in any punctuation
    -created-by WHO      user or system
    -sort ORDER          -created_at, created_at, number or -number
    -limit N             at most N entries (50); 0 for all
    -json                an object for each entry
` + remoteUsage + `
Example:
    $ nocall list -search 415 -created-by user
    Phone Number      Created By  Date Added           Reason
    +14155550123      user        2026-11-23 10:00:00  asked by email
`

type listCommand struct {
	remote
	asJSON
	Search    string
	CreatedBy string `enum:",user,system" default:""`
	Sort      string `enum:",-created_at,created_at,number,-number" default:""`
	Limit     int    `default:"50"`
}

const listLine = "%-16s  %-10s  %-19s  %s\n"

// Run shows the entries.
func (k *listCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	query := client.EntryQuery{
		Search: k.Search, CreatedBy: k.CreatedBy, Sort: k.Sort, Limit: pageSize(k.Limit),
	}
	shown := 0
	for e, err := range c.AllEntries(ctx, query) {
		if err != nil {
			return err
		}
		if shown == 0 && !k.JSON {
			fmt.Fprintf(in.Stdout, listLine, "Phone Number", "Created By", "Date Added", "Reason")
		}
		line := fmt.Sprintf(listLine, e.Number, e.CreatedBy, stamp(e.CreatedAt), e.Reason)
		if err := k.print(in.Stdout, e, trimLine(line)); err != nil {
			return err
		}
		if shown++; shown == k.Limit {
			break
		}
	}
	return nil
}
