package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/optout"
)

// TestPages asks for everything, as everybody.
func TestPages(t *testing.T) {
	h := newHouse(t)
	h.add("sandbox", "+14155550123", "Requested removal via email")
	call := h.inbound("sandbox", "+12125550150")
	h.say(call, optout.Contact, "Please stop calling me.")
	withheld := h.inbound("sandbox", "")
	h.say(withheld, optout.Contact, "Please stop calling me.")
	everybody := map[string]*browser{
		"nobody": h.browser(), "viewer": h.as("vic@example.com"),
		"member": h.as("max@example.com"), "admin": h.as("ada@example.com"),
	}
	const to = http.StatusSeeOther // nobody is asked to sign in
	for _, tt := range []struct {
		path                  string
		viewer, member, admin int
		contains              string
	}{
		{"/e/sandbox", 303, 303, 303, ""},
		{"/", 303, 303, 303, ""},
		{"/e/sandbox/overview", 200, 200, 200, "Latest opt-outs"},
		{"/e/sandbox/dnc-list", 200, 200, 200, "Requested removal via email"},
		{"/e/sandbox/dnc-list?after=nonsense&sort=nonsense", 200, 200, 200, "+14155550123"},
		{"/e/sandbox/dnc-list/14155550123", 200, 200, 200, "revision"},
		{"/e/sandbox/dnc-list/14155550199", 200, 200, 200, "Nothing has happened"},
		{"/e/sandbox/dnc-list/new", 403, 200, 200, "Reason (Optional)"},
		{"/e/sandbox/dnc-list/14155550123/edit", 403, 200, 200, "Edit DNC Number"},
		{"/e/sandbox/dnc-list/14155550199/edit", 403, 404, 404, "Not on the list"},
		{"/e/sandbox/dnc-list/nonsense", 404, 404, 404, "Page not found"},
		{"/e/sandbox/dnc-list/14155550123/delete", 403, 200, 200, "callable again"},
		{"/e/sandbox/call-history", 200, 200, 200, "+12125550150"},
		{"/e/sandbox/call-history?number=abc", 200, 200, 200, "letters or signs"},
		{"/e/sandbox/call-history/" + call.ID, 200, 200, 200, "<mark>stop calling me</mark>"},
		{"/e/sandbox/call-history/" + withheld.ID, 200, 200, 200, "Kept for review"},
		{"/e/production/call-history/" + call.ID, 404, 404, 404, "Call not found"},
		{"/e/sandbox/scrub", 200, 200, 200, "Drop a CSV file here"},
		{"/e/sandbox/scrub/none/clear.csv", 404, 404, 404, "Result not found"},
		{"/e/sandbox/settings", 403, 403, 200, "API keys"},
		{"/e/sandbox/delete", 403, 403, 200, "Type its name"},
		{"/e/sandbox/keys/new", 403, 403, 200, "New API Key"},
		{"/e/sandbox/keys/none/revoke", 403, 403, 404, "Key not found"},
		{"/environments", 403, 403, 200, "Opt-out Detection"},
		{"/environments/new", 403, 403, 200, "Add Environment"},
		{"/users", 403, 403, 200, "vic@example.com"},
		{"/users/new", 403, 403, 200, "New User"},
		{"/users/nobody/password", 403, 403, 404, "User not found"},
		{"/users/vic@example.com/delete", 403, 403, 200, "Delete User"},
		{"/e/nowhere/dnc-list", 404, 404, 404, "Environment not found"},
		{"/nowhere", 404, 404, 404, "Page not found"},
	} {
		want := map[string]int{
			"nobody": to, "viewer": tt.viewer, "member": tt.member, "admin": tt.admin,
		}
		for who, b := range everybody {
			r := b.get(tt.path)
			if r.status != want[who] {
				t.Errorf("GET %s as %s: %d, want %d", tt.path, who, r.status, want[who])
			}
			if who == "admin" && !r.contains(tt.contains) {
				t.Errorf("GET %s: want %q in\n%s", tt.path, tt.contains, r.body)
			}
			if who == "nobody" && !strings.HasPrefix(r.header.Get("Location"), "/sign-in") {
				t.Errorf("GET %s leads nobody to %q", tt.path, r.header.Get("Location"))
			}
			checkPage(t, tt.path, r)
		}
	}
}

