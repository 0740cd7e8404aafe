package api

import (
	"context"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

const (
	numbersPath = "/v1/environments/{environment}/numbers"
	numberPath  = numbersPath + "/{number}"
	numberPlace = numbersPath + "/{}number"
)

// OwnNumber is one of our own numbers as it is answered.
type OwnNumber struct {
	Number       string     `json:"number" example:"+14155550100"`
	Provider     string     `json:"provider" doc:"Name of the one that carries it"`
	Label        string     `json:"label"`
	Tags         []string   `json:"tags" nullable:"false" doc:"By which campaigns choose it"`
	InboundAgent *string    `json:"inbound_agent" doc:"Name of who answers; null for nobody"`
	Pace         NumberPace `json:"pace" doc:"How often it is shown to contacts"`
	CreatedAt    time.Time  `json:"created_at"`
}

// NumberPace is how often a number of ours is shown to contacts, by all campaigns
// and single calls together. A 0 sets no limit.
type NumberPace struct {
	Calls     int `json:"calls" required:"false" doc:"At once" example:"2"`
	PerSecond int `json:"per_second" required:"false" doc:"Calls begun in any second"`
	PerMinute int `json:"per_minute" required:"false" doc:"In any minute" example:"6"`
	PerDay    int `json:"per_day" required:"false" doc:"In any 24 hours" example:"100"`
}

func ownNumberOf(n voice.OwnNumber) OwnNumber {
	return OwnNumber{
		n.Number.String(), n.Provider, n.Label, append([]string{}, n.Tags...),
		orNil(n.InboundAgent), NumberPace(n.Pace), n.CreatedAt.UTC(),
	}
}

type oneNumber struct{ Body OwnNumber }

func (s *Server) numberRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: numbersPath, id: "listNumbers", tag: "numbers",
			summary: "Our own numbers", role: access.Viewer,
			problems: []string{"malformed", "invalid", "no-environment"},
		}, s.listNumbers),
		described(route{
			method: http.MethodPost, path: numbersPath, id: "addNumber", tag: "numbers",
			summary: "Add a number of ours", role: access.Admin, status: http.StatusCreated,
			makes: makesOnce, place: numberPlace,
			text: "It is a caller ID for campaigns that choose one of its tags, and calls to it " +
				"are answered by its inbound agent.",
			problems: []string{"no-environment", "exists", "number"},
		}, s.addNumber),
		described(route{
			method: http.MethodGet, path: numberPath, id: "getNumber", tag: "numbers",
			summary: "One of our numbers", role: access.Viewer,
			problems: []string{"not-found", "no-environment", "number"},
		}, s.getNumber),
		described(route{
			method: http.MethodPatch, path: numberPath, id: "changeNumber", tag: "numbers",
			summary: "Change a number of ours", role: access.Admin,
			text:     "What is not named stays as it is.",
			problems: []string{"not-found", "no-environment", "number"},
		}, s.changeNumber),
		described(route{
			method: http.MethodDelete, path: numberPath, id: "removeNumber", tag: "numbers",
			summary: "Remove a number of ours", role: access.Admin, status: http.StatusNoContent,
			problems: []string{"not-found", "no-environment", "number", "conflict"},
		}, s.removeNumber),
	}
}

type numberPage struct{ Body page[OwnNumber] }

func (s *Server) listNumbers(ctx context.Context, in *struct {
	InEnvironment
	Paging
},
) (*numberPage, error) {
	if _, err := s.Store.World(ctx, in.Environment); err != nil {
		return nil, err
	}
	all, err := s.Store.Numbers(ctx, in.Environment)
	if err != nil {
		return nil, err
	}
	found, err := pageOf(sortedBy(all, ownNumberKey), in.Paging,
		askedFor("numbers", string(in.Environment)), ownNumberKey)
	if err != nil {
		return nil, err
	}
	return &numberPage{mapped(found, ownNumberOf)}, nil
}

func ownNumberKey(n voice.OwnNumber) string { return n.Number.String() }

func (s *Server) getNumber(ctx context.Context, in *OfNumber) (*oneNumber, error) {
	n, err := s.plainNumber(ctx, in.Environment, "path.number", in.Number)
	if err != nil {
		return nil, err
	}
	own, err := s.Store.Number(ctx, in.Environment, n)
	if err != nil {
		return nil, err
	}
	return &oneNumber{ownNumberOf(own)}, nil
}

