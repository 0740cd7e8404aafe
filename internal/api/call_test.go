package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"nocall/internal/dialer"
	"nocall/internal/voice/simulator"
)

const (
	sandbox    = "/v1/environments/sandbox"
	production = "/v1/environments/production"
)

func TestListedNumberIsNotCalled(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550123", "")
	got := h.do(t, ask{method: "POST", path: sandbox + "/calls", body: `{"number":"+14155550123"}`})
	if got.status != 409 || got.text(t, "type") != "/problems/listed" {
		t.Fatalf("call of a listed number = %d %s", got.status, got.body)
	}
	id := got.text(t, "call_id")
	h.run(t, []row{
		{"GET", "~/calls/" + id, "", 200, `"status":"ended","disposition":"skipped","skip_reason":"dnc"`, "", ""},
		{"GET", "~/calls?skip_reason=dnc", "", 200, `"total":1 & ` + id, "turns", ""},
		{"POST", "~/calls", `{"number":"+14155550123","provider":"external"}`, 409, `/problems/listed & call_id`, "", ""},
		{"POST", "~/calls/inbound", `{"number":"+14155550123","called":"+14155550100"}`, 201, `"direction":"inbound" & "caller_id":"+14155550100" & "status":"in_progress"`, "", ""},
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.rung) != 0 {
		t.Errorf("rung %v, want nobody", h.rung)
	}
}

func TestCallIsWhole(t *testing.T) {
	h := newHouse(t, nil)
	got := h.do(t, ask{method: "POST", path: sandbox + "/calls", body: `{"number":"+14155550199","caller_id":"+14155550100"}`})
	if got.status != 201 {
		t.Fatalf("call = %d %s", got.status, got.body)
	}
	if want := sandbox + "/calls/" + got.text(t, "id"); got.header.Get("Location") != want {
		t.Errorf("Location %q, want %q", got.header.Get("Location"), want)
	}
	call := got.get(t)
	for _, field := range []string{
		"id", "direction", "number", "caller_id", "provider", "campaign_id", "status",
		"disposition", "skip_reason", "opt_out", "started_at", "rang_at", "answered_at", "ended_at",
		"sip_code", "sip_phrase",
	} {
		if _, ok := call[field]; !ok {
			t.Errorf("call without %s: %s", field, got.body)
		}
	}
}

func TestOptOut(t *testing.T) {
	h := newHouse(t, nil)
	inbound := h.do(t, ask{
		method: "POST", path: sandbox + "/calls/inbound",
		body: `{"number":"+14155550155","called":"+14155550100"}`,
	})
	call := "~/calls/" + inbound.text(t, "id")
	h.run(t, []row{
		{"POST", call + "/turns", `{"speaker":"agent","text":"Say stop calling me if you want no more calls"}`, 200, `{"opt_out":null}`, "entry", ""},
		{"POST", call + "/turns", `{"speaker":"contact","text":"Please don't call me again","final":false,"utterance":"u2"}`, 200, `{"opt_out":null,"finding":{"turn":1,"place":null,"verdict":"opt_out" & "provisional":true`, "entry", ""},
		{"GET", "~/check/14155550155", "", 200, `clear`, "", ""},
		{"POST", call + "/turns", `{"speaker":"contact","text":"Please don't call me again.","language":"en","at":"2026-11-23T10:00:00.123456789+01:00"}`, 200, `"opt_out":{"phrase":" & "language":"en" & "verdict":"opt_out"} & "finding":{"turn":1,"place":0 & "entry":{"number":"+14155550155","created_by":"system","reason":"User requested to not be called"`, "", ""},
		{"GET", "~/check/14155550155", "", 200, `listed`, "", ""},
		{"POST", "~/calls", `{"number":"+14155550155"}`, 409, `/problems/listed`, "", ""},
		{"POST", call + "/keys", `{"keys":"12"}`, 200, `{"opt_out":null}`, "", ""},
		{"GET", call, "", 200, `"presses":[{"keys":"12","at":"`, "", ""},
		{"GET", call, "", 200, `"turns":[{"turn":0, & "at":"2026-11-23T09:00:00.123456Z" & "opt_out":{"detected":true,"phrase":" & "findings":[{"turn":1,"place":0,"verdict":"opt_out" & "listed":true`, "", ""},
		{"GET", "~/calls?opt_out=true", "", 200, `"total":1`, "", ""},
		{"GET", "~/calls?q=CALL+me", "", 200, `"total":1`, "", ""},
		{"GET", "~/calls?number=14155550155&direction=inbound", "", 200, `"total":1`, "", ""},
		{"GET", "~/calls?search=0155", "", 200, `"total":2`, "", ""},
		{"GET", "~/calls?search=ada", "", 200, `"total":0`, "", ""},
		{"GET", "~/calls?opt_out=perhaps", "", 422, `query.opt_out`, "", ""},
		{"POST", call + "/turns", `{"speaker":"ghost","text":"boo"}`, 422, `body.speaker`, "", ""},
		{"POST", call + "/turns", `{"speaker":"contact","text":""}`, 422, `body.text`, "", ""},
		{"POST", "~/calls/nobody/turns", `{"speaker":"contact","text":"hello"}`, 404, `/problems/not-found`, "", ""},
		{"POST", "~/calls/nobody/turns", `{"speaker":"contact","text":"hel","final":false}`, 404, `/problems/not-found`, "", ""},
		{"POST", call + "/keys", `{"keys":"1#"}`, 200, `{"opt_out":null}`, "", ""},
		{"POST", call + "/keys", `{"keys":"9"}`, 200, `"opt_out":{"phrase":"key_9","quote":"9"`, "", ""},
		{"POST", call + "/keys", `{"keys":"nine"}`, 422, `body.keys`, "", ""},
		{"POST", call + "/end", `{"disposition":"skipped"}`, 422, `body.disposition`, "", ""},
		{"POST", call + "/end", `{"disposition":"answered"}`, 200, `"status":"ended","disposition":"answered"`, "", ""},
		{"POST", call + "/end", `{"disposition":"answered"}`, 409, `/problems/conflict`, "", ""},
		{"POST", "~/calls/inbound", `{"number":null,"called":"+14155550100"}`, 201, `"number":null`, "", ""},
		{"GET", "/v1/environments/production/calls", "", 200, `"total":0`, "", "production viewer"},
		{"GET", production + "/calls/" + inbound.text(t, "id"), "", 404, `/problems/not-found`, "", "production viewer"},
	})
}

func TestWithheldNumber(t *testing.T) {
	h := newHouse(t, nil)
	got := h.do(t, ask{method: "POST", path: sandbox + "/calls/inbound", body: `{}`})
	h.run(t, []row{{
		"POST", "~/calls/" + got.text(t, "id") + "/turns",
		`{"speaker":"contact","text":"Please don't call me again."}`, 200, `"opt_out":{"phrase"`, "entry", "",
	}})
}

func TestExternalCall(t *testing.T) {
	h := newHouse(t, nil)
	external := func(number string) (call, clearance string) {
		got := h.do(t, ask{
			method: "POST", path: sandbox + "/calls",
			body: `{"number":"` + number + `","provider":"external"}`,
		})
		if got.status != 201 || got.text(t, "expires_at") == "" {
			t.Fatalf("external call = %d %s", got.status, got.body)
		}
		return "~/calls/" + got.text(t, "id"), `{"clearance":"` + got.text(t, "clearance") + `"}`
	}
	call, clearance := external("+14155550124")
	other, _ := external("+14155550125")
	h.run(t, []row{
		{"POST", other + "/dial", clearance, 409, `/problems/clearance`, "", ""},
		{"POST", call + "/dial", `{"clearance":"forged"}`, 409, `/problems/clearance`, "", ""},
		{"POST", call + "/dial", `{}`, 422, `body.clearance`, "", ""},
		{"POST", call + "/dial", clearance, 200, `"status":"ringing"`, "", ""},
		{"POST", call + "/dial", clearance, 409, `/problems/clearance`, "", ""},
	})
	call, clearance = external("+14155550126")
	h.add(t, "+14155550126", "")
	h.run(t, []row{{"POST", call + "/dial", clearance, 409, `/problems/listed & call_id`, "", ""}})
}

func TestCallsThatCannotBe(t *testing.T) {
	h := newHouse(t, nil)
	h.run(t, []row{
		{"POST", "~/calls", `{"number":"x"}`, 422, `body.number`, "", ""},
		{"POST", "~/calls", `{"number":"+14155550124","caller_id":"x"}`, 422, `body.caller_id`, "", ""},
		{"POST", "~/calls", `{"number":"+14155550124","provider":"pigeon"}`, 422, `body.provider & pigeon`, "", ""},
		{"POST", "~/calls", `{"number":"+14155550124","color":"red"}`, 422, `body.color`, "", ""},
		{"GET", "~/calls/nobody", "", 404, `/problems/not-found`, "", ""},
		{"POST", production + "/demo", "", 422, `/problems/invalid`, "", "production member"},
		{"POST", "~/demo", "", 202, `"contacts":`, "", "sandbox member"},
	})
	h.index.SetCurrent(false)
	h.run(t, []row{
		{"POST", "~/calls", `{"number":"+14155550124"}`, 503, `/problems/unready`, "", ""},
		{"POST", "~/calls/inbound", `{"number":"+14155550124"}`, 201, `inbound`, "", ""},
	})
}

func TestTooManyCalls(t *testing.T) {
	h := newHouse(t, func(h *house) {
		h.Dialer.Providers = dialer.Named{dialer.Simulator: new(simulator.Provider)}
	})
	h.run(t, []row{
		{"PATCH", "~", `{"max_concurrent_calls":1}`, 200, `"max_concurrent_calls":1`, "", ""},
		{"POST", "~/calls", `{"number":"+14155550124"}`, 201, ``, "", ""},
		{"POST", "~/calls", `{"number":"+14155550125"}`, 429, `/problems/too-many`, "", ""},
		{"DELETE", "~?confirm=sandbox", "", 409, `/problems/conflict`, "", ""},
		{"GET", "~", "", 200, `"active_calls":1`, "", ""},
	})
}

// pages returns the items of a list of the sandbox, limit at a time.
func (h *house) pages(t *testing.T, path string, limit int) (items []string) {
	t.Helper()
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	path += fmt.Sprintf("%slimit=%d", sign, limit)
	for cursor := ""; ; {
		got := h.do(t, ask{method: "GET", path: sandbox + path + cursor})
		var p struct {
			Items  []json.RawMessage `json:"items"`
			Cursor *string           `json:"next_cursor"`
			Total  int               `json:"total"`
		}
		if err := json.Unmarshal([]byte(got.body), &p); err != nil || len(p.Items) > limit {
			t.Fatalf("%s%s = %d %s", path, cursor, got.status, got.body)
		}
		for _, item := range p.Items {
			items = append(items, string(item))
		}
		if p.Cursor == nil {
			if p.Total != len(items) {
				t.Errorf("%s: total %d, want %d", path, p.Total, len(items))
			}
			return items
		}
		cursor = "&cursor=" + *p.Cursor
	}
}

func TestPages(t *testing.T) {
	h := newHouse(t, nil)
	for _, n := range []string{"+14155550120", "+14155550121", "+14155550122"} {
		h.add(t, n, "")
		h.do(t, ask{method: "POST", path: sandbox + "/calls", body: `{"number":"` + n + `"}`})
	}
	for _, path := range []string{
		"/entries", "/entries?sort=number", "/entries?sort=-number", "/entries?sort=created_at",
		"/entries?search=0122&created_by=user", "/events", "/events?kind=added", "/calls", "/keys",
	} {
		all := h.pages(t, path, 500)
		one := h.pages(t, path, 1)
		if len(all) == 0 || len(all) != len(one) {
			t.Errorf("%s: %d items at once, %d one by one", path, len(all), len(one))
			continue
		}
		for i := range all {
			if all[i] != one[i] {
				t.Errorf("%s: item %d is %s and %s", path, i, all[i], one[i])
			}
		}
	}
	first := h.do(t, ask{method: "GET", path: sandbox + "/entries?limit=1"})
	cursor := "cursor=" + first.text(t, "next_cursor")
	h.run(t, []row{
		{"GET", "~/entries?" + cursor, "", 200, `"total":3`, "", ""},
		{"GET", "~/entries?sort=number&" + cursor, "", 400, `query.cursor`, "", ""},
		{"GET", "~/entries?search=0122&" + cursor, "", 400, `query.cursor`, "", ""},
		{"GET", "~/calls?" + cursor, "", 400, `query.cursor`, "", ""},
		{"GET", production + "/entries?" + cursor, "", 400, `query.cursor`, "", "production viewer"},
	})
}

// The clock of an answer is that of the server, in UTC.
func TestTimesAreUTC(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550123", "")
	got := h.do(t, ask{method: "GET", path: sandbox + "/entries/14155550123"})
	at := got.text(t, "created_at")
	if len(at) > len("2026-11-23T10:00:00.123456Z") || at[len(at)-1] != 'Z' {
		t.Errorf("created_at %q, want UTC with microseconds at most", at)
	}
}
