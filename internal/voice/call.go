package voice

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Direction says who called whom.
type Direction string

// The directions of a call.
const (
	Outbound Direction = "outbound"
	Inbound  Direction = "inbound"
)

// Status says how far a call has come.
type Status string

// The statuses of a call. They only go forward.
const (
	Queued     Status = "queued"
	IsRinging  Status = "ringing"
	InProgress Status = "in_progress"
	Ended      Status = "ended"
)

// Errors of calls.
var (
	ErrNoCall      = errors.New("voice: no such call")
	ErrEnded       = errors.New("voice: call has ended already")
	ErrLapsed      = errors.New("voice: clearance has lapsed or was recalled, not dialed")
	ErrDisposition = errors.New("voice: want answered, busy, no_answer, refused or failed")
)

// Call is what a provider carries, or an attempt at one: a skipped call is
// kept too. Number is always the contact's.
type Call struct {
	ID              string
	Environment     dnc.Environment
	Direction       Direction
	Number          e164.Number // zero for an inbound call whose caller withheld it
	CallerID        e164.Number // our number that was shown, or that was called
	Provider        string
	CampaignID      string
	Status          Status
	Disposition     campaign.Disposition
	SkipReason      campaign.SkipReason
	OptOutDetection bool
	Revision        int64     // of the list when the number was cleared; 0 if it was not
	By              string    // the user or key that asked for the call
	StartedAt       time.Time // when the call was asked for, or came in
	RangAt          time.Time // when the phone began to ring; zero if that was not told
	AnsweredAt      time.Time // zero if it was not
	EndedAt         time.Time // zero while it lasts
	SIPCode         int       // the last answer of a trunk, such as 486; 0 for none
	SIPPhrase       string
	Presses         []Press // keys that opted nobody out, in order

	Findings  []Finding // opt-outs heard, and what may be one, in order
	TurnCount int
	Turns     []Turn // only where a whole call is asked for
}

// OptedOut returns the first opt-out heard on the call, if there was one: what
// is in doubt is none until a person has confirmed it.
func (c *Call) OptedOut() (Finding, bool) {
	for i := range c.Findings {
		if c.Findings[i].OptOut() {
			return c.Findings[i], true
		}
	}
	return Finding{}, false
}

// Suppressed reports whether something was heard on the call for which its
// contact is not to be called, be it until a person has looked.
func (c *Call) Suppressed() bool {
	return slices.ContainsFunc(c.Findings, func(f Finding) bool { return f.Suppresses() })
}

// Note keeps a finding and returns it as it is kept. One of the same request,
// as of a turn that was sent twice, is kept once: the first.
func (c *Call) Note(f Finding) Finding {
	if i := c.Place(f); i >= 0 {
		return c.Findings[i]
	}
	c.Findings = append(c.Findings, f)
	return f
}

// Place returns where among its findings the call has that of the same request,
// or -1.
func (c *Call) Place(f Finding) int {
	for i := range c.Findings {
		if c.Findings[i].Same(&f) {
			return i
		}
	}
	return -1
}

// Ring notes that the contact's phone rings since the time. A call further on
// stays as it is.
func (c *Call) Ring(at time.Time) {
	if c.Status == Queued {
		c.Status, c.RangAt = IsRinging, at
	}
}

// maxPhrase is how much of what a far end says is kept, in bytes, and maxPresses
// how often keys are.
const (
	maxPhrase  = 100
	maxPresses = 100
)

// Replied notes the last answer of a trunk.
func (c *Call) Replied(code int, phrase string) {
	c.SIPCode = code
	c.SIPPhrase = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(phrase[:min(len(phrase), maxPhrase)], ""))
}

// Press is keys that the contact pressed.
type Press struct {
	Keys string
	At   time.Time
}

// Press notes keys of the contact that opted nobody out, as far as there is room.
func (c *Call) Press(keys string, at time.Time) {
	if len(c.Presses) < maxPresses {
		c.Presses = append(c.Presses, Press{keys, at})
	}
}

// Answer notes that the call was answered at the time. An ended call stays as
// it is.
func (c *Call) Answer(at time.Time) {
	if c.Status == Ended || c.Status == InProgress {
		return
	}
	c.Status = InProgress
	c.AnsweredAt = at
}

// End ends the call. It returns ErrEnded for one that has ended.
func (c *Call) End(d campaign.Disposition, at time.Time) error {
	if c.Status == Ended {
		return ErrEnded
	}
	c.Status, c.Disposition, c.EndedAt = Ended, d, at
	return nil
}

// Skip ends a call that was not placed, or was recalled, for reason.
func (c *Call) Skip(d campaign.Disposition, reason campaign.SkipReason, at time.Time) error {
	if err := c.End(d, at); err != nil {
		return err
	}
	c.SkipReason = reason
	return nil
}

// Disposition returns how a call ended that had outcome o.
func (o Outcome) Disposition() campaign.Disposition {
	switch o {
	case Answered:
		return campaign.Answered
	case Busy:
		return campaign.Busy
	case NoAnswer:
		return campaign.NoAnswer
	case Refused, Unwanted:
		return campaign.Refused
	}
	return campaign.Failed
}

// CallQuery asks for one page of the calls of an environment, newest first.
// Zero fields ask for everything.
type CallQuery struct {
	Number      e164.Number
	Part        string // digits anywhere in the number
	Direction   Direction
	Disposition campaign.Disposition
	SkipReason  campaign.SkipReason
	CampaignID  string
	OptOut      *bool  // whether an opt-out was heard, see Call.OptedOut
	Words       string // in the transcript, in any case
	Since       time.Time
	Until       time.Time // before
	After       string    // the ID of the last call of the page before
	Limit       int
}

// CallPage is one page of calls, without their turns.
type CallPage struct {
	Calls []Call
	Total int
	Next  string // the CallQuery.After of the next page; "" after the last one
}
