package index

import (
	"context"
	"errors"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

const (
	ada   = 14155550100
	grace = 14155550123
	alan  = 442071838750
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func e(n uint64) e164.Number { return e164.FromUint64(n) }

// listOf returns a list with these entries, the user's, a second after another.
func listOf(revision int64, numbers ...uint64) *model {
	m := &model{revision: revision, entries: make(map[uint64]entry)}
	for i, n := range numbers {
		m.entries[n] = entry{n, dnc.User, noon.Add(time.Duration(i) * time.Second).UnixMicro()}
	}
	return m
}

// load returns an index of src.
func load(t *testing.T, src Source) *Index {
	t.Helper()
	x := new(Index)
	if err := x.Load(t.Context(), src); err != nil {
		t.Fatal(err)
	}
	return x
}

func added(revision int64, n uint64) dnc.Event {
	return dnc.Event{
		Environment: production, Revision: revision, Kind: dnc.Added, Number: e(n),
		CreatedBy: dnc.User, CreatedAt: noon.Add(time.Duration(revision) * time.Hour),
	}
}

func event(revision int64, kind dnc.EventKind, n uint64) dnc.Event {
	ev := added(revision, n)
	ev.Kind = kind
	return ev
}

// answer is what an index says of a number, one by one and among many.
type answer struct {
	Listed   bool
	Revision int64
	Err      error
}

func ask(t *testing.T, x *Index, n uint64) answer {
	t.Helper()
	var one, many answer
	one.Listed, one.Revision, one.Err = x.Contains(production, e(n))
	listed := []bool{true}
	many.Revision, many.Err = x.ContainsMany(production, []e164.Number{e(n)}, listed)
	many.Listed = listed[0]
	if one != many {
		t.Errorf("Contains(%d) = %+v, ContainsMany %+v", n, one, many)
	}
	return one
}

func wantAnswer(t *testing.T, x *Index, n uint64, want answer) {
	t.Helper()
	if got := ask(t, x, n); got != want {
		t.Errorf("of %d the index says %+v, want %+v", n, got, want)
	}
}

func TestUnready(t *testing.T) {
	x := new(Index)
	x.Apply(added(1, ada))
	wantAnswer(t, x, ada, answer{Err: dnc.ErrUnready})
	if _, err := x.Search(production, dnc.Query{Limit: 1}); !errors.Is(err, dnc.ErrUnready) {
		t.Errorf("Search before Load: %v, want ErrUnready", err)
	}
	if x.Ready() || x.Gap() {
		t.Errorf("before Load Ready = %t, Gap = %t; want false, false", x.Ready(), x.Gap())
	}
}

func TestNoEnvironment(t *testing.T) {
	x := load(t, source{"sandbox": listOf(3, ada)})
	wantAnswer(t, x, ada, answer{Err: dnc.ErrNoEnvironment})
	if _, err := x.Search(production, dnc.Query{}); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("Search: %v, want ErrNoEnvironment", err)
	}
	if _, err := x.Days(production, noon, noon.Add(1)); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("Days: %v, want ErrNoEnvironment", err)
	}
	if !x.Ready() {
		t.Error("Ready = false after Load")
	}
}

func TestSetCurrent(t *testing.T) {
	x := load(t, source{production: listOf(3, ada)})
	x.SetCurrent(false)
	wantAnswer(t, x, ada, answer{Listed: true, Revision: 3})
	wantAnswer(t, x, grace, answer{Err: dnc.ErrUnready})
	if found, err := x.Search(production, dnc.Query{Limit: 1}); found.Total != 1 || err != nil {
		t.Errorf("Search while lagging = %+v, %v; want the entry", found, err)
	}
	if x.Ready() {
		t.Error("Ready = true while lagging")
	}
	x.SetCurrent(true)
	wantAnswer(t, x, grace, answer{Revision: 3})
}

