package listen_test

import (
	"testing"

	"nocall/internal/dnc"
	"nocall/internal/listen"
	"nocall/internal/optout"
)

// Sentences that the book knows.
const (
	clearly = "never call me again"
	perhaps = "leave me alone"
	atWork  = "don't call me at work"
	instead = "don't call at nine, call at ten"
	taken   = "oh it is you, do call me"
	late    = "that is what I asked"
)

// book is a detector that knows a few sentences by heart: what each of them
// comes to when it is said, and at the end of a conversation.
type book struct{ said, ended map[string]optout.Finding }

func newBook() book {
	return book{
		said: map[string]optout.Finding{
			clearly: {Verdict: optout.OptOut, Phrase: "clearly"},
			perhaps: {
				Verdict: optout.Review, Phrase: "perhaps", Doubt: optout.Ambiguous,
				Family: "leave_alone",
			},
			atWork:  {Verdict: optout.Scoped, Phrase: "at_work", Family: "place_scope"},
			instead: {Verdict: optout.Scoped, Phrase: "instead"},
		},
		ended: map[string]optout.Finding{
			taken: {Verdict: optout.Review, Phrase: "clearly", Doubt: optout.Withdrawn},
			late:  {Verdict: optout.OptOut, Phrase: "late"},
		},
	}
}

func (b book) FindLast(turns []optout.Turn, o optout.Options) (optout.Finding, bool) {
	return look(b.said, turns, o)
}

func (b book) Find(turns []optout.Turn, o optout.Options) (optout.Finding, bool) {
	for i := range turns {
		if f, ok := look(b.ended, turns[:i+1], o); ok {
			if f.Doubt == optout.Withdrawn {
				f.Before = &optout.Span{Turn: 0, End: 5, Quote: turns[0].Text[:5]}
			}
			return f, true
		}
	}
	for i := range turns {
		if f, ok := b.FindLast(turns[:i+1], o); ok {
			return f, true
		}
	}
	return optout.Finding{}, false
}

func look(
	words map[string]optout.Finding, turns []optout.Turn, o optout.Options,
) (optout.Finding, bool) {
	last := turns[len(turns)-1]
	f, ok := words[last.Text]
	if !ok || last.Speaker != optout.Contact || o.Preset == optout.Strict && f.Doubt != "" {
		return optout.Finding{}, false
	}
	f.Turn, f.Quote, f.End = len(turns)-1, last.Text, len(last.Text)
	return f, true
}

// newBookHouse is a house whose listener has a book, and the settings of its
// environment.
func newBookHouse(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.Listener = &listen.Listener{
		List: h.List, Calls: h.store, Worlds: h.store, Detector: newBook(),
	}
	return h
}

// preset sets the preset of the environment.
func (h *house) preset(t *testing.T, p optout.Preset) {
	t.Helper()
	_, err := h.store.ChangeWorld(t.Context(), production, "test", func(s *dnc.Settings) error {
		s.OptOutPreset = string(p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
