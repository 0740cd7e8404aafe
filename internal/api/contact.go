package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dnc"
)

const contactsPath = campaignPath + "/contacts"

// Contact is a contact of a campaign as it is answered.
type Contact struct {
	ID          string                `json:"id"`
	PhoneNumber string                `json:"phone_number"`
	Timezone    *string               `json:"timezone" doc:"Its IANA zone, where it was given"`
	Variables   map[string]string     `json:"variables" doc:"What else is known of it"`
	State       campaign.ContactState `json:"state" enum:"waiting,active,done"`
	Step        int                   `json:"step" doc:"Of the flow, from 0"`
	Attempts    int                   `json:"attempts" doc:"Of all steps"`
	NextAt      *time.Time            `json:"next_at" doc:"Not before then is the next attempt; null for at once, or for none"`
	Disposition *campaign.Disposition `json:"disposition" doc:"How the last attempt ended"`
	SkipReason  *campaign.SkipReason  `json:"skip_reason"`
	OptedOut    bool                  `json:"opted_out"`
	CallID      *string               `json:"call_id" doc:"Of the last attempt"`
	AddedAt     time.Time             `json:"added_at"`
	UpdatedAt   time.Time             `json:"updated_at"`
}

func contactOf(c campaign.Contact) Contact {
	out := Contact{
		ID: c.ID, PhoneNumber: c.Number.String(), Timezone: orNil(c.Timezone),
		Variables: c.Variables, State: c.State, Step: c.Step, Attempts: c.AllAttempts,
		NextAt: timeOrNil(c.NextAt), Disposition: orNil(c.Disposition),
		SkipReason: orNil(c.SkipReason), OptedOut: c.OptedOut, CallID: orNil(c.CallID),
		AddedAt: c.AddedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC(),
	}
	if out.Variables == nil {
		out.Variables = map[string]string{}
	}
	if c.State == campaign.Done {
		out.NextAt = nil
	}
	return out
}

func (s *Server) contactRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: contactsPath, id: "listContacts", tag: "campaigns",
			summary: "Contacts of a campaign, in the order in which they were added",
			role:    access.Viewer,
			problems: []string{
				"malformed", "invalid", "not-found", "no-environment",
			},
		}, s.listContacts),
		described(route{
			method: http.MethodGet, path: contactsPath + "/{contact}", id: "getContact",
			tag: "campaigns", summary: "One contact", role: access.Viewer,
			problems: []string{"not-found", "no-environment"},
		}, s.getContact),
		plain(addContactsRoute, (*desk).addContacts, describeAddContacts),
	}
}

type contactQuery struct {
	OfCampaign
	Paging
	State       campaign.ContactState `query:"state" enum:"waiting,active,done"`
	Disposition campaign.Disposition  `query:"disposition" enum:"answered,busy,no_answer,refused,failed,skipped,recalled"`
	SkipReason  campaign.SkipReason   `query:"skip_reason" enum:"dnc,registry,window,limit"`
	OptedOut    string                `query:"opted_out" enum:"true,false"`
	Search      string                `query:"search" maxLength:"100" doc:"Part or all of a number"`
}

type contactPage struct{ Body page[Contact] }

func (s *Server) listContacts(ctx context.Context, in *contactQuery) (*contactPage, error) {
	if _, err := s.Store.Campaign(ctx, in.Environment, in.ID); err != nil {
		return nil, err
	}
	asked := askedFor("contacts", string(in.Environment), in.ID, string(in.State),
		string(in.Disposition), string(in.SkipReason), in.OptedOut, in.Search)
	c, err := readCursor(in.Cursor, asked)
	if err != nil {
		return nil, err
	}
	out := &contactPage{Body: page[Contact]{Items: []Contact{}}}
	digits, possible := dnc.Digits(in.Search)
	if !possible {
		return out, nil
	}
	q := campaign.ContactQuery{
		State: in.State, Disposition: in.Disposition, SkipReason: in.SkipReason, Part: digits,
		After: c.Name, Limit: in.Limit,
	}
	if in.OptedOut != "" {
		optedOut, err := strconv.ParseBool(in.OptedOut)
		if err != nil {
			return nil, at("query.opted_out", errInvalid)
		}
		q.OptedOut = &optedOut
	}
	found, err := s.Store.Contacts(ctx, in.Environment, in.ID, q)
	if err != nil {
		return nil, err
	}
	for _, contact := range found.Contacts {
		out.Body.Items = append(out.Body.Items, contactOf(contact))
	}
	out.Body.Total = found.Total
	out.Body.NextCursor = next(found.Next != "", cursor{List: asked, Name: found.Next})
	return out, nil
}

type oneContact struct{ Body Contact }

func (s *Server) getContact(ctx context.Context, in *struct {
	OfCampaign
	Contact string `path:"contact" maxLength:"100" doc:"ID of the contact"`
},
) (*oneContact, error) {
	c, err := s.Store.Contact(ctx, in.Environment, in.ID, in.Contact)
	if err != nil {
		return nil, err
	}
	return &oneContact{contactOf(c)}, nil
}
