package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/scrub"
)

// scrubHeld is how much of an answer is held back until it is sent, in bytes: a
// smaller file that cannot be scrubbed is answered with what is wrong with it.
const scrubHeld = 1 << 20

// scrubCounts is the trailer with what was found, as JSON.
const scrubCounts = "Scrub-Counts"

const scrubText = "Send a CSV file with a header, separated by commas, semicolons, tabs or bars, " +
	"in UTF-8 or UTF-16. Its rows come back while it is still being sent, with all columns, " +
	"byte for byte and in order: those that rows asks for. There is no limit of rows, and none " +
	"is kept. Columns with phone numbers are recognised; where there are several, a row is clear " +
	"only if all its numbers are. A number that cannot be read, or none, is not clear.\n\n" +
	"The trailer Scrub-Counts says as JSON what was found; with rows=none it is the answer. " +
	"A file that cannot be read is refused, with the line; if that shows after a part of the " +
	"answer was sent, or the list becomes unready, the connection breaks: do not use that part."

// Scrubbed is what was found in a file of contacts.
type Scrubbed struct {
	Rows       int64    `json:"rows"`
	Clear      int64    `json:"clear" doc:"May be called"`
	Listed     int64    `json:"listed" doc:"On the list of the environment"`
	Registered int64    `json:"registered" doc:"In a registry"`
	Invalid    int64    `json:"invalid" doc:"With a number that cannot be read, or none"`
	NotCovered int64    `json:"not_covered,omitempty" doc:"Not covered by a registry"`
	Stale      int64    `json:"stale,omitempty" doc:"In the hands of a registry that is too old"`
	Columns    []string `json:"columns" nullable:"false" doc:"That numbers were read from"`
}

func scrubbedOf(c scrub.Counts) Scrubbed {
	return Scrubbed{
		c.Rows(), c.Of[scrub.Clear], c.Of[scrub.Listed], c.Of[scrub.Registered],
		c.Of[scrub.Invalid], c.Of[scrub.NotCovered], c.Of[scrub.Stale], c.Columns,
	}
}

func (s *Server) scrubRoutes() []operation {
	return []operation{plain(route{
		method: http.MethodPost, path: "/v1/environments/{environment}/scrub",
		id: "scrubContacts", tag: "check", role: access.Viewer,
		summary: "Which rows of a file of contacts may be called", text: scrubText,
		problems: []string{"no-environment", "unready"},
	}, (*desk).scrub, describeScrub)}
}

func describeScrub(d *desk, op *huma.Operation) {
	text := &huma.Schema{Type: huma.TypeString}
	op.Parameters = append(
		op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"),
		inQuery("rows", "Which rows are wanted; all by default", &huma.Schema{
			Type: huma.TypeString, Enum: []any{"all", "clear", "suppressed", "none"},
		}),
		inQuery("column", "A column with phone numbers; may be repeated", &huma.Schema{
			Type: huma.TypeArray, Items: text,
		}),
		inQuery("region", "Country of national numbers, such as US; by default that of the "+
			"environment", text),
		inQuery("verdict", "Name of a column to be added with the verdict on the row: clear, "+
			"listed, registered, not_covered, stale or invalid", text),
	)
	file := map[string]*huma.MediaType{
		"text/csv": {Schema: text, Example: "name,phone\nAnn,+14155550123\n"},
	}
	op.RequestBody = &huma.RequestBody{Required: true, Content: file}
	op.Responses["200"].Content = d.jsonOf(reflect.TypeFor[Scrubbed]())
	op.Responses["200"].Content["text/csv"] = file["text/csv"]
}

