package api

import (
	"context"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

const (
	entriesPath = "/v1/environments/{environment}/entries"
	entryPath   = entriesPath + "/{number}"
	entryPlace  = entriesPath + "/{}number"
)

// Entry is an entry as it is answered.
type Entry struct {
	Number      string        `json:"number" example:"+14155550123"`
	CreatedBy   dnc.CreatedBy `json:"created_by" enum:"user,system"`
	Reason      string        `json:"reason" example:"Requested removal via email"`
	CreatedAt   time.Time     `json:"created_at"`
	UpdatedAt   time.Time     `json:"updated_at"`
	User        *string       `json:"user" doc:"Who added it, a user or a key; null for system"`
	CallID      *string       `json:"call_id" doc:"The call in which the opt-out was heard; null for user"`
	ImportID    *string       `json:"import_id" doc:"The import that put it on the list and that it is undone with; null for none"`
	Provisional bool          `json:"provisional" doc:"Heard in words that can be meant either way, and not yet reviewed by a person; in force all the same"`
}

func entryOf(e dnc.Entry) Entry {
	return Entry{
		Number: e.Number.String(), CreatedBy: e.CreatedBy, Reason: e.Reason,
		CreatedAt: e.CreatedAt.UTC(), UpdatedAt: e.UpdatedAt.UTC(),
		User: orNil(e.User), CallID: orNil(e.CallID), Provisional: e.Provisional,
		ImportID: orNil(e.Import),
	}
}

// InEnvironment is the environment in the path of a request.
type InEnvironment struct {
	Environment dnc.Environment `path:"environment" doc:"Name of the environment" example:"sandbox"`
}

// OfNumber is the path of one entry.
type OfNumber struct {
	InEnvironment
	Number string `path:"number" doc:"E.164, with or without +" example:"14155550123"`
}

type oneEntry struct{ Body Entry }

func (s *Server) entryRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: entriesPath, id: "listEntries", tag: "entries",
			summary: "List and search entries", role: access.Viewer,
			text: "Search takes a part or all of a number in any punctuation. What no number " +
				"can contain finds nothing.",
			problems: []string{"malformed", "invalid", "no-environment", "unready"},
		}, s.listEntries),
		described(route{
			method: http.MethodPost, path: entriesPath, id: "addEntry", tag: "entries",
			summary: "Add a number to the list", role: access.Member, status: http.StatusCreated,
			text: "When it is answered the entry is durable and in force: no call to the number " +
				"starts any more, and ringing ones are recalled. A number that is listed already " +
				"keeps its entry, which is answered with 200.",
			makes: makesEntry, place: entryPlace, problems: []string{"no-environment", "number"},
		}, s.addEntry),
		described(route{
			method: http.MethodGet, path: entryPath, id: "getEntry", tag: "entries",
			summary: "One entry", role: access.Viewer,
			problems: []string{"no-environment", "not-listed", "number"},
		}, s.getEntry),
		described(route{
			method: http.MethodPatch, path: entryPath, id: "editEntry", tag: "entries",
			summary: "Edit the number or the reason of an entry", role: access.Member,
			text:     "created_by and created_at stay. A reason of null or \"\" is none.",
			problems: []string{"no-environment", "not-listed", "listed", "number"},
		}, s.editEntry),
		described(route{
			method: http.MethodDelete, path: entryPath, id: "removeEntry", tag: "entries",
			summary: "Remove a number from the list", role: access.Member,
			status: http.StatusNoContent, text: "The number may be called again.",
			problems: []string{"no-environment", "not-listed", "number", "invalid"},
		}, s.removeEntry),
		plain(exportRoute, (*desk).exportEntries, describeExport),
	}
}

type entryQuery struct {
	InEnvironment
	Paging
	Search    string        `query:"search" maxLength:"100" doc:"Part or all of a number" example:"(415) 555"`
	CreatedBy dnc.CreatedBy `query:"created_by" enum:"user,system" doc:"Who put it on the list"`
	Sort      dnc.Order     `query:"sort" enum:"-created_at,created_at,number,-number" default:"-created_at"`
}

type entryPage struct{ Body page[Entry] }

