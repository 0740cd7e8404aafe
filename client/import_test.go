package client_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nocall/client"
)

// importServer answers an import with events, and says on which query.
func importServer(t *testing.T, events string) *client.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		name := r.URL.RawQuery + " " + string(text)
		io.WriteString(w, strings.ReplaceAll(events, "ASKED", name)) //nolint:errcheck // a test
	}))
	t.Cleanup(s.Close)
	return &client.Client{Server: s.URL, Environment: "sandbox"}
}

func TestImportEntries(t *testing.T) {
	c := importServer(t, "event: progress\ndata: {\"state\":\"reading\",\"rows\":7}\n\n"+
		"event: done\ndata: {\"import_id\":\"i_1\",\"added\":2,\"name\":\"ASKED\"}\n\n")
	told := int64(0)
	got, err := c.ImportEntries(t.Context(), strings.NewReader("+1415"), client.ImportOptions{
		Name: "May", Columns: []string{"a", "2"}, Region: "US", DryRun: true,
		Progress: func(p client.ImportProgress) { told = p.Rows },
	})
	const want = "column=a&column=2&dry_run=true&name=May&region=US +1415"
	if err != nil || got.ID != "i_1" || got.Added != 2 || got.Name != want || told != 7 {
		t.Errorf("ImportEntries = %+v, %v, told of %d rows; want %q and 7", got, err, told, want)
	}
}

// An answer without its end is no answer, and one that refuses says why.
func TestImportEntriesRefused(t *testing.T) {
	c := importServer(t, "event: progress\ndata: {}\n\n")
	if _, err := c.ImportEntries(t.Context(), nil, client.ImportOptions{}); err == nil {
		t.Error("ImportEntries took an answer that does not say what came of it")
	}
	c = importServer(t, "event: problem\ndata: {\"status\":422,\"detail\":\"line 2\"}\n\n")
	_, err := c.ImportEntries(t.Context(), nil, client.ImportOptions{})
	if !errors.Is(err, client.ErrInvalid) || err.Error() != "line 2" {
		t.Errorf("ImportEntries of what is no list: %v; want ErrInvalid, line 2", err)
	}
}
