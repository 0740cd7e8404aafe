package web

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/registry"
)

// versionsShown is how many versions of a registry stand on its page.
const versionsShown = 50

func (s *Server) registryRoutes() []route {
	const (
		all = "/e/{environment}/registries"
		one = all + "/{name}"
		in  = "/e/{environment}/registry-import"
		out = "/e/{environment}/exemptions"
	)
	return []route{
		{"GET " + all, access.Viewer, s.registries},
		{"GET " + one, access.Viewer, s.registry},
		{"GET " + one + "/coverage.csv", access.Viewer, s.exportCoverage},
		{"GET " + one + "/settings", access.Admin, s.registrySettingsForm},
		{"POST " + one + "/settings", access.Admin, s.registrySettings},
		{"GET " + one + "/rollback", access.Admin, s.rollBackForm},
		{"POST " + one + "/rollback", access.Admin, s.rollBack},
		{"GET " + one + "/delete", access.Admin, s.removeRegistryForm},
		{"POST " + one + "/delete", access.Admin, s.removeRegistry},
		{"GET " + one + "/subscription", access.Admin, s.subscriptionForm},
		{"POST " + one + "/subscription", access.Admin, s.subscribe},
		{"POST " + one + "/unsubscribe", access.Admin, s.unsubscribe},
		{"GET " + in, access.Admin, s.importRegistryForm},
		{"POST " + in, access.Admin, s.importRegistry},

		{"GET " + out, access.Viewer, s.exemptions},
		{"POST " + out, access.Member, s.exempt},
		{"GET " + out + "/new", access.Member, s.newExemption},
		{"GET " + out + "/{id}/end", access.Member, s.endExemptionForm},
		{"POST " + out + "/{id}/end", access.Member, s.endExemption},
	}
}

// registryRow is a registry as it is shown in an environment.
type registryRow struct {
	registry.State
	Subscription *dnc.Subscription // of the environment; nil for none
	May          bool              // the visitor may change the registry
	now          time.Time
}

func (s *Server) registryRow(v *visit, r registry.State) registryRow {
	row := registryRow{State: r, now: now()}
	row.May = v.who.May(access.Admin, v.env()) == nil && r.ChangedBy(v.who.Environment)
	for i, sub := range v.world.Settings.Registries {
		if sub.Registry == r.Name {
			row.Subscription = &v.world.Settings.Registries[i]
		}
	}
	row.Subscribers = slices.DeleteFunc(slices.Clone(r.Subscribers), func(e dnc.Environment) bool {
		return v.who.May(access.Viewer, e) != nil
	})
	return row
}

// Standing is the one word for how a registry stands.
func (r registryRow) Standing() string {
	switch {
	case r.Version == "":
		return "empty"
	case r.Damaged:
		return "damaged"
	case r.Stale(r.now):
		return "stale"
	}
	return "fresh"
}

// Age returns how many days old the oldest part of the registry is.
func (r registryRow) Age() int { return max(int(r.now.Sub(r.InForce.AsOf)/day), 0) }

// Layouts returns how the files of the version in force were laid out.
func (r registryRow) Layouts() string { return layoutsOf(r.InForce) }

// layouts are those of files of registries, in words.
var layouts = map[registry.Layout]string{
	registry.Split: "Area code, number", registry.Digits: "10 digits", registry.E164: "E.164",
	registry.Change: "Changes", registry.ChangeSplit: "Changes", registry.ChangeFixed: "Changes",
	registry.XML: "XML", registry.ChangeXML: "Changes in XML", registry.CSV: "CSV",
	registry.BritishSpace: "UK, 12 characters", registry.British: "UK, 12 characters",
	registry.Fixed: "Fixed width",
}

