package sip

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

// Sounds that are told from one another, whatever they went through.
const (
	greeting byte = 0x10
	goodbye  byte = 0x20
	speech   byte = 0x30
)

// tone is sound of one kind for so long.
func tone(of byte, lasts time.Duration) []byte {
	return bytes.Repeat([]byte{of}, int(lasts/voice.FrameTime)*voice.FrameBytes)
}

// prompts are recordings by their ID.
type prompts map[string][]byte

func (p prompts) Recording(
	_ context.Context, _ dnc.Environment, id string,
) (voice.Recording, error) {
	audio, ok := p[id]
	if !ok {
		return voice.Recording{}, voice.ErrNoRecording
	}
	return voice.Recording{ID: id, Audio: audio}, nil
}

// program speaks on a call as a test wants it.
type program func(ctx context.Context, sound *media.Session, heard <-chan []byte)

// Talk implements [voice.StreamAgent].
func (p program) Talk(ctx context.Context, _ voice.Leg, sound voice.Sound) error {
	p(ctx, sound.(agentLine).Sound.(*media.Session), sound.Heard())
	return nil
}

// person is a house whose phone is picked up by someone who does as a test
// wants.
func person(t *testing.T, does program) *house {
	t.Helper()
	h := newHouse(t, voice.Trunk{
		Environment: sandbox, Name: "carrier", Kind: voice.SIP,
		Address: "127.0.0.1:5999", Transport: "udp",
	})
	h.Streams = does
	h.Answer = func(_ context.Context, _ voice.Arrival) (voice.Leg, func(voice.Outcome), error) {
		leg := newHeard().leg()
		leg.Agent = voice.Agent{Kind: voice.Streamed}
		return leg, nil, nil
	}
	return h.run(t)
}

// dialer is a house that calls another.
func dialer(t *testing.T, to *house, p prompts) *house {
	t.Helper()
	h := newHouse(t, carrier(&peer{addr: to.Addr()}))
	h.Recordings = p
	return h
}

// until reads sound until a frame is of a kind.
func until(t *testing.T, heard <-chan []byte, of byte) time.Time {
	t.Helper()
	late := time.After(5 * time.Second)
	for {
		select {
		case frame, ok := <-heard:
			if !ok {
				t.Errorf("call ended before sound %#x was heard", of)
				return time.Now()
			}
			if bytes.Count(frame, []byte{of}) == len(frame) {
				return time.Now()
			}
		case <-late:
			t.Errorf("sound %#x was not heard", of)
			return time.Now()
		}
	}
}

// TestKey plays a recording to a contact who presses a key: the recording
// stops at once, the confirmation follows, and the call ends.
func TestKey(t *testing.T) {
	t.Parallel()
	var took atomic.Int64
	far := person(t, func(ctx context.Context, sound *media.Session, heard <-chan []byte) {
		until(t, heard, greeting)
		pressed := time.Now()
		sound.Press("9")
		took.Store(int64(until(t, heard, goodbye).Sub(pressed)))
		<-ctx.Done()
	})
	h := dialer(t, far, prompts{
		"hello": tone(greeting, 20*time.Second), "bye": tone(goodbye, 300*time.Millisecond),
	}).run(t)
	ctx, _, c := h.clear(t)
	calls := newHeard()
	calls.optOut = true
	leg := calls.leg()
	leg.Agent = voice.Agent{Kind: voice.Recorded, Recording: "hello", Confirmation: "bye"}
	if got, err := h.provider(t).Place(ctx, c, leg); got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
	calls.want(t, voice.Picked, voice.Pressed)
	if keys := calls.events[1].Keys; keys != "9" {
		t.Errorf("key %q, want 9", keys)
	}
	if d := time.Duration(took.Load()); d > 2*time.Second {
		t.Errorf("confirmed after %v, want two seconds at most", d)
	}
}

// TestRecording plays a recording to its end, and hangs up once the contact
// has had time to press a key.
func TestRecording(t *testing.T) {
	t.Parallel()
	far := person(t, func(ctx context.Context, _ *media.Session, heard <-chan []byte) {
		until(t, heard, greeting)
		<-ctx.Done()
	})
	h := dialer(t, far, prompts{"hello": tone(greeting, 200*time.Millisecond)}).run(t)
	ctx, _, c := h.clear(t)
	leg := newHeard().leg()
	leg.Agent = voice.Agent{Kind: voice.Recorded, Recording: "hello"}
	if got, err := h.provider(t).Place(ctx, c, leg); got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
}

// scribe writes down one thing for the first sound of a kind.
type scribe struct{}

func (scribe) Listen(
	_ context.Context, frames <-chan []byte, said func(text, language string),
) error {
	for frame := range frames {
		if frame[0] == speech {
			said("please don't call me again", "en")
		}
	}
	return nil
}

