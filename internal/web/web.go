// Package web is the page: what people see and do in a browser.
//
// Pages are whole. A script takes from a page what changed, so that nothing is
// rendered in two ways; dialogs are small pages of their own. The package
// carries what is asked for to the list, the dialer and the store and shows
// what they say. It decides nothing about calls.
package web

import (
	"context"
	"io"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"nocall/internal/access"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/imports"
	"nocall/internal/index"
	"nocall/internal/listen"
	"nocall/internal/registry"
	"nocall/internal/scrub"
	"nocall/internal/voice"
)

// Store is what the page reads and changes beside the list itself.
type Store interface {
	Worlds(ctx context.Context) ([]dnc.World, error)
	AddWorld(ctx context.Context, w dnc.World, by string) (dnc.World, error)
	ChangeWorld(
		ctx context.Context, env dnc.Environment, by string, change func(*dnc.Settings) error,
	) (dnc.World, error)
	RemoveWorld(ctx context.Context, env dnc.Environment, by string) error

	Trail(ctx context.Context, env dnc.Environment, q dnc.TrailQuery) (dnc.TrailPage, error)

	Calls(ctx context.Context, env dnc.Environment, q voice.CallQuery) (voice.CallPage, error)
	Call(ctx context.Context, env dnc.Environment, id string) (voice.Call, error)
	Findings(
		ctx context.Context, env dnc.Environment, q voice.FindingQuery,
	) (voice.FindingPage, error)
	OpenReviews(ctx context.Context, env dnc.Environment) (int, error)
	CallCounts(ctx context.Context, env dnc.Environment, since time.Time) (voice.Counts, error)

	Campaigns
	ListImports
	voice.Outfit
}

// DefaultPlatform is the name shown for entries that the system added.
const DefaultPlatform = "Fluents"

// Limits of a form, and of one with a file in it.
const (
	bodyLimit = 64 << 10 // bytes
	bodyTime  = 15 * time.Second
	fileLimit = 64 << 20
	fileTime  = 5 * time.Minute
)

// Server serves the page. Its exported fields are set once, before Handler.
type Server struct {
	List     *dnc.List
	Index    *index.Index
	Dialer   *dialer.Dialer
	Listener *listen.Listener // takes in reviews, and hears words that are tried
	Access   *access.Access
	Store    Store
	Log      *slog.Logger
	Platform string // "" for DefaultPlatform
	Secure   bool   // cookies go over HTTPS only
	Version  string

	// Tapes keeps the sound of calls; nil where none is recorded.
	Tapes voice.Tapes
	// Imports puts files of numbers on the list.
	Imports *imports.Imports
	// Scrubs keeps what scrubs have found.
	Scrubs scrub.Results
	// Registries keeps the lists that others keep, and Intake takes in their files.
	Registries *registry.Keeper
	Intake     registry.Intake
	// Ears says whether what contacts say on calls of trunks is heard.
	Ears bool
	// TrunksChanged is told of every change of a trunk; nil for nobody.
	TrunksChanged func()
	// TestTrunk asks a trunk whether it is there; nil where no node speaks SIP.
	TestTrunk func(ctx context.Context, env dnc.Environment, name string) (voice.TrunkTest, error)
	// ReadWAV reads a WAV file to G.711 mu-law at 8,000 samples a second.
	ReadWAV func(r io.Reader) ([]byte, error)

	static  *static
	pages   pages
	streams streams
}

// Handler returns the handler of every path of the page. It is called once.
func (s *Server) Handler() http.Handler {
	if s.Platform == "" {
		s.Platform = DefaultPlatform
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	s.static = readStatic()
	s.pages = readPages(s.static.path, s.Platform)

	mux := http.NewServeMux()
	mux.Handle("GET "+s.static.path, s.static)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.static.path+"logo.svg", http.StatusFound)
	})
	for _, route := range s.routes() {
		mux.Handle(route.pattern, s.serve(route))
	}
	mux.HandleFunc("GET /e/{environment}/live", s.live)
	return http.NewCrossOriginProtection().Handler(limited(guarded(mux)))
}

// A route is one thing that can be asked of the page, and the role it needs.
type route struct {
	pattern string
	needs   access.Role // "" for everybody, signed in or not
	do      action
}

func (s *Server) routes() []route {
	return slices.Concat(s.listRoutes(), s.importRoutes(), s.scrubRoutes(), s.registryRoutes(),
		s.reviewRoutes(), s.campaignRoutes(), s.outfitRoutes(), s.serverRoutes())
}

