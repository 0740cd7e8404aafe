package api_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nocall/internal/api"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

func TestCheck(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550123", "by mail")
	h.run(t, []row{
		{"GET", "~/check/14155550123", "", 200, `"verdict":"listed" & "entry":{"number":"+14155550123" & "reason":"by mail"`, "", "sandbox viewer"},
		{"GET", "~/check/%2B14155550124", "", 200, `"number":"+14155550124","verdict":"clear" & "as_of":"`, "entry", ""},
		{"GET", "~/check/+14155550123", "", 200, `"verdict":"listed"`, "", ""},
		{"GET", "~/check/+1%20(415)%20555-0123", "", 200, `"number":"+14155550123","verdict":"listed"`, "", ""},
		{"GET", "~/check/nobody", "", 422, `/problems/number & path.number`, "", ""},
		{"GET", "/v1/environments/production/check/14155550123", "", 200, `"verdict":"clear"`, "", "production viewer"},
		{
			"POST", "~/check", `{"numbers":["+14155550123","(415) 555","+1 415 555 0124","<&\u0001"]}`, 200,
			`{"results":[{"input":"+14155550123","number":"+14155550123","verdict":"listed"} & ` +
				`{"input":"(415) 555","number":null,"verdict":"invalid","detail":" & ` +
				`{"input":"+1 415 555 0124","number":"+14155550124","verdict":"clear"} & "as_of":"`, "", "",
		},
		{"POST", "~/check", `{"numbers":[]}`, 200, `{"results":[],"as_of":"`, "", ""},
		{"POST", "~/check", `{}`, 422, `body.numbers`, "", ""},
		{"POST", "~/check", `{"numbers":[1]}`, 422, `body.numbers`, "", ""},
		{"POST", "~/check", `{"numbers":["+14155550123"],"list":"x"}`, 422, `body.list`, "", ""},
		{"POST", "~/check", `{"numbers":["+14155550123"]} {}`, 400, `/problems/malformed`, "", ""},
		{"POST", "~/check", `{"numbers":["+141`, 400, `/problems/malformed`, "", ""},
		{"POST", "~/check", `{"numbers":[` + strings.Repeat(`"",`, 100_000) + `""]}`, 413, `100000`, "", ""},
		{"POST", "~/check", `{"numbers":["` + strings.Repeat("0", 8<<20) + `"]}`, 413, `/problems/too-large`, "", ""},
		{"PATCH", "~", `{"default_region":"US"}`, 200, `"default_region":"US"`, "", ""},
		{"POST", "~/check", `{"numbers":["(415) 555-0123"]}`, 200, `"number":"+14155550123","verdict":"listed"`, "", ""},
		{"GET", "~/check/(415)%20555-0123", "", 200, `"verdict":"listed"`, "", ""},
		{"GET", "~/check/3125550123", "", 422, `read as two numbers`, "", ""}, // Chicago, or +31
		{"GET", "~/check/+3125550123", "", 200, `+3125550123`, "", ""},
		{"GET", "~/check/13125550123", "", 200, `+13125550123`, "", ""},
		{"GET", "~/events?number=3125550123", "", 422, `query.number`, "", ""},
		{"POST", "~/entries", `{"number":"415.555.0170"}`, 201, `+14155550170`, "", ""},
		{"PATCH", "~", `{"default_region":null}`, 200, `"default_region":null`, "", ""},
		{"GET", "~/check/3125550123", "", 200, `+3125550123`, "", ""},
		{"GET", "~/check/(415)%20555-0123", "", 422, `/problems/number`, "", ""},
	})

	h.index.SetCurrent(false)
	h.run(t, []row{
		{"GET", "~/check/14155550124", "", 503, `/problems/unready`, "clear\"", ""},
		{"POST", "~/check", `{"numbers":["+14155550124"]}`, 503, `/problems/unready`, "", ""},
		{"GET", "/readyz", "", 503, `/problems/unready`, "", "none"},
		{"GET", "/healthz", "", 200, `ok`, "", "none"},
	})
	if got := h.do(t, ask{method: "GET", path: "/readyz"}); got.header.Get("Retry-After") == "" {
		t.Error("unready without Retry-After")
	}
	h.index.SetCurrent(true)
	h.run(t, []row{{"GET", "/readyz", "", 200, `ready`, "", "none"}})
}

