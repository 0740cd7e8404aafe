package dialer

import (
	"context"
	"errors"
	"slices"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// callerIDs are the numbers that a campaign shows, in turns.
type callerIDs struct {
	numbers []e164.Number // the zero number is the provider's own, which we do not know
	turn    int           // whose is the next
	paces   map[e164.Number]*pace
}

// callerIDsOf returns the numbers that c shows: those it names and, of ours
// that its provider carries, those with its tag. Without any it is the provider's
// own.
func callerIDsOf(
	c campaign.Campaign, ours []voice.OwnNumber, own e164.Number,
) []e164.Number {
	numbers := slices.Clone(c.CallerIDs)
	for _, n := range ours {
		carried := n.Provider == "" || n.Provider == c.Provider
		tagged := c.CallerTag != "" && slices.Contains(n.Tags, c.CallerTag)
		if carried && tagged && !slices.Contains(numbers, n.Number) {
			numbers = append(numbers, n.Number)
		}
	}
	if len(numbers) == 0 {
		numbers = append(numbers, own)
	}
	return numbers
}

// mayShow returns [voice.ErrCallerID] where a call is not to show the number that
// it asks for.
func (d *Dialer) mayShow(ctx context.Context, r Request) error {
	if r.CallerID.IsZero() || d.Agents == nil {
		return nil
	}
	shows, err := d.shows(ctx, r.Environment, r.Provider)
	if err == nil && !shows(r.CallerID) {
		err = voice.ErrCallerID
	}
	return err
}

// shows returns which numbers may be shown over a provider: over a trunk those of
// ours that it carries, and its own caller ID. Where we have no numbers at all,
// nobody has said which are ours, and any may be.
func (d *Dialer) shows(
	ctx context.Context, env dnc.Environment, provider string,
) (func(e164.Number) bool, error) {
	anything := func(e164.Number) bool { return true }
	if provider == Simulator || provider == External {
		return anything, nil
	}
	ours, err := d.Agents.Numbers(ctx, env)
	if err != nil || len(ours) == 0 {
		return anything, err
	}
	trunk, err := d.Agents.Trunk(ctx, env, provider)
	if errors.Is(err, voice.ErrNoProvider) { // it is no trunk
		return anything, nil
	}
	return func(n e164.Number) bool {
		return n == trunk.CallerID || slices.ContainsFunc(ours, func(o voice.OwnNumber) bool {
			return o.Number == n && o.Provider == provider
		})
	}, err
}

// show has numbers shown from now on. How long each of them must rest stays.
func (c *callerIDs) show(numbers []e164.Number) {
	paces := make(map[e164.Number]*pace, len(numbers))
	for _, n := range numbers {
		paces[n] = c.paces[n]
		if paces[n] == nil {
			paces[n] = new(pace)
		}
	}
	c.numbers, c.paces = numbers, paces
}

// next returns the number whose turn it is at the time, of those that paced does
// not hold. Where all must rest it returns how long, and the [Paced] that says so
// where it is not the campaign alone that wants it.
func (c *callerIDs) next(
	at time.Time, paced func(e164.Number) (Paced, bool),
) (n e164.Number, wait time.Duration, why error) {
	for i := range c.numbers {
		candidate := c.numbers[(c.turn+i)%len(c.numbers)]
		rest, cause := c.paces[candidate].wait(at), error(nil)
		if p, full := paced(candidate); full && p.wait(at) > rest {
			rest, cause = p.wait(at), p
		}
		if rest == 0 {
			return candidate, 0, nil
		}
		if i == 0 || rest < wait {
			wait, why = rest, cause
		}
	}
	return e164.Number{}, wait, why
}

// took notes that n is shown at the time, which may be so often a minute.
func (c *callerIDs) took(n e164.Number, at time.Time, perMinute float64) {
	c.paces[n].took(at, perMinute/60)
	c.turn = (slices.Index(c.numbers, n) + 1) % len(c.numbers)
}