// scrub answers a file of contacts with its rows.
func (d *desk) scrub() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		s, err := d.newScrubbing(w, r)
		if err == nil {
			err = s.run(r.Context())
		}
		if err == nil {
			return
		}
		// What is left of the request is not waited for, nor taken for another one.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now())
		if a, ok := w.(*answer); ok && a.status == 0 {
			h := w.Header()
			h.Del("Trailer")
			h.Del("Content-Disposition")
			h.Set("Connection", "close")
			d.fail(w, r, err)
			return
		}
		if r.Context().Err() == nil {
			d.Log.WarnContext(r.Context(), "scrub cut short", "err", err)
		}
		panic(http.ErrAbortHandler) // or the file would be taken for whole
	}
}

// A scrubbing is a file of contacts that is answered while it comes in.
type scrubbing struct {
	checker scrub.Checker
	options scrub.Options
	rows    string // that are wanted
	in      *scrubBody
	w       http.ResponseWriter
}

func (d *desk) newScrubbing(w http.ResponseWriter, r *http.Request) (*scrubbing, error) {
	form, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || form != "text/csv" && form != "text/plain" {
		return nil, fmt.Errorf("%w: want text/csv", errMediaType)
	}
	env := dnc.Environment(r.PathValue("environment"))
	world, err := d.Store.World(r.Context(), env)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	s := &scrubbing{
		checker: scrub.Against(d.List, env), w: w, rows: q.Get("rows"),
		in: &scrubBody{body: r.Body, out: http.NewResponseController(w)},
		options: scrub.Options{
			Columns: q["column"], Region: world.Settings.DefaultRegion, Verdict: q.Get("verdict"),
		},
	}
	if region := q.Get("region"); region != "" {
		if !e164.KnownRegion(region) {
			return nil, at("query.region", fmt.Errorf(
				"%w: want a country code in capitals, such as US", errInvalid))
		}
		s.options.Region = region
	}
	if !slices.Contains([]string{"", "all", "clear", "suppressed", "none"}, s.rows) {
		return nil, at("query.rows", fmt.Errorf(
			"%w: want all, clear, suppressed or none", errInvalid))
	}
	return s, nil
}

// run scrubs the file, and says what was found.
func (s *scrubbing) run(ctx context.Context) error {
	w := bufio.NewWriterSize(s.w, scrubHeld)
	var out scrub.Outputs
	switch s.rows {
	case "clear":
		out.Clear = w
	case "suppressed":
		out.Suppressed = w
	case "none":
	default:
		out.All = w
	}
	h := s.w.Header()
	if s.rows != "none" {
		// Without full duplex the server would read the whole request first. HTTP/2
		// is always so, and says that it is not supported.
		_ = s.in.out.EnableFullDuplex()
		h.Set("Content-Type", "text/csv; header=present")
		h.Set("Trailer", scrubCounts)
	}
	counts, err := scrub.Run(ctx, s.in, out, s.checker, s.options)
	if err != nil {
		return s.in.err(err)
	}
	text, err := json.Marshal(scrubbedOf(counts))
	if err != nil {
		return err
	}
	if s.rows == "none" {
		h["Content-Type"] = jsonType
		_, err = s.w.Write(append(text, '\n'))
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	h.Set(scrubCounts, string(text))
	return nil
}

// A scrubBody is a file on its way in. With each part of it, reading and
// writing get their time anew: a connection on which nothing happens is closed.
type scrubBody struct {
	body   io.Reader
	out    *http.ResponseController
	failed error // of reading, not of what was read
}

// Read implements [io.Reader].
func (b *scrubBody) Read(p []byte) (int, error) {
	now := time.Now()
	_ = b.out.SetReadDeadline(now.Add(lineWait)) // one that has none does without
	_ = b.out.SetWriteDeadline(now.Add(lineWait + progressTime))
	n, err := b.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

// err is what is wrong where reading met e: with the body itself, or else with
// what stands in it.
func (b *scrubBody) err(e error) error {
	if b.failed != nil {
		return bodyError(b.failed)
	}
	if wrong, ok := errors.AsType[*scrub.FileError](e); ok {
		return at("body", fmt.Errorf("%w: %v", errInvalid, wrong))
	}
	return e
}
