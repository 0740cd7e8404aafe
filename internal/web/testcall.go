package web

import (
	"errors"
	"net/http"
	"strings"

	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// testCallPage is the dialog that calls a phone of the visitor's own, and what
// came of it.
type testCallPage struct {
	Name     string // of the trunk
	Number   string
	CallerID string
	Agent    string
	Own      []voice.OwnNumber // that the trunk carries
	Agents   []voice.Agent
	Wrong    problems
	Problem  string
	Test     *voice.CallTest // nil before the call
}

// Reason returns what the far end answered, or why it did not, as a person reads
// it.
func (p testCallPage) Reason() string {
	if p.Test.Code > 0 || p.Test.Reason == "" {
		return p.Test.Reason
	}
	return sentence(errors.New(p.Test.Reason))
}

// testCallPage returns the dialog as it was filled in.
func (s *Server) testCallPage(v *visit) (testCallPage, error) {
	page := testCallPage{
		Name: v.PathValue("name"), Number: strings.TrimSpace(v.PostFormValue("number")),
		CallerID: v.PostFormValue("caller_id"), Agent: v.PostFormValue("agent"),
		Wrong: make(problems),
	}
	if _, err := s.trunk(v); err != nil {
		return page, err
	}
	own, err := s.Store.Numbers(v.Context(), v.env())
	if err != nil {
		return page, err
	}
	for _, n := range own {
		if n.Provider == page.Name {
			page.Own = append(page.Own, n)
		}
	}
	page.Agents, err = s.Store.Agents(v.Context(), v.env())
	return page, err
}

func (s *Server) testCallForm(v *visit) (answer, error) {
	page, err := s.testCallPage(v)
	return dialog("provider-call", "Test call", page), err
}

// testCall calls, and answers once the phone is picked up or the call has ended.
func (s *Server) testCall(v *visit) (answer, error) {
	page, err := s.testCallPage(v)
	if err != nil {
		return answer{}, err
	}
	r := dialer.Request{
		Environment: v.env(), Provider: page.Name, Agent: page.Agent, By: v.who.Name,
		CallerID: page.Wrong.phone("caller_id", page.CallerID, v),
	}
	r.Number, err = e164.ParseLoose(page.Number, v.world.Settings.DefaultRegion)
	if err != nil {
		page.Wrong.add("number", sentence(err))
	}
	if len(page.Wrong) > 0 {
		return dialog("provider-call", "Test call", page).
			refused(http.StatusUnprocessableEntity), nil
	}
	test, err := s.Dialer.TestCall(v.Context(), r)
	switch {
	case err == nil:
		page.Test = &test
		return dialog("provider-call", "Test call", page), nil
	case errors.Is(err, dnc.ErrListed):
		page.Problem = "This number is on the DNC list. It was not called."
	case errors.Is(err, dnc.ErrRegistered):
		page.Problem = sentence(err) + " It was not called."
	default:
		page.Problem = sentence(err)
	}
	return dialog("provider-call", "Test call", page).refused(http.StatusConflict), nil
}
