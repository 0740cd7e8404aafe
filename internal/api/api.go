// Package api is the door for programs: the JSON API, described by the OpenAPI
// document that it serves itself.
//
// It carries and does not decide: a handler reads what was asked, asks one word
// or work of the house, and gives back a value or an error. One table, in
// problem.go, says what an error means in HTTP.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"nocall/internal/access"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/listen"
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
	Log      *slog.Logger
	Ready    func() error // nil when every list is read and current
	Metrics  http.Handler // answers /metrics; nil for none

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

// History gives what happened in an environment: entries, trail and calls.
type History interface {
	EachEntry(ctx context.Context, env dnc.Environment, fn func(dnc.Entry) error) error
	Trail(ctx context.Context, env dnc.Environment, q dnc.TrailQuery) (dnc.TrailPage, error)
	Calls(ctx context.Context, env dnc.Environment, q voice.CallQuery) (voice.CallPage, error)
	Call(ctx context.Context, env dnc.Environment, id string) (voice.Call, error)
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
		s.environmentRoutes(), s.entryRoutes(), s.eventRoutes(), s.checkRoutes(),
		s.callRoutes(), s.turnRoutes(), s.keyRoutes(), s.userRoutes(), s.healthRoutes(),
	} {
		all = append(all, noun...)
	}
	return all
}

// now returns the time as it is kept: UTC, whole microseconds.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
