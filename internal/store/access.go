package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

var _ access.Store = (*Store)(nil)

// AddUser implements [access.Users].
func (s *Store) AddUser(ctx context.Context, u access.User) error {
	return s.change(ctx, func(x *tx) error {
		there, err := x.userExists(u.Name)
		if err != nil {
			return err
		}
		if there {
			return access.ErrUserExists
		}
		if u.Environment != "" {
			if _, err := x.list(u.Environment); err != nil {
				return err
			}
		}
		_, err = x.exec(`
			INSERT INTO app_user (name, role, environment, password, created_at)
			VALUES ($1, $2, $3, $4, $5)`,
			u.Name, string(u.Role), string(u.Environment), u.Password, micros(u.CreatedAt))
		return err
	})
}

func (x *tx) userExists(name string) (bool, error) {
	return x.exists(`SELECT 1 FROM app_user WHERE name = $1`, name)
}

// User implements [access.Users].
func (s *Store) User(ctx context.Context, name string) (access.User, error) {
	u, err := userRow(s.row(ctx, `
		SELECT name, role, environment, password, created_at
		FROM app_user
		WHERE name = $1`, name))
	if errors.Is(err, sql.ErrNoRows) {
		return access.User{}, access.ErrNoUser
	}
	return u, err
}

// Users implements [access.Users].
func (s *Store) Users(ctx context.Context) ([]access.User, error) {
	rows, err := s.query(ctx, `
		SELECT name, role, environment, password, created_at
		FROM app_user`)
	if err != nil {
		return nil, err
	}
	var users []access.User
	err = readAll(rows, func(r row) error {
		u, err := userRow(r)
		users = append(users, u)
		return err
	})
	// Databases differ in how they order text.
	slices.SortFunc(users, func(a, b access.User) int { return cmp.Compare(a.Name, b.Name) })
	return users, err
}

// SetPassword implements [access.Users].
func (s *Store) SetPassword(ctx context.Context, u access.User) error {
	return s.change(ctx, func(x *tx) error {
		there, err := x.userExists(u.Name)
		if err != nil {
			return err
		}
		if !there {
			return access.ErrNoUser
		}
		_, err = x.exec(`
			UPDATE app_user
			SET password = $2
			WHERE name = $1`, u.Name, u.Password)
		if err != nil {
			return err
		}
		return x.endSessions(u.Name)
	})
}

// RemoveUser implements [access.Users].
func (s *Store) RemoveUser(ctx context.Context, name string) error {
	return s.change(ctx, func(x *tx) error {
		there, err := x.userExists(name)
		if err != nil {
			return err
		}
		if !there {
			return access.ErrNoUser
		}
		if _, err := x.exec(`DELETE FROM app_user WHERE name = $1`, name); err != nil {
			return err
		}
		return x.endSessions(name)
	})
}

func (x *tx) endSessions(user string) error {
	_, err := x.exec(`DELETE FROM session WHERE user_name = $1`, user)
	return err
}

func userRow(r row) (access.User, error) {
	var u access.User
	var createdAt int64
	err := r.Scan(&u.Name, &u.Role, &u.Environment, &u.Password, &createdAt)
	u.CreatedAt = timeOf(createdAt)
	return u, err
}

