package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

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

const lettersFile = "Name,Phone,Reason\nAnn,+14155550123,\nBob,+14155550124,asked by letter\n" +
	"Cy,nobody,\nDee,+14155550125,\n"

func TestListImport(t *testing.T) {
	h := newHouse(t)
	h.add("sandbox", "+14155550123", "by hand")
	max := h.as("max@example.com")
	max.htmx = true
	r := max.upload("/e/sandbox/imports/read", `C:\may.csv`, lettersFile, "name", "Letters of May")
	for _, want := range []string{
		"Import 2 numbers", `value="2" checked`, `name="recognised" value="2"`,
		"Letters in the number", `<option value="3" selected>`,
	} {
		if r.status != http.StatusOK || !r.contains(want) {
			t.Errorf("dry run: %d, no %q in\n%s", r.status, want, r.body)
		}
	}
	if listed, err := h.list.Check("sandbox", number(t, "+14155550124")); listed || err != nil {
		t.Errorf("after a dry run the number is listed: %v, %v", listed, err)
	}
	r = max.upload("/e/sandbox/imports", "may.csv", lettersFile, "name", "Letters of May",
		"column", "2", "recognised", "2")
	if r.status != http.StatusOK || !r.contains("2 numbers were put on the list") {
		t.Fatalf("import: %d\n%s", r.status, r.body)
	}
	vic := h.as("vic@example.com")
	page := vic.get("/e/sandbox/imports")
	checkPage(t, "/e/sandbox/imports", page)
	for _, want := range []string{"Letters of May", "max@example.com"} {
		if !page.contains(want) {
			t.Errorf("the page has no %q in\n%s", want, page.body)
		}
	}
	for _, none := range []string{"Undo", "data-upload"} {
		if page.contains(none) {
			t.Errorf("the page of a viewer has %q", none)
		}
	}
	path := regexp.MustCompile(`/e/sandbox/imports/\w+`).FindString(page.body)
	report := vic.get(path + "/report.csv")
	if !strings.Contains(report.body, "\n4,nobody,,invalid,") ||
		!strings.Contains(report.body, ",,'+14155550123,already_listed,") {
		t.Errorf("report has %q", report.body)
	}
	other := strings.Replace(path, "sandbox", "production", 1)
	if got := max.get(other + "/report.csv"); got.status != http.StatusNotFound {
		t.Errorf("from another environment: %d, want 404", got.status)
	}
	if got := max.get(path + "/undo"); !got.contains("The 2 numbers that") {
		t.Errorf("undo asks: %d\n%s", got.status, got.body)
	}
	if got := max.post(path + "/undo"); !got.contains("2 numbers of Letters of May") {
		t.Errorf("undo: %d\n%s", got.status, got.body)
	}
	if got := max.post(path + "/undo"); got.status != http.StatusConflict {
		t.Errorf("undo again: %d, want 409", got.status)
	}
	if got := max.get(path + "/undo"); got.status != http.StatusConflict {
		t.Errorf("to be asked about what was undone: %d, want 409", got.status)
	}
}

// Who may only look does not change the list.
func TestListImportNeedsRole(t *testing.T) {
	h := newHouse(t)
	vic := h.as("vic@example.com")
	for _, path := range []string{"/imports", "/imports/read"} {
		if r := vic.upload("/e/sandbox"+path, "may.csv", lettersFile); r.status != 403 {
			t.Errorf("POST %s of a viewer: %d, want 403", path, r.status)
		}
	}
	if r := vic.post("/e/sandbox/imports/i_1/undo"); r.status != 403 {
		t.Errorf("undo of a viewer: %d, want 403", r.status)
	}
	if r := vic.get("/e/sandbox/imports/i_1/undo"); r.status != 403 {
		t.Errorf("a viewer is asked about undo: %d, want 403", r.status)
	}
}

