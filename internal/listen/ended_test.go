package listen_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/listen"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// TestEnded shows what is found at the end of a call that was not found as it
// went on.
func TestEnded(t *testing.T) {
	h := newBookHouse(t)
	for _, tt := range []struct {
		name   string
		said   []string
		change func(*voice.Call)
		want   []optout.Verdict
		listed bool
	}{
		{"nothing", []string{"hello", "bye"}, nil, nil, false},
		{"found before", []string{clearly, "bye"}, nil, []optout.Verdict{optout.OptOut}, true},
		{"missed", []string{"hello", late}, nil, []optout.Verdict{optout.OptOut}, true},
		{
			"taken back",
			[]string{clearly, taken},
			nil,
			[]optout.Verdict{optout.OptOut, optout.Review},
			true,
		},
		{
			"more than it seemed",
			[]string{perhaps, late},
			nil,
			[]optout.Verdict{optout.Review, optout.OptOut},
			true,
		},
		{
			"detection off",
			[]string{late},
			func(c *voice.Call) { c.OptOutDetection = false },
			nil, false,
		},
		{"silence", nil, nil, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := h.call(t, tt.change)
			for _, words := range tt.said {
				h.say(t, id, optout.Contact, words)
			}
			var ended voice.Call
			for range 2 { // the second time it changes nothing
				var err error
				if ended, err = h.Ended(t.Context(), production, id); err != nil {
					t.Fatal(err)
				}
			}
			c := h.read(t, id)
			if listed, _ := h.listed(t, h.contact); listed != tt.listed ||
				len(c.Findings) != len(tt.want) || len(ended.Findings) != len(tt.want) {
				t.Fatalf("listed %v, findings %+v; want %v, %v",
					listed, c.Findings, tt.listed, tt.want)
			}
			for i, f := range c.Findings {
				if f.Verdict != tt.want[i] || ended.Findings[i].Verdict != f.Verdict {
					t.Errorf("finding %d is %+v; want %s", i, f, tt.want[i])
				}
			}
		})
	}
	if _, err := h.Ended(t.Context(), production, "none"); !errors.Is(err, voice.ErrNoCall) {
		t.Errorf("Ended(none) = %v; want ErrNoCall", err)
	}
}

// TestTakenBack shows that a request that was taken back is for review, with
// both words, and stays in force.
func TestTakenBack(t *testing.T) {
	h := newBookHouse(t)
	id := h.call(t, nil)
	h.say(t, id, optout.Contact, clearly)
	h.say(t, id, optout.Contact, taken)
	if _, err := h.Ended(t.Context(), production, id); err != nil {
		t.Fatal(err)
	}
	f := h.read(t, id).Findings[1]
	if f.Review != voice.ReviewOpen || f.Doubt != optout.Withdrawn || f.Before == nil ||
		f.Before.Turn != 0 || f.Turn != 1 || f.Quote != taken {
		t.Errorf("finding %+v; want it open, with both words", f)
	}
	if listed, entry := h.listed(t, h.contact); !listed || entry.Provisional {
		t.Errorf("entry %+v, %v; want it as it was", entry, listed)
	}
}

// TestLongCall shows that a finding names its turn on a call that is longer
// than what a turn is judged with.
func TestLongCall(t *testing.T) {
	h := newBookHouse(t)
	id := h.call(t, nil)
	for range 60 {
		h.say(t, id, optout.Contact, "well")
	}
	h.say(t, id, optout.Contact, perhaps)
	if f := h.read(t, id).Findings[0]; f.Turn != 60 {
		t.Errorf("finding in turn %d, want 60", f.Turn)
	}
}

// TestUnwantedBurst shows that of a provider that refuses most of its calls as
// unwanted, all of a sudden, further ones are for review.
func TestUnwantedBurst(t *testing.T) {
	for _, tt := range []struct {
		name  string
		other int           // calls that went otherwise
		pause time.Duration // between two of them
		want  int           // definite entries, of 15
	}{
		{"all of them", 0, time.Second, 10},
		{"less than half", 30, time.Second, 15},
		{"now and then", 0, 10 * time.Second, 15},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				testBurst(t, newBookHouse(t), tt.other, tt.pause, tt.want)
			})
		})
	}
}

func testBurst(t *testing.T, h *house, other int, pause time.Duration, want int) {
	t.Helper()
	started := func(c *voice.Call) { c.StartedAt = time.Now() }
	for range other {
		h.call(t, started)
	}
	definite := 0
	for range 15 {
		id := h.call(t, started)
		for range 2 { // as after an answer that was lost
			if _, err := h.Unwanted(t.Context(), production, id, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		listed, entry := h.listed(t, h.contact)
		f := h.read(t, id).Findings
		if !listed || len(f) != 1 {
			t.Fatalf("listed %v, findings %+v; want one", listed, f)
		}
		if !entry.Provisional {
			definite++
		} else if f[0].Family != listen.Burst || f[0].Review != voice.ReviewOpen {
			t.Errorf("finding %+v; want it open for review", f[0])
		}
		<-time.After(pause)
	}
	if definite != want {
		t.Errorf("%s of 15 are definite, want %d", fmt.Sprint(definite), want)
	}
}
