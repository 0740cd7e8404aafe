package dialer_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// What a contact says of whom it is not sure what they ask for, and what is
// understood only when a call is over.
const (
	perhaps = "I do not think I want any of this any more."
	belated = "As I have told you."
)

// doubtful is a detector that is in doubt of one sentence, and understands
// another too late.
type doubtful struct{ *optout.Detector }

func (d doubtful) Find(turns []optout.Turn, o optout.Options) (optout.Finding, bool) {
	for i, t := range turns {
		if t.Text == belated {
			return optout.Finding{
				Verdict: optout.OptOut, Turn: i, Phrase: "belated",
				Quote: belated, End: len(belated),
			}, true
		}
	}
	return d.Detector.Find(turns, o)
}

func (d doubtful) FindLast(turns []optout.Turn, o optout.Options) (optout.Finding, bool) {
	if last := len(turns) - 1; last >= 0 && turns[last].Text == perhaps {
		return optout.Finding{
			Verdict: optout.Review, Turn: last, Phrase: "perhaps", Doubt: optout.Ambiguous,
			Quote: perhaps, End: len(perhaps),
		}, true
	}
	return d.Detector.FindLast(turns, o)
}

// review is a contact who calls in and may have opted out, and a person who
// looks at what was said.
func (o *worker) review(t *testing.T) {
	r := o.request()
	p := place{r.Environment, r.Number}
	call, err := o.h.Inbound(t.Context(), r)
	if err != nil {
		t.Errorf("Inbound: %v", err)
		return
	}
	heard, err := o.h.ears.Turn(t.Context(), r.Environment, call.ID, voice.Turn{
		Speaker: optout.Contact, Text: perhaps, At: time.Now(),
	})
	if err != nil || heard.Entry == nil {
		t.Errorf("Turn: %+v, %v", heard, err)
		return
	}
	tarry(5 * time.Millisecond)
	if o.rand.IntN(2) == 0 {
		m := o.w.now(p)
		_, err = o.h.ears.Confirm(t.Context(), r.Environment, call.ID, 0, "ada")
		o.w.added(p, m)
		o.w.see("confirmed")
	} else {
		released := o.w.removing(p)
		_, err = o.h.ears.Release(t.Context(), r.Environment, call.ID, 0, "ada")
		released()
		o.w.see("released")
	}
	if err != nil {
		t.Errorf("review: %v", err)
	}
	if _, err := o.h.End(t.Context(), r.Environment, call.ID, campaign.Answered); err != nil {
		t.Errorf("End: %v", err)
	}
}

// TestProvisional shows that a number that is listed until a person has looked
// is not called, that what rings is recalled, and that a release allows it.
func TestProvisional(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		r := request(80) // lets it ring
		ringing := h.place(t, r)
		<-time.After(5 * time.Second)
		call, err := h.Inbound(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		heard, err := h.ears.Turn(t.Context(), r.Environment, call.ID, voice.Turn{
			Speaker: optout.Contact, Text: perhaps, At: time.Now(),
		})
		if err != nil || heard.Entry == nil || !heard.Entry.Provisional {
			t.Fatalf("Turn = %+v, %v; want a provisional entry", heard, err)
		}
		<-time.After(time.Second)
		h.want(t, ringing.ID, voice.Ended, campaign.Recalled, campaign.SkipDNC)
		if _, err := h.Place(t.Context(), r); !errors.Is(err, dnc.ErrListed) {
			t.Errorf("Place = %v; want ErrListed", err)
		}
		if _, err := h.ears.Release(t.Context(), r.Environment, call.ID, 0, "ada"); err != nil {
			t.Fatal(err)
		}
		again := h.place(t, r)
		<-time.After(5 * time.Second)
		h.want(t, again.ID, voice.IsRinging, "", "")
	})
}

// TestHeardAtTheEnd shows that the whole of a call is judged when it ends, and
// that a contact who may have opted out is done with.
func TestHeardAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		call, err := h.Inbound(t.Context(), request(4))
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.ears.Turn(t.Context(), call.Environment, call.ID, voice.Turn{
			Speaker: optout.Contact, Text: perhaps, At: time.Now(), Partial: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		ended, err := h.End(t.Context(), call.Environment, call.ID, campaign.Answered)
		if err != nil || len(ended.Findings) != 1 || !ended.Suppressed() {
			t.Errorf("End = %+v, %v; want what was said last", ended, err)
		}
		if _, err := h.Place(t.Context(), request(4)); !errors.Is(err, dnc.ErrListed) {
			t.Errorf("Place = %v; want ErrListed", err)
		}
	})
}
