package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"nocall/client"
)

// scrubServer gives back what it is sent, and its query, and says counts.
func scrubServer(t *testing.T, counts string) *client.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("rows") == "none" {
			io.WriteString(w, counts) //nolint:errcheck // a test
			return
		}
		w.Header().Set("Trailer", "Scrub-Counts")
		io.WriteString(w, r.URL.RawQuery+"\n") //nolint:errcheck // a test
		io.Copy(w, r.Body)                     //nolint:errcheck // a test
		if counts != "" {
			w.Header().Set("Scrub-Counts", counts)
		}
	}))
	t.Cleanup(s.Close)
	return &client.Client{Server: s.URL, Environment: "sandbox"}
}

func TestScrub(t *testing.T) {
	const counts = `{"rows":3,"clear":1,"listed":1,"invalid":1,"columns":["phone","mobile"]}`
	c := scrubServer(t, counts)
	var got strings.Builder
	found, err := c.Scrub(t.Context(), strings.NewReader("phone\n"), &got, client.ScrubOptions{
		Rows: client.ClearRows, Columns: []string{"phone", "mobile"}, Region: "US", Verdict: "Why",
	})
	const want = "column=phone&column=mobile&region=US&rows=clear&verdict=Why\nphone\n"
	if err != nil || got.String() != want {
		t.Errorf("Scrub wrote %q, %v; want %q", got.String(), err, want)
	}
	if found.Rows != 3 || !slices.Equal(found.Columns, []string{"phone", "mobile"}) {
		t.Errorf("Scrub found %+v, want %s", found, counts)
	}
	found, err = c.Scrub(t.Context(), strings.NewReader(""), io.Discard,
		client.ScrubOptions{Rows: client.NoRows})
	if err != nil || found.Invalid != 1 {
		t.Errorf("Scrub for counts = %+v, %v", found, err)
	}
}

// An answer without its end is no answer.
func TestScrubCutShort(t *testing.T) {
	c := scrubServer(t, "")
	_, err := c.Scrub(t.Context(), strings.NewReader(""), io.Discard, client.ScrubOptions{})
	if err == nil {
		t.Error("Scrub took an answer that does not say what was found")
	}
}
