package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/registry"
)

const (
	environmentsPath = "/v1/environments"
	environmentPath  = environmentsPath + "/{environment}"
	environmentPlace = environmentsPath + "/{}name"
)

// Environment is an environment as it is answered.
type Environment struct {
	Name               dnc.Environment `json:"name" example:"sandbox"`
	DefaultRegion      *string         `json:"default_region" doc:"Country whose national forms of numbers are read, as in ISO 3166-1 alpha-2; null for none" example:"US"`
	MaxConcurrentCalls int             `json:"max_concurrent_calls" doc:"Outbound calls at once"`
	OptOutDetection    bool            `json:"opt_out_detection" doc:"Whether conversations are listened to, unless a call says otherwise"`
	OptOutPreset       optout.Preset   `json:"opt_out_preset" enum:"strict,balanced,cautious" doc:"What becomes of words that can be meant either way: nothing (strict), a review (balanced), or a review and a provisional entry until then (cautious)"`
	Hidden             bool            `json:"hidden" doc:"Not offered in the selector of the page"`
	Registries         []string        `json:"registries" nullable:"false" doc:"Names of the registries that it subscribes to"`
	Entries            *int            `json:"entries" doc:"Numbers on the list; null while the list is not ready"`
	ActiveCalls        int             `json:"active_calls" doc:"Outbound calls at providers now"`
	Revision           int64           `json:"revision" doc:"How far the trail has come"`
	CreatedAt          time.Time       `json:"created_at"`
}

// MadeEnvironment is an environment that a key made, with a key of its own.
type MadeEnvironment struct {
	Environment
	Key *NewKey `json:"key,omitempty" doc:"Where a key made the environment: the first admin key of the new one"`
}

func (s *Server) environmentOf(w dnc.World) Environment {
	out := Environment{
		Name: w.Name, DefaultRegion: orNil(w.Settings.DefaultRegion),
		MaxConcurrentCalls: w.Settings.MaxConcurrentCalls,
		OptOutDetection:    w.Settings.OptOutDetection, Hidden: w.Settings.Hidden,
		OptOutPreset: presetOf(w),
		ActiveCalls:  s.Dialer.Active(w.Name), Revision: w.Revision, CreatedAt: w.CreatedAt.UTC(),
		Registries: []string{},
	}
	for _, sub := range w.Settings.Registries {
		out.Registries = append(out.Registries, sub.Registry)
	}
	if found, err := s.List.Index.Search(w.Name, dnc.Query{Limit: 1}); err == nil {
		out.Entries = &found.Total
	}
	return out
}

// presetOf returns what becomes of words in w that can be meant either way.
func presetOf(w dnc.World) optout.Preset {
	return cmp.Or(optout.Preset(w.Settings.OptOutPreset), optout.Cautious)
}

func (s *Server) environmentRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: environmentsPath, id: "listEnvironments",
			tag: "environments", summary: "The environments that the key or user may see",
			role: access.Viewer, problems: []string{"malformed", "invalid"},
		}, s.listEnvironments),
		described(route{
			method: http.MethodPost, path: environmentsPath, id: "addEnvironment",
			tag: "environments", summary: "Make an environment", role: access.Admin,
			status: http.StatusCreated, makes: makesSecret, place: environmentPlace,
			text: "It has an empty list and the settings that are given, or the usual ones. A " +
				"key sees no environment but its own: where a key makes one, the answer holds " +
				"an admin key of the new environment, shown once. A user who may see one " +
				"environment alone makes none.",
			problems: []string{"exists"},
		}, s.addEnvironment),
		described(route{
			method: http.MethodGet, path: environmentPath, id: "getEnvironment",
			tag: "environments", summary: "One environment and its settings",
			role: access.Viewer, problems: []string{"no-environment"},
		}, s.getEnvironment),
		described(route{
			method: http.MethodPatch, path: environmentPath, id: "changeEnvironment",
			tag: "environments", summary: "Change settings", role: access.Admin,
			text:     "What is not named stays as it is.",
			problems: []string{"no-environment"},
		}, s.changeEnvironment),
		described(route{
			method: http.MethodDelete, path: environmentPath, id: "removeEnvironment",
			tag: "environments", summary: "Remove an environment with its list, calls and keys",
			role: access.Admin, status: http.StatusNoContent,
			text: "Wants its name once more, as confirm, and no call at a provider. Export " +
				"the list first if it is wanted; the trail stays.",
			problems: []string{"no-environment", "invalid", "conflict"},
		}, s.removeEnvironment),
	}
}

