package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"nocall/client"
)

const importUsage = `Usage:
    nocall import [-dry-run] [-column NAME]... [OPTION]... FILE...
    nocall import list [-limit N]
    nocall import undo ID
    nocall import report ID > report.csv

Puts the numbers of a file on the do-not-call list as a unit: all that can be
read, at one moment, or after an error none. The file is CSV, a number a line,
or a spreadsheet (.xlsx), also in gzip, or several in a zip; several files are
one import. "-" is standard input. There is no limit of rows.

Columns with phone numbers are recognised, and one that is called reason.
Numbers that are listed keep their entries, so that the same file may come
again. Rows that cannot be read are left out, the first of them told on standard
error, all of them in the report.

undo takes off the list what an import has put on it, and leaves what was edited
since, or asked for again by hand or by an opt-out.

Options:
    -dry-run             say what would change, and change nothing
    -column NAME         a column with phone numbers, by its name or its place
                         from 1; may be repeated
    -reason-column NAME  the column with reasons
    -reason TEXT         of entries whose row has none
    -region CODE         country of national numbers, such as US; by default
                         that of the environment
    -sheet NAME          of a spreadsheet; by default the first with rows
    -name TEXT           what the import is called; by default like the file
    -report FILE         write the report to a file
    -data DIR            the data folder itself; no server may be running
    -undo ID             the same as undo ID
    -limit N             of list: at most N imports (50); 0 for all
    -json                an object for each result
` + remoteUsage + `
Example:
    $ nocall import -reason "asked by letter" letters.csv
    i_c2hzt6mkk3qrm6fy45ul2a2p4e  3 added, 1 listed already, 0 repeated,
    1 invalid (phone)
    $ nocall import undo i_c2hzt6mkk3qrm6fy45ul2a2p4e
    undone: 3 of 3 entries were removed
`

type importCommand struct {
	File   importFileCommand   `cmd:"" default:"withargs"`
	List   importListCommand   `cmd:""`
	Undo   importUndoCommand   `cmd:""`
	Report importReportCommand `cmd:""`
}

// importFlags say where imports are kept: on a server, or in a data folder.
type importFlags struct {
	remote
	asJSON
	Data string
}

type importListCommand struct {
	importFlags
	Limit int `default:"50"`
}

// Run lists imports, newest first.
func (k *importListCommand) Run(ctx context.Context, in *Invocation) (err error) {
	lists, err := k.importer(ctx, in)
	if err != nil {
		return err
	}
	defer lists.close(&err)
	shown := 0
	for m, err := range lists.Imports(ctx) {
		if err != nil {
			return err
		}
		if err := k.print(in.Stdout, m, pastImportLine(m)); err != nil {
			return err
		}
		if shown++; shown == k.Limit {
			break
		}
	}
	return nil
}

// pastImportLine is an import in one line: its ID, which other commands want,
// first.
func pastImportLine(m client.Import) string {
	line := fmt.Sprintf("%s  %s  %d added, %d listed already, %d invalid  %s, by %s",
		m.ID, stamp(m.At), m.Added, m.AlreadyListed, m.Invalid, m.Name, m.By)
	if m.UndoneAt != nil {
		line += fmt.Sprintf("  (undone %s by %s)", stamp(*m.UndoneAt), text(m.UndoneBy))
	}
	return line
}

type importUndoCommand struct {
	importFlags
	ID string `arg:""`
}

// Run undoes an import.
func (k *importUndoCommand) Run(ctx context.Context, in *Invocation) error {
	return k.undo(ctx, in, k.ID)
}

func (k *importFlags) undo(ctx context.Context, in *Invocation, id string) (err error) {
	lists, err := k.importer(ctx, in)
	if err != nil {
		return err
	}
	defer lists.close(&err)
	m, err := lists.UndoImport(ctx, id)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, m, undoneLine(m))
}

func undoneLine(m client.Import) string {
	line := fmt.Sprintf("undone: %d of %d entries were removed", m.Removed, m.Added)
	if m.Removed < m.Added {
		line += "; the others were changed, asked for again or removed since"
	}
	return line
}

type importReportCommand struct {
	importFlags
	ID string `arg:""`
}

// Run writes what an import has left out to standard output.
func (k *importReportCommand) Run(ctx context.Context, in *Invocation) (err error) {
	lists, err := k.importer(ctx, in)
	if err != nil {
		return err
	}
	defer lists.close(&err)
	return lists.ImportReport(ctx, k.ID, in.Stdout)
}

// importedLine is what came of a file, or would come.
func importedLine(r client.Imported) string {
	begin, added := r.ID+"  ", "added"
	if r.DryRun {
		begin, added = "nothing was changed: ", "new"
	}
	line := fmt.Sprintf("%s%d %s, %d listed already, %d repeated, %d invalid", begin, r.Added,
		added, r.AlreadyListed, r.Repeated, r.Invalid)
	if len(r.Columns) > 0 {
		line += " (" + cut(r.Columns) + ")"
	}
	if r.ContactsSkipped > 0 {
		line += fmt.Sprintf("; contacts of running campaigns skipped: %d", r.ContactsSkipped)
	}
	return line
}

// tellLines tells of the first rows that cannot be read.
func tellLines(w io.Writer, r client.Imported) {
	const most = 10
	for _, l := range r.Lines[:min(len(r.Lines), most)] {
		where := strings.TrimSpace(l.File + " line")
		fmt.Fprintf(w, "%s %d: %s: %s\n", where, l.Line, l.Input, l.Detail)
	}
	if more := r.Invalid - int64(min(len(r.Lines), most)); more > 0 {
		fmt.Fprintf(w, "and %d lines more\n", more)
	}
}
