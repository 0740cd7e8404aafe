package api_test

import (
	"net/http"
	"strings"
	"testing"

	"nocall/internal/api"
)

// campaign makes a campaign in the sandbox and returns its path.
func (h *house) campaign(t *testing.T, body string) string {
	t.Helper()
	got := h.do(t, ask{method: "POST", path: sandbox + "/campaigns", body: body})
	if got.status != 201 {
		t.Fatalf("campaign %s = %d %s", body, got.status, got.body)
	}
	id := got.text(t, "id")
	if want := sandbox + "/campaigns/" + id; got.header.Get("Location") != want {
		t.Errorf("Location %q, want %q", got.header.Get("Location"), want)
	}
	return "~/campaigns/" + id
}

const smallest = `{"name":"demo","provider":"simulator","caller_ids":["+14155550100"]}`

func TestSmallestCampaign(t *testing.T) {
	h := newHouse(t, nil)
	path := h.campaign(t, smallest)
	h.run(t, []row{
		{
			"GET", path, "", 200, `"name":"demo" & "description":"" & "state":"draft" & ` +
				`"provider":"simulator","agent":null,"caller_ids":["+14155550100"],"caller_tag":null & ` +
				`"window":null & "flow":[{"delay":"0s","agent":null}] & ` +
				`"retry":{"max_attempts":1,"delays":[],"on":["busy","no_answer","failed"]} & ` +
				`"exit":{"any_answer":false,"max_attempts":0} & ` +
				`"pace":{"calls":0,"per_second":0,"per_caller_id":0} & "opt_out_detection":true & ` +
				`"opt_out_key":"9" & "by":"key admin" & "started_at":null`,
			"", "sandbox viewer",
		},
		{
			"GET", path + "/progress", "", 200, `{"state":"draft",` +
				`"contacts":{"total":0,"waiting":0,"active":0,"done":0},` +
				`"dispositions":{"answered":0,"busy":0,"no_answer":0,"refused":0,"failed":0,"skipped":0,"recalled":0},` +
				`"skipped":{"dnc":0,"registry":0,"window":0,"limit":0},"opted_out":0,"held":null}`,
			"", "sandbox viewer",
		},
		{"GET", "~/campaigns", "", 200, `"total":1 & "name":"demo"`, "", ""},
		{"GET", "~/campaigns?state=running", "", 200, `"total":0`, "", ""},
		{"GET", "/v1/environments/production/campaigns", "", 200, `"total":0`, "", "production viewer"},
		{"GET", strings.Replace(path, "~", production, 1), "", 404, `/problems/not-found`, "", "production viewer"},
	})
}

const wholeCampaign = `{"name":"Q2","description":"warm leads","provider":"simulator",
	"caller_ids":["+14155550100","+1 (415) 555-0101","+14155550100"],"caller_tag":"sales-us",
	"window":{"timezone":"contact","fallback_timezone":"America/Los_Angeles",
		"weekly":[{"days":["mon","fri"],"from":"09:00","to":"19:00"}],
		"blackout":["2026-12-25"],"holidays":"us-federal"},
	"retry":{"max_attempts":3,"delays":["30m","4h"],"on":["busy"]},
	"pace":{"calls":10,"per_second":2.5,"per_caller_id":6},
	"flow":[{"delay":"0s"},{"delay":"24h","agent":null}],
	"exit":{"any_answer":true,"max_attempts":5},
	"opt_out_detection":false,"opt_out_key":"1","agent":null}`

