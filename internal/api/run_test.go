package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"nocall/internal/api"
)

// progress is live progress of a campaign.
type progress struct {
	t     *testing.T
	lines *bufio.Scanner
}

// watch asks for live progress.
func (h *house) watch(t *testing.T, path string) *progress {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET",
		h.web.URL+strings.Replace(path, "~", sandbox, 1)+"/progress", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Authorization", "Bearer "+h.keys["sandbox viewer"])
	resp, err := h.web.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	form := resp.Header.Get("Content-Type")
	if resp.StatusCode != 200 || form != "text/event-stream" {
		t.Fatalf("live progress = %d %s", resp.StatusCode, form)
	}
	return &progress{t, bufio.NewScanner(resp.Body)}
}

// next returns the next progress that is told, and false at the end.
func (p *progress) next() (api.Progress, bool) {
	p.t.Helper()
	for p.lines.Scan() {
		text, ok := strings.CutPrefix(p.lines.Text(), "data: ")
		if !ok {
			continue
		}
		var out api.Progress
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			p.t.Fatalf("told %s: %v", text, err)
		}
		return out, true
	}
	return api.Progress{}, false
}

// until returns the first progress that is told in a state.
func (p *progress) until(state string) api.Progress {
	p.t.Helper()
	for {
		got, ok := p.next()
		if !ok {
			p.t.Fatalf("ended before it was %s: %v", state, p.lines.Err())
		}
		if string(got.State) == state {
			return got
		}
	}
}

// A campaign of a hundred contacts, one for each way in which the simulator
// lets them behave, ends with exactly one disposition each.
func TestCampaignRuns(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550100", "")
	path := h.campaign(t, smallest)
	live := h.watch(t, path)
	if got, _ := live.next(); got.State != "draft" {
		t.Errorf("at first %+v, want draft", got)
	}
	var body strings.Builder
	body.WriteString("phone_number\n")
	for i := range 100 {
		fmt.Fprintf(&body, "+141555501%02d\n", i)
	}
	if got := h.csv(t, path, "", body.String()); !strings.Contains(got.body, `"accepted":100`) ||
		!strings.Contains(got.body, `"listed":1`) {
		t.Fatalf("contacts = %d %s", got.status, got.body)
	}
	h.run(t, []row{
		{"GET", path + "/preview", "", 200, `"contacts":100,"listed":1,"no_timezone":0,"first_call_at":"2 & "heard":true,"problems":[]`, "", "sandbox viewer"},
		{"POST", path + "/start", "", 403, ``, "", "sandbox viewer"},
		{"POST", path + "/start", "", 200, `"state":"running" & "started_at":"2`, "", "sandbox member"},
		{"POST", path + "/start", "", 409, `/problems/conflict`, "", ""},
		{"DELETE", path, "", 409, `/problems/conflict`, "", ""},
	})
	got := live.until("finished")
	want := api.Progress{
		State: "finished", Contacts: api.ContactCounts{Total: 100, Done: 100},
		Dispositions: api.DispositionCounts{
			Answered: 69, Busy: 10, NoAnswer: 10, Refused: 6, Failed: 4, Skipped: 1,
		},
		Skipped: api.SkipCounts{DNC: 1}, OptedOut: 21,
	}
	if got != want {
		t.Errorf("finished with %+v, want %+v", got, want)
	}
	h.run(t, []row{
		{"GET", path + "/contacts?disposition=skipped&skip_reason=dnc", "", 200, `"total":1 & "phone_number":"+14155550100" & "state":"done"`, "", ""},
		{"GET", path + "/contacts?opted_out=true&limit=1", "", 200, `"total":21 & "opted_out":true`, "", ""},
		{"GET", "~/calls?campaign_id=" + path[len("~/campaigns/"):], "", 200, `"total":100`, "", ""},
		{"GET", "~/entries?created_by=system", "", 200, `"total":21`, "", ""},
		{"POST", path + "/finish", "", 409, `/problems/conflict`, "", ""},
		{"DELETE", path, "", 204, "", "", ""},
		{"GET", "~/calls", "", 200, `"total":100`, "", ""}, // they stay
	})
	if got, more := live.next(); more {
		t.Errorf("told %+v of a campaign that was removed", got)
	}
}

