package storetest

import (
	"context"
	"errors"
	"testing"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

func testWorlds(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	again := dnc.World{Name: "sandbox", CreatedAt: at(5)}
	if _, err := s.AddWorld(ctx, again, "ada"); !errors.Is(err, dnc.ErrEnvironmentExists) {
		t.Errorf("AddWorld(again) = %v; want ErrEnvironmentExists", err)
	}
	worlds, err := s.Worlds(ctx)
	if err != nil || len(worlds) != 2 || worlds[0].Name != "production" {
		t.Fatalf("Worlds = %+v, %v; want production and sandbox", worlds, err)
	}
	want := dnc.World{
		Name: "sandbox", Settings: dnc.DefaultSettings(), Revision: 1, CreatedAt: at(0),
	}
	check(t, "World", want)(s.World(ctx, "sandbox"))
	want.Settings = dnc.Settings{
		DefaultRegion: "DE", MaxConcurrentCalls: 7, OptOutPreset: "strict", Hidden: true,
		Registries: []dnc.Subscription{
			{Registry: "a", Stale: dnc.Refuse, NotCovered: dnc.Allow}, {Registry: "b"},
		},
	}
	change := func(to *dnc.Settings) error { *to = want.Settings; return nil }
	want.Revision = 2
	for range 2 { // the second time it changes nothing
		check(t, "ChangeWorld", want)(s.ChangeWorld(ctx, "sandbox", "ada", change))
	}
	no := errors.New("no")
	refuse := func(to *dnc.Settings) error { to.DefaultRegion = "FR"; return no }
	if _, err := s.ChangeWorld(ctx, "sandbox", "ada", refuse); !errors.Is(err, no) {
		t.Errorf("ChangeWorld = %v; want the error of change", err)
	}
	check(t, "World", want)(s.World(ctx, "sandbox"))
	page, err := s.Trail(ctx, "sandbox", dnc.TrailQuery{Limit: 9})
	if err != nil || len(page.Events) != 2 ||
		page.Events[0].Kind != dnc.EnvironmentEdited || page.Events[0].By != "ada" ||
		page.Events[1].Kind != dnc.EnvironmentAdded || page.Events[1].By != "test" {
		t.Errorf("Trail = %+v, %v; want it added and edited", page, err)
	}
	for _, err := range []error{
		second(s.World(ctx, "nowhere")),
		second(s.ChangeWorld(ctx, "nowhere", "ada", change)),
		s.RemoveWorld(ctx, "nowhere", "ada"),
		second(s.Entries(ctx, "nowhere", nil)),
		second(s.Calls(ctx, "nowhere", voice.CallQuery{Limit: 1})),
	} {
		if !errors.Is(err, dnc.ErrNoEnvironment) {
			t.Errorf("nowhere: %v; want ErrNoEnvironment", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func testWorldRemoved(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	mustAdd(t, s, entry(1))
	mustAddCall(t, s, call(1))
	if _, err := s.AddTurn(ctx, "production", "c_01", turn("hello")); err != nil {
		t.Fatal(err)
	}
	k := access.Key{ID: "k", Environment: "production", Name: "k", Role: access.Admin}
	if err := s.AddKey(ctx, k); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveWorld(ctx, "production", "ada"); err != nil {
		t.Fatalf("RemoveWorld = %v", err)
	}
	if _, err := s.World(ctx, "production"); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("World = %v; want ErrNoEnvironment", err)
	}
	if _, err := s.Key(ctx, "k"); !errors.Is(err, access.ErrNoKey) {
		t.Errorf("Key = %v; want ErrNoKey", err)
	}
	if _, err := s.Call(ctx, "production", "c_01"); !errors.Is(err, voice.ErrNoCall) {
		t.Errorf("Call = %v; want ErrNoCall", err)
	}
	if open, err := s.OpenCalls(ctx); len(open) != 0 || err != nil {
		t.Errorf("OpenCalls = %+v, %v; want none", open, err)
	}
	if _, there := take(t, s)["production"]; there {
		t.Error("Read gives a removed environment")
	}
	checkSecondLife(t, s)
}

// checkSecondLife adds production again: it is empty, and its trail goes on.
func checkSecondLife(t *testing.T, s Store) {
	t.Helper()
	ctx := t.Context()
	w, err := s.AddWorld(ctx, dnc.World{Name: "production", CreatedAt: at(0)}, "bob")
	if err != nil || w.Revision != 4 {
		t.Errorf("AddWorld = %+v, %v; want revision 4", w, err)
	}
	list := take(t, s)["production"]
	if list == nil || len(list.entries) != 0 || list.revision != 4 {
		t.Errorf("Read gives %+v; want an empty list at 4", list)
	}
	page, err := s.Calls(ctx, "production", voice.CallQuery{Limit: 5})
	if err != nil || page.Total != 0 || len(page.Calls) != 0 {
		t.Errorf("Calls = %+v, %v; want none", page, err)
	}
	mustAdd(t, s, entry(1))
	trail, err := s.Trail(ctx, "production", dnc.TrailQuery{Limit: 9})
	if err != nil || trail.Total != 5 || trail.Events[2].Kind != dnc.EnvironmentRemoved {
		t.Errorf("Trail = %+v, %v; want 5 events, the third a removal", trail, err)
	}
	cleared := make(chan error)
	run, stop := context.WithCancel(ctx)
	go func() { cleared <- s.Run(run) }()
	mustAdd(t, s, entry(2))
	stop()
	if err := <-cleared; err != nil {
		t.Errorf("Run = %v", err)
	}
	if list := take(t, s)["production"]; len(list.entries) != 2 {
		t.Errorf("Read gives %+v after the clearing away; want two entries", list)
	}
}
