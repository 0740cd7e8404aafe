package web

import (
	"net/http"
	"strings"
	"testing"

	"nocall/internal/campaign"
)

// TestCampaignPages asks for every page of campaigns, and of what calls are
// made with, as those who may see them and those who may not.
func TestCampaignPages(t *testing.T) {
	h := newHouse(t)
	h.equip("sandbox")
	everybody := map[string]*browser{
		"viewer": h.as("vic@example.com"), "member": h.as("max@example.com"),
		"admin": h.as("ada@example.com"),
	}
	one := everybody["admin"].campaign("Of all pages")
	if _, _, err := h.store.AddContacts(t.Context(), "sandbox", h.kept(one).ID,
		[]campaign.Contact{{Number: number(t, "+14155550100")}}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path                  string
		viewer, member, admin int
		contains              string
	}{
		{"/e/sandbox/campaigns", 200, 200, 200, "Of all pages"},
		{"/e/sandbox/campaigns/new", 403, 200, 200, "Create campaign"},
		{"/e/sandbox/campaigns/nowhere", 404, 404, 404, "Campaign not found"},
		{one, 303, 303, 303, ""}, // a draft has nothing to watch
		{one + "/edit", 403, 200, 200, "Rename campaign"},
		{one + "/delete", 403, 200, 200, "Delete Of all pages?"},
		{one + "/window", 200, 200, 200, "Weekly Contact Window"},
		{one + "/flow", 200, 200, 200, "Another attempt after"},
		{one + "/numbers", 200, 200, 200, "Exit criteria"},
		{one + "/contacts", 200, 200, 200, "+14155550100"},
		{one + "/contacts?number=abc", 200, 200, 200, "letters or signs"},
		{one + "/contacts?state=done", 200, 200, 200, "No contact matches"},
		{one + "/contacts/new", 403, 200, 200, "Add contact"},
		{one + "/start", 200, 200, 200, "On the DNC list now"},
		{one + "/report", 200, 200, 200, "How contacts ended"},
		{"/e/sandbox/providers", 200, 200, 200, "carrier-east"},
		{"/e/sandbox/providers/new", 403, 403, 200, "Add SIP trunk"},
		{"/e/sandbox/providers/carrier-east/edit", 403, 403, 200, "kept, not shown"},
		{"/e/sandbox/providers/nowhere/edit", 403, 403, 404, "Provider not found"},
		{"/e/sandbox/providers/carrier-east/delete", 403, 403, 200, "Delete carrier-east?"},
		{"/e/sandbox/numbers", 200, 200, 200, "after-hours"},
		{"/e/sandbox/numbers?number=0102", 200, 200, 200, "+14155550102"},
		{"/e/sandbox/numbers?tag=nothing", 200, 200, 200, "No number matches"},
		{"/e/sandbox/numbers/new", 403, 403, 200, "Add number"},
		{"/e/sandbox/numbers/pacing?tag=after-hours", 403, 403, 200, "with the tag after-hours"},
		{"/e/sandbox/numbers/14155550100/edit", 403, 403, 200, "Main line"},
		{"/e/sandbox/numbers/14155550999/edit", 403, 403, 404, "Number not found"},
		{"/e/sandbox/agents", 200, 200, 200, "Renewal reminder, autumn"},
		{"/e/sandbox/agents/new", 403, 200, 200, "Add agent"},
		{"/e/sandbox/agents/sam/edit", 403, 200, 200, "wss://agents.brightside.example/sam"},
		{"/e/sandbox/agents/nobody/edit", 403, 404, 404, "Agent not found"},
		{"/e/sandbox/recordings/new", 403, 200, 200, "Upload recording"},
		{"/e/sandbox/recordings/nothing/audio.wav", 404, 404, 404, "Recording not found"},
	} {
		want := map[string]int{"viewer": tt.viewer, "member": tt.member, "admin": tt.admin}
		for who, b := range everybody {
			r := b.get(tt.path)
			if r.status != want[who] {
				t.Errorf("GET %s as %s: %d, want %d", tt.path, who, r.status, want[who])
			}
			if who == "admin" && !r.contains(tt.contains) {
				t.Errorf("GET %s: want %q in\n%s", tt.path, tt.contains, r.body)
			}
			if strings.Contains(r.body, "secret") {
				t.Errorf("GET %s as %s shows a password", tt.path, who)
			}
			checkPage(t, tt.path, r)
		}
	}
	for _, path := range []string{
		"/e/sandbox/campaigns", one + "/window", one + "/start", one + "/contacts",
		"/e/sandbox/agents", "/e/sandbox/providers", "/e/sandbox/numbers",
		"/e/sandbox/providers/carrier-east/test",
	} {
		if r := everybody["viewer"].post(path); r.status != http.StatusForbidden {
			t.Errorf("POST %s as viewer: %d, want 403", path, r.status)
		}
	}
}

// TestStates starts, pauses and finishes a campaign, and changes it meanwhile.
func TestStates(t *testing.T) {
	h := newHouse(t)
	b := h.as("max@example.com")
	path := b.campaign("States")
	if r := b.post(path + "/start"); r.status != http.StatusSeeOther ||
		!strings.HasSuffix(r.header.Get("Location"), "/start") {
		t.Errorf("start without a contact: %d to %s", r.status, r.header.Get("Location"))
	}
	h.leaveAlone(h.kept(path))
	b.post(path+"/contacts", "number", "+14155550100")
	b.post(path+"/numbers", "provider", "simulator", "others", "+14155550199")
	b.post(path + "/start")
	if c := h.kept(path); c.State != campaign.Running {
		t.Fatalf("started: %s\n%s", c.State, b.get(path+"/start").body)
	}
	for _, tt := range []struct {
		path   string
		status int
		state  campaign.State
	}{
		{"/flow", http.StatusConflict, campaign.Running},
		{"/delete", http.StatusConflict, campaign.Running},
		{"/pause", http.StatusSeeOther, campaign.Paused},
		{"/pause", http.StatusConflict, campaign.Paused},
		{"/start", http.StatusSeeOther, campaign.Running},
		{"/finish", http.StatusSeeOther, campaign.Finished},
		{"/start", http.StatusSeeOther, campaign.Running},
		{"/finish", http.StatusSeeOther, campaign.Finished},
	} {
		r := b.post(path+tt.path, "count", "0", "unit", "m", "max_attempts", "1")
		if c := h.kept(path); r.status != tt.status || c.State != tt.state {
			t.Errorf("POST %s: %d and %s, want %d and %s", tt.path, r.status, c.State, tt.status,
				tt.state)
		}
	}
	if r := b.get(path); !r.contains("1 contact stays uncalled") {
		t.Errorf("monitor of a finished one: %d", r.status)
	}
	if r := b.post(path + "/delete"); r.status != http.StatusSeeOther {
		t.Errorf("delete a finished one: %d", r.status)
	}
}
