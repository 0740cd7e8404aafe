package listen_test

import (
	"errors"
	"testing"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// TestDoubt shows what follows from words in doubt, and from those that are not,
// with each preset.
func TestDoubt(t *testing.T) {
	h := newBookHouse(t)
	const none, definite, provisional = "", "definite", "provisional"
	for _, tt := range []struct {
		preset optout.Preset
		words  string
		found  bool
		entry  string
		review voice.ReviewState
	}{
		{"", clearly, true, definite, ""},
		{optout.Strict, clearly, true, definite, ""},
		{optout.Balanced, clearly, true, definite, ""},
		{"", perhaps, true, provisional, voice.ReviewOpen},
		{optout.Cautious, perhaps, true, provisional, voice.ReviewOpen},
		{optout.Balanced, perhaps, true, none, voice.ReviewOpen},
		{optout.Strict, perhaps, false, none, ""},
		{optout.Cautious, atWork, true, provisional, voice.ReviewOpen},
		{optout.Balanced, atWork, true, none, voice.ReviewOpen},
		{optout.Strict, atWork, true, none, ""},
		{optout.Cautious, instead, true, none, ""},
		{optout.Cautious, "good day", false, none, ""},
	} {
		h.preset(t, tt.preset)
		id := h.call(t, nil)
		heard := h.say(t, id, optout.Contact, tt.words)
		listed, entry := h.listed(t, h.contact)
		if (heard.Finding != nil) != tt.found || listed != (tt.entry != none) ||
			listed && entry.Provisional != (tt.entry == provisional) {
			t.Errorf("%s %q: heard %+v, listed %+v; want found %v, %s",
				tt.preset, tt.words, heard, entry, tt.found, tt.entry)
		}
		if heard.Suppresses() != listed || (heard.Entry != nil) != listed {
			t.Errorf("%s %q: heard %+v though listed is %v", tt.preset, tt.words, heard, listed)
		}
		c := h.read(t, id)
		if (len(c.Findings) == 1) != tt.found {
			t.Fatalf("%s %q: call has %+v", tt.preset, tt.words, c.Findings)
		}
		if !tt.found {
			continue
		}
		f := c.Findings[0]
		if f.Review != tt.review || f.Listed != listed || f.Engine != optout.Version ||
			f.Provisional != (tt.entry == provisional) {
			t.Errorf("%s %q: kept %+v; want the review %q", tt.preset, tt.words, f, tt.review)
		}
		if _, optedOut := c.OptedOut(); optedOut != (tt.words == clearly) ||
			c.Suppressed() != listed {
			t.Errorf("%s %q: opted out %v, suppressed %v",
				tt.preset, tt.words, optedOut, c.Suppressed())
		}
	}
}

// TestWithheldReview shows that what a withheld number keeps off the list is
// for a person to look at.
func TestWithheldReview(t *testing.T) {
	h := newBookHouse(t)
	id := h.call(t, func(c *voice.Call) { c.Number = e164.Number{} })
	for _, words := range []string{clearly, perhaps} {
		heard := h.say(t, id, optout.Contact, words)
		if heard.Finding.Review != voice.ReviewOpen || heard.Finding.Listed || heard.Entry != nil {
			t.Errorf("%q: heard %+v; want it open for review", words, heard)
		}
	}
	heard, err := h.Confirm(t.Context(), production, id, 1, "ada")
	if err != nil || heard.Entry != nil || heard.Finding.Review != voice.Confirmed {
		t.Errorf("Confirm = %+v, %v; want it confirmed and nothing listed", heard, err)
	}
}

// TestReviewed shows what a person's answers do, and that what has been answered
// is not asked again.
func TestReviewed(t *testing.T) {
	h := newBookHouse(t)
	id := h.call(t, nil)
	h.say(t, id, optout.Contact, perhaps)
	changed, stop := h.List.Bell.Watch(production)
	defer stop()
	for range 2 {
		heard, err := h.Release(t.Context(), production, id, 0, "ada")
		if err != nil || heard.Entry != nil || heard.Finding.ReviewedBy != "ada" {
			t.Errorf("Release = %+v, %v", heard, err)
		}
		if listed, _ := h.listed(t, h.contact); listed {
			t.Error("listed after a release")
		}
	}
	select {
	case <-changed:
	default:
		t.Error("nobody was told")
	}
	_, err := h.Confirm(t.Context(), production, id, 0, "bob")
	if !errors.Is(err, voice.ErrReviewed) {
		t.Errorf("Confirm after Release = %v; want ErrReviewed", err)
	}
	if heard := h.say(t, id, optout.Contact, perhaps); heard.Suppresses() {
		t.Errorf("heard %+v; want what was released to stay so", heard)
	}
	if _, err := h.Ended(t.Context(), production, id); err != nil {
		t.Error(err)
	}
	if listed, _ := h.listed(t, h.contact); listed {
		t.Error("what was released is listed again")
	}
	h.say(t, id, optout.Contact, clearly)
	if listed, entry := h.listed(t, h.contact); !listed || entry.Provisional {
		t.Errorf("entry %+v, %v; want it definite for another request", entry, listed)
	}
	if _, err := h.Release(t.Context(), production, id, 1, "ada"); err != nil {
		t.Error(err)
	}
	if listed, _ := h.listed(t, h.contact); !listed {
		t.Error("a release took a definite entry away")
	}
}

// TestConfirmed shows the two ways in which a provisional entry becomes
// definite: a person's answer, and a clear request.
func TestConfirmed(t *testing.T) {
	h := newBookHouse(t)
	for name, confirm := range map[string]func(id string) error{
		"person": func(id string) error {
			_, err := h.Confirm(t.Context(), production, id, 0, "ada")
			return err
		},
		"request": func(id string) error {
			_, err := h.Turn(t.Context(), production, id, turn(optout.Contact, clearly))
			return err
		},
		"key": func(id string) error {
			_, err := h.Keys(t.Context(), production, id, voice.Keys{Pressed: "9", At: start})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := h.call(t, nil)
			h.say(t, id, optout.Contact, perhaps)
			if err := confirm(id); err != nil {
				t.Fatal(err)
			}
			if listed, entry := h.listed(t, h.contact); !listed || entry.Provisional {
				t.Errorf("entry %+v, %v; want it definite", entry, listed)
			}
			trail, err := h.store.Trail(t.Context(), production, dnc.TrailQuery{
				Number: h.contact, Limit: 1,
			})
			if err != nil || trail.Events[0].Kind != dnc.Confirmed {
				t.Errorf("trail %+v, %v; want it confirmed", trail, err)
			}
		})
	}
}

// TestHeardAgain shows that one request is one finding, however often it is
// heard, and that a number that was taken off the list by hand comes back when
// its contact asks once more.
func TestHeardAgain(t *testing.T) {
	h := newBookHouse(t)
	for _, words := range []string{clearly, perhaps} {
		id := h.call(t, nil)
		h.say(t, id, optout.Contact, words)
		heard := h.say(t, id, optout.Contact, words)
		if heard.Finding.Turn != 0 || heard.Entry == nil {
			t.Errorf("%q again: heard %+v; want the first finding, and the entry", words, heard)
		}
		err := h.List.Remove(t.Context(), dnc.Removal{
			Environment: production, Number: h.contact, By: "ada",
		})
		if err != nil {
			t.Fatal(err)
		}
		h.say(t, id, optout.Contact, words)
		if listed, _ := h.listed(t, h.contact); !listed {
			t.Errorf("%q once more: not listed", words)
		}
		if _, err := h.Ended(t.Context(), production, id); err != nil {
			t.Error(err)
		}
		if c := h.read(t, id); len(c.Findings) != 1 || len(c.Turns) != 3 {
			t.Errorf("%q: findings %+v; want one", words, c.Findings)
		}
	}
}