type environmentPage struct{ Body page[Environment] }

func (s *Server) listEnvironments(
	ctx context.Context, in *struct{ Paging },
) (*environmentPage, error) {
	worlds, err := s.Store.Worlds(ctx)
	if err != nil {
		return nil, err
	}
	var seen []dnc.World
	only := asker(ctx).Environment
	for _, w := range worlds {
		if only == "" || only == w.Name {
			seen = append(seen, w)
		}
	}
	found, err := pageOf(seen, in.Paging, askedFor("environments"), func(w dnc.World) string {
		return string(w.Name)
	})
	if err != nil {
		return nil, err
	}
	out := &environmentPage{Body: page[Environment]{
		Items: []Environment{}, NextCursor: found.NextCursor, Total: found.Total,
	}}
	for _, w := range found.Items {
		out.Body.Items = append(out.Body.Items, s.environmentOf(w))
	}
	return out, nil
}

// Settings are settings of an environment to be changed.
type Settings struct {
	DefaultRegion      optional[string] `json:"default_region,omitempty"`
	MaxConcurrentCalls *int             `json:"max_concurrent_calls,omitempty" minimum:"1" maximum:"100000" nullable:"false"`
	OptOutDetection    *bool            `json:"opt_out_detection,omitempty" nullable:"false"`
	OptOutPreset       *optout.Preset   `json:"opt_out_preset,omitempty" enum:"strict,balanced,cautious" nullable:"false"`
	Hidden             *bool            `json:"hidden,omitempty" nullable:"false"`
	Registries         *[]string        `json:"registries,omitempty" nullable:"false" maxItems:"16" doc:"Names of the registries that it subscribes to; those that stay keep their policies"`
}

// change changes what c names in s.
func (c Settings) change(s *dnc.Settings) error {
	if c.DefaultRegion.Set {
		region := c.DefaultRegion.Value
		if region != "" && !e164.KnownRegion(region) {
			return at("body.default_region", fmt.Errorf(
				"%w: %q is not a region of ISO 3166-1 alpha-2 whose numbers are read, like US",
				errInvalid, region))
		}
		s.DefaultRegion = region
	}
	if c.MaxConcurrentCalls != nil {
		s.MaxConcurrentCalls = *c.MaxConcurrentCalls
	}
	if c.OptOutDetection != nil {
		s.OptOutDetection = *c.OptOutDetection
	}
	if c.OptOutPreset != nil {
		s.OptOutPreset = string(*c.OptOutPreset)
	}
	if c.Hidden != nil {
		s.Hidden = *c.Hidden
	}
	if c.Registries != nil {
		subscribeTo(s, *c.Registries)
	}
	return nil
}

type newEnvironment struct {
	Body struct {
		Name string `json:"name" doc:"1 to 63 of a-z, 0-9 and - and no dash in front" example:"staging"`
		Settings
	}
}

type addedEnvironment struct {
	Location string `header:"Location"`
	Body     MadeEnvironment
}

