package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"nocall/client"
)

const exportUsage = `Usage:
    nocall export [-search PART] [-created-by user|system] [-safe] > list.csv

Writes the do-not-call list to standard output as CSV, newest first, however
long it is: Phone Number, Created By, Date Added, Reason.

Options:
    -search PART         part or all of a number, in any punctuation
    -created-by WHO      user or system
    -safe                for spreadsheets: no cell is taken for a formula
` + remoteUsage + `
Example:
    $ nocall export -environment production -safe > list.csv
`

type exportCommand struct {
	remote
	Search    string
	CreatedBy string `enum:",user,system" default:""`
	Safe      bool
}

// Run streams the list.
func (k *exportCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	count := &lineCounter{w: in.Stdout}
	query := client.EntryQuery{Search: k.Search, CreatedBy: k.CreatedBy}
	if _, err := c.Export(ctx, count, query, k.Safe); err != nil {
		return fmt.Errorf("export: the list is not whole: %w", err)
	}
	if isTerminal(in.Stderr) {
		fmt.Fprintf(in.Stderr, "%d entries\n", max(count.lines-1, 0))
	}
	return nil
}

// lineCounter counts the lines that it passes on. A reason has no line ends.
type lineCounter struct {
	w     io.Writer
	lines int
}

// Write implements [io.Writer].
func (l *lineCounter) Write(p []byte) (int, error) {
	l.lines += bytes.Count(p, []byte("\n"))
	return l.w.Write(p)
}