// What cannot be imported changes nothing, and the page says what is wrong.
func TestListImportRefuses(t *testing.T) {
	h := newHouse(t)
	max := h.as("max@example.com")
	long := strings.Repeat("x", 501)
	for _, tt := range []struct{ file, text, field, value, want string }{
		{"a.csv", "name,age\nAnn,7\n", "", "", "No column with phone numbers was recognised"},
		{"a.csv", "name,age\nAnn,7\n", "", "", `<span title="age">age</span>`},
		{"a.csv", "name,phone\nAnn,\"7\n", "", "", "Line 2: a quoted field"},
		{"a.csv", "phone\nnobody\n", "", "", "No number in the file can be read"},
		{"a.csv", "phone\n+14155550123\n", "column", "7", "No column 7"},
		{"a.csv", "phone\n+14155550123\n", "reason", long, "500"},
		{"a.csv", "phone\n+14155550123\n", "region", "Mars", "Unknown region"},
		{"a.gz", "\x1f\x8b\x08", "", "", "Cut short: its end is missing."},
		{"", "", "", "", "Choose a file."},
	} {
		for _, way := range []string{"/imports", "/imports/read"} {
			r := max.upload("/e/sandbox"+way, tt.file, tt.text, tt.field, tt.value)
			if r.status != http.StatusUnprocessableEntity || !r.contains(tt.want) {
				t.Errorf("%s of %q: %d, want %q in\n%s", way, tt.text, r.status, tt.want, r.body)
			}
		}
	}
	h.index.SetCurrent(false)
	if r := max.upload("/e/sandbox/imports", "a.csv", lettersFile); r.status != 503 {
		t.Errorf("import while the list is not ready: %d, want 503", r.status)
	}
	if page := max.get("/e/sandbox/imports"); !page.contains("No imports yet") {
		t.Errorf("files that were refused have left an import:\n%s", page.body)
	}
}

// Without scripts a file is imported at once, and what is wrong is said on the page.
func TestListImportWithoutScripts(t *testing.T) {
	h := newHouse(t)
	max := h.as("max@example.com")
	r := max.upload("/e/sandbox/imports", "a.txt", "+14155550101\n+14155550102\n")
	if r.status != http.StatusSeeOther {
		t.Errorf("import: %d, want 303", r.status)
	}
	r = max.upload("/e/sandbox/imports/read", "a.txt", "+14155550102\n+14155550103\n")
	checkPage(t, "/e/sandbox/imports/read", r)
	if !r.contains("Import 1 number") || !r.contains("column 1") {
		t.Errorf("dry run: %d\n%s", r.status, r.body)
	}
}

// testListImport drops a file, looks what would change, imports it, sees it on the
// list and undoes it.
func testListImport(t *testing.T, h *house, p *tab) {
	p.signIn("max@example.com", "/e/sandbox/dnc-list")
	p.click("#import")
	p.text("#imports", "No imports yet")
	dir := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p.do(chromedp.SetUploadFiles("input#file", []string{file}))
	}
	write("who.csv", "who,where\nAnn,+14155550101\n12,+14155550102\n1,\n2,\n3,\n")
	p.text("#import-tried .notice", "No column with phone numbers was recognised")
	p.click(`#import-tried input[value="2"]`)
	p.click("#import-again")
	p.text("#import-now", "Import 2 numbers")
	p.wait(`document.querySelector("[data-progress]").hidden`)

	var rows strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&rows, "+1415%07d\n", 5550000+i)
	}
	p.fill("#name", "Letters of May")
	write("may.csv", "phone\n"+rows.String()+"nobody\n")
	p.text("#import-tried", "Letters in the number")
	p.wait(`document.querySelector(".chosen").textContent === "may.csv"`)
	p.do(chromedp.Focus("#import-now"))
	p.keys("\r")
	p.text("#import-tried .notice", "50,000 numbers were put on the list")
	p.wait(`document.querySelector(".chosen").textContent === ""`)
	p.wait(`document.querySelector("#name").value === ""`)
	p.text("#imports tbody", "Letters of May")
	p.eval(`fetch(document.querySelector('#imports [href$="/report.csv"]').href)
		.then((r) => r.text()).then((text) => { window.fetched = text; })`)
	p.wait(`window.fetched?.startsWith("Line,Input,") && window.fetched.includes("nobody")`)

	p.open("/e/sandbox/dnc-list?search=%2B14155550123")
	p.text("#n14155550123 .by", "User")
	p.open("/e/sandbox/imports")
	p.do(chromedp.Focus(`#imports [href$="/undo"]`))
	p.keys("\r")
	p.text("#dialog", "become callable again")
	p.wait(`document.activeElement.textContent === "Cancel"`)
	p.click("#dialog .main")
	p.text("#toasts", "50,000 numbers of Letters of May may be called again.")
	p.text("#imports tbody", "undone")
	p.gone(`#imports [href$="/undo"]`)
	if listed, err := h.list.Check("sandbox", number(t, "+14155550123")); listed || err != nil {
		t.Errorf("after the undo the number is listed: %v, %v", listed, err)
	}
}