func TestCampaignThatCannotStart(t *testing.T) {
	h := newHouse(t, nil)
	path := h.campaign(t, smallest)
	h.run(t, []row{
		{"POST", path + "/start", "", 409, `/problems/not-ready & "location":"campaign.contacts"`, "", ""},
		{"POST", path + "/pause", "", 409, `/problems/conflict`, "", ""},
		{"GET", path + "/preview", "", 200, `"contacts":0 & "first_call_at":null & "heard":true,"problems":[{"location":"campaign.contacts"`, "", ""},
		{"POST", "~/campaigns/nobody/start", "", 404, `/problems/not-found`, "", ""},
		{"POST", "~/providers", `{"name":"trunk","kind":"sip","address":"127.0.0.1:5090"}`, 201, ``, "", ""},
		{"PATCH", path, `{"provider":"trunk"}`, 200, ``, "", ""},
		{"POST", path + "/start", "", 409, `"location":"campaign.provider"`, "", ""},
		{"GET", path + "/preview", "", 200, `"heard":false`, "", ""}, // no ears
	})
}

// While it runs a campaign may not lose what it could not be started without.
func TestCampaignIsChangedWhileItRuns(t *testing.T) {
	h := newHouse(t, nil)
	path := h.campaign(t, `{"name":"slow","provider":"simulator","caller_ids":["+14155550100"],
		"pace":{"per_second":0.01}}`)
	h.run(t, []row{
		{"POST", path + "/contacts", `{"contacts":[{"phone_number":"+14155550101"},{"phone_number":"+14155550102"},{"phone_number":"+14155550103"}]}`, 200, `"accepted":3`, "", ""},
		{"POST", path + "/start", "", 200, `"running"`, "", ""},
		{"PATCH", path, `{"window":null}`, 409, `/problems/conflict & pause it first`, "", ""},
		{"PATCH", path, `{"provider":"simulator"}`, 409, `/problems/conflict`, "", ""},
		{"PATCH", path, `{"caller_ids":[]}`, 409, `/problems/conflict`, "", ""},
		{"PATCH", path, `{"name":"quick","description":"now","pace":{"per_second":1000}}`, 200, `"name":"quick","description":"now","state":"running" & "per_second":1000`, "", ""},
		{"POST", path + "/pause", "", 200, ``, "", ""},
		{"PATCH", path, `{"caller_ids":[]}`, 200, `"caller_ids":[]`, "", ""},
	})
}

func TestCampaignIsPaused(t *testing.T) {
	h := newHouse(t, nil)
	path := h.campaign(t, `{"name":"slow","provider":"simulator","caller_ids":["+14155550100"],
		"pace":{"per_second":0.01}}`)
	h.run(t, []row{
		{"POST", path + "/contacts", `{"contacts":[{"phone_number":"+14155550101"},{"phone_number":"+14155550102"},{"phone_number":"+14155550103"}]}`, 200, `"accepted":3`, "", ""},
		{"POST", path + "/start", "", 200, `"running"`, "", ""},
		{"POST", path + "/pause", "", 200, `"state":"paused"`, "", ""},
		{"POST", path + "/pause", "", 409, `/problems/conflict`, "", ""},
		{"POST", path + "/start", "", 200, `"running"`, "", ""},
		{"POST", path + "/finish", "", 200, `"state":"finished"`, "", ""},
		{"GET", path + "/progress", "", 200, `"state":"finished"`, "", ""},
	})
}

func TestLiveProgressNeedsCampaignAndKey(t *testing.T) {
	h := newHouse(t, nil)
	live := http.Header{"Accept": {"text/event-stream"}}
	got := h.do(t, ask{method: "GET", path: sandbox + "/campaigns/nobody/progress", header: live})
	if got.status != 404 || got.header.Get("Content-Type") != problem {
		t.Errorf("progress of no campaign = %d %s", got.status, got.body)
	}
	got = h.do(t, ask{
		method: "GET", path: sandbox + "/campaigns/nobody/progress", header: live, key: "none",
	})
	if got.status != 401 {
		t.Errorf("progress without a key = %d, want 401", got.status)
	}
}

func TestCallWithAgent(t *testing.T) {
	h := newHouse(t, nil)
	h.run(t, []row{
		{"POST", "~/calls", `{"number":"+14155550101","agent":"nobody"}`, 422, `body.agent & nobody`, "", ""},
		{"POST", "~/agents", `{"name":"bot","kind":"stream","url":"wss://agent.example.com/call"}`, 201, ``, "", ""},
		{"POST", "~/calls", `{"number":"+14155550101","agent":"bot"}`, 201, `"number":"+14155550101"`, "", ""},
	})
}
