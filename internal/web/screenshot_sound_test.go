package web

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSoundScreenshots takes the pictures of a recorded call and of a test call
// into the folder that NOCALL_SCREENSHOTS names.
func TestSoundScreenshots(t *testing.T) {
	dir := os.Getenv("NOCALL_SCREENSHOTS")
	if dir == "" {
		t.Skip("set NOCALL_SCREENSHOTS to the folder of the pictures")
	}
	c := newChromium(t)
	h := newHouse(t)
	call := h.recordedCall()
	h.addCarrier()
	p := c.tab(t, h)
	take := func(name string) {
		t.Helper()
		p.take(filepath.Join(dir, name))
	}
	p.signIn("ada@example.com", "/e/sandbox/call-history/"+call.ID)
	p.wait(`document.querySelector("audio").readyState >= 1`)
	take("recorded-call.png")
	p.click("#delete-recording")
	p.text("#dialog .main", "")
	take("recorded-call-delete.png")
	p.prefers("dark")
	p.do(chromedp.EmulateViewport(390, 844))
	p.open("/e/sandbox/call-history/" + call.ID)
	p.wait(`document.querySelector("audio").readyState >= 1`)
	take("recorded-call-narrow.png")
	p.prefers("light")
	p.do(chromedp.EmulateViewport(1280, 800))
	p.open("/e/sandbox/providers")
	p.do(chromedp.Click(`#p-carrier-east a[aria-label="Test call over carrier-east"]`))
	p.wait(`document.activeElement.id === "number"`)
	take("test-call-dialog.png")
	p.keys("+1 415 555 0101")
	p.click("#dialog .main")
	p.text("#test-call", "Answered.")
	take("test-call-answered.png")
}
