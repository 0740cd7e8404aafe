package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

const (
	callsPath = "/v1/environments/{environment}/calls"
	callPath  = callsPath + "/{id}"
	callPlace = callsPath + "/{}id"
)

// Call is a call as it is answered.
type Call struct {
	ID              string                `json:"id"`
	Direction       voice.Direction       `json:"direction" enum:"outbound,inbound"`
	Number          *string               `json:"number" doc:"The contact's; null where the caller withheld it"`
	CallerID        *string               `json:"caller_id" doc:"Ours: the number that was shown, or that was called"`
	Provider        string                `json:"provider"`
	CampaignID      *string               `json:"campaign_id"`
	Status          voice.Status          `json:"status" enum:"queued,ringing,in_progress,ended"`
	Disposition     *campaign.Disposition `json:"disposition" doc:"How it ended: answered, busy, no_answer, refused, failed, skipped or recalled; null while it lasts"`
	SkipReason      *campaign.SkipReason  `json:"skip_reason" doc:"Why there was no call: dnc, registry, window or limit"`
	OptOut          *OptOut               `json:"opt_out" doc:"The first opt-out that was heard; null for none. What is in doubt is none until a person has confirmed it"`
	OptOutDetection bool                  `json:"opt_out_detection"`
	Recorded        bool                  `json:"recorded" doc:"Whether the sound of the call is kept, once it has ended"`
	Revision        *int64                `json:"revision" doc:"Of the list when the number was clear: the proof that it was asked. Null if it was not cleared"`
	By              *string               `json:"by" doc:"The user or key that asked for the call"`
	StartedAt       time.Time             `json:"started_at"`
	RangAt          *time.Time            `json:"rang_at" doc:"When the phone began to ring; null where that was not told"`
	AnsweredAt      *time.Time            `json:"answered_at"`
	EndedAt         *time.Time            `json:"ended_at"`
	SIPCode         *int                  `json:"sip_code" doc:"The last answer of the trunk, such as 486; null for none"`
	SIPPhrase       *string               `json:"sip_phrase"`
}

// OptOut is the opt-out of a call in short.
type OptOut struct {
	Detected bool   `json:"detected"`
	Phrase   string `json:"phrase" doc:"Name of the phrase that decided"`
	Quote    string `json:"quote" doc:"The words that decided"`
	Turn     int    `json:"turn" doc:"The turn in which they were said, from 0"`
}

