package api_test

import (
	"strings"
	"testing"
)

// heardOn begins a call that comes in from number, on which the contact says
// text, and returns its path and what was answered.
func (h *house) heardOn(t *testing.T, number, text string) (call string, got reply) {
	t.Helper()
	in := h.do(t, ask{
		method: "POST", path: sandbox + "/calls/inbound", body: `{"number":"` + number + `"}`,
	})
	call = "~/calls/" + in.text(t, "id")
	got = h.do(t, ask{
		method: "POST", path: strings.Replace(call, "~", sandbox, 1) + "/turns",
		body: `{"speaker":"contact","text":"` + text + `","language":"es"}`,
	})
	if got.status != 200 {
		t.Fatalf("%s: %d %s", text, got.status, got.body)
	}
	return call, got
}

// What can be meant either way is listed until a person says what it was.
func TestReview(t *testing.T) {
	h := newHouse(t, nil)
	first, got := h.heardOn(t, "+14155550141", "Déjenme en paz")
	for _, want := range []string{
		`{"opt_out":{"phrase":"`, `"verdict":"review"},"entry":{"number":"+14155550141"`,
		`"provisional":true},"finding":{"turn":0,"place":0,"verdict":"review","family":"leave_alone","doubt":"ambiguous","why":"`,
		`"review":"open"`,
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("turn = %s, want %s", got.body, want)
		}
	}
	second, _ := h.heardOn(t, "+14155550142", "Déjenme en paz")
	h.run(t, []row{
		{"GET", "~/check/14155550141", "", 200, `listed`, "", ""},
		{"GET", first, "", 200, `"opt_out":null & "findings":[{"turn":0,"place":0`, "", ""},
		{"GET", "~/findings?review=open", "", 200, `"total":2,"open":2 & "turns":[{"turn":0`, "", "sandbox viewer"},
		{"GET", "~/findings?verdict=scoped", "", 200, `"items":[],"next_cursor":null,"total":0,"open":2`, "", ""},
		{"GET", "~/findings?search=5550142", "", 200, `"total":1,"open":2 & "number":"+14155550142"`, "", ""},
		{"GET", "~/findings?search=letters", "", 200, `"items":[],"next_cursor":null,"total":0,"open":2`, "", ""},
		{"GET", "~/findings?campaign_id=none", "", 200, `"total":0,"open":2`, "", ""},
		{"GET", "~/findings?review=perhaps", "", 422, `query.review`, "", ""},
		{"GET", production + "/findings", "", 200, `"total":0,"open":0`, "", "production viewer"},
		{"POST", first + "/findings/0/confirm", "", 403, `/problems/forbidden`, "", "sandbox viewer"},
		{"POST", first + "/findings/0/confirm", "", 200, `"review":"confirmed","reviewed_by":"key & "entry":{"number":"+14155550141" & "provisional":false}`, "", "sandbox member"},
		{"POST", first + "/findings/0/confirm", "", 200, `"review":"confirmed"`, "", ""},
		{"POST", first + "/findings/0/release", "", 409, `/problems/reviewed`, "", ""},
		{"POST", first + "/findings/1/release", "", 404, `/problems/not-found`, "", ""},
		{"POST", first + "/findings/-1/release", "", 422, `path.place`, "", ""},
		{"POST", "~/calls/nobody/findings/0/release", "", 404, `/problems/not-found`, "", ""},
		{"GET", first, "", 200, `"opt_out":{"detected":true`, "", ""},
		{"GET", "~/check/14155550141", "", 200, `listed`, "", ""},
		{"POST", second + "/findings/0/release", "", 200, `"review":"released" & "entry":null`, "", ""},
		{"GET", "~/check/14155550142", "", 200, `clear`, "", ""},
		{"GET", "~/findings?review=open", "", 200, `"total":0,"open":0`, "", ""},
		{"GET", "~/findings?review=released", "", 200, `"total":1,"open":0`, "", ""},
		{"GET", "~/events?kind=confirmed", "", 200, `"total":1 & "number":"+14155550141" & "reason_after":"Reviewed: & "by":"key`, "", ""},
		{"GET", "~/events?number=14155550142", "", 200, `"kind":"removed" & "kind":"added" & "provisional":true`, "", ""},
	})
	if got := h.pages(t, "/findings", 1); len(got) != 2 || !strings.Contains(got[0], "5550142") {
		t.Errorf("findings one by one: %q, want two, the newest first", got)
	}
}

