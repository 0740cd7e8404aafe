package registry

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/pages"
)

// A view is what is answered from. It does not change, but for exemptions.
type view []subscriber // by environment; those that subscribe to something

// A subscriber is an environment and what it subscribes to.
type subscriber struct {
	env        dnc.Environment
	registries []subscribed
	exemptions *exemptions
}

// subscribed is a registry as an environment asks it.
type subscribed struct {
	name  string
	set   *pages.Frozen
	until *horizon
	stale dnc.Verdict // what stale means: Stale, or Clear where the policy allows
	gap   dnc.Verdict // what not covered means
}

// A horizon says of each area until when it is fresh, in seconds since 1970.
type horizon [areas]int64

// Of some areas a horizon says something else.
const (
	notCovered = 0
	silent     = math.MaxInt64 // the registry does not speak of it
)

// horizon returns that of a version of r.
func (r Registry) horizon(v Version) *horizon {
	h := new(horizon)
	if len(r.Scope) > 0 || v.ID != "" {
		for a := range h {
			h[a] = silent
		}
	}
	for _, a := range r.Scope {
		h[a] = notCovered
	}
	for _, c := range v.Areas {
		h[c.Area] = r.FreshUntil(c.AsOf).Unix()
	}
	return h
}

// age is the horizon of a registry that cannot be read: what it spoke of is stale.
func (h *horizon) age() {
	for a, until := range h {
		if until != silent {
			h[a] = notCovered + 1
		}
	}
}

// says returns what the registry says of a number in an area.
func (s *subscribed) says(registered bool, a Area, now int64) dnc.Verdict {
	switch until := s.until[a]; {
	case registered:
		return dnc.Registered
	case now < until:
		return dnc.Clear
	case until == notCovered:
		return s.gap
	}
	return s.stale
}

// of returns the subscriber that env is, or nil.
func (v view) of(env dnc.Environment) *subscriber {
	i, found := slices.BinarySearchFunc(v, env, func(s subscriber, env dnc.Environment) int {
		return cmp.Compare(s.env, env)
	})
	if !found {
		return nil
	}
	return &v[i]
}

// Lookup implements [dnc.Registries]. It does not allocate.
func (k *Keeper) Lookup(env dnc.Environment, n e164.Number, now time.Time) (a dnc.Answer) {
	v := k.view.Load()
	if v == nil {
		return dnc.Answer{Verdict: dnc.Stale}
	}
	s := v.of(env)
	if s == nil {
		return a
	}
	// All are read before any is judged, so that memory is waited for once.
	var in uint64
	for i := range s.registries {
		if s.registries[i].set.Has(n) {
			in |= 1 << i
		}
	}
	area, second := AreaOf(n), now.Unix()
	for i := range s.registries {
		r := &s.registries[i]
		says := r.says(in>>i&1 != 0, area, second)
		if says > a.Verdict && !s.exemptions.lifts(n, r.name, now) {
			a = dnc.Answer{Verdict: says, Registry: r.name}
		}
	}
	return a
}

// lookRoom keeps memory for the answers of sets.
var lookRoom = sync.Pool{New: func() any { b := make([]bool, 0, 4096); return &b }}

// LookupMany implements [dnc.Registries].
func (k *Keeper) LookupMany(
	env dnc.Environment, ns []e164.Number, now time.Time, verdicts []dnc.Verdict,
) {
	v := k.view.Load()
	if v == nil {
		for i := range ns {
			verdicts[i] = max(verdicts[i], dnc.Stale)
		}
		return
	}
	s := v.of(env)
	if s == nil {
		return
	}
	room := lookRoom.Get().(*[]bool)
	defer lookRoom.Put(room)
	*room = slices.Grow((*room)[:0], len(ns))[:len(ns)]
	for i := range s.registries {
		s.lookMany(&s.registries[i], ns, now, looked{*room, verdicts})
	}
}

// looked is what was found of some numbers, and what has been said of them.
type looked struct {
	in       []bool
	verdicts []dnc.Verdict
}

// lookMany asks one registry about many numbers.
func (s *subscriber) lookMany(r *subscribed, ns []e164.Number, now time.Time, l looked) {
	r.set.HasMany(ns, l.in)
	second := now.Unix()
	for i, n := range ns {
		says := r.says(l.in[i], AreaOf(n), second)
		if says > l.verdicts[i] && !s.exemptions.lifts(n, r.name, now) {
			l.verdicts[i] = says
		}
	}
}
