package api_test

import (
	"strings"
	"testing"
)

// row is one request of the table and what must come back.
type row struct {
	method, path, body string
	status             int
	contains           string // parts of the answer, between " & "
	without            string // what must not be in it, between " & "
	key                string
}

// run sends the rows in order.
func (h *house) run(t *testing.T, rows []row) {
	t.Helper()
	for _, tt := range rows {
		path := tt.path
		if strings.HasPrefix(path, "~") {
			path = "/v1/environments/sandbox" + path[1:]
		}
		got := h.do(t, ask{method: tt.method, path: path, body: tt.body, key: tt.key})
		asked := tt.method + " " + tt.path + " " + tt.body[:min(len(tt.body), 200)]
		if got.status != tt.status {
			t.Errorf("%s = %d %s; want %d", asked, got.status, got.body, tt.status)
			continue
		}
		for part := range strings.SplitSeq(tt.contains, " & ") {
			if !strings.Contains(got.body, part) {
				t.Errorf("%s = %s; want %s in it", asked, got.body, part)
			}
		}
		for part := range strings.SplitSeq(tt.without, " & ") {
			if part != "" && strings.Contains(got.body, part) {
				t.Errorf("%s = %s; want no %s in it", asked, got.body, part)
			}
		}
		if form := got.header.Get("Content-Type"); got.status >= 400 && form != problem {
			t.Errorf("%s: problem of type %q", asked, form)
		}
	}
}

const problem = "application/problem+json"

func TestEntries(t *testing.T) {
	h := newHouse(t, nil)
	h.run(t, []row{
		{"GET", "~/entries", "", 200, `"items":[] & "next_cursor":null & "total":0`, "$schema", ""},
		{
			"POST", "~/entries", `{"number":"+14155550123","reason":" by mail "}`, 201,
			`"number":"+14155550123" & "created_by":"user" & "reason":"by mail" & "call_id":null & "user":"key admin"`,
			"$schema", "",
		},
		{"POST", "~/entries", `{"number":"+14155550123","reason":"again"}`, 200, `"reason":"by mail"`, "again", ""},
		{"POST", "~/entries", `{"number":"+14155550124"}`, 201, `"reason":""`, "", ""},
		{"POST", "~/entries", `{"number":"+14155550125","reason":null}`, 201, `"reason":""`, "", ""},
		{"POST", "~/entries", `{"number":"4155550123x"}`, 422, `/problems/number & "location":"body.number"`, "", ""},
		{"POST", "~/entries", `{"reason":"x"}`, 422, `/problems/invalid & "location":"body.number"`, "", ""},
		{"POST", "~/entries", `{"number":"+14155550123","note":"x"}`, 422, `body.note`, "", ""},
		{"POST", "~/entries", `{"number":14155550123}`, 422, `body.number`, "", ""},
		{"POST", "~/entries", `{"number":`, 400, `/problems/malformed`, "", ""},
		{"POST", "~/entries", ``, 400, `/problems/malformed`, "", ""},
		{"POST", "~/entries", `{"number":"+1` + strings.Repeat("0", 70_000) + `"}`, 413, `/problems/too-large`, "", ""},
		{"POST", "~/entries", `{"number":"+14155550126","reason":"` + strings.Repeat("x", 501) + `"}`, 422, `body.reason & 500`, "", ""},
		{"GET", "~/entries/14155550123", "", 200, `"number":"+14155550123"`, "", ""},
		{"GET", "~/entries/%2B14155550123", "", 200, `"number":"+14155550123"`, "", ""},
		{"GET", "~/entries/+14155550123", "", 200, `"number":"+14155550123"`, "", ""},
		{"GET", "~/entries/14155559999", "", 404, `/problems/not-listed`, "", ""},
		{"GET", "~/entries/abc", "", 422, `/problems/number & path.number`, "", ""},
		{"PATCH", "~/entries/14155550124", `{"number":"+14155550123"}`, 409, `/problems/listed`, "", ""},
		{"PATCH", "~/entries/14155550124", `{"number":"+14155550199","reason":"moved"}`, 200, `+14155550199 & moved`, "", ""},
		{"PATCH", "~/entries/14155550199", `{}`, 200, `+14155550199 & moved`, "", ""},
		{"PATCH", "~/entries/14155550199", `{"reason":null}`, 200, `"reason":""`, "", ""},
		{"PATCH", "~/entries/14155550199", `{"number":null}`, 200, `+14155550199`, "", ""}, // null leaves it
		{"PATCH", "~/entries/14155550124", `{"reason":"x"}`, 404, `/problems/not-listed`, "", ""},
		{"GET", "~/entries?search=(415)%20555-01", "", 200, `"total":3`, "", ""},
		{"GET", "~/entries?search=0199", "", 200, `"total":1 & +14155550199`, "", ""},
		{"GET", "~/entries?search=ada", "", 200, `"items":[] & "total":0`, "", ""},
		{"GET", "~/entries?created_by=system", "", 200, `"total":0`, "", ""},
		{"GET", "~/entries?created_by=ada", "", 422, `query.created_by`, "", ""},
		{"GET", "~/entries?sort=reason", "", 422, `query.sort`, "", ""},
		{"GET", "~/entries?limit=0", "", 422, `query.limit`, "", ""},
		{"GET", "~/entries?limit=501", "", 422, `query.limit`, "", ""},
		{"GET", "~/entries?limit=x", "", 422, `query.limit`, "", ""},
		{"GET", "~/entries?cursor=x", "", 400, `query.cursor`, "", ""},
		{"DELETE", "~/entries/14155550125?reason=asked", "", 204, "", "", ""},
		{"DELETE", "~/entries/14155550125", "", 404, `/problems/not-listed`, "", ""},
		{"GET", "/v1/environments/production/entries", "", 200, `"total":0`, "", "production viewer"},
		{"GET", "~/events?number=14155550125", "", 200, `"kind":"removed" & "reason_after":"asked" & "total":2`, "", ""},
		{"GET", "~/events?kind=edited", "", 200, `"new_number":"+14155550199"`, "", ""},
		{"GET", "~/events?kind=sung", "", 422, `query.kind`, "", ""},
		{"GET", "~/events?since=2020-01-01&until=2021-01-01T00:00:00Z", "", 200, `"total":0`, "", ""},
		{"GET", "~/events?since=yesterday", "", 422, `query.since`, "", ""},
	})
}
