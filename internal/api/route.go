package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

// smallBody is the greatest length of a request body unless a route says
// otherwise, in bytes.
const smallBody = 64 << 10

// route is one thing that can be asked: how, and by whom.
type route struct {
	method, path string
	id           string        // in the description
	tag          string        // the noun
	summary      string        // in a few words
	text         string        // what is to be known about it
	role         access.Role   // the least that may ask; "" for everybody
	status       int           // of success; 0 for 200
	makes        making        // whether an Idempotency-Key is honoured
	body         int64         // greatest length of a body; 0 for smallBody
	wait         time.Duration // how long a body may take to come in; 0 for bodyTime
	place        string        // path of what is made, then {} and the field that names it
	problems     []string      // that it may answer besides those that all may
}

func (rt route) bodyLimit() int64 { return cmp.Or(rt.body, smallBody) }

func (rt route) bodyWait() time.Duration { return cmp.Or(rt.wait, bodyTime) }

// making says what a route makes, for requests that carry an Idempotency-Key.
type making int

const (
	makesNothing making = iota // an Idempotency-Key means nothing
	makesOnce                  // something that must not be made twice
	makesEntry                 // an entry: made again, it is the same
	makesSecret                // something with a secret that is shown once and not kept
)

// operation is a route with what answers it.
type operation struct {
	route
	open func(d *desk) // puts it on the desk
}

// handler answers a request of one who may ask.
type handler func(w http.ResponseWriter, r *http.Request, id access.Identity)

// desk is where requests arrive: the routes of one Handler, their description
// and their limits.
type desk struct {
	*Server
	mux         *http.ServeMux
	api         huma.API
	opening     route // the route that is being put on the desk
	keys        *limits
	failures    *limits
	crossOrigin *http.CrossOriginProtection
	replies     replies
	checkers    sync.Pool    // of *checker, which have room for many numbers
	watching    atomic.Int64 // who wait for live progress
}

func newDesk(s *Server) *desk {
	rps := s.RequestsPerSecond
	if rps == 0 {
		rps = DefaultRequestsPerSecond
	}
	d := &desk{
		Server: s, mux: http.NewServeMux(),
		keys:        newLimits(rps, 2*rps),
		failures:    newLimits(failuresPerSecond, failuresAtOnce),
		crossOrigin: http.NewCrossOriginProtection(),
		replies:     replies{since: now()},
	}
	d.api = humago.New(entrance{d}, d.description())
	return d
}

// entrance is the mux that package huma sees.
type entrance struct{ *desk }

// HandleFunc implements humago.Mux.
func (e entrance) HandleFunc(pattern string, serve func(http.ResponseWriter, *http.Request)) {
	e.handle(func(w http.ResponseWriter, r *http.Request, id access.Identity) {
		serve(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
	})
}

// ServeHTTP implements humago.Mux.
func (e entrance) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.mux.ServeHTTP(w, r) }

// handle puts the route that is being opened on the mux.
func (d *desk) handle(h handler) {
	rt := d.opening
	if rt.makes != makesNothing {
		h = d.idempotent(rt, h)
	}
	d.mux.Handle(rt.method+" "+rt.path, d.guard(rt, h))
}

// described makes an operation of a method that takes and gives plain values.
func described[I, O any](
	rt route, answer func(ctx context.Context, in *I) (*O, error),
) operation {
	return operation{rt, func(d *desk) {
		d.opening = rt
		huma.Register(d.api, d.describe(rt), func(ctx context.Context, in *I) (*O, error) {
			out, err := answer(ctx, in)
			if err != nil {
				return nil, d.explain(ctx, err)
			}
			return out, nil
		})
	}}
}

// plain makes an operation that reads its request and writes its answer by
// itself. Describe completes its description.
func plain(
	rt route, answer func(d *desk) handler, describe func(d *desk, op *huma.Operation),
) operation {
	return operation{rt, func(d *desk) {
		d.opening = rt
		op := d.describe(rt)
		op.Responses[strconv.Itoa(op.DefaultStatus)] = &huma.Response{
			Description: http.StatusText(op.DefaultStatus),
		}
		describe(d, &op)
		d.api.OpenAPI().AddOperation(&op)
		d.handle(answer(d))
	}}
}

type identityKey struct{}

// asker returns who asks.
func asker(ctx context.Context) access.Identity {
	id, _ := ctx.Value(identityKey{}).(access.Identity)
	return id
}

// placeOf returns the path of what was made in env under name, from the place
// of a route.
func placeOf(place string, env dnc.Environment, name string) string {
	path, _, _ := strings.Cut(place, "{}")
	path = strings.ReplaceAll(path, "{environment}", string(env))
	return path + strings.ReplaceAll(url.PathEscape(name), "+", "%2B")
}
