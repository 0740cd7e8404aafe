package client

import (
	"context"
	"iter"
	"net/url"
	"time"
)

// Event is one line of the trail, the append-only history of a list.
type Event struct {
	Revision     int64     `json:"revision"` // from 1, without holes
	Kind         string    `json:"kind"`     // such as added, confirmed, edited or removed
	Number       string    `json:"number,omitempty"`
	NewNumber    string    `json:"new_number,omitempty"` // after an edit
	CreatedBy    string    `json:"created_by,omitempty"`
	ReasonBefore string    `json:"reason_before,omitempty"`
	ReasonAfter  string    `json:"reason_after,omitempty"`
	By           string    `json:"by,omitempty"` // the user or key that did it
	CallID       string    `json:"call_id,omitempty"`
	At           time.Time `json:"at"`
	Provisional  bool      `json:"provisional"` // of what was added: until a person has looked
}

// EventQuery asks for events. Zero fields ask for everything.
type EventQuery struct {
	Number string
	Kind   string
	Since  time.Time
	Until  time.Time // before
	Limit  int       // events on a page, 1 to 500; 0 for the server's default
	Cursor string
}

func (q EventQuery) values() url.Values {
	return values("number", q.Number, "kind", q.Kind, "since", moment(q.Since),
		"until", moment(q.Until), "limit", number(q.Limit), "cursor", q.Cursor)
}

// Events returns one page of the trail, newest first.
func (c *Client) Events(ctx context.Context, q EventQuery) (Page[Event], error) {
	return page[Event](ctx, c, c.path("events"), q.values())
}

// AllEvents gives every event that q asks for, page by page, from q.Cursor on.
// After an error it gives nothing more.
func (c *Client) AllEvents(ctx context.Context, q EventQuery) iter.Seq2[Event, error] {
	return all[Event](ctx, c, c.path("events"), q.values())
}
