package web

import (
	"maps"
	"net/url"
	"strings"
)

// pageSize is how many entries or calls stand on a page.
const pageSize = 50

// maxPages is how far one can page on. Beyond it a search is the better way.
const maxPages = 500

// paging says where a page stands among the others, and the way to its
// neighbours. The address of a page carries where each page before it ended,
// so that one comes back to the very same pages.
type paging struct {
	Total    int
	Page     int
	Pages    int
	Previous string // "" on the first page
	Next     string // "" on the last page
	One      string // what is counted
	Many     string
}

// endings returns where the pages before the one asked for ended.
func endings(v *visit) []string {
	after := v.FormValue("after")
	if after == "" {
		return nil
	}
	return strings.Split(after, "~")
}

// lastEnding returns where the page before the one asked for ended; "" for the
// first page.
func lastEnding(v *visit) string {
	ends := endings(v)
	if len(ends) == 0 {
		return ""
	}
	return ends[len(ends)-1]
}

// newPaging returns the paging of the page that v asks for, which ends at end;
// "" for the last page.
func newPaging(v *visit, total int, end string) paging {
	ends := endings(v)
	p := paging{
		Total: total, Page: len(ends) + 1, Pages: max(1, (total+pageSize-1)/pageSize),
		One: "number", Many: "numbers",
	}
	p.Pages = max(p.Pages, p.Page)
	if len(ends) > 0 {
		p.Previous = pageAt(v, ends[:len(ends)-1])
	}
	if end != "" && p.Page < maxPages {
		p.Next = pageAt(v, append(ends, end))
	}
	return p
}

// pageAt returns the address of the page after those that ended at ends.
func pageAt(v *visit, ends []string) string {
	return with(v, "after", strings.Join(ends, "~"))
}

// with returns the address of v with one parameter set, or left out for "".
func with(v *visit, name, value string) string {
	query := maps.Clone(v.URL.Query())
	query.Del(name)
	if value != "" {
		query.Set(name, value)
	}
	return (&url.URL{Path: v.URL.Path, RawQuery: query.Encode()}).String()
}
