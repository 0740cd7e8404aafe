package dialer

import (
	"context"
	"errors"
	"sync"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/voice"
)

// TestCall has a call placed to somebody who wants to know whether calls go
// through, and returns what came of it as soon as it is answered, or has ended
// without. It is a call as any other: the list is asked, it is kept, and a key
// opts out. Without an agent a chime is played. It returns the errors of
// [Dialer.Place], and the ID of the call with [dnc.ErrListed]; where ctx is done
// before, the call goes on.
func (d *Dialer) TestCall(ctx context.Context, r Request) (voice.CallTest, error) {
	agent, err := d.agent(ctx, r.Environment, r.Agent)
	if err != nil {
		return voice.CallTest{}, err
	}
	if r.Agent == "" {
		agent = voice.Agent{Name: voice.Chime, Kind: voice.Recorded, Recording: voice.Chime}
	}
	t := &trial{began: time.Now(), known: make(chan struct{})}
	call, err := d.place(ctx, r, placing{agent: agent, trial: t})
	if err != nil {
		return voice.CallTest{CallID: call.ID}, err
	}
	select {
	case <-t.known:
	case <-ctx.Done():
		return voice.CallTest{CallID: call.ID}, context.Cause(ctx)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.test.CallID = call.ID
	return t.test, nil
}

// trial follows a test call until it is known what came of it.
type trial struct {
	began time.Time
	known chan struct{} // closed once it is

	mu   sync.Mutex
	over bool
	test voice.CallTest
}

// follow has the trial told of what happens on a call.
func (t *trial) follow(leg *voice.Leg) {
	hear := leg.Hear
	leg.Hear = func(ctx context.Context, ev voice.Event) (bool, error) {
		optedOut, err := hear(ctx, ev)
		switch {
		case ev.Kind == voice.Ringing:
			t.rang()
		case ev.Kind == voice.Picked && err == nil:
			t.settle(campaign.Answered, "", nil)
		}
		return optedOut, err
	}
	leg.Final = func(code int, phrase string) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if !t.over {
			t.test.Code, t.test.Reason = code, phrase
		}
	}
}

func (t *trial) rang() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.test.Rang = time.Since(t.began)
}

// ended tells of the end of the call.
func (t *trial) ended(e ending) {
	if t != nil {
		t.settle(e.call.Disposition, e.call.SkipReason, e.err)
	}
}

// settle notes what came of the call, if that is not known yet.
func (t *trial) settle(how campaign.Disposition, why campaign.SkipReason, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	t.over = true
	t.test.Took = time.Since(t.began)
	t.test.Disposition, t.test.SkipReason = how, why
	if t.test.Code == 0 && err != nil && !errors.Is(err, errHungUp) {
		t.test.Reason = err.Error()
	}
	close(t.known)
}
