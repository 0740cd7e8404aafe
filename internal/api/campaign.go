package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

const (
	campaignsPath = "/v1/environments/{environment}/campaigns"
	campaignPath  = campaignsPath + "/{id}"
	campaignPlace = campaignsPath + "/{}id"
)

// Campaign is a campaign as it is answered.
type Campaign struct {
	ID              string         `json:"id"`
	Name            string         `json:"name"`
	Description     string         `json:"description"`
	State           campaign.State `json:"state" enum:"draft,running,paused,finished"`
	Provider        string         `json:"provider"`
	Agent           *string        `json:"agent" doc:"Who speaks; null for the provider's own"`
	CallerIDs       []string       `json:"caller_ids" nullable:"false" doc:"Shown to contacts, in turns"`
	CallerTag       *string        `json:"caller_tag" doc:"Our numbers with this tag are shown too"`
	Window          *Window        `json:"window" doc:"When contacts may be called; null for at any time"`
	Flow            []Step         `json:"flow" nullable:"false" doc:"Phone steps, in order"`
	Retry           Retry          `json:"retry"`
	Exit            Exit           `json:"exit"`
	Pace            Pace           `json:"pace"`
	OptOutDetection bool           `json:"opt_out_detection"`
	OptOutKey       *string        `json:"opt_out_key" doc:"The key that opts out"`
	Record          bool           `json:"record" doc:"Whether the sound of its calls over trunks is kept"`
	Consent         *string        `json:"consent" doc:"ID of the recording that tells contacts so before"`
	Trouble         *string        `json:"trouble" doc:"Why it was paused without being asked: its provider is out of order"`
	By              string         `json:"by" doc:"The user or key that made it"`
	CreatedAt       time.Time      `json:"created_at"`
	UpdatedAt       time.Time      `json:"updated_at"`
	StartedAt       *time.Time     `json:"started_at" doc:"For the first time"`
	FinishedAt      *time.Time     `json:"finished_at"`
}

func (s *Server) campaignOf(c campaign.Campaign) Campaign {
	out := Campaign{
		ID: c.ID, Name: c.Name, Description: c.Description, State: c.State, Provider: c.Provider,
		Agent: orNil(c.Agent), CallerIDs: texts(c.CallerIDs), CallerTag: orNil(c.CallerTag),
		Window: windowOf(c.Window), Flow: []Step{}, Retry: retryOf(c.Retry),
		Exit:            Exit{c.Exit.AnyAnswer, c.Exit.MaxAttempts},
		Pace:            Pace{c.Pace.Calls, c.Pace.PerSecond, c.Pace.PerCallerID},
		OptOutDetection: c.OptOutDetection, OptOutKey: orNil(c.OptOutKey),
		Record: c.Record, Consent: orNil(c.Consent),
		By: c.By, CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC(),
		StartedAt: timeOrNil(c.StartedAt), FinishedAt: timeOrNil(c.FinishedAt),
	}
	if err := s.Dialer.Trouble(c.Environment, c.ID); err != nil {
		out.Trouble = orNil(plainWords(err))
	}
	for _, step := range c.Flow {
		out.Flow = append(out.Flow, Step{spoken(step.Delay), orNil(step.Agent)})
	}
	return out
}

// texts writes numbers.
func texts(numbers []e164.Number) []string {
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = n.String()
	}
	return out
}

// OfCampaign is the path of one campaign.
type OfCampaign struct {
	InEnvironment
	ID string `path:"id" maxLength:"100" doc:"ID of the campaign"`
}

type oneCampaign struct{ Body Campaign }

func (s *Server) campaignRoutes() []operation {
	return []operation{
		described(route{
			method: http.MethodGet, path: campaignsPath, id: "listCampaigns", tag: "campaigns",
			summary: "Campaigns, newest first", role: access.Viewer,
			problems: []string{"malformed", "invalid", "no-environment"},
		}, s.listCampaigns),
		described(route{
			method: http.MethodPost, path: campaignsPath, id: "addCampaign", tag: "campaigns",
			summary: "Make a campaign", role: access.Member, status: http.StatusCreated,
			makes: makesOnce, place: campaignPlace, text: addCampaignText,
			problems: []string{"no-environment", "number"},
		}, s.addCampaign),
		described(route{
			method: http.MethodGet, path: campaignPath, id: "getCampaign", tag: "campaigns",
			summary: "One campaign", role: access.Viewer,
			problems: []string{"not-found", "no-environment"},
		}, s.getCampaign),
		described(route{
			method: http.MethodPatch, path: campaignPath, id: "changeCampaign", tag: "campaigns",
			summary: "Change a campaign", role: access.Member,
			text: "What is not named stays as it is; an object or a list that is named takes the " +
				"place of the whole one that was there. While it runs only name, description " +
				"and pace may be changed: pause it for the rest, and it is looked at as a whole " +
				"when it is started again.",
			problems: []string{"not-found", "no-environment", "number", "conflict"},
		}, s.changeCampaign),
		described(route{
			method: http.MethodDelete, path: campaignPath, id: "removeCampaign", tag: "campaigns",
			summary: "Remove a campaign with its contacts", role: access.Member,
			status:   http.StatusNoContent,
			text:     "Its calls stay in the history. One that runs is to be paused first.",
			problems: []string{"not-found", "no-environment", "conflict"},
		}, s.removeCampaign),
	}
}