// NumberSettings are what may be set of a number of ours.
type NumberSettings struct {
	Label        *string          `json:"label,omitempty" nullable:"false" doc:"At most 100 characters"`
	Tags         *[]string        `json:"tags,omitempty" nullable:"false"`
	InboundAgent optional[string] `json:"inbound_agent,omitempty" doc:"Name of who answers"`
	Pace         *NumberPace      `json:"pace,omitempty" doc:"Replaced as a whole; what is left out has no limit"`
}

func (p *NumberSettings) change(n *voice.OwnNumber) error {
	give(&n.Label, p.Label)
	give(&n.Tags, p.Tags)
	give(&n.Pace, (*voice.Pace)(p.Pace))
	p.InboundAgent.give(&n.InboundAgent)
	n.Normalize()
	return wrong("body.", n.Problems())
}

type addedNumber struct {
	Location string `header:"Location"`
	Body     OwnNumber
}

func (s *Server) addNumber(ctx context.Context, in *struct {
	InEnvironment
	Body struct {
		Number   string `json:"number" maxLength:"200" example:"+14155550100"`
		Provider string `json:"provider" maxLength:"100" example:"trunk"`
		NumberSettings
	}
},
) (*addedNumber, error) {
	n, err := s.number(ctx, in.Environment, "body.number", in.Body.Number)
	if err != nil {
		return nil, err
	}
	own := voice.OwnNumber{
		Environment: in.Environment, Number: n, Provider: in.Body.Provider, CreatedAt: now(),
	}
	if err := in.Body.change(&own); err != nil {
		return nil, err
	}
	if err := s.knowCarrier(ctx, own); err != nil {
		return nil, err
	}
	if err := s.Store.AddNumber(ctx, own); err != nil {
		return nil, err
	}
	s.renumbered(own.Environment)
	return &addedNumber{placeOf(numberPlace, own.Environment, n.String()), ownNumberOf(own)}, nil
}

// knowCarrier asks whether the provider and the agent of a number are there.
func (s *Server) knowCarrier(ctx context.Context, n voice.OwnNumber) error {
	if !isBuiltIn(n.Provider) {
		_, err := s.Store.Trunk(ctx, n.Environment, n.Provider)
		if err := named("body.provider", n.Provider, err); err != nil {
			return err
		}
	}
	return s.knowAgent(ctx, n.Environment, "body.inbound_agent", n.InboundAgent)
}

func (s *Server) changeNumber(ctx context.Context, in *struct {
	OfNumber
	Body struct {
		Provider *string `json:"provider,omitempty" maxLength:"100" nullable:"false"`
		NumberSettings
	}
},
) (*oneNumber, error) {
	n, err := s.plainNumber(ctx, in.Environment, "path.number", in.Number)
	if err != nil {
		return nil, err
	}
	err = s.knowCarrierOf(ctx, in.Environment, in.Body.Provider, &in.Body.NumberSettings)
	if err != nil {
		return nil, err
	}
	own, err := s.Store.ChangeNumber(ctx, in.Environment, n, func(own *voice.OwnNumber) error {
		give(&own.Provider, in.Body.Provider)
		return in.Body.change(own)
	})
	if err != nil {
		return nil, err
	}
	s.renumbered(own.Environment)
	return &oneNumber{ownNumberOf(own)}, nil
}

// knowCarrierOf is knowCarrier for a change.
func (s *Server) knowCarrierOf(
	ctx context.Context, env dnc.Environment, provider *string, p *NumberSettings,
) error {
	n := voice.OwnNumber{
		Environment: env, Provider: dialer.Simulator, InboundAgent: p.InboundAgent.Value,
	}
	give(&n.Provider, provider)
	return s.knowCarrier(ctx, n)
}

func (s *Server) removeNumber(ctx context.Context, in *OfNumber) (*struct{}, error) {
	n, err := s.plainNumber(ctx, in.Environment, "path.number", in.Number)
	if err != nil {
		return nil, err
	}
	if err := s.Store.RemoveNumber(ctx, in.Environment, n); err != nil {
		return nil, err
	}
	s.renumbered(in.Environment)
	return nil, nil
}

// renumbered tells campaigns and pages that the numbers of env have changed.
func (s *Server) renumbered(env dnc.Environment) {
	s.Dialer.Refresh(env)
	s.List.Bell.Ring(env)
}
