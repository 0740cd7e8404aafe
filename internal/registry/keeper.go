package registry

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/pages"
)

// Store keeps what is to be known of registries where it outlives the program.
type Store interface {
	// Registries returns all registries, by name.
	Registries(ctx context.Context) ([]Registry, error)
	// SaveRegistry adds a registry, or changes how one is set up. The version in
	// force stays.
	SaveRegistry(ctx context.Context, r Registry) error
	// RemoveRegistry removes a registry with its versions.
	RemoveRegistry(ctx context.Context, name string) error

	// Versions returns the versions of a registry, newest first, those that are
	// not kept any more among them.
	Versions(ctx context.Context, name string) ([]Version, error)
	// AddVersion adds v and puts it in force, in one. Of the others only that
	// of the ID keep is kept.
	AddVersion(ctx context.Context, v Version, keep string) error
	// PutInForce puts a version in force that is kept. It returns ErrNoVersion
	// where there is none.
	PutInForce(ctx context.Context, name, id string) error

	AllExemptions(ctx context.Context) ([]Exemption, error)
	Exemptions(
		ctx context.Context, env dnc.Environment, q ExemptionQuery,
	) (ExemptionPage, error)
	AddExemption(ctx context.Context, e Exemption) error
	// EndExemption ends one that has not ended. It returns ErrNoExemption where
	// there is none.
	EndExemption(
		ctx context.Context, env dnc.Environment, id, by string, at time.Time,
	) (Exemption, error)

	Worlds(ctx context.Context) ([]dnc.World, error)
	ChangeWorld(
		ctx context.Context, env dnc.Environment, by string, change func(*dnc.Settings) error,
	) (dnc.World, error)
}

// Shelf keeps the sets of versions on the disk, each whole or not at all.
type Shelf interface {
	Write(registry, id string, set *pages.Frozen) error
	Open(registry, id string) (*pages.Frozen, error) // at once, not verified
	Load(registry, id string) (*pages.Frozen, error) // verified
	Keep(registry string, ids ...string) error       // removes all others
	Memory(size int) []byte                          // for a set that is made
}

// Keeper keeps registries, and answers for them. Its exported fields are set once,
// before use; [Keeper.Open] comes before everything else. It may be used by many
// goroutines at once.
type Keeper struct {
	Store Store
	Shelf Shelf
	Log   *slog.Logger

	view atomic.Pointer[view] // replaced, never changed; nil before Open

	changing    sync.Mutex // held by who changes a registry: one at a time
	subscribing sync.Mutex // held by who changes subscriptions; comes second

	mu         sync.Mutex // guards following
	registries map[string]*held
	worlds     map[dnc.Environment]*world
}

var _ dnc.Registries = (*Keeper)(nil)

// held is a registry in memory.
type held struct {
	Registry
	version Version // in force; zero for none
	set     *pages.Frozen
	damaged error // why it cannot be read; nil if it can
	loaded  bool  // it has been verified
}

// world is what is known of an environment.
type world struct {
	subscriptions []dnc.Subscription
	exemptions    *exemptions
}

