package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"nocall/internal/access"
)

// Every route of the description, asked by every role: what a role may not do
// is 403, what it may is anything else.
func TestRoles(t *testing.T) {
	h := newHouse(t, func(h *house) { h.RequestsPerSecond = 1e6 })
	ranks := map[string]int{"viewer": 1, "member": 2, "admin": 3}
	for _, op := range h.described(t) {
		if op.role == "" {
			continue
		}
		path := strings.NewReplacer("{environment}", "sandbox", "{number}", "14155550123",
			"{id}", "nobody", "{name}", "nobody", "{contact}", "nobody").Replace(op.path)
		for role, rank := range ranks {
			want := rank >= ranks[op.role]
			got := h.do(t, ask{method: op.method, path: path, key: "sandbox " + role})
			if may := got.status != http.StatusForbidden; may != want {
				t.Errorf("%s %s as %s = %d, want allowed %v",
					op.method, op.path, role, got.status, want)
			}
		}
		// A handler of its own, which has not counted those before.
		got := serve(t, h.Handler(), op.method, path, "", "", "")
		if got.status != 401 || got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s without a key = %d, want 401", op.method, op.path, got.status)
		}
		if !strings.Contains(op.path, "{environment}") {
			continue
		}
		got = h.do(t, ask{method: op.method, path: path, key: "production admin"})
		if got.status != http.StatusForbidden {
			t.Errorf("%s %s with another environment's key = %d, want 403",
				op.method, op.path, got.status)
		}
	}
}

func TestKeysThatAreNotRight(t *testing.T) {
	h := newHouse(t, nil)
	for _, authorization := range []string{
		"", "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer nocall_sandbox_x_y",
		h.keys["sandbox admin"], "Bearer " + h.keys["sandbox admin"] + "x",
	} {
		got := h.do(t, ask{
			method: "GET", path: sandbox, key: "none",
			header: http.Header{"Authorization": {authorization}},
		})
		if got.status != 401 || got.text(t, "type") != "/problems/unauthorized" {
			t.Errorf("Authorization %q = %d %s, want 401", authorization, got.status, got.body)
		}
	}
	got := h.do(t, ask{
		method: "GET", path: sandbox, key: "none",
		header: http.Header{"Authorization": {"bearer  " + h.keys["sandbox admin"]}},
	})
	if got.status != 200 {
		t.Errorf("scheme in small letters = %d, want 200", got.status)
	}
	for range 100 {
		got = h.do(t, ask{method: "GET", path: sandbox, key: "wrong"})
	}
	if got.status != 429 || got.header.Get("Retry-After") == "" {
		t.Errorf("after 100 wrong keys = %d, want 429 with Retry-After", got.status)
	}
	if got := h.do(t, ask{method: "GET", path: sandbox}); got.status != 200 {
		t.Errorf("a right key from the same address = %d, want 200", got.status)
	}
}

func TestKeysAreMadeAndTaken(t *testing.T) {
	h := newHouse(t, nil)
	made := h.do(t, ask{method: "POST", path: sandbox + "/keys", body: `{"name":"dialer","role":"viewer"}`})
	secret, id := made.text(t, "secret"), made.text(t, "id")
	if made.status != 201 || !strings.HasPrefix(secret, "nocall_sandbox_") {
		t.Fatalf("new key = %d %s", made.status, made.body)
	}
	h.run(t, []row{
		{"GET", "~/keys", "", 200, `"name":"dialer" & "total":4`, secret, ""},
		{"GET", "~/entries", "", 200, ``, "", secret},
		{"POST", "~/entries", `{"number":"+14155550123"}`, 403, `/problems/forbidden`, "", secret},
		{"POST", "~/keys", `{"name":"x","role":"owner"}`, 422, `body.role`, "", ""},
		{"DELETE", "~/keys/" + id, "", 204, "", "", ""},
		{"DELETE", "~/keys/" + id, "", 404, `/problems/not-found`, "", ""},
		{"GET", "~/entries", "", 401, `/problems/unauthorized`, "", secret},
	})
}

