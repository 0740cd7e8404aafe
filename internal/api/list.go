package api

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// page is one page of a list.
type page[T any] struct {
	Items      []T     `json:"items" nullable:"false"`
	NextCursor *string `json:"next_cursor" doc:"Where the next page goes on; null after the last one"`
	Total      int     `json:"total" doc:"All that match, on every page"`
}

// Paging is how a page of a list is asked for.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"Items on a page"`
	Cursor string `query:"cursor" maxLength:"1000" doc:"next_cursor of the page before"`
}

// cursor says where a page goes on, in one list, filter and order.
type cursor struct {
	List   string `json:"l"`           // hash of what was asked, without the page
	At     int64  `json:"t,omitempty"` // microseconds since 1970
	Number uint64 `json:"n,omitempty"`
	Name   string `json:"i,omitempty"` // or ID
	Place  int64  `json:"p,omitempty"` // or revision
}

// askedFor hashes what was asked of a list, so that a cursor is good for it
// alone.
func askedFor(parts ...string) string {
	h := fnv.New64a()
	for _, part := range parts {
		io.WriteString(h, strconv.Itoa(len(part))+" "+part) //nolint:errcheck // a hash takes all
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// String returns c as it is given out.
func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		return "" // a struct of numbers and strings
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readCursor reads a cursor that was given out for asked. Empty text is the
// zero cursor, of the first page.
func readCursor(text, asked string) (cursor, error) {
	if text == "" {
		return cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return cursor{}, at("query.cursor", errCursor)
	}
	var c cursor
	if err := json.Unmarshal(raw, &c); err != nil || c.List != asked || c.Place < 0 {
		return cursor{}, at("query.cursor", errCursor)
	}
	return c, nil
}

// next is the text of a cursor, or nil after the last page.
func next(more bool, c cursor) *string {
	if !more {
		return nil
	}
	text := c.String()
	return &text
}

// pageOf returns a page of a list that is short enough to be held whole, and
// is ordered by name.
func pageOf[T any](all []T, p Paging, asked string, name func(T) string) (page[T], error) {
	c, err := readCursor(p.Cursor, asked)
	if err != nil {
		return page[T]{}, err
	}
	begin := 0
	for begin < len(all) && c.Name != "" && name(all[begin]) <= c.Name {
		begin++
	}
	end := min(begin+p.Limit, len(all))
	out := page[T]{Items: append([]T{}, all[begin:end]...), Total: len(all)}
	if end < len(all) {
		out.NextCursor = next(true, cursor{List: asked, Name: name(all[end-1])})
	}
	return out, nil
}

// newestPage returns a page of a list that is short enough to be held whole, and
// is ordered by an ID that falls.
func newestPage[T any](
	all []T, p Paging, asked string, id func(T) string,
) (page[T], error) {
	c, err := readCursor(p.Cursor, asked)
	if err != nil {
		return page[T]{}, err
	}
	begin := 0
	for begin < len(all) && c.Name != "" && id(all[begin]) >= c.Name {
		begin++
	}
	end := min(begin+p.Limit, len(all))
	out := page[T]{Items: append([]T{}, all[begin:end]...), Total: len(all)}
	if end < len(all) {
		out.NextCursor = next(true, cursor{List: asked, Name: id(all[end-1])})
	}
	return out, nil
}

// sortedBy sorts a list by name or ID.
func sortedBy[T any](all []T, name func(T) string) []T {
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(name(a), name(b)) })
	return all
}

// mapped is a page of things as they are answered.
func mapped[T, U any](p page[T], as func(T) U) page[U] {
	out := page[U]{Items: make([]U, len(p.Items)), NextCursor: p.NextCursor, Total: p.Total}
	for i, item := range p.Items {
		out.Items[i] = as(item)
	}
	return out
}

// position is the place in a list of entries where a page goes on.
func (c cursor) position() dnc.Position {
	p := dnc.Position{Number: e164.FromUint64(c.Number)}
	if c.At != 0 {
		p.CreatedAt = time.UnixMicro(c.At).UTC()
	}
	return p
}
