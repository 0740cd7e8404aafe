package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/registry"
)

const (
	registriesPath = "/v1/registries"
	registryPath   = registriesPath + "/{name}"
)

const sharedText = " Registries are shared by the environments that subscribe to them. A key or " +
	"user of one environment may change those to which nobody subscribes, or their own does."

// Registry is a registry as it is answered.
type Registry struct {
	Name        string   `json:"name" example:"us-national"`
	Title       string   `json:"title"`
	Mapping     Mapping  `json:"mapping" doc:"Where in a line the number is, for files that have no layout that is recognised"`
	StaleAfter  int      `json:"stale_after_days" doc:"Days that what it has may be old"`
	Version     *Version `json:"version" doc:"The one in force; null for none"`
	FreshUntil  *string  `json:"fresh_until" doc:"The day from which on the oldest part of it is stale" example:"2026-12-03"`
	Stale       bool     `json:"stale" doc:"A part of it is too old to clear a number"`
	Damaged     bool     `json:"damaged" doc:"What is kept of it cannot be read, and it clears nothing"`
	Subscribers []string `json:"subscribers" doc:"Environments that subscribe to it, of those that you may see" nullable:"false"`
}

// Mapping says where in a line the number is.
type Mapping struct {
	Layout    registry.Layout `json:"layout,omitempty" enum:"split,digits,e164,change,change_split,change_fixed,xml,change_xml,british_space,british,csv,fixed" doc:"Left out: it is recognised"`
	Delimiter string          `json:"delimiter,omitempty" maxLength:"1" doc:"Of csv; left out: it is recognised"`
	Columns   []string        `json:"columns,omitempty" maxItems:"4" nullable:"false" doc:"Of csv: names in the header, or places from 1; several together are the number"`
	Start     int             `json:"start,omitempty" minimum:"0" doc:"Of fixed: the first character of the number, from 1"`
	Width     int             `json:"width,omitempty" minimum:"0" doc:"Of fixed: how many characters it has"`
	Region    string          `json:"region,omitempty" doc:"Country whose national forms are read" example:"US"`
}

// Version is a version of a registry as it is answered.
type Version struct {
	ID         string            `json:"id"`
	AsOf       string            `json:"as_of" doc:"The day on which the oldest part of it was so" example:"2026-11-01"`
	ImportedAt time.Time         `json:"imported_at"`
	By         string            `json:"by" doc:"The user or key that imported it"`
	Numbers    int64             `json:"numbers"`
	Areas      int               `json:"areas" doc:"Area codes or countries that it covers"`
	Bytes      int64             `json:"bytes" doc:"In memory"`
	Base       *string           `json:"base" doc:"The version that it was made from; null for none"`
	Files      []registry.Source `json:"files" doc:"What it was read from" nullable:"false"`
	InForce    bool              `json:"in_force"`
	Kept       bool              `json:"kept" doc:"Whether it can be put in force"`
}

// Covered is a part of the numbering plan that a registry covers.
type Covered struct {
	Area       string `json:"area" example:"+1818"`
	Numbers    int64  `json:"numbers"`
	AsOf       string `json:"as_of" example:"2026-11-01"`
	FreshUntil string `json:"fresh_until" example:"2026-12-03"`
	Stale      bool   `json:"stale"`
}

func versionOf(v registry.Version, inForce string) Version {
	return Version{
		ID: v.ID, AsOf: v.AsOf.Format(time.DateOnly), ImportedAt: v.ImportedAt, By: v.By,
		Numbers: v.Numbers, Areas: len(v.Areas), Bytes: v.Bytes, Base: orNil(v.Base),
		Files: append([]registry.Source{}, v.Files...), InForce: v.ID == inForce, Kept: v.Kept,
	}
}

