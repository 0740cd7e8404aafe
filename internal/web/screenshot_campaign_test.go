package web

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// TestCampaignScreenshots takes the pictures of campaigns, and of what calls
// are made with, into the folder that NOCALL_SCREENSHOTS names.
func TestCampaignScreenshots(t *testing.T) {
	dir := os.Getenv("NOCALL_SCREENSHOTS")
	if dir == "" {
		t.Skip("set NOCALL_SCREENSHOTS to the folder of the pictures")
	}
	c := newChromium(t)
	h := newHouse(t)
	h.equip("production")
	draft, running := h.renewals(campaign.Draft), h.renewals(campaign.Running)
	told := h.tellStories()
	p := c.tab(t, h)
	p.signIn("ada@example.com", "/e/production/campaigns")
	pages := []struct {
		name, path, ready string
		looks             bool // in every look
	}{
		{"campaigns", "/e/production/campaigns", "#campaigns tbody", false},
		{"wizard-window", draft + "/window", "#hours", true},
		{"wizard-flow", draft + "/flow", ".flow", false},
		{"wizard-numbers", draft + "/numbers", "#provider", false},
		{"wizard-start", draft + "/start", "#start", false},
		{"monitor", running, "#percent", true},
		{"campaign-report", running + "/report", ".paper", false},
		{"call-detail", "/e/production/call-history/" + told.ID, ".timeline", true},
		{"providers", "/e/production/providers", "#providers tbody", false},
		{"numbers", "/e/production/numbers", "#numbers tbody", false},
		{"agents", "/e/production/agents", "#agents tbody", false},
	}
	h.takeDialogs(p, dir, draft)
	for _, look := range []struct {
		suffix, scheme string
		width, height  int64
	}{
		{"", "light", 1280, 800}, {"-dark", "dark", 1280, 800}, {"-narrow", "light", 390, 800},
	} {
		p.prefers(look.scheme)
		for _, page := range pages {
			if look.suffix != "" && !page.looks {
				continue
			}
			p.do(chromedp.EmulateViewport(look.width, look.height))
			p.open(page.path)
			p.text(page.ready, "")
			whole := ask[int64](p, `document.documentElement.scrollHeight`)
			p.do(chromedp.EmulateViewport(look.width, whole))
			p.take(filepath.Join(dir, page.name+look.suffix+".png"))
		}
	}
}

// takeDialogs takes the pictures of what has to be clicked for.
func (h *house) takeDialogs(p *tab, dir, draft string) {
	h.t.Helper()
	take := func(name, path, click, ready string) {
		h.t.Helper()
		p.open(path)
		p.click(click)
		p.text(ready, "")
		p.take(filepath.Join(dir, name+".png"))
	}
	take("create-campaign", "/e/production/campaigns", "#new", "#dialog .main")
	take("provider-dialog", "/e/production/providers", "#new", "#dialog .main")
	take("provider-test", "/e/production/providers", "#p-carrier-east .row-actions button", "#test")
	take("number-dialog", "/e/production/numbers", "#new", "#dialog .main")
	take("agent-dialog", "/e/production/agents", "#new", "#dialog .main")
	take("recording-dialog", "/e/production/agents", "#upload-recording", "#dialog .main")
	p.open(draft + "/contacts")
	file := filepath.Join(h.t.TempDir(), "leads.csv")
	text := "first_name,phone_number,plan\nAnn,+1 (415) 555-0166,Green\nBo,415555016,Green\n" +
		"Cy,+14155550166,Blue\nDi,1.41555E+10,Blue\nEd,+13125550107,Blue\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	p.do(chromedp.SetUploadFiles("input#file", []string{file}))
	p.text("#import", "Add")
	p.take(filepath.Join(dir, "import.png"))
	p.open(draft + "/window")
	p.eval(`document.querySelector("#from-0").value = "",
		document.querySelector("#from-0").dispatchEvent(new Event("change", {bubbles: true}))`)
	p.text("#hours-0", "Want a time")
	p.take(filepath.Join(dir, "wizard-wrong.png"))
	p.open("/e/production/call-history?skip_reason=dnc")
	p.text("#calls tbody", "")
	p.take(filepath.Join(dir, "call-filters.png"))
}

// equip gives an environment two trunks, three numbers, a recording and three
// agents.
func (h *house) equip(env string) {
	h.t.Helper()
	b := h.as("ada@example.com")
	in := "/e/" + env
	b.post(in+"/providers", "name", "carrier-east", "address", "sip.carrier.example:5061",
		"transport", "tls", "username", "brightside", "password", "secret", "register", "on",
		"srtp", "on", "unwanted", "on", "max_calls", "60")
	b.post(in+"/providers", "name", "office-pbx", "address", "192.0.2.17", "transport", "udp")
	b.upload(in+"/recordings", "hello.wav", "RIFF", "name", "Renewal reminder, autumn")
	b.upload(in+"/recordings", "bye.wav", "RIFF", "name", "You have been removed")
	recordings, err := h.store.Recordings(h.t.Context(), dnc.Environment(env))
	if err != nil || len(recordings) != 2 {
		h.t.Fatalf("recordings: %v, %v", recordings, err)
	}
	b.post(in+"/agents", "name", "renewals", "kind", "recording", "opt_out_key", "9",
		"recording", recordings[1].ID, "confirmation", recordings[0].ID)
	b.post(in+"/agents", "name", "front-desk", "kind", "bridge", "address",
		"sip:front-desk@pbx.brightside.example", "opt_out_key", "")
	b.post(in+"/agents", "name", "sam", "kind", "stream",
		"url", "wss://agents.brightside.example/sam")
	for i, tags := range []string{"sales-us", "sales-us, after-hours", ""} {
		b.post(in+"/numbers", "number", fmt.Sprintf("+1415555010%d", i),
			"provider", "carrier-east", "inbound_agent", "front-desk", "tags", tags,
			"label", []string{"Main line", "", "Fax"}[i], "calls", []string{"2", "2", ""}[i],
			"per_minute", []string{"6", "", ""}[i], "per_day", []string{"100", "250", ""}[i])
	}
}

