package cli

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nocall/client"
)

// asked runs the program against a server that answers with body, and returns
// what it was asked with the result.
func asked(t *testing.T, status int, body, stdin string, args ...string) (string, result) {
	t.Helper()
	var asked []string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var text bytes.Buffer
		text.ReadFrom(r.Body) //nolint:errcheck // a test
		asked = append(asked, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+text.String()))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		w.Write([]byte(body)) //nolint:errcheck // a test
	}))
	defer web.Close()
	env := []string{"NOCALL_SERVER=" + web.URL, "NOCALL_KEY=nocall_e_i_r"}
	got := invoke(t, stdin, env, args...)
	return strings.ReplaceAll(strings.Join(asked, "\n"), "/v1/environments/e/campaigns", "~"), got
}

func TestCampaignNew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "settings.json")
	err := os.WriteFile(file, []byte(`{"provider":"trunk","retry":{"max_attempts":2},
		"window":{"weekly":[{"days":["mon"],"from":"09:00","to":"19:00"}]}}`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ args, want string }{
		{"demo", `POST ~ {"name":"demo","provider":"simulator"}`},
		{
			"-caller-id +14155550100 -caller-id +14155550101 -max-attempts 3 -delay 30m,4h demo",
			`POST ~ {"name":"demo","provider":"simulator","caller_ids":["+14155550100","+14155550101"],` +
				`"retry":{"max_attempts":3,"delays":["30m","4h"]}}`,
		},
		{
			"-settings " + file + " -agent bot -per-second 2.5 demo",
			`POST ~ {"name":"demo","provider":"trunk","agent":"bot",` +
				`"window":{"weekly":[{"days":["mon"],"from":"09:00","to":"19:00"}]},` +
				`"retry":{"max_attempts":2},"pace":{"per_second":2.5}}`,
		},
	} {
		ask, got := asked(t, 201, `{"id":"c1"}`, "",
			append([]string{"campaign", "new"}, strings.Fields(tt.args)...)...)
		if ask != tt.want || got.status != 0 || got.stdout != "c1\n" {
			t.Errorf("campaign new %s asked\n%s; want\n%s\n%+v", tt.args, ask, tt.want, got)
		}
	}
	ask, got := asked(t, 201, `{}`, `{"colour":"red"}`, "campaign", "new", "-settings", "-", "demo")
	if ask != "" || got.status != 1 || !strings.Contains(got.stderr, "colour") {
		t.Errorf("settings that are not known asked %q: %+v", ask, got)
	}
}

func TestCampaignContacts(t *testing.T) {
	ask, got := asked(t, 200, `{"accepted":2,"duplicate":1,"listed":1,"invalid_total":3,
		"invalid":[{"line":4,"input":"nobody","detail":"want digits"}]}`,
		"Tel\n+14155550101\n", "campaign", "contacts", "-column", "Tel", "c1", "-")
	if ask != "POST ~/c1/contacts?column=Tel Tel\n+14155550101" || got.status != 1 ||
		got.stdout != "2 accepted, 1 duplicate, 3 invalid, 1 listed\n" ||
		got.stderr != "line 4: nobody: want digits\nand 2 lines more\n" {
		t.Errorf("asked %q: %+v", ask, got)
	}
	_, got = asked(t, 200, `{}`, "", "campaign", "contacts", "c1", "/nowhere/at/all.csv")
	if got.status != 1 || !strings.Contains(got.stderr, "read contacts") {
		t.Errorf("a file that is not there: %+v", got)
	}
}

const done = `{"state":"finished","contacts":{"total":5,"waiting":0,"active":0,"done":5},
	"dispositions":{"answered":2,"busy":0,"skipped":2,"recalled":1},
	"skipped":{"dnc":3},"opted_out":1}`

func TestCampaignProgress(t *testing.T) {
	const line = "finished  5 of 5 done  answered 2, skipped 2, recalled 1 (dnc 3)  1 opted out\n"
	for _, args := range []string{"progress c1", "progress -wait c1"} {
		ask, got := asked(t, 200, done, "",
			append([]string{"campaign"}, strings.Fields(args)...)...)
		if ask != "GET ~/c1/progress" || got.stdout != line || got.stderr != "" {
			t.Errorf("campaign %s asked %q: %+v", args, ask, got)
		}
	}
	_, got := asked(t, 200, done, "", "campaign", "progress", "-json", "c1")
	if !strings.HasPrefix(got.stdout, `{"state":"finished","contacts":{"total":5,`) {
		t.Errorf("campaign progress -json: %+v", got)
	}
}

func TestBar(t *testing.T) {
	var w bytes.Buffer
	b := bar{w: &w, shown: true}
	var p client.Progress
	b.draw(p)
	p.Contacts.Total, p.Contacts.Done, p.Contacts.Active, p.OptedOut = 10, 5, 2, 1
	b.draw(p)
	b.clear()
	const want = "\r[------------------------------] 0 of 0  0 being called, 0 opted out" +
		"\r[###############---------------] 5 of 10  2 being called, 1 opted out\r"
	if got := w.String(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, " \r") {
		t.Errorf("drew %q, want %q and then nothing", got, want)
	}
	w.Reset()
	hidden := bar{w: &w}
	hidden.draw(p)
	hidden.clear()
	if w.Len() > 0 {
		t.Errorf("drew %q where nobody watches", w.String())
	}
}
