package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// Save sets up a registry anew, or changes how one is set up. Its version in force
// stays.
func (k *Keeper) Save(ctx context.Context, r Registry) (State, error) {
	if err := r.Check(); err != nil {
		return State{}, err
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	return k.save(ctx, r)
}

func (k *Keeper) save(ctx context.Context, r Registry) (State, error) {
	k.mu.Lock()
	h := k.registries[r.Name]
	k.mu.Unlock()
	if h == nil {
		h = &held{Registry: Registry{CreatedAt: now()}}
	}
	r.Version, r.CreatedAt = h.Version, h.CreatedAt
	if err := k.Store.SaveRegistry(ctx, r); err != nil {
		return State{}, fmt.Errorf("save registry %s: %w", r.Name, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	h.Registry = r
	k.registries[r.Name] = h
	k.show()
	return k.state(h), nil
}

// Remove removes a registry with all its versions. It returns [ErrInUse] while an
// environment subscribes to it.
func (k *Keeper) Remove(ctx context.Context, name string) error {
	k.changing.Lock()
	defer k.changing.Unlock()
	k.subscribing.Lock()
	defer k.subscribing.Unlock()
	s, err := k.One(name)
	if err != nil {
		return err
	}
	if len(s.Subscribers) > 0 {
		return fmt.Errorf("%w: %s", ErrInUse, s.Subscribers[0])
	}
	if err := k.Store.RemoveRegistry(ctx, name); err != nil {
		return fmt.Errorf("remove registry %s: %w", name, err)
	}
	k.mu.Lock()
	delete(k.registries, name)
	k.show()
	k.mu.Unlock()
	return k.Shelf.Keep(name)
}

// Import reads a new version of a registry, and puts it in force when it is on the
// disk whole. Until then, and if anything is wrong with the files, the version
// before stays. The one before and the new one are kept.
//
// A registry that there is not is set up first; see [Known]. What is wrong with
// the files is a [FileError].
func (k *Keeper) Import(ctx context.Context, im Import) (Version, error) {
	if im.AsOf.After(time.Now().Add(24 * time.Hour)) {
		return Version{}, fmt.Errorf("%w: as of a day that is still to come", ErrInvalid)
	}
	k.changing.Lock()
	defer k.changing.Unlock()
	r, from, err := k.startOf(im)
	if err != nil {
		return Version{}, err
	}
	b := newBuilding(r, k.Shelf.Memory, im.Progress)
	made, err := b.build(ctx, im, from)
	if err != nil {
		return Version{}, err
	}
	v, err := im.version(made, from)
	if err != nil {
		return Version{}, err
	}
	return v, k.swap(ctx, r, v, made)
}

// startOf returns the registry of an import, as it is or will be, and the version
// in force.
func (k *Keeper) startOf(im Import) (Registry, before, error) {
	r, err := Known(im.Registry)
	if err != nil {
		return r, before{}, err
	}
	k.mu.Lock()
	h := k.registries[im.Registry]
	k.mu.Unlock()
	var from before
	if h != nil {
		r, from = h.Registry, before{h.version, h.set}
	}
	if im.Mapping != nil {
		region := r.Mapping.Region
		r.Mapping = *im.Mapping
		if r.Mapping.Region == "" {
			r.Mapping.Region = region
		}
	}
	if h != nil && h.damaged != nil {
		from.set = nil
		if im.Keep {
			return r, from, fmt.Errorf("%s: %w", r.Name, ErrDamaged)
		}
	}
	return r, from, r.Check()
}

// version returns the version that was made, if it may be one.
func (im Import) version(made built, from before) (Version, error) {
	at := now()
	v := Version{
		Registry: im.Registry, ID: at.Format("20060102-150405-") + fmt.Sprintf("%06d",
			at.Nanosecond()/1000),
		ImportedAt: at, By: im.By, Numbers: int64(made.set.Len()), Bytes: made.set.Bytes(),
		Files: made.sources, Areas: made.areas, Kept: true,
	}
	if im.Keep || made.sources[0].Layout.changes() {
		v.Base = from.version.ID
	}
	for _, c := range v.Areas {
		if v.AsOf.IsZero() || c.AsOf.Before(v.AsOf) {
			v.AsOf = c.AsOf
		}
	}
	if v.AsOf.After(at.Add(24 * time.Hour)) {
		return v, fmt.Errorf("%w: the files say that they are of %s, which is still to come",
			ErrInvalid, v.AsOf.Format(time.DateOnly))
	}
	if lost := loss(from.version.Areas, v.Areas); lost != "" && !im.Smaller {
		return v, &FileError{Smaller: true, Text: lost + ": a file may have been cut off or " +
			"left out; say that it may be smaller if that is right"}
	}
	return v, nil
}

// swap writes a version down and puts it in force: on the disk, in the store, and
// in memory, in this order. Whenever it is broken off, what the store says is in
// force is on the disk.
func (k *Keeper) swap(ctx context.Context, r Registry, v Version, made built) error {
	ctx = context.WithoutCancel(ctx)
	if err := k.Shelf.Write(r.Name, v.ID, made.set); err != nil {
		return fmt.Errorf("write version: %w", err)
	}
	if _, err := k.save(ctx, r); err != nil {
		return err
	}
	former := r.Version
	if err := k.Store.AddVersion(ctx, v, former); err != nil {
		return fmt.Errorf("add version: %w", err)
	}
	k.inForce(r.Name, v, made)
	if err := k.Shelf.Keep(r.Name, slices.DeleteFunc([]string{v.ID, former}, func(id string) bool {
		return id == ""
	})...); err != nil { // no harm is done: the next start clears it away
		k.Log.WarnContext(ctx, "clear away old versions", "registry", r.Name, "err", err)
	}
	return nil
}

// inForce has a version answer.
func (k *Keeper) inForce(name string, v Version, made built) {
	k.mu.Lock()
	defer k.mu.Unlock()
	h := k.registries[name]
	h.version, h.set, h.damaged, h.loaded = v, made.set, nil, true
	h.Version = v.ID
	k.show()
}

// Rollback puts a version in force that was so before and is kept: that of an ID,
// or the only other one for "". It returns [ErrNoVersion] where there is none.
func (k *Keeper) Rollback(ctx context.Context, name, id string) (Version, error) {
	k.changing.Lock()
	defer k.changing.Unlock()
	s, err := k.One(name)
	if err != nil {
		return Version{}, err
	}
	versions, err := k.Store.Versions(ctx, name)
	if err != nil {
		return Version{}, err
	}
	i := slices.IndexFunc(versions, func(v Version) bool {
		return v.Kept && v.ID != s.Version && (id == "" || v.ID == id)
	})
	if i < 0 {
		return Version{}, ErrNoVersion
	}
	set, err := k.Shelf.Load(name, versions[i].ID)
	if err != nil {
		return Version{}, fmt.Errorf("read version %s: %w", versions[i].ID, err)
	}
	if err := k.Store.PutInForce(context.WithoutCancel(ctx), name, versions[i].ID); err != nil {
		return Version{}, err
	}
	k.inForce(name, versions[i], built{set: set})
	return versions[i], nil
}

// Versions returns the versions of a registry, newest first.
func (k *Keeper) Versions(ctx context.Context, name string) ([]Version, error) {
	if _, err := k.One(name); err != nil {
		return nil, err
	}
	return k.Store.Versions(ctx, name)
}

// mostSubscriptions is how many registries an environment subscribes to at most.
const mostSubscriptions = 16

// Subscribe has env ask other registries: those that change returns. They must be
// there.
func (k *Keeper) Subscribe(
	ctx context.Context, env dnc.Environment, by string,
	change func([]dnc.Subscription) []dnc.Subscription,
) (dnc.World, error) {
	return k.ChangeWorld(ctx, env, by, func(s *dnc.Settings) error {
		s.Registries = change(slices.Clone(s.Registries))
		return nil
	})
}

// ChangeWorld is that of the store, for settings with subscriptions among them,
// which are in force when it returns.
func (k *Keeper) ChangeWorld(
	ctx context.Context, env dnc.Environment, by string, change func(*dnc.Settings) error,
) (dnc.World, error) {
	k.subscribing.Lock()
	defer k.subscribing.Unlock()
	w, err := k.Store.ChangeWorld(ctx, env, by, func(s *dnc.Settings) error {
		if err := change(s); err != nil {
			return err
		}
		return k.tidy(s)
	})
	if err != nil {
		return w, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.world(env).subscriptions = w.Settings.Registries
	k.show()
	return w, nil
}

// tidy sorts subscriptions, and refuses what cannot be subscribed to.
func (k *Keeper) tidy(s *dnc.Settings) error {
	slices.SortFunc(s.Registries, func(a, b dnc.Subscription) int {
		return strings.Compare(a.Registry, b.Registry)
	})
	if len(s.Registries) > mostSubscriptions {
		return fmt.Errorf("%w: an environment subscribes to %d registries at most", ErrInvalid,
			mostSubscriptions)
	}
	for i, sub := range s.Registries {
		if _, err := k.One(sub.Registry); err != nil {
			return err
		}
		if i > 0 && s.Registries[i-1].Registry == sub.Registry {
			return fmt.Errorf("%w: registry %s is named twice", ErrInvalid, sub.Registry)
		}
		for _, p := range [2]*dnc.Policy{&s.Registries[i].Stale, &s.Registries[i].NotCovered} {
			switch *p {
			case "":
				*p = dnc.Refuse
			case dnc.Refuse, dnc.Allow:
			default:
				return fmt.Errorf("%w: policy wants refuse or allow", ErrInvalid)
			}
		}
	}
	return nil
}

// Exempt adds an exemption. It is in force when Exempt returns.
func (k *Keeper) Exempt(ctx context.Context, e Exemption) (Exemption, error) {
	e.CreatedAt = now()
	e.ID = voice.NewID(e.CreatedAt)
	if err := e.check(e.CreatedAt); err != nil {
		return e, err
	}
	if e.Registry != "" {
		if _, err := k.One(e.Registry); err != nil {
			return e, err
		}
	}
	if err := k.Store.AddExemption(ctx, e); err != nil {
		return e, err
	}
	k.put(e)
	return e, nil
}

// Exemptions returns one page of env's exemptions, newest first.
func (k *Keeper) Exemptions(
	ctx context.Context, env dnc.Environment, q ExemptionQuery,
) (ExemptionPage, error) {
	return k.Store.Exemptions(ctx, env, q)
}

// Exemption returns an exemption, also one that has ended, or [ErrNoExemption].
func (k *Keeper) Exemption(env dnc.Environment, id string) (Exemption, error) {
	k.mu.Lock()
	w := k.worlds[env]
	k.mu.Unlock()
	if w == nil {
		return Exemption{}, ErrNoExemption
	}
	return w.exemptions.find(id)
}

// EndExemption ends an exemption before its time. It returns [ErrNoExemption]
// where there is none that has not ended.
func (k *Keeper) EndExemption(
	ctx context.Context, env dnc.Environment, id, by string,
) (Exemption, error) {
	e, err := k.Store.EndExemption(ctx, env, id, by, now())
	if err == nil {
		k.put(e)
	}
	return e, err
}

func (k *Keeper) put(e Exemption) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.world(e.Environment).exemptions.put(e)
}

// now returns the time as it is kept.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
