package voice

import (
	"errors"
	"strings"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/optout"
)

// Errors of reviews.
var (
	ErrNoFinding = errors.New("voice: no such finding")
	ErrReviewed  = errors.New("voice: finding has been reviewed already, with another answer")
)

// Channel says through which channel an opt-out came.
type Channel string

// The channels of an opt-out on a call.
const (
	Speech Channel = "speech"
	Key    Channel = "key"    // a keypress
	Signal Channel = "signal" // SIP 607 Unwanted, RFC 8197
)

// Finding is an opt-out found on a call, or what may be one. For a channel
// other than speech the words are those of the channel: the keys, or the signal.
type Finding struct {
	optout.Finding
	Engine      string // the version of the detector that found it; "" for keys and signals
	Channel     Channel
	At          time.Time
	Listed      bool // false where the caller withheld their number, or nothing was to be listed
	Provisional bool // it was listed until a person has looked
	Review      ReviewState
	ReviewedBy  string // the user or key; "" while none has
	ReviewedAt  time.Time
}

// ReviewState says how far a person's look at a finding has come.
type ReviewState string

// The states of a review. A finding that needs none, such as a clear opt-out,
// has the state "" until somebody gives an answer all the same.
const (
	ReviewOpen ReviewState = "open"
	Confirmed  ReviewState = "confirmed" // it was an opt-out: its number stays listed
	Released   ReviewState = "released"  // it was not: its number is off the list again
)

// OptOut reports whether f counts as an opt-out: a clear one that nobody has
// released, or another that a person has confirmed.
func (f *Finding) OptOut() bool {
	return f.Review == Confirmed || f.Verdict == optout.OptOut && f.Review != Released
}

// Suppresses reports whether the contact is not to be called for f, be it until
// a person has looked.
func (f *Finding) Suppresses() bool {
	return f.OptOut() || f.Listed && f.Review != Released
}

// Same reports whether f and g are of one request, however often it was heard:
// of the same kind, in overlapping words of one turn, or in the same words again.
func (f *Finding) Same(g *Finding) bool {
	if f.Channel != g.Channel || f.Verdict != g.Verdict || f.Doubt != g.Doubt {
		return false
	}
	if f.Channel == Speech && f.Turn == g.Turn {
		return f.Start < g.End && g.Start < f.End || f.Quote == g.Quote
	}
	return f.Phrase == g.Phrase && strings.EqualFold(f.Quote, g.Quote)
}

// Heard is what came of a turn or of keys: nothing, or a finding and the entry
// that stands on the list for it.
type Heard struct {
	Finding *Finding
	Entry   *dnc.Entry // nil where nothing could be listed, see Finding.Listed

	// Provisional says that the words may still change: nothing is kept of the
	// finding yet.
	Provisional bool
}

// Suppresses reports whether the contact is not to be called any more for what
// was heard, and whoever speaks should take leave.
func (h Heard) Suppresses() bool { return h.Finding != nil && h.Finding.Suppresses() }

// Review is a person's answer to a finding.
type Review struct {
	CallID string
	Place  int         // of the finding among those of its call, from 0
	Answer ReviewState // Confirmed or Released
	By     string      // the user or key that answers
	At     time.Time
}

// FindingQuery asks for one page of the findings of an environment, newest
// first. Zero fields ask for everything.
type FindingQuery struct {
	Review     ReviewState
	Verdict    optout.Verdict
	CallID     string
	CampaignID string
	Part       string // digits anywhere in the number of the call
	After      string // the FindingPage.Next of the page before
	Limit      int
}

// FindingPage is one page of findings.
type FindingPage struct {
	Findings []Found
	Total    int    // all that match, on every page
	Next     string // the FindingQuery.After of the next page; "" after the last one
}

// Found is a finding with what a person needs to judge it.
type Found struct {
	Finding
	Place int    // among the findings of its call, from 0
	Call  Call   // with its findings, without its turns
	Turns []Turn // the one it was found in, and up to two before and two after it
}
