package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nocall/client"
)

// answer is what a server answers to one request.
type answer struct {
	status int
	header http.Header
	body   string
	err    error // the connection fails
}

// script is a server that answers what it was told, one after the other, and
// notes what it was asked.
type script struct {
	mu      sync.Mutex // guards following
	answers []answer
	asked   []*http.Request
	bodies  []string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.asked, s.bodies = append(s.asked, r), append(s.bodies, string(body))
	if len(s.answers) == 0 {
		return nil, errors.New("script is at its end")
	}
	a := s.answers[0]
	s.answers = s.answers[1:]
	if a.err != nil {
		return nil, a.err
	}
	if a.header == nil {
		a.header = http.Header{"Content-Type": {"application/json"}}
	}
	return &http.Response{
		StatusCode: a.status, Status: fmt.Sprint(a.status), Header: a.header, Request: r,
		Body: io.NopCloser(strings.NewReader(a.body)),
	}, nil
}

func newClient(answers ...answer) (*client.Client, *script) {
	s := &script{answers: answers}
	return &client.Client{
		Server: "http://nocall.test/", Key: "nocall_sandbox_id_random",
		HTTP: &http.Client{Transport: s},
	}, s
}

func problem(status int, kind, detail string) answer {
	return answer{
		status: status, header: http.Header{"Content-Type": {"application/problem+json"}},
		body: fmt.Sprintf(`{"type":"/problems/%s","title":"T","status":%d,"detail":%q}`,
			kind, status, detail),
	}
}

// TestRequests holds what each method asks for against the contract.
func TestRequests(t *testing.T) {
	const base = "/v1/environments/sandbox"
	yes := true
	for want, ask := range map[string]func(ctx context.Context, c *client.Client) error{
		"POST " + base + `/entries {"number":"+14155550123","reason":"r"} idempotent`: func(
			ctx context.Context, c *client.Client,
		) error {
			_, _, err := c.Add(ctx, "+14155550123", "r")
			return err
		},
		"GET " + base + "/entries?created_by=system&limit=7&search=%28415%29&sort=number": func(
			ctx context.Context, c *client.Client,
		) error {
			_, err := c.Entries(ctx, client.EntryQuery{
				Search: "(415)", CreatedBy: client.System, Sort: "number", Limit: 7,
			})
			return err
		},
		"DELETE " + base + "/entries/+14155550123": func(
			ctx context.Context, c *client.Client,
		) error {
			return c.Remove(ctx, "+14155550123")
		},
		"GET " + base + "/check/1%2F..%2F..": func(ctx context.Context, c *client.Client) error {
			_, err := c.Check(ctx, "1/../..")
			return err
		},
		"POST " + base + `/numbers {"number":"+1415","provider":"trunk","pace":{"calls":2}} idempotent`: func(
			ctx context.Context, c *client.Client,
		) error {
			_, err := c.AddNumber(ctx, client.NumberSettings{
				Number: "+1415", Provider: "trunk", Pace: &client.NumberPace{Calls: 2},
			})
			return err
		},
		"PATCH " + base + `/numbers/+1415 {"pace":{}}`: func(
			ctx context.Context, c *client.Client,
		) error {
			_, err := c.SetNumber(ctx, "+1415", client.NumberSettings{
				Pace: new(client.NumberPace),
			})
			return err
		},
		"DELETE " + base + "/numbers/+1415": func(
			ctx context.Context, c *client.Client,
		) error {
			return c.RemoveNumber(ctx, "+1415")
		},
		"POST " + base + `/calls {"number":"+14155550123","opt_out_detection":true} idempotent`: func(
			ctx context.Context, c *client.Client,
		) error {
			_, err := c.Place(ctx, client.Placing{Number: "+14155550123", OptOutDetection: &yes})
			return err
		},
		"POST " + base + `/calls/c1/turns {"speaker":"contact","text":"stop"} idempotent`: func(
			ctx context.Context, c *client.Client,
		) error {
			_, err := c.Turn(ctx, "c1", client.Turn{Speaker: client.Contact, Text: "stop"})
			return err
		},
		"DELETE /v1/environments/old?confirm=old": func(
			ctx context.Context, c *client.Client,
		) error {
			return c.RemoveEnvironment(ctx, "old")
		},
	} {
		c, s := newClient(answer{status: 200, body: "{}"})
		if err := ask(t.Context(), c); err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		r := s.asked[0]
		got := r.Method + " " + r.URL.RequestURI()
		if s.bodies[0] != "" {
			got += " " + s.bodies[0]
		}
		if r.Header.Get("Idempotency-Key") != "" {
			got += " idempotent"
		}
		if got != want {
			t.Errorf("asked\n%s; want\n%s", got, want)
		}
		if auth := r.Header.Get("Authorization"); auth != "Bearer nocall_sandbox_id_random" {
			t.Errorf("%s: Authorization %q", want, auth)
		}
	}
}

