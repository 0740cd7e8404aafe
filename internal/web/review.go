package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// everyReview asks for findings whatever became of them.
const everyReview = "all"

// reviewPage is what the page Review shows.
type reviewPage struct {
	State   string // open, confirmed, released or all
	Verdict optout.Verdict
	Number  string // part of it is enough
	Rows    []reviewRow
	Paging  paging

	CampaignID string
	Campaigns  []campaign.Campaign
}

// reviewRow is a finding with the words around it.
type reviewRow struct {
	voice.Found
	Lines   []line
	Earlier *optout.Span // words that belong to it and are not among the lines
}

// Filtered reports whether something else is asked for than what is open.
func (p reviewPage) Filtered() bool {
	return p.State != string(voice.ReviewOpen) || p.Verdict != "" || p.Number != "" ||
		p.CampaignID != ""
}

// ID names the finding on the page.
func (r reviewRow) ID() string { return "f" + r.Call.ID + "-" + strconv.Itoa(r.Place) }

// reviewRoutes are of findings and of words to be tried.
func (s *Server) reviewRoutes() []route {
	const one = "/e/{environment}/call-history/{id}/findings/{place}"
	return []route{
		{"GET /e/{environment}/review", access.Viewer, s.review},
		{"POST " + one + "/confirm", access.Member, s.confirm},
		{"POST " + one + "/release", access.Member, s.release},
		{"POST /e/{environment}/try-words", access.Viewer, s.tryWords},
	}
}

func (s *Server) review(v *visit) (answer, error) {
	page := reviewPage{
		State: string(voice.ReviewOpen), Verdict: readVerdict(v.FormValue("verdict")),
		Number: strings.TrimSpace(v.FormValue("number")), CampaignID: v.FormValue("campaign"),
	}
	asked := voice.ReviewState(v.FormValue("review"))
	if slices.Contains([]voice.ReviewState{voice.Confirmed, voice.Released, everyReview}, asked) {
		page.State = string(asked)
	}
	var err error
	if page.Campaigns, err = s.Store.Campaigns(v.Context(), v.env()); err != nil {
		return answer{}, err
	}
	part, possible := dnc.Digits(page.Number)
	if !possible {
		return show("review", "Review", page), nil
	}
	q := voice.FindingQuery{
		Verdict: page.Verdict, CampaignID: page.CampaignID, Part: part,
		After: lastEnding(v), Limit: pageSize,
	}
	if page.State != everyReview {
		q.Review = voice.ReviewState(page.State)
	}
	found, err := s.Store.Findings(v.Context(), v.env(), q)
	if err != nil {
		return answer{}, err
	}
	for _, f := range found.Findings {
		page.Rows = append(page.Rows, rowOf(f))
	}
	page.Paging = newPaging(v, found.Total, found.Next)
	page.Paging.One, page.Paging.Many = "finding", "findings"
	return show("review", "Review", page), nil
}

func readVerdict(text string) optout.Verdict {
	switch verdict := optout.Verdict(text); verdict {
	case optout.OptOut, optout.Review, optout.Scoped:
		return verdict
	}
	return ""
}

func rowOf(f voice.Found) reviewRow {
	row := reviewRow{Found: f}
	call := voice.Call{Findings: []voice.Finding{f.Finding}, Turns: f.Turns}
	row.Lines = lines(call)
	if b := f.Before; b != nil && !slices.ContainsFunc(f.Turns, func(t voice.Turn) bool {
		return t.Index == b.Turn
	}) {
		row.Earlier = b
	}
	return row
}

func (s *Server) confirm(v *visit) (answer, error) {
	h, err := s.answerReview(v, s.Listener.Confirm)
	if err != nil {
		return reviewFailed(v, err)
	}
	said := "Confirmed. The caller withheld the number, so that none is listed."
	if h.Entry != nil {
		said = "Confirmed: " + h.Entry.Number.String() + " is on the list for good."
	}
	return done(said, v.in("/review")), nil
}

func (s *Server) release(v *visit) (answer, error) {
	h, err := s.answerReview(v, s.Listener.Release)
	if err != nil {
		return reviewFailed(v, err)
	}
	said := "Released: it was no opt-out."
	switch {
	case h.Entry != nil:
		said = "Released. " + h.Entry.Number.String() + " stays on the list: delete it there " +
			"if it may be called again."
	case h.Finding.Listed:
		said = "Released: the number may be called again."
	}
	return done(said, v.in("/review")), nil
}

func (s *Server) answerReview(v *visit, give reviewer) (voice.Heard, error) {
	place, err := strconv.Atoi(v.PathValue("place"))
	if err != nil {
		return voice.Heard{}, voice.ErrNoFinding
	}
	return give(v.Context(), v.env(), v.PathValue("id"), place, v.who.Name)
}

// reviewFailed tells of a finding that somebody else was quicker to review.
func reviewFailed(v *visit, err error) (answer, error) {
	if errors.Is(err, voice.ErrReviewed) {
		return done("Somebody has given another answer already.", v.in("/review")), nil
	}
	return answer{}, err
}
