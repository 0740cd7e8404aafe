package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

const (
	findingsPath = "/v1/environments/{environment}/findings"
	reviewPath   = callPath + "/findings/{place}"
)

// Finding is an opt-out that was heard, or what may be one.
type Finding struct {
	Turn        int                `json:"turn"`
	Place       *int               `json:"place" doc:"Among the findings of the call, from 0; null while nothing is kept of it"`
	Verdict     optout.Verdict     `json:"verdict" enum:"opt_out,review,scoped" doc:"opt_out: they asked; review: they may have; scoped: not at that time, place, topic or channel only"`
	Family      *string            `json:"family" doc:"Of words that can be meant either way, such as leave_alone"`
	Doubt       *optout.Doubt      `json:"doubt" doc:"Why it wants a review: ambiguous, unlikely, likely, withdrawn or echo; null if it does not"`
	Why         string             `json:"why" doc:"In plain words"`
	Phrase      string             `json:"phrase" doc:"Name of the phrase that decided"`
	Quote       string             `json:"quote" doc:"The words that decided; runs of digits are masked"`
	Start       int                `json:"start" doc:"Byte offset of the quote in the text of the turn"`
	End         int                `json:"end"`
	Before      *Span              `json:"before" doc:"Words of an earlier turn that belong to it, or that were taken back"`
	Slots       map[string]string  `json:"slots" doc:"What the words say of: action, object, list, time, place, channel, topic or person"`
	Language    *string            `json:"language"`
	Channel     voice.Channel      `json:"channel" enum:"speech,key,signal"`
	Engine      *string            `json:"engine" doc:"Version of the detector; null for keys and signals"`
	At          time.Time          `json:"at"`
	Listed      bool               `json:"listed" doc:"Whether the number was listed for it; false where the caller withheld it"`
	Provisional bool               `json:"provisional" doc:"The number was listed until a person has looked"`
	Review      *voice.ReviewState `json:"review" doc:"open, confirmed or released; null where no person need look"`
	ReviewedBy  *string            `json:"reviewed_by"`
	ReviewedAt  *time.Time         `json:"reviewed_at"`
}

// Span is a piece of a turn.
type Span struct {
	Turn  int    `json:"turn"`
	Start int    `json:"start" doc:"Byte offset in the text of the turn"`
	End   int    `json:"end"`
	Quote string `json:"quote"`
}

// FoundFinding is a finding with what a person needs to judge it.
type FoundFinding struct {
	Finding
	Call  Call   `json:"call"`
	Turns []Turn `json:"turns" nullable:"false" doc:"The one in which it was heard, and up to two before and two after it"`
}

// Reviewed is a finding after a person's answer.
type Reviewed struct {
	Finding Finding `json:"finding"`
	Entry   *Entry  `json:"entry" doc:"Of the number, if it is listed now; else null"`
}

// findingOf is a finding as it is answered. Place is negative while nothing is
// kept of it.
func findingOf(f voice.Finding, place int) Finding {
	out := Finding{
		Verdict: f.Verdict, Family: orNil(f.Family), Doubt: orNil(f.Doubt),
		Why: voice.Why(f.Finding), Turn: f.Turn, Phrase: f.Phrase, Quote: f.Quote,
		Start: f.Start, End: f.End, Slots: slotsOf(f.Slots), Language: orNil(f.Language),
		Channel: f.Channel, Engine: orNil(f.Engine), At: f.At.UTC(), Listed: f.Listed,
		Provisional: f.Provisional, Review: orNil(f.Review), ReviewedBy: orNil(f.ReviewedBy),
		ReviewedAt: timeOrNil(f.ReviewedAt),
	}
	if place >= 0 {
		out.Place = &place
	}
	if b := f.Before; b != nil {
		out.Before = &Span{b.Turn, b.Start, b.End, b.Quote}
	}
	return out
}

func findingsOf(all []voice.Finding) []Finding {
	out := make([]Finding, len(all))
	for i, f := range all {
		out[i] = findingOf(f, i)
	}
	return out
}

// slotsOf returns slots by their names, never nil.
func slotsOf(slots []optout.Slot) map[string]string {
	out := make(map[string]string, len(slots))
	for _, s := range slots {
		out[s.Name] = s.Text
	}
	return out
}

func turnsOf(all []voice.Turn) []Turn {
	out := make([]Turn, len(all))
	for i, t := range all {
		out[i] = Turn{t.Index, t.Speaker, t.Text, orNil(t.Language), t.At.UTC()}
	}
	return out
}