func TestProblem(t *testing.T) {
	for _, test := range []struct {
		answer answer
		is     error
		text   string
	}{
		{problem(409, "listed", "not called"), client.ErrListed, "not called"},
		{problem(409, "listed", "not called"), client.ErrConflict, "not called"},
		{problem(503, "unready", "wait"), client.ErrUnready, "wait"},
		{problem(404, "not-listed", "no"), client.ErrNotFound, "no"},
		{problem(401, "unknown", "no"), client.ErrKey, "no"},
		{problem(403, "forbidden", "no"), client.ErrDenied, "no"},
		{problem(422, "number", "no"), client.ErrInvalid, "no"},
		{problem(429, "too-many", "no"), client.ErrTooMany, "no"},
		{answer{status: 404, body: "<html>"}, client.ErrNotFound, `the server answered "404"`},
	} {
		c, _ := newClient(test.answer)
		_, err := c.Check(t.Context(), "+14155550123")
		var p *client.Problem
		if !errors.As(err, &p) || !errors.Is(err, test.is) || err.Error() != test.text {
			t.Errorf("%v: error %v; want %q that is %v", test.answer, err, test.text, test.is)
		}
	}
	p := client.Problem{Detail: "not acceptable", Errors: []client.FieldError{
		{Location: "body.number", Message: "want + and digits"}, {Message: "acceptable"},
	}}
	if got, want := p.Error(), "not acceptable (body.number: want + and digits)"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

// TestMissing sends no request that names nothing, or somewhere else.
func TestMissing(t *testing.T) {
	for _, number := range []string{"", ".", ".."} {
		c, s := newClient(answer{status: 200, body: "{}"})
		err := c.Remove(t.Context(), number)
		if !errors.Is(err, client.ErrInvalid) || len(s.asked) > 0 {
			t.Errorf("Remove(%q) = %v, asked %d times", number, err, len(s.asked))
		}
	}
	c := &client.Client{Server: "http://nocall.test", Key: "secret"}
	if _, err := c.Check(t.Context(), "1"); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("Check in no environment: %v", err)
	}
}

// TestTries sends requests again only where that does no harm, and waits as
// the server says.
func TestTries(t *testing.T) {
	lost := answer{err: errors.New("connection reset")}
	later := func(status int, seconds string) answer {
		a := problem(status, "later", "come back")
		a.header.Set("Retry-After", seconds)
		return a
	}
	ok := answer{status: 200, body: "{}"}
	check := func(ctx context.Context, c *client.Client) error {
		_, err := c.Check(ctx, "1")
		return err
	}
	add := func(ctx context.Context, c *client.Client) error {
		_, _, err := c.Add(ctx, "1", "")
		return err
	}
	remove := func(ctx context.Context, c *client.Client) error { return c.Remove(ctx, "1") }
	for _, test := range []struct {
		name    string
		do      func(ctx context.Context, c *client.Client) error
		answers []answer
		asked   int
		fails   bool
		waits   time.Duration // at least
	}{
		{"a lost read", check, []answer{lost, lost, ok}, 3, false, 0},
		{"a lost add", add, []answer{lost, ok}, 2, false, 0},
		{"a lost removal", remove, []answer{lost, ok}, 1, true, 0},
		{"always lost", check, []answer{lost, lost, lost, lost, ok}, 4, true, 0},
		{"asked to wait", check, []answer{later(429, "3"), ok}, 2, false, 3 * time.Second},
		{"asked to wait before a removal", remove, []answer{later(429, "1"), ok}, 2, false, 1},
		{"asked to wait for long", check, []answer{later(429, "60"), ok}, 1, true, 0},
		{"not ready", check, []answer{problem(503, "unready", "wait"), ok}, 1, true, 0},
		{"a proxy's fault", add, []answer{{status: 502}, ok}, 2, false, 0},
		{"a refusal", add, []answer{problem(422, "number", "no"), ok}, 1, true, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, s := newClient(test.answers...)
				begin := time.Now()
				err := test.do(t.Context(), c)
				if (err != nil) != test.fails {
					t.Errorf("error %v, want one: %v", err, test.fails)
				}
				if len(s.asked) != test.asked {
					t.Errorf("asked %d times, want %d", len(s.asked), test.asked)
				}
				if waited := time.Since(begin); waited < test.waits {
					t.Errorf("waited %v, want at least %v", waited, test.waits)
				}
				key := s.asked[0].Header.Get("Idempotency-Key")
				for _, r := range s.asked {
					if r.Header.Get("Idempotency-Key") != key {
						t.Error("Idempotency-Key changed from one try to the next")
					}
				}
			})
		})
	}
}

func TestPatienceEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		a := problem(503, "unready", "wait")
		a.header.Set("Retry-After", "2")
		c, _ := newClient(a)
		if _, err := c.Check(ctx, "1"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Check with little time: %v", err)
		}
	})
}

func TestAll(t *testing.T) {
	c, s := newClient(
		answer{status: 200, body: `{"items":[{"number":"+1"},{"number":"+2"}],"next_cursor":"x"}`},
		answer{status: 200, body: `{"items":[{"number":"+3"}],"next_cursor":null}`},
	)
	var got []string
	for e, err := range c.AllEntries(t.Context(), client.EntryQuery{Search: "1"}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Number)
	}
	if want := "[+1 +2 +3]"; fmt.Sprint(got) != want {
		t.Errorf("AllEntries gave %v, want %v", got, want)
	}
	if q := s.asked[1].URL.RawQuery; q != "cursor=x&search=1" {
		t.Errorf("second page asked with %q", q)
	}
}

func TestCheckMany(t *testing.T) {
	c, _ := newClient(answer{status: 200, body: `{"results":[{"verdict":"clear"}]}`})
	if _, err := c.CheckMany(t.Context(), []string{"1", "2"}); err == nil {
		t.Error("CheckMany took one result for two numbers")
	}
}

func TestCheckLines(t *testing.T) {
	c, _ := newClient(
		answer{status: 200, body: "+14155550123,listed\na,b,invalid\n+14155550124,clear\n"},
		answer{status: 200, body: "+14155550123,clear\n+14155550124,perhaps\n"},
	)
	var got []client.Result
	for r, err := range c.CheckLines(t.Context(), strings.NewReader("x")) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	want := []client.Result{
		{Input: "+14155550123", Number: "+14155550123", Verdict: client.Listed},
		{Input: "a,b", Verdict: client.Invalid},
		{Input: "+14155550124", Number: "+14155550124", Verdict: client.Clear},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("CheckLines gave %v, want %v", got, want)
	}
	var last error
	for _, last = range c.CheckLines(t.Context(), strings.NewReader("x")) {
		continue
	}
	if last == nil {
		t.Error("CheckLines took a verdict that there is not")
	}
}

// TestCheckLinesStreams reads answers while it still asks.
func TestCheckLinesStreams(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		if err := rc.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		buf := make([]byte, 64)
		for {
			n, err := r.Body.Read(buf)
			if n > 0 {
				fmt.Fprintf(w, "%s,clear\n", bytes.TrimSpace(buf[:n]))
				if err := rc.Flush(); err != nil {
					t.Error(err)
				}
			}
			if err != nil {
				return
			}
		}
	}))
	defer server.Close()
	c := &client.Client{Server: server.URL, Environment: "sandbox"}
	r, w := io.Pipe()
	go fmt.Fprintln(w, "+14155550100")
	asked := 0
	for _, err := range c.CheckLines(t.Context(), r) {
		if err != nil {
			t.Fatal(err)
		}
		if asked++; asked == 3 {
			w.Close()
			continue
		}
		if asked < 3 {
			go fmt.Fprintln(w, "+14155550100")
		}
	}
	if asked != 3 {
		t.Errorf("got %d answers, want 3", asked)
	}
}

func TestExport(t *testing.T) {
	c, s := newClient(answer{status: 200, body: "Phone Number\n+14155550123\n"})
	var out bytes.Buffer
	n, err := c.Export(t.Context(), &out, client.EntryQuery{Search: "415"}, true)
	if err != nil || n != int64(out.Len()) || !strings.Contains(out.String(), "+14155550123") {
		t.Errorf("Export wrote %d bytes, %q, %v", n, out.String(), err)
	}
	uri := s.asked[0].URL.RequestURI()
	if !strings.HasSuffix(uri, "/entries.csv?safe=true&search=415") {
		t.Errorf("asked for %s", uri)
	}
}
