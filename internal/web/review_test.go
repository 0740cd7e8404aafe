package web

import (
	"net/http"
	"strings"
	"testing"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

// doubtful is a detector for which "leave me alone" is in doubt whatever the
// phrases say, so that the tests of the page do not depend on them.
type doubtful struct{ *optout.Detector }

func (d doubtful) doubt(turns []optout.Turn, o optout.Options) (optout.Finding, bool) {
	const words = "leave me alone"
	last := len(turns) - 1
	at := strings.Index(strings.ToLower(turns[last].Text), words)
	if at < 0 || turns[last].Speaker != optout.Contact || o.Preset == optout.Strict {
		return optout.Finding{}, false
	}
	return optout.Finding{
		Verdict: optout.Review, Doubt: optout.Ambiguous, Family: "leave_alone", Turn: last,
		Phrase: "leave_alone", Quote: turns[last].Text[at : at+len(words)],
		Start: at, End: at + len(words), Language: "en",
	}, true
}

// Find finds what is in doubt in the last turn, or else what any detector does.
func (d doubtful) Find(turns []optout.Turn, o optout.Options) (optout.Finding, bool) {
	if f, ok := d.doubt(turns, o); ok {
		return f, ok
	}
	return d.Detector.Find(turns, o)
}

// FindLast is Find for the last turn.
func (d doubtful) FindLast(turns []optout.Turn, o optout.Options) (optout.Finding, bool) {
	if f, ok := d.doubt(turns, o); ok {
		return f, ok
	}
	return d.Detector.FindLast(turns, o)
}

// doubt begins a call with number on which something in doubt is said.
func (h *house) doubt(number string) voice.Call {
	h.t.Helper()
	h.ears.Detector = doubtful{detector()}
	call := h.inbound("sandbox", number)
	h.say(call, optout.Agent, "Hello, this is Sam of Brightside Energy.")
	h.say(call, optout.Contact, "Oh, leave me alone!")
	h.say(call, optout.Agent, "All right.")
	return call
}

func TestReviewPage(t *testing.T) {
	h := newHouse(t)
	max, vic := h.as("max@example.com"), h.as("vic@example.com")
	const page = "/e/sandbox/review"
	if r := max.get(page); !r.contains("Nothing to review") || r.contains(`class="tally"`) {
		t.Errorf("empty page: %d %s", r.status, r.body)
	}
	first, second := h.doubt("+14155550141"), h.doubt("+14155550142")
	r := max.get(page)
	for _, want := range []string{
		"<mark>leave me alone</mark>", "Hello, this is Sam", "All right.",
		"“Leave me alone” can mean for good, or just now.", "Listed until somebody looks",
		"+14155550141", `aria-keyshortcuts="c"`, `<span class="sr-only">, 2 open</span>`,
	} {
		if !r.contains(want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if r := vic.get(page); r.contains("data-answer") || !r.contains("leave me alone") {
		t.Error("a viewer may answer, or sees nothing")
	}
	if r := max.get("/e/sandbox/dnc-list"); !r.contains("to be reviewed") {
		t.Error("the list does not say what is provisional")
	}
	answer := func(b *browser, c voice.Call, how string) reply {
		return b.post("/e/sandbox/call-history/"+c.ID+"/findings/0/"+how, "x", "y")
	}
	if r := answer(vic, first, "confirm"); r.status != http.StatusForbidden {
		t.Errorf("a viewer confirms: %d", r.status)
	}
	if r := answer(max, first, "nothing"); r.status != http.StatusNotFound {
		t.Errorf("no such answer: %d", r.status)
	}
	max.htmx = true
	if r := answer(max, first, "confirm"); !r.contains("+14155550141 is on the list for good.") {
		t.Errorf("confirm: %d %s", r.status, r.body)
	}
	if r := answer(max, first, "release"); !r.contains("another answer already") {
		t.Errorf("release after confirm: %d %s", r.status, r.body)
	}
	if r := answer(max, second, "release"); !r.contains("may be called again") {
		t.Errorf("release: %d %s", r.status, r.body)
	}
	max.htmx = false
	for query, want := range map[string]string{
		"": "Nothing to review", "?review=confirmed": "+14155550141",
		"?review=released": "Released by max@example.com", "?verdict=scoped": "No finding matches",
		"?review=all&verdict=review": "2 findings", "?review=all&number=0141": "1 finding",
		"?review=all&campaign=none": "No finding matches", "?review=all&number=x": "No finding",
	} {
		if r := max.get(page + query); !r.contains(want) {
			t.Errorf("GET %s does not show %q", page+query, want)
		}
	}
	if r := max.get("/e/sandbox/dnc-list/14155550141"); !r.contains("Confirmed</strong> by max") {
		t.Errorf("the trail does not say who confirmed: %s", r.body)
	}
	if r := max.get("/e/sandbox/call-history/" + second.ID); !r.contains("No opt-out") {
		t.Errorf("the call does not say that it was released")
	}
}

func TestTryWords(t *testing.T) {
	h := newHouse(t)
	h.ears.Detector = doubtful{detector()}
	b := h.as("vic@example.com")
	b.htmx = true
	for text, want := range map[string]string{
		"Please don't call me again":            `data-verdict="opt_out"`,
		"Please <b>don't call me again</b> now": "on the DNC list at once",
		"leave me alone":                        "until a person has looked",
		"what a lovely day":                     "The number is not listed.",
		"":                                      `<div id="tried"`,
		strings.Repeat("x", maxTried+1):         "more words than are tried",
	} {
		r := b.post("/e/sandbox/try-words", "text", text, "language", "en")
		if r.status != 200 || !r.contains(want) || strings.Contains(r.body, "<b>") {
			t.Errorf("try %q = %d %s, want %q in it", text, r.status, r.body, want)
		}
	}
	r := b.post("/e/sandbox/try-words", "text", "Yes.", "agent", "Shall I take you off our list?")
	if !r.contains(`data-verdict="opt_out"`) {
		t.Errorf("an offer that is taken: %s", r.body)
	}
}

// A withdrawal marks what was asked for and what took it back.
func TestMarks(t *testing.T) {
	f := voice.Finding{Channel: voice.Speech, Finding: optout.Finding{
		Turn: 1, Start: 3, End: 7, Before: &optout.Span{Turn: 0, Start: 0, End: 4},
	}}
	for i, want := range []string{"[stop] it", "no [wait]"} {
		text := []string{"stop it", "no wait"}[i]
		parts, _ := mark(voice.Turn{Index: i, Text: text}, []voice.Finding{f})
		var got string
		for _, p := range parts {
			if p.Marked {
				p.Text = "[" + p.Text + "]"
			}
			got += p.Text
		}
		if got != want {
			t.Errorf("mark(%q) = %q, want %q", text, got, want)
		}
	}
}
