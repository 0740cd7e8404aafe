package dnc

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/e164"
)

// Index answers from memory which numbers are listed. It may be used by many
// goroutines at once; a read waits for no writer.
type Index interface {
	// Contains reports whether n is on env's list, and the revision of the
	// list that says so. It returns ErrUnready while it cannot be sure, and
	// ErrNoEnvironment for an environment that is not there.
	Contains(env Environment, n e164.Number) (listed bool, revision int64, err error)

	// ContainsMany answers Contains for many numbers as of about one moment,
	// faster than one by one: listed[i] says whether ns[i] is on the list.
	ContainsMany(env Environment, ns []e164.Number, listed []bool) (revision int64, err error)

	// Search finds numbers of env's list by a part of them.
	Search(env Environment, q Query) (Found, error)

	// Apply follows one event. Events of an environment come in the order of
	// their revisions; one that has been applied already changes nothing.
	Apply(ev Event)
}

// Store keeps the lists where they outlive the program. A change is durable,
// stands in the trail, and has been told to [List.Apply] when its method
// returns without an error.
type Store interface {
	// AddEntry puts e on its list. A number that is there already keeps its
	// entry, which is returned with false; if that was provisional and e is
	// not, it is provisional no more.
	AddEntry(ctx context.Context, e Entry) (Entry, bool, error)

	// EditEntry changes one entry. It returns ErrNotListed where there is
	// none, and ErrListed where the new number has an entry of its own.
	EditEntry(ctx context.Context, e Edit) (Entry, error)

	// RemoveEntry takes one entry away. It returns ErrNotListed where there
	// is none.
	RemoveEntry(ctx context.Context, r Removal) error

	// Entries returns the entries of the numbers that are listed, in the
	// order asked for.
	Entries(ctx context.Context, env Environment, ns []e164.Number) ([]Entry, error)
}

// stripes is the number of locks that numbers are spread over.
const stripes = 1024

// List is the do-not-call lists of all environments. Its exported fields are
// set once, before use. It may be used by many goroutines at once.
type List struct {
	Index Index
	Store Store

	// Registries are asked of every call beside the list; nil for none.
	Registries Registries

	// Bell is rung for an environment when something on its list changed.
	Bell Bell

	room    sync.Pool    // of *[]bool, for answers about many numbers
	held    atomic.Int64 // entries, in all stripes
	seed    maphash.Seed
	once    sync.Once
	stripes [stripes]stripe
}

// A stripe is the lock under which an attempt is cleared and a number listed,
// for a share of the numbers: the one comes first, or the other.
type stripe struct {
	mu       sync.Mutex // guards following
	attempts map[key][]*attempt
	held     map[key]Entry // could not be written down; see List.Hold
}

type key struct {
	environment Environment
	number      e164.Number
}

// Check reports whether n is on env's list. It changes nothing, waits for
// nothing, and does not allocate.
func (l *List) Check(env Environment, n e164.Number) (bool, error) {
	listed, _, err := l.Index.Contains(env, n)
	if l.held.Load() > 0 && !listed { // in this order: the answer is still on its way
		listed = l.holds(key{env, n})
	}
	return listed, err
}

// CheckMany reports for each of ns whether it is on env's list, in listed,
// which must be as long as ns. Like Check it changes nothing.
func (l *List) CheckMany(env Environment, ns []e164.Number, listed []bool) error {
	_, err := l.Index.ContainsMany(env, ns, listed)
	if l.held.Load() > 0 {
		for i, n := range ns {
			listed[i] = listed[i] || l.holds(key{env, n})
		}
	}
	return err
}

// Clear checks n against env's list at now, and against its registries. It
// returns [ErrListed] for a number on the list, [ErrRegistered] for one that a
// registry does not clear, and an error whenever it cannot be sure.
//
// From then on, until [List.Release], the attempt is known: when n is listed,
// recall is called once, before the listing is acknowledged. It must not wait
// and must not call the list.
func (l *List) Clear(
	env Environment, n e164.Number, now time.Time, recall func(),
) (Clearance, error) {
	a := &attempt{list: l, key: key{env, n}, until: now.Add(ClearanceLife), recall: recall}
	s := l.stripe(a.key)
	s.mu.Lock()
	defer s.mu.Unlock()

	listed, revision, err := l.Index.Contains(env, n)
	if err != nil {
		return Clearance{}, err
	}
	if _, held := s.held[a.key]; listed || held {
		return Clearance{}, ErrListed
	}
	if err := l.registered(env, n, now); err != nil {
		return Clearance{}, err
	}
	a.revision = revision
	if s.attempts == nil {
		s.attempts = make(map[key][]*attempt)
	}
	s.attempts[a.key] = append(s.attempts[a.key], a)
	return Clearance{a}, nil
}