var (
	inline = regexp.MustCompile(`(?i)<[^>]+\s(style|on[a-z]+)=|<style|<script>`)
	where  = regexp.MustCompile(`(?:src|href)="(/static/[^"#]+)`)
)

// checkPage holds what is true of every page.
func checkPage(t *testing.T, path string, r reply) {
	t.Helper()
	if found := inline.FindString(r.body); found != "" {
		t.Errorf("GET %s: %q, want no script or style within the page", path, found)
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := r.header.Get(name); got != want {
			t.Errorf("GET %s: %s is %q, want %q", path, name, got, want)
		}
	}
}

func TestChanges(t *testing.T) {
	h := newHouse(t)
	h.add("sandbox", "+14155550123", "")
	viewer, member := h.as("vic@example.com"), h.as("max@example.com")
	admin := h.as("ada@example.com")
	member.htmx, admin.htmx = true, true
	long := strings.Repeat("é", dnc.MaxReason+1)
	for _, tt := range []struct {
		who      *browser
		path     string
		fields   []string
		status   int
		contains string
	}{
		{viewer, "/e/sandbox/dnc-list", []string{"number", "+14155550124"}, 403, "Not allowed"},
		{viewer, "/e/sandbox/dnc-list/14155550123/delete", nil, 403, "Not allowed"},
		{viewer, "/e/sandbox/demo", nil, 403, "Not allowed"},
		{member, "/e/production/demo", nil, 409, "in the sandbox only"},
		{member, "/e/sandbox/dnc-list", []string{"number", "12 34"}, 422, `value="12 34"`},
		{
			member, "/e/sandbox/dnc-list",
			[]string{"number", "+14155550124", "reason", long},
			422, "500",
		},
		{
			member, "/e/sandbox/dnc-list",
			[]string{"number", "tel:+1-415-555-0124"},
			200, "is on the list.",
		},
		{
			member, "/e/sandbox/dnc-list",
			[]string{"number", "+14155550124"},
			200, "The entry is unchanged",
		},
		{
			member, "/e/sandbox/dnc-list/14155550124/edit",
			[]string{"number", "+14155550123"},
			409, "entry of its own",
		},
		{
			member, "/e/sandbox/dnc-list/14155550124/edit",
			[]string{"number", "x"},
			422, "Edit DNC Number",
		},
		{
			member, "/e/sandbox/dnc-list/14155550124/edit",
			[]string{"number", "+14155550125", "reason", "r"},
			200, "changed",
		},
		{
			member, "/e/sandbox/dnc-list/14155550125/delete",
			[]string{"reason", "asked"},
			200, "was deleted",
		},
		{member, "/e/sandbox/dnc-list/14155550125/delete", nil, 404, "Not on the list"},
		{member, "/e/sandbox/settings", nil, 403, "Not allowed"},
		{
			admin, "/e/sandbox/settings",
			[]string{"max_concurrent_calls", "0"},
			422, "from 1 to 100,000",
		},
		{
			admin, "/e/sandbox/settings",
			[]string{"max_concurrent_calls", "5", "default_region", "??"},
			422, "region",
		},
		{
			admin, "/e/sandbox/settings",
			[]string{"max_concurrent_calls", "5", "default_region", "US", "hidden", "on"},
			200, "saved",
		},
		{admin, "/e/sandbox/keys", []string{"name", "k", "role", "king"}, 422, "Role is"},
		{admin, "/e/sandbox/keys", []string{"name", "k", "role", "viewer"}, 200, "nocall_sandbox_"},
		{admin, "/environments", []string{"name", "Bad"}, 422, "Use 1 to 63"},
		{admin, "/environments", []string{"name", "sandbox"}, 422, "already"},
		{admin, "/environments", []string{"name", "staging"}, 200, "was added"},
		{admin, "/e/staging/delete", []string{"name", "sandbox"}, 422, "not the name"},
		{admin, "/e/staging/delete", []string{"name", "staging"}, 200, ""},
		{
			admin, "/users",
			[]string{"name", "new", "role", "member", "password", "short"},
			422, "8 to 200",
		},
		{
			admin, "/users",
			[]string{"name", "vic@example.com", "role", "member", "password", password},
			422, "exists",
		},
		{
			admin, "/users",
			[]string{"name", "a/b?", "role", "member", "password", password},
			200, "was added",
		},
		{admin, "/users/a%2Fb%3F/password", []string{"password", "1234567"}, 422, "8 to 200"},
		{admin, "/users/a%2Fb%3F/password", []string{"password", password + "!"}, 200, "was set"},
		{admin, "/users/a%2Fb%3F/delete", nil, 200, "was deleted"},
		{admin, "/users/ada@example.com/delete", nil, 409, "cannot delete yourself"},
	} {
		r := tt.who.post(tt.path, tt.fields...)
		if r.status != tt.status || !r.contains(tt.contains) {
			t.Errorf("POST %s %v: %d, want %d and %q in\n%s",
				tt.path, tt.fields, r.status, tt.status, tt.contains, r.body)
		}
	}
	world, err := h.store.World(t.Context(), "sandbox")
	if s := world.Settings; err != nil || s.DefaultRegion != "US" || s.MaxConcurrentCalls != 5 ||
		!s.Hidden || s.OptOutDetection {
		t.Errorf("settings of the sandbox: %+v, %v", s, err)
	}
	r := h.as("max@example.com").get("/e/production/overview")
	if strings.Contains(r.body, "/e/sandbox/") {
		t.Error("a hidden environment is offered")
	}
}

