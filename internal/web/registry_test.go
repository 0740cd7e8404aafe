package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/registry"
)

// flat returns lines of the first n numbers of an area code, as the registry of the
// United States gives them.
func flat(area string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s,555%04d\n", area, i)
	}
	return b.String()
}

// keep has a registry keep the numbers of a file.
func (h *house) keep(name, file, text string) {
	h.t.Helper()
	taken, err := h.page.Intake.Take(h.t.Context(), file, strings.NewReader(text))
	if err != nil {
		h.t.Fatal(err)
	}
	defer taken.Drop()
	_, err = h.registries.Import(h.t.Context(), registry.Import{
		Registry: name, Files: taken.Files, By: "ada@example.com", Smaller: true,
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// subscribe has an environment ask a registry.
func (h *house) subscribe(env dnc.Environment, name string) {
	h.t.Helper()
	_, err := h.registries.Subscribe(h.t.Context(), env, "ada@example.com",
		func(all []dnc.Subscription) []dnc.Subscription {
			return append(all, dnc.Subscription{Registry: name})
		})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestRegistryPages(t *testing.T) {
	h := newHouse(t)
	ada, vic := h.as("ada@example.com"), h.as("vic@example.com")
	const list, one = "/e/sandbox/registries", "/e/sandbox/registries/us-national"
	page := vic.get(list)
	checkPage(t, list, page)
	if !page.contains("No registries yet") || page.contains("Import files") {
		t.Errorf("an empty page for a viewer:\n%s", page.body)
	}
	today := time.Now().UTC().Format(time.DateOnly)
	r := ada.upload("/e/sandbox/registry-import", "full.txt", flat("818", 1000),
		"registry", "us-national")
	if r.status != http.StatusSeeOther || r.header.Get("Location") != one {
		t.Fatalf("import: %d, to %s\n%s", r.status, r.header.Get("Location"), r.body)
	}
	h.subscribe("production", "us-national")
	for path, want := range map[string][]string{
		list: {
			"US National Do Not Call Registry", "Fresh", "0 days of 31", "1,000",
			"Area code, number",
		},
		one: {
			"full.txt", "In force", "+1818", today, "sandbox does not ask it",
			"Subscribed: production",
		},
		"/e/production/registries": {"Stale: no call", "Not covered: no call"},
	} {
		page := vic.get(path)
		checkPage(t, path, page)
		for _, text := range want {
			if !page.contains(text) {
				t.Errorf("%s has no %q in\n%s", path, text, page.body)
			}
		}
	}
	got := vic.get(one + "/coverage.csv?safe=true")
	if want := "Area Code,Numbers,As Of\n'+1818,1000," + today + "\n"; got.body != want {
		t.Errorf("coverage.csv has %q, want %q", got.body, want)
	}
	history := vic.get("/e/production/dnc-list/18185550007")
	if !history.contains("Registered") || !history.contains("us-national") {
		t.Errorf("the history of a registered number:\n%s", history.body)
	}
	if r := ada.post(one + "/delete"); r.status != http.StatusConflict {
		t.Errorf("delete while it is subscribed to: %d, want 409", r.status)
	}
	if r := vic.get("/e/sandbox/registries/nowhere"); r.status != http.StatusNotFound {
		t.Errorf("a registry that there is not: %d, want 404", r.status)
	}
}

// A file that is refused is not in force, and the page says in which line it is wrong.
func TestRegistryImportRefuses(t *testing.T) {
	h := newHouse(t)
	h.keep("us-national", "full.txt", flat("818", 1000))
	ada := h.as("ada@example.com")
	const path = "/e/sandbox/registry-import"
	for _, tt := range []struct{ file, text, field, value, want string }{
		{"bad.txt", "818,0000818\n818;0000819\n", "", "", `bad.txt: line 2: it is not as the others are`},
		{"cut.txt", "818,0000818\n818,00", "", "", "cut.txt: line 2: it has no end"},
		{"other.txt", "416,0000818\n", "", "", "none of the registry us-national"},
		{"cut.zip", "PK\x03\x04nothing", "", "", "cut.zip: "},
		{"less.txt", flat("818", 800), "", "", "had 1000 numbers, and has 800"},
		{"full.txt", flat("818", 1000), "as_of", "yesterday", "As of wants a day"},
		{"full.txt", flat("818", 1000), "as_of", "2999-01-01", "still to come"},
		{"", "", "", "", "Choose one file or several."},
	} {
		fields := []string{"registry", "us-national", "smaller", ""}
		if tt.field != "" {
			fields = append(fields, tt.field, tt.value)
		}
		r := ada.upload(path, tt.file, tt.text, fields...)
		if r.status != http.StatusUnprocessableEntity || !r.contains(tt.want) {
			t.Errorf("import of %s: %d, want %q in\n%s", tt.file, r.status, tt.want, r.body)
		}
		if anyway := tt.file == "less.txt"; anyway != r.contains("Take it anyway") {
			t.Errorf("import of %s may be taken anyway: %v, want %v", tt.file, !anyway, anyway)
		}
	}
	if r, err := h.registries.One("us-national"); err != nil || r.InForce.Numbers != 1000 {
		t.Errorf("in force are %d numbers, %v; want 1000", r.InForce.Numbers, err)
	}
	r := ada.upload(path, "less.txt", flat("818", 800), "registry", "us-national",
		"smaller", "true")
	if r.status != http.StatusSeeOther {
		t.Errorf("import that may be smaller: %d\n%s", r.status, r.body)
	}
	r = ada.upload(path, "list.txt", "+15125550123\n", "registry", "Texas")
	if r.status != http.StatusUnprocessableEntity || !r.contains("1 to 63 of a-z") {
		t.Errorf("import into Texas: %d\n%s", r.status, r.body)
	}
}

// The roles are those of the API; who sees one environment does not change what
// only others use.
func TestRegistryRoles(t *testing.T) {
	h := newHouse(t)
	h.keep("us-national", "full.txt", flat("818", 10))
	h.subscribe("production", "us-national")
	if err := h.store.AddUser(t.Context(), sandboxAdmin()); err != nil {
		t.Fatal(err)
	}
	const one = "/e/sandbox/registries/us-national"
	for _, tt := range []struct {
		user, path string
		want       int
	}{
		{"vic@example.com", "/e/sandbox/registry-import", http.StatusForbidden},
		{"max@example.com", "/e/sandbox/registry-import", http.StatusForbidden},
		{"max@example.com", one + "/subscription", http.StatusForbidden},
		{"max@example.com", "/e/sandbox/exemptions/new", http.StatusOK},
		{"vic@example.com", "/e/sandbox/exemptions/new", http.StatusForbidden},
		{"vic@example.com", "/e/sandbox/exemptions", http.StatusOK},
		{"sue@example.com", one, http.StatusOK},
		{"sue@example.com", one + "/settings", http.StatusForbidden},
		{"sue@example.com", one + "/subscription", http.StatusOK},
		{"ada@example.com", one + "/settings", http.StatusOK},
	} {
		if got := h.as(tt.user).get(tt.path); got.status != tt.want {
			t.Errorf("%s asks for %s: %d, want %d", tt.user, tt.path, got.status, tt.want)
		}
	}
	sue := h.as("sue@example.com")
	r := sue.upload("/e/sandbox/registry-import", "f.txt", flat("818", 10),
		"registry", "us-national")
	if r.status != http.StatusForbidden {
		t.Errorf("import into what only others use: %d, want 403", r.status)
	}
	if got := sue.get(one); got.contains("production") {
		t.Errorf("who sees the sandbox alone sees that production subscribes:\n%s", got.body)
	}
}

func TestRegistrySettings(t *testing.T) {
	h := newHouse(t)
	h.keep("texas", "list.txt", "+15125550123\n")
	ada := h.as("ada@example.com")
	const path = "/e/sandbox/registries/texas/settings"
	for _, tt := range []struct{ days, start, want string }{
		{"0", "", "1 to 3660"}, {"soon", "", "wants a whole number"}, {"9", "x", "whole number"},
	} {
		r := ada.post(path, "title", "Texas", "stale_after", tt.days, "start", tt.start)
		if r.status != http.StatusUnprocessableEntity || !r.contains(tt.want) {
			t.Errorf("settings %q, %q: %d, want %q in\n%s", tt.days, tt.start, r.status,
				tt.want, r.body)
		}
	}
	r := ada.post(path, "title", "Texas", "stale_after", "93", "columns", "Area, Number",
		"delimiter", ";", "region", "US")
	set, err := h.registries.One("texas")
	if r.status != http.StatusSeeOther || err != nil || set.StaleAfter != 93 ||
		set.Title != "Texas" || len(set.Mapping.Columns) != 2 || set.Mapping.Region != "US" {
		t.Errorf("settings: %d, %+v, %v", r.status, set.Registry, err)
	}
}

func TestExemptionPages(t *testing.T) {
	h := newHouse(t)
	h.keep("us-national", "full.txt", flat("818", 10))
	h.subscribe("sandbox", "us-national")
	max := h.as("max@example.com")
	const path = "/e/sandbox/exemptions"
	checkPage(t, path, max.get(path))
	for _, tt := range []struct{ number, ground, since, until, want string }{
		{"", "consent", "2026-01-02", "", "Type a number."},
		{"+1818555", "consent", "2026-01-02", "", "aria-invalid"},
		{"+18185550007", "consent", "", "", "Choose a day."},
		{"+18185550007", "consent", "2999-01-02", "", "Since wants the day"},
		{"+18185550007", "business_relationship", "2026-01-02", "", "18 months"},
		{"+18185550007", "luck", "2026-01-02", "", "Ground wants"},
	} {
		r := max.post(path, "number", tt.number, "ground", tt.ground, "since", tt.since,
			"until", tt.until, "evidence", "form 8")
		if r.status != http.StatusUnprocessableEntity || !r.contains(tt.want) {
			t.Errorf("exempt %+v: %d, want %q in\n%s", tt, r.status, tt.want, r.body)
		}
	}
	r := max.post(path, "number", "+18185550007", "ground", "consent", "since", "2026-01-02",
		"evidence", "form <8>")
	if r.status != http.StatusSeeOther {
		t.Fatalf("exempt: %d\n%s", r.status, r.body)
	}
	n := number(t, "+18185550007")
	if a := h.registries.Lookup("sandbox", n, time.Now()); a.Verdict != dnc.Clear {
		t.Errorf("with an exemption: %v, want clear", a)
	}
	for search, want := range map[string]string{
		"": "form <8>", "%2B1%20818%20555%200007": "form <8>",
		"%2B18185550008": "No exemption of this number", "abc": "Not a number",
	} {
		if page := max.get(path + "?number=" + search); !page.contains(want) {
			t.Errorf("exemptions of %q have no %q in\n%s", search, want, page.body)
		}
	}
	end := regexp.MustCompile(path + `/\w+/end`).FindString(max.get(path).body)
	if page := max.get(end); !page.contains("End the exemption of +18185550007?") {
		t.Errorf("the question whether to end it:\n%s", page.body)
	}
	if r := max.post(end); r.status != http.StatusSeeOther {
		t.Errorf("end: %d", r.status)
	}
	if a := h.registries.Lookup("sandbox", n, time.Now()); a.Verdict != dnc.Registered {
		t.Errorf("after its end: %v, want registered", a)
	}
	if page := max.get(path); !page.contains("ended by max@example.com") {
		t.Errorf("an exemption that was ended:\n%s", page.body)
	}
	if r := max.post(end); r.status != http.StatusNotFound {
		t.Errorf("end it again: %d, want 404", r.status)
	}
}

// sandboxAdmin is somebody who sees the sandbox alone.
func sandboxAdmin() access.User {
	return access.User{
		Name: "sue@example.com", Role: access.Admin, Environment: "sandbox",
		Password: passwordHash(), CreatedAt: now(),
	}
}
