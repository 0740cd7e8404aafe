package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/imports"
)

const (
	importsPath = "/v1/environments/{environment}/imports"
	importPath  = importsPath + "/{id}"
)

// Import is an import as it is answered.
type Import struct {
	ID            string     `json:"import_id"`
	Name          string     `json:"name"`
	File          string     `json:"file" doc:"Name of the file"`
	Reason        string     `json:"reason" doc:"Of entries whose row has none"`
	By            string     `json:"by" doc:"The user or key that imported it"`
	At            time.Time  `json:"at" doc:"When it came into force"`
	Rows          int64      `json:"rows" doc:"Of the file"`
	Added         int64      `json:"added" doc:"Entries that it put on the list"`
	AlreadyListed int64      `json:"already_listed" doc:"Numbers that were listed; their entries stay as they are"`
	Repeated      int64      `json:"repeated" doc:"Rows whose number an earlier row has"`
	Invalid       int64      `json:"invalid" doc:"Rows whose number cannot be read"`
	UndoneAt      *time.Time `json:"undone_at" doc:"null while it is in force"`
	UndoneBy      *string    `json:"undone_by"`
	Removed       int64      `json:"removed" doc:"Entries that undoing it has removed; the others it added were changed or asked for again since, or removed before"`
}

func importAnswer(m dnc.Import) Import {
	out := Import{
		ID: m.ID, Name: m.Name, File: m.File, Reason: m.Reason, By: m.By, At: m.At.UTC(),
		Rows: m.Rows, Added: m.Added, AlreadyListed: m.AlreadyListed, Repeated: m.Repeated,
		Invalid: m.Invalid, UndoneBy: orNil(m.UndoneBy), Removed: m.Removed,
	}
	if m.Undone() {
		at := m.UndoneAt.UTC()
		out.UndoneAt = &at
	}
	return out
}

// Imported is what came of a file, or would come.
type Imported struct {
	ID              string           `json:"import_id" doc:"\"\" after a dry run"`
	DryRun          bool             `json:"dry_run"`
	Name            string           `json:"name"`
	Rows            int64            `json:"rows" doc:"Of the file"`
	Added           int64            `json:"added" doc:"Entries that it put on the list, or would"`
	AlreadyListed   int64            `json:"already_listed" doc:"Numbers that were listed; their entries stay as they are"`
	Repeated        int64            `json:"repeated" doc:"Rows whose number an earlier row has"`
	Invalid         int64            `json:"invalid" doc:"Rows whose number cannot be read"`
	ContactsSkipped int64            `json:"contacts_skipped" doc:"Contacts of running campaigns that are not called because of it"`
	Columns         []string         `json:"columns" nullable:"false" doc:"That numbers were read from"`
	ReasonColumn    string           `json:"reason_column" doc:"That reasons were read from; \"\" for none"`
	Lines           []dnc.ImportLine `json:"lines" nullable:"false" doc:"The first rows that cannot be read"`
}

func importedOf(r imports.Result, dryRun bool) Imported {
	return Imported{
		ID: r.ID, DryRun: dryRun, Name: r.Name, Rows: r.Rows, Added: r.Added,
		AlreadyListed: r.AlreadyListed, Repeated: r.Repeated, Invalid: r.Invalid,
		ContactsSkipped: r.Contacts, Columns: append([]string{}, r.Columns...),
		ReasonColumn: r.ReasonColumn, Lines: append([]dnc.ImportLine{}, r.Lines...),
	}
}

// ImportProgress is how far an import has come.
type ImportProgress struct {
	Name    string        `json:"name"`
	By      string        `json:"by"`
	DryRun  bool          `json:"dry_run"`
	State   imports.State `json:"state" enum:"reading,writing"`
	Since   time.Time     `json:"since"`
	Rows    int64         `json:"rows" doc:"Read so far"`
	Numbers int64         `json:"numbers" doc:"To be written; 0 while reading"`
	Written int64         `json:"written"`
}

func importProgressOf(p imports.Progress) ImportProgress {
	return ImportProgress{p.Name, p.By, p.DryRun, p.State, p.Since, p.Rows, p.Numbers, p.Written}
}

