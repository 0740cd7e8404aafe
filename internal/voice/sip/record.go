package sip

import (
	"context"
	"sync/atomic"

	"nocall/internal/voice"
)

// recording is the tape of a call. Until the contact has heard that the call is
// recorded, only our side is on it: that is the proof, and the contact has agreed
// to nothing yet.
type recording struct {
	tape  voice.Tape
	heard atomic.Bool // whether the contact is recorded
	ask   []byte      // what is played before that
}

// record begins to record the call, where that is wanted. It returns nil where it
// is not, or cannot be: a call without a recording is a call.
func (c *conversation) record(ctx context.Context) *recording {
	if !c.leg.Record || c.trunks.Tapes == nil {
		return nil
	}
	r, err := new(recording), error(nil)
	if c.leg.Consent != "" {
		r.ask, err = c.audio(ctx, c.leg.Consent)
	}
	if err == nil {
		r.tape, err = c.trunks.Tapes.Record(c.leg.Environment, c.leg.CallID)
	}
	if err != nil {
		c.trunks.Log.WarnContext(ctx, "call is not recorded", "call", c.leg.CallID, "err", err)
		return nil
	}
	r.heard.Store(c.leg.Consent == "")
	c.dialog.session.Tap(r.take)
	return r
}

// take takes in both sides of the sound.
func (r *recording) take(heard, spoken []byte) {
	if !r.heard.Load() {
		heard = nil
	}
	r.tape.Take(heard, spoken)
}

// tell plays to the contact that the call is recorded, and has the contact
// recorded from then on.
func (c *conversation) tell(ctx context.Context) error {
	r := c.recording
	if r == nil || len(r.ask) == 0 {
		return nil
	}
	if err := play(ctx, c.dialog.over, c.line, r.ask); err != nil {
		return err
	}
	r.heard.Store(true)
	return nil
}

// stop ends the recording, once the call has ended.
func (r *recording) stop() {
	if r != nil {
		r.tape.Close()
	}
}
