package api

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/imports"
)

// importForms are the content types of a file that is imported. What is in it
// is seen when it is opened.
var importForms = []string{
	"text/csv", "text/plain", "application/gzip", "application/zip",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"application/octet-stream",
}

var importRoute = route{
	method: http.MethodPost, path: importsPath, id: "importEntries", tag: "imports",
	summary: "Import a file of numbers into the list", role: access.Member,
	status: http.StatusCreated,
	text: "Send a file: CSV with a header or without, a number a line, a spreadsheet (.xlsx), " +
		"any of them in gzip or several in a zip. There is no limit of rows. Columns with phone " +
		"numbers are recognised, and one that is called reason. All numbers that can be read " +
		"come onto the list at one moment, durably, or after an error none does. Numbers that " +
		"are listed keep their entries, so the same file may be sent again. The import can be " +
		"undone.\n\n" +
		"With dry_run=true it is said (with 200) what would change, and nothing changes. With " +
		"Accept: text/event-stream the answer is events: progress with how far it is, several " +
		"times a second, and at the end done with the answer, or problem with what is wrong.",
	problems: []string{"no-environment", "invalid", "media-type", "unready"},
}

func describeImport(d *desk, op *huma.Operation) {
	text := &huma.Schema{Type: huma.TypeString}
	op.Parameters = append(
		op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"),
		inQuery("name", "What the import is called; by default like the file", text),
		inQuery("file", "Name of the file", text),
		inQuery("sheet", "Of a spreadsheet; by default the first with rows", text),
		inQuery("column", "A column with phone numbers, by its name or its place from 1; may be "+
			"repeated", &huma.Schema{Type: huma.TypeArray, Items: text}),
		inQuery("reason_column", "The column with reasons", text),
		inQuery("reason", "Of entries whose row has none", text),
		inQuery("region", "Country of national numbers, such as US; by default that of the "+
			"environment", text),
		inQuery("dry_run", "Say what would change, and change nothing",
			&huma.Schema{Type: huma.TypeBoolean}),
	)
	file := make(map[string]*huma.MediaType)
	for _, form := range importForms {
		file[form] = &huma.MediaType{Schema: text}
	}
	op.RequestBody = &huma.RequestBody{Required: true, Content: file}
	answered := d.jsonOf(reflect.TypeFor[Imported]())
	op.Responses["201"].Content = answered
	op.Responses["200"] = &huma.Response{
		Description: "What would change, or events", Content: d.jsonOf(reflect.TypeFor[Imported]()),
	}
	op.Responses["200"].Content[liveForm] = &huma.MediaType{Schema: text}
}

func describeReport(_ *desk, op *huma.Operation) {
	op.Parameters = append(op.Parameters,
		inPath("environment", "Name of the environment", "sandbox"),
		inPath("id", "import_id", ""))
	op.Responses["200"].Content = map[string]*huma.MediaType{
		"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}},
	}
}

// addImport imports the file that is sent.
func (d *desk) addImport() handler {
	return func(w http.ResponseWriter, r *http.Request, id access.Identity) {
		request, err := d.importRequest(r, id)
		if err != nil {
			d.fail(w, r, err)
			return
		}
		body := &importBody{scrubBody{body: r.Body, out: http.NewResponseController(w)}}
		var told *importEvents
		if strings.Contains(r.Header.Get("Accept"), liveForm) {
			told = d.newImportEvents(w, body.out)
			request.Progress = told.progress
		}
		result, err := d.Imports.Import(r.Context(), request, body)
		if err != nil {
			err = importProblem(result, body.err(err))
		}
		_ = body.out.SetWriteDeadline(time.Now().Add(progressTime)) // for the answer
		switch {
		case told != nil:
			told.end(r, importedOf(result, request.DryRun), err)
		case err != nil:
			d.fail(w, r, err)
		case request.DryRun:
			d.write(w, http.StatusOK, importedOf(result, true))
		default:
			w.Header().Set("Location",
				placeOf(importsPath+"/{}", request.Environment, result.ID))
			d.write(w, http.StatusCreated, importedOf(result, false))
		}
	}
}

// importRequest reads what is asked, but for the file.
func (d *desk) importRequest(r *http.Request, id access.Identity) (imports.Request, error) {
	form, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(importForms, form) {
		return imports.Request{}, fmt.Errorf("%w: want one of %s", errMediaType,
			strings.Join(importForms, ", "))
	}
	env := dnc.Environment(r.PathValue("environment"))
	world, err := d.Store.World(r.Context(), env)
	if err != nil {
		return imports.Request{}, err
	}
	q := r.URL.Query()
	if dry := q.Get("dry_run"); dry != "" && dry != "true" && dry != "false" {
		return imports.Request{}, at("query.dry_run", fmt.Errorf("%w: want true or false",
			errInvalid))
	}
	region := q.Get("region")
	if region == "" {
		region = world.Settings.DefaultRegion
	}
	return imports.Request{
		Environment: env, Name: q.Get("name"), File: q.Get("file"), Sheet: q.Get("sheet"),
		Columns: q["column"], ReasonColumn: q.Get("reason_column"), Reason: q.Get("reason"),
		Region: region, By: id.Name, DryRun: q.Get("dry_run") == "true",
	}, nil
}

// An importBody is a file on its way in. Once it is there nobody waits for more
// of the request, however long it takes to write it down.
type importBody struct{ scrubBody }

// Read implements [io.Reader].
func (b *importBody) Read(p []byte) (int, error) {
	n, err := b.scrubBody.Read(p)
	if err != nil {
		_ = b.out.SetReadDeadline(time.Time{})
		_ = b.out.SetWriteDeadline(time.Time{})
	}
	return n, err
}

// importEvents tells by events how far an import has come.
type importEvents struct {
	*desk
	w   io.Writer
	out *http.ResponseController
}

func (d *desk) newImportEvents(
	w http.ResponseWriter, out *http.ResponseController,
) *importEvents {
	// Without full duplex the server would read the whole request first. HTTP/2 is
	// always so, and says that it is not supported.
	_ = out.EnableFullDuplex()
	h := w.Header()
	h.Set("Content-Type", liveForm)
	h.Set("X-Accel-Buffering", "no") // or a proxy would keep the news to itself
	return &importEvents{d, w, out}
}

func (e *importEvents) progress(p imports.Progress) { e.say("progress", importProgressOf(p)) }

// end says what came of it.
func (e *importEvents) end(r *http.Request, done Imported, err error) {
	if err != nil {
		e.say("problem", e.explain(r.Context(), err))
		return
	}
	e.say("done", done)
}

func (e *importEvents) say(event string, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		return // a struct of what JSON can say
	}
	// Whoever does not listen any more has broken off the file too.
	_, _ = fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", event, text)
	_ = e.out.Flush()
}
