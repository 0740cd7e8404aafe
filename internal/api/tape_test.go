package api_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"testing"

	"nocall/internal/voice"
	"nocall/internal/voice/tape"
)

// TestRecordedCalls plays and removes the sound of a call.
func TestRecordedCalls(t *testing.T) {
	shelf := &tape.Shelf{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
	h := newHouse(t, func(h *house) { h.Tapes = shelf })
	const calls = "/v1/environments/sandbox/calls"
	id := h.do(t, ask{method: "POST", path: calls + "/inbound", body: `{}`}).text(t, "id")
	sound := calls + "/" + id + "/recording"
	taken, err := shelf.Record("sandbox", id)
	if err != nil {
		t.Fatal(err)
	}
	taken.Take(bytes.Repeat([]byte{1}, voice.FrameBytes), bytes.Repeat([]byte{2}, voice.FrameBytes))
	h.run(t, []row{
		{"GET", calls + "/" + id, "", 200, `"recorded":false`, "", ""},
		{"GET", sound, "", 404, `/problems/not-found`, "", ""},
	})
	taken.Close()
	shelf.Wait()
	h.run(t, []row{
		{"POST", calls + "/" + id + "/end", `{"disposition":"answered"}`, 200, `"recorded":true`, "", ""},
		{"GET", calls, "", 200, `"recorded":true`, "", ""},
		{"GET", sound, "", 200, `RIFF & WAVEfmt`, "", "sandbox viewer"},
		{"GET", sound, "", 403, `/problems/forbidden`, "", "production viewer"},
		{"GET", "/v1/environments/production/calls/" + id + "/recording", "", 404, `/problems/not-found`, "", "production viewer"},
		{"DELETE", sound, "", 403, `/problems/forbidden`, "", "sandbox member"},
	})
	part := h.do(t, ask{method: "GET", path: sound, header: http.Header{"Range": {"bytes=-4"}}})
	if part.status != http.StatusPartialContent || part.body != "\x01\x02\x01\x02" ||
		part.header.Get("Content-Type") != "audio/wav" {
		t.Errorf("part of the sound: %d %q %v", part.status, part.body, part.header)
	}
	h.run(t, []row{
		{"DELETE", sound, "", 204, "", "", ""},
		{"DELETE", sound, "", 404, `/problems/not-found`, "", ""},
		{"GET", sound, "", 404, `/problems/not-found`, "", ""},
		{"GET", calls + "/" + id, "", 200, `"recorded":false`, "", ""},
	})
}

// TestRecordedEnvironment removes the sound of an environment's calls with it.
func TestRecordedEnvironment(t *testing.T) {
	shelf := &tape.Shelf{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)}
	h := newHouse(t, func(h *house) { h.Tapes = shelf })
	taken, err := shelf.Record("production", "c1")
	if err != nil {
		t.Fatal(err)
	}
	taken.Take(nil, nil)
	taken.Close()
	shelf.Wait()
	const all = "/v1/environments/production?confirm=production"
	h.run(t, []row{{"DELETE", all, "", 204, "", "", "production admin"}})
	if shelf.Recorded("production", "c1") {
		t.Error("the sound is still there")
	}
}

// TestConsent takes as consent only what can be played.
func TestConsent(t *testing.T) {
	h := newHouse(t, nil)
	err := h.store.AddRecording(t.Context(), voice.Recording{
		Environment: "sandbox", ID: "r1", Name: "consent", Audio: []byte{1},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.run(t, []row{
		{"POST", "~/campaigns", `{"name":"x","provider":"simulator"}`, 201, `"record":false,"consent":null`, "", ""},
		{"POST", "~/campaigns", `{"name":"x","provider":"simulator","record":true}`, 201, `"record":true,"consent":null`, "", ""},
		{"POST", "~/campaigns", `{"name":"x","provider":"simulator","record":true,"consent":"r2"}`, 422, `body.consent`, "", ""},
		{"POST", "~/campaigns", `{"name":"x","provider":"simulator","record":true,"consent":"r1"}`, 201, `"record":true,"consent":"r1"`, "", ""},
		{"DELETE", "~/recordings/r1", "", 409, `/problems/conflict`, "", ""},
	})
}
