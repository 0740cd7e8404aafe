package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"nocall/internal/campaign"
	"nocall/internal/voice"
)

// campaign makes a campaign on the page, and returns the path to it.
func (b *browser) campaign(name string) string {
	b.t.Helper()
	r := b.post("/e/sandbox/campaigns", "name", name, "description", "")
	if r.status != http.StatusSeeOther {
		b.t.Fatalf("make campaign: %d %s", r.status, r.body)
	}
	return strings.TrimSuffix(r.header.Get("Location"), "/window")
}

// upload sends a file with the fields of its form.
func (b *browser) upload(path, file, text string, fields ...string) reply {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			b.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", file)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := part.Write([]byte(text)); err != nil {
		b.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.do(r)
}

// kept returns a campaign as the store has it.
func (h *house) kept(path string) campaign.Campaign {
	h.t.Helper()
	id := path[strings.LastIndexByte(path, '/')+1:]
	c, err := h.store.Campaign(h.t.Context(), "sandbox", id)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// TestWizard fills in every section of the wizard, rightly and wrongly.
func TestWizard(t *testing.T) {
	h := newHouse(t)
	b := h.as("max@example.com")
	path := b.campaign("Q2 warm leads")
	for _, tt := range []struct {
		section  string
		fields   []string
		status   int
		contains string
	}{
		{"window", []string{
			"timezone", "contact", "fallback", "America/Denver", "from", "10:00", "to", "16:00",
			"days-0", "6", "holidays", "on", "own", "2026-12-24",
		}, 200, "2026-12-24"},
		{"window", []string{
			"timezone", "contact", "from", "10:00", "to", "16:00",
		}, 422, "Choose a day"},
		{"window", []string{
			"timezone", "contact", "from", "25:00", "to", "16:00", "days-0", "1",
		}, 422, "Want a time"},
		{"window", []string{
			"timezone", "Mars/Olympus", "from", "10:00", "to", "16:00", "days-0", "1",
		}, 422, "Mars/Olympus"},
		{"flow", []string{
			"count", "0", "unit", "m", "max_attempts", "3", "delays", "30m, 4h", "on", "busy",
		}, 200, "30m, 4h"},
		{"flow", []string{
			"count", "soon", "unit", "m", "max_attempts", "3",
		}, 422, "Want a time such as 30m"},
		{"flow", []string{"count", "0", "unit", "m", "max_attempts", "99"}, 422, "1 to 20"},
		{"flow", []string{
			"count", "0", "unit", "m", "max_attempts", "3", "delays", "often",
		}, 422, "Want a time such as 30m"},
		{"numbers", []string{
			"provider", "simulator", "others", "+1 415 555 0100", "opt_out_key", "9", "calls", "20",
			"per_second", "2.5", "opt_out_detection", "on",
		}, 200, "+14155550100"},
		{"numbers", []string{"provider", "simulator", "others", "555"}, 422, "555: "},
		{"numbers", []string{"provider", "simulator", "calls", "-1"}, 422, "Want a number"},
		{"numbers", []string{"provider", "simulator", "per_second", "NaN"}, 422, "Want a number"},
	} {
		r := b.post(path+"/"+tt.section, tt.fields...)
		if r.status != tt.status || !r.contains(tt.contains) {
			t.Errorf("%s %v: %d, want %d with %q", tt.section, tt.fields, r.status, tt.status,
				tt.contains)
		}
	}
	c := h.kept(path)
	if len(c.Window.Weekly) != 1 || c.Window.Weekly[0].From != "10:00" ||
		c.Window.FallbackTimezone != "America/Denver" || len(c.Window.Blackout) != 1 {
		t.Errorf("window kept: %+v", c.Window)
	}
	if c.Retry.MaxAttempts != 3 || len(c.Retry.Delays) != 2 || len(c.Retry.On) != 1 {
		t.Errorf("retry kept: %+v", c.Retry)
	}
	if c.Pace.Calls != 20 || c.Pace.PerSecond != 2.5 || len(c.CallerIDs) != 1 {
		t.Errorf("pace and numbers kept: %+v %v", c.Pace, c.CallerIDs)
	}
}

// TestRows adds and removes rows of the sections that have them.
func TestRows(t *testing.T) {
	h := newHouse(t)
	b := h.as("max@example.com")
	path := b.campaign("Rows")
	hours := []string{"timezone", "contact", "from", "09:00", "to", "19:00", "days-0", "1"}
	b.post(path+"/window", append(hours, "do", "add-hours")...)
	if got := h.kept(path).Window.Weekly; len(got) != 2 || len(got[1].Days) != 6 {
		t.Errorf("hours after adding: %+v, want a second row with the other days", got)
	}
	b.post(path+"/window", append(hours, "do", "remove-hours-0", "any", "")...)
	if got := h.kept(path).Window.Weekly; len(got) != 2 {
		t.Errorf("hours after removing the last row: %+v, want them as they were", got)
	}
	const eve = "2026-12-24"
	b.post(path+"/window", append(hours, "blackout", eve, "do", "remove-day-"+eve)...)
	if got := h.kept(path).Window; len(got.Blackout) != 0 || len(got.Weekly) != 1 {
		t.Errorf("window after removing a day: %+v", got)
	}
	b.post(path+"/window", append(hours, "any", "on")...)
	if got := h.kept(path).Window; got != nil {
		t.Errorf("window at any time: %+v", got)
	}
	step := []string{"count", "0", "unit", "m", "max_attempts", "1"}
	b.post(path+"/flow", append(step, "do", "add-step")...)
	if got := h.kept(path).Flow; len(got) != 2 || got[1].Delay != day {
		t.Errorf("flow after adding: %+v", got)
	}
	b.post(path+"/flow", append(step, "do", "remove-step-0")...)
	if got := h.kept(path).Flow; len(got) != 1 || got[0].Delay != 0 {
		t.Errorf("flow after removing: %+v", got)
	}
}

const contactsFile = "phone_number,first_name\n+14155550100,Ann\n+14155550101,Bo\n" +
	"+14155550100,Again\n555,Short\n+14155550150,Cy\n"

// TestImport reads a file, shows what would come of it, and adds it.
func TestImport(t *testing.T) {
	h := newHouse(t)
	h.add("sandbox", "+14155550101", "")
	b := h.as("max@example.com")
	path := b.campaign("Import")
	r := b.upload(path+"/contacts/read", "leads.csv", contactsFile)
	for _, want := range []string{
		"Add 3 contacts", "first_name", "555", "1 row is left out, because the number cannot",
		"1 row is left out, because the number came before",
	} {
		if !r.contains(want) {
			t.Errorf("report: %d, want %q in %s", r.status, want, r.body)
		}
	}
	r = b.upload(path+"/contacts/import", "leads.csv", contactsFile)
	if !r.contains("3 contacts were added") || !r.contains("1 number is on the DNC list now") {
		t.Errorf("import: %d %s", r.status, r.body)
	}
	r = b.upload(path+"/contacts/import", "leads.csv", contactsFile)
	if !r.contains("0 contacts were added") ||
		!r.contains("3 numbers were in the campaign already") {
		t.Errorf("import again: %d %s", r.status, r.body)
	}
	if r := b.get(path + "/contacts?state=waiting"); !r.contains("first_name: Ann") {
		t.Errorf("contacts: %d %s", r.status, r.body)
	}
	if r := b.get(path + "/contacts?number=0150"); !r.contains("1 contact") || r.contains("Ann") {
		t.Errorf("contacts by number: %d", r.status)
	}
	r = b.upload(path+"/contacts/read", "leads.csv", contactsFile, "number_column", "nonsense")
	if r.status != http.StatusUnprocessableEntity || !r.contains("first_name") {
		t.Errorf("no such column: %d, want 422 with the columns", r.status)
	}
	r = b.post(path+"/contacts", "number", "+14155550100")
	if r.status != http.StatusUnprocessableEntity || !r.contains("in this campaign already") {
		t.Errorf("add a contact twice: %d", r.status)
	}
	r = b.post(path+"/contacts", "number", "+14155550102", "variables", "first_name=Di\nx")
	if r.status != http.StatusUnprocessableEntity || !r.contains("Want one on each line") {
		t.Errorf("variables that cannot be read: %d", r.status)
	}
	r = b.post(path+"/contacts", "number", "+14155550102", "variables", "first_name=Di=x\n")
	if r.status != http.StatusSeeOther {
		t.Errorf("add a contact: %d %s", r.status, r.body)
	}
}

// TestOutfit adds, edits and removes what calls are made with.
func TestOutfit(t *testing.T) {
	h := newHouse(t)
	b := h.as("ada@example.com")
	changes := 0
	h.page.TrunksChanged = func() { changes++ }
	r := b.post("/e/sandbox/providers", "name", "Trunk 1", "address", "sip.example.com")
	if r.status != http.StatusUnprocessableEntity || !r.contains("no dash in front") {
		t.Errorf("trunk with a wrong name: %d", r.status)
	}
	b.post("/e/sandbox/providers", "name", "trunk", "address", "sip.example.com",
		"transport", "udp", "unwanted", "on", "max_calls", "30")
	trunk, err := h.store.Trunk(t.Context(), "sandbox", "trunk")
	if err != nil || trunk.Address != "sip.example.com" || trunk.MaxCalls != 30 ||
		changes != 1 {
		t.Fatalf("trunk kept: %+v, %v, told %d times", trunk, err, changes)
	}
	if r := b.get("/e/sandbox/providers"); !r.contains("<code>sip.example.com</code>") {
		t.Errorf("providers: %d", r.status)
	}
	b.htmx = true
	if r := b.post("/e/sandbox/providers/trunk/test"); !r.contains("It answered.") ||
		!r.contains("23 ms") {
		t.Errorf("test: %d %s", r.status, r.body)
	}
	b.post("/e/sandbox/providers", "name", "silent", "address", "192.0.2.1")
	if r := b.post("/e/sandbox/providers/silent/test"); !r.contains("It did not answer.") ||
		!r.contains("No answer within 4s.") {
		t.Errorf("test of a silent trunk: %d %s", r.status, r.body)
	}
	b.htmx = false

	b.upload("/e/sandbox/recordings", "hello.wav", "RIFF", "name", "Hello")
	recordings, err := h.store.Recordings(t.Context(), "sandbox")
	if err != nil || len(recordings) != 1 || recordings[0].Duration.Seconds() != 1 {
		t.Fatalf("recordings: %+v, %v", recordings, err)
	}
	r = b.upload("/e/sandbox/recordings", "hello.mp3", "ID3", "name", "Hello")
	if r.status != http.StatusUnprocessableEntity || !r.contains("Not a WAV file") {
		t.Errorf("recording that is none: %d", r.status)
	}
	r = b.get("/e/sandbox/recordings/" + recordings[0].ID + "/audio.wav")
	if !strings.HasPrefix(r.body, "RIFF") || len(r.body) != 44+2*voice.SamplesPerSecond {
		t.Errorf("audio: %d, %d bytes", r.status, len(r.body))
	}

	b.post("/e/sandbox/agents", "name", "hello", "kind", "recording",
		"recording", recordings[0].ID, "opt_out_key", "9")
	agent, err := h.store.Agent(t.Context(), "sandbox", "hello")
	if err != nil || agent.Kind != voice.Recorded || agent.OptOutKey != "9" {
		t.Errorf("agent kept: %+v, %v", agent, err)
	}
	r = b.post("/e/sandbox/agents", "name", "desk", "kind", "bridge", "address", "desk")
	if r.status != http.StatusUnprocessableEntity || !r.contains("Want a SIP address") {
		t.Errorf("bridge to nowhere: %d", r.status)
	}
	b.post("/e/sandbox/numbers", "number", "+1 415 555 0100", "provider", "trunk",
		"inbound_agent", "hello", "tags", "sales-us, after-hours")
	if r := b.get("/e/sandbox/numbers?tag=sales-us"); !r.contains("+14155550100") ||
		!r.contains("after-hours") {
		t.Errorf("numbers: %d", r.status)
	}
	if r := b.post("/e/sandbox/numbers/pacing", "tag", "sales-us", "per_day", "lots"); r.status !=
		http.StatusUnprocessableEntity {
		t.Errorf("pacing that is no number: %d, want 422", r.status)
	}
	b.post("/e/sandbox/numbers/pacing", "tag", "sales-us", "calls", "2", "per_day", "100")
	if r := b.get("/e/sandbox/numbers"); !r.contains("2 at once, 100 a day") {
		t.Errorf("numbers do not show their pace: %d", r.status)
	}
	b.post("/e/sandbox/numbers/14155550100/edit", "provider", "trunk", "inbound_agent", "hello",
		"tags", "sales-us", "per_minute", "6")
	if r := b.get("/e/sandbox/numbers"); !r.contains("6 a minute") || r.contains("at once") {
		t.Errorf("numbers do not show their changed pace: %d", r.status)
	}
	if r := b.post("/e/sandbox/providers/trunk/delete"); r.status != http.StatusConflict {
		t.Errorf("delete a trunk in use: %d, want 409", r.status)
	}
	for _, path := range []string{
		"numbers/14155550100", "agents/hello", "recordings/" + recordings[0].ID, "providers/trunk",
	} {
		if r := b.post("/e/sandbox/" + path + "/delete"); r.status != http.StatusSeeOther {
			t.Errorf("delete %s: %d %s", path, r.status, r.body)
		}
	}
}

// TestBodies sends more than is taken, as nobody and as somebody.
func TestBodies(t *testing.T) {
	h := newHouse(t)
	large := strings.Repeat("x", bodyLimit)
	if r := h.browser().upload("/sign-in", "x.csv", large); r.status < 400 {
		t.Errorf("a file for signing in: %d, want it refused", r.status)
	}
	b := h.as("max@example.com")
	path := b.campaign("Bodies")
	r := b.upload(path+"/contacts/read", "x.csv", "phone_number\n+14155550100,"+large)
	if r.status != http.StatusUnprocessableEntity && r.status != http.StatusOK {
		t.Errorf("a file of contacts: %d", r.status)
	}
	r = h.browser().upload(path+"/contacts/read", "x.csv", "phone_number\n+14155550100")
	if r.status != http.StatusSeeOther {
		t.Errorf("a file of contacts from nobody: %d, want them to sign in", r.status)
	}
}
