package web

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// entriesPage is what the page DNC List shows.
type entriesPage struct {
	Search    string
	CreatedBy dnc.CreatedBy
	Order     dnc.Order
	Entries   []dnc.Entry
	Paging    paging
	Unready   bool
	Letters   bool // the search has letters in it, which no number has
	Filtered  bool
	Whole     e164.Number // what is searched for, when it is a whole number
	Export    string      // the list with the same search and filter, as CSV
	ByNumber  sorting
	ByDate    sorting
}

// sorting is one head of a column by which the list can be sorted.
type sorting struct {
	Label string
	ID    string
	Aria  string // ascending, descending or none
	Link  string // to the list sorted by it, or the other way round
}

func (s *Server) entries(v *visit) (answer, error) {
	page := entriesPage{
		Search:    strings.TrimSpace(v.FormValue("search")),
		CreatedBy: createdBy(v.FormValue("created_by")),
		Order:     order(v.FormValue("sort")),
	}
	page.Filtered = page.Search != "" || page.CreatedBy != ""
	page.Export = exportPath(v.env(), page)
	page.ByNumber = sorting{Label: "Phone Number", ID: "sort-number"}.
		of(v, page.Order, dnc.NumberUp, dnc.NumberDown)
	page.ByDate = sorting{Label: "Date Added", ID: "sort-date"}.
		of(v, page.Order, dnc.OldestFirst, dnc.NewestFirst)
	page.Whole, _ = e164.ParseLoose(page.Search, v.world.Settings.DefaultRegion)

	part, ok := dnc.Digits(page.Search)
	page.Letters = !ok
	if page.Letters {
		return show("entries", "DNC List", page), nil
	}
	found, err := s.List.Search(v.Context(), v.env(), dnc.Query{
		Part: part, CreatedBy: page.CreatedBy, Order: page.Order,
		After: position(lastEnding(v)), Limit: pageSize,
	})
	if err != nil && !errors.Is(err, dnc.ErrUnready) {
		return answer{}, err
	}
	page.Unready = err != nil
	page.Entries = found.Entries
	page.Paging = newPaging(v, found.Total, positionText(found.Next))
	return show("entries", "DNC List", page), nil
}

// of completes a sorting: its link sorts by it, the usual way round first.
func (s sorting) of(v *visit, now, up, down dnc.Order) sorting {
	next := up
	switch now {
	case up:
		s.Aria, next = "ascending", down
	case down:
		s.Aria = "descending"
	default:
		s.Aria = "none"
		if up == dnc.OldestFirst {
			next = down
		}
	}
	query := v.URL.Query()
	query.Del("after")
	query.Set("sort", string(next))
	s.Link = "?" + query.Encode()
	return s
}

func createdBy(text string) dnc.CreatedBy {
	switch by := dnc.CreatedBy(text); by {
	case dnc.User, dnc.System:
		return by
	}
	return ""
}

func order(text string) dnc.Order {
	switch o := dnc.Order(text); o {
	case dnc.OldestFirst, dnc.NumberUp, dnc.NumberDown:
		return o
	}
	return dnc.NewestFirst
}

// exportPath returns where the API gives the list with the same search and
// filter.
func exportPath(env dnc.Environment, page entriesPage) string {
	query := make(url.Values)
	if page.Search != "" {
		query.Set("search", page.Search)
	}
	if page.CreatedBy != "" {
		query.Set("created_by", string(page.CreatedBy))
	}
	path := url.URL{Path: "/v1/environments/" + string(env) + "/entries.csv"}
	path.RawQuery = query.Encode()
	return path.String()
}

// Safe returns the path of the export whose cells no spreadsheet takes for
// formulas.
func (p entriesPage) Safe() string {
	if strings.Contains(p.Export, "?") {
		return p.Export + "&safe=true"
	}
	return p.Export + "?safe=true"
}

// positionText writes a position for an address.
func positionText(p dnc.Position) string {
	if p.IsZero() {
		return ""
	}
	micro := int64(0)
	if !p.CreatedAt.IsZero() {
		micro = p.CreatedAt.UnixMicro()
	}
	return strconv.FormatInt(micro, 36) + "." + strconv.FormatUint(p.Number.Uint64(), 36)
}

// position reads what positionText wrote. Anything else is the first page.
func position(text string) dnc.Position {
	at, digits, _ := strings.Cut(text, ".")
	micro, err1 := strconv.ParseInt(at, 36, 64)
	value, err2 := strconv.ParseUint(digits, 36, 64)
	if err1 != nil || err2 != nil {
		return dnc.Position{}
	}
	n, err := e164.ParsePlain(strconv.FormatUint(value, 10))
	if err != nil {
		return dnc.Position{}
	}
	p := dnc.Position{Number: n}
	if micro != 0 {
		p.CreatedAt = time.UnixMicro(micro).UTC()
	}
	return p
}

// number returns the number that the path names.
func (v *visit) number() (e164.Number, error) {
	n, err := e164.ParsePlain(v.PathValue("number"))
	if err != nil {
		return e164.Number{}, errNotFound
	}
	return n, nil
}
