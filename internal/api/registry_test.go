package api_test

import (
	"archive/zip"
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRegistries(t *testing.T) {
	h := newHouse(t, nil)
	today := time.Now().UTC().Format(time.DateOnly)
	old := time.Now().UTC().AddDate(0, 0, -32).Format(time.DateOnly)
	const versions = "/v1/registries/us-national/versions"
	h.run(t, []row{
		{"GET", "/v1/registries", "", 200, `"items":[] & "total":0`, "", "sandbox viewer"},
		{"GET", "/v1/registries/us-national", "", 404, `/problems/not-found`, "", ""},
		{"PATCH", "~", `{"registries":["us-national"]}`, 404, `/problems/not-found`, "", ""},
		{"POST", versions, "818,0000818\n", 403, `/problems/forbidden`, "", "sandbox member"},
		{"POST", versions, "818,0000818\n818,00008\n", 422, `/problems/invalid & line 2 & body`, "", ""},
		{"POST", versions + "?as_of=yesterday", "818,0000818\n", 422, `query.as_of`, "", ""},
		{"POST", versions + "?as_of=2999-01-01", "818,0000818\n", 422, `still to come`, "", ""},
		{"POST", versions + "?keep=x", "818,0000818\n", 422, `query.keep`, "", ""},
		{
			"POST", versions + "?file=a.txt", "818,0000818\n818,5550123\n", 201,
			`"numbers":2 & "areas":1 & "as_of":"` + today + `" & "by":"key admin" & "name":"a.txt" & "layout":"split" & "in_force":true`,
			"", "",
		},
		{"GET", "/v1/registries", "", 200, `"total":1 & "stale":false & "title":"US National Do Not Call Registry"`, "", "sandbox viewer"},
		{"GET", "/v1/registries/us-national/coverage", "", 200, `"area":"+1818","numbers":2,"as_of":"` + today, "", ""},
		{
			"GET", "/v1/registries/us-national/coverage.csv", "", 200,
			"Area Code,Numbers,As Of\n+1818,2," + today + "\n", "", "sandbox viewer",
		},
		{
			"GET", "/v1/registries/us-national/coverage.csv?safe=true", "", 200,
			"'+1818,2," + today, "", "",
		},
		{"GET", "/v1/registries/us-national/coverage.csv?safe=perhaps", "", 422, `query.safe`, "", ""},
		{"GET", "/v1/registries/nowhere/coverage.csv", "", 404, `/problems/not-found`, "", ""},
		{"GET", "~/check/18180000818", "", 200, `"verdict":"clear"`, "", ""},
		{"PATCH", "~", `{"registries":["us-national"]}`, 200, `"registries":["us-national"]`, "", ""},
		{"PATCH", "~", `{"hidden":false}`, 200, `"registries":["us-national"]`, "", ""},
		{"GET", "~/check/18180000818", "", 200, `"verdict":"registered","registry":"us-national"`, "", ""},
		{"GET", "~/check/12125550123", "", 200, `"verdict":"not_covered","registry":"us-national"`, "", ""},
		{"GET", "~/check/447700900123", "", 200, `"verdict":"clear"`, "registry", ""},
		{"GET", "/v1/environments/production/check/18180000818", "", 200, `"verdict":"clear"`, "", "production viewer"},
		{
			"POST", "~/check", `{"numbers":["+18180000818","+18180000819","+12125550123"]}`, 200,
			`"+18180000818","verdict":"registered" & "+18180000819","verdict":"clear" & "+12125550123","verdict":"not_covered"`, "", "",
		},
		{"POST", "~/calls", `{"number":"+18180000818"}`, 409, `/problems/registered & call_id`, "", ""},
		{"POST", "~/calls", `{"number":"+18180000818","provider":"external"}`, 409, `/problems/registered & call_id`, "", ""},
		{"GET", "~/calls", "", 200, `"disposition":"skipped" & "skip_reason":"registry" & "total":2`, "", ""},
		{"GET", "~/registries", "", 200, `"registry":"us-national","stale":"refuse","not_covered":"refuse"`, "", "sandbox viewer"},
		{"PUT", "~/registries/us-national", `{"not_covered":"allow"}`, 200, `"stale":"refuse","not_covered":"allow"`, "", ""},
		{"PUT", "~/registries/nowhere", `{}`, 404, ``, "", ""},
		{"PUT", "~/registries/us-national", `{"stale":"perhaps"}`, 422, ``, "", ""},
		{"GET", "~/check/12125550123", "", 200, `"verdict":"clear"`, "", ""},
		{"POST", versions + "?as_of=" + old, "818,0000818\n818,5550123\n", 201, `"as_of":"` + old, "", ""},
		{"GET", "~/check/18185550199", "", 200, `"verdict":"stale","registry":"us-national"`, "", ""},
		{"GET", "/v1/registries/us-national", "", 200, `"stale":true`, "", ""},
		{"POST", "/v1/registries/us-national/rollback", `{"version":"none"}`, 404, ``, "", ""},
		{"POST", "/v1/registries/us-national/rollback", `{}`, 200, `"as_of":"` + today, "", ""},
		{"GET", "~/check/18185550199", "", 200, `"verdict":"clear"`, "", ""},
		{"GET", versions, "", 200, `"total":2 & "kept":true`, "", ""},
		{"POST", versions, "818,0000818\n", 403, `/problems/forbidden`, "", "production admin"}, // only the sandbox uses it
		{"DELETE", "/v1/registries/us-national", "", 409, `/problems/conflict`, "", ""},
		{"DELETE", "~/registries/us-national", "", 204, ``, "", ""},
		{"DELETE", "~/registries/us-national", "", 404, ``, "", ""},
		{"PUT", "/v1/registries/texas", `{"title":"Texas","stale_after_days":93,"mapping":{"columns":["Phone"],"region":"US"}}`, 200, `"title":"Texas" & "version":null & "stale_after_days":93`, "", ""},
		{"PUT", "/v1/registries/Texas", `{}`, 422, `path.name`, "", ""},
		{"PUT", "/v1/registries/texas", `{"mapping":{"layout":"fixed"}}`, 422, `start`, "", ""},
		{"POST", "/v1/registries/texas/versions", "Zip;Phone\n78701;512-555-0123\n", 201, `"layout":"csv" & "numbers":1`, "", ""},
		{"POST", "/v1/environments", `{"name":"new","registries":["texas"]}`, 201, `"registries":["texas"]`, "", ""},
		{"POST", "/v1/environments", `{"name":"newer","registries":["nowhere"]}`, 404, `body.registries`, "", ""},
		{"DELETE", "/v1/registries/us-national", "", 204, ``, "", ""},
		{"GET", "/v1/registries", "", 200, `"total":1`, "us-national", ""},
	})
	// Whoever may see one environment does not see who else subscribes.
	got := h.do(t, ask{method: "GET", path: "/v1/registries/texas"})
	if !strings.Contains(got.body, `"subscribers":[]`) {
		t.Errorf("an admin of the sandbox sees %s; want no subscribers", got.body)
	}
}

// TestRegistryFiles sends files in the ways in which they may come.
func TestRegistryFiles(t *testing.T) {
	h := newHouse(t, nil)
	zipped := func(name, text string) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, f := range [][2]string{
		{"2026-8-5_818_A.zip", zipped("2026-8-5_818_A.txt", "818,0000818\n")},
		{"2026-8-6_212_B.txt", "212,0000212\n"},
	} {
		part, err := w.CreateFormFile("file", f[0])
		if err == nil {
			_, err = io.WriteString(part, f[1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := zipped("2026-8-5_818_A.txt", "818,0000818\n")
	for _, tt := range []struct {
		form, body string
		status     int
		contains   string
	}{
		{w.FormDataContentType(), form.String(), 201, `"as_of":"2026-08-05"`},
		{w.FormDataContentType(), form.String()[:form.Len()-2], 201, ``}, // the boundary is whole
		{w.FormDataContentType(), form.String()[:form.Len()-5], 400, `malformed`},
		{w.FormDataContentType(), form.String()[:form.Len()-80], 400, `malformed`},
		{w.FormDataContentType(), form.String()[:form.Len()-200], 400, `malformed`},
		{"application/zip", whole, 422, `+1212 was covered`},
		{"application/zip", whole[:len(whole)-1], 422, `not whole`},
		{"application/zip", zipped("2026-8-5_818_A.txt", "212,0000818\n"), 422, `in the file of +1818`},
	} {
		got := h.do(t, ask{
			method: "POST", path: "/v1/registries/us-national/versions", body: tt.body,
			header: http.Header{"Content-Type": {tt.form}},
		})
		if got.status != tt.status || !strings.Contains(got.body, tt.contains) {
			t.Errorf("%s of %d bytes: %d %s; want %d, %s", tt.form, len(tt.body), got.status,
				got.body, tt.status, tt.contains)
		}
	}
}

func TestExemptions(t *testing.T) {
	h := newHouse(t, nil)
	since := time.Now().UTC().AddDate(0, -1, 0).Format(time.DateOnly)
	until := time.Now().UTC().AddDate(0, 1, 0).Format(time.DateOnly)
	h.run(t, []row{
		{"POST", "/v1/registries/us-national/versions", "818,0000818\n818,0000819\n", 201, ``, "", ""},
		{"PATCH", "~", `{"registries":["us-national"]}`, 200, ``, "", ""},
		{"POST", "~/exemptions", `{"number":"+18180000818","ground":"consent","evidence":"form 8","since":"` + since + `"}`, 403, ``, "", "sandbox viewer"},
		{"POST", "~/exemptions", `{"number":"+18180000818","ground":"consent","evidence":"","since":"` + since + `"}`, 422, `evidence`, "", ""},
		{"POST", "~/exemptions", `{"number":"+18180000818","ground":"business_relationship","evidence":"x","since":"` + since + `"}`, 422, `until`, "", ""},
		{"POST", "~/exemptions", `{"number":"+18180000818","ground":"consent","evidence":"form 8","since":"` + since + `","registry":"nowhere"}`, 404, ``, "", ""},
		{"POST", "~/exemptions", `{"number":"+18180000818","ground":"business_relationship","evidence":"order 7","since":"` + since + `","until":"` + until + `"}`, 201, `"in_force":true & "by":"key member"`, "", "sandbox member"},
		{"GET", "~/check/18180000818", "", 200, `"verdict":"clear"`, "", ""},
		{"GET", "~/check/18180000819", "", 200, `"verdict":"registered"`, "", ""},
		{"GET", "~/exemptions?number=%2B18180000818", "", 200, `"total":1 & order 7`, "", ""},
		{"GET", "~/exemptions?number=%2B18180000819", "", 200, `"total":0`, "", ""},
		{"GET", "~/events?kind=exempted", "", 200, `"total":1 & order 7`, "", ""},
		{"POST", "~/entries", `{"number":"+18180000818"}`, 201, ``, "", ""},
		{"GET", "~/check/18180000818", "", 200, `"verdict":"listed"`, "", ""}, // an own opt-out is not lifted
		{"DELETE", "~/entries/18180000818", "", 204, ``, "", ""},
		{"DELETE", "~/exemptions/none", "", 404, ``, "", ""},
	})
	id := h.do(t, ask{method: "GET", path: "/v1/environments/sandbox/exemptions"}).get(t)
	first, _ := id["items"].([]any)[0].(map[string]any)
	path, _ := first["id"].(string)
	h.run(t, []row{
		{"DELETE", "/v1/environments/production/exemptions/" + path, "", 404, ``, "", "production admin"},
		{"DELETE", "~/exemptions/" + path, "", 200, `"in_force":false & "ended_by":"key admin"`, "", ""},
		{"GET", "~/check/18180000818", "", 200, `"verdict":"registered"`, "", ""},
		{"GET", "~/exemptions?limit=1", "", 200, `"total":1 & "ended_by"`, "", ""},
	})
}
