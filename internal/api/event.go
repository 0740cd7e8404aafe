package api

import (
	"context"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Event is an event of the trail as it is answered.
type Event struct {
	Revision     int64          `json:"revision" doc:"From 1, without holes"`
	Kind         dnc.EventKind  `json:"kind" doc:"What happened"`
	Number       *string        `json:"number" doc:"As it was before; null for an environment"`
	NewNumber    *string        `json:"new_number" doc:"After an edit"`
	CreatedBy    *dnc.CreatedBy `json:"created_by" doc:"Of the entry"`
	ReasonBefore string         `json:"reason_before" doc:"Of the entry, before an edit or its removal"`
	ReasonAfter  string         `json:"reason_after" doc:"Of the entry; or why it was confirmed or removed"`
	By           *string        `json:"by" doc:"The user or key that did it; null for the system"`
	CallID       *string        `json:"call_id" doc:"The call in which the opt-out was heard"`
	At           time.Time      `json:"at"`
	Provisional  bool           `json:"provisional" doc:"Of an entry that was added: until a person has looked"`
	ImportID     *string        `json:"import_id" doc:"The import that it tells of, or came of"`
}

func eventOf(e dnc.Event) Event {
	out := Event{
		Revision: e.Revision, Kind: e.Kind, Number: numberOrNil(e.Number),
		CreatedBy: orNil(e.CreatedBy), ReasonBefore: e.ReasonBefore, ReasonAfter: e.ReasonAfter,
		By: orNil(e.By), CallID: orNil(e.CallID), At: e.At.UTC(),
		Provisional: e.Provisional, ImportID: orNil(e.Import),
	}
	if e.Kind == dnc.Edited {
		out.NewNumber = numberOrNil(e.NewNumber)
	}
	return out
}

func (s *Server) eventRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: "/v1/environments/{environment}/events",
			id: "listEvents", tag: "entries", summary: "The trail, newest first",
			text: "The append-only history of the list. It stays when the environment is " +
				"removed.",
			role:     access.Viewer,
			problems: []string{"malformed", "invalid", "no-environment", "number"},
		}, s.listEvents),
	}
}

type eventQuery struct {
	InEnvironment
	Paging
	Number string        `query:"number" maxLength:"200" doc:"As it was before or after"`
	Kind   dnc.EventKind `query:"kind" enum:"added,added_again,confirmed,edited,removed,imported,import_undone,exempted,exemption_ended,environment_added,environment_edited,environment_removed"`
	Since  string        `query:"since" maxLength:"100" doc:"A time or a date"`
	Until  string        `query:"until" maxLength:"100" doc:"A time or a date, before which"`
}

type eventPage struct{ Body page[Event] }

func (s *Server) listEvents(ctx context.Context, in *eventQuery) (*eventPage, error) {
	asked := askedFor("events", string(in.Environment), in.Number, string(in.Kind),
		in.Since, in.Until)
	c, err := readCursor(in.Cursor, asked)
	if err != nil {
		return nil, err
	}
	q := dnc.TrailQuery{Kind: in.Kind, After: c.Place, Limit: in.Limit}
	if q.Since, q.Until, err = span(in.Since, in.Until); err != nil {
		return nil, err
	}
	if q.Number, err = s.numberAsked(ctx, in.Environment, in.Number); err != nil {
		return nil, err
	}
	found, err := s.Store.Trail(ctx, in.Environment, q)
	if err != nil {
		return nil, err
	}
	if found.Total == 0 { // nothing was ever there, or nothing matches
		if _, err := s.Store.World(ctx, in.Environment); err != nil {
			return nil, err
		}
	}
	out := &eventPage{Body: page[Event]{Items: []Event{}, Total: found.Total}}
	for _, e := range found.Events {
		out.Body.Items = append(out.Body.Items, eventOf(e))
	}
	out.Body.NextCursor = next(found.Next != 0, cursor{List: asked, Place: found.Next})
	return out, nil
}

// numberAsked reads the number by which a list is filtered; "" is the zero
// Number.
func (s *Server) numberAsked(
	ctx context.Context, env dnc.Environment, text string,
) (e164.Number, error) {
	if text == "" {
		return e164.Number{}, nil
	}
	return s.plainNumber(ctx, env, "query.number", text)
}