// registryOf returns a registry as id may see it.
func registryOf(s registry.State, id access.Identity) Registry {
	out := Registry{
		Name: s.Name, Title: s.Title, Mapping: Mapping(s.Mapping), StaleAfter: s.StaleAfter,
		Stale: s.Stale(time.Now()), Damaged: s.Damaged, Subscribers: []string{},
	}
	if s.Version != "" {
		v := versionOf(s.InForce, s.Version)
		out.Version = &v
		out.FreshUntil = orNil(s.FreshUntil.Format(time.DateOnly))
	}
	for _, env := range s.Subscribers {
		if id.May(access.Viewer, env) == nil {
			out.Subscribers = append(out.Subscribers, string(env))
		}
	}
	return out
}

func (s *Server) registryRoutes() []operation {
	if s.Registries == nil {
		return nil
	}
	return []operation{
		described(route{
			method: http.MethodGet, path: registriesPath, id: "listRegistries", tag: "registries",
			summary: "The registries, by name", role: access.Viewer,
			problems: []string{"malformed", "invalid"},
		}, s.listRegistries),
		described(route{
			method: http.MethodGet, path: registryPath, id: "getRegistry", tag: "registries",
			summary: "One registry", role: access.Viewer, problems: []string{"not-found"},
		}, s.getRegistry),
		described(route{
			method: http.MethodPut, path: registryPath, id: "setRegistry", tag: "registries",
			summary: "Set up a registry, or change how it is set up", role: access.Admin,
			text: "Not needed for us-national, canada, uk-tps and uk-ctps, nor for a first " +
				"import. What is left out stays as it is." + sharedText,
			problems: []string{"invalid"},
		}, s.setRegistry),
		described(route{
			method: http.MethodDelete, path: registryPath, id: "removeRegistry", tag: "registries",
			summary: "Remove a registry with all its versions", role: access.Admin,
			status: http.StatusNoContent, text: "Not while an environment subscribes to it.",
			problems: []string{"not-found", "conflict"},
		}, s.removeRegistry),
		described(route{
			method: http.MethodGet, path: registryPath + "/coverage", id: "getCoverage",
			tag: "registries", summary: "What a registry covers, area by area",
			role: access.Viewer, problems: []string{"not-found", "malformed", "invalid"},
		}, s.getCoverage),
		plain(coverageRoute, (*desk).exportCoverage, describeCoverage),
		described(route{
			method: http.MethodGet, path: registryPath + "/versions", id: "listVersions",
			tag: "registries", summary: "The versions of a registry, newest first",
			role: access.Viewer, text: "Also those that are not kept any more, as evidence.",
			problems: []string{"not-found", "malformed", "invalid"},
		}, s.listVersions),
		plain(importRegistryRoute, (*desk).importRegistry, describeImportRegistry),
		described(route{
			method: http.MethodPost, path: registryPath + "/rollback", id: "rollBackRegistry",
			tag: "registries", summary: "Put the version before in force again",
			role:     access.Admin,
			text:     "Of each registry the last two versions are kept." + sharedText,
			problems: []string{"not-found"},
		}, s.rollBack),
	}
}

type registryPage struct{ Body page[Registry] }

func (s *Server) listRegistries(
	ctx context.Context, in *struct{ Paging },
) (*registryPage, error) {
	found, err := pageOf(s.Registries.All(), in.Paging, askedFor("registries"),
		func(r registry.State) string { return r.Name })
	if err != nil {
		return nil, err
	}
	id := asker(ctx)
	return &registryPage{mapped(found, func(r registry.State) Registry {
		return registryOf(r, id)
	})}, nil
}

// OfRegistry is the path of one registry.
type OfRegistry struct {
	Name string `path:"name" maxLength:"63" doc:"Name of the registry" example:"us-national"`
}

type oneRegistry struct{ Body Registry }

func (s *Server) getRegistry(ctx context.Context, in *OfRegistry) (*oneRegistry, error) {
	r, err := s.Registries.One(in.Name)
	if err != nil {
		return nil, err
	}
	return &oneRegistry{registryOf(r, asker(ctx))}, nil
}

// mayChange refuses one of a single environment who would change what others
// alone use.
func (s *Server) mayChange(id access.Identity, name string) error {
	r, err := s.Registries.One(name)
	if err != nil || r.ChangedBy(id.Environment) {
		return nil // or what is asked for will say what is wrong
	}
	return access.ErrForbidden
}

