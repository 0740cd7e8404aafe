package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

const (
	providersPath = "/v1/environments/{environment}/providers"
	providerPath  = providersPath + "/{name}"
	providerPlace = providersPath + "/{}name"
)

// Provider is a provider as it is answered: never its password.
type Provider struct {
	Name        string     `json:"name"`
	Kind        string     `json:"kind" enum:"sip,simulator,external"`
	BuiltIn     bool       `json:"built_in" doc:"Always there, and stays as it is"`
	Address     *string    `json:"address" doc:"Host and port of a trunk"`
	Transport   *string    `json:"transport" doc:"udp, tcp or tls"`
	Username    *string    `json:"username"`
	HasPassword bool       `json:"has_password" doc:"The password itself goes in and never comes out"`
	Register    bool       `json:"register" doc:"Whether nocall registers there"`
	Proxy       *string    `json:"proxy" doc:"Host and port of an outbound proxy"`
	Failover    []string   `json:"failover" nullable:"false" doc:"Tried in order when the first fails"`
	TechPrefix  *string    `json:"tech_prefix" doc:"Before the number, as the carrier wants it"`
	CallerID    *string    `json:"caller_id" doc:"Shown where a call names none"`
	SRTP        bool       `json:"srtp" doc:"Whether sound is encrypted"`
	Unwanted    bool       `json:"unwanted" doc:"Whether 607 Unwanted opts out"`
	MaxCalls    int        `json:"max_calls" doc:"At once; 0 for no limit beside the environment's"`
	CreatedAt   *time.Time `json:"created_at"`
}

func providerOf(t voice.Trunk) Provider {
	return Provider{
		Name: t.Name, Kind: t.Kind, Address: orNil(t.Address), Transport: orNil(t.Transport),
		Username: orNil(t.Username), HasPassword: t.Password != "", Register: t.Register,
		Proxy: orNil(t.Proxy), Failover: append([]string{}, t.Failover...),
		TechPrefix: orNil(t.TechPrefix), CallerID: numberOrNil(t.CallerID), SRTP: t.SRTP,
		Unwanted: t.Unwanted, MaxCalls: t.MaxCalls, CreatedAt: timeOrNil(t.CreatedAt),
	}
}

// builtIn returns the providers that are always there.
func builtIn() []Provider {
	return []Provider{
		{Name: dialer.External, Kind: dialer.External, BuiltIn: true, Failover: []string{}},
		{Name: dialer.Simulator, Kind: dialer.Simulator, BuiltIn: true, Failover: []string{}},
	}
}

// OfProvider is the path of one provider.
type OfProvider struct {
	InEnvironment
	Name string `path:"name" maxLength:"63" doc:"Name of the provider"`
}

type oneProvider struct{ Body Provider }

func (s *Server) providerRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: providersPath, id: "listProviders", tag: "providers",
			summary: "Providers, the built-in ones first", role: access.Viewer,
			problems: []string{"malformed", "invalid", "no-environment"},
		}, s.listProviders),
		described(route{
			method: http.MethodPost, path: providersPath, id: "addProvider", tag: "providers",
			summary: "Add a SIP trunk", role: access.Admin, status: http.StatusCreated,
			makes: makesOnce, place: providerPlace,
			text:     "The password is kept encrypted and never answered.",
			problems: []string{"no-environment", "exists", "number"},
		}, s.addProvider),
		described(route{
			method: http.MethodGet, path: providerPath, id: "getProvider", tag: "providers",
			summary: "One provider", role: access.Viewer,
			problems: []string{"not-found", "no-environment"},
		}, s.getProvider),
		described(route{
			method: http.MethodPatch, path: providerPath, id: "changeProvider", tag: "providers",
			summary: "Change a SIP trunk", role: access.Admin,
			text: "What is not named stays as it is, the password too; null takes it away. Calls " +
				"that go on stay as they are.",
			problems: []string{"not-found", "no-environment", "number", "conflict"},
		}, s.changeProvider),
		described(route{
			method: http.MethodDelete, path: providerPath, id: "removeProvider", tag: "providers",
			summary: "Remove a SIP trunk", role: access.Admin, status: http.StatusNoContent,
			text:     "Not while numbers or campaigns use it.",
			problems: []string{"not-found", "no-environment", "conflict"},
		}, s.removeProvider),
		described(route{
			method: http.MethodPost, path: providerPath + "/test", id: "testProvider",
			tag: "providers", summary: "Ask a provider whether it is there", role: access.Member,
			text: "A trunk is asked by SIP OPTIONS and no phone rings. That it does not answer, " +
				"or does not want us, is an answer too: 200 with ok false.",
			problems: []string{"not-found", "no-environment"},
		}, s.testProvider),
		testCallOperation(s),
	}
}