// layoutsOf returns how the files of a version were laid out, in words.
func layoutsOf(v registry.Version) string {
	var all []string
	for _, f := range v.Files {
		if word := cmp.Or(layouts[f.Layout], string(f.Layout)); !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return strings.Join(all, "; ")
}

// registriesPage is what the page Registries shows.
type registriesPage struct {
	Rows []registryRow
}

func (s *Server) registries(v *visit) (answer, error) {
	var page registriesPage
	for _, r := range s.Registries.All() {
		page.Rows = append(page.Rows, s.registryRow(v, r))
	}
	return show("registries", "Registries", page), nil
}

// registryPage is one registry.
type registryPage struct {
	registryRow
	Versions []versionRow // newest first
	Total    int          // versions, those that are not shown among them
	Areas    []coveredRow
}

// versionRow is a version as it is shown.
type versionRow struct {
	registry.Version
	InForce bool
}

// Layouts returns how the files were laid out.
func (r versionRow) Layouts() string { return layoutsOf(r.Version) }

// coveredRow is an area as it is shown.
type coveredRow struct {
	registry.Covered
	FreshUntil time.Time
	Stale      bool
}

// registryHere returns the registry that the path names.
func (s *Server) registryHere(v *visit) (registryRow, error) {
	r, err := s.Registries.One(v.PathValue("name"))
	return s.registryRow(v, r), err
}

// registryToChange is registryHere for who is going to change it.
func (s *Server) registryToChange(v *visit) (registryRow, error) {
	r, err := s.registryHere(v)
	if err == nil && !r.May {
		err = access.ErrForbidden
	}
	return r, err
}

func (s *Server) registry(v *visit) (answer, error) {
	r, err := s.registryHere(v)
	if err != nil {
		return answer{}, err
	}
	versions, err := s.Registries.Versions(v.Context(), r.Name)
	if err != nil {
		return answer{}, err
	}
	page := registryPage{registryRow: r, Total: len(versions)}
	for _, one := range versions[:min(len(versions), versionsShown)] {
		page.Versions = append(page.Versions, versionRow{one, one.ID == r.Version})
	}
	for _, c := range r.InForce.Areas {
		until := r.Registry.FreshUntil(c.AsOf)
		page.Areas = append(page.Areas, coveredRow{c, until, !r.now.Before(until)})
	}
	return show("registry", r.Title, page), nil
}

// exportCoverage sends what a registry covers as CSV.
func (s *Server) exportCoverage(v *visit) (answer, error) {
	r, err := s.registryHere(v)
	if err != nil {
		return answer{}, err
	}
	var text bytes.Buffer
	err = r.WriteCoverage(&text, v.FormValue("safe") == "true")
	return answer{file: &download{
		kind: "text/csv; charset=utf-8; header=present", save: true,
		name: r.Name + "-coverage.csv", write: func(w io.Writer) error {
			_, err := text.WriteTo(w)
			return err
		},
	}}, err
}

// rollBackPage is the question whether a version is to be in force again.
type rollBackPage struct {
	registryRow
	To versionRow
}

func (s *Server) rollBackForm(v *visit) (answer, error) {
	r, err := s.registryToChange(v)
	if err != nil {
		return answer{}, err
	}
	versions, err := s.Registries.Versions(v.Context(), r.Name)
	if err != nil {
		return answer{}, err
	}
	i := slices.IndexFunc(versions, func(one registry.Version) bool {
		return one.Kept && one.ID == v.FormValue("version") && one.ID != r.Version
	})
	if i < 0 {
		return answer{}, registry.ErrNoVersion
	}
	return dialog("registry-rollback", "Roll back "+r.Title, rollBackPage{
		r, versionRow{Version: versions[i]},
	}), nil
}

func (s *Server) rollBack(v *visit) (answer, error) {
	r, err := s.registryToChange(v)
	if err != nil {
		return answer{}, err
	}
	to, err := s.Registries.Rollback(v.Context(), r.Name, v.PostFormValue("version"))
	if err != nil {
		return answer{}, err
	}
	s.registryChanged(v, r.Name)
	return done(r.Title+" is as of "+to.AsOf.Format(time.DateOnly)+" again.",
		v.in("/registries/"+r.Name)), nil
}

func (s *Server) removeRegistryForm(v *visit) (answer, error) {
	r, err := s.registryToChange(v)
	return dialog("registry-delete", "Delete "+r.Title, r), err
}

func (s *Server) removeRegistry(v *visit) (answer, error) {
	r, err := s.registryToChange(v)
	if err == nil {
		err = s.Registries.Remove(v.Context(), r.Name)
	}
	if err != nil {
		return answer{}, err
	}
	s.registryChanged(v, r.Name)
	return redirect(v.in("/registries")), nil
}

// registryChanged tells the pages that show a registry.
func (s *Server) registryChanged(v *visit, name string) {
	s.List.Bell.Ring(v.env())
	if r, err := s.Registries.One(name); err == nil {
		for _, env := range r.Subscribers {
			s.List.Bell.Ring(env)
		}
	}
}
