package web

import (
	"errors"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// trailLimit is how many events of one number are shown.
const trailLimit = 200

// trailPage is what is known of one number: its entry, and all that happened
// to it.
type trailPage struct {
	Number e164.Number
	Listed bool
	Entry  dnc.Entry
	Says   dnc.Answer  // what the registries say of it
	Events []dnc.Event // newest first
	Total  int
}

func (s *Server) trail(v *visit) (answer, error) {
	n, err := v.number()
	if err != nil {
		return answer{}, err
	}
	page := trailPage{Number: n}
	page.Entry, err = s.List.Entry(v.Context(), v.env(), n)
	if err != nil && !errors.Is(err, dnc.ErrNotListed) {
		return answer{}, err
	}
	page.Listed = err == nil
	if s.List.Registries != nil {
		page.Says = s.List.Registries.Lookup(v.env(), n, now())
	}
	events, err := s.Store.Trail(v.Context(), v.env(), dnc.TrailQuery{
		Number: n, Limit: trailLimit,
	})
	page.Events, page.Total = events.Events, events.Total
	return dialog("trail", "History of "+n.String(), page), err
}