type providerPage struct{ Body page[Provider] }

func (s *Server) listProviders(ctx context.Context, in *struct {
	InEnvironment
	Paging
},
) (*providerPage, error) {
	if _, err := s.Store.World(ctx, in.Environment); err != nil {
		return nil, err
	}
	trunks, err := s.Store.Trunks(ctx, in.Environment)
	if err != nil {
		return nil, err
	}
	all := builtIn()
	for _, t := range trunks {
		all = append(all, providerOf(t))
	}
	// Built-in ones first, then by name.
	found, err := pageOf(all, in.Paging, askedFor("providers", string(in.Environment)),
		func(p Provider) string { return fmt.Sprint(!p.BuiltIn) + " " + p.Name })
	if err != nil {
		return nil, err
	}
	return &providerPage{found}, nil
}

func (s *Server) getProvider(ctx context.Context, in *OfProvider) (*oneProvider, error) {
	for _, p := range builtIn() {
		if p.Name == in.Name {
			_, err := s.Store.World(ctx, in.Environment)
			return &oneProvider{p}, err
		}
	}
	t, err := s.Store.Trunk(ctx, in.Environment, in.Name)
	if err != nil {
		return nil, err
	}
	return &oneProvider{providerOf(t)}, nil
}

// ProviderSettings are what may be set of a trunk besides its name.
type ProviderSettings struct {
	Address    *string          `json:"address,omitempty" maxLength:"300" nullable:"false" doc:"Host and port" example:"sip.example.com:5060"`
	Transport  *string          `json:"transport,omitempty" maxLength:"10" nullable:"false" doc:"udp, tcp or tls; udp if left out"`
	Username   optional[string] `json:"username,omitempty" doc:"For digest authentication"`
	Password   optional[string] `json:"password,omitempty" doc:"Goes in and never comes out"`
	Register   *bool            `json:"register,omitempty" nullable:"false" doc:"Whether nocall registers there"`
	Proxy      optional[string] `json:"proxy,omitempty" doc:"Host and port of an outbound proxy"`
	Failover   *[]string        `json:"failover,omitempty" maxItems:"10" nullable:"false" doc:"Hosts and ports, tried in order when the first fails"`
	TechPrefix optional[string] `json:"tech_prefix,omitempty" doc:"Digits before the number"`
	CallerID   optional[string] `json:"caller_id,omitempty" doc:"Shown where a call names none"`
	SRTP       *bool            `json:"srtp,omitempty" nullable:"false" doc:"Whether sound is encrypted"`
	Unwanted   *bool            `json:"unwanted,omitempty" nullable:"false" doc:"Whether 607 Unwanted opts out; true if left out"`
	MaxCalls   *int             `json:"max_calls,omitempty" nullable:"false" doc:"At once; 0 for no limit beside the environment's"`
}

// change changes in t what p names, and callerID where p names one.
func (p *ProviderSettings) change(t *voice.Trunk, callerID e164.Number) error {
	give(&t.Address, p.Address)
	give(&t.Transport, p.Transport)
	p.Username.give(&t.Username)
	p.Password.give(&t.Password)
	give(&t.Register, p.Register)
	p.Proxy.give(&t.Proxy)
	give(&t.Failover, p.Failover)
	p.TechPrefix.give(&t.TechPrefix)
	if p.CallerID.Set {
		t.CallerID = callerID
	}
	give(&t.SRTP, p.SRTP)
	give(&t.Unwanted, p.Unwanted)
	give(&t.MaxCalls, p.MaxCalls)
	if p.Username.Set && p.Username.Value == "" && !p.Password.Set {
		t.Password = "" // of nobody
	}
	t.Normalize()
	return wrong("body.", t.Problems())
}

