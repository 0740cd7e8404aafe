package web

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"nocall/internal/voice"
)

// addCarrier adds the trunk that the house has behind it.
func (h *house) addCarrier() {
	h.t.Helper()
	err := h.store.AddTrunk(h.t.Context(), voice.Trunk{
		Environment: "sandbox", Name: "carrier-east", Kind: voice.SIP,
		Address: "127.0.0.1:5090", Transport: "udp", CreatedAt: now(),
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestTestCall calls a phone from the page, and says what came of it.
func TestTestCall(t *testing.T) {
	h := newHouse(t)
	h.addCarrier()
	h.add("sandbox", "+14155550102", "")
	max := h.as("max@example.com")
	const path = "/e/sandbox/providers/carrier-east/call"
	if r := max.get(path); r.status != 200 || !r.contains("A chime") {
		t.Errorf("dialog: %d", r.status)
	}
	for _, tt := range []struct {
		number, agent string
		status        int
		contains      string
	}{
		{"+1 415 555 0101", "", 200, "Answered."},
		{"+14155550170", "", 200, "Busy"},
		{"+14155550102", "", 409, "This number is on the DNC list. It was not called."},
		{"911", "", 422, `aria-invalid="true"`},
		{"+14155550101", "nobody", 409, "o such agent"},
	} {
		r := max.post(path, "number", tt.number, "agent", tt.agent)
		if r.status != tt.status || !r.contains(tt.contains) {
			t.Errorf("%s: %d, want %d and %q in it: %s",
				tt.number, r.status, tt.status, tt.contains, r.body)
		}
	}
	vic := h.as("vic@example.com")
	if r := vic.post(path, "number", "+14155550101"); r.status != http.StatusForbidden {
		t.Errorf("a viewer calls: %d", r.status)
	}
	if r := max.get("/e/sandbox/providers/none/call"); r.status != http.StatusNotFound {
		t.Errorf("call over no trunk: %d", r.status)
	}
}

// testTestCall calls a phone in a browser.
func testTestCall(_ *testing.T, h *house, p *tab) {
	h.addCarrier()
	p.signIn("max@example.com", "/e/sandbox/providers")
	p.do(chromedp.Click(`#p-carrier-east a[aria-label="Test call over carrier-east"]`))
	p.wait(`document.activeElement.id === "number"`)
	p.keys("+1 415 555 0101")
	p.click("#dialog .main")
	p.text("#test-call", "Answered.")
	p.text("#test-call", "Rang after")
}
