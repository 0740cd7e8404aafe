// Package registry keeps lists that others keep: national and state
// do-not-call registries, and whatever else comes as a file of numbers.
//
// It reads their own files, refuses one that is not whole or has a line that
// does not fit, and builds a new version beside the one in force, which is
// swapped whole or not at all. It answers for environments that subscribe:
// a number is clear, registered, not covered, or what the registry has of it is
// too old to say. An exemption lifts what a registry says of a number, and never
// what the environment's own list says.
//
// It knows no file and no database: those are given to it.
package registry

import (
	"errors"
	"fmt"
	"time"

	"nocall/internal/dnc"
)

// StaleAfter is how many days old a registry may be unless it says otherwise.
const StaleAfter = 31

// Registry is a list that others keep.
type Registry struct {
	Name       string // as an environment's name
	Title      string // for people
	Mapping    Mapping
	Scope      []Area // what it speaks of; none: what its versions cover, and nothing else
	StaleAfter int    // days that what it has may be old
	Version    string // the ID of the one in force; "" for none
	CreatedAt  time.Time
}

// Version is a registry as it was read from files of one day.
type Version struct {
	Registry   string
	ID         string
	AsOf       time.Time // the day on which the oldest part of it was so
	ImportedAt time.Time
	By         string // the user or key that imported it
	Numbers    int64
	Bytes      int64    // in memory, and on the disk
	Base       string   // the version it was made from; "" for none
	Files      []Source // what it was read from
	Areas      []Covered
	Kept       bool // whether it can still be put in force
}

// Source is a file as it was read, for the evidence.
type Source struct {
	Name   string `json:"name"`
	Layout Layout `json:"layout"`
	Lines  int64  `json:"lines"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hexadecimal
}

// Covered is a part of the numbering plan that a version covers.
type Covered struct {
	Area    Area      `json:"area"`
	Numbers int64     `json:"numbers"`
	AsOf    time.Time `json:"as_of"`
}

// Errors of registries.
var (
	ErrNoRegistry  = errors.New("registry: no such registry")
	ErrNoVersion   = errors.New("registry: no such version, or it is not kept any more")
	ErrInUse       = errors.New("registry: an environment subscribes to the registry")
	ErrInvalid     = errors.New("registry: not acceptable")
	ErrNoExemption = errors.New("registry: no such exemption")

	// ErrDamaged reports a registry whose version in force cannot be read.
	ErrDamaged = errors.New("registry: what is kept of it cannot be read; " +
		"import it anew, or roll back")
)

// Known returns the registry of a name as it is set up unless somebody says
// otherwise: the national ones of the United States, Canada and Britain, else one
// that speaks of what its files have and is silent about all else.
func Known(name string) (Registry, error) {
	if _, err := dnc.ParseEnvironment(name); err != nil {
		return Registry{}, fmt.Errorf("%w: name of a registry wants 1 to 63 of a-z, 0-9 and - "+
			"and no dash in front", ErrInvalid)
	}
	r := Registry{Name: name, Title: name, StaleAfter: StaleAfter}
	switch name {
	case "us-national":
		r.Title, r.Scope = "US National Do Not Call Registry", unitedStates()
		r.Mapping.Region = "US"
	case "canada":
		r.Title, r.Scope = "Canadian National Do Not Call List", canada()
		r.Mapping.Region = "CA"
	case "uk-tps":
		r.Title, r.Scope = "UK Telephone Preference Service", []Area{britain}
		r.Mapping.Region, r.StaleAfter = "GB", 28
	case "uk-ctps":
		r.Title, r.Scope = "UK Corporate Telephone Preference Service", []Area{britain}
		r.Mapping.Region, r.StaleAfter = "GB", 28
	}
	return r, nil
}

// Check returns what is wrong with how r is set up, which matches ErrInvalid.
func (r Registry) Check() error {
	if _, err := Known(r.Name); err != nil {
		return err
	}
	if r.StaleAfter < 1 || r.StaleAfter > 3660 {
		return fmt.Errorf("%w: days until a registry is stale want 1 to 3660", ErrInvalid)
	}
	if len(r.Title) > 200 {
		return fmt.Errorf("%w: title is longer than 200 bytes", ErrInvalid)
	}
	return r.Mapping.check()
}

// FreshUntil returns when what was so on a day becomes stale.
func (r Registry) FreshUntil(asOf time.Time) time.Time {
	return day(asOf).AddDate(0, 0, r.StaleAfter+1)
}

// day returns the beginning of the day of t, in UTC.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
