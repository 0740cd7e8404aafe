package api

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/sheet"
)

// progressTime is how long one step of a long answer may take to be written.
const progressTime = time.Minute

// exportStep is how many lines of a file are written at a time.
const exportStep = 512

var exportRoute = route{
	method: http.MethodGet, path: "/v1/environments/{environment}/entries.csv",
	id: "exportEntries", tag: "entries", summary: "The list as a CSV file, newest first",
	text: "The header is Phone Number,Created By,Date Added,Reason (cells quoted as in RFC 4180, " +
		"UTF-8, times as RFC 3339 in UTC). There is no limit of lines. An answer that is cut " +
		"short ends with a broken connection, never as if it were whole.\n\nA spreadsheet " +
		"takes a cell that begins with =, +, -, @ or a tab for a formula, and every number " +
		"begins with +: with safe=true such cells begin with an apostrophe.\n\nWith gzip=true " +
		"the answer is a file in gzip; Accept-Encoding: gzip packs it for the way.",
	role: access.Viewer, problems: []string{"no-environment", "invalid"},
}

func describeExport(_ *desk, op *huma.Operation) {
	op.Parameters = append(
		op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"),
		inQuery("search", "Part or all of a number", &huma.Schema{Type: huma.TypeString}),
		inQuery("created_by", "Who put it on the list", &huma.Schema{
			Type: huma.TypeString, Enum: []any{"user", "system"},
		}),
		inQuery("safe", "For spreadsheets", &huma.Schema{Type: huma.TypeBoolean}),
		inQuery("gzip", "As a file in gzip", &huma.Schema{Type: huma.TypeBoolean}),
	)
	op.Responses["200"].Content = map[string]*huma.MediaType{
		"text/csv":         {Schema: &huma.Schema{Type: huma.TypeString}},
		"application/gzip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}
}

// exportEntries answers with the list as a file.
func (d *desk) exportEntries() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		f, err := d.newFile(w, r)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		err = f.write(r)
		if err == nil {
			return
		}
		if a, ok := w.(*answer); ok && a.status == 0 {
			w.Header().Del("Content-Encoding")
			w.Header().Del("Content-Disposition")
			d.fail(w, r, err)
			return
		}
		d.Log.WarnContext(r.Context(), "export cut short", "err", err)
		panic(http.ErrAbortHandler) // or the file would be taken for whole
	}
}

// file is a list on its way out.
type file struct {
	server  *Server
	env     dnc.Environment
	query   dnc.Query
	nothing bool // no number can match
	safe    bool

	w     *csv.Writer
	gzip  *gzip.Writer // nil for none
	out   *http.ResponseController
	lines int
}

func (d *desk) newFile(w http.ResponseWriter, r *http.Request) (*file, error) {
	q := r.URL.Query()
	digits, possible := dnc.Digits(q.Get("search"))
	by := dnc.CreatedBy(q.Get("created_by"))
	if by != "" && by != dnc.User && by != dnc.System {
		return nil, at("query.created_by", errInvalid)
	}
	for _, name := range []string{"safe", "gzip"} {
		if v := q.Get(name); v != "" && v != "true" && v != "false" {
			return nil, at("query."+name, errInvalid)
		}
	}
	env := dnc.Environment(r.PathValue("environment"))
	if _, err := d.Store.World(r.Context(), env); err != nil {
		return nil, err
	}
	f := &file{
		server: d.Server, env: env, query: dnc.Query{Part: digits, CreatedBy: by},
		nothing: !possible, safe: q.Get("safe") == "true", out: http.NewResponseController(w),
	}
	f.open(w, r)
	return f, nil
}

// csvType is the content type of a table that is answered.
const csvType = "text/csv; charset=utf-8; header=present"

// open says what kind of file it is, and packs it if that was asked for.
func (f *file) open(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	name, form := "dnc-list-"+string(f.env)+"-"+now().Format(time.DateOnly)+".csv", csvType
	packed := r.URL.Query().Get("gzip") == "true"
	if packed {
		name, form = name+".gz", "application/gzip"
	} else if h.Add("Vary", "Accept-Encoding"); takesGzip(r) {
		packed = true
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", form)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	out := io.Writer(bufio.NewWriterSize(w, 64<<10))
	if packed {
		f.gzip, _ = gzip.NewWriterLevel(w, gzip.BestSpeed) // which there is
		out = f.gzip
	}
	f.w = csv.NewWriter(out)
}

// takesGzip reports whether an answer may be in gzip.
func takesGzip(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(line, ",") {
			name, q, _ := strings.Cut(part, ";")
			refused := strings.Trim(strings.ReplaceAll(q, " ", ""), "0.") == "q="
			if strings.EqualFold(strings.TrimSpace(name), "gzip") && !refused {
				return true
			}
		}
	}
	return false
}

// write writes the file from its header to its last line.
func (f *file) write(r *http.Request) error {
	err := f.w.Write([]string{"Phone Number", "Created By", "Date Added", "Reason"})
	if err == nil && !f.nothing {
		err = f.server.Store.EachEntry(r.Context(), f.env, f.line)
	}
	if err != nil {
		return err
	}
	f.w.Flush()
	if f.gzip != nil {
		return errors.Join(f.w.Error(), f.gzip.Close())
	}
	return f.w.Error()
}

// line writes one entry, if it matches.
func (f *file) line(e dnc.Entry) error {
	if f.lines++; f.lines%exportStep == 0 {
		//nolint:errcheck // a writer without deadlines writes all the same
		f.out.SetWriteDeadline(time.Now().Add(progressTime))
	}
	if !f.query.Matches(e) {
		return nil
	}
	by := "User"
	if e.CreatedBy == dnc.System {
		by = f.server.Platform
	}
	cells := []string{e.Number.String(), by, e.CreatedAt.UTC().Format(time.RFC3339Nano), e.Reason}
	if f.safe {
		for i := range cells {
			cells[i] = sheet.Harmless(cells[i])
		}
	}
	return f.w.Write(cells)
}