// A second answer with the same Idempotency-Key is the first one.
func TestReviewIsIdempotent(t *testing.T) {
	h := newHouse(t, nil)
	call, _ := h.heardOn(t, "+14155550141", "Déjenme en paz")
	release := ask{
		method: "POST", path: strings.Replace(call, "~", sandbox, 1) + "/findings/0/release",
		header: map[string][]string{"Idempotency-Key": {"once"}},
	}
	first, second := h.do(t, release), h.do(t, release)
	if first.status != 200 || first.body != second.body ||
		second.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("released: %d %s, then %s", first.status, first.body, second.body)
	}
}

// The preset of an environment says what becomes of what is in doubt.
func TestPresets(t *testing.T) {
	h := newHouse(t, nil)
	h.run(t, []row{
		{"GET", "~", "", 200, `"opt_out_preset":"cautious"`, "", ""},
		{"PATCH", "~", `{"opt_out_preset":"bold"}`, 422, `body.opt_out_preset`, "", ""},
		{"PATCH", "~", `{"opt_out_preset":"balanced"}`, 200, `"opt_out_preset":"balanced"`, "", ""},
	})
	_, got := h.heardOn(t, "+14155550141", "Déjenme en paz")
	if !strings.HasPrefix(got.body, `{"opt_out":null,"finding":{`) ||
		!strings.Contains(got.body, `"review":"open"`) || strings.Contains(got.body, `"entry"`) {
		t.Errorf("balanced: %s, want a finding for review and no opt-out", got.body)
	}
	h.run(t, []row{
		{"GET", "~/check/14155550141", "", 200, `clear`, "", ""},
		{"PATCH", "~", `{"opt_out_preset":"strict"}`, 200, `"opt_out_preset":"strict"`, "", ""},
	})
	_, got = h.heardOn(t, "+14155550142", "Déjenme en paz")
	if strings.TrimSpace(got.body) != `{"opt_out":null}` {
		t.Errorf("strict: %s, want nothing", got.body)
	}
	h.run(t, []row{{"GET", "~/findings", "", 200, `"total":1,"open":1`, "", ""}})
}

func TestDetect(t *testing.T) {
	h := newHouse(t, nil)
	h.run(t, []row{
		{"POST", "~/detect", `{"turns":[{"speaker":"agent","text":"Hello."},{"speaker":"contact","text":"please don't call me again"}],"language":"en"}`, 200, `"opt_out":true,"verdict":"opt_out","turn":1,"quote":" & "language":"en" & "engine":"`, "family", "sandbox viewer"},
		{"POST", "~/detect", `{"turns":[{"speaker":"contact","text":"déjenme en paz"}]}`, 200, `{"opt_out":false,"verdict":"review","turn":0 & "family":"leave_alone","doubt":"ambiguous" & "why":"`, "", ""},
		{"POST", "~/detect", `{"turns":[{"speaker":"contact","text":"déjenme en paz"}],"preset":"strict"}`, 200, `{"opt_out":false,"verdict":"none","why":"`, "turn", ""},
		{"POST", "~/detect", `{"turns":[]}`, 422, `body.turns`, "", ""},
		{"POST", "~/detect", `{"turns":[{"speaker":"ghost","text":"boo"}]}`, 422, `body.turns`, "", ""},
		{"POST", "~/detect", `{"turns":[{"speaker":"contact","text":""}]}`, 422, `body.turns[0].text`, "", ""},
		{"GET", "~/calls", "", 200, `"total":0`, "", ""},
		{"GET", "~/entries", "", 200, `"total":0`, "", ""},
	})
}