// ClearedCall is a call that was asked for. Clearance and expires_at are there
// for a platform that dials by itself.
type ClearedCall struct {
	Call
	Clearance string     `json:"clearance,omitempty" doc:"Signed, good once, for this call alone"`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"When the clearance lapses: within seconds"`
}

// WholeCall is a call with all that was said and found.
type WholeCall struct {
	Call
	Turns    []Turn    `json:"turns" nullable:"false"`
	Presses  []Press   `json:"presses" nullable:"false" doc:"Keys of the contact that opted nobody out"`
	Findings []Finding `json:"findings" nullable:"false" doc:"All that was heard, be it an opt-out or not"`
}

// Press is keys that the contact pressed.
type Press struct {
	Keys string    `json:"keys"`
	At   time.Time `json:"at"`
}

// Turn is a turn as it is answered.
type Turn struct {
	Turn     int            `json:"turn" doc:"Place in the call, from 0"`
	Speaker  optout.Speaker `json:"speaker" enum:"contact,agent"`
	Text     string         `json:"text"`
	Language *string        `json:"language"`
	At       time.Time      `json:"at"`
}

func (s *Server) callOf(c voice.Call) Call {
	out := Call{
		ID: c.ID, Direction: c.Direction, Number: numberOrNil(c.Number),
		CallerID: numberOrNil(c.CallerID), Provider: c.Provider,
		CampaignID: orNil(c.CampaignID), Status: c.Status, Disposition: orNil(c.Disposition),
		SkipReason: orNil(c.SkipReason), OptOutDetection: c.OptOutDetection, By: orNil(c.By),
		StartedAt: c.StartedAt.UTC(), AnsweredAt: timeOrNil(c.AnsweredAt),
		RangAt: timeOrNil(c.RangAt), EndedAt: timeOrNil(c.EndedAt),
		SIPPhrase: orNil(c.SIPPhrase),
	}
	if c.SIPCode != 0 {
		out.SIPCode = &c.SIPCode
	}
	if c.Revision != 0 {
		out.Revision = &c.Revision
	}
	out.Recorded = s.recorded(c)
	if f, ok := c.OptedOut(); ok {
		out.OptOut = &OptOut{Detected: true, Phrase: f.Phrase, Quote: f.Quote, Turn: f.Turn}
	}
	return out
}

func (s *Server) wholeCallOf(c voice.Call) WholeCall {
	presses := make([]Press, len(c.Presses))
	for i, p := range c.Presses {
		presses[i] = Press{Keys: p.Keys, At: p.At.UTC()}
	}
	return WholeCall{s.callOf(c), turnsOf(c.Turns), presses, findingsOf(c.Findings)}
}

func (s *Server) callRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodPost, path: callsPath, id: "placeCall", tag: "calls",
			summary: "Have a call placed, or cleared", role: access.Member,
			status: http.StatusCreated, makes: makesOnce, place: callPlace, text: placeText,
			problems: []string{
				"no-environment", "number", "listed", "registered", "clearance", "unready",
			},
		}, s.placeCall),
		described(route{
			method: http.MethodPost, path: callsPath + "/inbound", id: "reportInbound",
			tag:     "calls",
			summary: "Report a call that came in", role: access.Member,
			status: http.StatusCreated, makes: makesOnce, place: callPlace,
			text: "Whatever the list says: who calls in is let through. A number that is " +
				"null, or left out, was withheld.",
			problems: []string{"no-environment", "number"},
		}, s.reportInbound),
		described(route{
			method: http.MethodPost, path: callPath + "/dial", id: "redeemClearance", tag: "calls",
			summary: "Redeem a clearance in the moment of dialing", role: access.Member,
			makes: makesOnce,
			text: "200: dial now. Anything else: do not dial. A clearance is good once, for " +
				"one call, for seconds, and only while the number is not listed.",
			problems: []string{"not-found", "listed", "registered", "clearance", "unready"},
		}, s.redeemClearance),
		described(route{
			method: http.MethodPost, path: callPath + "/end", id: "endCall", tag: "calls",
			summary: "End a call, or say how it ended", role: access.Member, makes: makesOnce,
			text:     "A call at a provider is hung up.",
			problems: []string{"not-found", "conflict"},
		}, s.endCall),
		described(route{
			method: http.MethodGet, path: callsPath, id: "listCalls", tag: "calls",
			summary: "Call History, newest first", role: access.Viewer,
			problems: []string{"malformed", "invalid", "no-environment", "number"},
		}, s.listCalls),
		described(route{
			method: http.MethodGet, path: callPath, id: "getCall", tag: "calls",
			summary: "One call with its turns and findings", role: access.Viewer,
			problems: []string{"not-found"},
		}, s.getCall),
		described(route{
			method: http.MethodPost, path: "/v1/environments/{environment}/demo", id: "runDemo",
			tag: "calls", summary: "Run the demonstration, in the sandbox", role: access.Member,
			status: http.StatusAccepted, makes: makesOnce,
			text: "A small campaign of simulated calls: some contacts are listed and skipped, " +
				"some ask not to be called again, one calls in. The calls go on after the answer.",
			problems: []string{"no-environment", "invalid", "unready"},
		}, s.runDemo),
	}
}

const placeText = "The call is written down, the list is asked, and the provider gets the number " +
	"out of the clearance. It is answered without waiting for the end of the call. For a listed " +
	"number the answer is 409 listed, call_id names the call that was skipped, and nothing " +
	"reaches the provider.\n\nWith the provider external nothing is dialed: the answer holds a " +
	"clearance, to be redeemed at .../dial in the moment in which the platform dials."

// place is what is asked of a call.
type placeAsked struct {
	InEnvironment
	Body struct {
		Number          string  `json:"number" maxLength:"200" example:"+14155550123"`
		Provider        string  `json:"provider,omitempty" maxLength:"100" doc:"simulator if left out; external for a platform that dials by itself"`
		Agent           *string `json:"agent,omitempty" maxLength:"100" nullable:"true" doc:"Name of who speaks; the provider's own if left out"`
		CallerID        *string `json:"caller_id,omitempty" maxLength:"200" nullable:"true" doc:"Our number, to be shown"`
		CampaignID      *string `json:"campaign_id,omitempty" maxLength:"100" nullable:"true"`
		OptOutDetection *bool   `json:"opt_out_detection,omitempty" nullable:"true" doc:"As the environment says if left out"`
	}
}

type placedCall struct {
	Location string `header:"Location"`
	Body     ClearedCall
}

func (s *Server) placeCall(ctx context.Context, in *placeAsked) (*placedCall, error) {
	asked, err := s.request(ctx, in)
	if err != nil {
		return nil, err
	}
	var call voice.Call
	var token dialer.Token
	if asked.Provider == dialer.External {
		call, token, err = s.Dialer.PlaceExternal(ctx, asked)
	} else {
		call, err = s.Dialer.Place(ctx, asked)
	}
	if err != nil && call.ID != "" {
		return nil, &refusal{err, call.ID}
	}
	if err != nil {
		return nil, misplaced(asked, err)
	}
	return &placedCall{
		placeOf(callPlace, in.Environment, call.ID),
		ClearedCall{s.callOf(call), token.Text, timeOrNil(token.ExpiresAt)},
	}, nil
}

// misplaced says in which field of a request stands what cannot be.
func misplaced(r dialer.Request, err error) error {
	switch {
	case errors.Is(err, dialer.ErrNoProvider):
		return at("body.provider", err)
	case errors.Is(err, voice.ErrNoAgent):
		return named("body.agent", r.Agent, err)
	case errors.Is(err, voice.ErrCallerID):
		return at("body.caller_id", fmt.Errorf("%w: %s", errInvalid, plainWords(err)))
	}
	return err
}

// request is what the dialer is asked for.
func (s *Server) request(ctx context.Context, in *placeAsked) (dialer.Request, error) {
	n, err := s.number(ctx, in.Environment, "body.number", in.Body.Number)
	if err != nil {
		return dialer.Request{}, err
	}
	callerID, err := s.numberGiven(ctx, in.Environment, "body.caller_id", in.Body.CallerID)
	if err != nil {
		return dialer.Request{}, err
	}
	r := dialer.Request{
		Environment: in.Environment, Number: n, CallerID: callerID, Provider: in.Body.Provider,
		Detection: in.Body.OptOutDetection, By: asker(ctx).Name,
	}
	give(&r.CampaignID, in.Body.CampaignID)
	give(&r.Agent, in.Body.Agent)
	return r, nil
}

// numberGiven reads a number that may be left out, which gives the zero
// Number.
func (s *Server) numberGiven(
	ctx context.Context, env dnc.Environment, location string, text *string,
) (e164.Number, error) {
	if text == nil || *text == "" {
		return e164.Number{}, nil
	}
	return s.number(ctx, env, location, *text)
}

type inboundAsked struct {
	InEnvironment
	Body struct {
		Number          *string `json:"number,omitempty" maxLength:"200" nullable:"true" doc:"The caller's; null where it was withheld" example:"+14155550123"`
		Called          *string `json:"called,omitempty" maxLength:"200" nullable:"true" doc:"Our number, that was called" example:"+14155550100"`
		CampaignID      *string `json:"campaign_id,omitempty" maxLength:"100" nullable:"true"`
		OptOutDetection *bool   `json:"opt_out_detection,omitempty" nullable:"true"`
	}
}

type keptCall struct {
	Location string `header:"Location"`
	Body     Call
}

func (s *Server) reportInbound(ctx context.Context, in *inboundAsked) (*keptCall, error) {
	n, err := s.numberGiven(ctx, in.Environment, "body.number", in.Body.Number)
	if err != nil {
		return nil, err
	}
	called, err := s.numberGiven(ctx, in.Environment, "body.called", in.Body.Called)
	if err != nil {
		return nil, err
	}
	r := dialer.Request{
		Environment: in.Environment, Number: n, CallerID: called,
		Detection: in.Body.OptOutDetection, By: asker(ctx).Name,
	}
	if in.Body.CampaignID != nil {
		r.CampaignID = *in.Body.CampaignID
	}
	call, err := s.Dialer.Inbound(ctx, r)
	if err != nil {
		return nil, err
	}
	return &keptCall{placeOf(callPlace, in.Environment, call.ID), s.callOf(call)}, nil
}

// OfCall is the path of one call.
type OfCall struct {
	InEnvironment
	ID string `path:"id" maxLength:"100" doc:"ID of the call"`
}

type oneCall struct{ Body Call }

func (s *Server) redeemClearance(ctx context.Context, in *struct {
	OfCall
	Body struct {
		Clearance string `json:"clearance" maxLength:"2000"`
	}
},
) (*oneCall, error) {
	call, err := s.Dialer.Redeem(ctx, in.Environment, in.ID, in.Body.Clearance)
	if errors.Is(err, dnc.ErrListed) || errors.Is(err, dnc.ErrRegistered) {
		return nil, &refusal{err, in.ID}
	}
	if err != nil {
		return nil, err
	}
	return &oneCall{s.callOf(call)}, nil
}

func (s *Server) endCall(ctx context.Context, in *struct {
	OfCall
	Body struct {
		Disposition campaign.Disposition `json:"disposition" enum:"answered,busy,no_answer,refused,failed"`
	}
},
) (*oneCall, error) {
	call, err := s.Dialer.End(ctx, in.Environment, in.ID, in.Body.Disposition)
	if err != nil {
		return nil, err
	}
	return &oneCall{s.callOf(call)}, nil
}

type wholeCall struct{ Body WholeCall }

func (s *Server) getCall(ctx context.Context, in *OfCall) (*wholeCall, error) {
	call, err := s.Store.Call(ctx, in.Environment, in.ID)
	if err != nil {
		return nil, err
	}
	return &wholeCall{s.wholeCallOf(call)}, nil
}

type demonstration struct {
	Body struct {
		Contacts int `json:"contacts" doc:"How many contacts are called"`
	}
}

func (s *Server) runDemo(ctx context.Context, in *InEnvironment) (*demonstration, error) {
	if _, err := s.Store.World(ctx, in.Environment); err != nil {
		return nil, err
	}
	contacts, err := s.Dialer.Demo(ctx, in.Environment, asker(ctx).Name)
	if err != nil {
		return nil, err
	}
	out := new(demonstration)
	out.Body.Contacts = contacts
	return out, nil
}
