package registry

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/pages"
)

// memory is a Store and a Shelf that forget when the test ends.
type memory struct {
	registries map[string]Registry
	versions   map[string][]Version
	exemptions []Exemption
	worlds     map[dnc.Environment]dnc.World
	sets       map[string][]byte // by registry/id
	failing    error             // of AddVersion
}

func newMemory() *memory {
	m := &memory{
		registries: map[string]Registry{}, versions: map[string][]Version{},
		worlds: map[dnc.Environment]dnc.World{}, sets: map[string][]byte{},
	}
	for _, env := range []dnc.Environment{"sandbox", "production"} {
		m.worlds[env] = dnc.World{Name: env, Settings: dnc.DefaultSettings()}
	}
	return m
}

func (m *memory) Registries(context.Context) ([]Registry, error) {
	return slices.SortedFunc(maps.Values(m.registries), func(a, b Registry) int {
		return cmp.Compare(a.Name, b.Name)
	}), nil
}

func (m *memory) SaveRegistry(_ context.Context, r Registry) error {
	r.Version = m.registries[r.Name].Version
	m.registries[r.Name] = r
	return nil
}

func (m *memory) RemoveRegistry(_ context.Context, name string) error {
	delete(m.registries, name)
	delete(m.versions, name)
	return nil
}

func (m *memory) Versions(_ context.Context, name string) ([]Version, error) {
	return slices.Clone(m.versions[name]), nil
}

func (m *memory) AddVersion(ctx context.Context, v Version, keep string) error {
	if m.failing != nil {
		return m.failing
	}
	for i, o := range m.versions[v.Registry] {
		m.versions[v.Registry][i].Kept = o.Kept && o.ID == keep
	}
	m.versions[v.Registry] = append([]Version{v}, m.versions[v.Registry]...)
	return m.PutInForce(ctx, v.Registry, v.ID)
}

func (m *memory) PutInForce(_ context.Context, name, id string) error {
	r := m.registries[name]
	r.Version = id
	m.registries[name] = r
	return nil
}

func (m *memory) AllExemptions(context.Context) ([]Exemption, error) { return m.exemptions, nil }

func (m *memory) Exemptions(
	context.Context, dnc.Environment, ExemptionQuery,
) (ExemptionPage, error) {
	return ExemptionPage{Exemptions: m.exemptions, Total: len(m.exemptions)}, nil
}

func (m *memory) AddExemption(_ context.Context, e Exemption) error {
	m.exemptions = append(m.exemptions, e)
	return nil
}

func (m *memory) EndExemption(
	_ context.Context, env dnc.Environment, id, by string, at time.Time,
) (Exemption, error) {
	for i, e := range m.exemptions {
		if e.ID == id && e.Environment == env && e.EndedAt.IsZero() {
			m.exemptions[i].EndedAt, m.exemptions[i].EndedBy = at, by
			return m.exemptions[i], nil
		}
	}
	return Exemption{}, ErrNoExemption
}

func (m *memory) Worlds(context.Context) ([]dnc.World, error) {
	return slices.Collect(maps.Values(m.worlds)), nil
}

func (m *memory) ChangeWorld(
	_ context.Context, env dnc.Environment, _ string, change func(*dnc.Settings) error,
) (dnc.World, error) {
	w, ok := m.worlds[env]
	if !ok {
		return w, dnc.ErrNoEnvironment
	}
	err := change(&w.Settings)
	if err == nil {
		m.worlds[env] = w
	}
	return w, err
}

func (m *memory) Write(registry, id string, set *pages.Frozen) error {
	var b bytes.Buffer
	_, err := set.WriteTo(&b)
	m.sets[registry+"/"+id] = b.Bytes()
	return err
}

func (m *memory) Open(registry, id string) (*pages.Frozen, error) {
	b, ok := m.sets[registry+"/"+id]
	if !ok {
		return nil, fmt.Errorf("no file %s of %s", id, registry)
	}
	return pages.OpenFrozen(b)
}

func (m *memory) Load(registry, id string) (*pages.Frozen, error) {
	f, err := m.Open(registry, id)
	if err == nil {
		err = f.Verify()
	}
	return f, err
}

func (m *memory) Keep(registry string, ids ...string) error {
	for name := range m.sets {
		of, id, _ := strings.Cut(name, "/")
		if of == registry && !slices.Contains(ids, id) {
			delete(m.sets, name)
		}
	}
	return nil
}

func (m *memory) Memory(size int) []byte { return make([]byte, size) }

// open returns a keeper of what is in m.
func (m *memory) open(t *testing.T) *Keeper {
	t.Helper()
	k := &Keeper{Store: m, Shelf: m, Log: slog.New(slog.DiscardHandler)}
	if err := k.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k
}

// file is a file that says text.
func file(name, text string) File {
	return File{Name: name, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}

// take imports files as of today, which must go well.
func take(t *testing.T, k *Keeper, registry string, files ...File) Version {
	t.Helper()
	v, err := k.Import(t.Context(), Import{Registry: registry, Files: files, By: "ada"})
	if err != nil {
		t.Fatalf("Import(%s) = %v", registry, err)
	}
	return v
}

// subscribe has an environment ask registries.
func subscribe(t *testing.T, k *Keeper, env dnc.Environment, subs ...dnc.Subscription) {
	t.Helper()
	_, err := k.Subscribe(t.Context(), env, "ada", func([]dnc.Subscription) []dnc.Subscription {
		return subs
	})
	if err != nil {
		t.Fatal(err)
	}
}

func num(text string) e164.Number {
	n, err := e164.Parse(text)
	if err != nil {
		panic(err)
	}
	return n
}

// numbers returns what is in force of a registry.
func numbers(t *testing.T, k *Keeper, registry string) string {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []string
	if h := k.registries[registry]; h != nil {
		for n := range h.set.All() {
			all = append(all, n.String())
		}
	}
	return strings.Join(all, " ")
}
