package listen_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

// inTime runs a test with a house whose listener runs, in time of its own.
func inTime(t *testing.T, test func(t *testing.T, h *house)) {
	synctest.Test(t, func(t *testing.T) {
		h := newBookHouse(t)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- h.Run(ctx) }()
		test(t, h)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// partial takes in words that may still change.
func (h *house) partial(t *testing.T, id, utterance, text string) voice.Heard {
	t.Helper()
	said := turn(optout.Contact, text)
	said.Partial, said.Utterance = true, utterance
	heard, err := h.Turn(t.Context(), production, id, said)
	if err != nil {
		t.Fatalf("Turn(%q, partial): %v", text, err)
	}
	return heard
}

// kept wants so many turns and findings on a call.
func (h *house) kept(t *testing.T, id string, turns, findings int) {
	t.Helper()
	c := h.read(t, id)
	if len(c.Turns) != turns || len(c.Findings) != findings {
		t.Errorf("%d turns and %d findings, want %d and %d: %+v",
			len(c.Turns), len(c.Findings), turns, findings, c)
	}
	if listed, _ := h.listed(t, h.contact); listed != (findings > 0) {
		t.Errorf("listed: %v with %d findings", listed, findings)
	}
}

// TestPartial shows that words that may still change tell what was heard, and
// that nothing of it is kept before they are the last ones.
func TestPartial(t *testing.T) {
	inTime(t, func(t *testing.T, h *house) {
		id := h.call(t, nil)
		heard := h.partial(t, id, "", clearly)
		if !heard.Provisional || heard.Finding == nil || !heard.Suppresses() || heard.Entry != nil {
			t.Errorf("heard %+v; want a provisional finding and no entry", heard)
		}
		h.kept(t, id, 0, 0)
		if heard := h.say(t, id, optout.Contact, clearly); heard.Provisional || heard.Entry == nil {
			t.Errorf("heard %+v; want it kept", heard)
		}
		h.kept(t, id, 1, 1)
		<-time.After(time.Minute)
		h.kept(t, id, 1, 1)
	})
}

// TestPartialRevised shows that revised words replace those before.
func TestPartialRevised(t *testing.T) {
	inTime(t, func(t *testing.T, h *house) {
		id := h.call(t, nil)
		h.partial(t, id, "", clearly)
		<-time.After(500 * time.Millisecond)
		if heard := h.partial(t, id, "", clearly+", he said"); heard.Finding != nil {
			t.Errorf("heard %+v; want nothing in the revised words", heard)
		}
		<-time.After(time.Minute)
		h.kept(t, id, 0, 0)

		h.partial(t, id, "", clearly)
		h.say(t, id, optout.Contact, "never call me Adam") // the last words
		<-time.After(time.Minute)
		h.kept(t, id, 1, 0)

		h.partial(t, id, "", perhaps)
		<-time.After(500 * time.Millisecond)
		h.partial(t, id, "", clearly)
		<-time.After(500 * time.Millisecond)
		h.kept(t, id, 1, 0) // neither stood
		<-time.After(300 * time.Millisecond)
		h.kept(t, id, 2, 1)
	})
}

// TestPartialStands shows that words that stand for 700 ms are kept as if they
// were the last ones, and once.
func TestPartialStands(t *testing.T) {
	inTime(t, func(t *testing.T, h *house) {
		id := h.call(t, nil)
		h.partial(t, id, "", clearly)
		<-time.After(699 * time.Millisecond)
		h.partial(t, id, "", clearly) // unchanged
		h.kept(t, id, 0, 0)
		<-time.After(2 * time.Millisecond)
		h.kept(t, id, 1, 1)
		if heard := h.partial(t, id, "", clearly); heard.Provisional || heard.Entry == nil {
			t.Errorf("heard %+v; want what is kept", heard)
		}
		if heard := h.say(t, id, optout.Contact, clearly); heard.Entry == nil {
			t.Errorf("heard %+v; want what is kept", heard)
		}
		<-time.After(time.Minute)
		h.kept(t, id, 1, 1)
		h.say(t, id, optout.Contact, "good bye")
		h.kept(t, id, 2, 1)
	})
}

// TestPartialUtterances shows that one utterance does not end another.
func TestPartialUtterances(t *testing.T) {
	inTime(t, func(t *testing.T, h *house) {
		id := h.call(t, nil)
		h.partial(t, id, "u1", clearly)
		h.partial(t, id, "u2", "what I mean")
		last := turn(optout.Contact, "what I mean is")
		last.Utterance = "u2"
		if _, err := h.Turn(t.Context(), production, id, last); err != nil {
			t.Fatal(err)
		}
		h.kept(t, id, 1, 0)
		<-time.After(time.Second)
		h.kept(t, id, 2, 1)
	})
}

// TestPartialAgent shows that of what an agent is saying nothing is kept.
func TestPartialAgent(t *testing.T) {
	inTime(t, func(t *testing.T, h *house) {
		id := h.call(t, nil)
		h.partial(t, id, "", clearly)
		said := turn(optout.Agent, clearly)
		said.Partial = true
		heard, err := h.Turn(t.Context(), production, id, said)
		if err != nil || heard.Finding != nil {
			t.Errorf("heard %+v, %v of an agent", heard, err)
		}
		h.say(t, id, optout.Agent, "I am sorry") // does not end what the contact says
		<-time.After(time.Second)
		h.kept(t, id, 2, 1)
		_, err = h.Turn(t.Context(), production, "none", said)
		if !errors.Is(err, voice.ErrNoCall) {
			t.Errorf("a partial turn of no call: %v, want ErrNoCall", err)
		}
	})
}

// TestPartialEnds shows that words are kept as they stand when a call ends, and
// when the listener does.
func TestPartialEnds(t *testing.T) {
	inTime(t, func(t *testing.T, h *house) {
		id := h.call(t, nil)
		h.partial(t, id, "", clearly)
		c, err := h.Ended(t.Context(), production, id)
		if err != nil || len(c.Findings) != 1 {
			t.Errorf("Ended = %+v, %v; want the finding", c, err)
		}
		h.kept(t, id, 1, 1)
	})
	synctest.Test(t, func(t *testing.T) {
		h := newBookHouse(t)
		id := h.call(t, nil)
		h.partial(t, id, "", clearly)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := h.Run(ctx); err != nil {
			t.Error(err)
		}
		h.kept(t, id, 1, 1)
	})
}

// TestPartialBroken shows that words that stand are kept as soon as they can be,
// and that their number is in force before.
func TestPartialBroken(t *testing.T) {
	inTime(t, func(t *testing.T, h *house) {
		id := h.call(t, func(c *voice.Call) { c.Status = voice.InProgress })
		h.partial(t, id, "", clearly)
		h.store.add.Store(true)
		<-time.After(time.Second)
		if listed, err := h.List.Check(production, h.contact); !listed || err != nil {
			t.Errorf("Check = %v, %v; want it in force", listed, err)
		}
		h.store.add.Store(false)
		<-time.After(time.Second)
		h.kept(t, id, 1, 1)
	})
}

// TestPartialMany shows that where too many wait, the next is kept at once.
func TestPartialMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newBookHouse(t)
		id := h.call(t, nil)
		for i := range 8 {
			h.partial(t, id, fmt.Sprint(i), clearly)
		}
		h.kept(t, id, 0, 0)
		if heard := h.partial(t, id, "one more", clearly); heard.Entry == nil {
			t.Errorf("heard %+v; want it kept", heard)
		}
		h.kept(t, id, 1, 1)
	})
}
