package web

import (
	"errors"
	"net/http"
	"strings"

	"nocall/internal/dialer"
	"nocall/internal/voice"
)

// numbersPage is what the page Numbers shows.
type numbersPage struct {
	Search  string
	Tag     string
	Tags    []string
	Numbers []voice.OwnNumber
	Total   int
}

func (s *Server) numbers(v *visit) (answer, error) {
	all, err := s.Store.Numbers(v.Context(), v.env())
	page := numbersPage{
		Search: strings.TrimSpace(v.FormValue("number")), Tag: v.FormValue("tag"),
		Tags: tagsOf(all), Total: len(all),
	}
	page.Numbers = matching(all, page.Search, page.Tag)
	return show("numbers", "Numbers", page), err
}

// numberForm is the dialog about one of our numbers, as it was filled in.
type numberForm struct {
	Own     voice.OwnNumber
	New     bool
	Number  string
	Tags    string // with commas between them
	Pace    []paceField
	Trunks  []voice.Trunk
	Agents  []voice.Agent
	Wrong   problems
	Problem string
}

// numberDialog shows a form about a number, with what there is to choose.
func (s *Server) numberDialog(v *visit, form numberForm) (answer, error) {
	title := "Edit " + form.Own.Number.String()
	if form.New {
		title = "Add number"
	}
	a := dialog("number-form", title, &form)
	if len(form.Wrong) > 0 {
		a = a.refused(http.StatusUnprocessableEntity)
	}
	var err error
	if form.Trunks, err = s.Store.Trunks(v.Context(), v.env()); err != nil {
		return answer{}, err
	}
	form.Agents, err = s.Store.Agents(v.Context(), v.env())
	return a, err
}

func (s *Server) newNumber(v *visit) (answer, error) {
	return s.numberDialog(v, numberForm{New: true, Pace: paceFields(voice.Pace{})})
}

// own returns the one of our numbers that the path names.
func (s *Server) own(v *visit) (voice.OwnNumber, error) {
	n, err := v.number()
	if err != nil {
		return voice.OwnNumber{}, err
	}
	return s.Store.Number(v.Context(), v.env(), n)
}

func (s *Server) editNumberForm(v *visit) (answer, error) {
	own, err := s.own(v)
	if err != nil {
		return answer{}, err
	}
	return s.numberDialog(v, numberForm{
		Own: own, Number: own.Number.String(), Tags: strings.Join(own.Tags, ", "),
		Pace: paceFields(own.Pace),
	})
}

// readNumber fills the form with what was sent for a number of ours.
func readNumber(v *visit, own voice.OwnNumber) numberForm {
	form := numberForm{Own: own, Wrong: make(problems), Number: own.Number.String()}
	set := &form.Own
	if form.New = own.Number.IsZero(); form.New {
		form.Number = v.PostFormValue("number")
		set.Number = form.Wrong.phone("number", form.Number, v)
	}
	set.Provider, set.Label = v.PostFormValue("provider"), v.PostFormValue("label")
	set.InboundAgent = v.PostFormValue("inbound_agent")
	form.Tags = v.PostFormValue("tags")
	set.Tags = strings.FieldsFunc(form.Tags, isSeparator)
	set.Pace, form.Pace = readPace(v, form.Wrong)
	set.Normalize()
	form.Wrong.addAll(set.Problems())
	return form
}

func (s *Server) addNumber(v *visit) (answer, error) {
	form := readNumber(v, voice.OwnNumber{Environment: v.env(), CreatedAt: now()})
	if len(form.Wrong) == 0 {
		err := s.Store.AddNumber(v.Context(), form.Own)
		if err == nil {
			s.renumbered(v)
			return done(form.Own.Number.String()+" was added.", v.in("/numbers")), nil
		}
		if err := form.refuse(err); err != nil {
			return answer{}, err
		}
	}
	return s.numberDialog(v, form)
}

// refuse notes beside its field what the store had against the number, or
// returns what is nobody's fault.
func (f *numberForm) refuse(err error) error {
	switch {
	case errors.Is(err, voice.ErrExists):
		f.Wrong.add("number", "This number is there already.")
	case errors.Is(err, voice.ErrNoProvider):
		f.Wrong.add("provider", "There is no such provider any more.")
	case errors.Is(err, voice.ErrNoAgent):
		f.Wrong.add("inbound_agent", "There is no such agent any more.")
	default:
		return err
	}
	return nil
}

func (s *Server) editNumber(v *visit) (answer, error) {
	own, err := s.own(v)
	if err != nil {
		return answer{}, err
	}
	form := readNumber(v, own)
	if len(form.Wrong) == 0 {
		_, err := s.Store.ChangeNumber(v.Context(), v.env(), own.Number,
			func(kept *voice.OwnNumber) error {
				kept.Provider, kept.Label = form.Own.Provider, form.Own.Label
				kept.Tags, kept.InboundAgent = form.Own.Tags, form.Own.InboundAgent
				kept.Pace = form.Own.Pace
				return nil
			})
		if err == nil {
			s.renumbered(v)
			return done(own.Number.String()+" was changed.", v.in("/numbers")), nil
		}
		if err := form.refuse(err); err != nil {
			return answer{}, err
		}
	}
	return s.numberDialog(v, form)
}

func (s *Server) removeNumberForm(v *visit) (answer, error) {
	own, err := s.own(v)
	return dialog("number-delete", "Delete "+own.Number.String(), numberForm{Own: own}), err
}

func (s *Server) removeNumber(v *visit) (answer, error) {
	own, err := s.own(v)
	if err != nil {
		return answer{}, err
	}
	err = s.Store.RemoveNumber(v.Context(), v.env(), own.Number)
	if errors.Is(err, voice.ErrInUse) {
		return dialog("number-delete", "Delete "+own.Number.String(), numberForm{
			Own: own, Problem: "Campaigns use it as their caller ID still.",
		}).refused(http.StatusConflict), nil
	}
	s.renumbered(v)
	return done(own.Number.String()+" was deleted.", v.in("/numbers")), err
}

// Simulator is the name of the provider that is always there to choose.
func (numberForm) Simulator() string { return dialer.Simulator }
