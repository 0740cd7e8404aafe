package web

import (
	"time"

	"nocall/internal/campaign"
	"nocall/internal/voice"
)

const (
	callsShown   = 12 // of those that go on
	optOutsShown = 6
)

// monitorPage is what the page of a campaign shows that was started.
type monitorPage struct {
	campaignPage
	Progress     campaign.Progress
	States       stack
	Dispositions []share
	Skips        []share
	Active       []campaign.Contact // the first that are called now
	OptOuts      []voice.Call       // the latest
	NextAt       time.Time          // of the next attempt; zero where none waits
	Now          time.Time
	Trouble      string // why it was paused, where nobody did
	Held         string // why no call begins for now
	HeldUntil    time.Time
}

// Percent returns how much of the campaign is done.
func (p monitorPage) Percent() int {
	if p.Progress.Total == 0 {
		return 0
	}
	return 100 * p.Progress.Done / p.Progress.Total
}

// Answered returns how many contacts have answered.
func (p monitorPage) Answered() int { return p.Progress.Disposition[campaign.Answered] }

// Skipped returns how many contacts were skipped, or recalled, because they
// are listed.
func (p monitorPage) Skipped() int { return p.Progress.SkipReason[campaign.SkipDNC] }

// Others returns how many calls go on beside those shown.
func (p monitorPage) Others() int { return max(0, p.Progress.Active-len(p.Active)) }

// Soon reports whether the next attempt is due.
func (p monitorPage) Soon() bool { return !p.NextAt.After(p.Now) }

func (s *Server) monitor(v *visit) (answer, error) {
	c, err := s.campaignHere(v)
	if err != nil {
		return answer{}, err
	}
	if c.State == campaign.Draft {
		return redirect(v.in("/campaigns/" + c.ID + "/window")), nil
	}
	page, err := s.monitorPage(v, c)
	return show("campaign-monitor", c.Name, page), err
}

func (s *Server) report(v *visit) (answer, error) {
	c, err := s.campaignHere(v)
	if err != nil {
		return answer{}, err
	}
	page, err := s.monitorPage(v, c)
	return show("campaign-report", "Report of "+c.Name, page), err
}

func (s *Server) monitorPage(v *visit, c campaign.Campaign) (page monitorPage, err error) {
	page.Campaign, page.Deaf, page.Now = c, s.deaf(c.Provider), now()
	if page.Progress, err = s.Store.Progress(v.Context(), v.env(), c.ID); err != nil {
		return page, err
	}
	if trouble := s.Dialer.Trouble(v.env(), c.ID); trouble != nil {
		page.Trouble = sentence(trouble)
	}
	held := s.Dialer.Held(v.env(), c.ID)
	page.Held, page.HeldUntil = heldWords(held), held.Until
	page.States = statesOf(page.Progress)
	page.Dispositions = dispositionShares(page.Progress)
	page.Skips = skipShares(page.Progress)
	if page.Active, err = s.Store.ActiveContacts(v.Context(), v.env(), c.ID); err != nil {
		return page, err
	}
	page.Active = page.Active[:min(len(page.Active), callsShown)]
	next, waiting, err := s.Store.NextDue(v.Context(), v.env(), c.ID)
	if err != nil {
		return page, err
	}
	if waiting {
		page.NextAt = later(next, page.Now)
	}
	found, err := s.Store.Calls(v.Context(), v.env(), voice.CallQuery{
		CampaignID: c.ID, OptOut: new(true), Limit: optOutsShown,
	})
	page.OptOuts = found.Calls
	return page, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// stack is one bar of several pieces, ready to be drawn.
type stack struct {
	Total  int
	Pieces []share
}

// share is one piece of a whole, or one bar among others.
type share struct {
	Name  string // as in the API
	Count int
	X     float64 // where it begins, of 100
	Width float64 // of 100
}

func statesOf(p campaign.Progress) stack {
	s := stack{Total: p.Total}
	at := 0.0
	for _, piece := range []share{
		{Name: "done", Count: p.Done},
		{Name: "active", Count: p.Active},
		{Name: "waiting", Count: p.Waiting},
	} {
		if p.Total > 0 {
			piece.X, piece.Width = at, 100*float64(piece.Count)/float64(p.Total)
			at += piece.Width
		}
		s.Pieces = append(s.Pieces, piece)
	}
	return s
}

func dispositionShares(p campaign.Progress) []share {
	var all []share
	for _, d := range campaign.Dispositions() {
		all = append(all, share{Name: string(d), Count: p.Disposition[d]})
	}
	return measured(all)
}

func skipShares(p campaign.Progress) []share {
	var all []share
	for _, why := range skipReasons {
		all = append(all, share{Name: string(why), Count: p.SkipReason[why]})
	}
	return measured(all)
}

// skipReasons are all reasons to skip, in the order of the gates reversed: the
// list first.
var skipReasons = []campaign.SkipReason{
	campaign.SkipDNC, campaign.SkipRegistry, campaign.SkipWindow, campaign.SkipLimit,
}

// measured gives each share its width, the greatest the whole one.
func measured(all []share) []share {
	most := 0
	for _, s := range all {
		most = max(most, s.Count)
	}
	for i := range all {
		if most > 0 {
			all[i].Width = 100 * float64(all[i].Count) / float64(most)
		}
	}
	return all
}