func (s *Server) listEntries(ctx context.Context, in *entryQuery) (*entryPage, error) {
	digits, possible := dnc.Digits(in.Search)
	asked := askedFor("entries", string(in.Environment), digits, string(in.CreatedBy),
		string(in.Sort))
	c, err := readCursor(in.Cursor, asked)
	if err != nil {
		return nil, err
	}
	found, err := s.List.Search(ctx, in.Environment, dnc.Query{
		Part: digits, CreatedBy: in.CreatedBy, Order: in.Sort,
		After: c.position(), Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	if !possible {
		found = dnc.Page{}
	}
	out := &entryPage{Body: page[Entry]{Items: []Entry{}, Total: found.Total}}
	for _, e := range found.Entries {
		out.Body.Items = append(out.Body.Items, entryOf(e))
	}
	after := cursor{List: asked, Number: found.Next.Number.Uint64()}
	if !found.Next.CreatedAt.IsZero() {
		after.At = found.Next.CreatedAt.UnixMicro()
	}
	out.Body.NextCursor = next(!found.Next.IsZero(), after)
	return out, nil
}

type newEntry struct {
	InEnvironment
	Body struct {
		Number string  `json:"number" maxLength:"200" example:"+14155550123"`
		Reason *string `json:"reason,omitempty" nullable:"true" doc:"At most 500 characters"`
	}
}

type addedEntry struct {
	Status   int
	Location string `header:"Location"`
	Body     Entry
}

func (s *Server) addEntry(ctx context.Context, in *newEntry) (*addedEntry, error) {
	n, err := s.number(ctx, in.Environment, "body.number", in.Body.Number)
	if err != nil {
		return nil, err
	}
	e := dnc.Entry{
		Environment: in.Environment, Number: n, CreatedBy: dnc.User,
		User: asker(ctx).Name, CreatedAt: now(),
	}
	if in.Body.Reason != nil {
		e.Reason = *in.Body.Reason
	}
	e, added, err := s.List.Add(ctx, e)
	if err != nil {
		return nil, reasonError(err)
	}
	out := &addedEntry{
		Status: http.StatusOK, Body: entryOf(e),
		Location: placeOf(entryPlace, in.Environment, e.Number.String()),
	}
	if added {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (s *Server) getEntry(ctx context.Context, in *OfNumber) (*oneEntry, error) {
	n, err := s.plainNumber(ctx, in.Environment, "path.number", in.Number)
	if err != nil {
		return nil, err
	}
	e, err := s.List.Entry(ctx, in.Environment, n)
	if err != nil {
		return nil, err
	}
	return &oneEntry{entryOf(e)}, nil
}

type changedEntry struct {
	OfNumber
	Body struct {
		Number *string          `json:"number,omitempty" maxLength:"200" nullable:"false"`
		Reason optional[string] `json:"reason,omitempty"`
	}
}

func (s *Server) editEntry(ctx context.Context, in *changedEntry) (*oneEntry, error) {
	n, err := s.plainNumber(ctx, in.Environment, "path.number", in.Number)
	if err != nil {
		return nil, err
	}
	edit := dnc.Edit{Environment: in.Environment, Number: n, By: asker(ctx).Name, At: now()}
	if in.Body.Number != nil {
		to, err := s.number(ctx, in.Environment, "body.number", *in.Body.Number)
		if err != nil {
			return nil, err
		}
		if to != n {
			edit.NewNumber = &to
		}
	}
	if in.Body.Reason.Set {
		edit.NewReason = &in.Body.Reason.Value
	}
	if edit.NewNumber == nil && edit.NewReason == nil {
		return s.getEntry(ctx, &in.OfNumber)
	}
	e, err := s.List.Edit(ctx, edit)
	if err != nil {
		return nil, reasonError(err)
	}
	return &oneEntry{entryOf(e)}, nil
}

type removal struct {
	OfNumber
	Reason string `query:"reason" doc:"Why, for the trail; at most 500 characters"`
}

func (s *Server) removeEntry(ctx context.Context, in *removal) (*struct{}, error) {
	n, err := s.plainNumber(ctx, in.Environment, "path.number", in.Number)
	if err != nil {
		return nil, err
	}
	return nil, s.List.Remove(ctx, dnc.Removal{
		Environment: in.Environment, Number: n, Reason: in.Reason,
		By: asker(ctx).Name, At: now(),
	})
}