func TestSignIn(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	for next, want := range map[string]string{
		"/e/sandbox/dnc-list?search=1": "/e/sandbox/dnc-list?search=1",
		"":                             "/", "//evil.example": "/", "/\\evil.example": "/",
		"https://evil.example/": "/", "javascript:alert(1)": "/", "e/sandbox": "/",
	} {
		r := b.post("/sign-in", "user", "ada@example.com", "password", password, "next", next)
		if to := r.header.Get("Location"); r.status != http.StatusSeeOther || to != want {
			t.Errorf("next %q leads to %q (%d), want %q", next, to, r.status, want)
		}
		cookie := r.header.Get("Set-Cookie")
		for _, part := range []string{access.Cookie + "=", "HttpOnly", "SameSite=Lax", "Path=/"} {
			if !strings.Contains(cookie, part) {
				t.Errorf("cookie %q has no %s", cookie, part)
			}
		}
		if strings.Contains(cookie, "Secure") {
			t.Errorf("cookie %q is for HTTPS", cookie)
		}
	}
	h.page.Secure = true
	r := h.browser().post("/sign-in", "user", "ada@example.com", "password", password)
	if !strings.Contains(r.header.Get("Set-Cookie"), "Secure") {
		t.Errorf("cookie %q is not for HTTPS only", r.header.Get("Set-Cookie"))
	}
	if r := b.post("/sign-out"); r.status != http.StatusSeeOther {
		t.Errorf("sign out: %d", r.status)
	}
	if r := b.get("/e/sandbox/overview"); r.status != http.StatusSeeOther {
		t.Errorf("after signing out: %d", r.status)
	}
	for try := range 11 {
		r = b.post("/sign-in", "user", "<ada>", "password", "wrong")
		right := r.status == http.StatusUnauthorized && strings.Contains(r.body, "&lt;ada&gt;")
		if try < 10 && !right {
			t.Errorf("wrong password: %d\n%s", r.status, r.body)
		}
	}
	if r.status != http.StatusTooManyRequests || !strings.Contains(r.body, "Too many attempts") {
		t.Errorf("the eleventh wrong password: %d", r.status)
	}
}

func TestOtherSites(t *testing.T) {
	h := newHouse(t)
	b := h.as("ada@example.com")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		b.base+"/e/sandbox/dnc-list", strings.NewReader("number=%2B14155550123"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if reply := b.do(r); reply.status != http.StatusForbidden {
		t.Errorf("a form of another site: %d, want 403", reply.status)
	}
	if listed, err := h.list.Check("sandbox", number(t, "+14155550123")); listed || err != nil {
		t.Errorf("Check = %v, %v; want nothing listed", listed, err)
	}
}

func TestStatic(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	page := b.get("/sign-in")
	found := where.FindAllStringSubmatch(page.body, -1)
	if len(found) < 4 {
		t.Fatalf("%d files on the page: %v", len(found), found)
	}
	for _, f := range found {
		r := b.get(f[1])
		kept := strings.Contains(r.header.Get("Cache-Control"), "immutable")
		if r.status != http.StatusOK || !kept {
			t.Errorf("GET %s: %d, %v", f[1], r.status, r.header)
		}
	}
	if r := b.get("/static/old/page.css"); r.status == http.StatusOK {
		t.Error("a file of another version is served")
	}
}
