package sip

import (
	"context"
	"errors"
	"testing"

	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

// nobody is a program that cannot be reached.
type nobody struct{}

func (nobody) Talk(context.Context, voice.Leg, voice.Sound) error {
	return errors.New("cannot connect")
}

// TestSilentAgents says of a call that was answered that its agent could not
// speak: the recording is not there, or the program cannot be reached.
func TestSilentAgents(t *testing.T) {
	t.Parallel()
	for name, agent := range map[string]voice.Agent{
		"recording": {Name: "gone", Kind: voice.Recorded, Recording: "none"},
		"stream":    {Name: "away", Kind: voice.Streamed, URL: "ws://127.0.0.1:1/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			far := person(t, func(ctx context.Context, _ *media.Session, _ <-chan []byte) {
				<-ctx.Done()
			})
			h := dialer(t, far, prompts{})
			h.Streams = nobody{}
			h.run(t)
			ctx, _, c := h.clear(t)
			leg := newHeard().leg()
			leg.Agent = agent
			got, err := h.provider(t).Place(ctx, c, leg)
			if got != voice.Answered || !errors.Is(err, voice.ErrAgent) {
				t.Errorf("Place = %q, %v; want answered and ErrAgent", got, err)
			}
		})
	}
}
