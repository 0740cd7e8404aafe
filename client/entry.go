package client

import (
	"context"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Who put an entry on a list.
const (
	User   = "user"   // a person or a program
	System = "system" // an opt-out heard on a call
)

// Entry is one number on an environment's do-not-call list.
type Entry struct {
	Number    string    `json:"number"`     // in E.164, such as +14155550123
	CreatedBy string    `json:"created_by"` // User or System
	Reason    string    `json:"reason"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	User      *string   `json:"user"`    // who added it; nil for System
	CallID    *string   `json:"call_id"` // the call in which the opt-out was heard; nil for User

	// Provisional says that the words can be meant either way and nobody has
	// reviewed them yet. The entry is in force all the same.
	Provisional bool `json:"provisional"`
}

// EntryQuery asks for entries. Zero fields ask for everything.
type EntryQuery struct {
	Search    string // part or all of a number, in any punctuation
	CreatedBy string // User or System
	Sort      string // -created_at (newest first, the default), created_at, number, -number
	Limit     int    // entries on a page, 1 to 500; 0 for the server's default
	Cursor    string // NextCursor of the page before
}

func (q EntryQuery) values() url.Values {
	return values("search", q.Search, "created_by", q.CreatedBy, "sort", q.Sort,
		"limit", number(q.Limit), "cursor", q.Cursor)
}

// Page is one page of a list.
type Page[T any] struct {
	Items      []T     `json:"items"`
	NextCursor *string `json:"next_cursor"` // nil after the last page
	Total      int     `json:"total"`       // on every page
}

// Add puts a number on the list, durably: when it returns, no call to it
// starts any more. A number that is listed already keeps its entry, which is
// returned with false. Reason may be empty.
func (c *Client) Add(ctx context.Context, number, reason string) (Entry, bool, error) {
	var e Entry
	status, err := c.call(ctx, request{
		method: http.MethodPost, path: c.path("entries"), makes: true,
		body: map[string]string{"number": number, "reason": reason},
	}, &e)
	return e, status == http.StatusCreated, err
}

// Entry returns the entry of a number, or [ErrNotFound].
func (c *Client) Entry(ctx context.Context, number string) (Entry, error) {
	var e Entry
	_, err := c.call(ctx, request{method: http.MethodGet, path: c.path("entries", number)}, &e)
	return e, err
}

// Edit is a change of an entry. A nil field stays as it is.
type Edit struct {
	Number *string `json:"number,omitempty"`
	Reason *string `json:"reason,omitempty"`
}

// Edit changes the number or the reason of an entry. It returns [ErrConflict]
// where the new number is listed already.
func (c *Client) Edit(ctx context.Context, number string, e Edit) (Entry, error) {
	var edited Entry
	_, err := c.call(ctx, request{
		method: http.MethodPatch, path: c.path("entries", number), body: e,
	}, &edited)
	return edited, err
}

// Remove takes a number off the list, which makes it callable again. It
// returns [ErrNotFound] for a number that is not listed.
func (c *Client) Remove(ctx context.Context, number string) error {
	_, err := c.call(ctx, request{
		method: http.MethodDelete, path: c.path("entries", number),
	}, nil)
	return err
}

// Entries returns one page of the list.
func (c *Client) Entries(ctx context.Context, q EntryQuery) (Page[Entry], error) {
	return page[Entry](ctx, c, c.path("entries"), q.values())
}

// AllEntries gives every entry that q asks for, page by page, from q.Cursor
// on. After an error it gives nothing more.
func (c *Client) AllEntries(ctx context.Context, q EntryQuery) iter.Seq2[Entry, error] {
	return all[Entry](ctx, c, c.path("entries"), q.values())
}

// Export writes the list to w as CSV, as it comes from the server: a header,
// then a line an entry, newest first. Of q it heeds Search and CreatedBy. Safe
// is for spreadsheets: no cell can be taken for a formula.
func (c *Client) Export(
	ctx context.Context, w io.Writer, q EntryQuery, safe bool,
) (written int64, err error) {
	query := values("search", q.Search, "created_by", q.CreatedBy)
	if safe {
		query.Set("safe", "true")
	}
	resp, err := c.send(ctx, request{
		method: http.MethodGet, path: c.path("entries.csv"), query: query,
	})
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return io.Copy(w, resp.Body)
}

// values builds a query of names and values, without those that are empty.
func values(pairs ...string) url.Values {
	v := make(url.Values)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}

// number writes n, or nothing for 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// moment writes t, or nothing for the zero time.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func page[T any](
	ctx context.Context, c *Client, path string, query url.Values,
) (Page[T], error) {
	var p Page[T]
	_, err := c.call(ctx, request{method: http.MethodGet, path: path, query: query}, &p)
	return p, err
}

// all gives every item of a list, page by page.
func all[T any](
	ctx context.Context, c *Client, path string, query url.Values,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			p, err := page[T](ctx, c, path, query)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range p.Items {
				if !yield(item, nil) {
					return
				}
			}
			if p.NextCursor == nil || *p.NextCursor == "" {
				return
			}
			query.Set("cursor", *p.NextCursor)
		}
	}
}