func TestCheckAnswersInOrder(t *testing.T) {
	h := newHouse(t, nil)
	var asked struct {
		Numbers []string `json:"numbers"`
	}
	for i := range 5000 {
		n := fmt.Sprintf("+1415555%04d", i)
		if i%7 == 0 {
			h.list(t, n)
		}
		if i%11 == 0 {
			n = "x" + n
		}
		asked.Numbers = append(asked.Numbers, n)
	}
	body, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	got := h.do(t, ask{method: "POST", path: "/v1/environments/sandbox/check", body: string(body)})
	var answer struct {
		Results []struct{ Input, Number, Verdict, Detail string } `json:"results"`
	}
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
		t.Fatal(err)
	}
	for i, r := range answer.Results {
		want := "clear"
		switch {
		case i%11 == 0:
			want = "invalid"
		case i%7 == 0:
			want = "listed"
		}
		explained := r.Detail != ""
		if r.Input != asked.Numbers[i] || r.Verdict != want || explained != (want == "invalid") {
			t.Fatalf("result %d = %+v, want %s %s", i, r, asked.Numbers[i], want)
		}
	}
	if len(answer.Results) != 5000 {
		t.Errorf("%d results, want 5000", len(answer.Results))
	}
}

// list puts a number on the sandbox's list in memory alone, which is quick.
func (h *house) list(t testing.TB, text string) {
	t.Helper()
	n, err := e164.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	h.index.Apply(dnc.Event{
		Environment: "sandbox", Revision: h.revision.Add(1), Kind: dnc.Added, Number: n,
		CreatedBy: dnc.User, CreatedAt: at, At: at,
	})
}

// lines asks for a check of lines.
func (h *house) lines(t testing.TB, body io.Reader) *http.Response {
	t.Helper()
	return h.stream(t, "POST", "/v1/environments/sandbox/check", body)
}

// stream sends a request whose answer is read bit by bit.
func (h *house) stream(t testing.TB, method, path string, body io.Reader) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.web.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/plain")
	req.Header.Set("Authorization", "Bearer "+h.keys["sandbox viewer"])
	resp, err := h.web.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func TestCheckLines(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550123", "")
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"+14155550123\n+14155550124\n", "+14155550123,listed\n+14155550124,clear\n"},
		{"+14155550123\r\n+14155550124", "+14155550123,listed\n+14155550124,clear\n"},
		{"\n\n+1 (415) 555-0123\n", ",invalid\n,invalid\n+14155550123,listed\n"},
		{"ada, \"the\" countess\n", "\"ada, \"\"the\"\" countess\",invalid\n"},
		{"  +14155550123\t\n", "+14155550123,listed\n"},
	} {
		resp := h.lines(t, strings.NewReader(tt.in))
		got, err := io.ReadAll(resp.Body)
		if err != nil || string(got) != tt.want || resp.StatusCode != http.StatusOK {
			t.Errorf("check of %q = %d %q, %v; want %q", tt.in, resp.StatusCode, got, err, tt.want)
		}
	}

	resp := h.lines(t, strings.NewReader(strings.Repeat("1", 5000)))
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("check of a long line = %d, want 413", resp.StatusCode)
	}
	h.index.SetCurrent(false)
	resp = h.lines(t, strings.NewReader("+14155550124\n"))
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("check of lines while unready = %d, want 503", resp.StatusCode)
	}
}

// Many more lines than are held at once go through, in order, while the
// request is being sent.
func TestCheckLinesWithoutLimit(t *testing.T) {
	const many = 300_000
	h := newHouse(t, nil)
	for i := range 100 {
		h.list(t, fmt.Sprintf("+1415555%04d", i))
	}
	r, w := io.Pipe()
	var sent atomic.Int64
	go func() {
		b := bufio.NewWriter(w)
		for i := range many {
			fmt.Fprintf(b, "+1415%07d\n", 5550000+i)
			sent.Store(int64(i))
		}
		b.Flush() //nolint:errcheck // the reader says what is wrong
		w.Close()
	}()
	resp := h.lines(t, r)
	lines := bufio.NewScanner(resp.Body)
	got := 0
	for ; lines.Scan(); got++ {
		want := fmt.Sprintf("+1415%07d,clear", 5550000+got)
		if got < 100 {
			want = fmt.Sprintf("+1415%07d,listed", 5550000+got)
		}
		if lines.Text() != want {
			t.Fatalf("line %d = %q, want %q", got, lines.Text(), want)
		}
		if got == 1000 && sent.Load() > many-1000 {
			t.Error("the request was read whole before anything was answered")
		}
	}
	if got != many || lines.Err() != nil {
		t.Errorf("%d lines, %v; want %d", got, lines.Err(), many)
	}
}

