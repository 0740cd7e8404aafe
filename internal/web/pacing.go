package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// paceField is one limit of how often a number is shown, as it was filled in.
type paceField struct {
	Name, Label string
	Text        string
	Wrong       string
}

// paceFields are the fields for a pace.
func paceFields(p voice.Pace) []paceField {
	text := func(calls int) string {
		if calls == 0 {
			return ""
		}
		return strconv.Itoa(calls)
	}
	return []paceField{
		{Name: "calls", Label: "Calls at once", Text: text(p.Calls)},
		{Name: "per_second", Label: "Calls a second", Text: text(p.PerSecond)},
		{Name: "per_minute", Label: "Calls a minute", Text: text(p.PerMinute)},
		{Name: "per_day", Label: "Calls in 24 hours", Text: text(p.PerDay)},
	}
}

// readPace returns the pace that was sent, and its fields as they were filled in.
func readPace(v *visit, wrong problems) (p voice.Pace, fields []paceField) {
	fields = paceFields(p)
	for i, to := range []*int{&p.Calls, &p.PerSecond, &p.PerMinute, &p.PerDay} {
		fields[i].Text = strings.TrimSpace(v.PostFormValue(fields[i].Name))
		*to = int(wrong.number("pace."+fields[i].Name, fields[i].Text, true))
	}
	wrong.addAll(p.Problems())
	for i := range fields {
		fields[i].Wrong = wrong["pace."+fields[i].Name]
	}
	return p, fields
}

// paceWords says how often a number may be shown, "" for as often as one likes.
func paceWords(p voice.Pace) string {
	var said []string
	for _, limit := range []struct {
		calls int
		words string
	}{
		{p.Calls, "at once"},
		{p.PerSecond, "a second"},
		{p.PerMinute, "a minute"},
		{p.PerDay, "a day"},
	} {
		if limit.calls > 0 {
			said = append(said, count(limit.calls)+" "+limit.words)
		}
	}
	return strings.Join(said, ", ")
}

// heldWords says why a campaign waits, "" where it does not.
func heldWords(h dialer.Held) string {
	switch h.By {
	case dialer.HeldByNumbers:
		return "Its caller IDs are shown as often as their pace allows."
	case dialer.HeldByCalls:
		return "There are as many calls as the environment, or the provider, allows at once."
	}
	return ""
}

// pacingForm is the dialog about the pace of several numbers at once.
type pacingForm struct {
	Search, Tag string
	Count       int // of the numbers whose pace it is to be
	Fields      []paceField
}

// matching returns those of our numbers that a search and a tag leave.
func matching(all []voice.OwnNumber, search, tag string) []voice.OwnNumber {
	part, ok := dnc.Digits(search)
	return slices.DeleteFunc(slices.Clone(all), func(n voice.OwnNumber) bool {
		return !ok || !strings.Contains(n.Number.String(), part) ||
			tag != "" && !slices.Contains(n.Tags, tag)
	})
}

// paced returns the numbers that the dialog is about, and the dialog. Where they
// have all the same pace, it shows that.
func (s *Server) paced(v *visit) ([]voice.OwnNumber, pacingForm, error) {
	all, err := s.Store.Numbers(v.Context(), v.env())
	form := pacingForm{
		Search: strings.TrimSpace(v.FormValue("number")), Tag: v.FormValue("tag"),
	}
	some := matching(all, form.Search, form.Tag)
	form.Count = len(some)
	var common voice.Pace
	for i, n := range some {
		if i == 0 {
			common = n.Pace
		}
		if n.Pace != common {
			common = voice.Pace{}
			break
		}
	}
	form.Fields = paceFields(common)
	return some, form, err
}

func (s *Server) pacingDialog(v *visit) (answer, error) {
	_, form, err := s.paced(v)
	return dialog("pacing", "Call pacing", form), err
}

// setPacing sets the pace of all numbers that the dialog is about.
func (s *Server) setPacing(v *visit) (answer, error) {
	some, form, err := s.paced(v)
	if err != nil {
		return answer{}, err
	}
	wrong := make(problems)
	p, fields := readPace(v, wrong)
	if len(wrong) > 0 {
		form.Fields = fields
		return dialog("pacing", "Call pacing", form).refused(http.StatusUnprocessableEntity), nil
	}
	for _, n := range some {
		_, err := s.Store.ChangeNumber(v.Context(), v.env(), n.Number,
			func(n *voice.OwnNumber) error { n.Pace = p; return nil })
		if err != nil {
			return answer{}, err
		}
	}
	s.renumbered(v)
	said := fmt.Sprintf("The pace of %s was set.", plural(len(some), "number", "numbers"))
	return done(said, v.in("/numbers")), nil
}

// renumbered tells campaigns and pages that the numbers have changed.
func (s *Server) renumbered(v *visit) {
	s.Dialer.Refresh(v.env())
	s.List.Bell.Ring(v.env())
}
