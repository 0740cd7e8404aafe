package sip

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	wire "github.com/emiago/sipgo/sip"

	"nocall/internal/optout"
	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

const (
	keyTime  = 5 * time.Second  // for keys once a recording has been played
	earsTime = 20 * time.Second // for the last turn once the call is over
	aheadFor = 500              // frames: how much of a recording is queued at once
)

var (
	errOptedOut = errors.New("voice/sip: contact has opted out")
	errSpoken   = errors.New("voice/sip: agent has nothing more to say")
)

// events tells a leg what happens, in order, and so that what takes long to be
// written down holds nothing up before the call is answered.
type events struct {
	leg   voice.Leg
	later sync.WaitGroup
}

// soon tells of ev without waiting.
func (e *events) soon(ctx context.Context, ev voice.Event) {
	e.later.Go(func() { e.leg.Hear(ctx, ev) })
}

// now tells of ev after all that was to be told soon.
func (e *events) now(ctx context.Context, ev voice.Event) (bool, error) {
	e.later.Wait()
	return e.leg.Hear(ctx, ev)
}

// conversation is a call that has been answered.
type conversation struct {
	trunks *Trunks
	end    *endpoint
	dialog *dialog
	leg    voice.Leg
	line   *line

	recording *recording // nil for none
}

// talk carries an answered call to its end.
func (t *Trunks) talk(
	ctx context.Context, end *endpoint, d *dialog, e *events,
) (voice.Outcome, error) {
	defer d.hangUp()
	if _, err := e.now(ctx, voice.Event{Kind: voice.Picked, At: now()}); err != nil {
		return "", err
	}
	c := &conversation{trunks: t, end: end, dialog: d, leg: e.leg, line: newLine(d.session)}
	err := c.run(ctx)
	if ctx.Err() != nil && !d.farEnded() {
		return "", context.Cause(ctx)
	}
	return voice.Answered, err
}

// run has the agent speak until either side hangs up, hears the contact, and
// takes leave of one who opts out. It returns [voice.ErrAgent] where the agent
// could not speak.
func (c *conversation) run(ctx context.Context) error {
	talking, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	c.recording = c.record(ctx)
	defer c.recording.stop()
	c.dialog.onKey(c.line.press)
	var hearing sync.WaitGroup
	hearing.Go(func() { c.line.pump(c.keyPressed(ctx, stop)) })
	if c.trunks.Ears != nil && c.leg.Detection {
		frames := c.line.listen()
		hearing.Go(func() { c.hear(ctx, frames, stop) })
	}
	gone := context.AfterFunc(c.dialog.over, func() { stop(errOver) })
	defer gone()
	err := c.speak(talking)
	if err != nil && (talking.Err() != nil || errors.Is(err, errOver)) {
		err = nil // it was cut off
	}
	if err != nil {
		err = fmt.Errorf("%w: agent %s: %w", voice.ErrAgent, c.leg.Agent.Name, err)
	}
	stop(errSpoken)
	if errors.Is(context.Cause(talking), errOptedOut) {
		c.takeLeave(ctx)
	}
	c.dialog.hangUp()
	hearing.Wait()
	return err
}

// keyPressed returns what takes in a key of the contact.
func (c *conversation) keyPressed(
	ctx context.Context, stop context.CancelCauseFunc,
) func(key string) {
	return func(key string) {
		c.heard(ctx, stop, voice.Event{Kind: voice.Pressed, At: now(), Keys: key})
	}
}

// hear has what the contact says written down.
func (c *conversation) hear(
	ctx context.Context, frames <-chan []byte, stop context.CancelCauseFunc,
) {
	// The last words may come after the call's end, and count.
	listening, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	late := context.AfterFunc(c.dialog.over, func() {
		select {
		case <-time.After(earsTime):
			cancel()
		case <-listening.Done():
		}
	})
	defer late()
	err := c.trunks.Ears.Listen(listening, frames, func(text, language string) {
		c.heard(ctx, stop, voice.Event{
			Kind: voice.Said, At: now(), Speaker: optout.Contact, Text: text, Language: language,
		})
	})
	if err != nil {
		c.trunks.Log.WarnContext(ctx, "nobody listens to a call", "call", c.leg.CallID, "err", err)
	}
}

// heard tells of something the contact did, and ends the talk of one who has
// opted out.
func (c *conversation) heard(
	ctx context.Context, stop context.CancelCauseFunc, ev voice.Event,
) {
	if optedOut, _ := c.leg.Hear(context.WithoutCancel(ctx), ev); optedOut {
		stop(errOptedOut)
	}
}

// takeLeave confirms to the contact, in place of everything else that was to
// be said, that the opt-out was heard.
func (c *conversation) takeLeave(ctx context.Context) {
	c.line.Clear()
	if c.leg.Agent.Confirmation == "" {
		return
	}
	if err := c.play(ctx, c.leg.Agent.Confirmation); err != nil && ctx.Err() == nil {
		c.trunks.Log.WarnContext(ctx, "opt-out not confirmed to the contact",
			"call", c.leg.CallID, "err", err)
	}
}

