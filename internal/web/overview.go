package web

import (
	"errors"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/index"
	"nocall/internal/voice"
)

const (
	day          = 24 * time.Hour
	chartDays    = 30
	latestOptOut = 6
)

// overviewPage is what the page Overview shows.
type overviewPage struct {
	Unready bool
	Counts  index.Counts
	Week    int // added in the last seven days
	Calls   voice.Counts
	Active  int // calls at providers now
	Chart   chart
	Latest  []voice.Call // the last in which an opt-out was heard
	Demo    bool         // the demonstration runs here
	Empty   bool         // nothing has happened yet
}

// Skipped returns how many calls were not placed, or recalled, because the
// number is listed.
func (p overviewPage) Skipped() int { return p.Calls.SkipReason[campaign.SkipDNC] }

// Recalled returns how many of them rang already.
func (p overviewPage) Recalled() int { return p.Calls.Disposition[campaign.Recalled] }

func (s *Server) overview(v *visit) (answer, error) {
	page := overviewPage{
		Active: s.Dialer.Active(v.env()), Demo: v.env() == dialer.Sandbox,
	}
	err := s.countEntries(v, &page)
	if err != nil && !errors.Is(err, dnc.ErrUnready) {
		return answer{}, err
	}
	page.Unready = err != nil
	page.Calls, err = s.Store.CallCounts(v.Context(), v.env(), now().Add(-day))
	if err != nil {
		return answer{}, err
	}
	latest, err := s.Store.Calls(v.Context(), v.env(), voice.CallQuery{
		OptOut: new(true), Limit: latestOptOut,
	})
	page.Latest = latest.Calls
	page.Empty = page.Counts.Total == 0 && page.Calls.Calls == 0 && len(page.Latest) == 0 &&
		!page.Unready
	return show("overview", "Overview", page), err
}

func (s *Server) countEntries(v *visit, page *overviewPage) (err error) {
	if page.Counts, err = s.Index.Counts(v.env()); err != nil {
		return err
	}
	tomorrow := now().Truncate(day).Add(day)
	days, err := s.Index.Days(v.env(), tomorrow.Add(-chartDays*day), tomorrow)
	if err != nil {
		return err
	}
	for _, d := range days[max(0, len(days)-7):] {
		page.Week += d.User + d.System
	}
	page.Chart = newChart(days)
	return nil
}

func (s *Server) runDemo(v *visit) (answer, error) {
	contacts, err := s.Dialer.Demo(v.Context(), v.env(), v.who.Name)
	return done(plural(contacts, "contact is", "contacts are")+" being called.",
		v.in("/overview")), err
}