// A client that asks one by one and waits is answered one by one; and one that
// was answered before the list became unready is not told that all is well.
func TestCheckLinesOneByOne(t *testing.T) {
	h := newHouse(t, nil)
	r, w := io.Pipe()
	got := make(chan *http.Response, 1)
	go func() { got <- h.lines(t, r) }()
	io.WriteString(w, "+14155550124\n+1415") //nolint:errcheck // the answer says so
	resp := <-got
	answers := bufio.NewReader(resp.Body)
	line, err := answers.ReadString('\n')
	if line != "+14155550124,clear\n" || err != nil {
		t.Fatalf("answer = %q, %v", line, err)
	}
	h.index.SetCurrent(false)
	io.WriteString(w, "5550125\n") //nolint:errcheck // as above
	rest, err := io.ReadAll(answers)
	if len(rest) != 0 || err == nil {
		t.Errorf("after the list became unready: %q, %v; want a broken connection", rest, err)
	}
	w.Close()
}

func TestExport(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550123", "by mail, twice")
	h.add(t, "+14155550124", "=1+1")
	_, _, err := h.List.Add(t.Context(), dnc.Entry{
		Environment: "sandbox", Number: e164.FromUint64(14155550170), CreatedBy: dnc.System,
		Reason: dnc.ReasonOptOut, CallID: "c1",
	})
	if err != nil {
		t.Fatal(err)
	}
	const path = "/v1/environments/sandbox/entries.csv"
	got := h.do(t, ask{method: "GET", path: path, key: "sandbox viewer"})
	lines := strings.Split(got.body, "\n")
	if len(lines) != 5 || lines[0] != "Phone Number,Created By,Date Added,Reason" ||
		!strings.HasPrefix(lines[1], "+14155550170,Fluents,20") ||
		!strings.HasSuffix(lines[1], "Z,"+dnc.ReasonOptOut) ||
		!strings.HasSuffix(lines[3], `Z,"by mail, twice"`) {
		t.Errorf("export = %q", lines)
	}
	if name := got.header.Get("Content-Disposition"); !strings.Contains(name, `"dnc-list-sandbox-20`) {
		t.Errorf("Content-Disposition %q", name)
	}
	h.run(t, []row{
		{"GET", path + "?search=0170", "", 200, "+14155550170,Fluents", "+14155550123", ""},
		{"GET", path + "?created_by=user", "", 200, "+14155550123,User", "Fluents", ""},
		{"GET", path + "?search=ada", "", 200, "Phone Number,", "+", ""},
		{"GET", path + "?safe=true", "", 200, "\n'+14155550123,User & ,'=1+1\n", "\n+", ""},
		{"GET", path + "?safe=perhaps", "", 422, "query.safe", "", ""},
		{"GET", path + "?created_by=ada", "", 422, "query.created_by", "", ""},
		{"GET", "/v1/environments/nowhere/entries.csv", "", 403, "/problems/forbidden", "", ""},
	})
}

// cutStore loses its database on the way through a list.
type cutStore struct {
	api.Store
	after int
}

func (s cutStore) EachEntry(
	_ context.Context, _ dnc.Environment, fn func(dnc.Entry) error,
) error {
	for i := range s.after {
		err := fn(dnc.Entry{Number: e164.FromUint64(uint64(14155550000 + i)), CreatedBy: dnc.User})
		if err != nil {
			return err
		}
	}
	return io.ErrUnexpectedEOF
}

func TestExportIsNeverCutInSilence(t *testing.T) {
	for _, after := range []int{0, 10_000} {
		h := newHouse(t, func(h *house) { h.Store = cutStore{h.store, after} })
		resp := h.stream(t, "GET", "/v1/environments/sandbox/entries.csv", http.NoBody)
		text, err := io.ReadAll(resp.Body)
		whole := resp.StatusCode == http.StatusOK && err == nil
		if whole || after == 0 && resp.StatusCode != http.StatusInternalServerError {
			t.Errorf("cut after %d entries: %d, %v, %d lines", after, resp.StatusCode, err,
				bytes.Count(text, []byte("\n")))
		}
	}
}
