package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

// AdminUser is the name of the first user.
const AdminUser = "admin"

// First is what the first start on an empty database made, to be shown once.
type First struct {
	Password string            // of AdminUser; "" when it was given, or the user was there
	Keys     map[string]string // the secret of each environment's first key
}

// IsZero reports whether there was nothing to make.
func (f First) IsZero() bool { return f.Password == "" && len(f.Keys) == 0 }

// firstStart makes the environments sandbox and production, a user and a key
// for each environment, on a database that has none of them. It may be broken
// off at any point: the next start makes what is missing.
func (n *Node) firstStart(ctx context.Context) (First, error) {
	var first First
	users, err := n.store.Users(ctx)
	if err != nil {
		return first, err
	}
	if len(users) > 0 { // the user is made last
		if n.config.BootstrapKeyFile != "" {
			n.config.Log.InfoContext(ctx, "not the first start, so no keys are written")
		}
		return first, nil
	}
	password := n.config.AdminPassword
	if err := access.CheckPassword(password); password != "" && err != nil {
		return first, fmt.Errorf("make user %s: %w", AdminUser, err)
	}
	first.Keys = make(map[string]string)
	for _, env := range []dnc.Environment{"sandbox", "production"} {
		_, err := n.store.AddWorld(ctx, dnc.World{
			Name: env, Settings: dnc.DefaultSettings(),
		}, "first start")
		if err != nil && !errors.Is(err, dnc.ErrEnvironmentExists) {
			return first, fmt.Errorf("make environment %s: %w", env, err)
		}
		secret, _, err := n.access.NewKey(ctx, access.Key{
			Environment: env, Name: "first", Role: access.Admin,
		})
		if err != nil {
			return first, fmt.Errorf("make key of %s: %w", env, err)
		}
		first.Keys[string(env)] = secret
	}
	if err := writeKeys(n.config.BootstrapKeyFile, first.Keys); err != nil {
		return first, err
	}
	if password == "" {
		password = access.NewPassword()
		first.Password = password
	}
	_, err = n.access.AddUser(ctx, access.User{Name: AdminUser, Role: access.Admin}, password)
	if err != nil {
		return first, fmt.Errorf("make user %s: %w", AdminUser, err)
	}
	return first, nil
}

// writeKeys writes keys to file for its owner alone.
func writeKeys(file string, keys map[string]string) error {
	if file == "" {
		return nil
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Chmod(0o600), f.Close()); err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	return nil
}
