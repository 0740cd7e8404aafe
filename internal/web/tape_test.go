package web

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"nocall/internal/campaign"
	"nocall/internal/voice"
	"nocall/internal/voice/tape"
)

// recordedCall returns a call that has ended, and of which three seconds are
// kept.
func (h *house) recordedCall() voice.Call {
	h.t.Helper()
	call := h.inbound("sandbox", "+12125550150")
	t, err := h.page.Tapes.(*tape.Shelf).Record(call.Environment, call.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	for i := range 150 {
		t.Take(bytes.Repeat([]byte{byte(i)}, voice.FrameBytes), nil)
	}
	t.Close()
	h.page.Tapes.(*tape.Shelf).Wait()
	_, err = h.dialer.End(h.t.Context(), call.Environment, call.ID, campaign.Answered)
	if err != nil {
		h.t.Fatal(err)
	}
	return call
}

// TestRecordedCall plays and deletes the recording of a call.
func TestRecordedCall(t *testing.T) {
	h := newHouse(t)
	call := h.recordedCall()
	vic, ada := h.as("vic@example.com"), h.as("ada@example.com")
	page := "/e/sandbox/call-history/" + call.ID
	sound := page + "/recording.wav"
	if r := vic.get(page); !r.contains("<audio") || r.contains(page+"/delete") {
		t.Errorf("page for a viewer: %d %s", r.status, r.body)
	}
	r := vic.get(sound)
	if r.status != 200 || r.header.Get("Content-Type") != "audio/wav" ||
		r.header.Get("Accept-Ranges") != "bytes" || r.body[:4] != "RIFF" {
		t.Errorf("sound: %d %v", r.status, r.header)
	}
	part, err := http.NewRequestWithContext(t.Context(), http.MethodGet, vic.base+sound, nil)
	if err != nil {
		t.Fatal(err)
	}
	part.Header.Set("Range", "bytes=8-11")
	if r := vic.do(part); r.status != http.StatusPartialContent || r.body != "WAVE" {
		t.Errorf("part of the sound: %d %q", r.status, r.body)
	}
	for _, tt := range []struct {
		who    *browser
		status int
	}{{h.browser(), http.StatusSeeOther}, {vic, http.StatusForbidden}, {ada, http.StatusSeeOther}} {
		if r := tt.who.post(page + "/delete"); r.status != tt.status {
			t.Errorf("delete: %d %s, want %d", r.status, r.body, tt.status)
		}
	}
	if r := ada.get(page); r.contains("<audio") {
		t.Error("the recording is still shown")
	}
	for _, path := range []string{sound, page + "/delete"} {
		if r := ada.get(path); r.status != http.StatusNotFound || !r.contains("No recording") {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	for _, path := range []string{sound, page} {
		if r := h.browser().get(path); r.status != http.StatusSeeOther {
			t.Errorf("%s for a stranger: %d", path, r.status)
		}
	}
}

// TestRecordWizard warns of calls that are recorded without a word.
func TestRecordWizard(t *testing.T) {
	h := newHouse(t)
	max := h.as("max@example.com")
	path := max.campaign("Q2 warm leads")
	err := h.store.AddRecording(t.Context(), voice.Recording{
		Environment: "sandbox", ID: "r1", Name: "This call is recorded", CreatedAt: now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	const warning = "Contacts are not told that they are recorded."
	for _, tt := range []struct {
		record, consent string
		warned          bool
	}{{"", "", false}, {"on", "", true}, {"on", "r1", false}} {
		r := max.post(path+"/numbers", "provider", "simulator", "record", tt.record,
			"consent", tt.consent)
		if r.status != 200 || r.contains(warning) != tt.warned ||
			!r.contains("This call is recorded") {
			t.Errorf("record %q, consent %q: %d", tt.record, tt.consent, r.status)
		}
		if c := h.kept(path); c.Record != (tt.record != "") || c.Consent != tt.consent {
			t.Errorf("kept %v, %q", c.Record, c.Consent)
		}
		if r := max.get(path + "/start"); r.contains(warning) != tt.warned {
			t.Errorf("start with record %q, consent %q", tt.record, tt.consent)
		}
	}
}

// testRecordedCall plays a recording in a browser, from the middle on, and
// deletes it.
func testRecordedCall(_ *testing.T, h *house, p *tab) {
	call := h.recordedCall()
	p.signIn("ada@example.com", "/e/sandbox/call-history/"+call.ID)
	p.wait(`document.querySelector("audio").duration === 3`)
	p.eval(`document.querySelector("audio").currentTime = 2`)
	p.wait(`document.querySelector("audio").readyState >= 2`)
	p.wait(`document.querySelector("audio").currentTime === 2`)
	p.wait(`document.querySelector("audio").error === null`)
	p.click("#delete-recording")
	p.do(chromedp.Click("#dialog .main", chromedp.NodeVisible))
	p.gone("audio")
}
