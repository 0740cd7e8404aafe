// Package simulator is a provider that rings no one: a make-believe telephone
// network for the sandbox, for demonstrations and for tests.
//
// Contacts behave by the last two digits of their number, unless a [Script]
// says otherwise. Nothing here knows the do-not-call list: like every provider
// it dials what a clearance gives it.
package simulator

import (
	"context"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

var _ voice.Provider = (*Provider)(nil)

// Provider is the make-believe network. Its exported fields are set once,
// before use; it may be used by many goroutines at once.
type Provider struct {
	Speed  float64 // how many times faster than in life time passes; 0 is 1
	Script Script  // what some contacts do instead

	// OnRing, if set, is called in the instant in which a phone is dialed,
	// inside [dnc.Clearance.Dial]: it must not wait and must not call the list.
	OnRing func(n e164.Number)
}

// Place implements [voice.Provider].
func (p *Provider) Place(
	ctx context.Context, c dnc.Clearance, leg voice.Leg,
) (voice.Outcome, error) {
	n, err := p.ring(ctx, c)
	if err != nil {
		return "", err
	}
	b := p.Script.behaviour(n)
	if b.rings() {
		if _, err := leg.Hear(ctx, voice.Event{Kind: voice.Ringing, At: time.Now()}); err != nil {
			return "", err
		}
	}
	if err := p.wait(ctx, b.Rings); err != nil {
		return "", err
	}
	if b.Outcome != voice.Answered {
		return b.Outcome, nil
	}
	if _, err := leg.Hear(ctx, voice.Event{Kind: voice.Picked, At: time.Now()}); err != nil {
		return "", err
	}
	return voice.Answered, p.talk(ctx, b, leg)
}

// ring rings the number that c clears, unless the call was cut off before.
func (p *Provider) ring(ctx context.Context, c dnc.Clearance) (e164.Number, error) {
	if ctx.Err() != nil {
		return e164.Number{}, context.Cause(ctx)
	}
	var rung e164.Number
	ok := c.Dial(time.Now(), func(n e164.Number) {
		rung = n
		if p.OnRing != nil {
			p.OnRing(n)
		}
	})
	if !ok {
		return e164.Number{}, voice.ErrLapsed
	}
	return rung, nil
}

// english is the language of all who do not stand in a script.
const english = "en"

// talk speaks the lines of b, and takes leave once the contact has opted out
// and been heard; in a language that we do not speak, without a word.
func (p *Provider) talk(ctx context.Context, b Behaviour, leg voice.Leg) error {
	for _, line := range b.Lines {
		optedOut, err := p.say(ctx, line, b.Language, leg)
		if err != nil {
			return err
		}
		if optedOut && (b.Language == "" || b.Language == english) {
			_, err = p.say(ctx, goodbye, english, leg)
		}
		if optedOut {
			return err
		}
	}
	return nil
}

// say lets a line be said, or its keys be pressed, and be heard.
func (p *Provider) say(
	ctx context.Context, line Line, language string, leg voice.Leg,
) (bool, error) {
	if err := p.wait(ctx, line.duration()); err != nil {
		return false, err
	}
	if line.Keys != "" {
		return leg.Hear(ctx, voice.Event{Kind: voice.Pressed, At: time.Now(), Keys: line.Keys})
	}
	return leg.Hear(ctx, voice.Event{
		Kind: voice.Said, At: time.Now(), Speaker: line.Speaker, Text: line.Text,
		Language: language,
	})
}

// wait lets d pass, at the network's speed.
func (p *Provider) wait(ctx context.Context, d time.Duration) error {
	if p.Speed > 0 {
		d = time.Duration(float64(d) / p.Speed)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
