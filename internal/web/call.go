package web

import (
	"errors"
	"slices"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// callPage is what the page of one call shows.
type callPage struct {
	Call   voice.Call
	Lines  []line
	Times  []moment
	Listed bool // the contact's number is on the list now
	Entry  dnc.Entry
	Deaf   bool   // nobody listens to it
	Of     string // what its campaign is called; "" where it has none, or had

	Recorded bool // its sound is kept
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
	page := callPage{
		Call: call, Lines: lines(call), Times: timeline(call),
		Deaf:     s.deaf(call.Provider) && call.Disposition != campaign.Skipped && !heard(call),
		Recorded: s.recorded(call),
	}
	if page.Of, err = s.campaignName(v, call.CampaignID); err != nil {
		return answer{}, err
	}
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

// heard reports whether anything that the contact said was heard.
func heard(c voice.Call) bool {
	return slices.ContainsFunc(c.Turns, func(t voice.Turn) bool {
		return t.Speaker == optout.Contact
	})
}

// campaignName returns what a campaign is called; "" for one that is not there.
func (s *Server) campaignName(v *visit, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	c, err := s.Store.Campaign(v.Context(), v.env(), id)
	if errors.Is(err, campaign.ErrNoCampaign) {
		return "", nil
	}
	return c.Name, err
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
