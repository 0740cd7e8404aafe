// Package dialer places calls: it asks the list, last of all, and gives the
// clearance to a provider, or to a platform that dials by itself.
//
// A call is written down before it is placed. A listed number leads to a
// skipped call in the history, and nothing reaches a provider.
package dialer

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// Names of the providers that are always there.
const (
	Simulator = "simulator"
	External  = "external" // a platform that dials by itself, with a signed clearance
)

// Errors of the dialer.
var (
	ErrNoProvider   = errors.New("dialer: no such provider")
	ErrTooManyCalls = errors.New("dialer: as many calls as the environment allows at once")
	ErrClosed       = errors.New("dialer: shutting down, no calls are placed")
)

// Calls keeps the calls.
type Calls interface {
	AddCall(ctx context.Context, c voice.Call) error
	ChangeCall(
		ctx context.Context, env dnc.Environment, id string, change func(*voice.Call) error,
	) (voice.Call, error)
	OpenCalls(ctx context.Context) ([]voice.Call, error) // those that have not ended
}

// Providers knows the providers of environments.
type Providers interface {
	Provider(env dnc.Environment, name string) (voice.Provider, bool)
}

// Named are providers that every environment has, by name.
type Named map[string]voice.Provider

// Provider implements [Providers].
func (n Named) Provider(_ dnc.Environment, name string) (voice.Provider, bool) {
	p, ok := n[name]
	return p, ok
}

// Worlds knows the settings of environments.
type Worlds interface {
	World(ctx context.Context, env dnc.Environment) (dnc.World, error)
}

// Listener hears what happens on calls. See package listen.
type Listener interface {
	Turn(
		ctx context.Context, env dnc.Environment, callID string, t voice.Turn,
	) (voice.Heard, error)
	Keys(
		ctx context.Context, env dnc.Environment, callID string, keys voice.Keys,
	) (voice.Heard, error)
	Unwanted(
		ctx context.Context, env dnc.Environment, callID string, at time.Time,
	) (voice.Heard, error)
}

// Dialer places calls. Its exported fields are set once, before use; it may be
// used by many goroutines at once.
type Dialer struct {
	List      *dnc.List
	Calls     Calls
	Worlds    Worlds
	Listener  Listener
	Providers Providers
	Tokens    Tokens // for External
	Log       *slog.Logger

	running sync.WaitGroup

	mu      sync.Mutex // guards following; the list is not called under it
	closed  bool
	active  map[string]context.CancelCauseFunc // calls at providers, by ID
	counts  map[dnc.Environment]int            // how many of them each environment has
	carried map[string]carried                 // calls that platforms carry, by ID
}

// Why a call at a provider is cut off.
var (
	errRecalled = errors.New("number was listed")
	errHungUp   = errors.New("call was ended by request")
	errShutdown = errors.New("node shuts down")
	errPanicked = errors.New("provider panicked")
)

// Request asks for a call.
type Request struct {
	Environment dnc.Environment
	Number      e164.Number
	CallerID    e164.Number // zero for the provider's own
	Provider    string      // "" for Simulator
	Detection   *bool       // nil for the environment's setting
	CampaignID  string
	By          string // the user or key that asks
}

// Place has one call placed and returns it without waiting for its end. For a
// listed number it returns the skipped call together with [dnc.ErrListed]. It
// returns [dnc.ErrUnready], [dnc.ErrNoEnvironment], [ErrNoProvider],
// [ErrTooManyCalls] or [ErrClosed] and no call where none is kept.
func (d *Dialer) Place(ctx context.Context, r Request) (voice.Call, error) {
	if r.Provider == "" {
		r.Provider = Simulator
	}
	provider, ok := d.Providers.Provider(r.Environment, r.Provider)
	if !ok {
		return voice.Call{}, fmt.Errorf("%w %q", ErrNoProvider, r.Provider)
	}
	call, limit, err := d.prepare(ctx, r)
	if err != nil {
		return call, err
	}
	placed, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	if err := d.begin(call, cancel, limit); err != nil {
		cancel(err)
		return voice.Call{}, err
	}
	if err := d.Calls.AddCall(ctx, call); err != nil {
		cancel(err)
		d.done(call)
		return voice.Call{}, err
	}
	d.List.Bell.Ring(call.Environment)
	go func() {
		defer d.done(call)
		defer cancel(nil)
		d.run(placed, cancel, call, provider)
	}()
	return call, nil
}