func TestCampaignIsKeptWhole(t *testing.T) {
	h := newHouse(t, nil)
	path := h.campaign(t, wholeCampaign)
	h.run(t, []row{
		{
			"GET", path, "", 200, `"description":"warm leads" & ` +
				`"caller_ids":["+14155550100","+14155550101"],"caller_tag":"sales-us" & ` +
				`"window":{"timezone":"contact","fallback_timezone":"America/Los_Angeles",` +
				`"weekly":[{"days":["mon","fri"],"from":"09:00","to":"19:00"}],` +
				`"blackout":["2026-12-25"],"holidays":"us-federal"} & ` +
				`"flow":[{"delay":"0s","agent":null},{"delay":"24h","agent":null}] & ` +
				`"retry":{"max_attempts":3,"delays":["30m","4h"],"on":["busy"]} & ` +
				`"exit":{"any_answer":true,"max_attempts":5} & ` +
				`"pace":{"calls":10,"per_second":2.5,"per_caller_id":6} & ` +
				`"opt_out_detection":false,"opt_out_key":"1"`, "", "",
		},
		{"PATCH", path, `{"window":null,"opt_out_key":null,"name":"Q3"}`, 200, `"name":"Q3" & "window":null & "opt_out_key":null & "max_attempts":3 & "caller_tag":"sales-us"`, "", ""},
		{"PATCH", path, `{"retry":{"max_attempts":2},"caller_tag":null}`, 200, `"max_attempts":2 & "caller_tag":null & "opt_out_key":null`, "", ""},
		{"PATCH", path, `{"window":{"weekly":[{"days":["sun","sat","mon"],"from":"9:00","to":"24:00"}]}}`, 200, `"window":{"timezone":"contact","fallback_timezone":null,"weekly":[{"days":["mon","sat","sun"],"from":"09:00","to":"24:00"}],"blackout":[],"holidays":null}`, "", ""},
		{"PATCH", path, `{}`, 200, `"name":"Q3"`, "", "sandbox member"},
		{"PATCH", path, `{}`, 403, `/problems/forbidden`, "", "sandbox viewer"},
		{"PATCH", "~/campaigns/nobody", `{}`, 404, `/problems/not-found`, "", ""},
		{"DELETE", path, "", 204, "", "", "sandbox member"},
		{"DELETE", path, "", 404, `/problems/not-found`, "", ""},
		{"GET", path + "/progress", "", 404, `/problems/not-found`, "", ""},
	})
}

func TestCampaignsThatCannotBe(t *testing.T) {
	h := newHouse(t, nil)
	path := h.campaign(t, smallest)
	for _, tt := range []struct{ body, location string }{
		{`{"name":""}`, "body.name"},
		{`{"name":null}`, ""}, // null leaves it
		{`{"name":"` + strings.Repeat("x", 101) + `"}`, "body.name"},
		{`{"description":"` + strings.Repeat("x", 1001) + `"}`, "body.description"},
		{`{"color":"red"}`, "body.color"},
		{`{"provider":"pigeon"}`, "body.provider"},
		{`{"provider":"external"}`, "body.provider"},
		{`{"provider":""}`, "body.provider"},
		{`{"agent":"nobody"}`, "body.agent"},
		{`{"flow":[{},{"agent":"nobody"}]}`, "body.flow[1].agent"},
		{`{"flow":[{"delay":"soon"}]}`, "body.flow[0].delay"},
		{`{"flow":[{"delay":"-1h"}]}`, "body.flow[0].delay"},
		{`{"flow":[{"delay":"9000h"}]}`, "body.flow[0].delay"},
		{`{"flow":[{"wait":"1h"}]}`, "body.flow[0].wait"},
		{`{"caller_ids":["+14155550100","x"]}`, "body.caller_ids[1]"},
		{`{"caller_ids":"+14155550100"}`, "body.caller_ids"},
		{`{"retry":{"max_attempts":21}}`, "body.retry.max_attempts"},
		{`{"retry":{"max_attempts":3,"delays":["1h","30"]}}`, "body.retry.delays[1]"},
		{`{"retry":{"on":["skipped"]}}`, "body.retry.on[0]"},
		{`{"pace":{"calls":-1}}`, "body.pace.calls"},
		{`{"pace":{"per_second":1e9}}`, "body.pace.per_second"},
		{`{"exit":{"max_attempts":101}}`, "body.exit.max_attempts"},
		{`{"opt_out_key":"99"}`, "body.opt_out_key"},
		{`{"window":{}}`, "body.window.weekly"},
		{`{"window":{"timezone":"Mars","weekly":[{"days":["mon"],"from":"09:00","to":"19:00"}]}}`, "body.window.timezone"},
		{`{"window":{"weekly":[{"days":["someday"],"from":"09:00","to":"19:00"}]}}`, "body.window.weekly[0].days[0]"},
		{`{"window":{"weekly":[{"days":["mon"],"from":"nine","to":"19:00"}]}}`, "body.window.weekly[0].from"},
		{`{"window":{"weekly":[{"days":["mon"],"from":"09:00"}]}}`, "body.window.weekly[0].to"},
		{`{"window":{"weekly":[{"days":["mon"],"from":"09:00","to":"19:00"}],"blackout":["xmas"]}}`, "body.window.blackout[0]"},
		{`{"window":{"weekly":[{"days":["mon"],"from":"09:00","to":"19:00"}],"holidays":"mars"}}`, "body.window.holidays"},
	} {
		want := row{"PATCH", path, tt.body, 422, `"location":"` + tt.location + `"`, "", ""}
		if tt.location == "" {
			want.status, want.contains = 200, "demo"
		}
		h.run(t, []row{want})
	}
	h.run(t, []row{
		{"GET", path, "", 200, `"name":"demo" & "provider":"simulator"`, "", ""},
		{"POST", "~/campaigns", `{"name":"x"}`, 422, `body.provider`, "", ""},
		{"POST", "~/campaigns", `{"provider":"simulator"}`, 422, `body.name`, "", ""},
		{"POST", "~/campaigns", smallest, 403, `/problems/forbidden`, "", "sandbox viewer"},
		{"POST", "/v1/environments/nowhere/campaigns", smallest, 403, ``, "", ""},
		{
			"PATCH", path, `{"pace":{"calls":-1},"opt_out_key":"99"}`, 422,
			`"location":"body.pace.calls" & "location":"body.opt_out_key"`, "", "",
		},
	})
}