// Release ends the attempt of c: the call was answered, or is over. It is not
// recalled any more, and c clears nothing from then on. Releasing twice, or the
// zero Clearance, does nothing.
func (l *List) Release(c Clearance) {
	if c.attempt == nil {
		return
	}
	s := l.stripe(c.attempt.key)
	s.mu.Lock()
	defer s.mu.Unlock()

	c.attempt.end(&c.attempt.released)
	left := s.attempts[c.attempt.key]
	for i, a := range left {
		if a == c.attempt {
			left = append(left[:i:i], left[i+1:]...)
			break
		}
	}
	if len(left) == 0 {
		delete(s.attempts, c.attempt.key)
		return
	}
	s.attempts[c.attempt.key] = left
}

// Attempts returns how many calls are cleared and neither answered nor over:
// those that listing their numbers recalls.
func (l *List) Attempts() int {
	n := 0
	for i := range l.stripes {
		n += l.stripes[i].count()
	}
	return n
}

func (s *stripe) count() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, attempts := range s.attempts {
		n += len(attempts)
	}
	return n
}

// Add puts e on its list, durably. A number that is listed already keeps its
// entry, which is returned with false: unchanged, but that a provisional one is
// provisional no more once e is not. When Add returns without an error no call to
// the number starts any more, and ringing ones are recalled.
func (l *List) Add(ctx context.Context, e Entry) (Entry, bool, error) {
	reason, err := CleanReason(e.Reason)
	if err != nil {
		return Entry{}, false, err
	}
	e.Reason = reason
	return l.Store.AddEntry(ctx, e)
}

// Edit changes the number or the reason of an entry. A provisional entry stays
// so with another reason; a number that a person has put there is definite. Edit
// returns [ErrNotListed] where there is no entry, and [ErrListed] where the new
// number is listed.
func (l *List) Edit(ctx context.Context, e Edit) (Entry, error) {
	if e.NewReason != nil {
		reason, err := CleanReason(*e.NewReason)
		if err != nil {
			return Entry{}, err
		}
		e.NewReason = &reason
	}
	return l.Store.EditEntry(ctx, e)
}

// Remove takes a number off its list and so makes it callable again. It
// returns [ErrNotListed] for a number that is not on it.
func (l *List) Remove(ctx context.Context, r Removal) error {
	reason, err := CleanReason(r.Reason)
	if err != nil {
		return err
	}
	r.Reason = reason
	return l.Store.RemoveEntry(ctx, r)
}

// Entry returns the entry of n, or [ErrNotListed].
func (l *List) Entry(ctx context.Context, env Environment, n e164.Number) (Entry, error) {
	entries, err := l.Store.Entries(ctx, env, []e164.Number{n})
	if err != nil {
		return Entry{}, err
	}
	if len(entries) == 0 {
		return Entry{}, ErrNotListed
	}
	return entries[0], nil
}

// Search returns one page of env's entries. Which entries, and how many there
// are in all, the index says from memory; the store gives their texts.
func (l *List) Search(ctx context.Context, env Environment, q Query) (Page, error) {
	found, err := l.Index.Search(env, q)
	if err != nil {
		return Page{}, err
	}
	entries, err := l.Store.Entries(ctx, env, found.Numbers)
	if err != nil {
		return Page{}, err
	}
	return Page{Entries: entries, Total: found.Total, Next: found.Next}, nil
}

// Apply takes in events that have become durable: the index follows, ringing
// calls to numbers that are now listed are recalled, and whoever watches is
// told. The store calls it, in the order of the revisions, before it answers.
func (l *List) Apply(events []Event) {
	for _, ev := range events {
		if ev.Numbers != nil {
			l.applyMany(ev)
			continue
		}
		listed := ev.Number
		if ev.Kind == Edited {
			listed = ev.NewNumber
		}
		l.apply(ev, key{ev.Environment, listed})
	}
	for i, ev := range events {
		if i == 0 || ev.Environment != events[i-1].Environment {
			l.Bell.Ring(ev.Environment)
		}
	}
}

func (l *List) apply(ev Event, k key) {
	s := l.stripe(k)
	s.mu.Lock()
	defer s.mu.Unlock()

	l.Index.Apply(ev)
	if ev.Kind != Added && ev.Kind != Edited {
		return
	}
	s.recall(k)
}

// applyMany is apply for an event of many numbers. An attempt that is cleared
// before the index has followed is seen by recallListed; a later one is refused.
func (l *List) applyMany(ev Event) {
	l.Index.Apply(ev)
	for i := range l.stripes {
		l.recallListed(ev.Environment, &l.stripes[i])
	}
}

// recallListed ends the attempts of a stripe at numbers that are listed.
func (l *List) recallListed(env Environment, s *stripe) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.attempts {
		if k.environment != env {
			continue
		}
		if listed, _, _ := l.Index.Contains(env, k.number); listed {
			s.recall(k)
		}
	}
}

func (l *List) stripe(k key) *stripe {
	l.once.Do(func() { l.seed = maphash.MakeSeed() })
	return &l.stripes[maphash.Comparable(l.seed, k)%stripes]
}