// AddKey implements [access.Keys]. It returns [dnc.ErrNoEnvironment] for a key
// of an environment that is not there.
func (s *Store) AddKey(ctx context.Context, k access.Key) error {
	return s.change(ctx, func(x *tx) error {
		if _, err := x.list(k.Environment); err != nil {
			return err
		}
		_, err := x.exec(`
			INSERT INTO api_key (id, environment, name, role, hash, created_at)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			k.ID, string(k.Environment), k.Name, string(k.Role), hexOf(k.Hash),
			micros(k.CreatedAt))
		return err
	})
}

// Key implements [access.Keys].
func (s *Store) Key(ctx context.Context, id string) (access.Key, error) {
	k, err := keyRow(s.row(ctx, `
		SELECT id, environment, name, role, hash, created_at
		FROM api_key
		WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return access.Key{}, access.ErrNoKey
	}
	return k, err
}

// Keys implements [access.Keys].
func (s *Store) Keys(ctx context.Context, env dnc.Environment) ([]access.Key, error) {
	rows, err := s.query(ctx, `
		SELECT id, environment, name, role, hash, created_at
		FROM api_key
		WHERE environment = $1 OR $1 = ''
		ORDER BY created_at, id`, string(env))
	if err != nil {
		return nil, err
	}
	var keys []access.Key
	err = readAll(rows, func(r row) error {
		k, err := keyRow(r)
		keys = append(keys, k)
		return err
	})
	return keys, err
}

// RemoveKey implements [access.Keys].
func (s *Store) RemoveKey(ctx context.Context, env dnc.Environment, id string) error {
	return s.change(ctx, func(x *tx) error {
		there, err := x.exists(`
			SELECT 1
			FROM api_key
			WHERE environment = $1 AND id = $2`, string(env), id)
		if err != nil {
			return err
		}
		if !there {
			return access.ErrNoKey
		}
		_, err = x.exec(`
			DELETE FROM api_key
			WHERE environment = $1 AND id = $2`, string(env), id)
		return err
	})
}

func keyRow(r row) (access.Key, error) {
	var k access.Key
	var hash string
	var createdAt int64
	err := r.Scan(&k.ID, &k.Environment, &k.Name, &k.Role, &hash, &createdAt)
	if err != nil {
		return access.Key{}, err
	}
	k.CreatedAt = timeOf(createdAt)
	k.Hash, err = hashOf(hash)
	return k, err
}

// AddSession implements [access.Sessions].
func (s *Store) AddSession(ctx context.Context, a access.Session) error {
	return s.change(ctx, func(x *tx) error {
		_, err := x.exec(`
			INSERT INTO session (hash, user_name, created_at, expires_at)
			VALUES ($1, $2, $3, $4)`,
			hexOf(a.Hash), a.User, micros(a.CreatedAt), micros(a.ExpiresAt))
		return err
	})
}

// Session implements [access.Sessions].
func (s *Store) Session(ctx context.Context, h access.Hash) (access.Session, error) {
	a := access.Session{Hash: h}
	var createdAt, expiresAt int64
	err := s.row(ctx, `
		SELECT user_name, created_at, expires_at
		FROM session
		WHERE hash = $1`, hexOf(h)).Scan(&a.User, &createdAt, &expiresAt)
	if errors.Is(err, sql.ErrNoRows) {
		return access.Session{}, access.ErrUnknown
	}
	a.CreatedAt, a.ExpiresAt = timeOf(createdAt), timeOf(expiresAt)
	return a, err
}

// RemoveSession implements [access.Sessions].
func (s *Store) RemoveSession(ctx context.Context, h access.Hash) error {
	return s.change(ctx, func(x *tx) error {
		_, err := x.exec(`DELETE FROM session WHERE hash = $1`, hexOf(h))
		return err
	})
}

// RemoveSessionsBefore implements [access.Sessions].
func (s *Store) RemoveSessionsBefore(ctx context.Context, expired time.Time) error {
	return s.change(ctx, func(x *tx) error {
		_, err := x.exec(`DELETE FROM session WHERE expires_at < $1`, micros(expired))
		return err
	})
}

func hexOf(h [32]byte) string { return hex.EncodeToString(h[:]) }

// hashOf returns the hash that [hexOf] gave.
func hashOf(text string) (h [32]byte, err error) {
	n, err := hex.Decode(h[:], []byte(text))
	if err != nil || n != len(h) || len(text) != 2*len(h) {
		return h, fmt.Errorf("store: hash in hexadecimal is not one: %w", err)
	}
	return h, nil
}
