package cli

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"nocall/client"
	"nocall/internal/dnc"
	"nocall/internal/imports"
	"nocall/internal/node"
)

// importer does imports: a server, or a data folder.
type importer interface {
	ImportEntries(
		ctx context.Context, file io.Reader, o client.ImportOptions,
	) (client.Imported, error)
	Imports(ctx context.Context) iter.Seq2[client.Import, error]
	ImportReport(ctx context.Context, id string, w io.Writer) error
	UndoImport(ctx context.Context, id string) (client.Import, error)
}

// importing is an importer that is in use.
type importing struct {
	importer
	end func() error
}

// close ends the use, and keeps an error of that if there is none before it.
func (i importing) close(err *error) { *err = errors.Join(*err, i.end()) }

// importer returns what does the imports.
func (k *importFlags) importer(ctx context.Context, in *Invocation) (importing, error) {
	if k.Data == "" {
		c, err := k.client(in)
		return importing{c, func() error { return nil }}, err
	}
	if k.Environment == "" {
		return importing{}, usageError{"with -data name the -environment"}
	}
	o, err := node.OpenOffline(ctx, k.Data)
	if err != nil {
		return importing{}, err
	}
	f := folder{o, o.Imports(), dnc.Environment(k.Environment)}
	if _, err := o.Settings(ctx, f.environment); err != nil {
		return importing{}, errors.Join(err, o.Close())
	}
	return importing{f, o.Close}, nil
}

// folder is the list of an environment in a data folder.
type folder struct {
	*node.Offline
	imports     *imports.Imports
	environment dnc.Environment
}

// byCommand is who changes a data folder without a server.
const byCommand = "command line"

// ImportEntries implements importer.
func (f folder) ImportEntries(
	ctx context.Context, file io.Reader, o client.ImportOptions,
) (client.Imported, error) {
	settings, err := f.Settings(ctx, f.environment)
	if err != nil {
		return client.Imported{}, err
	}
	if o.Region == "" {
		o.Region = settings.DefaultRegion
	}
	r, err := f.imports.Import(ctx, imports.Request{
		Environment: f.environment, Name: o.Name, File: o.File, Sheet: o.Sheet,
		Columns: o.Columns, ReasonColumn: o.ReasonColumn, Reason: o.Reason, Region: o.Region,
		By: byCommand, DryRun: o.DryRun,
		Progress: func(p imports.Progress) {
			o.Progress(client.ImportProgress{
				State: string(p.State), Rows: p.Rows, Numbers: p.Numbers, Written: p.Written,
			})
		},
	}, file)
	done := client.Imported{
		ID: r.ID, DryRun: o.DryRun, Name: r.Name, Rows: r.Rows, Added: r.Added,
		AlreadyListed: r.AlreadyListed, Repeated: r.Repeated, Invalid: r.Invalid,
		ContactsSkipped: r.Contacts, Columns: r.Columns, ReasonColumn: r.ReasonColumn,
	}
	for _, l := range r.Lines {
		done.Lines = append(done.Lines, client.ImportLine(l))
	}
	return done, err
}

// Imports implements importer.
func (f folder) Imports(ctx context.Context) iter.Seq2[client.Import, error] {
	return func(yield func(client.Import, error) bool) {
		q := dnc.ImportQuery{Limit: maxPage}
		for {
			page, err := f.Store.Imports(ctx, f.environment, q)
			if err != nil {
				yield(client.Import{}, err)
				return
			}
			for _, m := range page.Imports {
				if !yield(pastImport(m), nil) {
					return
				}
			}
			if q.After = page.Next; q.After == 0 {
				return
			}
		}
	}
}

// ImportReport implements importer.
func (f folder) ImportReport(ctx context.Context, id string, w io.Writer) error {
	return f.imports.Report(ctx, w, f.environment, id)
}

// UndoImport implements importer.
func (f folder) UndoImport(ctx context.Context, id string) (client.Import, error) {
	m, err := f.imports.Undo(ctx, f.environment, id, byCommand)
	return pastImport(m), err
}

func pastImport(m dnc.Import) client.Import {
	out := client.Import{
		ID: m.ID, Name: m.Name, File: m.File, Reason: m.Reason, By: m.By, At: m.At, Rows: m.Rows,
		Added: m.Added, AlreadyListed: m.AlreadyListed, Repeated: m.Repeated, Invalid: m.Invalid,
		Removed: m.Removed,
	}
	if m.Undone() {
		out.UndoneAt, out.UndoneBy = new(time.Time), &m.UndoneBy
		*out.UndoneAt = m.UndoneAt
	}
	return out
}