func TestGap(t *testing.T) {
	for name, ev := range map[string]dnc.Event{
		"an event is missing":             added(5, alan),
		"a number is removed that is not": event(4, dnc.Removed, alan),
		"a number is edited that is not":  event(4, dnc.Edited, alan),
		"a number is added that is there": added(4, ada),
		"a time is not the entry's":       event(4, dnc.Removed, ada),
	} {
		t.Run(name, func(t *testing.T) {
			x := load(t, source{production: listOf(3, ada, 14155550199)})
			x.Apply(ev)
			if !x.Gap() || x.Ready() {
				t.Errorf("Gap = %t, Ready = %t; want true, false", x.Gap(), x.Ready())
			}
			wantAnswer(t, x, grace, answer{Err: dnc.ErrUnready})
			wantAnswer(t, x, 14155550199, answer{Listed: true, Revision: ev.Revision})
			if _, err := x.Search(production, dnc.Query{}); !errors.Is(err, dnc.ErrUnready) {
				t.Errorf("Search: %v, want ErrUnready", err)
			}
			if err := x.Load(t.Context(), source{production: listOf(5, ada, alan)}); err != nil {
				t.Fatal(err)
			}
			wantAnswer(t, x, grace, answer{Revision: 5})
		})
	}
}

func TestApplyAgain(t *testing.T) {
	x := load(t, source{production: listOf(3, ada)})
	x.Apply(event(3, dnc.Removed, ada))
	wantAnswer(t, x, ada, answer{Listed: true, Revision: 3})
	x.Apply(added(4, grace))
	x.Apply(added(4, grace))
	wantAnswer(t, x, grace, answer{Listed: true, Revision: 4})
	if n, err := x.Len(production); n != 2 || err != nil || x.Gap() {
		t.Errorf("Len = %d, %v, Gap = %t; want 2 and no gap", n, err, x.Gap())
	}
}

func TestEdited(t *testing.T) {
	x := load(t, source{production: listOf(3, ada, grace)})
	ev := event(4, dnc.Edited, ada)
	ev.NewNumber, ev.CreatedAt = e(alan), noon
	x.Apply(ev)
	wantAnswer(t, x, ada, answer{Revision: 4})
	wantAnswer(t, x, alan, answer{Listed: true, Revision: 4})
	same := ev // the reason was edited
	same.Revision, same.Number = 5, ev.NewNumber
	x.Apply(same)
	got, _ := walk(t, x, dnc.Query{Order: dnc.OldestFirst, Limit: 10})
	if diff := gocmp.Diff([]uint64{alan, grace}, got); diff != "" {
		t.Errorf("an edited entry keeps its place (-want +got):\n%s", diff)
	}
}

func TestEnvironments(t *testing.T) {
	x := load(t, source{})
	x.Apply(event(1, dnc.EnvironmentAdded, 0))
	x.Apply(added(2, ada))
	wantAnswer(t, x, ada, answer{Listed: true, Revision: 2})
	x.Apply(event(3, dnc.EnvironmentRemoved, 0))
	wantAnswer(t, x, ada, answer{Err: dnc.ErrNoEnvironment})
	x.Apply(added(2, ada)) // late
	wantAnswer(t, x, ada, answer{Err: dnc.ErrNoEnvironment})
	x.Apply(event(4, dnc.EnvironmentAdded, 0))
	wantAnswer(t, x, ada, answer{Revision: 4})
	if !x.Ready() {
		t.Error("Ready = false")
	}
}

func TestEnvironmentWithoutBegin(t *testing.T) {
	x := load(t, source{})
	x.Apply(added(7, ada))
	wantAnswer(t, x, ada, answer{Err: dnc.ErrUnready})
	if !x.Gap() {
		t.Error("Gap = false though the environment was never added")
	}
}

// readFunc is a source that does what it says.
type readFunc func(Reader) error

func (f readFunc) Read(_ context.Context, into Reader) error { return f(into) }

