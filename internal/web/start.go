package web

import (
	"errors"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
)

// startForm is what the section Start and overview shows.
type startForm struct {
	Preview dialer.Preview
	Unready bool // the list is not ready, so that nothing is known of it
	Missing []missing
	Agent   string // who speaks
}

// missing is something that keeps a campaign from starting, and where to mend
// it.
type missing struct {
	Detail string
	At     string // the section; "" for the dialog of name and description
	Title  string
}

func (s *Server) startPage(v *visit) (answer, error) {
	c, err := s.campaignHere(v)
	if err != nil {
		return answer{}, err
	}
	var form startForm
	if c.State == campaign.Running {
		return redirect(v.in("/campaigns/" + c.ID)), nil
	}
	form.Preview, err = s.Dialer.Preview(v.Context(), v.env(), c.ID)
	if form.Unready = errors.Is(err, dnc.ErrUnready); err != nil && !form.Unready {
		return answer{}, err
	}
	form.Missing = missingOf(form.Preview.Problems)
	page, err := s.wizardPage(v, c, "start", form)
	return show("campaign-start", c.Name, page), err
}

func missingOf(all []campaign.Problem) []missing {
	var found []missing
	for _, p := range all {
		m := missing{At: sectionOf(p.Field), Detail: spoken(p.Detail)}
		for _, section := range sections {
			if section.at == m.At {
				m.Title = section.title
			}
		}
		found = append(found, m)
	}
	return found
}

// run returns the action that starts, pauses or finishes a campaign.
func (s *Server) run(said string, do runner) action {
	return func(v *visit) (answer, error) {
		c, err := do(v.Context(), v.env(), v.PathValue("id"), v.who.Name)
		if _, ok := errors.AsType[dialer.NotReady](err); ok {
			return redirect(v.in("/campaigns/" + v.PathValue("id") + "/start")), nil
		}
		if err != nil {
			return answer{}, err
		}
		s.List.Bell.Ring(v.env())
		return done(c.Name+" "+said, v.in("/campaigns/"+c.ID)), nil
	}
}
