// Package dnc is the do-not-call list and the rule it stands for: a number on
// an environment's list is not called from that environment.
//
// The only way to a number that may be dialed is a [Clearance], and the only
// way to a Clearance is [List.Clear]. Whoever adds a number and has the answer
// may rely on it: no call to that number starts any more, and one that is
// ringing has been recalled.
//
// The package knows nothing of databases, clocks or networks. It is told the
// time, and it is given its [Index] and its [Store].
package dnc

import (
	"errors"
	"fmt"
)

// Environment names one independent world with its own list, such as "sandbox"
// or "production".
type Environment string

// MaxEnvironment is the greatest length of an environment's name in bytes.
const MaxEnvironment = 63

// ParseEnvironment reads the name of an environment: a lower-case letter or a
// digit, then up to 62 lower-case letters, digits and dashes. It returns an
// error that matches [ErrEnvironmentName] for anything else.
func ParseEnvironment(s string) (Environment, error) {
	if s == "" || len(s) > MaxEnvironment {
		return "", fmt.Errorf("%w: it has %d characters", ErrEnvironmentName, len(s))
	}
	for i := range len(s) {
		c := s[i]
		inside := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' && i > 0
		if !inside {
			return "", fmt.Errorf("%w: character %d is not one of them", ErrEnvironmentName, i+1)
		}
	}
	return Environment(s), nil
}

// Errors of the list. They are compared with [errors.Is].
var (
	// ErrListed reports a number that is on the list and must not be called.
	ErrListed = errors.New("dnc: number is on the do-not-call list")

	// ErrNotListed reports a number that is not on the list.
	ErrNotListed = errors.New("dnc: number is not on the do-not-call list")

	// ErrUnready reports a list of which nothing is certain: it has not been
	// read in yet, or it may lag behind the store. Nothing is cleared from an
	// unready list: when in doubt, do not call.
	ErrUnready = errors.New("dnc: list is not ready, nothing is cleared")

	// ErrBusy reports a change that was not made, because more are asked for
	// at once than are kept waiting.
	ErrBusy = errors.New("dnc: too many changes at once, try again later")
	// ErrNoEnvironment reports an environment that does not exist.
	ErrNoEnvironment = errors.New("dnc: no such environment")

	// ErrEnvironmentExists reports a new environment whose name is taken.
	ErrEnvironmentExists = errors.New("dnc: environment exists already")

	// ErrEnvironmentName reports a name that no environment can have.
	ErrEnvironmentName = errors.New(
		"dnc: environment name wants 1 to 63 of a-z, 0-9 and - and no dash in front")

	// ErrReasonTooLong reports a reason of more than MaxReason characters.
	ErrReasonTooLong = fmt.Errorf("dnc: reason is longer than %d characters", MaxReason)
)
