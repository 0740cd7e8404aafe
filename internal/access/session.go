package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

// SessionLife is how long a sign-in lasts.
const SessionLife = 12 * time.Hour

// How many wrong passwords are heard out within attemptWindow: for one name
// from one address, and from one address for all names.
const (
	attemptWindow     = 5 * time.Minute
	attemptsByName    = 10
	attemptsByAddress = 50
	attemptsKept      = 10_000 // addresses and names remembered at once
)

// Credentials are what a person signs in with.
type Credentials struct {
	Name     string
	Password string
	Address  string // where the request comes from, to slow down guessing
}

// SignIn checks a name and a password and begins a session. The token stands
// for the session; what is kept is its hash. It returns [ErrUnknown] for a
// wrong name or password, and [ErrTooMany] when too many were wrong of late.
func (a *Access) SignIn(ctx context.Context, c Credentials) (token string, s Session, err error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	if !a.attempts.allow(now, c) {
		return "", Session{}, ErrTooMany
	}
	u, err := a.Store.User(ctx, c.Name)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return "", Session{}, err
	}
	hash := u.Password
	if err != nil {
		hash = noHash
	}
	right, err := a.matches(ctx, c.Password, hash)
	if err != nil {
		return "", Session{}, err
	}
	if !right || hash == noHash {
		return "", Session{}, ErrUnknown
	}
	a.attempts.succeeded(c)
	if err := a.Store.RemoveSessionsBefore(ctx, now); err != nil {
		return "", Session{}, err
	}
	token = rand.Text() + rand.Text()
	s = Session{
		Hash: sha256.Sum256([]byte(token)), User: u.Name,
		CreatedAt: now, ExpiresAt: now.Add(SessionLife),
	}
	return token, s, a.Store.AddSession(ctx, s)
}

// Session returns who signed in with the session that token stands for, or
// [ErrUnknown].
func (a *Access) Session(ctx context.Context, token string) (Identity, error) {
	s, err := a.Store.Session(ctx, sha256.Sum256([]byte(token)))
	if err != nil {
		return Identity{}, err
	}
	if !time.Now().Before(s.ExpiresAt) {
		return Identity{}, ErrUnknown
	}
	u, err := a.Store.User(ctx, s.User)
	if errors.Is(err, ErrNoUser) {
		return Identity{}, ErrUnknown
	}
	if err != nil {
		return Identity{}, err
	}
	return Identity{Name: u.Name, Role: u.Role, Environment: u.Environment}, nil
}

// SignOut ends the session that token stands for.
func (a *Access) SignOut(ctx context.Context, token string) error {
	return a.Store.RemoveSession(ctx, sha256.Sum256([]byte(token)))
}

// attempts counts wrong passwords of late, and those being looked at.
type attempts struct {
	mu     sync.Mutex // guards following
	since  time.Time
	counts map[string]int
}

// allow reports whether c may be looked at, and counts it as wrong until it
// has succeeded: so many at once are as few as one after the other.
func (t *attempts) allow(now time.Time, c Credentials) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.since) >= attemptWindow || len(t.counts) > attemptsKept {
		t.since, t.counts = now, make(map[string]int)
	}
	byName := c.Address + " " + c.Name
	if t.counts[byName] >= attemptsByName || t.counts[c.Address] >= attemptsByAddress {
		return false
	}
	t.counts[byName]++
	t.counts[c.Address]++
	return true
}

func (t *attempts) succeeded(c Credentials) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, who := range []string{c.Address + " " + c.Name, c.Address} {
		if t.counts[who] > 0 { // the window may have begun anew
			t.counts[who]--
		}
	}
}