// Open reads what there is. What is on the disk is mapped, so that it answers at
// once; [Keeper.Run] verifies it. A registry that cannot be read clears nothing.
func (k *Keeper) Open(ctx context.Context) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	registries, err := k.Store.Registries(ctx)
	if err != nil {
		return fmt.Errorf("read registries: %w", err)
	}
	all := make(map[string]*held)
	for _, r := range registries {
		h, err := k.open(ctx, r)
		if err != nil {
			return fmt.Errorf("read registry %s: %w", r.Name, err)
		}
		all[r.Name] = h
	}
	worlds, err := k.readWorlds(ctx)
	if err != nil {
		return fmt.Errorf("read subscriptions: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.registries, k.worlds = all, worlds
	k.show()
	return nil
}

// Opened reports whether [Keeper.Open] has succeeded.
func (k *Keeper) Opened() bool { return k.view.Load() != nil }

// open opens a registry, and clears away what a broken-off change has left.
func (k *Keeper) open(ctx context.Context, r Registry) (*held, error) {
	h := &held{Registry: r}
	versions, err := k.Store.Versions(ctx, r.Name)
	if err != nil {
		return nil, err
	}
	var kept []string
	for _, v := range versions {
		if v.Kept {
			kept = append(kept, v.ID)
		}
		if v.ID == r.Version {
			h.version = v
		}
	}
	if err := k.Shelf.Keep(r.Name, kept...); err != nil {
		k.Log.WarnContext(ctx, "clear away old versions", "registry", r.Name, "err", err)
	}
	if r.Version == "" {
		return h, nil
	}
	if h.set, h.damaged = k.Shelf.Open(r.Name, r.Version); h.damaged != nil {
		k.Log.ErrorContext(ctx, "registry cannot be read", "registry", r.Name, "err", h.damaged)
	}
	return h, nil
}

func (k *Keeper) readWorlds(ctx context.Context) (map[dnc.Environment]*world, error) {
	all, err := k.Store.Worlds(ctx)
	if err != nil {
		return nil, err
	}
	exempt, err := k.Store.AllExemptions(ctx)
	if err != nil {
		return nil, err
	}
	worlds := make(map[dnc.Environment]*world)
	for _, w := range all {
		worlds[w.Name] = &world{w.Settings.Registries, new(exemptions)}
	}
	for _, e := range exempt {
		if w := worlds[e.Environment]; w != nil {
			w.exemptions.put(e)
		}
	}
	return worlds, nil
}

// show replaces the view. k.mu must be held.
func (k *Keeper) show() {
	v := make(view, 0, len(k.worlds))
	horizons := make(map[string]*horizon)
	for env, w := range k.worlds {
		s := subscriber{env: env, exemptions: w.exemptions}
		for _, sub := range w.subscriptions {
			s.registries = append(s.registries, k.subscribe(sub, horizons))
		}
		if len(s.registries) > 0 {
			v = append(v, s)
		}
	}
	slices.SortFunc(v, func(a, b subscriber) int { return cmp.Compare(a.env, b.env) })
	k.view.Store(&v)
}

// subscribe returns a registry as a subscription asks it.
func (k *Keeper) subscribe(sub dnc.Subscription, horizons map[string]*horizon) subscribed {
	s := subscribed{name: sub.Registry, stale: dnc.Stale, gap: dnc.NotCovered}
	h := k.registries[sub.Registry]
	if h == nil { // has gone: nothing is certain
		h = &held{Registry: Registry{Name: sub.Registry}}
	}
	if s.until = horizons[sub.Registry]; s.until == nil {
		s.until = h.horizon(h.version)
		if h.damaged != nil {
			s.until.age()
		}
		horizons[sub.Registry] = s.until
	}
	if h.damaged != nil {
		return s // and no policy allows what nobody knows
	}
	s.set = h.set
	if sub.Stale == dnc.Allow {
		s.stale = dnc.Clear
	}
	if sub.NotCovered == dnc.Allow {
		s.gap = dnc.Clear
	}
	return s
}

// Run reads into memory what is mapped, and verifies it on the way. It returns
// when ctx is done or that is done.
func (k *Keeper) Run(ctx context.Context) error {
	for _, r := range k.All() {
		if ctx.Err() != nil {
			return nil
		}
		k.load(ctx, r.Name)
	}
	return nil
}

// load verifies a registry that has been mapped only.
func (k *Keeper) load(ctx context.Context, name string) {
	k.changing.Lock()
	defer k.changing.Unlock()
	k.mu.Lock()
	h := k.registries[name]
	k.mu.Unlock()
	if h == nil || h.loaded || h.version.ID == "" || h.damaged != nil {
		return
	}
	set, err := k.Shelf.Load(name, h.version.ID)
	if err != nil {
		k.Log.ErrorContext(ctx, "registry cannot be read", "registry", name, "err", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	h.set, h.damaged, h.loaded = set, err, err == nil
	k.show()
}

// Ready returns nil if every registry that an environment subscribes to can be
// read, or [ErrDamaged].
func (k *Keeper) Ready() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, w := range k.worlds {
		for _, s := range w.subscriptions {
			if h := k.registries[s.Registry]; h != nil && h.damaged != nil {
				return fmt.Errorf("%s: %w", s.Registry, ErrDamaged)
			}
		}
	}
	return nil
}

// State is a registry as it stands.
type State struct {
	Registry
	InForce     Version // zero for none
	FreshUntil  time.Time
	Damaged     bool // it cannot be read, and clears nothing
	Subscribers []dnc.Environment
}

// Stale reports whether the oldest part of the registry is too old at t.
func (s State) Stale(t time.Time) bool { return s.Version != "" && !t.Before(s.FreshUntil) }

// ChangedBy reports whether those who see only env may change the registry: others
// alone must not be using it. Who sees all environments, "", may.
func (s State) ChangedBy(env dnc.Environment) bool {
	return env == "" || len(s.Subscribers) == 0 || slices.Contains(s.Subscribers, env)
}

// All returns every registry, by name.
func (k *Keeper) All() []State {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make([]State, 0, len(k.registries))
	for _, h := range k.registries {
		all = append(all, k.state(h))
	}
	slices.SortFunc(all, func(a, b State) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// One returns a registry, or [ErrNoRegistry].
func (k *Keeper) One(name string) (State, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	h := k.registries[name]
	if h == nil {
		return State{}, fmt.Errorf("%w: %s", ErrNoRegistry, name)
	}
	return k.state(h), nil
}

// state returns h as it stands. k.mu must be held.
func (k *Keeper) state(h *held) State {
	s := State{Registry: h.Registry, InForce: h.version, Damaged: h.damaged != nil}
	if h.version.ID != "" {
		s.FreshUntil = h.FreshUntil(h.version.AsOf)
	}
	for env, w := range k.worlds {
		for _, sub := range w.subscriptions {
			if sub.Registry == h.Name {
				s.Subscribers = append(s.Subscribers, env)
			}
		}
	}
	slices.Sort(s.Subscribers)
	return s
}

// Follow takes in that environments come and go. It must not wait.
func (k *Keeper) Follow(events []dnc.Event) {
	for _, ev := range events {
		if ev.Kind != dnc.EnvironmentAdded && ev.Kind != dnc.EnvironmentRemoved {
			continue
		}
		k.mu.Lock()
		if k.worlds != nil { // else they will be read
			delete(k.worlds, ev.Environment)
			k.show()
		}
		k.mu.Unlock()
	}
}

// world returns what is known of an environment. k.mu must be held.
func (k *Keeper) world(env dnc.Environment) *world {
	w := k.worlds[env]
	if w == nil {
		w = &world{exemptions: new(exemptions)}
		k.worlds[env] = w
	}
	return w
}
