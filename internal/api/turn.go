package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// Heard is what came of a turn or of keys.
type Heard struct {
	OptOut      *HeardOptOut `json:"opt_out" doc:"For what the contact is not to be called any more: take leave. Null where no such thing was heard"`
	Entry       *Entry       `json:"entry,omitempty" doc:"What stands on the list for it, durable and in force. Left out where opt_out is null, or the caller withheld the number"`
	Finding     *Finding     `json:"finding,omitempty" doc:"What was heard, be it an opt-out or not. Left out where nothing was"`
	Provisional bool         `json:"provisional,omitempty" doc:"The turn is not final: its words may still change, and nothing is kept of the finding"`
}

// HeardOptOut is an opt-out that has just been heard, or what counts as one
// until a person has looked.
type HeardOptOut struct {
	Phrase   string         `json:"phrase" doc:"Name of the phrase that decided"`
	Quote    string         `json:"quote" doc:"The words that decided"`
	Language *string        `json:"language"`
	Turn     int            `json:"turn"`
	Verdict  optout.Verdict `json:"verdict" enum:"opt_out,review,scoped" doc:"opt_out, or what is in doubt: then the entry is provisional, until a person has looked"`
}

type heard struct{ Body Heard }

// heardOf is what was heard on a call, as it is answered. Of a turn that is not
// final nothing is in force yet: then there is a finding and no opt-out.
func (s *Server) heardOf(ctx context.Context, in OfCall, h voice.Heard) (*heard, error) {
	out := new(heard)
	f := h.Finding
	if f == nil {
		return out, nil
	}
	place := -1
	if out.Body.Provisional = h.Provisional; !h.Provisional {
		var err error
		if place, err = s.placeOfFinding(ctx, in, f); err != nil {
			return nil, err
		}
	}
	found := findingOf(*f, place)
	out.Body.Finding = &found
	if h.Provisional || !h.Suppresses() {
		return out, nil
	}
	out.Body.OptOut = &HeardOptOut{f.Phrase, f.Quote, orNil(f.Language), f.Turn, f.Verdict}
	if h.Entry != nil {
		e := entryOf(*h.Entry)
		out.Body.Entry = &e
	}
	return out, nil
}

func (s *Server) turnRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodPost, path: callPath + "/turns", id: "addTurn", tag: "calls",
			summary: "Tell what was said on a call", role: access.Member, makes: makesOnce,
			text:     turnText,
			problems: []string{"not-found", "unready", "held"},
		}, s.addTurn),
		described(route{
			method: http.MethodPost, path: callPath + "/keys", id: "pressKeys", tag: "calls",
			summary: "Tell which keys the contact pressed", role: access.Member, makes: makesOnce,
			text: "The key 9 opts out, also where conversations are not listened to: who " +
				"presses it has been told what it does.",
			problems: []string{"not-found", "unready", "held"},
		}, s.pressKeys),
	}
}

const turnText = "On an opt-out the entry is durable and in force when the answer arrives. The " +
	"contact's words count, the agent's do not. Transcripts may come after the call has ended." +
	"\n\nWhere words can be meant either way, the preset of the environment says whether the " +
	"number is listed until a person has looked; then opt_out is there, with a verdict that is " +
	"not opt_out, and an entry that is provisional. finding says what was heard in any case." +
	"\n\nA turn that is not final (a partial transcript) is judged, and what is found in it is " +
	"provisional: opt_out is null. Its words are kept when they come as final, once they have " +
	"stood unchanged for 700 ms, or when the call ends; a restart forgets them. Turns that are " +
	"not final replace one another: all of one utterance, if it is named, or of the speaker."

type turnAsked struct {
	OfCall
	Body struct {
		Speaker   optout.Speaker `json:"speaker" enum:"contact,agent"`
		Text      string         `json:"text" doc:"At most 16 KiB"`
		Final     *bool          `json:"final,omitempty" nullable:"true" doc:"False for a partial transcript"`
		Utterance *string        `json:"utterance,omitempty" maxLength:"100" nullable:"true" doc:"ID of what is being said, the same for partial transcripts and the final one; whatever the speaker is saying if left out"`
		Language  *string        `json:"language,omitempty" maxLength:"35" nullable:"true" doc:"IETF tag" example:"en-US"`
		At        *time.Time     `json:"at,omitempty" nullable:"true" doc:"When it was said; now if left out"`
	}
}

func (s *Server) addTurn(ctx context.Context, in *turnAsked) (*heard, error) {
	t := voice.Turn{Speaker: in.Body.Speaker, Text: in.Body.Text, At: now()}
	if in.Body.At != nil {
		t.At = in.Body.At.UTC().Truncate(time.Microsecond)
	}
	give(&t.Language, in.Body.Language)
	give(&t.Utterance, in.Body.Utterance)
	t.Partial = in.Body.Final != nil && !*in.Body.Final
	if err := t.Validate(); err != nil {
		return nil, at("body.text", err)
	}
	h, err := s.Listener.Turn(ctx, in.Environment, in.ID, t)
	if err != nil {
		return nil, err
	}
	return s.heardOf(ctx, in.OfCall, h)
}

func (s *Server) pressKeys(ctx context.Context, in *struct {
	OfCall
	Body struct {
		Keys string `json:"keys" doc:"1 to 64 of 0-9, A-D, * and #" example:"9"`
	}
},
) (*heard, error) {
	keys := voice.Keys{Pressed: in.Body.Keys, At: now()}
	h, err := s.Listener.Keys(ctx, in.Environment, in.ID, keys)
	if errors.Is(err, voice.ErrKeys) {
		return nil, at("body.keys", err)
	}
	if err != nil {
		return nil, err
	}
	return s.heardOf(ctx, in.OfCall, h)
}
