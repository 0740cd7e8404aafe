package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
)

// Preview is what a campaign would do if it were started now.
type Preview struct {
	Contacts    int          `json:"contacts" doc:"All of the campaign"`
	Listed      int          `json:"listed" doc:"On the do-not-call list now: they will be skipped"`
	NoTimezone  int          `json:"no_timezone" doc:"Whose zone is not known, nor a fallback: they wait for ever"`
	FirstCallAt *time.Time   `json:"first_call_at" doc:"When the first call may go out; null for never"`
	Heard       bool         `json:"heard" doc:"Whether what contacts say is listened to; otherwise only keys and the answer 607 opt out"`
	Problems    []FieldError `json:"problems" nullable:"false" doc:"What keeps it from starting"`
}

// inCampaign is the location of fields of a campaign that is there already.
const inCampaign = "campaign."

func (s *Server) runRoutes() []operation {
	problems := []string{"not-found", "no-environment", "conflict"}
	return []operation{
		described(route{
			method: http.MethodPost, path: campaignPath + "/start", id: "startCampaign",
			tag: "campaigns", summary: "Start a campaign, or go on with it", role: access.Member,
			makes: makesOnce,
			text: "What is missing is answered with 409 not-ready, field by field. A finished " +
				"campaign goes on with the contacts that were added since.",
			problems: append([]string{"not-ready", "unready"}, problems...),
		}, s.startCampaign),
		described(route{
			method: http.MethodPost, path: campaignPath + "/pause", id: "pauseCampaign",
			tag: "campaigns", summary: "Pause a campaign", role: access.Member, makes: makesOnce,
			text:     "No attempt begins any more. Calls that go on end by themselves.",
			problems: problems,
		}, s.pauseCampaign),
		described(route{
			method: http.MethodPost, path: campaignPath + "/finish", id: "finishCampaign",
			tag: "campaigns", summary: "Finish a campaign", role: access.Member, makes: makesOnce,
			text:     "No attempt begins any more, and who waits stays uncalled.",
			problems: problems,
		}, s.finishCampaign),
		described(route{
			method: http.MethodGet, path: campaignPath + "/preview", id: "previewCampaign",
			tag: "campaigns", summary: "What a campaign would do if it were started now",
			role: access.Viewer, problems: []string{"not-found", "no-environment", "unready"},
		}, s.previewCampaign),
		plain(progressRoute, (*desk).progress, describeProgress),
	}
}

func (s *Server) startCampaign(ctx context.Context, in *OfCampaign) (*oneCampaign, error) {
	return s.ran(s.Dialer.StartCampaign(ctx, in.Environment, in.ID, asker(ctx).Name))
}

func (s *Server) pauseCampaign(ctx context.Context, in *OfCampaign) (*oneCampaign, error) {
	return s.ran(s.Dialer.PauseCampaign(ctx, in.Environment, in.ID, asker(ctx).Name))
}

func (s *Server) finishCampaign(ctx context.Context, in *OfCampaign) (*oneCampaign, error) {
	return s.ran(s.Dialer.FinishCampaign(ctx, in.Environment, in.ID, asker(ctx).Name))
}

// ran answers with a campaign that was started or stopped.
func (s *Server) ran(c campaign.Campaign, err error) (*oneCampaign, error) {
	if missing, ok := errors.AsType[dialer.NotReady](err); ok {
		return nil, &fieldErrors{errNotReady, fieldsOf(inCampaign, missing.Problems)}
	}
	if err != nil {
		return nil, err
	}
	return &oneCampaign{s.campaignOf(c)}, nil
}

type onePreview struct{ Body Preview }

func (s *Server) previewCampaign(ctx context.Context, in *OfCampaign) (*onePreview, error) {
	c, err := s.Store.Campaign(ctx, in.Environment, in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.Dialer.Preview(ctx, in.Environment, in.ID)
	if err != nil {
		return nil, err
	}
	return &onePreview{Preview{
		p.Total, p.Listed, p.NoZone, timeOrNil(p.FirstCallAt), s.hears(c),
		fieldsOf(inCampaign, p.Problems),
	}}, nil
}

// hears reports whether what the contacts of a campaign say is listened to.
func (s *Server) hears(c campaign.Campaign) bool {
	return c.OptOutDetection && (s.Ears || c.Provider == dialer.Simulator)
}

// campaignHere returns the campaign that the path of a request names.
func (s *Server) campaignHere(r *http.Request) (campaign.Campaign, error) {
	env := dnc.Environment(r.PathValue("environment"))
	return s.Store.Campaign(r.Context(), env, r.PathValue("id"))
}
