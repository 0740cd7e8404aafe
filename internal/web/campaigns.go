package web

import (
	"errors"
	"net/http"
	"strings"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/voice"
)

// campaignsPage is the list of campaigns.
type campaignsPage struct {
	Rows []campaignRow
}

type campaignRow struct {
	campaign.Campaign
	Progress campaign.Progress
	Bar      stack
}

func (s *Server) campaigns(v *visit) (answer, error) {
	all, err := s.Store.Campaigns(v.Context(), v.env())
	if err != nil {
		return answer{}, err
	}
	var page campaignsPage
	for _, c := range all {
		progress, err := s.Store.Progress(v.Context(), v.env(), c.ID)
		if err != nil {
			return answer{}, err
		}
		page.Rows = append(page.Rows, campaignRow{c, progress, statesOf(progress)})
	}
	return show("campaigns", "Campaigns", page), nil
}

// campaignForm is a dialog about a campaign, as it was filled in.
type campaignForm struct {
	ID          string // "" for a new one
	Name        string
	Description string
	Wrong       problems
	Problem     string
}

func (s *Server) newCampaign(*visit) (answer, error) {
	return dialog("campaign-new", "Create campaign", campaignForm{}), nil
}

func (s *Server) addCampaign(v *visit) (answer, error) {
	form := readCampaignForm(v)
	c := freshCampaign(v, form)
	c.Normalize()
	form.Wrong = problemsAt(c.Problems(), "name", "description")
	if len(form.Wrong) > 0 {
		return dialog("campaign-new", "Create campaign", form).
			refused(http.StatusUnprocessableEntity), nil
	}
	if err := s.Store.AddCampaign(v.Context(), c); err != nil {
		return answer{}, err
	}
	s.List.Bell.Ring(v.env())
	return redirect(v.in("/campaigns/" + c.ID + "/window")), nil
}

func readCampaignForm(v *visit) campaignForm {
	return campaignForm{
		Name:        strings.TrimSpace(v.PostFormValue("name")),
		Description: strings.TrimSpace(v.PostFormValue("description")),
	}
}

// freshCampaign returns a campaign as it is made on the page: with usual hours,
// and, where only the simulator can carry it, that one.
func freshCampaign(v *visit, form campaignForm) campaign.Campaign {
	at := now()
	c := campaign.Campaign{
		ID: voice.NewID(at), Environment: v.env(), Name: form.Name, Description: form.Description,
		State: campaign.Draft, Window: usualWindow(),
		OptOutDetection: v.world.Settings.OptOutDetection, OptOutKey: "9",
		By: v.who.Name, CreatedAt: at, UpdatedAt: at,
	}
	if v.env() == dialer.Sandbox {
		c.Provider = dialer.Simulator
	}
	return c
}

func (s *Server) editCampaignForm(v *visit) (answer, error) {
	c, err := s.campaignHere(v)
	form := campaignForm{ID: c.ID, Name: c.Name, Description: c.Description}
	return dialog("campaign-edit", "Edit campaign", form), err
}

func (s *Server) editCampaign(v *visit) (answer, error) {
	form := readCampaignForm(v)
	form.ID = v.PathValue("id")
	c, err := s.Store.ChangeCampaign(v.Context(), v.env(), form.ID,
		func(c *campaign.Campaign) error {
			c.Name, c.Description, c.UpdatedAt = form.Name, form.Description, now()
			form.Wrong = problemsAt(c.Problems(), "name", "description")
			if len(form.Wrong) > 0 {
				return errNotSaved
			}
			return nil
		})
	if errors.Is(err, errNotSaved) {
		return dialog("campaign-edit", "Edit campaign", form).
			refused(http.StatusUnprocessableEntity), nil
	}
	s.List.Bell.Ring(v.env())
	return done("The campaign "+c.Name+" was changed.", v.in("/campaigns/"+c.ID)), err
}

func (s *Server) removeCampaignForm(v *visit) (answer, error) {
	c, err := s.campaignHere(v)
	return dialog("campaign-delete", "Delete campaign", campaignForm{ID: c.ID, Name: c.Name}), err
}

func (s *Server) removeCampaign(v *visit) (answer, error) {
	c, err := s.campaignHere(v)
	if err != nil {
		return answer{}, err
	}
	err = s.Store.RemoveCampaign(v.Context(), v.env(), c.ID)
	if errors.Is(err, campaign.ErrState) {
		return dialog("campaign-delete", "Delete campaign", campaignForm{
			ID: c.ID, Name: c.Name,
			Problem: "It is running, or calls of it go on. Pause it and wait for their end.",
		}).refused(http.StatusConflict), nil
	}
	if err != nil {
		return answer{}, err
	}
	s.List.Bell.Ring(v.env())
	return redirect(v.in("/campaigns")), nil
}

// campaignHere returns the campaign that the path names.
func (s *Server) campaignHere(v *visit) (campaign.Campaign, error) {
	return s.Store.Campaign(v.Context(), v.env(), v.PathValue("id"))
}

// campaignPage is what every page of one campaign is given.
type campaignPage struct {
	Campaign campaign.Campaign
	At       string        // the section or page, as in its path
	Steps    []wizardStep  // of the wizard
	Form     any           // of the section, as it was filled in
	Wrong    problems      // by field
	Deaf     bool          // nobody listens to its calls
	Trunks   []voice.Trunk // to choose from
	Agents   []voice.Agent

	Recordings []voice.Recording // likewise
}

// Locked reports whether the settings cannot be changed now.
func (p campaignPage) Locked() bool { return p.Campaign.State == campaign.Running }

// Begun reports whether the campaign has been started.
func (p campaignPage) Begun() bool { return p.Campaign.State != campaign.Draft }

// deaf reports whether calls of a provider are heard by nobody, so that only
// keypresses opt out. What platforms carry comes with its turns, and the
// simulator's contacts are heard.
func (s *Server) deaf(provider string) bool {
	return !s.Ears && provider != "" && provider != dialer.Simulator && provider != dialer.External
}