func TestLoadWhileEventsCome(t *testing.T) {
	x := load(t, source{production: listOf(1, ada)})
	src := readFunc(func(into Reader) error {
		x.Apply(added(2, grace)) // is in what is read
		into.Environment(production, 2)
		into.Entry(e(ada), dnc.User, noon.UnixMicro())
		x.Apply(added(3, alan)) // is not
		wantAnswer(t, x, alan, answer{Listed: true, Revision: 3})
		into.Entry(e(grace), dnc.User, added(2, grace).CreatedAt.UnixMicro())
		sandbox := event(1, dnc.EnvironmentAdded, 0)
		sandbox.Environment = "sandbox"
		x.Apply(sandbox)
		return nil
	})
	if err := x.Load(t.Context(), src); err != nil {
		t.Fatal(err)
	}
	for _, n := range []uint64{ada, grace, alan} {
		wantAnswer(t, x, n, answer{Listed: true, Revision: 3})
	}
	if _, err := x.Len("sandbox"); err != nil || !x.Ready() {
		t.Errorf("sandbox: %v, Ready = %t", err, x.Ready())
	}
}

func TestLoadFails(t *testing.T) {
	for name, src := range map[string]readFunc{
		"source fails": func(into Reader) error {
			into.Environment(production, 9)
			return context.Canceled
		},
		"environment twice": func(into Reader) error {
			into.Environment(production, 9)
			into.Environment(production, 9)
			return nil
		},
		"number twice": func(into Reader) error {
			into.Environment(production, 9)
			into.Entry(e(ada), dnc.User, 1)
			into.Entry(e(ada), dnc.System, 2)
			into.Environment("sandbox", 1)
			return nil
		},
		"entry of no environment": func(into Reader) error {
			into.Entry(e(ada), dnc.User, 1)
			return nil
		},
	} {
		x := load(t, source{production: listOf(3, ada)})
		if err := x.Load(t.Context(), src); err == nil {
			t.Errorf("%s: Load succeeds", name)
		}
		wantAnswer(t, x, ada, answer{Listed: true, Revision: 3})
	}
}

func TestDays(t *testing.T) {
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	m := listOf(1)
	for i, at := range []time.Time{
		midnight.Add(-25 * time.Hour), midnight.Add(-time.Microsecond), midnight,
		midnight.Add(23 * time.Hour), midnight.Add(48 * time.Hour),
	} {
		by := []dnc.CreatedBy{dnc.User, dnc.System}[i%2]
		m.entries[uint64(ada+i)] = entry{uint64(ada + i), by, at.UnixMicro()}
	}
	x := load(t, source{production: m})
	day := func(days, user, system int) Day {
		return Day{midnight.AddDate(0, 0, days), user, system}
	}
	for _, tt := range []struct {
		since, until time.Duration // from midnight
		want         []Day
	}{
		{-time.Microsecond, 0, []Day{day(-1, 0, 1)}},
		{0, time.Microsecond, []Day{day(0, 1, 0)}},
		{-48 * time.Hour, 49 * time.Hour, []Day{
			day(-2, 1, 0), day(-1, 0, 1), day(0, 1, 1), day(1, 0, 0), day(2, 1, 0),
		}},
		{0, 0, nil},
		{time.Hour, 0, nil},
	} {
		got, err := x.Days(production, midnight.Add(tt.since), midnight.Add(tt.until))
		if diff := gocmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("Days(%v, %v): %v (-want +got):\n%s", tt.since, tt.until, err, diff)
		}
	}
	got, err := x.Days(production, time.Time{}, midnight.Add(1))
	if len(got) != MaxDays || err != nil || got[MaxDays-1] != day(0, 1, 0) {
		t.Errorf("Days since ever gives %d days, %v; want the last %d", len(got), err, MaxDays)
	}
}

func TestAsksWithoutAllocation(t *testing.T) {
	x := load(t, source{production: listOf(3, ada, alan)})
	ns, listed := []e164.Number{e(ada), e(grace), e(alan)}, make([]bool, 3)
	if n := testing.AllocsPerRun(100, func() {
		for _, n := range ns {
			_, _, _ = x.Contains(production, n)
		}
		_, _ = x.ContainsMany(production, ns, listed)
	}); n != 0 {
		t.Errorf("asking allocates %v times", n)
	}
}
