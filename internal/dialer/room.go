package dialer

import (
	"context"
	"errors"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// Why an attempt of a campaign waits.
var (
	errCampaignFull = errors.New("as many calls as the campaign makes at once")
	errNumberBusy   = errors.New("the number is being called already")
)

// tally names calls at providers that are counted together: those of an
// environment, and within it those over a provider, of a campaign, to a number,
// or that show a number. All count outbound calls; those over a provider inbound
// ones too.
type tally struct {
	by          tallyKind
	environment dnc.Environment
	name        string // of the provider, or the campaign's ID
	number      e164.Number
}

type tallyKind int

const (
	byEnvironment tallyKind = iota
	byProvider
	byCampaign
	byNumber
	byCallerID
)

// tallies returns the tallies of a call, in the order of their kinds.
func tallies(c voice.Call) []tally {
	env := c.Environment
	return []tally{
		{by: byEnvironment, environment: env},
		{by: byProvider, environment: env, name: c.Provider},
		{by: byCampaign, environment: env, name: c.CampaignID},
		{by: byNumber, environment: env, number: c.Number},
		byCaller(env, c.CallerID),
	}
}

// room says how many calls there may be at once, with one that is to begin, and
// how often its caller ID may be shown. Zeros set no limit.
type room struct {
	environment int
	provider    int
	campaign    int
	alone       bool // whether the number must not be called twice at once
	pace        voice.Pace
	callerID    e164.Number // the provider's own; zero where that is not known
}

// allows returns why a call must wait, given how many there are.
func (r room) allows(c voice.Call, counts map[tally]int) error {
	full := func(limit int, t tally) bool { return limit > 0 && counts[t] >= limit }
	of := tallies(c)
	switch {
	case r.alone && counts[of[byNumber]] > 0:
		return errNumberBusy
	case full(r.environment, of[byEnvironment]), full(r.provider, of[byProvider]):
		return ErrTooManyCalls
	case full(r.campaign, of[byCampaign]):
		return errCampaignFull
	}
	return nil
}

// begin counts a call in, or says why it may not begin.
func (d *Dialer) begin(c voice.Call, cancel context.CancelCauseFunc, r room) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	if err := r.allows(c, d.counts); err != nil {
		return err
	}
	at := now()
	if p, full := d.pacedNow(byCaller(c.Environment, c.CallerID), r.pace, at); full {
		return p
	}
	d.furnish()
	d.noteShown(c, at)
	d.active[c.ID] = cancel
	for _, t := range tallies(c) {
		d.counts[t]++
	}
	d.running.Add(1)
	return nil
}

// furnish makes room for calls. The caller holds mu.
func (d *Dialer) furnish() {
	if d.active == nil {
		d.active = make(map[string]context.CancelCauseFunc)
		d.counts = make(map[tally]int)
	}
}

// done counts a call out, and wakes the campaigns that may have waited for it.
func (d *Dialer) done(c voice.Call) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.countOut(c, tallies(c))
}

// countOut is done for the tallies in which a call was counted. The caller holds
// mu.
func (d *Dialer) countOut(c voice.Call, counted []tally) {
	delete(d.active, c.ID)
	for _, t := range counted {
		if d.counts[t]--; d.counts[t] == 0 {
			delete(d.counts, t)
		}
	}
	for k, r := range d.runners {
		if k.environment == c.Environment {
			r.nudge.give()
		}
	}
	d.running.Done()
}

// count returns how many calls of a tally are at providers now.
func (d *Dialer) count(t tally) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts[t]
}

// Active returns how many calls of env are at providers now.
func (d *Dialer) Active(env dnc.Environment) int { return d.count(tally{environment: env}) }