// renewals makes a campaign with contacts, some way on when it runs, and
// returns its path.
func (h *house) renewals(state campaign.State) string {
	h.t.Helper()
	at := now().Add(-2 * time.Hour)
	c := campaign.Campaign{
		ID: voice.NewID(at), Environment: "production", Name: "Autumn renewals",
		Description: "Customers whose contract ends before the end of the year", State: state,
		Provider: "carrier-east", Agent: "renewals", Window: usualWindow(), CallerTag: "sales-us",
		Retry: campaign.Retry{
			MaxAttempts: 3, Delays: []time.Duration{30 * time.Minute, 4 * time.Hour},
		},
		OptOutDetection: true, OptOutKey: "9", By: "ada@example.com", CreatedAt: at,
		Pace: campaign.Pace{Calls: 20, PerSecond: 2},
	}
	c.Window.Blackout = []string{"2026-12-24", "2026-12-31"}
	if state == campaign.Draft {
		c.Name, c.Description = "Winter win-back", ""
	} else {
		c.StartedAt = at
	}
	c.Normalize()
	h.leaveAlone(c)
	if err := h.store.AddCampaign(h.t.Context(), c); err != nil {
		h.t.Fatal(err)
	}
	var contacts []campaign.Contact
	for i := range 240 {
		contacts = append(contacts, campaign.Contact{
			Number: number(h.t, fmt.Sprintf("+1%d555%04d", 212+100*(i%7), 100+i)),
			Variables: map[string]string{
				"first_name": []string{"Ann", "Bo", "Cy", "Di"}[i%4], "plan": "Green 12",
			},
		})
	}
	if _, _, err := h.store.AddContacts(h.t.Context(), "production", c.ID, contacts); err != nil {
		h.t.Fatal(err)
	}
	if state == campaign.Running {
		h.wear(c)
	}
	return "/e/production/campaigns/" + c.ID
}

// leaveAlone keeps the dialer of the house from calling the contacts of c.
func (h *house) leaveAlone(c campaign.Campaign) {
	h.t.Helper()
	name := "campaign " + string(c.Environment) + " " + c.ID
	held, err := h.store.TakeLease(h.t.Context(), name, "other", now(), now().Add(day))
	if err != nil || !held {
		h.t.Fatalf("lease held: %t, %v", held, err)
	}
}

// wear has many contacts of a campaign called.
func (h *house) wear(c campaign.Campaign) {
	h.t.Helper()
	due, err := h.store.DueContacts(h.t.Context(), "production", c.ID, now(), 160)
	if err != nil {
		h.t.Fatal(err)
	}
	for i, contact := range due {
		at := c.StartedAt.Add(time.Duration(i) * 40 * time.Second)
		h.attempt(c, contact, i, at)
	}
}

func (h *house) attempt(c campaign.Campaign, contact campaign.Contact, i int, at time.Time) {
	h.t.Helper()
	call := voice.Call{
		ID: voice.NewID(at), Environment: c.Environment, Direction: voice.Outbound,
		Number: contact.Number, CallerID: number(h.t, "+14155550100"), Provider: c.Provider,
		CampaignID: c.ID, Status: voice.Queued, OptOutDetection: true, Revision: 1204,
		By: c.By, StartedAt: at,
	}
	contact.State, contact.CallID = campaign.Active, call.ID
	if err := h.store.BeginAttempt(h.t.Context(), c.Environment, contact, call); err != nil {
		h.t.Fatal(err)
	}
	if i%40 == 7 {
		return // goes on
	}
	how := []campaign.Disposition{
		campaign.Answered, campaign.NoAnswer, campaign.Answered, campaign.Busy, campaign.Skipped,
		campaign.Answered, campaign.Refused,
	}[i%7]
	why := campaign.SkipReason("")
	if how == campaign.Skipped {
		why = campaign.SkipDNC
	}
	_, err := h.store.EndAttempt(h.t.Context(), c.Environment, contact.ID,
		func(kept *campaign.Contact) error {
			kept.State, kept.Disposition, kept.SkipReason = campaign.Done, how, why
			kept.OptedOut = i%29 == 0 && how == campaign.Answered
			return nil
		})
	if err != nil {
		h.t.Fatal(err)
	}
	if how == campaign.Answered {
		h.change(call, func(k *voice.Call) error {
			k.Answer(at.Add(6 * time.Second))
			return nil
		})
		if i%29 == 0 {
			h.press(call, at.Add(20*time.Second))
		}
	}
	if how == campaign.Skipped {
		h.change(call, func(k *voice.Call) error { return k.Skip(how, why, at) })
		return
	}
	h.end(call, how, at.Add(31*time.Second))
}

// press has a contact press the key that opts out.
func (h *house) press(call voice.Call, at time.Time) {
	h.t.Helper()
	keys := voice.Keys{Pressed: voice.DefaultKey, At: at}
	if _, err := h.ears.Keys(h.t.Context(), call.Environment, call.ID, keys); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) change(call voice.Call, change func(*voice.Call) error) {
	h.t.Helper()
	_, err := h.store.ChangeCall(h.t.Context(), call.Environment, call.ID, change)
	if err != nil {
		h.t.Fatal(err)
	}
}
