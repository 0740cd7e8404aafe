package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nocall/internal/campaign"
)

// errNotSaved leaves a campaign as it was, because of what was filled in.
var errNotSaved = errors.New("web: not saved")

// problems says what is wrong, by the field as it is called in JSON.
type problems map[string]string

// problemsAt returns those problems that are of the fields, or within them.
func problemsAt(all []campaign.Problem, fields ...string) problems {
	found := make(problems)
	for _, p := range all {
		if slices.ContainsFunc(fields, func(f string) bool { return within(p.Field, f) }) {
			found.add(p.Field, p.Detail)
		}
	}
	return found
}

// within reports whether a field such as window.weekly[0].from is field, or in
// it.
func within(name, field string) bool {
	rest, ok := strings.CutPrefix(name, field)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// add notes what is wrong with a field; the first word counts.
func (p problems) add(field, detail string) {
	if _, ok := p[field]; !ok {
		p[field] = spoken(detail)
	}
}

// spoken writes a problem as a sentence. That something is missing can be seen.
func spoken(detail string) string {
	detail = strings.TrimPrefix(detail, "missing: ")
	first, size := utf8.DecodeRuneInString(detail)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(detail[size:], ".") + "."
}

// wizardStep is one section of the wizard, as its steps show it.
type wizardStep struct {
	At    string // as in the path
	Title string
	State string // "", current, wrong or done
	Next  *wizardStep
	Back  *wizardStep
}

// sections are those of the wizard, in order, with the fields of each.
var sections = []struct {
	at, title string
	fields    []string
}{
	{"window", "Contact window", []string{"window"}},
	{"flow", "Outreach flow", []string{"agent", "flow", "retry"}},
	{"numbers", "Numbers and exit criteria", []string{
		"provider", "caller_ids", "caller_tag", "exit", "pace", "opt_out_detection", "opt_out_key",
		"recording", "record", "consent",
	}},
	{"contacts", "Contacts", []string{"contacts"}},
	{"start", "Start and overview", nil},
}

// wizardSteps returns the steps of the wizard at one of its sections.
func wizardSteps(c campaign.Campaign, at string) []wizardStep {
	steps := make([]wizardStep, len(sections))
	all := c.Problems()
	for i, section := range sections {
		steps[i] = wizardStep{At: section.at, Title: section.title}
		if i > 0 {
			steps[i].Back, steps[i-1].Next = &steps[i-1], &steps[i]
		}
		if len(problemsAt(all, section.fields...)) > 0 {
			steps[i].State = "wrong"
		}
		if section.at == at {
			steps[i].State = "current"
		}
	}
	return steps
}

// Step returns the step of the wizard that is shown.
func (p campaignPage) Step() wizardStep {
	for _, step := range p.Steps {
		if step.At == p.At {
			return step
		}
	}
	return wizardStep{}
}

// sectionOf returns the section in which a field is set.
func sectionOf(field string) string {
	for _, section := range sections {
		for _, f := range section.fields {
			if within(field, f) {
				return section.at
			}
		}
	}
	return ""
}

// section is the form of one section of the wizard.
type section interface {
	fill(c campaign.Campaign)                   // from what is kept
	read(v *visit)                              // from what was sent
	apply(c *campaign.Campaign, wrong problems) // to what is kept
}

// wizardPage returns the page of a section.
func (s *Server) wizardPage(
	v *visit, c campaign.Campaign, at string, form any,
) (campaignPage, error) {
	page := campaignPage{
		Campaign: c, At: at, Steps: wizardSteps(c, at), Form: form, Deaf: s.deaf(c.Provider),
		Wrong: make(problems),
	}
	var err error
	if page.Trunks, err = s.Store.Trunks(v.Context(), v.env()); err != nil {
		return page, err
	}
	if page.Agents, err = s.Store.Agents(v.Context(), v.env()); err != nil {
		return page, err
	}
	page.Recordings, err = s.Store.Recordings(v.Context(), v.env())
	return page, err
}

// ask returns the action that shows a section.
func (s *Server) ask(at string, blank func() section) action {
	return func(v *visit) (answer, error) {
		c, err := s.campaignHere(v)
		if err != nil {
			return answer{}, err
		}
		form := blank()
		form.fill(c)
		page, err := s.wizardPage(v, c, at, form)
		page.Wrong = problemsAt(c.Problems(), fieldsOf(at)...)
		return show("campaign-"+at, c.Name, page), err
	}
}

// save returns the action that keeps a section as it was filled in. What is
// only missing can be filled in later; what is wrong is not kept, and is told
// beside its field.
func (s *Server) save(at string, blank func() section) action {
	return func(v *visit) (answer, error) {
		form, wrong := blank(), make(problems)
		form.read(v)
		c, err := s.Store.ChangeCampaign(v.Context(), v.env(), v.PathValue("id"),
			func(c *campaign.Campaign) error { return keep(c, at, form, wrong) })
		if err == nil {
			s.List.Bell.Ring(v.env())
			form = blank()
			form.fill(c)
			wrong = problemsAt(c.Problems(), fieldsOf(at)...)
		} else if errors.Is(err, errNotSaved) {
			c, err = s.campaignHere(v)
		}
		if err != nil {
			return answer{}, err
		}
		page, err := s.wizardPage(v, c, at, form)
		page.Wrong = wrong
		a := show("campaign-"+at, c.Name, page)
		if len(wrong) > 0 {
			a = a.refused(http.StatusUnprocessableEntity)
		}
		return a, err
	}
}

// keep changes c as form says, or says what is wrong that was not before.
func keep(c *campaign.Campaign, at string, form section, wrong problems) error {
	if c.State == campaign.Running {
		return campaign.ErrState
	}
	clear(wrong) // of an attempt before
	before := problemsAt(c.Problems(), fieldsOf(at)...)
	form.apply(c, wrong)
	c.Normalize()
	for field, detail := range problemsAt(c.Problems(), fieldsOf(at)...) {
		if before[field] != detail {
			wrong.add(field, detail)
		}
	}
	if len(wrong) > 0 {
		return errNotSaved
	}
	c.UpdatedAt = now()
	return nil
}

func fieldsOf(at string) []string {
	for _, section := range sections {
		if section.at == at {
			return section.fields
		}
	}
	return nil
}
