package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/pages"
)

// Ground says why somebody may be called who is in a registry.
type Ground string

// The grounds.
const (
	Consent      Ground = "consent"               // written permission, of whom it names
	Relationship Ground = "business_relationship" // an existing one, which ends
)

// Exemption says that a number may be called from an environment although a
// registry does not clear it, and how that can be shown. It never lifts what is on
// the environment's own list. It is not changed, and stays as evidence when it has
// ended.
type Exemption struct {
	Environment dnc.Environment
	ID          string
	Number      e164.Number
	Ground      Ground
	Registry    string    // of which it is an exemption; "" for all
	Evidence    string    // how it can be shown: what was signed or bought, and where it is kept
	Since       time.Time // from then on
	Until       time.Time // before; zero for a consent without an end
	CreatedAt   time.Time
	By          string
	EndedAt     time.Time // before its time; zero if it was not ended
	EndedBy     string
}

// MaxEvidence is the greatest length of evidence in characters.
const MaxEvidence = 1000

// longest is how long a business relationship lasts at most.
const longest = 18 * 31 * 24 * time.Hour

// InForce reports whether e counts at t.
func (e Exemption) InForce(t time.Time) bool {
	return !t.Before(e.Since) && (e.Until.IsZero() || t.Before(e.Until)) &&
		(e.EndedAt.IsZero() || t.Before(e.EndedAt))
}

// check returns what is wrong with a new exemption, which matches ErrInvalid.
func (e *Exemption) check(now time.Time) error {
	e.Evidence = strings.TrimSpace(e.Evidence)
	n := utf8.RuneCountInString(e.Evidence)
	switch {
	case e.Ground != Consent && e.Ground != Relationship:
		return fmt.Errorf("%w: ground wants %s or %s", ErrInvalid, Consent, Relationship)
	case n == 0 || n > MaxEvidence:
		return fmt.Errorf("%w: evidence wants 1 to %d characters", ErrInvalid, MaxEvidence)
	case e.Since.IsZero() || e.Since.After(now):
		return fmt.Errorf("%w: since wants the day of the consent or purchase", ErrInvalid)
	case !e.Until.IsZero() && !e.Until.After(e.Since):
		return fmt.Errorf("%w: until wants a time after since", ErrInvalid)
	case e.Ground == Relationship && (e.Until.IsZero() || e.Until.After(e.Since.Add(longest))):
		return fmt.Errorf("%w: a business relationship wants until, 18 months after since at most",
			ErrInvalid)
	}
	return nil
}

// ExemptionQuery asks for one page of an environment's exemptions, newest first.
// Zero fields ask for everything.
type ExemptionQuery struct {
	Number e164.Number
	After  string // the ID of the last one of the page before
	Limit  int    // at least 1
}

// ExemptionPage is one page of exemptions.
type ExemptionPage struct {
	Exemptions []Exemption
	Total      int  // all that match, on every page
	More       bool // whether there is another page
}

// exemptions are those of one environment, in memory.
type exemptions struct {
	numbers pages.Set // that have any, or had

	mu sync.RWMutex // guards of
	of map[e164.Number][]Exemption
}

// put puts e in, or in place of what has its ID.
func (x *exemptions) put(e Exemption) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.of == nil {
		x.of = make(map[e164.Number][]Exemption)
	}
	all := slices.DeleteFunc(slices.Clone(x.of[e.Number]), func(o Exemption) bool {
		return o.ID == e.ID
	})
	x.of[e.Number] = append(all, e)
	x.numbers.Add(e.Number)
}

// find returns the one of an ID, or [ErrNoExemption].
func (x *exemptions) find(id string) (Exemption, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, all := range x.of {
		for _, e := range all {
			if e.ID == id {
				return e, nil
			}
		}
	}
	return Exemption{}, ErrNoExemption
}

// lifts reports whether at t there is an exemption of a number from a registry.
func (x *exemptions) lifts(n e164.Number, registry string, t time.Time) bool {
	if !x.numbers.Has(n) {
		return false
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, e := range x.of[n] {
		if e.InForce(t) && cmp.Or(e.Registry, registry) == registry {
			return true
		}
	}
	return false
}