func (s *Server) setRegistry(ctx context.Context, in *struct {
	OfRegistry
	Body struct {
		Title      *string  `json:"title,omitempty" maxLength:"200" nullable:"false"`
		StaleAfter *int     `json:"stale_after_days,omitempty" minimum:"1" maximum:"3660" nullable:"false"`
		Mapping    *Mapping `json:"mapping,omitempty" nullable:"false"`
	}
},
) (*oneRegistry, error) {
	if err := s.mayChange(asker(ctx), in.Name); err != nil {
		return nil, err
	}
	r, err := registry.Known(in.Name)
	if err != nil {
		return nil, at("path.name", err)
	}
	if there, err := s.Registries.One(in.Name); err == nil {
		r = there.Registry
	}
	give(&r.Title, in.Body.Title)
	give(&r.StaleAfter, in.Body.StaleAfter)
	if in.Body.Mapping != nil {
		r.Mapping = registry.Mapping(*in.Body.Mapping)
	}
	set, err := s.Registries.Save(ctx, r)
	if err != nil {
		return nil, err
	}
	return &oneRegistry{registryOf(set, asker(ctx))}, nil
}

func (s *Server) removeRegistry(ctx context.Context, in *OfRegistry) (*struct{}, error) {
	return nil, s.Registries.Remove(ctx, in.Name)
}

type coveragePage struct{ Body page[Covered] }

func (s *Server) getCoverage(ctx context.Context, in *struct {
	OfRegistry
	Paging
},
) (*coveragePage, error) {
	r, err := s.Registries.One(in.Name)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var all []Covered
	for _, c := range r.InForce.Areas {
		until := r.Registry.FreshUntil(c.AsOf)
		all = append(all, Covered{
			c.Area.String(), c.Numbers, c.AsOf.Format(time.DateOnly), until.Format(time.DateOnly),
			!now.Before(until),
		})
	}
	slices.SortFunc(all, func(a, b Covered) int { return strings.Compare(a.Area, b.Area) })
	found, err := pageOf(all, in.Paging, askedFor("coverage", in.Name, r.Version),
		func(c Covered) string { return c.Area })
	if err != nil {
		return nil, err
	}
	return &coveragePage{found}, nil
}

type versionPage struct{ Body page[Version] }

func (s *Server) listVersions(ctx context.Context, in *struct {
	OfRegistry
	Paging
},
) (*versionPage, error) {
	r, err := s.Registries.One(in.Name)
	if err != nil {
		return nil, err
	}
	all, err := s.Registries.Versions(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	found, err := newestPage(all, in.Paging, askedFor("versions", in.Name),
		func(v registry.Version) string { return v.ID })
	if err != nil {
		return nil, err
	}
	return &versionPage{mapped(found, func(v registry.Version) Version {
		return versionOf(v, r.Version)
	})}, nil
}

type oneVersion struct{ Body Version }

func (s *Server) rollBack(ctx context.Context, in *struct {
	OfRegistry
	Body struct {
		Version *string `json:"version,omitempty" doc:"ID of a version that is kept; left out: the one before"`
	}
},
) (*oneVersion, error) {
	if err := s.mayChange(asker(ctx), in.Name); err != nil {
		return nil, err
	}
	id := ""
	give(&id, in.Body.Version)
	v, err := s.Registries.Rollback(ctx, in.Name, id)
	if err != nil {
		return nil, err
	}
	return &oneVersion{versionOf(v, v.ID)}, nil
}

// subscribeTo changes settings such that they subscribe to registries of these
// names; those that stay keep their policies.
func subscribeTo(s *dnc.Settings, names []string) {
	var all []dnc.Subscription
	for _, name := range names {
		sub := dnc.Subscription{Registry: name}
		for _, before := range s.Registries {
			if before.Registry == name {
				sub = before
			}
		}
		all = append(all, sub)
	}
	s.Registries = all
}