func (s *Server) findingRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: findingsPath, id: "listFindings", tag: "findings",
			summary: "What was heard on calls, newest first", role: access.Viewer,
			text: "With review=open those that wait for a person. Each comes with its call and " +
				"the turns around it.",
			problems: []string{"malformed", "invalid", "no-environment"},
		}, s.listFindings),
		described(route{
			method: http.MethodPost, path: reviewPath + "/confirm", id: "confirmFinding",
			tag: "findings", summary: "Say that it was an opt-out", role: access.Member,
			makes: makesEntry,
			text: "The number of the call is listed for good. The same answer again changes " +
				"nothing.",
			problems: []string{"not-found", "reviewed"},
		}, s.confirmFinding),
		described(route{
			method: http.MethodPost, path: reviewPath + "/release", id: "releaseFinding",
			tag: "findings", summary: "Say that it was no opt-out", role: access.Member,
			makes: makesEntry,
			text: "A number that is listed provisionally comes off the list, unless something " +
				"else that was heard holds it. An entry that is not provisional stays: remove it " +
				"if it is to go.",
			problems: []string{"not-found", "reviewed"},
		}, s.releaseFinding),
	}
}

type findingQuery struct {
	InEnvironment
	Paging
	Review  voice.ReviewState `query:"review" enum:"open,confirmed,released"`
	Verdict optout.Verdict    `query:"verdict" enum:"opt_out,review,scoped"`
	CallID  string            `query:"call_id" maxLength:"100"`

	CampaignID string `query:"campaign_id" maxLength:"100"`
	Search     string `query:"search" maxLength:"100" doc:"Part or all of the contact's number"`
}

type findingPage struct {
	Body struct {
		Items      []FoundFinding `json:"items" nullable:"false"`
		NextCursor *string        `json:"next_cursor" doc:"Where the next page goes on; null after the last one"`
		Total      int            `json:"total" doc:"All that match, on every page"`
		Open       int            `json:"open" doc:"All that wait for a review, whatever was asked for"`
	}
}

func (s *Server) listFindings(ctx context.Context, in *findingQuery) (*findingPage, error) {
	asked := askedFor("findings", string(in.Environment), string(in.Review),
		string(in.Verdict), in.CallID, in.CampaignID, in.Search)
	c, err := readCursor(in.Cursor, asked)
	if err != nil {
		return nil, err
	}
	out := new(findingPage)
	var found voice.FindingPage
	if part, possible := dnc.Digits(in.Search); possible {
		found, err = s.Store.Findings(ctx, in.Environment, voice.FindingQuery{
			Review: in.Review, Verdict: in.Verdict, CallID: in.CallID, CampaignID: in.CampaignID,
			Part: part, After: c.Name, Limit: in.Limit,
		})
	}
	if err != nil {
		return nil, err
	}
	if out.Body.Open, err = s.Store.OpenReviews(ctx, in.Environment); err != nil {
		return nil, err
	}
	out.Body.Items = []FoundFinding{}
	for _, f := range found.Findings {
		out.Body.Items = append(out.Body.Items, FoundFinding{
			findingOf(f.Finding, f.Place), s.callOf(f.Call), turnsOf(f.Turns),
		})
	}
	out.Body.Total = found.Total
	out.Body.NextCursor = next(found.Next != "", cursor{List: asked, Name: found.Next})
	return out, nil
}

// OfFinding is the path of one finding.
type OfFinding struct {
	OfCall
	Place int `path:"place" minimum:"0" maximum:"100000" doc:"Of the finding among those of its call, from 0"`
}

type reviewed struct{ Body Reviewed }

func (s *Server) confirmFinding(ctx context.Context, in *OfFinding) (*reviewed, error) {
	h, err := s.Listener.Confirm(ctx, in.Environment, in.ID, in.Place, asker(ctx).Name)
	return reviewedOf(h, in.Place, err)
}

func (s *Server) releaseFinding(ctx context.Context, in *OfFinding) (*reviewed, error) {
	h, err := s.Listener.Release(ctx, in.Environment, in.ID, in.Place, asker(ctx).Name)
	return reviewedOf(h, in.Place, err)
}

func reviewedOf(h voice.Heard, place int, err error) (*reviewed, error) {
	if err != nil {
		return nil, err
	}
	out := &reviewed{Body: Reviewed{Finding: findingOf(*h.Finding, place)}}
	if h.Entry != nil {
		e := entryOf(*h.Entry)
		out.Body.Entry = &e
	}
	return out, nil
}

// placeOfFinding returns the place of a finding among those of a call, or -1.
func (s *Server) placeOfFinding(ctx context.Context, in OfCall, f *voice.Finding) (int, error) {
	call, err := s.Store.Call(ctx, in.Environment, in.ID)
	if err != nil {
		return 0, err
	}
	return slices.IndexFunc(call.Findings, func(kept voice.Finding) bool {
		return kept.Same(f)
	}), nil
}
