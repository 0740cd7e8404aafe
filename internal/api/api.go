// Package api is the door for programs: the JSON API, described by the OpenAPI
// document that it serves itself.
//
// It carries and does not decide: a handler reads what was asked, asks one word
// or work of the house, and gives back a value or an error. One table, in
// problem.go, says what an error means in HTTP.
package api

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/imports"
	"nocall/internal/listen"
	"nocall/internal/registry"
	"nocall/internal/voice"
)

// DefaultRequestsPerSecond is how many requests one key or user is answered in
// a second, in the long run. For a moment it may be twice as many.
const DefaultRequestsPerSecond = 1000

// Server answers the API. Its fields are set once, before use.
type Server struct {
	List     *dnc.List
	Dialer   *dialer.Dialer
	Listener *listen.Listener
	Access   *access.Access
	Store    Store
	Imports  *imports.Imports
	Log      *slog.Logger
	Ready    func() error // nil when every list is read and current
	Metrics  http.Handler // answers /metrics; nil for none

	// TrunksChanged is told of every change of a trunk; nil for nobody.
	TrunksChanged func()
	// TestTrunk asks a trunk whether it is there; nil where no SIP is spoken.
	TestTrunk func(ctx context.Context, env dnc.Environment, name string) (voice.TrunkTest, error)
	// ReadWAV reads a WAV file to G.711 mu-law at 8,000 samples a second.
	ReadWAV func(r io.Reader) ([]byte, error)
	// Tapes keeps the sound of calls; nil where none is recorded.
	Tapes voice.Tapes
	// Registries keeps registries, and who subscribes to them; nil for none.
	Registries *registry.Keeper
	// Intake takes in their files.
	Intake registry.Intake
	// Ears says whether what contacts say on calls of trunks is heard.
	Ears bool

	RequestsPerSecond float64 // of one key or user; 0 for DefaultRequestsPerSecond
	Platform          string  // shown as Created By for entries that the system added
	Version           string

	regions regions
}

// Store keeps what the API reads and changes besides the list.
type Store interface {
	Worlds
	History
	Replies
	Campaigns
	KeptImports
	voice.Outfit
}

// KeptImports gives the imports of an environment. Methods that name one return
// dnc.ErrNoImport where there is none.
type KeptImports interface {
	Imports(ctx context.Context, env dnc.Environment, q dnc.ImportQuery) (dnc.ImportPage, error)
	Import(ctx context.Context, env dnc.Environment, id string) (dnc.Import, error)
}

// Worlds keeps the environments. Methods that name one return
// dnc.ErrNoEnvironment where there is none.
type Worlds interface {
	Worlds(ctx context.Context) ([]dnc.World, error) // by name
	World(ctx context.Context, env dnc.Environment) (dnc.World, error)
	AddWorld(ctx context.Context, w dnc.World, by string) (dnc.World, error)
	ChangeWorld(
		ctx context.Context, env dnc.Environment, by string, change func(*dnc.Settings) error,
	) (dnc.World, error)
	RemoveWorld(ctx context.Context, env dnc.Environment, by string) error
}

// History gives what happened in an environment: entries, trail, calls, and what
// was heard on them.
type History interface {
	EachEntry(ctx context.Context, env dnc.Environment, fn func(dnc.Entry) error) error
	Trail(ctx context.Context, env dnc.Environment, q dnc.TrailQuery) (dnc.TrailPage, error)
	Calls(ctx context.Context, env dnc.Environment, q voice.CallQuery) (voice.CallPage, error)
	Call(ctx context.Context, env dnc.Environment, id string) (voice.Call, error)

	Findings(
		ctx context.Context, env dnc.Environment, q voice.FindingQuery,
	) (voice.FindingPage, error)
	// OpenReviews counts the findings that wait for a person.
	OpenReviews(ctx context.Context, env dnc.Environment) (int, error)
}

// Replies keeps what was answered to requests with an Idempotency-Key.
type Replies interface {
	// ClaimReply keeps r, with status 0, and returns true; or it returns the
	// reply that was there, and false.
	ClaimReply(ctx context.Context, r access.Reply) (access.Reply, bool, error)
	SaveReply(ctx context.Context, r access.Reply) error
	DropReply(ctx context.Context, env dnc.Environment, key string) error
	RemoveRepliesBefore(ctx context.Context, t time.Time) error
}

// Campaigns keeps campaigns and their contacts.
type Campaigns interface {
	AddCampaign(ctx context.Context, c campaign.Campaign) error
	Campaign(ctx context.Context, env dnc.Environment, id string) (campaign.Campaign, error)
	// Campaigns returns those of an environment, newest first.
	Campaigns(ctx context.Context, env dnc.Environment) ([]campaign.Campaign, error)
	ChangeCampaign(
		ctx context.Context, env dnc.Environment, id string,
		change func(*campaign.Campaign) error,
	) (campaign.Campaign, error)
	RemoveCampaign(ctx context.Context, env dnc.Environment, id string) error

	// AddContacts adds all of contacts but those whose number is there, or none.
	AddContacts(
		ctx context.Context, env dnc.Environment, id string, contacts []campaign.Contact,
	) (accepted int, duplicates []e164.Number, err error)
	Contacts(
		ctx context.Context, env dnc.Environment, id string, q campaign.ContactQuery,
	) (campaign.ContactPage, error)
	Contact(
		ctx context.Context, env dnc.Environment, id, contactID string,
	) (campaign.Contact, error)
	Progress(ctx context.Context, env dnc.Environment, id string) (campaign.Progress, error)
}

// Handler returns every route of the API.
func (s *Server) Handler() http.Handler {
	d := newDesk(s)
	for _, op := range s.operations() {
		op.open(d)
	}
	d.openDocs()
	return d
}

// operations lists every route, noun by noun.
func (s *Server) operations() []operation {
	var all []operation
	for _, noun := range [][]operation{
		s.environmentRoutes(), s.entryRoutes(), s.importRoutes(), s.eventRoutes(), s.checkRoutes(),
		s.scrubRoutes(), s.callRoutes(), s.tapeRoutes(), s.turnRoutes(), s.findingRoutes(),
		s.detectRoutes(),
		s.campaignRoutes(), s.contactRoutes(), s.runRoutes(),
		s.providerRoutes(), s.numberRoutes(), s.agentRoutes(), s.recordingRoutes(),
		s.registryRoutes(), s.exemptionRoutes(),
		s.keyRoutes(), s.userRoutes(), s.healthRoutes(),
	} {
		all = append(all, noun...)
	}
	return all
}

// now returns the time as it is kept: UTC, whole microseconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
