package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"nocall/internal/e164"
	"nocall/internal/registry"
)

// exemptionsPage is what the page Exemptions shows.
type exemptionsPage struct {
	Search     string
	Problem    string // why the search finds nothing
	Exemptions []exemptionRow
	Paging     paging
}

// exemptionRow is an exemption as it is shown.
type exemptionRow struct {
	registry.Exemption
	now time.Time
}

// Standing is the one word for how an exemption stands.
func (e exemptionRow) Standing() string {
	switch {
	case e.InForce(e.now):
		return "in force"
	case !e.EndedAt.IsZero():
		return "ended"
	}
	return "over"
}

func (s *Server) exemptions(v *visit) (answer, error) {
	page := exemptionsPage{Search: strings.TrimSpace(v.FormValue("number"))}
	query := registry.ExemptionQuery{Limit: pageSize, After: lastEnding(v)}
	if page.Search != "" {
		n, err := e164.ParseLoose(page.Search, v.world.Settings.DefaultRegion)
		if err != nil {
			page.Problem = sentence(err)
			return show("exemptions", "Exemptions", page), nil
		}
		query.Number = n
	}
	found, err := s.Registries.Exemptions(v.Context(), v.env(), query)
	end := ""
	for _, e := range found.Exemptions {
		page.Exemptions = append(page.Exemptions, exemptionRow{e, now()})
		end = e.ID
	}
	if !found.More {
		end = ""
	}
	page.Paging = newPaging(v, found.Total, end)
	page.Paging.One, page.Paging.Many = "exemption", "exemptions"
	return show("exemptions", "Exemptions", page), err
}

// exemptionForm is the dialog in which a number is exempted, as it was filled in.
type exemptionForm struct {
	Number     string
	Ground     registry.Ground
	Registry   string
	Since      string
	Until      string
	Evidence   string
	Registries []registry.State
	Wrong      problems
	Problem    string
	Max        int // characters of the evidence
}

func (s *Server) exemptionDialog(form exemptionForm) answer {
	form.Registries, form.Max = s.Registries.All(), registry.MaxEvidence
	a := dialog("exemption-new", "Add Exemption", form)
	if form.Problem != "" || len(form.Wrong) > 0 {
		a = a.refused(http.StatusUnprocessableEntity)
	}
	return a
}

func (s *Server) newExemption(v *visit) (answer, error) {
	return s.exemptionDialog(exemptionForm{
		Number: v.FormValue("number"), Ground: registry.Consent,
	}), nil
}

// readExemption fills the form with what was sent, and reads the exemption.
func readExemption(v *visit) (exemptionForm, registry.Exemption) {
	form := exemptionForm{
		Number: v.PostFormValue("number"), Ground: registry.Ground(v.PostFormValue("ground")),
		Registry: v.PostFormValue("registry"), Since: v.PostFormValue("since"),
		Until: v.PostFormValue("until"), Evidence: v.PostFormValue("evidence"),
		Wrong: make(problems),
	}
	e := registry.Exemption{
		Environment: v.env(), Number: form.Wrong.phone("number", form.Number, v),
		Ground: form.Ground, Registry: form.Registry, Evidence: form.Evidence, By: v.who.Name,
	}
	if e.Number.IsZero() {
		form.Wrong.add("number", "Type a number.")
	}
	e.Since = form.Wrong.day("since", form.Since)
	if form.Until != "" {
		e.Until = form.Wrong.day("until", form.Until)
	}
	return form, e
}

// day reads a day, and notes what is wrong with it.
func (p problems) day(field, text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		p.add(field, "Choose a day.")
	}
	return t
}

func (s *Server) exempt(v *visit) (answer, error) {
	form, e := readExemption(v)
	if len(form.Wrong) > 0 {
		return s.exemptionDialog(form), nil
	}
	e, err := s.Registries.Exempt(v.Context(), e)
	switch {
	case errors.Is(err, registry.ErrInvalid):
		form.Problem = refusal(err)
		return s.exemptionDialog(form), nil
	case errors.Is(err, registry.ErrNoRegistry):
		form.Problem = "There is no such registry any more."
		return s.exemptionDialog(form), nil
	case err != nil:
		return answer{}, err
	}
	s.List.Bell.Ring(v.env())
	return done(e.Number.String()+" is exempt.", v.in("/exemptions")), nil
}

// exemptionEnd is the question whether an exemption is to end.
type exemptionEnd struct {
	exemptionRow
}

func (s *Server) endExemptionForm(v *visit) (answer, error) {
	e, err := s.Registries.Exemption(v.env(), v.PathValue("id"))
	return dialog("exemption-end", "End exemption", exemptionEnd{exemptionRow{e, now()}}), err
}

func (s *Server) endExemption(v *visit) (answer, error) {
	e, err := s.Registries.EndExemption(v.Context(), v.env(), v.PathValue("id"), v.who.Name)
	if err != nil {
		return answer{}, err
	}
	s.List.Bell.Ring(v.env())
	return done("The exemption of "+e.Number.String()+" was ended.", v.in("/exemptions")), nil
}
