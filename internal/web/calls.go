package web

import (
	"net/url"
	"strings"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// callsPage is what the page Call History shows.
type callsPage struct {
	callFilter
	Dispositions []campaign.Disposition // to choose from
	SkipReasons  []campaign.SkipReason
	Campaigns    []campaign.Campaign
	Calls        []voice.Call
	Paging       paging
	Letters      bool // the number searched for has letters in it
	Problem      string
	Export       string // the calls with the same filters, as CSV
}

// callFilter is what the history is filtered by, as it was filled in.
type callFilter struct {
	Number      string
	Direction   voice.Direction
	Disposition campaign.Disposition
	SkipReason  campaign.SkipReason
	CampaignID  string
	OptOut      string // "", yes or no
	Words       string
	From, To    string // days, as 2026-11-24, both with calls
}

func readCallFilter(v *visit) callFilter {
	return callFilter{
		Number:      strings.TrimSpace(v.FormValue("number")),
		Direction:   voice.Direction(v.FormValue("direction")),
		Disposition: campaign.Disposition(v.FormValue("disposition")),
		SkipReason:  campaign.SkipReason(v.FormValue("skip_reason")),
		CampaignID:  v.FormValue("campaign"),
		OptOut:      v.FormValue("opt_out"),
		Words:       strings.TrimSpace(v.FormValue("q")),
		From:        v.FormValue("from"), To: v.FormValue("to"),
	}
}

// Filtered reports whether anything is left out.
func (f callFilter) Filtered() bool { return f != callFilter{} }

// More reports whether a filter is set that is not among the first ones.
func (f callFilter) More() bool {
	return f.SkipReason != "" || f.CampaignID != "" || f.From != "" || f.To != ""
}

// query returns what the filter asks the store for; false where no call can
// match. Days are those of UTC.
func (f callFilter) query() (voice.CallQuery, bool) {
	part, ok := dnc.Digits(f.Number)
	q := voice.CallQuery{
		Part: part, Direction: f.Direction, Disposition: f.Disposition,
		SkipReason: f.SkipReason, CampaignID: f.CampaignID, Words: f.Words,
	}
	if f.OptOut == "yes" || f.OptOut == "no" {
		q.OptOut = new(f.OptOut == "yes")
	}
	if from, err := time.Parse(time.DateOnly, f.From); err == nil {
		q.Since = from
	}
	if to, err := time.Parse(time.DateOnly, f.To); err == nil {
		q.Until = to.Add(day)
	}
	return q, ok
}

// values returns the filter as the parameters of an address.
func (f callFilter) values() url.Values {
	all := make(url.Values)
	for name, value := range map[string]string{
		"number": f.Number, "direction": string(f.Direction),
		"disposition": string(f.Disposition), "skip_reason": string(f.SkipReason),
		"campaign": f.CampaignID, "opt_out": f.OptOut, "q": f.Words, "from": f.From, "to": f.To,
	} {
		if value != "" {
			all.Set(name, value)
		}
	}
	return all
}

func (s *Server) calls(v *visit) (answer, error) {
	page := callsPage{
		callFilter: readCallFilter(v), Dispositions: campaign.Dispositions(),
		SkipReasons: skipReasons,
	}
	page.Export = (&url.URL{
		Path: v.in("/call-history.csv"), RawQuery: page.values().Encode(),
	}).String()
	var err error
	if page.Campaigns, err = s.Store.Campaigns(v.Context(), v.env()); err != nil {
		return answer{}, err
	}
	query, ok := page.query()
	if page.Letters = !ok; page.Letters {
		return show("calls", "Call History", page), nil
	}
	query.After, query.Limit = lastEnding(v), pageSize
	found, err := s.Store.Calls(v.Context(), v.env(), query)
	page.Calls = found.Calls
	page.Paging = newPaging(v, found.Total, found.Next)
	page.Paging.One, page.Paging.Many = "call", "calls"
	return show("calls", "Call History", page), err
}

// Safe returns the path of the export whose cells no spreadsheet takes for
// formulas.
func (p callsPage) Safe() string {
	if strings.Contains(p.Export, "?") {
		return p.Export + "&safe=true"
	}
	return p.Export + "?safe=true"
}

// Campaign returns what the campaign of a call is called.
func (p callsPage) Campaign(id string) string {
	for _, c := range p.Campaigns {
		if c.ID == id {
			return c.Name
		}
	}
	return id
}