func TestCampaignIsMadeOnce(t *testing.T) {
	h := newHouse(t, nil)
	first := h.do(t, withKey(sandbox+"/campaigns", smallest, "k1"))
	again := h.do(t, withKey(sandbox+"/campaigns", smallest, "k1"))
	if first.status != 201 || again.body != first.body ||
		again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("first %d %s, again %d %s", first.status, first.body, again.status, again.body)
	}
	h.run(t, []row{{"GET", "~/campaigns", "", 200, `"total":1`, "", ""}})
}

func TestCampaignsComeInPages(t *testing.T) {
	h := newHouse(t, nil)
	for range 5 {
		h.campaign(t, smallest)
	}
	all, two := h.pages(t, "/campaigns", 500), h.pages(t, "/campaigns", 2)
	if len(all) != 5 || strings.Join(all, "") != strings.Join(two, "") {
		t.Errorf("at once %v, by two %v", all, two)
	}
}

// csv adds contacts as CSV.
func (h *house) csv(t *testing.T, path, query, body string) reply {
	t.Helper()
	return h.do(t, ask{
		method: "POST", path: strings.Replace(path, "~", sandbox, 1) + "/contacts" + query,
		body: body, header: http.Header{"Content-Type": {"text/csv"}},
	})
}

func TestContacts(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550102", "")
	path := h.campaign(t, smallest)
	got := h.csv(t, path, "", "phone_number,first_name\n+14155550101,Ada\n+1 (415) 555-0102,Bo\n"+
		"+14155550101,Ada\nnobody,Cy\n")
	const want = `{"accepted":2,"duplicate":1,"invalid":[{"line":5,"input":"nobody","detail":`
	if got.status != 200 || !strings.HasPrefix(got.body, want) ||
		!strings.Contains(got.body, `"invalid_total":1,"listed":1}`) {
		t.Errorf("contacts = %d %s, want %s", got.status, got.body, want)
	}
	got = h.csv(t, path, "?column=Tel&timezone_column=tz",
		"tz,Tel\nAmerica/Chicago,+14155550102\nEurope/Berlin,+14155550103\n")
	if !strings.HasPrefix(got.body, `{"accepted":1,"duplicate":1,"invalid":[],"invalid_total":0,"listed":0}`) {
		t.Errorf("contacts of a column = %d %s", got.status, got.body)
	}
	h.run(t, []row{
		{"POST", path + "/contacts", `{"contacts":[{"phone_number":"+14155550104","timezone":"America/Chicago","variables":{"city":"Reno"}},{"phone_number":"+14155550101"},{"phone_number":"x"},{"phone_number":"+14155550105","timezone":"Mars"}]}`, 200, `{"accepted":1,"duplicate":1,"invalid":[{"line":3,"input":"x", & {"line":4,"input":"+14155550105", & "listed":0}`, "", "sandbox member"},
		{"POST", path + "/contacts", `{"contacts":[]}`, 200, `"accepted":0`, "", ""},
		{"POST", path + "/contacts", `{"contacts":[{"phone":"+14155550101"}]}`, 422, `/problems/invalid`, "", ""},
		{"POST", path + "/contacts", `{}`, 422, `body.contacts`, "", ""},
		{"POST", path + "/contacts", `{"contacts":`, 400, `/problems/malformed`, "", ""},
		{"POST", path + "/contacts", `{"contacts":[]}`, 403, `/problems/forbidden`, "", "sandbox viewer"},
		{"POST", "~/campaigns/nobody/contacts", `{"contacts":[]}`, 404, `/problems/not-found`, "", ""},
		{"GET", path + "/contacts", "", 200, `"total":4 & "phone_number":"+14155550101","timezone":null,"variables":{"first_name":"Ada"},"state":"waiting","step":0,"attempts":0 & "timezone":"Europe/Berlin" & "variables":{"city":"Reno"}`, "", "sandbox viewer"},
		{"GET", path + "/contacts?search=0103", "", 200, `"total":1 & +14155550103`, "", ""},
		{"GET", path + "/contacts?state=done", "", 200, `"total":0`, "", ""},
		{"GET", path + "/contacts?state=asleep", "", 422, `query.state`, "", ""},
		{"GET", path + "/contacts?disposition=answered", "", 200, `"total":0`, "", ""},
		{"GET", path + "/contacts?skip_reason=dnc", "", 200, `"total":0`, "", ""},
		{"GET", path + "/contacts?opted_out=true", "", 200, `"total":0`, "", ""},
		{"GET", path + "/contacts/nobody", "", 404, `/problems/not-found`, "", ""},
		{"GET", path + "/progress", "", 200, `"contacts":{"total":4,"waiting":4,"active":0,"done":0}`, "", ""},
	})
	one, all := h.pages(t, path[1:]+"/contacts", 1), h.pages(t, path[1:]+"/contacts", 500)
	if len(one) != 4 || strings.Join(one, "") != strings.Join(all, "") {
		t.Errorf("one by one %v, at once %v", one, all)
	}
}

