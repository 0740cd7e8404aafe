package web

import (
	"context"
	"time"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Campaigns keeps campaigns and their contacts.
type Campaigns interface {
	AddCampaign(ctx context.Context, c campaign.Campaign) error
	Campaign(ctx context.Context, env dnc.Environment, id string) (campaign.Campaign, error)
	Campaigns(ctx context.Context, env dnc.Environment) ([]campaign.Campaign, error)
	ChangeCampaign(
		ctx context.Context, env dnc.Environment, id string,
		change func(*campaign.Campaign) error,
	) (campaign.Campaign, error)
	RemoveCampaign(ctx context.Context, env dnc.Environment, id string) error

	AddContacts(
		ctx context.Context, env dnc.Environment, id string, contacts []campaign.Contact,
	) (accepted int, duplicates []e164.Number, err error)
	Contacts(
		ctx context.Context, env dnc.Environment, id string, q campaign.ContactQuery,
	) (campaign.ContactPage, error)
	ActiveContacts(
		ctx context.Context, env dnc.Environment, id string,
	) ([]campaign.Contact, error)
	NextDue(ctx context.Context, env dnc.Environment, id string) (time.Time, bool, error)
	Progress(ctx context.Context, env dnc.Environment, id string) (campaign.Progress, error)
}

// runner starts, pauses or finishes a campaign.
type runner func(
	ctx context.Context, env dnc.Environment, id, by string,
) (campaign.Campaign, error)

// campaignRoutes are of campaigns.
func (s *Server) campaignRoutes() []route {
	const one = "/e/{environment}/campaigns/{id}"
	window := func() section { return new(windowForm) }
	flow := func() section { return new(flowForm) }
	return []route{
		{"GET /e/{environment}/campaigns", access.Viewer, s.campaigns},
		{"POST /e/{environment}/campaigns", access.Member, s.addCampaign},
		{"GET /e/{environment}/campaigns/new", access.Member, s.newCampaign},
		{"GET " + one, access.Viewer, s.monitor},
		{"GET " + one + "/report", access.Viewer, s.report},
		{"GET " + one + "/edit", access.Member, s.editCampaignForm},
		{"POST " + one + "/edit", access.Member, s.editCampaign},
		{"GET " + one + "/delete", access.Member, s.removeCampaignForm},
		{"POST " + one + "/delete", access.Member, s.removeCampaign},

		{"GET " + one + "/window", access.Viewer, s.ask("window", window)},
		{"POST " + one + "/window", access.Member, s.save("window", window)},
		{"GET " + one + "/flow", access.Viewer, s.ask("flow", flow)},
		{"POST " + one + "/flow", access.Member, s.save("flow", flow)},
		{"GET " + one + "/numbers", access.Viewer, s.reachSection(s.ask)},
		{"POST " + one + "/numbers", access.Member, s.reachSection(s.save)},
		{"GET " + one + "/contacts", access.Viewer, s.contacts},
		{"POST " + one + "/contacts", access.Member, s.addContact},
		{"GET " + one + "/contacts/new", access.Member, s.newContact},
		{"POST " + one + "/contacts/read", access.Member, s.readImport},
		{"POST " + one + "/contacts/import", access.Member, s.addImport},
		{"GET " + one + "/start", access.Viewer, s.startPage},
		{"POST " + one + "/start", access.Member, s.run("is running.", s.Dialer.StartCampaign)},
		{"POST " + one + "/pause", access.Member, s.run("is paused.", s.Dialer.PauseCampaign)},
		{"POST " + one + "/finish", access.Member, s.run("is finished.", s.Dialer.FinishCampaign)},
	}
}

// outfitRoutes are of what calls are made with: providers, numbers, agents and
// recordings.
func (s *Server) outfitRoutes() []route {
	const in = "/e/{environment}"
	return []route{
		{"GET " + in + "/providers", access.Viewer, s.providers},
		{"POST " + in + "/providers", access.Admin, s.addTrunk},
		{"GET " + in + "/providers/new", access.Admin, s.newTrunk},
		{"GET " + in + "/providers/{name}/edit", access.Admin, s.editTrunkForm},
		{"POST " + in + "/providers/{name}/edit", access.Admin, s.editTrunk},
		{"GET " + in + "/providers/{name}/delete", access.Admin, s.removeTrunkForm},
		{"POST " + in + "/providers/{name}/delete", access.Admin, s.removeTrunk},
		{"POST " + in + "/providers/{name}/test", access.Member, s.testTrunk},
		{"GET " + in + "/providers/{name}/call", access.Member, s.testCallForm},
		{"POST " + in + "/providers/{name}/call", access.Member, s.testCall},

		{"GET " + in + "/numbers", access.Viewer, s.numbers},
		{"POST " + in + "/numbers", access.Admin, s.addNumber},
		{"GET " + in + "/numbers/new", access.Admin, s.newNumber},
		{"GET " + in + "/numbers/pacing", access.Admin, s.pacingDialog},
		{"POST " + in + "/numbers/pacing", access.Admin, s.setPacing},
		{"GET " + in + "/numbers/{number}/edit", access.Admin, s.editNumberForm},
		{"POST " + in + "/numbers/{number}/edit", access.Admin, s.editNumber},
		{"GET " + in + "/numbers/{number}/delete", access.Admin, s.removeNumberForm},
		{"POST " + in + "/numbers/{number}/delete", access.Admin, s.removeNumber},

		{"GET " + in + "/agents", access.Viewer, s.agents},
		{"POST " + in + "/agents", access.Member, s.addAgent},
		{"GET " + in + "/agents/new", access.Member, s.newAgent},
		{"GET " + in + "/agents/{name}/edit", access.Member, s.editAgentForm},
		{"POST " + in + "/agents/{name}/edit", access.Member, s.editAgent},
		{"GET " + in + "/agents/{name}/delete", access.Member, s.removeAgentForm},
		{"POST " + in + "/agents/{name}/delete", access.Member, s.removeAgent},

		{"GET " + in + "/recordings/new", access.Member, s.newRecording},
		{"POST " + in + "/recordings", access.Member, s.addRecording},
		{"GET " + in + "/recordings/{id}/audio.wav", access.Viewer, s.hearRecording},
		{"GET " + in + "/recordings/{id}/delete", access.Member, s.removeRecordingForm},
		{"POST " + in + "/recordings/{id}/delete", access.Member, s.removeRecording},
	}
}
