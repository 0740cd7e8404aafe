package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"nocall/internal/dnc"
)

// keyPrefix begins every key, so that a key that leaked can be searched for.
const keyPrefix = "nocall"

// MaxKeyName is the greatest length of a key's name in bytes.
const MaxKeyName = 100

// NewKey makes a key for env and keeps its hash. The secret, which has the
// form nocall_ENVIRONMENT_ID_RANDOM, is returned once and kept nowhere.
func (a *Access) NewKey(ctx context.Context, k Key) (secret string, made Key, err error) {
	if k.Role.rank() == 0 {
		return "", Key{}, ErrRole
	}
	if k.Name = strings.TrimSpace(k.Name); k.Name == "" {
		k.Name = string(k.Role)
	}
	if len(k.Name) > MaxKeyName {
		k.Name = strings.ToValidUTF8(k.Name[:MaxKeyName], "")
	}
	k.ID = strings.ToLower(rand.Text()[:10])
	secret = strings.Join([]string{
		keyPrefix, string(k.Environment), k.ID, strings.ToLower(rand.Text()),
	}, "_")
	k.Hash = sha256.Sum256([]byte(secret))
	k.CreatedAt = time.Now().UTC().Truncate(time.Microsecond)
	if err := a.Store.AddKey(ctx, k); err != nil {
		return "", Key{}, err
	}
	return secret, k, nil
}

// Authenticate returns whose key secret is, or [ErrUnknown]. A key that was
// seen before is answered from memory.
func (a *Access) Authenticate(ctx context.Context, secret string) (Identity, error) {
	id, ok := keyID(secret)
	if !ok {
		return Identity{}, ErrUnknown
	}
	k, err := a.key(ctx, id)
	if errors.Is(err, ErrNoKey) {
		return Identity{}, ErrUnknown
	}
	if err != nil {
		return Identity{}, err
	}
	h := sha256.Sum256([]byte(secret))
	if subtle.ConstantTimeCompare(h[:], k.Hash[:]) != 1 {
		return Identity{}, ErrUnknown
	}
	return k.identity, nil
}

// RemoveKey takes a key away. It is refused from then on. That is waited for
// also when ctx ends: a key must not be remembered meanwhile.
func (a *Access) RemoveKey(ctx context.Context, env dnc.Environment, id string) error {
	err := a.Store.RemoveKey(context.WithoutCancel(ctx), env, id)
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.known, id)
	a.removals++
	return err
}

// Forget drops what is known from memory of env's keys, when the environment
// is removed.
func (a *Access) Forget(env dnc.Environment) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, k := range a.known {
		if k.Environment == env {
			delete(a.known, id)
		}
	}
	a.removals++
}

// keyID returns the ID in a secret, which tells nothing by itself.
func keyID(secret string) (string, bool) {
	rest, ok := strings.CutPrefix(secret, keyPrefix+"_")
	if !ok || len(secret) > 200 {
		return "", false
	}
	_, rest, ok = strings.Cut(rest, "_")
	if !ok {
		return "", false
	}
	id, _, ok := strings.Cut(rest, "_")
	return id, ok
}

func (a *Access) key(ctx context.Context, id string) (knownKey, error) {
	a.mu.RLock()
	k, ok := a.known[id]
	removals := a.removals
	a.mu.RUnlock()
	if ok {
		return k, nil
	}

	stored, err := a.Store.Key(ctx, id)
	if err != nil {
		return knownKey{}, err
	}
	k = knownKey{stored, Identity{
		Name: "key " + stored.Name, Role: stored.Role,
		Environment: stored.Environment, KeyID: stored.ID,
	}}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.removals != removals {
		return k, nil // it may have been this one; look again next time
	}
	if a.known == nil {
		a.known = make(map[string]knownKey)
	}
	a.known[id] = k
	return k, nil
}