const addCampaignText = "It is a draft until it is started. name and provider are enough to make " +
	"it; what else is left out is as usual: one step, one attempt, key 9 opts out, opt-outs are " +
	"listened for as the environment says. A window of null is at any time, which the provider " +
	"simulator alone may do. Delays are durations such as 30m or 4h."

type campaignPage struct{ Body page[Campaign] }

func (s *Server) listCampaigns(ctx context.Context, in *struct {
	InEnvironment
	Paging
	State campaign.State `query:"state" enum:"draft,running,paused,finished"`
},
) (*campaignPage, error) {
	if _, err := s.Store.World(ctx, in.Environment); err != nil {
		return nil, err
	}
	all, err := s.Store.Campaigns(ctx, in.Environment)
	if err != nil {
		return nil, err
	}
	seen := make([]campaign.Campaign, 0, len(all))
	for _, c := range all {
		if in.State == "" || c.State == in.State {
			seen = append(seen, c)
		}
	}
	asked := askedFor("campaigns", string(in.Environment), string(in.State))
	found, err := newestPage(seen, in.Paging, asked,
		func(c campaign.Campaign) string { return c.ID })
	if err != nil {
		return nil, err
	}
	return &campaignPage{mapped(found, s.campaignOf)}, nil
}

func (s *Server) getCampaign(ctx context.Context, in *OfCampaign) (*oneCampaign, error) {
	c, err := s.Store.Campaign(ctx, in.Environment, in.ID)
	if err != nil {
		return nil, err
	}
	return &oneCampaign{s.campaignOf(c)}, nil
}

type campaignAsked struct {
	InEnvironment
	Body struct {
		Name     string `json:"name" doc:"1 to 100 characters" example:"Q2 warm leads"`
		Provider string `json:"provider" maxLength:"100" example:"simulator"`
		CampaignSettings
	}
}

type addedCampaign struct {
	Location string `header:"Location"`
	Body     Campaign
}

func (s *Server) addCampaign(ctx context.Context, in *campaignAsked) (*addedCampaign, error) {
	world, err := s.Store.World(ctx, in.Environment)
	if err != nil {
		return nil, err
	}
	made := now()
	c := campaign.Campaign{
		ID: voice.NewID(made), Environment: in.Environment,
		Name: in.Body.Name, State: campaign.Draft,
		OptOutDetection: world.Settings.OptOutDetection, OptOutKey: usualKey,
		By: asker(ctx).Name, CreatedAt: made, UpdatedAt: made,
	}
	change, err := s.settle(ctx, in.Environment, &in.Body.Provider, &in.Body.CampaignSettings)
	if err != nil {
		return nil, err
	}
	if err := change(&c); err != nil {
		return nil, err
	}
	if err := s.Store.AddCampaign(ctx, c); err != nil {
		return nil, err
	}
	s.List.Bell.Ring(c.Environment)
	return &addedCampaign{placeOf(campaignPlace, c.Environment, c.ID), s.campaignOf(c)}, nil
}

type changedCampaign struct {
	OfCampaign
	Body struct {
		Name     *string `json:"name,omitempty" nullable:"false"`
		Provider *string `json:"provider,omitempty" maxLength:"100" nullable:"false"`
		CampaignSettings
	}
}

func (s *Server) changeCampaign(ctx context.Context, in *changedCampaign) (*oneCampaign, error) {
	change, err := s.settle(ctx, in.Environment, in.Body.Provider, &in.Body.CampaignSettings)
	if err != nil {
		return nil, err
	}
	c, err := s.Store.ChangeCampaign(ctx, in.Environment, in.ID, func(c *campaign.Campaign) error {
		pausing := in.Body.Provider != nil || !in.Body.harmless()
		if c.State == campaign.Running && pausing {
			return fmt.Errorf("%w: pause it first", campaign.ErrState)
		}
		give(&c.Name, in.Body.Name)
		c.UpdatedAt = now()
		return change(c)
	})
	if err != nil {
		return nil, err
	}
	s.Dialer.Wake(c.Environment, c.ID)
	s.List.Bell.Ring(c.Environment)
	return &oneCampaign{s.campaignOf(c)}, nil
}

func (s *Server) removeCampaign(ctx context.Context, in *OfCampaign) (*struct{}, error) {
	err := s.Store.RemoveCampaign(ctx, in.Environment, in.ID)
	if err == nil {
		s.List.Bell.Ring(in.Environment)
	}
	return nil, err
}