// listRoutes are of the list, the calls, and the frame around them.
func (s *Server) listRoutes() []route {
	return []route{
		{"GET /sign-in", "", s.signInForm},
		{"POST /sign-in", "", s.signIn},
		{"POST /sign-out", "", s.signOut},
		{"GET /{$}", access.Viewer, s.home},
		{"/", access.Viewer, notFound},

		{"GET /e/{environment}", access.Viewer, s.environmentHome},
		{"GET /e/{environment}/overview", access.Viewer, s.overview},
		{"POST /e/{environment}/demo", access.Member, s.runDemo},

		{"GET /e/{environment}/dnc-list", access.Viewer, s.entries},
		{"POST /e/{environment}/dnc-list", access.Member, s.addEntry},
		{"GET /e/{environment}/dnc-list/new", access.Member, s.newEntry},
		{"GET /e/{environment}/dnc-list/{number}", access.Viewer, s.trail},
		{"GET /e/{environment}/dnc-list/{number}/edit", access.Member, s.editEntryForm},
		{"POST /e/{environment}/dnc-list/{number}/edit", access.Member, s.editEntry},
		{"GET /e/{environment}/dnc-list/{number}/delete", access.Member, s.removeEntryForm},
		{"POST /e/{environment}/dnc-list/{number}/delete", access.Member, s.removeEntry},
		{"GET /e/{environment}/check-number", access.Viewer, s.checkNumber},

		{"GET /e/{environment}/call-history", access.Viewer, s.calls},
		{"GET /e/{environment}/call-history.csv", access.Viewer, s.exportCalls},
		{"GET /e/{environment}/call-history/{id}", access.Viewer, s.call},
		{"GET /e/{environment}/call-history/{id}/recording.wav", access.Viewer, s.hearCall},
		{"GET /e/{environment}/call-history/{id}/delete", access.Admin, s.eraseCallForm},
		{"POST /e/{environment}/call-history/{id}/delete", access.Admin, s.eraseCall},
	}
}

// serverRoutes are of environments, their settings and keys, and of users.
func (s *Server) serverRoutes() []route {
	return []route{
		{"GET /e/{environment}/settings", access.Admin, s.settings},
		{"POST /e/{environment}/settings", access.Admin, s.changeSettings},
		{"GET /e/{environment}/delete", access.Admin, s.removeWorldForm},
		{"POST /e/{environment}/delete", access.Admin, s.removeWorld},
		{"GET /e/{environment}/keys/new", access.Admin, s.newKey},
		{"POST /e/{environment}/keys", access.Admin, s.addKey},
		{"GET /e/{environment}/keys/{id}/revoke", access.Admin, s.removeKeyForm},
		{"POST /e/{environment}/keys/{id}/revoke", access.Admin, s.removeKey},

		{"GET /environments", access.Admin, s.worlds},
		{"GET /environments/new", access.Admin, s.newWorld},
		{"POST /environments", access.Admin, s.addWorld},
		{"GET /users", access.Admin, s.users},
		{"GET /users/new", access.Admin, s.newUser},
		{"POST /users", access.Admin, s.addUser},
		{"GET /users/{name}/password", access.Admin, s.passwordForm},
		{"POST /users/{name}/password", access.Admin, s.setPassword},
		{"GET /users/{name}/delete", access.Admin, s.removeUserForm},
		{"POST /users/{name}/delete", access.Admin, s.removeUser},
	}
}

// limited bounds what a request may send.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limit, most := int64(bodyLimit), bodyTime
		switch {
		case takesFile(r.URL.Path):
			limit, most = fileLimit, fileTime
		case readsFile(r.URL.Path):
			limit = math.MaxInt64 // it is read bit by bit, and none of it is kept in memory
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			//nolint:errcheck // a reader without deadlines reads all the same
			http.NewResponseController(w).SetReadDeadline(time.Now().Add(most))
		}
		next.ServeHTTP(w, r)
	})
}

// readsFile reports whether a form with a file of any size is sent to a path.
func readsFile(path string) bool {
	for _, end := range []string{"/scrub", "/registry-import", "/imports", "/imports/read"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// takesFile reports whether a form with a file in it is sent to a path. Whoever
// sends it is known before the file is read.
func takesFile(path string) bool {
	for _, end := range []string{"/contacts/read", "/contacts/import", "/recordings"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}

// policy lets a page load what this server gives, and nothing else. The images
// in the style sheet of basecoat are data.
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"media-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// guarded tells the browser what it must not do.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}