func TestEnvironments(t *testing.T) {
	h := newHouse(t, nil)
	h.signIn(t, access.User{Name: "root", Role: access.Admin})
	h.run(t, []row{
		{"GET", "/v1/environments", "", 200, `"name":"sandbox" & "total":1`, "production", ""},
		{"GET", "~", "", 200, `"default_region":null & "max_concurrent_calls":100 & "opt_out_detection":true & "hidden":false & "entries":0`, "", "sandbox viewer"},
		{"PATCH", "~", `{"default_region":"us"}`, 422, `body.default_region`, "", ""},
		{"PATCH", "~", `{"max_concurrent_calls":0}`, 422, `body.max_concurrent_calls`, "", ""},
		{"PATCH", "~", `{"hidden":true,"opt_out_detection":false}`, 200, `"hidden":true & "opt_out_detection":false`, "", ""},
		{"PATCH", "~", `{"name":"x"}`, 422, `body.name`, "", ""},
		{"POST", "/v1/environments", `{"name":"Staging"}`, 422, `body.name`, "", ""},
		{"POST", "/v1/environments", `{"name":"sandbox"}`, 409, `/problems/exists`, "", ""},
		{"DELETE", "~", "", 422, `query.confirm`, "", ""},
		{"DELETE", "~?confirm=production", "", 422, `query.confirm`, "", ""},
		{"GET", "/v1/environments/nowhere", "", 403, `/problems/forbidden`, "", ""},
	})
	made := h.do(t, ask{method: "POST", path: "/v1/environments", body: `{"name":"staging","default_region":"US"}`})
	key, _ := made.get(t)["key"].(map[string]any)
	secret, _ := key["secret"].(string)
	place := made.header.Get("Location")
	if made.status != 201 || place != "/v1/environments/staging" || secret == "" {
		t.Fatalf("new environment = %d %s", made.status, made.body)
	}
	h.run(t, []row{
		{"POST", "/v1/environments/staging/entries", `{"number":"(415) 555-0123"}`, 201, `+14155550123`, "", secret},
		{"GET", "/v1/environments/staging", "", 200, `"entries":1`, "", secret},
		{"GET", "~/entries", "", 200, `"total":0`, "", ""}, // its own list
		{"GET", "~", "", 403, ``, "", secret},
		{"DELETE", "/v1/environments/staging?confirm=staging", "", 204, "", "", secret},
		{"GET", "/v1/environments/staging", "", 401, ``, "", secret},
	})
	for path, want := range map[string]int{
		"/v1/environments/staging":                   404,
		"/v1/environments/staging/entries":           404,
		"/v1/environments/staging/entries.csv":       404,
		"/v1/environments/staging/check/14155550123": 404,
		"/v1/environments/staging/calls":             404,
		"/v1/environments/staging/keys":              404,
		"/v1/environments/staging/events":            200, // the trail stays
		"/v1/environments/nowhere/events":            404,
		"/v1/environments/sandbox":                   200,
	} {
		got := h.do(t, ask{method: "GET", path: path, key: "none", header: h.cookie})
		if got.status != want {
			t.Errorf("GET %s as root = %d %s, want %d", path, got.status, got.body, want)
		}
	}
}

// signIn makes a user and keeps the cookie of the user's session.
func (h *house) signIn(t *testing.T, u access.User) {
	t.Helper()
	if _, err := h.Access.AddUser(t.Context(), u, "correct horse"); err != nil {
		t.Fatal(err)
	}
	token, _, err := h.Access.SignIn(t.Context(), access.Credentials{
		Name: u.Name, Password: "correct horse",
	})
	if err != nil {
		t.Fatal(err)
	}
	h.cookie = http.Header{"Cookie": {access.Cookie + "=" + url.QueryEscape(token)}}
}

