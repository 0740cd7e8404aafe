package api_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"nocall/internal/contents"
	"nocall/internal/imports"
)

// opened opens files as a node does.
func opened(
	name, sheet string, in io.Reader, do func(name string, text io.Reader) error,
) error {
	err := contents.Each(name, in, contents.Options{Sheet: sheet}, do)
	if wrong, ok := errors.AsType[*contents.Error](err); ok {
		return &imports.FileError{File: wrong.Name, Detail: wrong.Text}
	}
	return err
}

const importsPath = "/v1/environments/sandbox/imports"

// send sends a file to be imported.
func (h *house) send(t *testing.T, query, form, accept, file string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		h.web.URL+importsPath+query, strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.keys["sandbox member"])
	req.Header.Set("Content-Type", form)
	req.Header.Set("Accept", accept)
	resp, err := h.web.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestImport(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550123", "by hand")
	const file = "Phone Number,Reason\n+14155550123,x\n+14155550124,by mail\n+14155550124,\n415,\n"
	status, got := h.send(t, "?dry_run=true&name=May", "text/csv", "", file)
	want := `{"import_id":"","dry_run":true,"name":"May","rows":4,"added":1,"already_listed":1,` +
		`"repeated":1,"invalid":1,"contacts_skipped":0,"columns":["Phone Number"],` +
		`"reason_column":"Reason","lines":[{"line":5,"input":"415","detail":`
	if status != 200 || !strings.HasPrefix(got, want) {
		t.Errorf("dry run = %d %s; want %s", status, got, want)
	}
	list := importsPath[:strings.LastIndex(importsPath, "/")] + "/entries"
	if total := h.do(t, ask{path: list, key: "sandbox viewer"}).get(t)["total"]; total != 1.0 {
		t.Errorf("after a dry run there are %v entries; want one", total)
	}
	status, got = h.send(t, "?name=May&reason=list&file=may.csv.gz", "application/gzip", "",
		packed(t, file))
	if status != 201 || !strings.Contains(got, `"added":1,"already_listed":1`) {
		t.Fatalf("import = %d %s; want one added", status, got)
	}
	page := h.do(t, ask{path: importsPath, key: "sandbox viewer"})
	if page.get(t)["total"] != 1.0 || !strings.Contains(page.body, `"running":[]`) {
		t.Fatalf("imports = %s; want the one", page.body)
	}
	one, _ := page.get(t)["items"].([]any)[0].(map[string]any)
	id := fmt.Sprint(one["import_id"])
	if one["file"] != "may.csv.gz" || one["undone_at"] != nil || one["reason"] != "list" {
		t.Errorf("import = %v", one)
	}
	e := h.do(t, ask{path: list + "/14155550124", key: "sandbox viewer"})
	if e.get(t)["import_id"] != id || e.text(t, "reason") != "by mail" {
		t.Errorf("entry = %s; want it to be of the import", e.body)
	}
	report := h.do(t, ask{path: importsPath + "/" + id + "/report.csv", key: "sandbox viewer"})
	if !strings.HasPrefix(report.body, "Line,Input,Phone Number,Result,Detail\n5,415,,invalid,") ||
		!strings.HasSuffix(report.body, "\n,,'+14155550123,already_listed,\n") {
		t.Errorf("report = %s", report.body)
	}
	undo := ask{method: "POST", path: importsPath + "/" + id + "/undo", key: "sandbox viewer"}
	if r := h.do(t, undo); r.status != 403 {
		t.Errorf("undo by a viewer = %d; want 403", r.status)
	}
	undo.key = "sandbox member"
	if r := h.do(t, undo); r.status != 200 || r.get(t)["removed"] != 1.0 {
		t.Errorf("undo = %d %s; want one removed", r.status, r.body)
	}
	if r := h.do(t, undo); r.status != 409 {
		t.Errorf("undo again = %d %s; want 409", r.status, r.body)
	}
	if r := h.do(t, ask{path: importsPath + "/x", key: "sandbox viewer"}); r.status != 404 {
		t.Errorf("no such import = %d; want 404", r.status)
	}
	trail := h.do(t, ask{
		path: "/v1/environments/sandbox/events?number=14155550124",
		key:  "sandbox viewer",
	})
	if !strings.Contains(trail.body, `"kind":"removed"`) ||
		!strings.Contains(trail.body, `"import_id":"`+id) {
		t.Errorf("trail = %s; want the import in it", trail.body)
	}
}

