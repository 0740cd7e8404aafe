package campaign

import (
	"errors"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Errors of campaigns.
var (
	ErrNoCampaign = errors.New("campaign: no such campaign")
	ErrNoContact  = errors.New("campaign: no such contact")
	ErrState      = errors.New("campaign: its state does not allow that")
	ErrTaken      = errors.New("campaign: contact is not waiting any more")
)

// State says what a campaign does.
type State string

// The states of a campaign.
const (
	Draft    State = "draft"    // not started yet
	Running  State = "running"  // contacts are called, in their windows
	Paused   State = "paused"   // no attempt begins; calls that go on end by themselves
	Finished State = "finished" // every contact is done; starting it again goes on with new ones
)

// Campaign is contacts to be called: by which provider, when, how often.
type Campaign struct {
	ID              string
	Environment     dnc.Environment
	Name            string // 1 to 100 characters
	Description     string // at most 1000 characters
	State           State
	Provider        string        // its name
	Agent           string        // its name; "" for the provider's own
	CallerIDs       []e164.Number // numbers to be shown, used in turns
	CallerTag       string        // our numbers with this tag are used too; "" for none
	Window          *Window       // nil for at any time
	Flow            []Step        // phone steps, in order; none is one step without delay
	Retry           Retry
	Exit            Exit
	Pace            Pace
	OptOutDetection bool
	OptOutKey       string // the key that opts out, as "9"; "" for none
	Record          bool   // whether the sound of its calls is kept
	Consent         string // the ID of what is played before that; "" for nothing
	By              string // the user or key that made it
	CreatedAt       time.Time
	UpdatedAt       time.Time
	StartedAt       time.Time // for the first time; zero before
	FinishedAt      time.Time // zero while it is not
}

// Window says in which hours contacts may be called, on the contact's clock.
type Window struct {
	Timezone         string   // an IANA name, or ContactZone
	FallbackTimezone string   // of contacts whose zone is not known; "" lets them wait for ever
	Weekly           []Hours  // open hours
	Blackout         []string // days without calls, such as 2026-12-25
	Holidays         string   // USFederal, or "" for none
}

// ContactZone as a window's Timezone is the contact's own: the one that was
// given, or else every zone in which its number may stand.
const ContactZone = "contact"

// USFederal are the holidays of 5 U.S.C. 6103, on the days on which they are
// observed too.
const USFederal = "us-federal"

// Hours are open hours on days of the week. An end at or before the beginning
// is one of the next day.
type Hours struct {
	Days     []time.Weekday
	From, To string // as 09:00; To may be 24:00
}

// Step is one phone step of an outreach flow.
type Step struct {
	Delay time.Duration // after the end of the step before, or the start; at most 365 days
	Agent string        // its name; "" for the campaign's
}

// Retry says when a further attempt of a step may follow a disposition.
type Retry struct {
	MaxAttempts int             // of one step, 1 to 20; 0 is 1
	Delays      []time.Duration // before the second, third, ... attempt; the last goes on
	On          []Disposition   // after which there is another; none is busy, no_answer, failed
}

// Exit says when a contact is done before the flow has ended. One that opted
// out or is listed always is.
type Exit struct {
	AnyAnswer   bool // whether an answered call ends the flow; else only the step
	MaxAttempts int  // over all steps, 1 to 100; 0 for no limit
}

// Pace says how quickly a campaign calls. Zeros set no limit beside the
// environment's.
type Pace struct {
	Calls       int     // at once
	PerSecond   float64 // call attempts
	PerCallerID float64 // call attempts in a minute with one caller ID
}
