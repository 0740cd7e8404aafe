package dnc

import (
	"context"
	"errors"
	"slices"
)

// Hold keeps e in memory, because it could not be written down: from then on
// its number counts as listed, and ringing calls to it are recalled, as after
// [List.Add]. It is lost when the process ends, so [List.WriteHeld] must be
// tried until it succeeds.
func (l *List) Hold(e Entry) {
	k := key{e.Environment, e.Number}
	s := l.stripe(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, there := s.held[k]
	if s.held == nil {
		s.held = make(map[key]Entry)
	}
	if !there {
		l.held.Add(1)
	}
	if !there || kept.Provisional {
		s.held[k] = e
	}
	s.recall(k)
}

// Held returns how many entries are held, as they could not be written down.
func (l *List) Held() int { return int(l.held.Load()) }

// WriteHeld tries to write down the entries that are held, and lets go of those
// that are. Those of an environment that is no more go too. It returns the first
// error; the rest is held further.
func (l *List) WriteHeld(ctx context.Context) error {
	if l.Held() == 0 {
		return nil
	}
	for i := range l.stripes {
		for _, e := range l.stripes[i].heldNow() {
			_, _, err := l.Store.AddEntry(ctx, e)
			if err != nil && !errors.Is(err, ErrNoEnvironment) {
				return err
			}
			l.letGo(e)
		}
	}
	return nil
}

func (l *List) letGo(e Entry) {
	k := key{e.Environment, e.Number}
	s := l.stripe(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept, there := s.held[k]; there && kept == e { // not a definite one, held since
		delete(s.held, k)
		l.held.Add(-1)
	}
}

// holds reports whether an entry for k is held.
func (l *List) holds(k key) bool {
	if l.held.Load() == 0 {
		return false
	}
	s := l.stripe(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, there := s.held[k]
	return there
}

func (s *stripe) heldNow() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var entries []Entry
	for _, e := range s.held {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b Entry) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return entries
}

// recall ends the attempts at k. The stripe must be locked.
func (s *stripe) recall(k key) {
	for _, a := range s.attempts[k] {
		a.end(&a.recalled)
		if a.recall != nil {
			a.recall()
		}
	}
	delete(s.attempts, k)
}