func TestSession(t *testing.T) {
	h := newHouse(t, nil)
	h.signIn(t, access.User{Name: "ada", Role: access.Member})
	add := ask{
		method: "POST", path: sandbox + "/entries", body: `{"number":"+14155550123"}`, key: "none",
		header: h.cookie.Clone(),
	}
	for _, tt := range []struct {
		site string
		want int
	}{{"cross-site", 403}, {"same-site", 403}, {"same-origin", 201}, {"none", 200}} {
		add.header.Set("Sec-Fetch-Site", tt.site)
		if got := h.do(t, add); got.status != tt.want {
			t.Errorf("add from %s = %d %s, want %d", tt.site, got.status, got.body, tt.want)
		}
	}
	add.header.Set("Cookie", access.Cookie+"=x")
	if got := h.do(t, add); got.status != 401 {
		t.Errorf("add with another session = %d, want 401", got.status)
	}
	got := h.do(t, ask{method: "GET", path: sandbox + "/entries/14155550123"})
	if got.text(t, "user") != "ada" {
		t.Errorf("entry %s, want user ada", got.body)
	}
}

func TestUsers(t *testing.T) {
	h := newHouse(t, nil)
	h.signIn(t, access.User{Name: "root", Role: access.Admin})
	h.run(t, []row{
		{"GET", "/v1/users", "", 200, `"items":[]`, "root", ""},
		{"POST", "/v1/users", `{"name":"ada","role":"viewer","password":"correct horse"}`, 201, `"environment":"sandbox" & "password":null`, "horse", ""},
		{"POST", "/v1/users", `{"name":"ada","role":"viewer"}`, 409, `/problems/exists`, "", ""},
		{"POST", "/v1/users", `{"name":"eve","role":"admin","environment":"production"}`, 403, `/problems/forbidden`, "", ""},
		{"POST", "/v1/users", `{"name":"a b","role":"viewer"}`, 422, `body.name`, "", ""},
		{"POST", "/v1/users", `{"name":"bob","role":"viewer","password":"short"}`, 422, `body.password`, "", ""},
		{"POST", "/v1/users", `{"name":"bob","role":"member"}`, 201, `"password":"`, "", "production admin"},
		{"GET", "/v1/users", "", 200, `"total":1 & "name":"ada"`, "argon & bob & root", ""},
		{"PATCH", "/v1/users/ada", `{"password":"battery staple"}`, 200, `"name":"ada"`, "staple", ""},
		{"PATCH", "/v1/users/ada", `{"password":"short"}`, 422, `body.password`, "", ""},
		{"PATCH", "/v1/users/root", `{"password":"battery staple"}`, 404, `/problems/not-found`, "", ""},
		{"DELETE", "/v1/users/bob", "", 404, `/problems/not-found`, "", ""},
		{"DELETE", "/v1/users/ada", "", 204, ``, "", ""},
	})
	for _, tt := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/v1/users", "", 200},
		{"DELETE", "/v1/users/root", "", 409}, // or nobody could make another
		{"POST", "/v1/users", `{"name":"grace","role":"admin","environment":"nowhere"}`, 404},
		{"POST", "/v1/users", `{"name":"grace","role":"admin","environment":null}`, 201},
		{"DELETE", "/v1/users/root", "", 204},
		{"GET", "/v1/users", "", 401},
	} {
		got := h.do(t, ask{
			method: tt.method, path: tt.path, body: tt.body, key: "none", header: h.cookie,
		})
		if got.status != tt.want {
			t.Errorf("%s %s %s as root = %d %s, want %d", tt.method, tt.path, tt.body, got.status,
				got.body, tt.want)
		}
	}
}

func TestRateLimit(t *testing.T) {
	h := newHouse(t, func(h *house) { h.RequestsPerSecond = 0.5 })
	path := sandbox + "/check/14155550123"
	if got := h.do(t, ask{method: "GET", path: path}); got.status != 200 {
		t.Fatalf("first request = %d", got.status)
	}
	got := h.do(t, ask{method: "GET", path: path})
	if got.status != 429 || got.header.Get("Retry-After") != "2" {
		t.Errorf("second request = %d, Retry-After %q; want 429 after 2", got.status,
			got.header.Get("Retry-After"))
	}
	if got := h.do(t, ask{method: "GET", path: path, key: "sandbox viewer"}); got.status != 200 {
		t.Errorf("another key = %d, want 200", got.status)
	}
}
