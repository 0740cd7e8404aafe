package web

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// callsPage is what the page Call History shows.
type callsPage struct {
	Number       string
	Direction    voice.Direction
	Disposition  campaign.Disposition
	OptOut       string // "", yes or no
	Words        string
	Dispositions []campaign.Disposition // to choose from
	Calls        []voice.Call
	Paging       paging
	Letters      bool // the number searched for has letters in it
	Filtered     bool
}

func (s *Server) calls(v *visit) (answer, error) {
	page := callsPage{
		Number:       strings.TrimSpace(v.FormValue("number")),
		Direction:    voice.Direction(v.FormValue("direction")),
		Disposition:  campaign.Disposition(v.FormValue("disposition")),
		OptOut:       v.FormValue("opt_out"),
		Words:        strings.TrimSpace(v.FormValue("q")),
		Dispositions: campaign.Dispositions(),
	}
	page.Filtered = page.Number != "" || page.Direction != "" || page.Disposition != "" ||
		page.OptOut != "" || page.Words != ""
	part, ok := dnc.Digits(page.Number)
	page.Letters = !ok
	if page.Letters {
		return show("calls", "Call History", page), nil
	}
	query := voice.CallQuery{
		Part: part, Direction: page.Direction, Disposition: page.Disposition,
		Words: page.Words, After: lastEnding(v), Limit: pageSize,
	}
	if page.OptOut == "yes" || page.OptOut == "no" {
		query.OptOut = new(page.OptOut == "yes")
	}
	found, err := s.Store.Calls(v.Context(), v.env(), query)
	page.Calls = found.Calls
	page.Paging = newPaging(v, found.Total, found.Next)
	page.Paging.One, page.Paging.Many = "call", "calls"
	return show("calls", "Call History", page), err
}

// callPage is what the page of one call shows.
type callPage struct {
	Call   voice.Call
	Lines  []line
	Listed bool // the contact's number is on the list now
	Entry  dnc.Entry
}

// line is one line of a conversation: a turn, or an opt-out without a word.
type line struct {
	voice.Turn
	Parts  []part
	Signal *voice.Finding
	OptOut bool
}

// part is a piece of what was said.
type part struct {
	Text   string
	Marked bool // it decided that the contact opted out
}

// FromContact reports whether the contact spoke.
func (l line) FromContact() bool { return l.Speaker == optout.Contact }

func (s *Server) call(v *visit) (answer, error) {
	call, err := s.Store.Call(v.Context(), v.env(), v.PathValue("id"))
	if err != nil {
		return answer{}, err
	}
	page := callPage{Call: call, Lines: lines(call)}
	title := "Call with withheld number"
	if !call.Number.IsZero() {
		title = "Call with " + call.Number.String()
		page.Entry, err = s.List.Entry(v.Context(), v.env(), call.Number)
		if err != nil && !errors.Is(err, dnc.ErrNotListed) {
			return answer{}, err
		}
		page.Listed = err == nil
	}
	return show("call", title, page), nil
}

// lines returns the conversation of a call, with the deciding words marked,
// and the keys and signals where they came.
func lines(c voice.Call) []line {
	var all []line
	silent := slices.DeleteFunc(slices.Clone(c.Findings), func(f voice.Finding) bool {
		return f.Channel == voice.Speech
	})
	for _, turn := range c.Turns {
		for len(silent) > 0 && silent[0].Turn <= turn.Index {
			all = append(all, line{Signal: &silent[0], OptOut: true})
			silent = silent[1:]
		}
		parts, marked := mark(turn, c.Findings)
		all = append(all, line{Turn: turn, Parts: parts, OptOut: marked})
	}
	for i := range silent {
		all = append(all, line{Signal: &silent[i], OptOut: true})
	}
	return all
}

// mark splits the text of a turn at the words that decided.
func mark(turn voice.Turn, findings []voice.Finding) (parts []part, marked bool) {
	here := slices.DeleteFunc(slices.Clone(findings), func(f voice.Finding) bool {
		return f.Channel != voice.Speech || f.Turn != turn.Index ||
			f.Start < 0 || f.End > len(turn.Text) || f.Start >= f.End
	})
	slices.SortFunc(here, func(a, b voice.Finding) int { return cmp.Compare(a.Start, b.Start) })
	at := 0
	for _, f := range here {
		if f.Start < at {
			continue // within the words marked already
		}
		parts = append(parts, part{Text: turn.Text[at:f.Start]})
		parts = append(parts, part{Text: turn.Text[f.Start:f.End], Marked: true})
		at = f.End
	}
	return append(parts, part{Text: turn.Text[at:]}), at > 0
}
