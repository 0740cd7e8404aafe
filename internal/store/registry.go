package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"nocall/internal/dnc"
	"nocall/internal/registry"
)

var _ registry.Store = (*Store)(nil)

// subscription is a dnc.Subscription as it stands in JSON.
type subscription struct {
	Registry   string     `json:"registry"`
	Stale      dnc.Policy `json:"stale"`
	NotCovered dnc.Policy `json:"not_covered"`
}

func subscriptionText(all []dnc.Subscription) (string, error) {
	var kept []subscription
	for _, s := range all {
		kept = append(kept, subscription(s))
	}
	texts, err := jsonTexts(kept)
	if err != nil {
		return "", err
	}
	return texts[0], nil
}

func subscriptionsOf(text string) (all []dnc.Subscription, err error) {
	var kept []subscription
	err = fromJSON(text, &kept)
	for _, s := range kept {
		all = append(all, dnc.Subscription(s))
	}
	return all, err
}

// registryColumns are the columns of registry that [registryRow] reads.
const registryColumns = `name, title, mapping, scope, stale_after, version, created_at`

// Registries implements [registry.Store].
func (s *Store) Registries(ctx context.Context) ([]registry.Registry, error) {
	var all []registry.Registry
	err := s.reading(ctx)(func(r row) error {
		one, err := registryRow(r)
		all = append(all, one)
		return err
	}, `SELECT `+registryColumns+` FROM registry`)
	// Databases differ in how they order text.
	slices.SortFunc(all, func(a, b registry.Registry) int { return cmp.Compare(a.Name, b.Name) })
	return all, err
}

// registryRow reads the columns of registry in the order of registryColumns.
func registryRow(r row) (registry.Registry, error) {
	var one registry.Registry
	var mapping, scope string
	var days, createdAt int64
	err := r.Scan(&one.Name, &one.Title, &mapping, &scope, &days, &one.Version, &createdAt)
	if err != nil {
		return one, err
	}
	one.StaleAfter, one.CreatedAt = int(days), timeOf(createdAt)
	return one, errors.Join(fromJSON(mapping, &one.Mapping), fromJSON(scope, &one.Scope))
}

// SaveRegistry implements [registry.Store].
func (s *Store) SaveRegistry(ctx context.Context, r registry.Registry) error {
	texts, err := jsonTexts(r.Mapping, r.Scope)
	if err != nil {
		return err
	}
	return s.change(ctx, func(x *tx) error {
		_, err := x.exec(`
			INSERT INTO registry (`+registryColumns+`)
			VALUES ($1, $2, $3, $4, $5, '', $6)
			ON CONFLICT (name) DO UPDATE SET title = $2, mapping = $3, scope = $4,
				stale_after = $5`,
			r.Name, r.Title, texts[0], texts[1], int64(r.StaleAfter), micros(r.CreatedAt))
		return err
	})
}

// RemoveRegistry implements [registry.Store].
func (s *Store) RemoveRegistry(ctx context.Context, name string) error {
	return s.change(ctx, func(x *tx) error {
		if _, err := x.exec(`DELETE FROM registry_version WHERE registry = $1`, name); err != nil {
			return err
		}
		_, err := x.exec(`DELETE FROM registry WHERE name = $1`, name)
		return err
	})
}

// versionColumns are the columns of registry_version that [versionRow] reads.
const versionColumns = `registry, id, as_of, imported_at, imported_by, numbers, bytes, base,
	files, areas, kept`

// Versions implements [registry.Store].
func (s *Store) Versions(ctx context.Context, name string) ([]registry.Version, error) {
	var all []registry.Version
	err := s.reading(ctx)(func(r row) error {
		v, err := versionRow(r)
		all = append(all, v)
		return err
	}, `
		SELECT `+versionColumns+`
		FROM registry_version
		WHERE registry = $1`, name)
	slices.SortFunc(all, func(a, b registry.Version) int { return strings.Compare(b.ID, a.ID) })
	return all, err
}

// versionRow reads the columns of registry_version in the order of
// versionColumns.
func versionRow(r row) (registry.Version, error) {
	var v registry.Version
	var asOf, importedAt int64
	var files, areas string
	err := r.Scan(&v.Registry, &v.ID, &asOf, &importedAt, &v.By, &v.Numbers, &v.Bytes, &v.Base,
		&files, &areas, &v.Kept)
	if err != nil {
		return v, err
	}
	v.AsOf, v.ImportedAt = timeOf(asOf), timeOf(importedAt)
	return v, errors.Join(fromJSON(files, &v.Files), fromJSON(areas, &v.Areas))
}

// AddVersion implements [registry.Store].
func (s *Store) AddVersion(ctx context.Context, v registry.Version, keep string) error {
	texts, err := jsonTexts(v.Files, v.Areas)
	if err != nil {
		return err
	}
	return s.change(ctx, func(x *tx) error {
		_, err := x.exec(`
			UPDATE registry_version
			SET kept = FALSE
			WHERE registry = $1 AND id <> $2 AND kept`, v.Registry, keep)
		if err != nil {
			return err
		}
		_, err = x.exec(`
			INSERT INTO registry_version (`+versionColumns+`)
			VALUES (`+placeholders(1, 11)+`)`,
			v.Registry, v.ID, micros(v.AsOf), micros(v.ImportedAt), v.By, v.Numbers, v.Bytes,
			v.Base, texts[0], texts[1], v.Kept)
		if err != nil {
			return err
		}
		_, err = x.exec(`UPDATE registry SET version = $2 WHERE name = $1`, v.Registry, v.ID)
		return err
	})
}

// PutInForce implements [registry.Store].
func (s *Store) PutInForce(ctx context.Context, name, id string) error {
	return s.change(ctx, func(x *tx) error {
		there, err := x.exists(`
			SELECT 1
			FROM registry_version
			WHERE registry = $1 AND id = $2 AND kept`, name, id)
		if err != nil {
			return err
		}
		if !there {
			return registry.ErrNoVersion
		}
		_, err = x.exec(`UPDATE registry SET version = $2 WHERE name = $1`, name, id)
		return err
	})
}
