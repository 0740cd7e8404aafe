package web

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"syscall"

	"nocall/internal/access"
	"nocall/internal/scrub"
)

const scrubBuffer = 1 << 20 // bytes of each file that is made

// scrubPage is the page on which files of contacts are scrubbed.
type scrubPage struct {
	Results []scrubbed
	Problem string
}

// scrubbed is a result as it is shown.
type scrubbed struct {
	scrub.Result
	Suppressed int64
	Reasons    []scrubReason // why rows may not be called
}

// scrubReason is how many rows may not be called for one reason.
type scrubReason struct {
	Verdict scrub.Verdict
	Rows    int64
}

func scrubbedOf(r scrub.Result) scrubbed {
	out := scrubbed{Result: r}
	for v := scrub.Listed; v > scrub.Clear; v-- {
		rows := r.Counts.Of[v]
		out.Suppressed += rows
		if rows > 0 || v == scrub.Listed {
			out.Reasons = append(out.Reasons, scrubReason{v, rows})
		}
	}
	return out
}

func (s *Server) scrubRoutes() []route {
	const page = "/e/{environment}/scrub"
	return []route{
		{"GET " + page, access.Viewer, s.scrubs},
		{"POST " + page, access.Viewer, s.scrub},
		{"GET " + page + "/{id}/clear.csv", access.Viewer, s.scrubRows(true)},
		{"GET " + page + "/{id}/suppressed.csv", access.Viewer, s.scrubRows(false)},
		{"POST " + page + "/{id}/delete", access.Viewer, s.removeScrub},
	}
}

func (s *Server) scrubs(v *visit) (answer, error) {
	return show("scrub", "Scrub", s.scrubPage(v, "")), nil
}

func (s *Server) scrubPage(v *visit, problem string) scrubPage {
	p := scrubPage{Problem: problem}
	for _, r := range s.Scrubs.Results(v.env()) {
		p.Results = append(p.Results, scrubbedOf(r))
	}
	return p
}

// scrub scrubs a file while it comes in.
func (s *Server) scrub(v *visit) (answer, error) {
	result, err := s.readScrub(v)
	if err == nil {
		s.List.Bell.Ring(v.env())
		return done(fmt.Sprintf("%s was scrubbed: %d of %d rows may be called.",
			result.File, result.Counts.Of[scrub.Clear], result.Counts.Rows()), v.in("/scrub")), nil
	}
	v.drain()
	problem := ""
	switch wrong, ok := errors.AsType[*scrub.FileError](err); {
	case ok && wrong.Line == 1: // it is the header, for sure
		problem = spoken(wrong.Text)
	case ok:
		problem = spoken(wrong.Error())
	case errors.Is(err, errNoFile):
		problem = "Choose a file."
	case errors.Is(err, syscall.ENOSPC):
		problem = "The disk of the server is full."
	case errors.Is(err, scrub.ErrNoRoom):
		problem = "The results that are kept take as much space as they may. Delete some, or " +
			"use nocall scrub on the command line."
	default:
		return answer{}, err
	}
	if v.partial() {
		return dialog("scrub-problem", "Scrub", problem).
			refused(http.StatusUnprocessableEntity), nil
	}
	return show("scrub", "Scrub", s.scrubPage(v, problem)).
		refused(http.StatusUnprocessableEntity), nil
}

// readScrub reads the form, and scrubs its file.
func (s *Server) readScrub(v *visit) (scrub.Result, error) {
	fields, file, err := formFile(v)
	if err != nil {
		return scrub.Result{}, err
	}
	options := scrub.Options{
		Region:  v.world.Settings.DefaultRegion,
		Columns: splitNames(fields.Get("columns")), Verdict: fields.Get("verdict"),
	}
	return s.scrubFile(v, file, options)
}

// splitNames splits names that are separated by commas.
func splitNames(text string) (names []string) {
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// scrubFile scrubs the file of a form.
func (s *Server) scrubFile(
	v *visit, file *upload, options scrub.Options,
) (scrub.Result, error) {
	against := scrub.Against(s.List, v.env())
	return s.Scrubs.Keep(v.Context(), scrub.Result{
		Environment: v.env(), By: v.who.Name, File: file.name,
	}, func(ctx context.Context, out scrub.Outputs) (scrub.Counts, error) {
		may := bufio.NewWriterSize(out.Clear, scrubBuffer)
		not := bufio.NewWriterSize(out.Suppressed, scrubBuffer)
		counts, err := scrub.Run(ctx, file, scrub.Outputs{Clear: may, Suppressed: not},
			against, options)
		return counts, cmp.Or(err, may.Flush(), not.Flush())
	})
}

// scrubRows sends the rows of a result that may be called, or those that may not.
func (s *Server) scrubRows(clear bool) action {
	return func(v *visit) (answer, error) {
		r, err := s.Scrubs.Result(v.env(), v.PathValue("id"))
		if err != nil {
			return answer{}, err
		}
		rows, err := s.Scrubs.Rows(v.env(), r.ID, clear)
		if err != nil {
			return answer{}, err
		}
		kind := "-suppressed"
		if clear {
			kind = "-clear"
		}
		ending := path.Ext(r.File)
		return answer{file: &download{
			kind: "text/csv; header=present", save: true, sound: rows, at: r.MadeAt,
			name: strings.TrimSuffix(r.File, ending) + kind + cmp.Or(ending, ".csv"),
		}}, nil
	}
}

func (s *Server) removeScrub(v *visit) (answer, error) {
	r, err := s.Scrubs.Result(v.env(), v.PathValue("id"))
	if err == nil {
		err = s.Scrubs.Remove(v.env(), r.ID)
	}
	if err != nil {
		return answer{}, err
	}
	s.List.Bell.Ring(v.env())
	return done("What came of "+r.File+" was deleted.", v.in("/scrub")), nil
}
