package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

const (
	agentsPath = "/v1/environments/{environment}/agents"
	agentPath  = agentsPath + "/{name}"
	agentPlace = agentsPath + "/{}name"
)

// Agent is who speaks on our side of a call, as it is answered.
type Agent struct {
	Name         string          `json:"name"`
	Kind         voice.AgentKind `json:"kind" enum:"recording,bridge,stream"`
	Recording    *string         `json:"recording" doc:"ID of what is played"`
	Confirmation *string         `json:"confirmation" doc:"ID of what is played to a contact who opted out; null for silence"`
	OptOutKey    *string         `json:"opt_out_key" doc:"The key that opts out"`
	Address      *string         `json:"address" doc:"SIP address that is called, of a bridge"`
	URL          *string         `json:"url" doc:"WebSocket of a stream"`
	RingFor      string          `json:"ring_for" doc:"How long a bridge is rung while the contact waits" example:"20s"`
	CreatedAt    time.Time       `json:"created_at"`
}

func agentOf(a voice.Agent) Agent {
	return Agent{
		a.Name, a.Kind, orNil(a.Recording), orNil(a.Confirmation), orNil(a.OptOutKey),
		orNil(a.Address), orNil(a.URL), spoken(cmp.Or(a.RingFor, voice.DefaultRingFor)),
		a.CreatedAt.UTC(),
	}
}

// OfAgent is the path of one agent.
type OfAgent struct {
	InEnvironment
	Name string `path:"name" maxLength:"63" doc:"Name of the agent"`
}

type oneAgent struct{ Body Agent }

func (s *Server) agentRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: agentsPath, id: "listAgents", tag: "agents",
			summary: "Who may speak on our side of calls", role: access.Viewer,
			problems: []string{"malformed", "invalid", "no-environment"},
		}, s.listAgents),
		described(route{
			method: http.MethodPost, path: agentsPath, id: "addAgent", tag: "agents",
			summary: "Add an agent", role: access.Member, status: http.StatusCreated,
			makes: makesOnce, place: agentPlace,
			text: "A recording is played and hears keys; a bridge calls a SIP address once the " +
				"contact has answered; a stream is a program at a WebSocket.",
			problems: []string{"no-environment", "exists"},
		}, s.addAgent),
		described(route{
			method: http.MethodGet, path: agentPath, id: "getAgent", tag: "agents",
			summary: "One agent", role: access.Viewer,
			problems: []string{"not-found", "no-environment"},
		}, s.getAgent),
		described(route{
			method: http.MethodPatch, path: agentPath, id: "changeAgent", tag: "agents",
			summary: "Change an agent", role: access.Member,
			text:     "What is not named stays as it is.",
			problems: []string{"not-found", "no-environment"},
		}, s.changeAgent),
		described(route{
			method: http.MethodDelete, path: agentPath, id: "removeAgent", tag: "agents",
			summary: "Remove an agent", role: access.Member, status: http.StatusNoContent,
			text:     "Not while campaigns or numbers name it.",
			problems: []string{"not-found", "no-environment", "conflict"},
		}, s.removeAgent),
	}
}

type agentPage struct{ Body page[Agent] }

func (s *Server) listAgents(ctx context.Context, in *struct {
	InEnvironment
	Paging
},
) (*agentPage, error) {
	if _, err := s.Store.World(ctx, in.Environment); err != nil {
		return nil, err
	}
	all, err := s.Store.Agents(ctx, in.Environment)
	if err != nil {
		return nil, err
	}
	name := func(a voice.Agent) string { return a.Name }
	found, err := pageOf(sortedBy(all, name), in.Paging,
		askedFor("agents", string(in.Environment)), name)
	if err != nil {
		return nil, err
	}
	return &agentPage{mapped(found, agentOf)}, nil
}

func (s *Server) getAgent(ctx context.Context, in *OfAgent) (*oneAgent, error) {
	a, err := s.Store.Agent(ctx, in.Environment, in.Name)
	if err != nil {
		return nil, err
	}
	return &oneAgent{agentOf(a)}, nil
}