func (s *Server) importRoutes() []operation {
	return []operation{
		plain(importRoute, (*desk).addImport, describeImport),
		described(route{
			method: http.MethodGet, path: importsPath, id: "listImports", tag: "imports",
			summary: "Imports, newest first, and those that run now", role: access.Viewer,
			problems: []string{"malformed", "invalid", "no-environment"},
		}, s.listImports),
		described(route{
			method: http.MethodGet, path: importPath, id: "getImport", tag: "imports",
			summary: "One import", role: access.Viewer,
			problems: []string{"no-environment", "not-found"},
		}, s.getImport),
		plain(reportRoute, (*desk).importReport, describeReport),
		described(route{
			method: http.MethodPost, path: importPath + "/undo", id: "undoImport",
			tag: "imports", summary: "Undo an import", role: access.Member,
			text: "Takes off the list, at one moment, what the import has put on it. Entries " +
				"that were edited since, and numbers that were asked for again, by hand or by an " +
				"opt-out, stay; a number that a later import has too is that one's from then on.",
			problems: []string{"no-environment", "not-found", "conflict"},
		}, s.undoImport),
	}
}

// OfImport is the path of one import.
type OfImport struct {
	InEnvironment
	ID string `path:"id" doc:"import_id"`
}

type oneImport struct{ Body Import }

type importQuery struct {
	InEnvironment
	Paging
}

type importPage struct {
	Body struct {
		page[Import]
		Running []ImportProgress `json:"running" nullable:"false" doc:"Imports that run now"`
	}
}

func (s *Server) listImports(ctx context.Context, in *importQuery) (*importPage, error) {
	asked := askedFor("imports", string(in.Environment))
	c, err := readCursor(in.Cursor, asked)
	if err != nil {
		return nil, err
	}
	found, err := s.Store.Imports(ctx, in.Environment, dnc.ImportQuery{
		After: c.Place, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := new(importPage)
	out.Body.page = page[Import]{Items: []Import{}, Total: found.Total}
	for _, m := range found.Imports {
		out.Body.Items = append(out.Body.Items, importAnswer(m))
	}
	out.Body.NextCursor = next(found.Next != 0, cursor{List: asked, Place: found.Next})
	out.Body.Running = []ImportProgress{}
	for _, p := range s.Imports.Running(in.Environment) {
		out.Body.Running = append(out.Body.Running, importProgressOf(p))
	}
	return out, nil
}

func (s *Server) getImport(ctx context.Context, in *OfImport) (*oneImport, error) {
	m, err := s.Store.Import(ctx, in.Environment, in.ID)
	return &oneImport{importAnswer(m)}, err
}

func (s *Server) undoImport(ctx context.Context, in *OfImport) (*oneImport, error) {
	m, err := s.Imports.Undo(ctx, in.Environment, in.ID, asker(ctx).Name)
	return &oneImport{importAnswer(m)}, err
}

// importProblem says what is wrong with a file.
func importProblem(r imports.Result, err error) error {
	if wrong, ok := errors.AsType[*imports.FileError](err); ok {
		return at("body", fmt.Errorf("%w: %v", errInvalid, wrong))
	}
	if !errors.Is(err, dnc.ErrNoNumbers) {
		return err
	}
	var fields []FieldError
	for _, l := range r.Lines[:min(len(r.Lines), 3)] {
		fields = append(fields, FieldError{"body line " + strconv.FormatInt(l.Line, 10), l.Detail})
	}
	if fields == nil {
		return at("body", err)
	}
	return &fieldErrors{err, fields}
}

var reportRoute = route{
	method: http.MethodGet, path: importPath + "/report.csv", id: "getImportReport",
	tag: "imports", summary: "The rows and numbers that an import has not added, as CSV",
	text: "The header is Line,Input,Phone Number,Result,Detail. Rows that cannot be read have " +
		"the result invalid, those beyond the first 100,000 are only counted; numbers that were " +
		"listed already have the result already_listed and no line. Cells are safe for " +
		"spreadsheets.",
	role: access.Viewer, problems: []string{"no-environment", "not-found"},
}

// importReport answers with what became of the rows that were not added.
func (d *desk) importReport() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		env, id := dnc.Environment(r.PathValue("environment")), r.PathValue("id")
		if _, err := d.Store.Import(r.Context(), env, id); err != nil {
			d.fail(w, r, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", csvType)
		h.Set("Content-Disposition", `attachment; filename="import-`+id+`.csv"`)
		if err := d.Imports.Report(r.Context(), w, env, id); err != nil {
			d.Log.WarnContext(r.Context(), "report cut short", "err", err)
			panic(http.ErrAbortHandler) // or the file would be taken for whole
		}
	}
}
