package api

import (
	"bytes"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"nocall/internal/access"
)

var coverageRoute = route{
	method: http.MethodGet, path: registryPath + "/coverage.csv", id: "exportCoverage",
	tag: "registries", summary: "What a registry covers as a CSV file",
	text: "The header is Area Code,Numbers,As Of; a line an area code, or a country outside " +
		"North America, of the version in force. A spreadsheet takes a cell that begins with + " +
		"for a formula: with safe=true such cells begin with an apostrophe.",
	role: access.Viewer, problems: []string{"not-found", "invalid"},
}

func describeCoverage(_ *desk, op *huma.Operation) {
	op.Parameters = append(
		op.Parameters,
		inPath("name", "Name of the registry", "us-national"),
		inQuery("safe", "For spreadsheets", &huma.Schema{Type: huma.TypeBoolean}),
	)
	op.Responses["200"].Content = map[string]*huma.MediaType{
		"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}},
	}
}

// exportCoverage answers with what a registry covers as a file.
func (d *desk) exportCoverage() handler {
	return func(w http.ResponseWriter, r *http.Request, _ access.Identity) {
		name, safe := r.PathValue("name"), r.URL.Query().Get("safe")
		state, err := d.Registries.One(name)
		if err == nil && safe != "" && safe != "true" && safe != "false" {
			err = at("query.safe", errInvalid)
		}
		var text bytes.Buffer
		if err == nil {
			err = state.WriteCoverage(&text, safe == "true")
		}
		if err != nil {
			d.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", csvType)
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`-coverage.csv"`)
		_, _ = w.Write(text.Bytes()) // who has gone away needs no answer
	}
}
