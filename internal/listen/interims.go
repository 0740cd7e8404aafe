package listen

import (
	"slices"
	"time"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

// take removes the interims of a call that match, and returns them.
func (s *interims) take(callID string, match func(*interim) bool) (taken []*interim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.calls[callID] {
		if match(i) {
			taken = append(taken, i)
		}
	}
	for _, i := range taken {
		s.remove(i)
	}
	return taken
}

// end removes the interims that a turn of a contact ends with its last words,
// and returns them.
func (s *interims) end(callID string, t voice.Turn) []*interim {
	if t.Speaker != optout.Contact {
		return nil
	}
	return s.take(callID, func(i *interim) bool {
		return t.Utterance == "" || i.turn.Utterance == "" || i.turn.Utterance == t.Utterance
	})
}

// find returns the interim of an utterance, nil where there is none.
func (s *interims) find(callID, utterance string) *interim {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.calls[callID] {
		if i.turn.Utterance == utterance {
			return i
		}
	}
	return nil
}

// put remembers an interim, unless there are too many.
func (s *interims) put(i *interim) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count >= maxInterims || len(s.calls[i.callID]) >= maxOfCall {
		return false
	}
	if s.calls == nil {
		s.calls = make(map[string][]*interim)
	}
	s.calls[i.callID] = append(s.calls[i.callID], i)
	s.count++
	if !i.kept {
		select {
		case s.given() <- struct{}{}:
		default:
		}
	}
	return true
}

// due returns the interims that have stood for so long at now and are not kept,
// and after what time the next will have. It forgets those that were kept and
// are not asked for any more.
func (s *interims) due(now time.Time, long time.Duration) (due []*interim, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next = interimLife
	for _, ofCall := range s.calls {
		for _, i := range slices.Clone(ofCall) {
			stood := now.Sub(i.since)
			switch {
			case i.kept && stood >= interimLife:
				s.remove(i)
			case i.kept:
			case stood >= long:
				due = append(due, i)
			default:
				next = min(next, long-stood)
			}
		}
	}
	return due, next
}

// has reports whether an interim is remembered and not kept yet.
func (s *interims) has(i *interim) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !i.kept && slices.Contains(s.calls[i.callID], i)
}

// settle notes that nothing more is to be done for an interim.
func (s *interims) settle(i *interim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i.kept = true
}

// delay has an interim stand for another while from now on.
func (s *interims) delay(i *interim, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i.since = now
	select {
	case s.given() <- struct{}{}:
	default:
	}
}

// given receives when there is an interim to wait for.
func (s *interims) given() chan struct{} {
	s.once.Do(func() { s.news = make(chan struct{}, 1) })
	return s.news
}

// remove forgets an interim. The caller holds mu.
func (s *interims) remove(i *interim) {
	left := slices.DeleteFunc(s.calls[i.callID], func(j *interim) bool { return j == i })
	s.count -= len(s.calls[i.callID]) - len(left)
	if len(left) == 0 {
		delete(s.calls, i.callID)
		return
	}
	s.calls[i.callID] = left
}