func TestImportEvents(t *testing.T) {
	h := newHouse(t, nil)
	var file strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&file, "+1415%07d\n", 5550000+i)
	}
	status, got := h.send(t, "", "text/plain", "text/event-stream", file.String())
	first, _, _ := strings.Cut(got, "\n")
	if status != 200 || first != "event: progress" ||
		!strings.Contains(got, `"state":"writing"`) ||
		!strings.Contains(got, "event: done\ndata: {") || !strings.Contains(got, `"added":20000`) {
		t.Errorf("events = %d %s", status, got)
	}
	status, got = h.send(t, "", "text/plain", "text/event-stream", "x\ny\n")
	if status != 200 || !strings.HasPrefix(got, "event: problem\ndata: {") ||
		!strings.Contains(got, "body line 2: letters in the number") {
		t.Errorf("events of what is no list = %d %s", status, got)
	}
}

func TestImportRefuses(t *testing.T) {
	h := newHouse(t, nil)
	for _, tt := range []struct {
		query, form, file string
		status            int
		detail            string
	}{
		{"", "application/json", "{}", 415, "text/csv"},
		{"", "text/csv", "", 422, "no number in the file"},
		{"", "text/csv", "phone\n12\n", 422, "line 2"},
		{"?column=x", "text/csv", "phone\n+14155550123\n", 422, "no column x: there are phone"},
		{"?region=Mars", "text/csv", "phone\n", 422, "unknown region"},
		{"?dry_run=1", "text/csv", "phone\n", 422, "true or false"},
		{"", "application/gzip", packed(t, "+14155550123\n")[:30], 422, "cut short"},
		{"", "application/zip", "PK\x03\x04", 422, "cannot be unpacked"},
		{"", "text/csv", "phone\n\"\n", 422, "line 2"},
		{"?reason=" + strings.Repeat("x", 501), "text/csv", "+14155550123", 422, "500"},
	} {
		status, got := h.send(t, tt.query, tt.form, "", tt.file)
		if status != tt.status || !strings.Contains(got, tt.detail) {
			t.Errorf("import%.20s of %.20q = %d %s; want %d with %q",
				tt.query, tt.file, status, got, tt.status, tt.detail)
		}
	}
	kept := h.do(t, ask{path: importsPath, key: "sandbox viewer"}).get(t)
	if kept["total"] != 0.0 {
		t.Errorf("imports = %v; want none", kept)
	}
}

func TestExportInGzip(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550123", "=x")
	const path = "/v1/environments/sandbox/entries.csv"
	plain := h.do(t, ask{path: path + "?safe=true", key: "sandbox viewer"}).body
	if !strings.Contains(plain, "'+14155550123") || !strings.Contains(plain, "'=x") {
		t.Fatalf("export = %q", plain)
	}
	for _, tt := range []struct{ query, accept, form, encoding string }{
		{"?safe=true&gzip=true", "", "application/gzip", ""},
		{"?safe=true", "br, gzip;q=0.5", "text/csv; charset=utf-8; header=present", "gzip"},
		{"?safe=true", "gzip; q=0", "text/csv; charset=utf-8; header=present", ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			h.web.URL+path+tt.query, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+h.keys["sandbox viewer"])
		req.Header.Set("Accept-Encoding", tt.accept) // so the client leaves it packed
		resp, err := h.web.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		in := io.Reader(resp.Body)
		if tt.encoding == "gzip" || tt.form == "application/gzip" {
			if in, err = gzip.NewReader(resp.Body); err != nil {
				t.Fatal(err)
			}
		}
		text, err := io.ReadAll(in)
		if err != nil || string(text) != plain || resp.Header.Get("Content-Type") != tt.form ||
			resp.Header.Get("Content-Encoding") != tt.encoding {
			t.Errorf("export%s for %q: %v, %q, %v", tt.query, tt.accept, resp.Header, text, err)
		}
	}
	problem := h.do(t, ask{path: path + "?gzip=maybe", key: "sandbox viewer"})
	if problem.status != 422 {
		t.Errorf("gzip=maybe = %d; want 422", problem.status)
	}
}
