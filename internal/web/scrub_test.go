package web

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const leadsFile = "name,phone,mobile\nAnn,+14155550123,\nBob,+14155550124,+14155550125\nNone,,\n"

func TestScrub(t *testing.T) {
	h := newHouse(t)
	h.add("sandbox", "+14155550123", "")
	vic := h.as("vic@example.com")
	r := vic.upload("/e/sandbox/scrub", `C:\lists\q2 leads.csv`, leadsFile,
		"columns", "", "verdict", "Why")
	if r.status != http.StatusSeeOther {
		t.Fatalf("scrub: %d\n%s", r.status, r.body)
	}
	page := vic.get("/e/sandbox/scrub")
	for _, want := range []string{"q2 leads.csv", "vic@example.com", "phone, mobile"} {
		if !page.contains(want) {
			t.Errorf("the page has no %q in\n%s", want, page.body)
		}
	}
	checkPage(t, "/e/sandbox/scrub", page)
	path := regexp.MustCompile(`/e/sandbox/scrub/\w+`).FindString(page.body)
	got := vic.get(path + "/clear.csv")
	if got.body != "name,phone,mobile,Why\nBob,+14155550124,+14155550125,clear\n" {
		t.Errorf("clear.csv has %q", got.body)
	}
	const want = `attachment; filename="q2 leads-clear.csv"`
	if name := got.header.Get("Content-Disposition"); name != want {
		t.Errorf("Content-Disposition = %s, want %s", name, want)
	}
	got = vic.get(path + "/suppressed.csv")
	if got.body != "name,phone,mobile,Why\nAnn,+14155550123,,listed\nNone,,,invalid\n" {
		t.Errorf("suppressed.csv has %q", got.body)
	}
	other := strings.Replace(path, "sandbox", "production", 1)
	if got := vic.get(other + "/clear.csv"); got.status != http.StatusNotFound {
		t.Errorf("from another environment: %d, want 404", got.status)
	}
	if got := vic.post(path + "/delete"); got.status != http.StatusSeeOther {
		t.Errorf("delete: %d", got.status)
	}
	if got := vic.get(path + "/clear.csv"); got.status != http.StatusNotFound {
		t.Errorf("after it was deleted: %d, want 404", got.status)
	}
}

// What cannot be scrubbed leaves nothing, and the page says what is wrong.
func TestScrubRefuses(t *testing.T) {
	h := newHouse(t)
	vic := h.as("vic@example.com")
	for _, tt := range []struct{ file, text, columns, want string }{
		{"leads.csv", "name,age\nAnn,7\n", "", "No column with phone numbers was recognised"},
		{"leads.csv", "name,phone\nAnn,\"7\n", "", "Line 2"},
		{"leads.csv", "phone\n+14155550123\n", "cell, phone", "No column &#34;cell&#34;"},
		{"", "", "", "Choose a file."},
	} {
		r := vic.upload("/e/sandbox/scrub", tt.file, tt.text, "columns", tt.columns)
		if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, tt.want) {
			t.Errorf("scrub of %q: %d, want %q in\n%s", tt.text, r.status, tt.want, r.body)
		}
	}
	if kept := h.page.Scrubs.Results("sandbox"); len(kept) > 0 {
		t.Errorf("files that were refused have left %+v", kept)
	}
	h.index.SetCurrent(false)
	r := vic.upload("/e/sandbox/scrub", "leads.csv", leadsFile)
	if r.status != http.StatusServiceUnavailable {
		t.Errorf("scrub while the list is not ready: %d, want 503", r.status)
	}
}

// testScrub drops a file, reads what came of it, and fetches it.
func testScrub(t *testing.T, h *house, p *tab) {
	h.add("sandbox", "+14155550123", "")
	p.signIn("max@example.com", "/e/sandbox/scrub")
	p.text("#results", "No results")
	file := filepath.Join(t.TempDir(), "leads.csv")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p.do(chromedp.SetUploadFiles("input#file", []string{file}))
	}
	write("name\nAnn\n")
	p.text("#scrub-problem", "No column with phone numbers was recognised")
	p.wait(`document.querySelector("[data-progress]").hidden`)
	write(leadsFile + strings.Repeat("Cy,+14155550126,\n", 100_000))
	p.text("#toasts", "leads.csv was scrubbed: 100001 of 100003 rows may be called.")
	p.text("#results .counts", "100,003")
	p.wait(`document.querySelector("#scrub-problem").textContent.trim() === ""`)
	p.eval(`fetch(document.querySelector('[href$="/suppressed.csv"]').href)
		.then((r) => r.text()).then((text) => { window.fetched = text; })`)
	p.wait(`window.fetched === "name,phone,mobile\nAnn,+14155550123,\nNone,,\n"`)
	p.click(`.result form button`)
	p.text("#results", "No results")
}
