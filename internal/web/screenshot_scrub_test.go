package web

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestScrubScreenshots takes the pictures of scrubbing files of contacts into the
// folder that NOCALL_SCREENSHOTS names.
func TestScrubScreenshots(t *testing.T) {
	dir := os.Getenv("NOCALL_SCREENSHOTS")
	if dir == "" {
		t.Skip("set NOCALL_SCREENSHOTS to the folder of the pictures")
	}
	c := newChromium(t)
	h := newHouse(t)
	p := c.tab(t, h)
	p.signIn("ada@example.com", "/e/production/scrub")
	take := func(name, ready string) {
		t.Helper()
		p.text(ready, "")
		p.take(filepath.Join(dir, name))
	}
	take("scrub-empty.png", "#results .nothing")
	for i := range 40 {
		h.add("production", fmt.Sprintf("+1415555%04d", 100+i), "")
	}
	send := func(name, text string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p.do(chromedp.SetUploadFiles("input#file", []string{file}))
	}
	var rows strings.Builder
	for i := range 12_500 {
		fmt.Fprintf(&rows, "Ann,+1415555%04d\n", i%10_000)
	}
	send("q4 renewals.csv", "name,phone_number\n"+rows.String()+"Bob,none\n")
	p.text("#results", "12,501")
	send(strings.Repeat("a very long name of a file of contacts ", 4)+".csv",
		"phone,mobile,where is the number of the second contact\n+14155550100,,\n")
	p.text("#results", "a very long name")
	send("broken.csv", "name,phone\nAnn,\"+14155550100\n")
	p.gone("#toasts > *")
	take("scrub.png", "#scrub-problem .notice")
	p.prefers("dark")
	take("scrub-dark.png", "#scrub-problem .notice")
	p.prefers("light")
	p.do(chromedp.EmulateViewport(390, 844))
	p.open("/e/production/scrub")
	p.do(chromedp.EmulateViewport(390, ask[int64](p, `document.documentElement.scrollHeight`)))
	take("scrub-narrow.png", "#results .result")
}
