package dnc

import (
	"errors"
	"slices"
	"time"

	"nocall/internal/e164"
)

// Registries answers for the registries that environments subscribe to: lists
// that others keep. It may be used by many goroutines at once; it answers from
// memory and waits for nothing.
type Registries interface {
	// Lookup says what the registries of env say of n at now: the heaviest of
	// their verdicts, and whose it is. It never says Listed.
	Lookup(env Environment, n e164.Number, now time.Time) Answer

	// LookupMany answers Lookup for many numbers, faster than one by one:
	// verdicts[i], for ns[i], becomes heavier where a registry says so.
	LookupMany(env Environment, ns []e164.Number, now time.Time, verdicts []Verdict)
}

// Verdict says whether a number may be called.
type Verdict uint8

// The verdicts, from the mildest to what weighs most. Only Clear may be called.
const (
	Clear      Verdict = iota // on no list
	NotCovered                // a registry subscribed to does not have that part of the plan
	Stale                     // what a registry has of it is too old to say
	Registered                // in a registry
	Listed                    // on the environment's own list
)

// String returns the verdict as it is written.
func (v Verdict) String() string {
	switch v {
	case Clear:
		return "clear"
	case NotCovered:
		return "not_covered"
	case Stale:
		return "stale"
	case Registered:
		return "registered"
	}
	return "listed"
}

// Answer is a verdict, and the registry whose it is; "" for those of the
// environment's own list.
type Answer struct {
	Verdict  Verdict
	Registry string
}

// Err returns why a number with that answer must not be called: nil,
// [ErrListed], or an error that is [ErrRegistered].
func (a Answer) Err() error {
	switch a.Verdict {
	case Clear:
		return nil
	case Listed:
		return ErrListed
	}
	return &RegistryError{a}
}

// Policy says what a call is to become of which a registry does not know
// whether it may be.
type Policy string

// The policies.
const (
	Refuse Policy = "refuse" // no call; what "" stands for
	Allow  Policy = "allow"
)

// Subscription is a registry that an environment asks.
type Subscription struct {
	Registry   string
	Stale      Policy // where what the registry has is too old
	NotCovered Policy // where it does not have that part of the plan
}

// ErrRegistered reports a number that must not be called because of a registry:
// it is in it, or the registry cannot say that it is not.
var ErrRegistered = errors.New("dnc: number may not be called because of a registry")

// RegistryError is [ErrRegistered] with the answer.
type RegistryError struct{ Answer }

// Error says what the registry says.
func (e *RegistryError) Error() string {
	switch e.Verdict {
	case Stale:
		return "dnc: registry " + e.Registry + " is too old to say that the number is not in it"
	case NotCovered:
		return "dnc: registry " + e.Registry + " does not cover the number"
	}
	return "dnc: number is in the registry " + e.Registry
}

// Is reports whether target is [ErrRegistered].
func (e *RegistryError) Is(target error) bool { return target == ErrRegistered }

// Verdict says at now whether n may be called from env, as its own list and the
// registries it subscribes to have it. It changes nothing, waits for nothing, and
// does not allocate. A number on the own list is Listed, whatever else is true.
func (l *List) Verdict(env Environment, n e164.Number, now time.Time) (Answer, error) {
	var a Answer
	if l.Registries != nil { // before the list is known: they are read at once
		a = l.Registries.Lookup(env, n, now)
	}
	listed, err := l.Check(env, n)
	if listed {
		a = Answer{Verdict: Listed}
	}
	return a, err
}

// VerdictMany answers [List.Verdict] for each of ns, in verdicts, which must be
// at least as long. With [ErrUnready] only those that are not Clear are sure.
func (l *List) VerdictMany(
	env Environment, ns []e164.Number, now time.Time, verdicts []Verdict,
) error {
	verdicts = verdicts[:len(ns)]
	clear(verdicts)
	room, ok := l.room.Get().(*[]bool)
	if !ok {
		room = new([]bool)
	}
	defer l.room.Put(room)
	*room = slices.Grow((*room)[:0], len(ns))
	listed := (*room)[:len(ns)]
	err := l.CheckMany(env, ns, listed)
	for i, is := range listed {
		if is {
			verdicts[i] = Listed
		}
	}
	if l.Registries != nil {
		l.Registries.LookupMany(env, ns, now, verdicts)
	}
	return err
}

// registered returns the error of a number that no registry clears, or nil.
func (l *List) registered(env Environment, n e164.Number, now time.Time) error {
	if l.Registries == nil {
		return nil
	}
	return l.Registries.Lookup(env, n, now).Err()
}
