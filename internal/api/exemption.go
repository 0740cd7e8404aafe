package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/registry"
)

const (
	subscriptionsPath = "/v1/environments/{environment}/registries"
	exemptionsPath    = "/v1/environments/{environment}/exemptions"
	exemptionPlace    = exemptionsPath + "/{}id"
)

// Subscription is a registry that an environment asks.
type Subscription struct {
	Registry   string     `json:"registry" example:"us-national"`
	Stale      dnc.Policy `json:"stale" enum:"refuse,allow" doc:"What becomes of a call where what the registry has is too old"`
	NotCovered dnc.Policy `json:"not_covered" enum:"refuse,allow" doc:"The same where the registry does not have that area code"`
}

// Exemption is an exemption as it is answered.
type Exemption struct {
	ID        string          `json:"id"`
	Number    string          `json:"number" example:"+14155550123"`
	Ground    registry.Ground `json:"ground" enum:"consent,business_relationship"`
	Registry  *string         `json:"registry" doc:"Of which it is an exemption; null for all"`
	Evidence  string          `json:"evidence"`
	Since     time.Time       `json:"since"`
	Until     *time.Time      `json:"until" doc:"Before which it counts; null for a consent without an end"`
	InForce   bool            `json:"in_force"`
	CreatedAt time.Time       `json:"created_at"`
	By        string          `json:"by"`
	EndedAt   *time.Time      `json:"ended_at" doc:"When it was ended before its time; null if it was not"`
	EndedBy   *string         `json:"ended_by"`
}

func exemptionOf(e registry.Exemption) Exemption {
	return Exemption{
		ID: e.ID, Number: e.Number.String(), Ground: e.Ground, Registry: orNil(e.Registry),
		Evidence: e.Evidence, Since: e.Since.UTC(), Until: timeOrNil(e.Until),
		InForce: e.InForce(time.Now()), CreatedAt: e.CreatedAt.UTC(), By: e.By,
		EndedAt: timeOrNil(e.EndedAt), EndedBy: orNil(e.EndedBy),
	}
}

func (s *Server) exemptionRoutes() []operation {
	if s.Registries == nil {
		return nil
	}
	return []operation{
		described(route{
			method: http.MethodGet, path: subscriptionsPath, id: "listSubscriptions",
			tag: "registries", summary: "The registries that an environment subscribes to",
			role: access.Viewer, problems: []string{"no-environment"},
		}, s.listSubscriptions),
		described(route{
			method: http.MethodPut, path: subscriptionsPath + "/{name}", id: "subscribe",
			tag: "registries", summary: "Subscribe to a registry, or change a policy",
			role: access.Admin,
			text: "From then on every call and check asks it. Unless a policy allows it, a " +
				"number of which the registry cannot say that it is not in it is not called.",
			problems: []string{"no-environment", "not-found", "invalid"},
		}, s.subscribe),
		described(route{
			method: http.MethodDelete, path: subscriptionsPath + "/{name}", id: "unsubscribe",
			tag: "registries", summary: "Ask a registry no more", role: access.Admin,
			status: http.StatusNoContent, problems: []string{"no-environment", "not-found"},
		}, s.unsubscribe),
		described(route{
			method: http.MethodGet, path: exemptionsPath, id: "listExemptions",
			tag: "registries", summary: "Exemptions from registries, newest first",
			role: access.Viewer, text: "Also those that have ended, as evidence.",
			problems: []string{"no-environment", "malformed", "invalid", "number"},
		}, s.listExemptions),
		described(route{
			method: http.MethodPost, path: exemptionsPath, id: "addExemption",
			tag: "registries", summary: "Exempt a number from a registry", role: access.Member,
			status: http.StatusCreated, makes: makesOnce, place: exemptionPlace,
			text: "It says why somebody may be called who is in a registry, and how that can be " +
				"shown: a consent, or a business relationship, which ends 18 months after since " +
				"at the latest. It never lifts what is on the environment's own list.",
			problems: []string{"no-environment", "not-found", "number"},
		}, s.addExemption),
		described(route{
			method: http.MethodDelete, path: exemptionsPath + "/{id}", id: "endExemption",
			tag: "registries", summary: "End an exemption before its time", role: access.Member,
			text: "It stays, as evidence.", problems: []string{"not-found"},
		}, s.endExemption),
	}
}

type subscriptions struct {
	Body struct {
		Items []Subscription `json:"items" nullable:"false"`
	}
}

func subscriptionsOf(w dnc.World) *subscriptions {
	out := new(subscriptions)
	out.Body.Items = []Subscription{}
	for _, sub := range w.Settings.Registries {
		out.Body.Items = append(out.Body.Items, Subscription(sub))
	}
	return out
}

func (s *Server) listSubscriptions(
	ctx context.Context, in *InEnvironment,
) (*subscriptions, error) {
	w, err := s.Store.World(ctx, in.Environment)
	if err != nil {
		return nil, err
	}
	return subscriptionsOf(w), nil
}

