package dialer

import (
	"cmp"
	"context"
	"errors"

	"nocall/internal/voice"
)

// Inbound keeps a call that came in elsewhere. The list is not asked.
func (d *Dialer) Inbound(ctx context.Context, r Request) (voice.Call, error) {
	if r.Provider == "" {
		r.Provider = External
	}
	call, _, err := d.newCall(ctx, r, voice.Inbound)
	if err != nil {
		return voice.Call{}, err
	}
	call.Answer(call.StartedAt)
	if err := d.Calls.AddCall(ctx, call); err != nil {
		return voice.Call{}, err
	}
	d.List.Bell.Ring(call.Environment)
	return call, nil
}

// Answer keeps a call that comes in on a trunk, and returns our side of it:
// with the agent of the number that was called, the zero Agent where it has
// none. Whoever calls is answered, listed or not: the list is not asked. The
// trunk calls done, with how the call went, when it is over.
//
// It returns [voice.ErrNoNumber] for a number that is not ours.
func (d *Dialer) Answer(
	ctx context.Context, a voice.Arrival,
) (leg voice.Leg, done func(voice.Outcome), err error) {
	agent, err := d.inboundAgent(ctx, a)
	if err != nil {
		return voice.Leg{}, nil, err
	}
	call, _, err := d.newCall(ctx, Request{
		Environment: a.Environment, Number: a.Caller, CallerID: a.Called, Provider: a.Trunk,
	}, voice.Inbound)
	if err != nil {
		return voice.Leg{}, nil, err
	}
	call.Answer(call.StartedAt)
	if err := d.admit(call, a.HangUp); err != nil {
		return voice.Leg{}, nil, err
	}
	if err := d.Calls.AddCall(ctx, call); err != nil {
		d.left(call)
		return voice.Leg{}, nil, err
	}
	d.List.Bell.Ring(call.Environment)
	p := placing{call: call, agent: agent}
	return p.leg(d.earsOf(p, 0)), func(o voice.Outcome) {
		d.finish(call.Environment, call.ID, func(c *voice.Call) error {
			return c.End(o.Disposition(), now())
		})
		d.left(call)
	}, nil
}

// inboundAgent returns who answers a call that comes in.
func (d *Dialer) inboundAgent(ctx context.Context, a voice.Arrival) (voice.Agent, error) {
	ours, err := d.Agents.Numbers(ctx, a.Environment)
	if err != nil {
		return voice.Agent{}, err
	}
	for _, n := range ours {
		if n.Number != a.Called {
			continue
		}
		agent, err := d.agent(ctx, a.Environment, n.InboundAgent)
		if errors.Is(err, voice.ErrNoAgent) { // removed meanwhile: answered all the same
			return voice.Agent{}, nil
		}
		return agent, err
	}
	return voice.Agent{}, voice.ErrNoNumber
}

// admit notes an inbound call that ends with us. It waits for no limit, and counts
// against that of its trunk.
func (d *Dialer) admit(c voice.Call, hangUp func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	d.furnish()
	d.counts[tallies(c)[byProvider]]++
	d.active[c.ID] = func(error) {
		if hangUp != nil {
			hangUp()
		}
	}
	d.running.Add(1)
	return nil
}

// left notes that an inbound call is over.
func (d *Dialer) left(c voice.Call) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.countOut(c, tallies(c)[byProvider:byCampaign])
}

// optOutKey returns the key that opts out: the first that is set, or the usual
// one.
func optOutKey(keys ...string) string { return cmp.Or(append(keys, voice.DefaultKey)...) }
