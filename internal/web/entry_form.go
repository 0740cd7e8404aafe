package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// entryForm is a dialog about one entry, as it was filled in.
type entryForm struct {
	Entry         dnc.Entry // as it stands; zero for a new one
	Number        string
	Reason        string
	NumberProblem string
	ReasonProblem string
	Listed        *dnc.Entry // the number is listed already, and this is its entry
	Verdict       verdict
	Max           int // characters of a reason
}

func newForm(e dnc.Entry) entryForm {
	return entryForm{
		Entry: e, Number: e.Number.String(), Reason: e.Reason, Max: dnc.MaxReason,
	}
}

// read fills the form with what was sent, and reads the number.
func (f *entryForm) read(v *visit) e164.Number {
	f.Number, f.Reason = v.PostFormValue("number"), v.PostFormValue("reason")
	n, err := e164.ParseLoose(f.Number, v.world.Settings.DefaultRegion)
	if err != nil {
		f.NumberProblem = sentence(err)
	}
	return n
}

func (s *Server) newEntry(v *visit) (answer, error) {
	form := newForm(dnc.Entry{})
	form.Number = v.FormValue("number")
	return dialog("entry-new", "Add DNC Number", form), nil
}

func (s *Server) addEntry(v *visit) (answer, error) {
	form := newForm(dnc.Entry{})
	n := form.read(v)
	if form.NumberProblem != "" {
		return dialog("entry-new", "Add DNC Number", form).
			refused(http.StatusUnprocessableEntity), nil
	}
	entry, added, err := s.List.Add(v.Context(), dnc.Entry{
		Environment: v.env(), Number: n, CreatedBy: dnc.User, Reason: form.Reason,
		User: v.who.Name, CreatedAt: now(),
	})
	if errors.Is(err, dnc.ErrReasonTooLong) {
		form.ReasonProblem = sentence(err)
		return dialog("entry-new", "Add DNC Number", form).
			refused(http.StatusUnprocessableEntity), nil
	}
	if err != nil {
		return answer{}, err
	}
	if !added {
		form.Listed = &entry
		return dialog("entry-new", "Add DNC Number", form), nil
	}
	return done(n.String()+" is on the list.", v.in("/dnc-list")), nil
}

// entryHere returns the form for the entry that the path names.
func (s *Server) entryHere(v *visit) (entryForm, error) {
	n, err := v.number()
	if err != nil {
		return entryForm{}, err
	}
	entry, err := s.List.Entry(v.Context(), v.env(), n)
	return newForm(entry), err
}

func (s *Server) editEntryForm(v *visit) (answer, error) {
	form, err := s.entryHere(v)
	return dialog("entry-edit", "Edit DNC Number", form), err
}

func (s *Server) editEntry(v *visit) (answer, error) {
	form, err := s.entryHere(v)
	if err != nil {
		return answer{}, err
	}
	was := form.Entry
	n := form.read(v)
	again := dialog("entry-edit", "Edit DNC Number", &form).refused(http.StatusUnprocessableEntity)
	if form.NumberProblem != "" {
		return again, nil
	}
	edit := dnc.Edit{Environment: v.env(), Number: was.Number, By: v.who.Name, At: now()}
	if n != was.Number {
		edit.NewNumber = &n
	}
	if form.Reason != was.Reason {
		edit.NewReason = &form.Reason
	}
	_, err = s.List.Edit(v.Context(), edit)
	switch {
	case errors.Is(err, dnc.ErrListed):
		form.NumberProblem = n.String() + " is on the list already, with an entry of its own."
		return again.refused(http.StatusConflict), nil
	case errors.Is(err, dnc.ErrReasonTooLong):
		form.ReasonProblem = sentence(err)
		return again, nil
	case err != nil:
		return answer{}, err
	}
	return done("The entry of "+n.String()+" was changed.", v.in("/dnc-list")), nil
}

func (s *Server) removeEntryForm(v *visit) (answer, error) {
	form, err := s.entryHere(v)
	form.Reason = ""
	return dialog("entry-delete", "Delete DNC Number", form), err
}

func (s *Server) removeEntry(v *visit) (answer, error) {
	form, err := s.entryHere(v)
	if err != nil {
		return answer{}, err
	}
	form.Reason = v.PostFormValue("reason")
	err = s.List.Remove(v.Context(), dnc.Removal{
		Environment: v.env(), Number: form.Entry.Number, Reason: form.Reason,
		By: v.who.Name, At: now(),
	})
	if errors.Is(err, dnc.ErrReasonTooLong) {
		form.ReasonProblem = sentence(err)
		return dialog("entry-delete", "Delete DNC Number", form).
			refused(http.StatusUnprocessableEntity), nil
	}
	if err != nil {
		return answer{}, err
	}
	return done(form.Entry.Number.String()+" was deleted and may be called again.",
		v.in("/dnc-list")), nil
}

// verdict says what a number that is being typed will become.
type verdict struct {
	State string // "", new, listed, same or wrong
	Text  string
}

// checkNumber answers while a number is being typed. Except names the entry
// that is being edited.
func (s *Server) checkNumber(v *visit) (answer, error) {
	verdict, err := s.verdict(v, v.FormValue("number"), v.FormValue("except"))
	if errors.Is(err, dnc.ErrUnready) {
		verdict.State, err = "wrong", nil
		verdict.Text = "The list is not ready: whether the number is on it is not certain."
	}
	return dialog("verdict", "Number", verdict), err
}

func (s *Server) verdict(v *visit, typed, except string) (verdict, error) {
	if strings.TrimSpace(typed) == "" {
		return verdict{}, nil
	}
	n, err := e164.ParseLoose(typed, v.world.Settings.DefaultRegion)
	if err != nil {
		return verdict{"wrong", sentence(err)}, nil
	}
	if n.String() == "+"+except {
		return verdict{"same", "Stays " + n.String() + "."}, nil
	}
	listed, err := s.List.Check(v.env(), n)
	if err != nil {
		return verdict{}, err
	}
	if listed {
		return verdict{"listed", n.String() + " is on the list already."}, nil
	}
	return verdict{"new", "Will be listed as " + n.String() + "."}, nil
}

// sentence writes an error of a word for a person: without the package that
// found it, with a capital letter and a full stop.
func sentence(err error) string {
	text := err.Error()
	if pkg, rest, ok := strings.Cut(text, ": "); ok && !strings.Contains(pkg, " ") {
		text = rest
	}
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}

// now returns the time as it is kept: UTC, whole microseconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
