package campaign

import (
	"slices"
	"time"
)

// NextAt returns the earliest moment, not before from, at which the next
// attempt at contact may begin: the campaign's window is open, and before the
// very first attempt the delay of the first step has passed. It returns false
// if the window is not open within a year, or the contact's zone is not known.
func (c *Campaign) NextAt(contact Contact, from time.Time) (time.Time, bool) {
	from = c.firstDelay(contact, from)
	if c.Window == nil {
		return from, true
	}
	return c.Window.Next(from, c.Window.Zones(contact))
}

// firstDelay returns from, or when the delay of the first step will have
// passed. It begins when the contact has been added and the campaign started;
// one that has not started is taken to start at from.
func (c *Campaign) firstDelay(contact Contact, from time.Time) time.Time {
	if contact.Step > 0 || contact.AllAttempts > 0 || len(c.Flow) == 0 || c.Flow[0].Delay <= 0 {
		return from
	}
	begun := c.StartedAt
	if begun.IsZero() {
		begun = from
	}
	return later(from, later(begun, contact.AddedAt).Add(c.Flow[0].Delay))
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// After returns the contact as it is after an attempt that ended at the given
// time: waiting for the next attempt of its step, or for the next step, or
// done. It counts the attempt, unless it was skipped; who begins one must not.
//
// A contact who has opted out, is listed or registered, was recalled or has
// been called as often as it may be is done. One that was skipped for the
// window waits until it opens.
// A contact whose window does not open within a year, or whose zone is not
// known, waits for a year, and is then looked at again.
func (c *Campaign) After(
	contact Contact, d Disposition, why SkipReason, optedOut bool, at time.Time,
) Contact {
	contact.Disposition, contact.SkipReason = d, why
	contact.OptedOut = contact.OptedOut || optedOut
	contact.UpdatedAt = at
	if d != Skipped {
		contact.Attempts++
		contact.AllAttempts++
	}
	switch {
	case contact.OptedOut, d == Recalled, d == Skipped && why != SkipWindow:
		return contact.end()
	case d == Skipped:
		return c.wait(contact, at)
	case c.Exit.MaxAttempts > 0 && contact.AllAttempts >= c.Exit.MaxAttempts,
		d == Answered && c.Exit.AnyAnswer:
		return contact.end()
	case c.Retry.again(d, contact.Attempts):
		return c.wait(contact, at.Add(c.Retry.delay(contact.Attempts)))
	case contact.Step+1 < len(c.Flow):
		contact.Step++
		contact.Attempts = 0
		return c.wait(contact, at.Add(c.Flow[contact.Step].Delay))
	}
	return contact.end()
}

// end returns the contact with nothing left to do.
func (c Contact) end() Contact {
	c.State = Done
	c.NextAt = time.Time{}
	return c
}

// wait returns the contact waiting for an attempt not before from.
func (c *Campaign) wait(contact Contact, from time.Time) Contact {
	at, open := c.NextAt(contact, from)
	if !open {
		at = from.Add(horizon)
	}
	contact.State = Waiting
	contact.NextAt = at
	return contact
}

// again reports whether a step that was attempted so often is attempted once
// more after d. An answered call is never repeated.
func (r *Retry) again(d Disposition, attempts int) bool {
	if attempts >= r.MaxAttempts || d == Answered {
		return false
	}
	if len(r.On) == 0 {
		return slices.Contains(usualRetries, d)
	}
	return slices.Contains(r.On, d)
}

// usualRetries are the dispositions that are retried where none are named.
var usualRetries = []Disposition{Busy, NoAnswer, Failed}

// delay returns how long to wait after so many attempts.
func (r *Retry) delay(attempts int) time.Duration {
	if len(r.Delays) == 0 {
		return usualDelay
	}
	return r.Delays[min(attempts, len(r.Delays))-1]
}

// usualDelay is the wait before a further attempt where none is set.
const usualDelay = 30 * time.Minute
