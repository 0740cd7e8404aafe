package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/imports"
)

// ListImports keeps the imports of lists.
type ListImports interface {
	Imports(ctx context.Context, env dnc.Environment, q dnc.ImportQuery) (dnc.ImportPage, error)
	Import(ctx context.Context, env dnc.Environment, id string) (dnc.Import, error)
}

// importsPage is the page on which files of numbers are put on the list.
type importsPage struct {
	Imports []dnc.Import
	Running []imports.Progress
	Paging  paging
	Region  string   // that of the environment
	Tried   *tryPage // of a form that came without scripts; nil otherwise
}

// tryPage is what came of a file, or would come.
type tryPage struct {
	imports.Result
	Columns          []tableColumn
	Recognised       string // the places of the columns that were recognised
	RecognisedReason string // and that of the reasons
	Problem          string
}

// tableColumn is a column of a table, which may be that of the numbers.
type tableColumn struct {
	Place  int // from 1
	Name   string
	Chosen bool
	Reason bool // reasons are read from it
}

// First returns the first rows that cannot be read.
func (p tryPage) First() []dnc.ImportLine { return p.Lines[:min(len(p.Lines), reportLines)] }

func (s *Server) importRoutes() []route {
	const page = "/e/{environment}/imports"
	return []route{
		{"GET " + page, access.Viewer, s.imports},
		{"POST " + page, access.Member, s.importFile(false)},
		{"POST " + page + "/read", access.Member, s.importFile(true)},
		{"GET " + page + "/{id}/report.csv", access.Viewer, s.importReport},
		{"GET " + page + "/{id}/undo", access.Member, s.undoImportForm},
		{"POST " + page + "/{id}/undo", access.Member, s.undoImport},
	}
}

func (s *Server) imports(v *visit) (answer, error) { return s.importsWith(v, nil) }

// importsWith shows the page with what was tried.
func (s *Server) importsWith(v *visit, tried *tryPage) (answer, error) {
	after, _ := strconv.ParseInt(lastEnding(v), 10, 64) // the first page for what is no number
	found, err := s.Store.Imports(v.Context(), v.env(), dnc.ImportQuery{
		After: after, Limit: pageSize,
	})
	if err != nil {
		return answer{}, err
	}
	end := ""
	if found.Next != 0 {
		end = strconv.FormatInt(found.Next, 10)
	}
	page := importsPage{
		Imports: found.Imports, Running: s.Imports.Running(v.env()), Tried: tried,
		Paging: newPaging(v, found.Total, end), Region: v.world.Settings.DefaultRegion,
	}
	page.Paging.One, page.Paging.Many = "import", "imports"
	return show("imports", "Import", page), nil
}

// importFile imports the file of a form, or says what would come of it.
func (s *Server) importFile(dry bool) action {
	return func(v *visit) (answer, error) {
		page, err := s.readListFile(v, dry)
		if err != nil {
			v.drain()
			if page.Problem = importProblem(page, err); page.Problem == "" {
				return answer{}, err
			}
		}
		status := http.StatusOK
		if page.Problem != "" {
			status = http.StatusUnprocessableEntity
		}
		switch {
		case v.partial() && dry, v.partial() && page.Problem != "":
			return dialog("import-tried", "Import", page).refused(status), nil
		case v.partial():
			return dialog("import-done", "Import", page), nil
		case dry || page.Problem != "":
			a, err := s.importsWith(v, &page)
			return a.refused(status), err
		}
		return redirect(v.in("/imports")), nil
	}
}

