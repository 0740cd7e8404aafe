package dialer

import (
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
)

// gate is one check between a contact and a call, with one reason to skip it.
type gate struct {
	reason campaign.SkipReason

	// opens returns when the contact may pass, not before a given time; the
	// zero time for not at all.
	opens func(c campaign.Contact, at time.Time) (time.Time, error)
}

// admission says whether a contact may be called.
type admission struct {
	skip  campaign.SkipReason // why it may not; "" if it may
	later time.Time           // when it may; zero for now
}

// gates returns the gates in their order. The list comes last, so that nothing
// comes between its answer and the call.
func (r *runner) gates() [4]gate {
	return [4]gate{
		{campaign.SkipWindow, r.window},
		{campaign.SkipLimit, r.attemptsLeft},
		{campaign.SkipRegistry, r.unregistered},
		{campaign.SkipDNC, r.unlisted},
	}
}

// admit leads a contact through the gates.
func (r *runner) admit(c campaign.Contact, at time.Time) (admission, error) {
	for _, g := range r.gates() {
		opens, err := g.opens(c, at)
		switch {
		case err != nil:
			return admission{}, err
		case opens.IsZero():
			return admission{skip: g.reason}, nil
		case opens.After(at):
			return admission{later: opens}, nil
		}
	}
	return admission{}, nil
}

// window is open in the contact's hours, once the delay of the first step has
// passed.
func (r *runner) window(c campaign.Contact, at time.Time) (time.Time, error) {
	opens, ok := r.campaign.NextAt(c, at)
	if !ok {
		return time.Time{}, nil
	}
	return opens, nil
}

// attemptsLeft is closed to contacts at which there have been as many attempts
// as the campaign now makes, because it made more before.
func (r *runner) attemptsLeft(c campaign.Contact, at time.Time) (time.Time, error) {
	over := r.campaign.Exit.MaxAttempts > 0 && c.AllAttempts >= r.campaign.Exit.MaxAttempts
	if over || c.Attempts >= max(1, r.campaign.Retry.MaxAttempts) ||
		c.Step >= max(1, len(r.campaign.Flow)) {
		return time.Time{}, nil
	}
	return at, nil
}

// unregistered is closed to numbers that the registries of the environment do not
// clear. One that is listed passes on to where that is said.
func (r *runner) unregistered(c campaign.Contact, at time.Time) (time.Time, error) {
	a, err := r.dialer.List.Verdict(r.key.environment, c.Number, at)
	if err != nil || a.Verdict == dnc.Clear || a.Verdict == dnc.Listed {
		return at, err
	}
	return time.Time{}, nil
}

// unlisted is closed to numbers on the do-not-call list. It is not the last
// word: the list is asked again in the moment of the call.
func (r *runner) unlisted(c campaign.Contact, at time.Time) (time.Time, error) {
	listed, err := r.dialer.List.Check(r.key.environment, c.Number)
	if listed {
		return time.Time{}, nil
	}
	return at, err
}
