// Package voice has the words for calls: what a provider does, what happens on
// a call, what was said, and what is kept of it.
//
// A [Provider] is given a clearance and takes the number to dial from it and
// from nowhere else. An inbound call has no clearance: nobody is asked.
package voice

import (
	"context"
	"errors"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
)

// Provider places calls. A make-believe network and a SIP trunk are providers.
type Provider interface {
	// Place dials the number that c gives it, tells leg what happens, and
	// returns when the call is over. When ctx is done it hangs up, or lets
	// the phone stop ringing, and returns the cause. It returns ErrLapsed
	// without having dialed when c clears nothing any more.
	//
	// What makes the phone ring is done inside c.Dial, and is not repeated
	// once ctx is done: who lists a number may rely on silence.
	Place(ctx context.Context, c dnc.Clearance, leg Leg) (Outcome, error)
}

// ErrTrunk is wrapped by what a provider says of a call for which no phone rang,
// and of which the cause will be there for the next call as well: it cannot be
// reached, or does not take us for its customer.
var ErrTrunk = errors.New("voice: provider is out of order, no phone rang")

// ErrAgent is wrapped by what a provider says, beside Answered, of a call on
// which nobody spoke to the contact: its agent cannot be reached, or broke down.
var ErrAgent = errors.New("voice: agent cannot speak, the contact heard silence")

// Leg is our side of a call that a provider places.
type Leg struct {
	CallID      string
	Environment dnc.Environment
	CallerID    e164.Number // the number shown to the contact; zero for the provider's own
	Agent       Agent       // who speaks; the zero Agent is the provider's own
	Detection   bool        // whether what the contact says is to be heard
	Record      bool        // whether the sound of the call is to be kept
	Consent     string      // the ID of what is played before that; "" for nothing

	// Hear takes in what happens, in order, and reports whether the contact
	// has opted out, so that the agent can take leave. When it returns, what
	// follows from the event is durable.
	Hear func(ctx context.Context, ev Event) (optedOut bool, err error)

	// Final is told of the last answer in SIP, as 200 or 486, before Place
	// returns; nil for nobody.
	Final func(code int, phrase string)
}

// Outcome is what became of a call that a provider placed.
type Outcome string

// The outcomes of a call.
const (
	Answered Outcome = "answered"
	Busy     Outcome = "busy"      // SIP 486, 600
	NoAnswer Outcome = "no_answer" // SIP 408, 480
	Refused  Outcome = "refused"   // SIP 603, 608: declined, by a person or by a machine on the way
	Unwanted Outcome = "unwanted"  // SIP 607 (RFC 8197): a person said so, an opt-out
	Failed   Outcome = "failed"
)

// EventKind says what happened on a call.
type EventKind string

// What happens on a call.
const (
	Ringing EventKind = "ringing"
	Picked  EventKind = "answered"
	Said    EventKind = "said"    // a turn, with Speaker and Text
	Pressed EventKind = "pressed" // keys of the contact, with Keys
)

// Event is something that happened on a call.
type Event struct {
	Kind     EventKind
	At       time.Time
	Speaker  optout.Speaker
	Text     string
	Language string // IETF tag; "" if unknown
	Keys     string // digits, * and #
}