// importProblem says why a file was refused, "" for what is nobody's fault but ours.
func importProblem(page tryPage, err error) string {
	wrong, ok := errors.AsType[*imports.FileError](err)
	switch {
	case ok && (wrong.File == "" || wrong.File == page.File) && wrong.Line < 2:
		return spoken(wrong.Detail) // of a first line for sure
	case ok && (wrong.File == "" || wrong.File == page.File):
		return fmt.Sprintf("Line %d: %s.", wrong.Line, strings.TrimSuffix(wrong.Detail, "."))
	case ok: // a name stays as it is
		return strings.TrimSuffix(wrong.Error(), ".") + "."
	case errors.Is(err, dnc.ErrNoNumbers), errors.Is(err, dnc.ErrReasonTooLong):
		return sentence(err)
	case errors.Is(err, errNoFile):
		return "Choose a file."
	case errors.Is(err, syscall.ENOSPC):
		return "The disk of the server is full. Nothing was changed."
	}
	return ""
}

// readListFile reads the form, and has its file imported. With an error it says
// what is known of the file.
func (s *Server) readListFile(v *visit, dry bool) (tryPage, error) {
	fields, file, err := formFile(v)
	if err != nil {
		return tryPage{}, err
	}
	r := imports.Request{
		Environment: v.env(), Name: fields.Get("name"), File: file.name,
		Sheet: fields.Get("sheet"), ReasonColumn: fields.Get("reason_column"),
		Reason: fields.Get("reason"), By: v.who.Name, DryRun: dry,
		Region: cmp.Or(fields.Get("region"), v.world.Settings.DefaultRegion),
	}
	// Those that were recognised are recognised again, in each file of several.
	if chosen := strings.Join(fields["column"], " "); chosen != fields.Get("recognised") {
		r.Columns = fields["column"]
	}
	if r.ReasonColumn == fields.Get("recognised_reason") {
		r.ReasonColumn = ""
	}
	result, err := s.Imports.Import(v.Context(), r, file)
	return tryPageOf(r, result), err
}

func tryPageOf(r imports.Request, result imports.Result) tryPage {
	p := tryPage{Result: result}
	p.File = r.File
	for i, name := range result.Table {
		c := tableColumn{
			Place: i + 1, Name: name, Chosen: slices.Contains(result.Places, i),
			Reason: name == result.ReasonColumn && name != "",
		}
		p.Columns = append(p.Columns, c)
		if c.Reason && r.ReasonColumn == "" {
			p.RecognisedReason = strconv.Itoa(c.Place)
		}
	}
	if r.Columns == nil {
		p.Recognised = places(result.Places)
	}
	return p
}

// places writes places from 0 as a form sends them.
func places(columns []int) string {
	var all []string
	for _, i := range slices.Sorted(slices.Values(columns)) {
		all = append(all, strconv.Itoa(i+1))
	}
	return strings.Join(all, " ")
}

// importReport sends the rows that an import has left out.
func (s *Server) importReport(v *visit) (answer, error) {
	m, err := s.Store.Import(v.Context(), v.env(), v.PathValue("id"))
	if err != nil {
		return answer{}, err
	}
	return answer{file: &download{
		kind: "text/csv; charset=utf-8; header=present", save: true,
		name: "import-" + m.At.UTC().Format(time.DateOnly) + "-" + m.ID + ".csv",
		write: func(w io.Writer) error {
			return s.Imports.Report(v.Context(), w, v.env(), m.ID)
		},
	}}, nil
}

func (s *Server) undoImportForm(v *visit) (answer, error) {
	m, err := s.Store.Import(v.Context(), v.env(), v.PathValue("id"))
	if err == nil && m.Undone() {
		err = dnc.ErrUndone
	}
	return dialog("import-undo", "Undo import", m), err
}

func (s *Server) undoImport(v *visit) (answer, error) {
	m, err := s.Imports.Undo(v.Context(), v.env(), v.PathValue("id"), v.who.Name)
	if err != nil {
		return answer{}, err
	}
	s.List.Bell.Ring(v.env())
	said := plural(m.Removed, "number", "numbers") + " of " + m.Name + " may be called again."
	if kept := m.Kept(); kept > 0 {
		said += " " + plural(kept, "other was", "others were") +
			" changed, asked for again or removed since."
	}
	return done(said, v.in("/imports")), nil
}
