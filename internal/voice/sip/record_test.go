package sip

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

// reel keeps what is recorded of one call.
type reel struct {
	refuses error
	mu      sync.Mutex
	of      string
	heard   []byte // the contact, a sample of each frame
	spoken  []byte // our side, likewise
	closed  int
	enough  func() // called again and again once both sides have spoken for a while
}

func (r *reel) Record(_ dnc.Environment, callID string) (voice.Tape, error) {
	r.of = callID
	return r, r.refuses
}

func (r *reel) Take(heard, spoken []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard, r.spoken = append(r.heard, sample(heard)), append(r.spoken, sample(spoken))
	if r.enough != nil && bytes.Count(r.heard, []byte{speech}) >= 25 &&
		bytes.Count(r.spoken, []byte{greeting}) >= 25 {
		r.enough()
	}
}

func (r *reel) Close() { r.closed++ }

// sample returns the sample of a frame that has only one kind; 0 for others.
func sample(frame []byte) byte {
	if len(frame) == 0 || bytes.Count(frame, frame[:1]) < len(frame) {
		return 0
	}
	return frame[0]
}

// talkative is a contact who speaks all the time, from the answer on.
func talkative(ctx context.Context, sound *media.Session, _ <-chan []byte) {
	said := tone(speech, 20*time.Second)
	for len(said) > 0 {
		sound.Play(said[:voice.FrameBytes])
		said = said[voice.FrameBytes:]
	}
	<-ctx.Done()
}

// TestRecord records both sides of a call, the contact only once it has been
// said that the call is recorded.
func TestRecord(t *testing.T) {
	t.Parallel()
	h := dialer(t, person(t, talkative), prompts{
		"hello": tone(greeting, 20*time.Second), "consent": tone(goodbye, 600*time.Millisecond),
	})
	tape := new(reel)
	h.Tapes = tape
	ctx, hangUp, c := h.run(t).clear(t)
	calls := newHeard()
	leg := calls.leg()
	leg.Record, leg.Consent = true, "consent"
	leg.Agent = voice.Agent{Kind: voice.Recorded, Recording: "hello"}
	tape.enough = func() { hangUp(errRecalled) }
	if _, err := h.provider(t).Place(ctx, c, leg); !errors.Is(err, errRecalled) {
		t.Fatal(err)
	}
	if tape.closed != 1 || tape.of != leg.CallID {
		t.Fatalf("recorded %q, %d frames, closed %d times", tape.of, len(tape.heard), tape.closed)
	}
	told := bytes.LastIndexByte(tape.spoken, goodbye)
	begins := bytes.IndexByte(tape.heard, speech)
	if told < 10 || begins <= told {
		t.Errorf("told until frame %d, the contact is heard from frame %d on", told, begins)
	}
	after := bytes.IndexByte(tape.spoken, greeting)
	if after <= told {
		t.Errorf("the agent is recorded from frame %d on, told until %d", after, told)
	}
}

// TestNoRecord has calls go on that are not to be recorded, or cannot be.
func TestNoRecord(t *testing.T) {
	t.Parallel()
	far := person(t, talkative)
	for _, tt := range []struct {
		name    string
		record  bool
		consent string
		refuses error
		warned  bool
	}{
		{name: "not wanted", consent: "consent"},
		{name: "not told", record: true, consent: "missing", warned: true},
		{name: "full", record: true, consent: "consent", refuses: errors.New("full"), warned: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := dialer(t, far, prompts{
				"hello":   tone(greeting, 100*time.Millisecond),
				"consent": tone(goodbye, 20*time.Second),
			})
			tape := &reel{refuses: tt.refuses}
			h.Tapes = tape
			ctx, _, c := h.run(t).clear(t)
			calls := newHeard()
			leg := calls.leg()
			leg.Record, leg.Consent = tt.record, tt.consent
			leg.Agent = voice.Agent{Kind: voice.Recorded, Recording: "hello"}
			got, err := h.provider(t).Place(ctx, c, leg)
			if got != voice.Answered || err != nil {
				t.Errorf("Place = %q, %v", got, err)
			}
			if len(tape.heard) > 0 || tape.closed > 0 {
				t.Errorf("%d frames were recorded", len(tape.heard))
			}
			if strings.Contains(h.log.String(), "call is not recorded") != tt.warned {
				t.Errorf("logged:\n%s", h.log)
			}
		})
	}
}