func (s *Server) addEnvironment(
	ctx context.Context, in *newEnvironment,
) (*addedEnvironment, error) {
	id := asker(ctx)
	if id.KeyID == "" && id.Environment != "" {
		return nil, access.ErrForbidden
	}
	name, err := dnc.ParseEnvironment(in.Body.Name)
	if err != nil {
		return nil, at("body.name", err)
	}
	if err := s.mayName(ctx, id, name); err != nil {
		return nil, err
	}
	world := dnc.World{Name: name, Settings: dnc.DefaultSettings(), CreatedAt: now()}
	if err := in.Body.change(&world.Settings); err != nil {
		return nil, err
	}
	wanted := world.Settings.Registries
	world.Settings.Registries = nil // until it is there
	if world, err = s.Store.AddWorld(ctx, world, id.Name); err != nil {
		return nil, err
	}
	if len(wanted) > 0 {
		if world, err = s.subscribeNew(ctx, world, wanted); err != nil {
			return nil, err
		}
	}
	out := &addedEnvironment{Location: placeOf(environmentPlace, "", string(name))}
	out.Body.Environment = s.environmentOf(world)
	if id.KeyID == "" {
		return out, nil
	}
	made, err := s.makeKey(ctx, access.Key{Environment: name, Name: "first", Role: access.Admin})
	if err != nil {
		return nil, err
	}
	out.Body.Key = &made
	return out, nil
}

// subscribeNew has a new environment subscribe to registries. One that cannot is
// removed again.
func (s *Server) subscribeNew(
	ctx context.Context, w dnc.World, wanted []dnc.Subscription,
) (dnc.World, error) {
	err := registry.ErrNoRegistry
	by := asker(ctx).Name
	if s.Registries != nil {
		var changed dnc.World
		changed, err = s.Registries.Subscribe(ctx, w.Name, by,
			func([]dnc.Subscription) []dnc.Subscription { return wanted })
		if err == nil {
			return changed, nil
		}
	}
	return w, errors.Join(at("body.registries", err), s.Store.RemoveWorld(ctx, w.Name, by))
}

type oneEnvironment struct{ Body Environment }

func (s *Server) getEnvironment(
	ctx context.Context, in *InEnvironment,
) (*oneEnvironment, error) {
	w, err := s.Store.World(ctx, in.Environment)
	if err != nil {
		return nil, err
	}
	return &oneEnvironment{s.environmentOf(w)}, nil
}

type changedEnvironment struct {
	InEnvironment
	Body Settings
}

func (s *Server) changeEnvironment(
	ctx context.Context, in *changedEnvironment,
) (*oneEnvironment, error) {
	change := s.Store.ChangeWorld
	if in.Body.Registries != nil {
		if s.Registries == nil {
			return nil, at("body.registries", registry.ErrNoRegistry)
		}
		change = s.Registries.ChangeWorld
	}
	w, err := change(ctx, in.Environment, asker(ctx).Name, in.Body.change)
	s.regions.forget(in.Environment)
	if err != nil {
		return nil, err
	}
	return &oneEnvironment{s.environmentOf(w)}, nil
}

// mayName refuses a key the name of an environment that was removed: with the
// name it would get the trail, which stays.
func (s *Server) mayName(ctx context.Context, id access.Identity, name dnc.Environment) error {
	if id.KeyID == "" {
		return nil
	}
	trail, err := s.Store.Trail(ctx, name, dnc.TrailQuery{Limit: 1})
	if err == nil && len(trail.Events) > 0 {
		err = dnc.ErrEnvironmentExists
	}
	if errors.Is(err, dnc.ErrNoEnvironment) {
		return nil
	}
	return err
}

type environmentRemoval struct {
	InEnvironment
	Confirm string `query:"confirm" doc:"The name once more"`
}

func (s *Server) removeEnvironment(
	ctx context.Context, in *environmentRemoval,
) (*struct{}, error) {
	if _, err := s.Store.World(ctx, in.Environment); err != nil {
		return nil, err
	}
	if in.Confirm != string(in.Environment) {
		return nil, at("query.confirm", fmt.Errorf(
			"%w: want ?confirm=%s", errConfirm, in.Environment))
	}
	if s.Dialer.Active(in.Environment) > 0 {
		return nil, errActiveCalls
	}
	err := s.Store.RemoveWorld(ctx, in.Environment, asker(ctx).Name)
	s.Access.Forget(in.Environment)
	s.regions.forget(in.Environment)
	if err == nil && s.Tapes != nil {
		err = s.Tapes.EraseAll(in.Environment)
	}
	return nil, err
}

// reasonError says in which field a reason is too long.
func reasonError(err error) error {
	if errors.Is(err, dnc.ErrReasonTooLong) {
		return at("body.reason", err)
	}
	return err
}