// speak has the agent speak until it has no more to say or ctx is done. The
// zero agent says nothing and stays until the contact hangs up.
func (c *conversation) speak(ctx context.Context) error {
	if err := c.tell(ctx); err != nil {
		return err
	}
	switch agent := c.leg.Agent; agent.Kind {
	case voice.Recorded:
		if err := c.play(ctx, agent.Recording); err != nil {
			return err
		}
		select {
		case <-time.After(keyTime):
		case <-ctx.Done():
		}
		return nil
	case voice.Bridged:
		return c.bridge(ctx)
	case voice.Streamed:
		if c.trunks.Streams == nil {
			return errors.New("voice/sip: no program may speak here")
		}
		return c.trunks.Streams.Talk(ctx, c.leg, c.line.forAgent())
	case "":
		<-ctx.Done()
		return nil
	default:
		return fmt.Errorf("voice/sip: no such kind of agent %q", agent.Kind)
	}
}

// play plays a recording to its end.
func (c *conversation) play(ctx context.Context, id string) error {
	audio, err := c.audio(ctx, id)
	if err != nil {
		return err
	}
	return play(ctx, c.dialog.over, c.line, audio)
}

// audio returns the sound of what is to be played.
func (c *conversation) audio(ctx context.Context, id string) ([]byte, error) {
	switch {
	case id == voice.Chime:
		return media.Chime(), nil
	case c.trunks.Recordings == nil:
		return nil, voice.ErrNoRecording
	}
	recording, err := c.trunks.Recordings.Recording(ctx, c.leg.Environment, id)
	return recording.Audio, err
}

// play plays audio to its end, a piece at a time, the next one queued while
// the one before is heard.
func play(ctx, over context.Context, s voice.Sound, audio []byte) error {
	var before chan struct{}
	for piece := range slices.Chunk(audio, aheadFor*voice.FrameBytes) {
		for frame := range slices.Chunk(piece, voice.FrameBytes) {
			if !s.Play(frame) {
				return errOver
			}
		}
		played := make(chan struct{})
		s.Mark(func() { close(played) })
		if err := await(ctx, over, before); err != nil {
			return err
		}
		before = played
	}
	return await(ctx, over, before)
}

func await(ctx, over context.Context, played chan struct{}) error {
	if played == nil {
		return nil
	}
	select {
	case <-played:
		return nil
	case <-over.Done():
		return errOver
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// bridge calls the agent, now that the contact has answered, and joins the two.
// The contact hears meanwhile what the agent's side has to say, or else ringback,
// and is hung up if nobody answers.
func (c *conversation) bridge(ctx context.Context) error {
	var to wire.Uri
	if err := wire.ParseUri(c.leg.Agent.Address, &to); err != nil || to.Host == "" {
		return errors.New("voice/sip: agent's address cannot be read")
	}
	d := c.dialingAgent(to)
	d.leave = func(send func(string)) bool {
		if ctx.Err() != nil {
			return false
		}
		send(to.User)
		return true
	}
	quiet := c.ringback(ctx)
	before := &ringing{with: c.dialog.session, quiet: quiet}
	d.early = func(s *media.Session, answer []byte) { before.hear(ctx, s, answer) }
	agent, err := d.dial(ctx)
	before.end()
	quiet()
	if err != nil {
		return fmt.Errorf("call agent: %w", err)
	}
	defer agent.hangUp()
	return media.Bridge(ctx, c.dialog.session, agent.session)
}

// ringing is what the contact hears of an agent that has not answered yet.
type ringing struct {
	with  *media.Session // the contact's
	quiet func()         // ends the ringback that is ours
	stop  context.CancelFunc
	over  sync.WaitGroup
}

// hear has the contact hear the agent's side from the first sound on that it offers.
func (r *ringing) hear(ctx context.Context, agent *media.Session, answer []byte) {
	if r.stop != nil || agent.Accept(answer) != nil {
		return
	}
	r.quiet()
	ctx, r.stop = context.WithCancel(ctx)
	r.over.Go(func() { media.Bridge(ctx, r.with, agent) })
}

// end parts the two again, so that they can be joined for good.
func (r *ringing) end() {
	if r.stop != nil {
		r.stop()
		r.over.Wait()
	}
}

// ringback plays to the contact what one hears while a phone rings, until it is
// called off.
func (c *conversation) ringback(ctx context.Context) (quiet func()) {
	ringing, stop := context.WithCancel(ctx)
	var playing sync.WaitGroup
	playing.Go(func() {
		for ringing.Err() == nil {
			if play(ringing, c.dialog.over, c.line, media.Ringback()) != nil {
				return
			}
		}
	})
	return func() {
		stop()
		playing.Wait()
		c.line.Clear()
	}
}

func (c *conversation) dialingAgent(to wire.Uri) *dialing {
	d := &dialing{
		end: c.end, ports: c.trunks.Ports, network: "UDP", ring: c.leg.Agent.RingFor,
		from: wire.Uri{Scheme: "sip", User: product},
	}
	if d.ring == 0 {
		d.ring = voice.DefaultRingFor
	}
	if transport, ok := to.UriParams.Get("transport"); ok {
		d.network = wire.NetworkToUpper(transport)
	}
	if to.Scheme == "sips" {
		d.network = "TLS"
	}
	d.srtp = d.network == "TLS"
	at := joinPort(to.Host, to.Port)
	d.ways = []way{{first: at, to: at}}
	return d
}