// TestEars has a contact opt out in words, while a program speaks.
func TestEars(t *testing.T) {
	t.Parallel()
	far := person(t, func(ctx context.Context, sound *media.Session, heard <-chan []byte) {
		until(t, heard, greeting)
		sound.Play(tone(speech, voice.FrameTime))
		until(t, heard, goodbye)
		<-ctx.Done()
	})
	h := dialer(t, far, prompts{"bye": tone(goodbye, 300*time.Millisecond)})
	h.Ears = scribe{}
	h.Streams = program(func(ctx context.Context, sound *media.Session, _ <-chan []byte) {
		sound.Play(tone(greeting, 20*time.Second))
		<-ctx.Done()
	})
	h.run(t)
	ctx, _, c := h.clear(t)
	calls := newHeard()
	calls.optOut = true
	leg := calls.leg()
	leg.Agent = voice.Agent{Kind: voice.Streamed, Confirmation: "bye"}
	if got, err := h.provider(t).Place(ctx, c, leg); got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
	calls.want(t, voice.Picked, voice.Said)
	said := calls.events[1]
	if said.Speaker != optout.Contact || said.Language != "en" || said.Text == "" {
		t.Errorf("said %+v, want the contact's words", said)
	}
}

// TestBridge calls an agent once the contact has picked up, and not before,
// and joins the two.
func TestBridge(t *testing.T) {
	t.Parallel()
	var picked atomic.Bool
	agent := person(t, func(ctx context.Context, sound *media.Session, heard <-chan []byte) {
		if !picked.Load() {
			t.Error("the agent was called before the contact had picked up")
		}
		sound.Play(tone(greeting, 5*time.Second))
		until(t, heard, speech)
		<-ctx.Done()
	})
	far := person(t, func(_ context.Context, sound *media.Session, heard <-chan []byte) {
		sound.Play(tone(speech, 5*time.Second))
		until(t, heard, greeting)
		sound.Press("9") // and hangs up at once
		<-time.After(300 * time.Millisecond)
	})
	h := dialer(t, far, nil).run(t)
	ctx, _, c := h.clear(t)
	calls := newHeard()
	leg := calls.leg()
	hear := leg.Hear
	leg.Hear = func(ctx context.Context, ev voice.Event) (bool, error) {
		picked.Store(picked.Load() || ev.Kind == voice.Picked)
		return hear(ctx, ev)
	}
	leg.Agent = voice.Agent{Kind: voice.Bridged, Address: "sip:agent@" + agent.Addr()}
	if got, err := h.provider(t).Place(ctx, c, leg); got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
	calls.want(t, voice.Picked, voice.Pressed)
}

// TestRecalledAtPickUp hangs up on a contact whose number was listed before the
// answer was taken in.
func TestRecalledAtPickUp(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	far := person(t, nil)
	far.Answer = func(context.Context, voice.Arrival) (voice.Leg, func(voice.Outcome), error) {
		return newHeard().leg(), func(voice.Outcome) { close(ended) }, nil
	}
	h := dialer(t, far, nil).run(t)
	ctx, _, c := h.clear(t)
	leg := newHeard().leg()
	leg.Hear = func(context.Context, voice.Event) (bool, error) { return false, errRecalled }
	if got, err := h.provider(t).Place(ctx, c, leg); !errors.Is(err, errRecalled) {
		t.Errorf("Place = %q, %v; want errRecalled", got, err)
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the far end was not hung up")
	}
}

// TestHangUp ends calls, one of ours and one that came in, from our side.
func TestHangUp(t *testing.T) {
	t.Parallel()
	far := person(t, nil)
	ended := make(chan voice.Outcome, 1)
	hangUp := make(chan func(), 1)
	far.Answer = func(
		_ context.Context, a voice.Arrival,
	) (voice.Leg, func(voice.Outcome), error) {
		if a.Called != contact || a.Caller != e164.FromUint64(1_202_555_0100) {
			t.Errorf("arrival %+v, want both numbers", a)
		}
		hangUp <- a.HangUp
		return newHeard().leg(), func(o voice.Outcome) { ended <- o }, nil
	}
	h := dialer(t, far, nil).run(t)
	ctx, _, c := h.clear(t)
	calls := newHeard()
	placed := make(chan error, 1)
	go func() {
		_, err := h.provider(t).Place(ctx, c, calls.leg())
		placed <- err
	}()
	calls.until(t, voice.Picked)
	select {
	case end := <-hangUp:
		end()
	case <-time.After(10 * time.Second):
		t.Fatal("no call came in")
	}
	if err := <-placed; err != nil {
		t.Errorf("Place: %v", err)
	}
	select {
	case got := <-ended:
		if got != voice.Answered {
			t.Errorf("inbound call: %q, want answered", got)
		}
	case <-time.After(10 * time.Second):
		t.Error("the inbound call did not end")
	}
}

// knows waits until a trunk is known to be at an address.
func (h *house) knows(t *testing.T, addr string) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 5000 {
		if len(h.trunksAt(addr)) > 0 {
			return
		}
		<-tick.C
	}
	t.Fatal("the trunk is not known")
}

// TestHairpin calls a number that a carrier brings back to us: one socket has
// both ends of the call.
func TestHairpin(t *testing.T) {
	t.Parallel()
	h := person(t, func(_ context.Context, sound *media.Session, heard <-chan []byte) {
		sound.Play(tone(speech, time.Second))
		<-heard
	})
	h.Set([]voice.Trunk{carrier(&peer{addr: h.Addr()})})
	h.knows(t, h.Addr())
	ctx, _, c := h.clear(t)
	calls := newHeard()
	if got, err := h.provider(t).Place(ctx, c, calls.leg()); got != voice.Answered || err != nil {
		t.Errorf("Place = %q, %v; want answered", got, err)
	}
	calls.want(t, voice.Picked)
}
