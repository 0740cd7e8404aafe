// Package dialer places calls: it asks the list, last of all, and gives the
// clearance to a provider, or to a platform that dials by itself.
//
// A call is written down before it is placed. A listed number leads to a
// skipped call in the history, and nothing reaches a provider.
package dialer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// Names of the providers that are always there.
const (
	Simulator = voice.Simulator
	External  = voice.External
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

	// Starts returns when calls began that providers placed since a time and
	// that showed a number, in order.
	Starts(
		ctx context.Context, env dnc.Environment, callerID e164.Number, since time.Time,
	) ([]voice.Start, error)
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

// Worlds knows the environments and their settings.
type Worlds interface {
	World(ctx context.Context, env dnc.Environment) (dnc.World, error)
	Worlds(ctx context.Context) ([]dnc.World, error)
}

// Agents knows what calls are made with.
type Agents interface {
	Agent(ctx context.Context, env dnc.Environment, name string) (voice.Agent, error)
	Numbers(ctx context.Context, env dnc.Environment) ([]voice.OwnNumber, error)
	Trunk(ctx context.Context, env dnc.Environment, name string) (voice.Trunk, error)
	Recording(ctx context.Context, env dnc.Environment, id string) (voice.Recording, error)
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
	Ended(ctx context.Context, env dnc.Environment, callID string) (voice.Call, error)
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
	Agents    Agents
	Campaigns Campaigns
	Node      string // the name of this node, the same after a restart
	Log       *slog.Logger

	waking sync.Once // makes since
	since  time.Time // no call of ours is older

	running   sync.WaitGroup // calls
	tending   sync.WaitGroup // runners
	attention nudge          // for Run
	called    atomic.Bool    // whether Run is to look which campaigns run
	unsettled atomic.Bool    // whether an end could not be written down

	mu      sync.Mutex // guards following; the list is not called under it
	closed  bool
	active  map[string]context.CancelCauseFunc // calls that end with us, by ID
	counts  map[tally]int                      // how many of them there are, in several ways
	shown   map[tally]*shown                   // when they began, of numbers whose pace asks
	carried map[string]carried                 // calls that platforms carry, by ID
	runners map[campaignKey]*runner            // campaigns that are being called
	trouble map[campaignKey]error              // why the dialer paused campaigns
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
	Agent       string      // the name of who speaks; "" for the provider's own
	Detection   *bool       // nil for the environment's setting
	CampaignID  string
	By          string // the user or key that asks
}

// placing is a call, and what it is placed with.
type placing struct {
	call     voice.Call
	provider voice.Provider
	agent    voice.Agent // its OptOutKey is the one of the call
	record   bool        // whether its sound is kept
	consent  string      // the ID of what is played before that
	trial    *trial      // follows a test call; nil for others
}

// Place has one call placed and returns it without waiting for its end. For a
// number that is listed, or that a registry does not clear, it returns the skipped
// call together with [dnc.ErrListed] or [dnc.ErrRegistered]. It returns
// [dnc.ErrUnready], [dnc.ErrNoEnvironment], [ErrNoProvider],
// [voice.ErrNoAgent], [voice.ErrCallerID], [ErrTooManyCalls], [ErrPaced] or
// [ErrClosed] and no call where none is kept.
func (d *Dialer) Place(ctx context.Context, r Request) (voice.Call, error) {
	if r.Provider == "" {
		r.Provider = Simulator
	}
	agent, err := d.agent(ctx, r.Environment, r.Agent)
	if err != nil {
		return voice.Call{}, err
	}
	p := placing{agent: agent}
	if err := d.record(ctx, r, &p); err != nil {
		return voice.Call{}, err
	}
	return d.place(ctx, r, p)
}

// record has a single call recorded as the calls of the campaign are that it
// names, if it is one of ours.
func (d *Dialer) record(ctx context.Context, r Request, p *placing) error {
	if r.CampaignID == "" || d.Campaigns == nil {
		return nil
	}
	c, err := d.Campaigns.Campaign(ctx, r.Environment, r.CampaignID)
	if errors.Is(err, campaign.ErrNoCampaign) {
		return nil
	}
	p.record, p.consent = c.Record, c.Consent
	return err
}

// place is Place for what is placed with more than r says.
func (d *Dialer) place(ctx context.Context, r Request, p placing) (voice.Call, error) {
	var ok bool
	if p.provider, ok = d.Providers.Provider(r.Environment, r.Provider); !ok {
		return voice.Call{}, fmt.Errorf("%w %q", ErrNoProvider, r.Provider)
	}
	if err := d.mayShow(ctx, r); err != nil {
		return voice.Call{}, err
	}
	call, limits, err := d.prepare(ctx, r)
	if err != nil {
		return call, err
	}
	p.call = call
	if limits.pace, err = d.paceOf(ctx, call); err != nil {
		return voice.Call{}, err
	}
	placed, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	if err := d.begin(call, cancel, limits); err != nil {
		cancel(err)
		return voice.Call{}, err
	}
	if err := d.Calls.AddCall(ctx, call); err != nil {
		cancel(err)
		d.notShown(call)
		d.done(call)
		return voice.Call{}, err
	}
	d.List.Bell.Ring(call.Environment)
	go func() {
		defer d.done(call)
		defer cancel(nil)
		end := d.run(placed, cancel, p)
		d.takeBack(end.call)
		p.trial.ended(end)
	}()
	return call, nil
}

// agent returns the agent with a name, the zero Agent for none.
func (d *Dialer) agent(
	ctx context.Context, env dnc.Environment, name string,
) (voice.Agent, error) {
	if name == "" {
		return voice.Agent{}, nil
	}
	a, err := d.Agents.Agent(ctx, env, name)
	if err != nil {
		return voice.Agent{}, fmt.Errorf("agent %q: %w", name, err)
	}
	return a, nil
}

// prepare makes the call that r asks for and says how many there may be at
// once. A number that is not clear gets a skipped call, kept, and dnc.ErrListed or
// dnc.ErrRegistered.
func (d *Dialer) prepare(ctx context.Context, r Request) (voice.Call, room, error) {
	call, limits, err := d.newCall(ctx, r, voice.Outbound)
	if err != nil {
		return voice.Call{}, room{}, err
	}
	a, err := d.List.Verdict(r.Environment, r.Number, call.StartedAt)
	if err != nil {
		return voice.Call{}, room{}, err
	}
	if why := a.Err(); why != nil {
		call, err = d.skip(ctx, call, why)
	}
	return call, limits, err
}

// skipReason returns the reason for which a call is skipped that the list refused
// with err; "" for an error that is no such refusal.
func skipReason(err error) campaign.SkipReason {
	switch {
	case errors.Is(err, dnc.ErrListed):
		return campaign.SkipDNC
	case errors.Is(err, dnc.ErrRegistered):
		return campaign.SkipRegistry
	}
	return ""
}

// newCall makes a call as r and the settings of its environment say, and says
// how many there may be at once.
func (d *Dialer) newCall(
	ctx context.Context, r Request, direction voice.Direction,
) (voice.Call, room, error) {
	limits, settings, err := d.limits(ctx, r.Environment, r.Provider)
	if err != nil {
		return voice.Call{}, room{}, err
	}
	d.wake()
	at := now()
	call := voice.Call{
		ID: voice.NewID(at), Environment: r.Environment, Direction: direction,
		Number: r.Number, CallerID: r.CallerID, Provider: r.Provider,
		CampaignID: r.CampaignID, Status: voice.Queued, By: r.By, StartedAt: at,
		OptOutDetection: settings.OptOutDetection,
	}
	if r.Detection != nil {
		call.OptOutDetection = *r.Detection
	}
	if direction == voice.Outbound && call.CallerID.IsZero() {
		call.CallerID = limits.callerID
	}
	return call, limits, nil
}

// limits returns how many calls there may be at once in env and over a
// provider, and the settings of env.
func (d *Dialer) limits(
	ctx context.Context, env dnc.Environment, provider string,
) (room, dnc.Settings, error) {
	world, err := d.Worlds.World(ctx, env)
	if err != nil {
		return room{}, dnc.Settings{}, err
	}
	limits := room{environment: world.Settings.MaxConcurrentCalls}
	if provider == Simulator || provider == External || d.Agents == nil {
		return limits, world.Settings, nil
	}
	trunk, err := d.Agents.Trunk(ctx, env, provider)
	if err != nil && !errors.Is(err, voice.ErrNoProvider) {
		return room{}, dnc.Settings{}, err
	}
	limits.provider, limits.callerID = trunk.MaxCalls, trunk.CallerID
	return limits, world.Settings, nil
}

// skip keeps a call that is not placed, and returns why with it.
func (d *Dialer) skip(ctx context.Context, call voice.Call, why error) (voice.Call, error) {
	if err := call.Skip(campaign.Skipped, skipReason(why), now()); err != nil {
		return voice.Call{}, err
	}
	if err := d.Calls.AddCall(ctx, call); err != nil {
		return voice.Call{}, err
	}
	d.List.Bell.Ring(call.Environment)
	return call, why
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
	call = d.heardOut(call)
	d.List.Bell.Ring(env)
	return call, nil
}

func now() time.Time { return whole(time.Now()) }

// whole returns t as times are kept: UTC, whole microseconds.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
