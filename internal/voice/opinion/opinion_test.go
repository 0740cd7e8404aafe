package opinion_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nocall/internal/optout"
	"nocall/internal/voice"
	"nocall/internal/voice/opinion"
)

var turns = []voice.Turn{
	{Index: 4, Speaker: optout.Agent, Text: "Shall I go on?"},
	{Index: 5, Speaker: optout.Contact, Text: "Leave me alone, would you?"},
}

var finding = voice.Finding{Finding: optout.Finding{
	Verdict: optout.Review, Turn: 5, Phrase: "leave_alone", Quote: "Leave me alone", Language: "en",
}}

// A service answers as it is told to, and keeps what it was asked.
type service struct {
	answer string
	status int
	asked  []byte
	header http.Header
	path   string
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked, _ = io.ReadAll(r.Body)
	s.header, s.path = r.Header, r.URL.Path
	if s.status == http.StatusFound {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(s.status)
	io.WriteString(w, s.answer)
}

func ask(t *testing.T, s *service, model string) (voice.Opinion, error) {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	o, err := opinion.New(server.URL, "secret", model)
	if err != nil {
		t.Fatal(err)
	}
	return o.Ask(t.Context(), turns, finding)
}

func TestProgram(t *testing.T) {
	s := &service{status: 200, answer: `{"opt_out":true,"quote":"leave me alone"}`}
	got, err := ask(t, s, "")
	if err != nil || !got.OptOut || got.Quote != "leave me alone" || got.By != "127.0.0.1" {
		t.Errorf("Ask = %+v, %v", got, err)
	}
	want := `{"turns":[{"speaker":"agent","text":"Shall I go on?"},` +
		`{"speaker":"contact","text":"Leave me alone, would you?"}],"turn":1,` +
		`"quote":"Leave me alone","language":"en","phrase":"leave_alone"}`
	if string(s.asked) != want || s.header.Get("Authorization") != "Bearer secret" {
		t.Errorf("was asked\n%s\nwith %v; want\n%s", s.asked, s.header, want)
	}
}

func TestChat(t *testing.T) {
	content, _ := json.Marshal("```json\n{\"opt_out\": false, \"quote\": \"\"}\n```")
	s := &service{status: 200, answer: fmt.Sprintf(
		`{"choices":[{"message":{"role":"assistant","content":%s}}]}`, content)}
	got, err := ask(t, s, "small-model")
	if err != nil || got.OptOut || got.By != "small-model" {
		t.Errorf("Ask = %+v, %v", got, err)
	}
	var asked struct {
		Model    string
		Messages []struct{ Role, Content string }
	}
	if err := json.Unmarshal(s.asked, &asked); err != nil || asked.Model != "small-model" ||
		len(asked.Messages) != 2 || asked.Messages[0].Role != "system" ||
		!strings.Contains(asked.Messages[1].Content, "Leave me alone, would you?") ||
		s.path != "/v1/chat/completions" {
		t.Errorf("was asked %s at %s, %v", s.asked, s.path, err)
	}
}

func TestNonsense(t *testing.T) {
	for _, c := range []struct {
		answer string
		status int
		model  string
	}{
		{`{"opt_out":true,"quote":"x"}`, 500, ""},
		{`{"opt_out":true,"quote":"x"}`, http.StatusFound, ""}, // it is not followed
		{``, 200, ""},
		{`{"quote":"stop"}`, 200, ""},
		{`{"opt_out":"yes"}`, 200, ""},
		{`[true]`, 200, ""},
		{`{"opt_out":true,"quote":"` + strings.Repeat("x", 3000) + `"}`, 200, ""},
		{`{"opt_out":true,"quote":"` + strings.Repeat("x", 100_000) + `"}`, 200, ""},
		{`{"choices":[]}`, 200, "m"},
		{`{"choices":[{"message":{"content":"I think so"}}]}`, 200, "m"},
	} {
		_, err := ask(t, &service{status: c.status, answer: c.answer}, c.model)
		if err == nil {
			t.Errorf("status %d, answer %.40q: no error", c.status, c.answer)
			continue
		}
		text := err.Error()
		if strings.Contains(text, "Leave") || strings.Contains(text, "secret") {
			t.Errorf("answer %.40q: the error tells too much: %v", c.answer, err)
		}
	}
}

func TestNew(t *testing.T) {
	for _, bad := range []string{"", "ftp://x", "https://", "https://u:p@x", ":", "x"} {
		if _, err := opinion.New(bad, "", ""); err == nil {
			t.Errorf("New(%q): no error", bad)
		}
	}
	if _, err := opinion.New("https://x", "a\nb", ""); err == nil {
		t.Error("New with a key of two lines: no error")
	}
	o, err := opinion.New("http://127.0.0.1:1", "", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := o.Ask(ctx, turns, finding); err == nil {
		t.Error("Ask of nobody: no error")
	}
}
