package web

import (
	"errors"
	"net/http"
	"strings"

	"nocall/internal/campaign"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// providersPage is what the page Providers shows beside the built-in ones.
type providersPage struct {
	Trunks []voice.Trunk
}

func (s *Server) providers(v *visit) (answer, error) {
	trunks, err := s.Store.Trunks(v.Context(), v.env())
	return show("providers", "Providers", providersPage{trunks}), err
}

// trunkForm is the dialog about a trunk, as it was filled in.
type trunkForm struct {
	Trunk    voice.Trunk
	New      bool
	Secret   bool // a password is kept already
	CallerID string
	Failover string // with commas between them
	MaxCalls string
	Wrong    problems
	Problem  string
}

// Transports are how SIP may be carried.
func (trunkForm) Transports() []string { return voice.Transports() }

func newTrunkForm(t voice.Trunk) trunkForm {
	form := trunkForm{
		Trunk: t, New: t.Name == "", Secret: t.Password != "",
		Failover: strings.Join(t.Failover, ", "), MaxCalls: unlessZero(t.MaxCalls),
	}
	if !t.CallerID.IsZero() {
		form.CallerID = t.CallerID.String()
	}
	form.Trunk.Password = "" // goes in, and never out
	return form
}

func (s *Server) newTrunk(*visit) (answer, error) {
	form := newTrunkForm(voice.Trunk{Transport: "udp", Unwanted: true})
	return dialog("provider-form", "Add SIP trunk", form), nil
}

// trunk returns the trunk that the path names.
func (s *Server) trunk(v *visit) (voice.Trunk, error) {
	return s.Store.Trunk(v.Context(), v.env(), v.PathValue("name"))
}

func (s *Server) editTrunkForm(v *visit) (answer, error) {
	t, err := s.trunk(v)
	return dialog("provider-form", "Edit "+t.Name, newTrunkForm(t)), err
}

// readTrunk fills the form with what was sent for t.
func readTrunk(v *visit, t voice.Trunk) trunkForm {
	form := newTrunkForm(t)
	form.Wrong = make(problems)
	form.Trunk.Password = t.Password
	set := &form.Trunk
	if form.New {
		set.Name = v.PostFormValue("name")
	}
	set.Kind = voice.SIP
	set.Address, set.Transport = v.PostFormValue("address"), v.PostFormValue("transport")
	set.Username, set.Proxy = v.PostFormValue("username"), v.PostFormValue("proxy")
	if password := v.PostFormValue("password"); password != "" {
		set.Password = password
	}
	if strings.TrimSpace(set.Username) == "" {
		set.Password = "" // of nobody
	}
	set.Register = v.PostFormValue("register") != ""
	set.SRTP, set.Unwanted = v.PostFormValue("srtp") != "", v.PostFormValue("unwanted") != ""
	set.TechPrefix = v.PostFormValue("tech_prefix")
	form.Failover = v.PostFormValue("failover")
	set.Failover = strings.FieldsFunc(form.Failover, isSeparator)
	form.CallerID = strings.TrimSpace(v.PostFormValue("caller_id"))
	set.CallerID = form.Wrong.phone("caller_id", form.CallerID, v)
	form.MaxCalls = strings.TrimSpace(v.PostFormValue("max_calls"))
	set.MaxCalls = int(form.Wrong.number("max_calls", form.MaxCalls, true))
	set.Normalize()
	form.Wrong.addAll(set.Problems())
	return form
}

// phone reads the number of a field that may be empty.
func (p problems) phone(field, text string, v *visit) e164.Number {
	if text == "" {
		return e164.Number{}
	}
	n, err := e164.ParseLoose(text, v.world.Settings.DefaultRegion)
	if err != nil {
		p.add(field, sentence(err))
	}
	return n
}

func (p problems) addAll(all []campaign.Problem) {
	for _, problem := range all {
		p.add(problem.Field, problem.Detail)
	}
}

func (s *Server) addTrunk(v *visit) (answer, error) {
	form := readTrunk(v, voice.Trunk{})
	form.New = true
	form.Trunk.Environment, form.Trunk.CreatedAt = v.env(), now()
	if len(form.Wrong) > 0 {
		return s.trunkAgain(form), nil
	}
	err := s.Store.AddTrunk(v.Context(), form.Trunk)
	if errors.Is(err, voice.ErrExists) {
		form.Wrong.add("name", "There is a provider of this name already.")
		return s.trunkAgain(form), nil
	}
	return s.trunkDone(v, "The trunk "+form.Trunk.Name+" was added.", err)
}

// trunkAgain shows a form that could not be accepted, without its password.
func (s *Server) trunkAgain(form trunkForm) answer {
	form.Trunk.Password = ""
	return dialog("provider-form", "SIP trunk", form).refused(http.StatusUnprocessableEntity)
}

func (s *Server) editTrunk(v *visit) (answer, error) {
	t, err := s.trunk(v)
	if err != nil {
		return answer{}, err
	}
	form := readTrunk(v, t)
	if len(form.Wrong) > 0 {
		return s.trunkAgain(form), nil
	}
	_, err = s.Store.ChangeTrunk(v.Context(), v.env(), t.Name, func(kept *voice.Trunk) error {
		form.Trunk.Environment, form.Trunk.CreatedAt = kept.Environment, kept.CreatedAt
		*kept = form.Trunk
		return nil
	})
	return s.trunkDone(v, "The trunk "+t.Name+" was changed.", err)
}

// trunkDone tells those who speak SIP that the trunks have changed.
func (s *Server) trunkDone(v *visit, said string, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	if s.TrunksChanged != nil {
		s.TrunksChanged()
	}
	s.List.Bell.Ring(v.env())
	return done(said, v.in("/providers")), nil
}

func (s *Server) removeTrunkForm(v *visit) (answer, error) {
	t, err := s.trunk(v)
	return dialog("provider-delete", "Delete "+t.Name, newTrunkForm(t)), err
}

func (s *Server) removeTrunk(v *visit) (answer, error) {
	name := v.PathValue("name")
	err := s.Store.RemoveTrunk(v.Context(), v.env(), name)
	if errors.Is(err, voice.ErrInUse) {
		form := trunkForm{
			Trunk: voice.Trunk{Name: name}, Problem: "Numbers or campaigns use it still.",
		}
		return dialog("provider-delete", "Delete "+name, form).refused(http.StatusConflict), nil
	}
	return s.trunkDone(v, "The trunk "+name+" was deleted.", err)
}

// testPage is what came of asking a trunk whether it is there.
type testPage struct {
	Name    string
	Test    voice.TrunkTest
	Problem string
}

// Reason returns what the trunk answered, or why it did not, as a person reads
// it.
func (p testPage) Reason() string {
	if p.Test.Code > 0 || p.Test.Reason == "" {
		return p.Test.Reason
	}
	return sentence(errors.New(p.Test.Reason))
}

func (s *Server) testTrunk(v *visit) (answer, error) {
	page := testPage{Name: v.PathValue("name")}
	if _, err := s.trunk(v); err != nil {
		return answer{}, err
	}
	if s.TestTrunk == nil {
		page.Problem = "This node does not speak SIP."
		return dialog("provider-test", "Test of "+page.Name, page), nil
	}
	var err error
	page.Test, err = s.TestTrunk(v.Context(), v.env(), page.Name)
	if err != nil && !errors.Is(err, voice.ErrNoProvider) {
		page.Problem, err = sentence(err), nil
	}
	return dialog("provider-test", "Test of "+page.Name, page), err
}