type providerAsked struct {
	InEnvironment
	Body struct {
		Name string `json:"name" doc:"1 to 63 of a-z, 0-9 and - and no dash in front" example:"trunk"`
		Kind string `json:"kind" enum:"sip" example:"sip"`
		ProviderSettings
	}
}

type addedProvider struct {
	Location string `header:"Location"`
	Body     Provider
}

func (s *Server) addProvider(ctx context.Context, in *providerAsked) (*addedProvider, error) {
	callerID, err := s.numberGiven(ctx, in.Environment, "body.caller_id", &in.Body.CallerID.Value)
	if err != nil {
		return nil, err
	}
	t := voice.Trunk{
		Environment: in.Environment, Name: in.Body.Name, Kind: in.Body.Kind, Unwanted: true,
		CreatedAt: now(),
	}
	if err := in.Body.change(&t, callerID); err != nil {
		return nil, err
	}
	if err := s.Store.AddTrunk(ctx, t); err != nil {
		return nil, err
	}
	s.trunksChanged(in.Environment)
	return &addedProvider{placeOf(providerPlace, in.Environment, t.Name), providerOf(t)}, nil
}

func (s *Server) changeProvider(ctx context.Context, in *struct {
	OfProvider
	Body ProviderSettings
},
) (*oneProvider, error) {
	if isBuiltIn(in.Name) {
		return nil, errBuiltIn
	}
	callerID, err := s.numberGiven(ctx, in.Environment, "body.caller_id", &in.Body.CallerID.Value)
	if err != nil {
		return nil, err
	}
	t, err := s.Store.ChangeTrunk(ctx, in.Environment, in.Name, func(t *voice.Trunk) error {
		return in.Body.change(t, callerID)
	})
	if err != nil {
		return nil, err
	}
	s.trunksChanged(in.Environment)
	return &oneProvider{providerOf(t)}, nil
}

func (s *Server) removeProvider(ctx context.Context, in *OfProvider) (*struct{}, error) {
	if isBuiltIn(in.Name) {
		return nil, errBuiltIn
	}
	if err := s.Store.RemoveTrunk(ctx, in.Environment, in.Name); err != nil {
		return nil, err
	}
	s.trunksChanged(in.Environment)
	return nil, nil
}

func isBuiltIn(name string) bool { return name == dialer.Simulator || name == dialer.External }

// trunksChanged tells those who speak SIP, and those who watch.
func (s *Server) trunksChanged(env dnc.Environment) {
	if s.TrunksChanged != nil {
		s.TrunksChanged()
	}
	s.List.Bell.Ring(env)
}

// TestedProvider is what came of asking a provider whether it is there.
type TestedProvider struct {
	OK           bool    `json:"ok" doc:"Whether calls can be placed"`
	Code         *int    `json:"code" doc:"Of its answer in SIP; null for none"`
	Reason       *string `json:"reason" doc:"Of its answer, or why there was none"`
	Took         *string `json:"took" doc:"Until the answer" example:"12ms"`
	Registration *string `json:"registration" doc:"off, registered, or what is wrong with it"`
}

type testedProvider struct{ Body TestedProvider }

func (s *Server) testProvider(ctx context.Context, in *OfProvider) (*testedProvider, error) {
	if isBuiltIn(in.Name) {
		_, err := s.Store.World(ctx, in.Environment)
		return &testedProvider{TestedProvider{OK: true}}, err
	}
	if _, err := s.Store.Trunk(ctx, in.Environment, in.Name); err != nil {
		return nil, err
	}
	if s.TestTrunk == nil {
		return nil, errNoSIP
	}
	test, err := s.TestTrunk(ctx, in.Environment, in.Name)
	if err != nil {
		return nil, err
	}
	out := TestedProvider{
		OK: test.OK, Reason: orNil(test.Reason), Registration: orNil(test.Registration),
	}
	if test.Code == 0 {
		out.Reason = orNil(plainText(test.Reason)) // our own words
	} else {
		out.Code = &test.Code
		out.Took = orNil(test.Took.Round(time.Microsecond).String())
	}
	return &testedProvider{out}, nil
}
