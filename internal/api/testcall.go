package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
)

// TestedCall is what came of a test call.
type TestedCall struct {
	CallID      string               `json:"call_id"`
	Disposition campaign.Disposition `json:"disposition" enum:"answered,busy,no_answer,refused,failed,skipped,recalled"`
	SkipReason  *campaign.SkipReason `json:"skip_reason"`
	Code        *int                 `json:"code" doc:"Of the last answer in SIP; null for none"`
	Reason      *string              `json:"reason" doc:"Of the last answer, or why there was none"`
	RangAfter   *string              `json:"rang_after" doc:"Null if it did not ring" example:"1.2s"`
	Took        string               `json:"took" doc:"Until it was answered, or had ended" example:"5.4s"`
}

func testCallOperation(s *Server) operation {
	return described(route{
		method: http.MethodPost, path: providerPath + "/test-call", id: "testCall",
		tag: "providers", summary: "Call a phone of your own, to try a provider",
		role: access.Member, makes: makesOnce,
		text: "A call as any other: the list is asked, and a listed number is refused. It plays " +
			"what the agent plays, or a chime. It is answered once the phone is picked up, or " +
			"the call has ended; what is played goes on meanwhile. A call that fails is an " +
			"answer too: 200 with how it ended.",
		problems: []string{
			"not-found", "no-environment", "number", "listed", "conflict", "unready",
		},
	}, s.testCall)
}

type testedCall struct{ Body TestedCall }

func (s *Server) testCall(ctx context.Context, in *struct {
	OfProvider
	Body struct {
		Number   string  `json:"number" maxLength:"200" example:"+14155550123" doc:"Of your own phone"`
		CallerID *string `json:"caller_id,omitempty" maxLength:"200" nullable:"true" doc:"Our number, to be shown"`
		Agent    *string `json:"agent,omitempty" maxLength:"100" nullable:"true" doc:"Name of who speaks; a chime if left out"`
	}
},
) (*testedCall, error) {
	if err := s.mayCall(ctx, in.Environment, in.Name); err != nil {
		return nil, err
	}
	n, err := s.number(ctx, in.Environment, "body.number", in.Body.Number)
	if err != nil {
		return nil, err
	}
	callerID, err := s.numberGiven(ctx, in.Environment, "body.caller_id", in.Body.CallerID)
	if err != nil {
		return nil, err
	}
	r := dialer.Request{
		Environment: in.Environment, Number: n, CallerID: callerID, Provider: in.Name,
		By: asker(ctx).Name,
	}
	give(&r.Agent, in.Body.Agent)
	test, err := s.Dialer.TestCall(ctx, r)
	if errors.Is(err, dnc.ErrListed) || errors.Is(err, dnc.ErrRegistered) {
		return nil, &refusal{err, test.CallID}
	}
	if err != nil {
		return nil, misplaced(r, err)
	}
	out := TestedCall{
		CallID: test.CallID, Disposition: test.Disposition, SkipReason: orNil(test.SkipReason),
		Reason: orNil(test.Reason), Took: spoken(test.Took.Round(time.Millisecond)),
	}
	if test.Code == 0 {
		out.Reason = orNil(plainText(test.Reason)) // our own words
	} else {
		out.Code = &test.Code
	}
	if test.Rang > 0 {
		out.RangAfter = orNil(spoken(test.Rang.Round(time.Millisecond)))
	}
	return &testedCall{out}, nil
}

// mayCall asks whether there is a provider of this name that places calls.
func (s *Server) mayCall(ctx context.Context, env dnc.Environment, name string) error {
	switch name {
	case dialer.External:
		return errBuiltIn
	case dialer.Simulator:
		_, err := s.Store.World(ctx, env)
		return err
	}
	_, err := s.Store.Trunk(ctx, env, name)
	return err
}
