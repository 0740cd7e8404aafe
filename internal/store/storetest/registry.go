package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/registry"
)

type registries interface {
	Registries(ctx context.Context) ([]registry.Registry, error)
	SaveRegistry(ctx context.Context, r registry.Registry) error
	RemoveRegistry(ctx context.Context, name string) error
	Versions(ctx context.Context, name string) ([]registry.Version, error)
	AddVersion(ctx context.Context, v registry.Version, keep string) error
	PutInForce(ctx context.Context, name, id string) error
	AllExemptions(ctx context.Context) ([]registry.Exemption, error)
	Exemptions(
		ctx context.Context, env dnc.Environment, q registry.ExemptionQuery,
	) (registry.ExemptionPage, error)
	AddExemption(ctx context.Context, e registry.Exemption) error
	EndExemption(
		ctx context.Context, env dnc.Environment, id, by string, at time.Time,
	) (registry.Exemption, error)
}

func testRegistries(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	check(t, "Registries", []registry.Registry(nil))(s.Registries(ctx))
	b := registry.Registry{
		Name: "b", Title: "B", StaleAfter: 31, CreatedAt: at(1), Scope: []registry.Area{1415, 44},
		Mapping: registry.Mapping{Layout: registry.CSV, Columns: []string{"x"}, Region: "US"},
	}
	a := registry.Registry{Name: "a", Title: "A", StaleAfter: 28, CreatedAt: at(2)}
	must(t, "SaveRegistry", s.SaveRegistry(ctx, b))
	must(t, "SaveRegistry", s.SaveRegistry(ctx, a))
	check(t, "Registries", []registry.Registry{a, b})(s.Registries(ctx))
	must(t, "AddVersion", s.AddVersion(ctx, version(1), ""))
	a.Title, a.StaleAfter, a.Version = "AA", 7, ""
	must(t, "SaveRegistry", s.SaveRegistry(ctx, a))
	a.Version = "v1" // stays
	check(t, "Registries", []registry.Registry{a, b})(s.Registries(ctx))
	must(t, "RemoveRegistry", s.RemoveRegistry(ctx, "a"))
	check(t, "Registries", []registry.Registry{b})(s.Registries(ctx))
	check(t, "Versions", []registry.Version(nil))(s.Versions(ctx, "a"))
}

// version returns the i-th version of registry a.
func version(i int) registry.Version {
	return registry.Version{
		Registry: "a", ID: fmt.Sprint("v", i), AsOf: at(i), ImportedAt: at(i + 10), By: "ada",
		Numbers: 250_000_000, Bytes: 300_000_000, Base: "v0", Kept: true,
		Files: []registry.Source{{
			Name: "2026-8-5_818_AB.txt", Layout: registry.Split, Lines: 7, Bytes: 84, SHA256: "ab",
		}},
		Areas: []registry.Covered{{Area: 1818, Numbers: 7, AsOf: at(i)}},
	}
}

func testVersions(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	must(t, "SaveRegistry", s.SaveRegistry(ctx, registry.Registry{Name: "a", CreatedAt: at(0)}))
	must(t, "AddVersion", s.AddVersion(ctx, version(1), ""))
	must(t, "AddVersion", s.AddVersion(ctx, version(2), "v1"))
	must(t, "AddVersion", s.AddVersion(ctx, version(3), "v2"))
	gone := version(1)
	gone.Kept = false
	all := []registry.Version{version(3), version(2), gone}
	check(t, "Versions", all)(s.Versions(ctx, "a"))
	checkErr(t, registry.ErrNoVersion, s.PutInForce(ctx, "a", "v1"), s.PutInForce(ctx, "a", "v9"),
		s.PutInForce(ctx, "b", "v2"))
	must(t, "PutInForce", s.PutInForce(ctx, "a", "v2"))
	kept, err := s.Registries(ctx)
	if err != nil || len(kept) != 1 || kept[0].Version != "v2" {
		t.Errorf("Registries = %+v, %v; want v2 in force", kept, err)
	}
	check(t, "Versions", all)(s.Versions(ctx, "a"))
}

func testExemptions(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	exemption := func(env dnc.Environment, i int) registry.Exemption {
		return registry.Exemption{
			Environment: env, ID: fmt.Sprint("e", i), Number: number(i % 2), Registry: "a",
			Ground: registry.Relationship, Evidence: "invoice 7", Since: at(0), Until: at(i + 100),
			CreatedAt: at(50 + i), By: "ada",
		}
	}
	one, two, three := exemption("production", 1), exemption("production", 2),
		exemption("production", 3)
	other := exemption("sandbox", 1)
	for _, e := range []registry.Exemption{one, two, three, other} {
		must(t, "AddExemption", s.AddExemption(ctx, e))
	}
	checkErr(t, dnc.ErrNoEnvironment, s.AddExemption(ctx, exemption("nowhere", 1)),
		second(s.Exemptions(ctx, "nowhere", registry.ExemptionQuery{Limit: 1})))
	for _, tt := range []struct {
		q    registry.ExemptionQuery
		want registry.ExemptionPage
	}{
		{
			registry.ExemptionQuery{Limit: 2},
			registry.ExemptionPage{
				Exemptions: []registry.Exemption{three, two}, Total: 3, More: true,
			},
		},
		{
			registry.ExemptionQuery{Limit: 2, After: "e2"},
			registry.ExemptionPage{Exemptions: []registry.Exemption{one}, Total: 3},
		},
		{
			registry.ExemptionQuery{Limit: 9, Number: number(1)},
			registry.ExemptionPage{Exemptions: []registry.Exemption{three, one}, Total: 2},
		},
	} {
		check(t, "Exemptions", tt.want)(s.Exemptions(ctx, "production", tt.q))
	}
	one.EndedAt, one.EndedBy = at(60), "bob"
	check(t, "EndExemption", one)(s.EndExemption(ctx, "production", "e1", "bob", at(60)))
	checkErr(
		t, registry.ErrNoExemption, second(s.EndExemption(ctx, "production", "e1", "bob", at(61))),
		second(s.EndExemption(ctx, "nowhere", "e1", "bob", at(61))),
		second(s.EndExemption(ctx, "sandbox", "e2", "bob", at(61))))
	trail, err := s.Trail(ctx, "production", dnc.TrailQuery{Number: number(1), Limit: 9})
	if err != nil || trail.Total != 3 || trail.Events[0].Kind != dnc.ExemptionEnded ||
		trail.Events[1].Kind != dnc.Exempted || trail.Events[1].ReasonAfter != "invoice 7" {
		t.Errorf("Trail = %+v, %v; want two exemptions, of which one ended", trail, err)
	}
	must(t, "RemoveWorld", s.RemoveWorld(ctx, "production", "ada"))
	check(t, "AllExemptions", []registry.Exemption{other})(s.AllExemptions(ctx))
}