func (s *Server) subscribe(ctx context.Context, in *struct {
	InEnvironment
	OfRegistry
	Body struct {
		Stale      *dnc.Policy `json:"stale,omitempty" enum:"refuse,allow" nullable:"false"`
		NotCovered *dnc.Policy `json:"not_covered,omitempty" enum:"refuse,allow" nullable:"false"`
	}
},
) (*subscriptions, error) {
	w, err := s.Registries.Subscribe(ctx, in.Environment, asker(ctx).Name,
		func(all []dnc.Subscription) []dnc.Subscription {
			for i := range all {
				if all[i].Registry == in.Name {
					give(&all[i].Stale, in.Body.Stale)
					give(&all[i].NotCovered, in.Body.NotCovered)
					return all
				}
			}
			sub := dnc.Subscription{Registry: in.Name}
			give(&sub.Stale, in.Body.Stale)
			give(&sub.NotCovered, in.Body.NotCovered)
			return append(all, sub)
		})
	if err != nil {
		return nil, err
	}
	return subscriptionsOf(w), nil
}

func (s *Server) unsubscribe(ctx context.Context, in *struct {
	InEnvironment
	OfRegistry
},
) (*struct{}, error) {
	there := false
	_, err := s.Registries.Subscribe(ctx, in.Environment, asker(ctx).Name,
		func(all []dnc.Subscription) (others []dnc.Subscription) {
			for _, sub := range all {
				if sub.Registry == in.Name {
					there = true
				} else {
					others = append(others, sub)
				}
			}
			return others
		})
	if err == nil && !there {
		err = fmt.Errorf("%w: not subscribed to %s", registry.ErrNoRegistry, in.Name)
	}
	return nil, err
}

type exemptionPage struct{ Body page[Exemption] }

func (s *Server) listExemptions(ctx context.Context, in *struct {
	InEnvironment
	Paging
	Number string `query:"number" maxLength:"200" doc:"Only those of a number"`
},
) (*exemptionPage, error) {
	q := registry.ExemptionQuery{Limit: in.Limit}
	asked := askedFor("exemptions", string(in.Environment), in.Number)
	c, err := readCursor(in.Cursor, asked)
	if err != nil {
		return nil, err
	}
	q.After = c.Name
	if in.Number != "" {
		q.Number, err = s.plainNumber(ctx, in.Environment, "query.number", in.Number)
		if err != nil {
			return nil, err
		}
	}
	found, err := s.Registries.Exemptions(ctx, in.Environment, q)
	if err != nil {
		return nil, err
	}
	out := page[Exemption]{Items: []Exemption{}, Total: found.Total}
	for _, e := range found.Exemptions {
		out.Items = append(out.Items, exemptionOf(e))
		c.Name = e.ID
	}
	c.List = asked
	out.NextCursor = next(found.More, c)
	return &exemptionPage{out}, nil
}

type exemptionAsked struct {
	InEnvironment
	Body struct {
		Number   string          `json:"number" example:"+14155550123"`
		Ground   registry.Ground `json:"ground" enum:"consent,business_relationship"`
		Registry *string         `json:"registry,omitempty" doc:"Left out: of all"`
		Evidence string          `json:"evidence" doc:"How it can be shown: what was signed or bought, and where it is kept"`
		Since    string          `json:"since" doc:"The day or time of the consent or purchase" example:"2026-11-01"`
		Until    *string         `json:"until,omitempty" doc:"The day or time before which it counts"`
	}
}

type addedExemption struct {
	Location string `header:"Location"`
	Body     Exemption
}

func (s *Server) addExemption(
	ctx context.Context, in *exemptionAsked,
) (*addedExemption, error) {
	b := in.Body
	e := registry.Exemption{
		Environment: in.Environment, Ground: b.Ground, Evidence: b.Evidence, By: asker(ctx).Name,
	}
	give(&e.Registry, b.Registry)
	until := ""
	give(&until, b.Until)
	var err error
	if e.Number, err = s.number(ctx, in.Environment, "body.number", b.Number); err != nil {
		return nil, err
	}
	if e.Since, err = moment("body.since", b.Since); err != nil {
		return nil, err
	}
	if e.Until, err = moment("body.until", until); err != nil {
		return nil, err
	}
	if e, err = s.Registries.Exempt(ctx, e); err != nil {
		return nil, err
	}
	return &addedExemption{
		placeOf(exemptionPlace, in.Environment, e.ID), exemptionOf(e),
	}, nil
}

type oneExemption struct{ Body Exemption }

func (s *Server) endExemption(ctx context.Context, in *struct {
	InEnvironment
	ID string `path:"id" maxLength:"100" doc:"ID of the exemption"`
},
) (*oneExemption, error) {
	e, err := s.Registries.EndExemption(ctx, in.Environment, in.ID, asker(ctx).Name)
	if err != nil {
		return nil, err
	}
	return &oneExemption{exemptionOf(e)}, nil
}
