package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"nocall/internal/access"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// detectBody is the greatest length of a conversation to be judged, in bytes.
const detectBody = 1 << 20

// Detected is what a conversation comes to, as nocall detect says it too. Of
// what was not found the fields are left out.
type Detected struct {
	OptOut   bool              `json:"opt_out" doc:"Whether the verdict is opt_out"`
	Verdict  optout.Verdict    `json:"verdict" enum:"opt_out,review,scoped,none" doc:"As the conversation stands at its end"`
	Turn     *int              `json:"turn,omitempty" doc:"From 0"`
	Quote    string            `json:"quote,omitempty" doc:"The words that decided"`
	Phrase   string            `json:"phrase,omitempty"`
	Language string            `json:"language,omitempty"`
	Family   string            `json:"family,omitempty" doc:"Of words that can be meant either way"`
	Doubt    optout.Doubt      `json:"doubt,omitempty" doc:"Why it wants a review"`
	Slots    map[string]string `json:"slots,omitempty"`
	Before   *Earlier          `json:"before,omitempty" doc:"Words of an earlier turn that belong to it, or that were taken back"`
	Why      string            `json:"why" doc:"In plain words"`
	Engine   string            `json:"engine"`
}

// Earlier is a piece of an earlier turn.
type Earlier struct {
	Turn  int    `json:"turn"`
	Quote string `json:"quote"`
}

func (s *Server) detectRoutes() []operation {
	return []operation{described(route{
		method: http.MethodPost, path: "/v1/environments/{environment}/detect", id: "detect",
		tag: "findings", summary: "Judge a conversation, and keep nothing",
		role: access.Viewer, body: detectBody,
		text: "What would be heard if it were said on a call: to try words out, or to judge " +
			"transcripts that are no calls. Nothing is listed.",
		problems: []string{"no-environment"},
	}, s.detect)}
}

type detectAsked struct {
	InEnvironment
	Body struct {
		Turns []struct {
			Speaker optout.Speaker `json:"speaker" enum:"contact,agent"`
			Text    string         `json:"text" doc:"At most 16 KiB"`
		} `json:"turns" minItems:"1" maxItems:"10000" nullable:"false"`
		Language *string        `json:"language,omitempty" maxLength:"35" nullable:"true" doc:"IETF tag; all languages are tried if left out" example:"en-US"`
		Preset   *optout.Preset `json:"preset,omitempty" enum:"strict,balanced,cautious" nullable:"false" doc:"That of the environment if left out"`
	}
}

type detected struct{ Body Detected }

func (s *Server) detect(ctx context.Context, in *detectAsked) (*detected, error) {
	world, err := s.Store.World(ctx, in.Environment)
	if err != nil {
		return nil, err
	}
	turns := make([]optout.Turn, len(in.Body.Turns))
	for i, t := range in.Body.Turns {
		said := voice.Turn{Speaker: t.Speaker, Text: t.Text}
		if err := said.Validate(); err != nil {
			return nil, at(fmt.Sprintf("body.turns[%d].text", i), err)
		}
		turns[i] = optout.Turn{Speaker: t.Speaker, Text: t.Text}
	}
	o := optout.Options{Preset: presetOf(world)}
	give(&o.Language, in.Body.Language)
	give(&o.Preset, in.Body.Preset)
	f, ok := s.Listener.Detector.Find(turns, o)
	return &detected{detectedOf(f, ok)}, nil
}

func detectedOf(f optout.Finding, ok bool) Detected {
	out := Detected{
		OptOut: f.Verdict == optout.OptOut, Verdict: cmp.Or(f.Verdict, optout.None),
		Quote: f.Quote, Phrase: f.Phrase, Language: f.Language, Family: f.Family,
		Doubt: f.Doubt, Why: voice.Why(f), Engine: optout.Version,
	}
	if !ok {
		return out
	}
	out.Turn, out.Slots = &f.Turn, slotsOf(f.Slots)
	if b := f.Before; b != nil {
		out.Before = &Earlier{b.Turn, b.Quote}
	}
	return out
}
