package api

import (
	"context"
	"strconv"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

type callQuery struct {
	InEnvironment
	Paging
	Number      string               `query:"number" maxLength:"200" doc:"The contact's, in E.164 with or without +"`
	Search      string               `query:"search" maxLength:"100" doc:"Part or all of the contact's number"`
	Direction   voice.Direction      `query:"direction" enum:"outbound,inbound"`
	Disposition campaign.Disposition `query:"disposition" enum:"answered,busy,no_answer,refused,failed,skipped,recalled"`
	SkipReason  campaign.SkipReason  `query:"skip_reason" enum:"dnc,registry,window,limit"`
	CampaignID  string               `query:"campaign_id" maxLength:"100"`
	OptOut      string               `query:"opt_out" enum:"true,false" doc:"Whether an opt-out was heard"`
	Words       string               `query:"q" maxLength:"200" doc:"Words in the transcript, in any case"`
	Since       string               `query:"since" maxLength:"100" doc:"A time or a date"`
	Until       string               `query:"until" maxLength:"100" doc:"A time or a date, before which"`
}

// asked hashes what is asked for, without the page.
func (q *callQuery) asked() string {
	return askedFor("calls", string(q.Environment), q.Number, q.Search, string(q.Direction),
		string(q.Disposition), string(q.SkipReason), q.CampaignID, q.OptOut, q.Words, q.Since,
		q.Until)
}

type callPage struct{ Body page[Call] }

func (s *Server) listCalls(ctx context.Context, in *callQuery) (*callPage, error) {
	if _, err := s.Store.World(ctx, in.Environment); err != nil {
		return nil, err
	}
	c, err := readCursor(in.Cursor, in.asked())
	if err != nil {
		return nil, err
	}
	out := &callPage{Body: page[Call]{Items: []Call{}}}
	digits, possible := dnc.Digits(in.Search)
	if !possible {
		return out, nil
	}
	q, err := s.callQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	q.Part, q.After = digits, c.Name
	found, err := s.Store.Calls(ctx, in.Environment, q)
	if err != nil {
		return nil, err
	}
	for _, call := range found.Calls {
		out.Body.Items = append(out.Body.Items, s.callOf(call))
	}
	out.Body.Total = found.Total
	out.Body.NextCursor = next(found.Next != "", cursor{List: in.asked(), Name: found.Next})
	return out, nil
}

// callQuery is what the store is asked for.
func (s *Server) callQuery(ctx context.Context, in *callQuery) (voice.CallQuery, error) {
	q := voice.CallQuery{
		Direction: in.Direction, Disposition: in.Disposition, SkipReason: in.SkipReason,
		CampaignID: in.CampaignID, Words: in.Words, Limit: in.Limit,
	}
	var err error
	if q.Since, q.Until, err = span(in.Since, in.Until); err != nil {
		return q, err
	}
	if q.Number, err = s.numberAsked(ctx, in.Environment, in.Number); err != nil {
		return q, err
	}
	if in.OptOut != "" {
		heard, err := strconv.ParseBool(in.OptOut)
		if err != nil {
			return q, at("query.opt_out", errInvalid)
		}
		q.OptOut = &heard
	}
	return q, nil
}
