package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/registry"
)

// registrySettingsPage is the dialog of how a registry is set up, as it was filled
// in.
type registrySettingsPage struct {
	registry.Registry
	StaleAfter string
	Columns    string // with commas between them
	Start      string
	Width      string
	Regions    []string
	Problem    string
}

func settingsOfRegistry(r registry.Registry) registrySettingsPage {
	return registrySettingsPage{
		Registry: r, StaleAfter: strconv.Itoa(r.StaleAfter),
		Columns: strings.Join(r.Mapping.Columns, ", "), Start: unlessZero(r.Mapping.Start),
		Width: unlessZero(r.Mapping.Width), Regions: e164.Regions(),
	}
}

// layoutChoice is a layout that can be asked for.
type layoutChoice struct {
	Layout registry.Layout
	Title  string
}

// Layouts returns the layouts to choose from.
func (registrySettingsPage) Layouts() []layoutChoice {
	return []layoutChoice{
		{registry.Split, "Area code, number: 818,0000818"},
		{registry.Digits, "10 digits: 8180000818"},
		{registry.E164, "E.164: +18180000818"},
		{registry.XML, "XML"},
		{registry.BritishSpace, "United Kingdom: 0207 3787244"},
		{registry.British, "United Kingdom: 02073787244"},
		{registry.CSV, "CSV: columns with names"},
		{registry.Fixed, "Columns of fixed width"},
	}
}

// More reports whether anything is set of files whose layout is not recognised.
func (p registrySettingsPage) More() bool {
	m := p.Mapping
	return m.Layout != "" || m.Delimiter != "" || p.Columns+p.Start+p.Width != "" ||
		p.Problem != ""
}

func (s *Server) registrySettingsForm(v *visit) (answer, error) {
	r, err := s.registryToChange(v)
	return dialog("registry-settings", "Settings of "+r.Title,
		settingsOfRegistry(r.Registry)), err
}

func (s *Server) registrySettings(v *visit) (answer, error) {
	r, err := s.registryToChange(v)
	if err != nil {
		return answer{}, err
	}
	page := settingsOfRegistry(r.Registry)
	page.read(v)
	if page.Problem == "" {
		_, err = s.Registries.Save(v.Context(), page.Registry)
		if err == nil {
			s.registryChanged(v, r.Name)
			return done("The settings of "+page.Title+" were saved.",
				v.in("/registries/"+r.Name)), nil
		}
		if !errors.Is(err, registry.ErrInvalid) {
			return answer{}, err
		}
		page.Problem = refusal(err)
	}
	return dialog("registry-settings", "Settings of "+r.Title, page).
		refused(http.StatusUnprocessableEntity), nil
}

// read fills the page with what was sent.
func (p *registrySettingsPage) read(v *visit) {
	p.Title = strings.TrimSpace(v.PostFormValue("title"))
	if p.Title == "" {
		p.Title = p.Name
	}
	p.StaleAfter, p.Columns = v.PostFormValue("stale_after"), v.PostFormValue("columns")
	p.Start, p.Width = v.PostFormValue("start"), v.PostFormValue("width")
	p.Mapping = registry.Mapping{
		Layout:    registry.Layout(v.PostFormValue("layout")),
		Delimiter: v.PostFormValue("delimiter"), Columns: splitNames(p.Columns),
		Region: v.PostFormValue("region"),
	}
	p.Registry.StaleAfter = p.whole(p.StaleAfter, "Days until it is stale")
	if p.Start != "" {
		p.Mapping.Start = p.whole(p.Start, "The place where the number begins")
	}
	if p.Width != "" {
		p.Mapping.Width = p.whole(p.Width, "The width")
	}
}

// whole reads a whole number of the form.
func (p *registrySettingsPage) whole(text, what string) int {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil && p.Problem == "" {
		p.Problem = what + " wants a whole number."
	}
	return n
}

// subscriptionPage is the dialog in which an environment subscribes to a registry.
type subscriptionPage struct {
	registryRow
	Stale      dnc.Policy
	NotCovered dnc.Policy
}

func (s *Server) subscriptionForm(v *visit) (answer, error) {
	r, err := s.registryHere(v)
	page := subscriptionPage{r, dnc.Refuse, dnc.Refuse}
	if r.Subscription != nil {
		page.Stale, page.NotCovered = r.Subscription.Stale, r.Subscription.NotCovered
	}
	return dialog("registry-subscription", r.Title, page), err
}

// subscribe has the environment ask a registry, or changes the policies.
func (s *Server) subscribe(v *visit) (answer, error) {
	r, err := s.registryHere(v)
	if err != nil {
		return answer{}, err
	}
	sub := dnc.Subscription{
		Registry: r.Name, Stale: readPolicy(v, "stale"), NotCovered: readPolicy(v, "not_covered"),
	}
	err = s.setSubscriptions(v, func(all []dnc.Subscription) []dnc.Subscription {
		return append(without(all, r.Name), sub)
	})
	if errors.Is(err, registry.ErrInvalid) {
		return dialog("registry-problem", r.Title, registryForm{Problem: refusal(err)}).
			refused(http.StatusUnprocessableEntity), nil
	}
	said := string(v.env()) + " subscribes to " + r.Title + "."
	if r.Subscription != nil {
		said = "The policies were saved."
	}
	return done(said, v.in("/registries")), err
}

func (s *Server) unsubscribe(v *visit) (answer, error) {
	r, err := s.registryHere(v)
	if err != nil {
		return answer{}, err
	}
	err = s.setSubscriptions(v, func(all []dnc.Subscription) []dnc.Subscription {
		return without(all, r.Name)
	})
	return done(string(v.env())+" asks "+r.Title+" no more.", v.in("/registries")), err
}

func (s *Server) setSubscriptions(
	v *visit, change func([]dnc.Subscription) []dnc.Subscription,
) error {
	_, err := s.Registries.Subscribe(v.Context(), v.env(), v.who.Name, change)
	if err == nil {
		s.List.Bell.Ring(v.env())
	}
	return err
}

// without returns subscriptions without that to a registry.
func without(all []dnc.Subscription, name string) (others []dnc.Subscription) {
	for _, sub := range all {
		if sub.Registry != name {
			others = append(others, sub)
		}
	}
	return others
}

// readPolicy reads a policy: no call unless it is allowed.
func readPolicy(v *visit, field string) dnc.Policy {
	if dnc.Policy(v.PostFormValue(field)) == dnc.Allow {
		return dnc.Allow
	}
	return dnc.Refuse
}
