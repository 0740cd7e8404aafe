package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

const scrubPath = "/v1/environments/sandbox/scrub"

// scrub sends a file of contacts, and returns the answer with its trailer.
func (h *house) scrub(t *testing.T, query, file string) (status int, body, counts string) {
	t.Helper()
	resp := h.stream(t, "POST", scrubPath+query, strings.NewReader(file))
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text), resp.Trailer.Get("Scrub-Counts")
}

func TestScrub(t *testing.T) {
	h := newHouse(t, nil)
	h.add(t, "+14155550123", "")
	const (
		header = "Name;Phone\r\n"
		ann    = "\"Ann; the \"\"first\"\"\";+1 (415) 555-0123\r\n"
		bob    = "Bob;+14155550124\r\n"
		nobody = "Nobody;\r\n"
		counts = `{"rows":3,"clear":1,"listed":1,"registered":0,"invalid":1,"columns":["Phone"]}`
	)
	for _, tt := range []struct{ query, want string }{
		{"", header + ann + bob + nobody},
		{"?rows=all", header + ann + bob + nobody},
		{"?rows=clear", header + bob},
		{"?rows=suppressed&column=phone", header + ann + nobody},
		{"?rows=suppressed&verdict=Why", "Name;Phone;Why\r\n" +
			strings.TrimSuffix(ann, "\r\n") + ";listed\r\nNobody;;invalid\r\n"},
	} {
		status, got, found := h.scrub(t, tt.query, header+ann+bob+nobody)
		if status != http.StatusOK || got != tt.want || found != counts {
			t.Errorf("scrub%s = %d %q, trailer %s; want %q, %s",
				tt.query, status, got, found, tt.want, counts)
		}
	}
	if _, got, _ := h.scrub(t, "?rows=none", header+ann+bob+nobody); got != counts+"\n" {
		t.Errorf("scrub?rows=none = %s, want %s", got, counts)
	}
	_, got, _ := h.scrub(t, "?region=US&rows=clear", "phone\n(415) 555-0123\n415 555 0125\n")
	if want := "phone\n415 555 0125\n"; got != want {
		t.Errorf("scrub?region=US = %q, want %q", got, want)
	}
}

// What cannot be scrubbed is refused, and says what would be right.
func TestScrubRefuses(t *testing.T) {
	h := newHouse(t, nil)
	for _, tt := range []struct {
		query, file string
		status      int
		detail      string
	}{
		{"", "", 422, "want a header"},
		{"", "name,age\nAnn,7\n", 422, "no column with phone numbers"},
		{"?column=mobile", "phone\n+14155550123\n", 422, `no column \"mobile\"`},
		{"", "phone\n\"+14155550123\n", 422, "line 2"},
		{"", "\xff\xfep\x00h", 422, "middle of a character"},
		{"?rows=some", "phone\n", 422, "want all, clear, suppressed or none"},
		{"?region=Mars", "phone\n", 422, "country code"},
	} {
		status, got, _ := h.scrub(t, tt.query, tt.file)
		if status != tt.status || !strings.Contains(got, tt.detail) {
			t.Errorf("scrub%s of %q = %d %s; want %d with %q",
				tt.query, tt.file, status, got, tt.status, tt.detail)
		}
	}
	got := h.do(t, ask{method: "POST", path: scrubPath, body: "{}"})
	if got.status != http.StatusUnsupportedMediaType {
		t.Errorf("scrub of JSON = %d, want 415", got.status)
	}
	h.index.SetCurrent(false)
	if status, got, _ := h.scrub(t, "", "phone\n+14155550124\n"); status != 503 {
		t.Errorf("scrub while unready = %d %s, want 503", status, got)
	}
}

// A file that is larger than what is held of it comes back while it is sent,
// and breaks off where it cannot be read to its end.
func TestScrubWithoutLimit(t *testing.T) {
	const many = 600_000
	h := newHouse(t, nil)
	for i := range 50 {
		h.add(t, fmt.Sprintf("+1415555%04d", i), "")
	}
	r, w := io.Pipe()
	var sent atomic.Int64
	go func() {
		b := bufio.NewWriter(w)
		fmt.Fprintln(b, "id,phone")
		for i := range many {
			fmt.Fprintf(b, "%d,+1415%07d\n", i, 5550000+i)
			sent.Store(int64(i))
		}
		fmt.Fprint(b, `"`)
		b.Flush() //nolint:errcheck // the reader says what is wrong
		w.Close()
	}()
	resp := h.stream(t, "POST", scrubPath+"?rows=clear", r)
	rows := bufio.NewScanner(resp.Body)
	got := -1 // the header
	for ; rows.Scan(); got++ {
		want := fmt.Sprintf("%d,+1415%07d", 50+got, 5550050+got)
		if got >= 0 && !strings.HasPrefix(want, rows.Text()) { // the last one may be cut
			t.Fatalf("row %d = %q, want %q", got, rows.Text(), want)
		}
		if got == 0 && sent.Load() > many-1000 {
			t.Error("the request was read whole before anything was answered")
		}
	}
	if rows.Err() == nil || got > many {
		t.Errorf("%d rows and %v of a file that ends in a quoted field; want a broken connection",
			got, rows.Err())
	}
	if found := resp.Trailer.Get("Scrub-Counts"); found != "" {
		t.Errorf("a broken answer has the trailer %q", found)
	}
}