// AgentSettings are what may be set of an agent besides its name and kind.
type AgentSettings struct {
	Recording    optional[string] `json:"recording,omitempty" doc:"ID of what is played"`
	Confirmation optional[string] `json:"confirmation,omitempty" doc:"ID of what is played to a contact who opted out"`
	OptOutKey    optional[string] `json:"opt_out_key,omitempty" doc:"One of 0-9, * and #; 9 if left out"`
	Address      optional[string] `json:"address,omitempty" doc:"SIP address that is called, of a bridge" example:"sip:agent@example.com"`
	URL          optional[string] `json:"url,omitempty" doc:"WebSocket of a stream" example:"wss://agent.example.com/call"`
	RingFor      *string          `json:"ring_for,omitempty" maxLength:"20" nullable:"false" doc:"How long a bridge is rung while the contact waits, 5s to 2m; 20s if left out" example:"30s"`
}

// change changes in a what p names.
func (p *AgentSettings) change(a *voice.Agent) error {
	p.Recording.give(&a.Recording)
	p.Confirmation.give(&a.Confirmation)
	p.OptOutKey.give(&a.OptOutKey)
	p.Address.give(&a.Address)
	p.URL.give(&a.URL)
	if p.RingFor != nil {
		var err error
		if a.RingFor, err = duration("body.ring_for", *p.RingFor); err != nil {
			return err
		}
	}
	a.Normalize()
	return wrong("body.", a.Problems())
}

// knowRecordings asks whether what p names to be played is there.
func (s *Server) knowRecordings(
	ctx context.Context, env dnc.Environment, p *AgentSettings,
) error {
	for location, id := range map[string]string{
		"body.recording": p.Recording.Value, "body.confirmation": p.Confirmation.Value,
	} {
		if err := s.knowRecording(ctx, env, location, id); err != nil {
			return err
		}
	}
	return nil
}

// knowRecording asks whether there is a recording of this ID; "" is none.
func (s *Server) knowRecording(
	ctx context.Context, env dnc.Environment, location, id string,
) error {
	if id == "" {
		return nil
	}
	_, err := s.Store.Recording(ctx, env, id)
	return named(location, id, err)
}

type addedAgent struct {
	Location string `header:"Location"`
	Body     Agent
}

func (s *Server) addAgent(ctx context.Context, in *struct {
	InEnvironment
	Body struct {
		Name string          `json:"name" doc:"1 to 63 of a-z, 0-9 and - and no dash in front" example:"reminder"`
		Kind voice.AgentKind `json:"kind" enum:"recording,bridge,stream"`
		AgentSettings
	}
},
) (*addedAgent, error) {
	if err := s.knowRecordings(ctx, in.Environment, &in.Body.AgentSettings); err != nil {
		return nil, err
	}
	a := voice.Agent{
		Environment: in.Environment, Name: in.Body.Name, Kind: in.Body.Kind,
		OptOutKey: usualKey, CreatedAt: now(),
	}
	if err := in.Body.change(&a); err != nil {
		return nil, err
	}
	if err := s.Store.AddAgent(ctx, a); err != nil {
		return nil, err
	}
	s.List.Bell.Ring(a.Environment)
	return &addedAgent{placeOf(agentPlace, a.Environment, a.Name), agentOf(a)}, nil
}

func (s *Server) changeAgent(ctx context.Context, in *struct {
	OfAgent
	Body struct {
		Kind *voice.AgentKind `json:"kind,omitempty" enum:"recording,bridge,stream" nullable:"false"`
		AgentSettings
	}
},
) (*oneAgent, error) {
	if err := s.knowRecordings(ctx, in.Environment, &in.Body.AgentSettings); err != nil {
		return nil, err
	}
	a, err := s.Store.ChangeAgent(ctx, in.Environment, in.Name, func(a *voice.Agent) error {
		give(&a.Kind, in.Body.Kind)
		return in.Body.change(a)
	})
	if err != nil {
		return nil, err
	}
	s.List.Bell.Ring(a.Environment)
	return &oneAgent{agentOf(a)}, nil
}

func (s *Server) removeAgent(ctx context.Context, in *OfAgent) (*struct{}, error) {
	if err := s.Store.RemoveAgent(ctx, in.Environment, in.Name); err != nil {
		return nil, err
	}
	s.List.Bell.Ring(in.Environment)
	return nil, nil
}
