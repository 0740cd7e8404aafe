package optout

import (
	"slices"
	"strings"
)

// A slot is the number of a name in slotNames.
type slot uint8

// slotNames are the slots that words of a phrase may fill. See [Slot].
var slotNames = [...]string{
	"action", "object", "list", "time", "place", "channel", "topic", "person",
}

// slotOf returns the slot of that name, if it is one.
func slotOf(name string) (slot, bool) {
	i := slices.Index(slotNames[:], name)
	return slot(max(i, 0)), i >= 0
}

// scopeSlots says which slot the words of a scope fill.
var scopeSlots = map[string]string{
	"time": "time", "frequency": "time", "place": "place", "channel": "channel",
	"topic": "topic", "person": "person", "number": "object",
}

// familyOf returns the ambiguous family of a scope with no other slot offered.
func familyOf(scope string) string {
	if scope == "frequency" {
		return scope
	}
	return scope + "_scope"
}

// words returns the tokens from start up to end as they were said, without
// what others said between them.
func (s *passage) words(start, end int) (said string) {
	for start < end {
		next := start + 1
		for next < end && s.tokens[next].piece == s.tokens[start].piece {
			next++
		}
		text := s.texts[s.tokens[start].piece]
		said += " " + text[s.tokens[start].start:s.tokens[next-1].end]
		start = next
	}
	return strings.TrimSpace(said)
}

// An extent is tokens from start up to end.
type extent struct{ start, end int32 }

// caught is which tokens fill each slot; none where start is end.
type caught [len(slotNames)]extent

// note takes in that a slot begins or ends at i. A match notes from its end to
// its start, so the first of several to fill a slot is the one that stays.
func (c *caught) note(s *step, i int) {
	if s.kind == open {
		c[s.slot].start = int32(i)
	} else {
		c[s.slot].end = int32(i)
	}
}

// add takes in what fills slots that are still empty.
func (c *caught) add(more *caught) {
	for i, e := range more {
		if c[i].start == c[i].end {
			c[i] = e
		}
	}
}
