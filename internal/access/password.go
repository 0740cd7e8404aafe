package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// The cost of a password's hash: the first choice of the OWASP Password
// Storage Cheat Sheet for argon2id, 19 MiB and two passes.
const (
	argonMemory  = 19 << 10 // KiB
	argonPasses  = 2
	argonThreads = 1
	argonSalt    = 16
	argonHash    = 32
)

// hashesAtOnce bounds the memory that signing in can take: each hash takes 19
// MiB for its time.
const hashesAtOnce = 4

// semaphore bounds how many do something at once; enter makes its slots.
type semaphore struct{ slots chan struct{} }

// AddUser makes a user who may sign in with password.
func (a *Access) AddUser(ctx context.Context, u User, password string) (User, error) {
	if u.Role.rank() == 0 {
		return User{}, ErrRole
	}
	if err := checkUserName(u.Name); err != nil {
		return User{}, err
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return User{}, err
	}
	u.Password = hash
	u.CreatedAt = time.Now().UTC().Truncate(time.Microsecond)
	return u, a.Store.AddUser(ctx, u)
}

// SetPassword gives a user a new password and ends the user's sessions.
func (a *Access) SetPassword(ctx context.Context, name, password string) error {
	u, err := a.Store.User(ctx, name)
	if err != nil {
		return err
	}
	if u.Password, err = a.hash(ctx, password); err != nil {
		return err
	}
	return a.Store.SetPassword(ctx, u)
}

// NewPassword returns a random password, for one who has none.
func NewPassword() string {
	text := strings.ToLower(rand.Text())
	return text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:20]
}

// CheckPassword returns [ErrPassword] for one that no user can have.
func CheckPassword(password string) error {
	if n := utf8.RuneCountInString(password); n < 8 || n > 200 {
		return ErrPassword
	}
	return nil
}

func checkUserName(name string) error {
	if name == "" || len(name) > 100 || !utf8.ValidString(name) {
		return ErrUserName
	}
	for _, r := range name {
		if r <= ' ' || r == 0x7f || r == '\u00a0' {
			return ErrUserName
		}
	}
	return nil
}

// hash returns the hash of password in PHC form.
func (a *Access) hash(ctx context.Context, password string) (string, error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	leave, err := a.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()

	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails
	sum := argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonThreads, argonHash)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		argonMemory, argonPasses, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum)), nil
}

// matches reports whether password has the hash in PHC form. It takes the same
// time for a hash that cannot be read as for a wrong password.
func (a *Access) matches(ctx context.Context, password, hash string) (bool, error) {
	leave, err := a.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()

	var version, memory, passes, threads int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		parts = strings.Split(noHash, "$")
	}
	_, err1 := fmt.Sscanf(parts[2], "v=%d", &version)
	_, err2 := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads)
	salt, err3 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err4 := base64.RawStdEncoding.DecodeString(parts[5])
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			return false, fmt.Errorf("read password hash: %w", err)
		}
	}
	got := argon2.IDKey([]byte(password), salt,
		uint32(passes), uint32(memory), uint8(threads), uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// noHash is a hash that no password has, to spend the time of one.
const noHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$" +
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// enter waits for a place among those who hash, and returns how to leave it.
func (a *Access) enter(ctx context.Context) (leave func(), err error) {
	a.once.Do(func() { a.hashing.slots = make(chan struct{}, hashesAtOnce) })
	select {
	case a.hashing.slots <- struct{}{}:
		return func() { <-a.hashing.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
