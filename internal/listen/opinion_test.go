package listen_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

// friend has an opinion on every finding, and remembers what it was asked.
type friend struct {
	opinion voice.Opinion
	err     error

	mu    sync.Mutex // guards asked
	asked []string
}

func (f *friend) Ask(
	_ context.Context, turns []voice.Turn, found voice.Finding,
) (voice.Opinion, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, turns[found.Turn].Text)
	return f.opinion, f.err
}

// TestSecondOpinion shows that only a yes with the contact's words counts, and
// that only what is in doubt is asked about.
func TestSecondOpinion(t *testing.T) {
	for _, tt := range []struct {
		name      string
		words     string
		opinion   voice.Opinion
		err       error
		asked     bool
		confirmed bool
	}{
		{"yes", perhaps, voice.Opinion{OptOut: true, Quote: "Leave me ALONE"}, nil, true, true},
		{"no", perhaps, voice.Opinion{Quote: "leave me alone"}, nil, true, false},
		{"not said", perhaps, voice.Opinion{OptOut: true, Quote: "stop calling"}, nil, true, false},
		{"no quote", perhaps, voice.Opinion{OptOut: true}, nil, true, false},
		{"no answer", perhaps, voice.Opinion{}, errors.New("away"), true, false},
		{"clear", clearly, voice.Opinion{Quote: "never call me again"}, nil, false, false},
		{"offered", instead, voice.Opinion{OptOut: true, Quote: instead}, nil, false, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := newBookHouse(t)
			other := &friend{opinion: tt.opinion, err: tt.err}
			other.opinion.By = "a friend"
			h.Second = other
			ctx, cancel := context.WithCancel(t.Context())
			var run sync.WaitGroup
			run.Go(func() { h.Run(ctx) })
			id := h.call(t, nil)
			h.say(t, id, optout.Contact, tt.words)
			synctest.Wait()
			cancel()
			run.Wait()

			if asked := len(other.asked) == 1 && other.asked[0] == tt.words; asked != tt.asked {
				t.Errorf("%s: asked about %q; want %v", tt.name, other.asked, tt.asked)
			}
			f := h.read(t, id).Findings[0]
			if (f.Review == voice.Confirmed) != tt.confirmed ||
				tt.confirmed && f.ReviewedBy != "second opinion of a friend" {
				t.Errorf("%s: kept %+v; want confirmed %v", tt.name, f, tt.confirmed)
			}
			listed, entry := h.listed(t, h.contact)
			if tt.words == perhaps && (!listed || entry.Provisional == tt.confirmed) {
				t.Errorf("%s: entry %+v, listed %v", tt.name, entry, listed)
			}
		})
	}
}