func TestContactsThatCannotBe(t *testing.T) {
	h := newHouse(t, nil)
	path := h.campaign(t, smallest)
	for _, tt := range []struct {
		query, body string
		status      int
		contains    string
	}{
		{"", "name\nAda\n", 422, "/problems/invalid"},
		{"?column=tel", "phone_number\n+14155550101\n", 422, "tel"},
		{"", "", 422, "/problems/invalid"},
		// Nothing is half imported.
		{"", "phone_number\n+14155550101\n\"+1415", 422, "/problems/invalid"},
	} {
		got := h.csv(t, path, tt.query, tt.body)
		if got.status != tt.status || !strings.Contains(got.body, tt.contains) {
			t.Errorf("%s %q = %d %s, want %d %s",
				tt.query, tt.body, got.status, got.body, tt.status, tt.contains)
		}
	}
	got := h.do(t, ask{
		method: "POST", path: strings.Replace(path, "~", sandbox, 1) + "/contacts", body: "x",
		header: http.Header{"Content-Type": {"text/html"}},
	})
	if got.status != 415 {
		t.Errorf("contacts as text/html = %d, want 415", got.status)
	}
	h.run(t, []row{{"GET", path + "/contacts", "", 200, `"total":0`, "", ""}})
	h.index.SetCurrent(false)
	if got := h.csv(t, path, "", "phone_number\n+14155550101\n"); got.status != 503 {
		t.Errorf("contacts with an unready list = %d %s, want 503", got.status, got.body)
	}
	h.run(t, []row{{"GET", path + "/contacts", "", 200, `"total":0`, "", ""}})
}

// Bodies may be larger than those of other routes, also where they are read
// before for an Idempotency-Key, and many invalid lines are bounded.
func TestManyContacts(t *testing.T) {
	h := newHouse(t, nil)
	path := strings.Replace(h.campaign(t, smallest), "~", sandbox, 1)
	body := "phone_number\n+14155550101\n" + strings.Repeat("nobody at all here\n", 5000)
	first := h.do(t, ask{
		method: "POST", path: path + "/contacts", body: body,
		header: http.Header{"Content-Type": {"text/csv"}, "Idempotency-Key": {"k1"}},
	})
	if first.status != 200 || strings.Count(first.body, `"line":`) != api.MaxInvalid ||
		!strings.Contains(first.body, `"invalid_total":5000`) {
		t.Fatalf("contacts = %d %.200s", first.status, first.body)
	}
	again := h.do(t, ask{
		method: "POST", path: path + "/contacts", body: body,
		header: http.Header{"Content-Type": {"text/csv"}, "Idempotency-Key": {"k1"}},
	})
	if again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("again = %d %.200s", again.status, again.body)
	}
}
