package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"nocall/internal/api"
)

// described is an operation of the description.
type described struct {
	method, path, role string
}

type description struct {
	OpenAPI string                                `json:"openapi"`
	Paths   map[string]map[string]json.RawMessage `json:"paths"`
	Parts   struct {
		Schemas map[string]json.RawMessage `json:"schemas"`
	} `json:"components"`
}

type describedOperation struct {
	ID          string                            `json:"operationId"`
	Description string                            `json:"description"`
	Responses   map[string]json.RawMessage        `json:"responses"`
	Security    []map[string][]string             `json:"security"`
	Parameters  []struct{ Name, In string }       `json:"parameters"`
	Body        *struct{ Content map[string]any } `json:"requestBody"`
}

func (h *house) description(t *testing.T) description {
	t.Helper()
	got := h.do(t, ask{method: "GET", path: "/openapi.json", key: "none"})
	var d description
	if err := json.Unmarshal([]byte(got.body), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// described returns every operation of the description.
func (h *house) described(t *testing.T) (all []described) {
	t.Helper()
	for path, item := range h.description(t).Paths {
		for method, text := range item {
			var op describedOperation
			if err := json.Unmarshal(text, &op); err != nil {
				t.Fatal(err)
			}
			d := described{method: strings.ToUpper(method), path: path}
			if _, role, ok := strings.Cut(op.Description, "Role: "); ok && len(op.Security) > 0 {
				d.role = strings.TrimSuffix(role, ".")
			}
			all = append(all, d)
		}
	}
	return all
}

// What is described is there, and what is there is described.
func TestDescriptionIsTheRoutes(t *testing.T) {
	h := newHouse(t, nil)
	there := make(map[string]bool)
	for _, r := range api.Routes(&h.Server) {
		there[r] = true
	}
	for _, op := range h.described(t) {
		name := op.method + " " + op.path
		if !there[name] {
			t.Errorf("%s is described and not there", name)
		}
		delete(there, name)
	}
	for name := range there {
		t.Errorf("%s is there and not described", name)
	}
}

func TestDescription(t *testing.T) {
	h := newHouse(t, nil)
	d := h.description(t)
	if !strings.HasPrefix(d.OpenAPI, "3.1.") {
		t.Errorf("openapi %q, want 3.1", d.OpenAPI)
	}
	ids := make(map[string]bool)
	for path, item := range d.Paths {
		for method, text := range item {
			var op describedOperation
			if err := json.Unmarshal(text, &op); err != nil {
				t.Fatal(err)
			}
			if ids[op.ID] || op.ID == "" {
				t.Errorf("%s %s: operationId %q", method, path, op.ID)
			}
			ids[op.ID] = true
			for _, part := range strings.Split(path, "/") {
				name, ok := strings.CutPrefix(part, "{")
				if ok && !strings.Contains(string(text), `"name":"`+strings.TrimSuffix(name, "}")+`"`) {
					t.Errorf("%s %s: parameter %s is not described", method, path, part)
				}
			}
			problems := strings.Contains(string(text), problem)
			if strings.HasPrefix(path, "/v1/") && (!problems || len(op.Security) != 2) {
				t.Errorf("%s %s: problems %v, security %v", method, path, problems, op.Security)
			}
		}
	}
	for _, name := range []string{"Entry", "Call", "WholeCall", "Event", "Environment", "Problem"} {
		if d.Parts.Schemas[name] == nil {
			t.Errorf("no schema %s", name)
		}
	}
	if d.Parts.Schemas["ErrorModel"] != nil {
		t.Error("the errors of package huma are described; ours are another")
	}
	yaml := h.do(t, ask{method: "GET", path: "/openapi.yaml", key: "none"})
	if yaml.status != 200 || !strings.Contains(yaml.body, "openapi: 3.1.") {
		t.Errorf("/openapi.yaml = %d %.80s", yaml.status, yaml.body)
	}
}

func TestDocs(t *testing.T) {
	h := newHouse(t, nil)
	for _, path := range []string{
		"/docs", "/docs/", "/docs/docs.js", "/docs/docs.css", "/docs/swagger-ui.css",
		"/docs/swagger-ui-bundle.js", "/docs/LICENSE.txt", "/problems/", "/problems/listed",
	} {
		for _, encoding := range []string{"gzip", "identity"} {
			got := h.do(t, ask{
				method: "GET", path: path, key: "none",
				header: http.Header{"Accept-Encoding": {encoding}},
			})
			policy := got.header.Get("Content-Security-Policy")
			if got.status != 200 || !strings.Contains(policy, "default-src 'none'") ||
				strings.Contains(policy, "script-src 'unsafe") {
				t.Errorf("GET %s = %d, policy %q", path, got.status, policy)
			}
			if strings.Contains(path, "docs") && strings.HasSuffix(path, "docs") &&
				(strings.Contains(got.body, "http:") || strings.Contains(got.body, "https:")) {
				t.Errorf("GET %s needs the network: %s", path, got.body)
			}
		}
	}
	h.run(t, []row{
		{"GET", "/docs/nothing.js", "", 404, `/problems/not-found`, "", "none"},
		{"GET", "/problems/nothing", "", 404, `/problems/not-found`, "", "none"},
		{"GET", "/metrics", "", 200, `nocall_ready`, "", "none"},
	})
}

// Every problem that can be answered has a page that explains it.
func TestProblemsAreExplained(t *testing.T) {
	h := newHouse(t, nil)
	for _, name := range api.Problems() {
		got := h.do(t, ask{method: "GET", path: "/problems/" + name, key: "none"})
		if got.status != 200 || !strings.Contains(got.body, "<code>/problems/"+name+"</code>") {
			t.Errorf("/problems/%s = %d", name, got.status)
		}
	}
}

func TestManner(t *testing.T) {
	h := newHouse(t, nil)
	h.run(t, []row{
		{"GET", "/v1/nothing", "", 404, `/problems/not-found`, "", ""},
		{"GET", "/", "", 404, `/problems/not-found`, "", "none"},
		{"PUT", "~/entries", `{}`, 405, `/problems/method`, "", ""},
		{"DELETE", "/healthz", "", 405, `/problems/method`, "", "none"},
	})
	got := h.do(t, ask{method: "PUT", path: sandbox + "/entries"})
	allow := got.header.Get("Allow")
	if !strings.Contains(allow, "GET") || !strings.Contains(allow, "POST") {
		t.Errorf("Allow %q, want GET and POST", allow)
	}
	for _, form := range []string{
		"text/html", "application/x-www-form-urlencoded", "application/xml",
	} {
		for _, path := range []string{"/entries", "/check", "/calls"} {
			got := h.do(t, ask{
				method: "POST", path: sandbox + path, body: `{"number":"+14155550123"}`,
				header: http.Header{"Content-Type": {form}},
			})
			if got.status != 415 || got.text(t, "type") != "/problems/media-type" {
				t.Errorf("POST %s as %s = %d %s, want 415", path, form, got.status, got.body)
			}
		}
	}
	got = h.do(t, ask{
		method: "GET", path: sandbox + "/check/14155550123",
		header: http.Header{"X-Request-Id": {"abc-1"}},
	})
	for name, want := range map[string]string{
		"X-Request-Id": "abc-1", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Content-Type": "application/json", "Link": "",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
		}
	}
	got = h.do(t, ask{
		method: "GET", path: sandbox,
		header: http.Header{"X-Request-Id": {"+14155550123 and more"}},
	})
	if id := got.header.Get("X-Request-Id"); id == "" || strings.Contains(id, "1415") {
		t.Errorf("X-Request-Id %q, want one of our own", id)
	}
}
