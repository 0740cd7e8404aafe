package api

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"html/template"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// docs is the reference page: files of swagger-ui-dist 5.35.0 (Apache-2.0),
// the large ones compressed, and a few of ours. Nothing comes from the network.
//
//go:embed docs
var docs embed.FS

// docsPolicy lets the reference page run its own scripts, show images that
// stand in its style sheet, and ask this server.
var docsPolicy = []string{"default-src 'none'; script-src 'self'; connect-src 'self'; " +
	"style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}

// pagePolicy lets a page of ours show its own style.
var pagePolicy = []string{"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}

// openDocs puts on the desk what explains the API: its description, the
// reference page, and a page for each kind of problem.
func (d *desk) openDocs() {
	asJSON := sync.OnceValues(func() ([]byte, error) { return json.Marshal(d.api.OpenAPI()) })
	asYAML := sync.OnceValues(func() ([]byte, error) { return d.api.OpenAPI().YAML() })
	d.mux.Handle("GET /openapi.json", d.document("application/openapi+json", asJSON))
	d.mux.Handle("GET /openapi.yaml", d.document("application/yaml", asYAML))
	d.mux.HandleFunc("GET /docs", d.docsPage)
	d.mux.HandleFunc("GET /docs/{file}", d.docsFile)
	d.mux.HandleFunc("GET /docs/{$}", d.docsPage)
	d.mux.HandleFunc("GET /problems/{$}", d.problemsPage)
	d.mux.HandleFunc("GET /problems/{name}", d.problemPage)
}

// document serves the description in one form.
func (d *desk) document(form string, make func() ([]byte, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := make()
		if err != nil {
			d.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", form)
		w.Write(text) //nolint:errcheck // whoever asked is gone
	})
}

func (d *desk) docsPage(w http.ResponseWriter, r *http.Request) {
	d.serveFile(w, r, "index.html")
}

func (d *desk) docsFile(w http.ResponseWriter, r *http.Request) {
	d.serveFile(w, r, r.PathValue("file"))
}

// serveFile serves a file of the reference page, compressed where the browser
// takes it.
func (d *desk) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	h := w.Header()
	text, err := docs.ReadFile("docs/" + name)
	if err != nil {
		packed, err := docs.ReadFile("docs/" + name + ".gz")
		if err != nil {
			d.fail(w, r, errNoPath)
			return
		}
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			text = packed
		} else if text, err = unpack(packed); err != nil {
			d.fail(w, r, err)
			return
		}
	}
	h["Content-Security-Policy"] = docsPolicy
	h.Set("Cache-Control", "max-age=3600")
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Write(text) //nolint:errcheck // whoever asked is gone
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// problemsText is the page that explains one kind of problem, or all.
var problemsText = template.Must(template.New("problems").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Problems · nocall</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
h2 { margin: 2rem 0 0; font-size: 1.2rem; }
p { margin: .3rem 0; }
</style>
</head>
<body>
<h1>Problems</h1>
{{range .}}<h2>{{.Title}}</h2>
<p><code>/problems/{{.Name}}</code> · status {{.Status}}</p>
<p>{{.Text}}</p>
{{end}}<p><a href="/problems/">All problems</a> · <a href="/docs">The API</a></p>
</body>
</html>
`))

// explained is a kind of problem as its page shows it.
type explained struct {
	Name   string
	Status int
	Title  string
	Text   string
}

func (d *desk) problemsPage(w http.ResponseWriter, r *http.Request) {
	d.explainKinds(w, r, func(kind) bool { return true })
}

func (d *desk) problemPage(w http.ResponseWriter, r *http.Request) {
	d.explainKinds(w, r, func(k kind) bool { return k.name == r.PathValue("name") })
}

func (d *desk) explainKinds(w http.ResponseWriter, r *http.Request, shown func(kind) bool) {
	var all []explained
	for _, k := range kinds {
		if shown(k) {
			all = append(all, explained{k.name, k.status, k.title, k.text})
		}
	}
	var text bytes.Buffer
	if err := problemsText.Execute(&text, all); err != nil {
		d.fail(w, r, err)
		return
	}
	if all == nil {
		d.fail(w, r, errNoPath)
		return
	}
	w.Header()["Content-Security-Policy"] = pagePolicy
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(text.Bytes()) //nolint:errcheck // whoever asked is gone
}