// prepare makes the call that r asks for and says how many the environment
// allows at once. A listed number gets a skipped call, kept, and
// dnc.ErrListed.
func (d *Dialer) prepare(ctx context.Context, r Request) (call voice.Call, limit int, err error) {
	call, limit, err = d.newCall(ctx, r, voice.Outbound)
	if err != nil {
		return voice.Call{}, 0, err
	}
	listed, err := d.List.Check(r.Environment, r.Number)
	if err != nil {
		return voice.Call{}, 0, err
	}
	if listed {
		call, err = d.skip(ctx, call)
	}
	return call, limit, err
}

// newCall makes a call as r and the settings of its environment say.
func (d *Dialer) newCall(
	ctx context.Context, r Request, direction voice.Direction,
) (call voice.Call, limit int, err error) {
	world, err := d.Worlds.World(ctx, r.Environment)
	if err != nil {
		return voice.Call{}, 0, err
	}
	at := now()
	call = voice.Call{
		ID: newID(at), Environment: r.Environment, Direction: direction,
		Number: r.Number, CallerID: r.CallerID, Provider: r.Provider,
		CampaignID: r.CampaignID, Status: voice.Queued, By: r.By, StartedAt: at,
		OptOutDetection: world.Settings.OptOutDetection,
	}
	if r.Detection != nil {
		call.OptOutDetection = *r.Detection
	}
	return call, world.Settings.MaxConcurrentCalls, nil
}

// skip keeps a call that is not placed because its number is listed, and
// returns dnc.ErrListed with it.
func (d *Dialer) skip(ctx context.Context, call voice.Call) (voice.Call, error) {
	if err := call.Skip(campaign.Skipped, campaign.SkipDNC, now()); err != nil {
		return voice.Call{}, err
	}
	if err := d.Calls.AddCall(ctx, call); err != nil {
		return voice.Call{}, err
	}
	d.List.Bell.Ring(call.Environment)
	return call, dnc.ErrListed
}

// End ends a call as a platform or a person says: answered, busy, no_answer,
// refused or failed. A call at a provider is hung up. It returns
// [voice.ErrNoCall], [voice.ErrEnded] or [voice.ErrDisposition].
func (d *Dialer) End(
	ctx context.Context, env dnc.Environment, id string, how campaign.Disposition,
) (voice.Call, error) {
	switch how {
	case campaign.Answered, campaign.Busy, campaign.NoAnswer, campaign.Refused, campaign.Failed:
	default:
		return voice.Call{}, voice.ErrDisposition
	}
	ctx = context.WithoutCancel(ctx) // what is ended is hung up, whoever goes away
	call, err := d.Calls.ChangeCall(ctx, env, id, func(c *voice.Call) error {
		at := now()
		if how == campaign.Answered {
			c.Answer(at)
		}
		return c.End(how, at)
	})
	if err != nil {
		return voice.Call{}, err
	}
	d.mu.Lock()
	hangUp := d.active[id]
	d.mu.Unlock()
	if hangUp != nil {
		hangUp(errHungUp)
	}
	d.forget(id)
	d.List.Bell.Ring(env)
	return call, nil
}

// Active returns how many calls of env are at providers now.
func (d *Dialer) Active(env dnc.Environment) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts[env]
}

// begin counts a call in, or says why it may not begin.
func (d *Dialer) begin(c voice.Call, cancel context.CancelCauseFunc, limit int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	if d.counts[c.Environment] >= limit {
		return ErrTooManyCalls
	}
	if d.active == nil {
		d.active = make(map[string]context.CancelCauseFunc)
		d.counts = make(map[dnc.Environment]int)
	}
	d.active[c.ID] = cancel
	d.counts[c.Environment]++
	d.running.Add(1)
	return nil
}

func (d *Dialer) done(c voice.Call) {
	d.mu.Lock()
	delete(d.active, c.ID)
	d.counts[c.Environment]--
	d.mu.Unlock()
	d.running.Done()
}

func now() time.Time { return whole(time.Now()) }

// whole returns t as times are kept: UTC, whole microseconds.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// ids is Crockford's base 32, which sorts as the bytes do.
var ids = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newID returns an identifier for a call that sorts by its time: 56 bits of
// microseconds and 72 random ones.
func newID(at time.Time) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMicro())<<8)
	rand.Read(id[7:]) // never fails
	return ids.EncodeToString(id[:])
}
