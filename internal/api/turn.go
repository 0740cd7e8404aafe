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
	OptOut *HeardOptOut `json:"opt_out" doc:"Null where no opt-out was heard"`
	Entry  *Entry       `json:"entry,omitempty" doc:"What stands on the list for it, durable and in force. Left out where nothing was heard, or the caller withheld the number"`
}

// HeardOptOut is an opt-out that has just been heard.
type HeardOptOut struct {
	Phrase   string  `json:"phrase" doc:"Name of the phrase that decided"`
	Quote    string  `json:"quote" doc:"The words that decided"`
	Language *string `json:"language"`
	Turn     int     `json:"turn"`
}

type heard struct{ Body Heard }

func heardOf(h voice.Heard) *heard {
	out := new(heard)
	if f := h.Finding; f != nil {
		out.Body.OptOut = &HeardOptOut{f.Phrase, f.Quote, orNil(f.Language), f.Turn}
	}
	if h.Entry != nil {
		e := entryOf(*h.Entry)
		out.Body.Entry = &e
	}
	return out
}

func (s *Server) turnRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodPost, path: callPath + "/turns", id: "addTurn", tag: "calls",
			summary: "Tell what was said on a call", role: access.Member, makes: makesOnce,
			text: "On an opt-out the entry is durable and in force when the answer arrives. The " +
				"contact's words count, the agent's do not. Transcripts may come after the " +
				"call has ended. A turn that is not final (a partial transcript) is not kept " +
				"and not listened to: send it again when it is.",
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

type turnAsked struct {
	OfCall
	Body struct {
		Speaker  optout.Speaker `json:"speaker" enum:"contact,agent"`
		Text     string         `json:"text" doc:"At most 16 KiB"`
		Final    *bool          `json:"final,omitempty" nullable:"true" doc:"False for a partial transcript"`
		Language *string        `json:"language,omitempty" maxLength:"35" nullable:"true" doc:"IETF tag" example:"en-US"`
		At       *time.Time     `json:"at,omitempty" nullable:"true" doc:"When it was said; now if left out"`
	}
}

func (s *Server) addTurn(ctx context.Context, in *turnAsked) (*heard, error) {
	t := voice.Turn{Speaker: in.Body.Speaker, Text: in.Body.Text, At: now()}
	if in.Body.At != nil {
		t.At = in.Body.At.UTC().Truncate(time.Microsecond)
	}
	if in.Body.Language != nil {
		t.Language = *in.Body.Language
	}
	t.Partial = in.Body.Final != nil && !*in.Body.Final
	if err := t.Validate(); err != nil {
		return nil, at("body.text", err)
	}
	h, err := s.Listener.Turn(ctx, in.Environment, in.ID, t)
	if err != nil {
		return nil, err
	}
	return heardOf(h), nil
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
	return heardOf(h), nil
}
