// Package access says who may do what: users who sign in on the page, keys
// that programs use, their roles, and the sessions of those who signed in.
//
// Secrets are shown once, when they are made. What is kept of them is a hash:
// argon2id of a password, SHA-256 of a key or a session, which are random
// enough not to be guessed.
package access

import (
	"context"
	"errors"
	"sync"
	"time"

	"nocall/internal/dnc"
)

// Cookie is the name of the cookie that holds a session's token.
const Cookie = "nocall_session"

// Role says what a user or a key may do.
type Role string

// The roles, each with all that the one before it may do.
const (
	Viewer Role = "viewer" // look at everything
	Member Role = "member" // and change the list, and place calls
	Admin  Role = "admin"  // and change environments, users and keys
)

// Allows reports whether r may do what needs role needed.
func (r Role) Allows(needed Role) bool { return r.rank() >= needed.rank() && r.rank() > 0 }

func (r Role) rank() int {
	switch r {
	case Viewer:
		return 1
	case Member:
		return 2
	case Admin:
		return 3
	}
	return 0
}

// Errors of access.
var (
	// ErrUnknown reports a key, a password or a session that is not right. It
	// does not say which part of it, or whether the user exists.
	ErrUnknown = errors.New("access: not signed in, or the key, name or password is wrong")

	// ErrForbidden reports what the role or the environment does not allow.
	ErrForbidden = errors.New("access: not allowed")

	// ErrRole reports a role that there is not.
	ErrRole = errors.New("access: role is admin, member or viewer")

	// ErrUserName reports a name that no user can have.
	ErrUserName = errors.New("access: user name wants 1 to 100 characters without spaces")

	// ErrUserExists reports a new user whose name is taken.
	ErrUserExists = errors.New("access: user exists already")

	// ErrNoUser reports a user who does not exist.
	ErrNoUser = errors.New("access: no such user")

	// ErrNoKey reports a key that does not exist.
	ErrNoKey = errors.New("access: no such key")

	// ErrPassword reports a password that is too short or too long.
	ErrPassword = errors.New("access: password wants 8 to 200 characters")

	// ErrTooMany reports more attempts to sign in than are answered.
	ErrTooMany = errors.New("access: too many attempts to sign in, try again later")
)

// Identity is who asks: a signed-in user, or a key.
type Identity struct {
	Name        string          // "ada@example.com", or "key " and the key's name
	Role        Role            //
	Environment dnc.Environment // the only one it may see; "" for all
	KeyID       string          // "" for a user
}

// May returns nil when the identity may do in env what needs role needed, and
// [ErrForbidden] otherwise.
func (id Identity) May(needed Role, env dnc.Environment) error {
	if !id.Role.Allows(needed) || id.Environment != "" && id.Environment != env {
		return ErrForbidden
	}
	return nil
}

// User is a person who may sign in.
type User struct {
	Name        string
	Role        Role
	Environment dnc.Environment // the only one the user may see; "" for all
	Password    string          // its argon2id hash, in PHC form
	CreatedAt   time.Time
}

// Key is what a program signs in with, for one environment.
type Key struct {
	ID          string
	Environment dnc.Environment
	Name        string
	Role        Role
	Hash        Hash
	CreatedAt   time.Time
}

// Session is a user's sign-in on one browser.
type Session struct {
	Hash      Hash
	User      string
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Hash is the SHA-256 of a secret.
type Hash [32]byte

// Store keeps users, keys and sessions.
type Store interface {
	Users
	Keys
	Sessions
}

// Users keeps users. Methods that name a user return [ErrNoUser] where there
// is none.
type Users interface {
	AddUser(ctx context.Context, u User) error // ErrUserExists
	User(ctx context.Context, name string) (User, error)
	Users(ctx context.Context) ([]User, error)         // by name
	SetPassword(ctx context.Context, u User) error     // and end the user's sessions
	RemoveUser(ctx context.Context, name string) error // and the user's sessions
}

// Keys keeps keys. Methods that name a key return [ErrNoKey] where there is
// none.
type Keys interface {
	AddKey(ctx context.Context, k Key) error
	Key(ctx context.Context, id string) (Key, error)
	Keys(ctx context.Context, env dnc.Environment) ([]Key, error) // oldest first; "" for all
	RemoveKey(ctx context.Context, env dnc.Environment, id string) error
}

// Sessions keeps sessions. Session returns [ErrUnknown] where there is none.
type Sessions interface {
	AddSession(ctx context.Context, s Session) error
	Session(ctx context.Context, h Hash) (Session, error)
	RemoveSession(ctx context.Context, h Hash) error
	RemoveSessionsBefore(ctx context.Context, expired time.Time) error
}

// Access checks who asks. Its exported fields are set once, before use. It may
// be used by many goroutines at once.
type Access struct {
	Store Store

	mu       sync.RWMutex        // guards following
	known    map[string]knownKey // keys that have been seen, by ID
	removals int                 // of keys, so far

	once     sync.Once
	hashing  semaphore
	attempts attempts
}

// knownKey is a key with whom it stands for, made once.
type knownKey struct {
	Key
	identity Identity
}
