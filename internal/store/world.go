package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"reflect"
	"slices"

	"nocall/internal/dnc"
)

// worldColumns are the columns of environment that [worldRow] reads.
const worldColumns = `name, revision, default_region, max_concurrent_calls,
	opt_out_detection, opt_out_preset, hidden, created_at, registries`

// Worlds returns every environment, by name.
func (s *Store) Worlds(ctx context.Context) ([]dnc.World, error) {
	rows, err := s.query(ctx, `
		SELECT `+worldColumns+`
		FROM environment
		WHERE id IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	var worlds []dnc.World
	err = readAll(rows, func(r row) error {
		w, err := worldRow(r)
		worlds = append(worlds, w)
		return err
	})
	// Databases differ in how they order text.
	slices.SortFunc(worlds, func(a, b dnc.World) int { return cmp.Compare(a.Name, b.Name) })
	return worlds, err
}

// World returns an environment, or [dnc.ErrNoEnvironment].
func (s *Store) World(ctx context.Context, env dnc.Environment) (dnc.World, error) {
	w, err := worldRow(s.row(ctx, worldText, string(env)))
	return w, orNoEnvironment(err)
}

// worldText asks for one environment.
const worldText = `
	SELECT ` + worldColumns + `
	FROM environment
	WHERE name = $1 AND id IS NOT NULL`

// AddWorld makes an environment. It returns [dnc.ErrEnvironmentExists] where
// there is one of that name. The trail of a former environment goes on.
func (s *Store) AddWorld(ctx context.Context, w dnc.World, by string) (dnc.World, error) {
	return write(ctx, s, func(x *tx) (dnc.World, error) { return x.addWorld(w, by) })
}

func (x *tx) addWorld(w dnc.World, by string) (dnc.World, error) {
	_, err := x.list(w.Name)
	if err == nil {
		return dnc.World{}, dnc.ErrEnvironmentExists
	}
	if !errors.Is(err, dnc.ErrNoEnvironment) {
		return dnc.World{}, err
	}
	l, err := x.newList(w.Name)
	if err != nil {
		return dnc.World{}, err
	}
	ev := x.note(l, dnc.Event{
		Environment: w.Name, Kind: dnc.EnvironmentAdded, By: by, At: w.CreatedAt,
	})
	w.CreatedAt, w.Revision = ev.At, ev.Revision
	registries, err := subscriptionText(w.Settings.Registries)
	if err != nil {
		return dnc.World{}, err
	}
	_, err = x.exec(`
		INSERT INTO environment (name, id, revision, last_at, default_region,
			max_concurrent_calls, opt_out_detection, hidden, created_at, opt_out_preset,
			registries)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (name) DO UPDATE SET id = $2, default_region = $5,
			max_concurrent_calls = $6, opt_out_detection = $7, hidden = $8, created_at = $9,
			opt_out_preset = $10, registries = $11`,
		string(w.Name), l.id, l.revision, l.lastAt, w.Settings.DefaultRegion,
		int64(w.Settings.MaxConcurrentCalls), w.Settings.OptOutDetection, w.Settings.Hidden,
		micros(w.CreatedAt), w.Settings.OptOutPreset, registries)
	return w, err
}

// newList returns a list for a name that no environment has now, with an id
// that no row has. The revisions of a former environment go on.
func (x *tx) newList(env dnc.Environment) (*list, error) {
	l := new(list)
	if former := x.worlds[env]; former != nil {
		*l = list{revision: former.revision, lastAt: former.lastAt}
	} else {
		err := x.row([]any{&l.revision, &l.lastAt}, `
			SELECT revision, last_at
			FROM environment
			WHERE name = $1`, string(env))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	x.worlds[env] = l
	return l, x.row([]any{&l.id}, `
		SELECT 1 + COALESCE(MAX(id), 0)
		FROM (
			SELECT id FROM environment
			UNION ALL
			SELECT id FROM removed_environment
		) AS taken`)
}

// ChangeWorld changes the settings of an environment and returns it. It
// returns [dnc.ErrNoEnvironment] where there is none, and an error of change.
// Change must not use the store, and may be called again with what stands then.
func (s *Store) ChangeWorld(
	ctx context.Context, env dnc.Environment, by string, change func(*dnc.Settings) error,
) (dnc.World, error) {
	return write(ctx, s, func(x *tx) (dnc.World, error) { return x.changeWorld(env, by, change) })
}

func (x *tx) changeWorld(
	env dnc.Environment, by string, change func(*dnc.Settings) error,
) (dnc.World, error) {
	l, err := x.list(env)
	if err != nil {
		return dnc.World{}, err
	}
	var w dnc.World
	read := func(r row) (err error) {
		w, err = worldRow(r)
		return err
	}
	if err := x.query(read, worldText, string(env)); err != nil {
		return dnc.World{}, err
	}
	w.Revision = l.revision // may be ahead of what is written
	before := w.Settings
	if err := change(&w.Settings); err != nil {
		return dnc.World{}, err
	}
	if reflect.DeepEqual(w.Settings, before) {
		return w, nil
	}
	registries, err := subscriptionText(w.Settings.Registries)
	if err != nil {
		return dnc.World{}, err
	}
	w.Revision = x.note(l, dnc.Event{
		Environment: env, Kind: dnc.EnvironmentEdited, By: by,
	}).Revision
	_, err = x.exec(`
		UPDATE environment
		SET default_region = $2, max_concurrent_calls = $3, opt_out_detection = $4, hidden = $5,
			opt_out_preset = $6, registries = $7
		WHERE name = $1`,
		string(env), w.Settings.DefaultRegion, int64(w.Settings.MaxConcurrentCalls),
		w.Settings.OptOutDetection, w.Settings.Hidden, w.Settings.OptOutPreset, registries)
	return w, err
}

// RemoveWorld removes an environment with its entries, calls, campaigns, all
// that calls are made with, keys, replies and the users who see no other. Its
// trail stays. It returns [dnc.ErrNoEnvironment] where there is none.
//
// All that is out of sight at once; the bulk of it is cleared away by
// [Store.Run] little by little, so that other environments do not wait.
func (s *Store) RemoveWorld(ctx context.Context, env dnc.Environment, by string) error {
	err := s.change(ctx, func(x *tx) error { return x.removeWorld(env, by) })
	if err == nil {
		s.wakeCleanup()
	}
	return err
}

func (x *tx) removeWorld(env dnc.Environment, by string) error {
	l, err := x.list(env)
	if err != nil {
		return err
	}
	x.note(l, dnc.Event{Environment: env, Kind: dnc.EnvironmentRemoved, By: by})
	for _, text := range []string{
		`DELETE FROM api_key WHERE environment = $1`,
		`DELETE FROM reply WHERE environment = $1`,
		`DELETE FROM session WHERE user_name IN (
			SELECT name FROM app_user WHERE environment = $1)`,
		`DELETE FROM app_user WHERE environment = $1`,
		`INSERT INTO removed_campaign (serial)
		SELECT campaign.serial
		FROM campaign
		JOIN environment ON environment.id = campaign.environment_id
		WHERE environment.name = $1`,
		`INSERT INTO removed_environment (id) SELECT id FROM environment WHERE name = $1`,
		`UPDATE environment SET id = NULL WHERE name = $1`,
	} {
		if _, err := x.exec(text, string(env)); err != nil {
			return err
		}
	}
	for _, text := range []string{
		`DELETE FROM campaign WHERE environment_id = $1`,
		`DELETE FROM trunk WHERE environment_id = $1`,
		`DELETE FROM own_number WHERE environment_id = $1`,
		`DELETE FROM agent WHERE environment_id = $1`,
		`DELETE FROM recording WHERE environment_id = $1`,
		`DELETE FROM exemption WHERE environment_id = $1`,
	} {
		if _, err := x.exec(text, l.id); err != nil {
			return err
		}
	}
	l.removed = true
	return nil
}

// worldRow reads the columns of environment in the order of worldColumns.
func worldRow(r row) (dnc.World, error) {
	var w dnc.World
	var calls, createdAt int64
	var registries string
	err := r.Scan(
		&w.Name, &w.Revision, &w.Settings.DefaultRegion, &calls,
		&w.Settings.OptOutDetection, &w.Settings.OptOutPreset, &w.Settings.Hidden, &createdAt,
		&registries)
	if err != nil {
		return w, err
	}
	w.Settings.MaxConcurrentCalls = int(calls)
	w.CreatedAt = timeOf(createdAt)
	w.Settings.Registries, err = subscriptionsOf(registries)
	return w, err
}

func orNoEnvironment(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return dnc.ErrNoEnvironment
	}
	return err
}
