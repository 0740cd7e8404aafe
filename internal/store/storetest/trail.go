package storetest

import (
	"errors"
	"testing"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

func testTrail(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	for i := range 5 {
		mustAdd(t, s, entry(i)) // revisions 2 to 6, at 100 to 104
	}
	moved := number(9)
	_, err := s.EditEntry(ctx, dnc.Edit{
		Environment: "production", Number: number(1), NewNumber: &moved, At: at(200),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.RemoveEntry(ctx, dnc.Removal{
		Environment: "production", Number: moved, At: at(300),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		query dnc.TrailQuery
		want  []int64
	}{
		{dnc.TrailQuery{}, []int64{8, 7, 6, 5, 4, 3, 2, 1}},
		{dnc.TrailQuery{Number: number(1)}, []int64{7, 3}},
		{dnc.TrailQuery{Number: moved}, []int64{8, 7}},
		{dnc.TrailQuery{Number: number(77)}, nil},
		{dnc.TrailQuery{Kind: dnc.Removed}, []int64{8}},
		{dnc.TrailQuery{Since: at(103)}, []int64{8, 7, 6, 5}},
		{dnc.TrailQuery{Until: at(103)}, []int64{4, 3, 2, 1}},
		{dnc.TrailQuery{Since: at(102), Until: at(200), Kind: dnc.Added}, []int64{6, 5, 4}},
		{dnc.TrailQuery{Since: at(104), Until: at(104)}, nil},
		{dnc.TrailQuery{Since: at(999)}, nil},
		{dnc.TrailQuery{Number: number(1), Since: at(150)}, []int64{7}},
	} {
		for limit := 1; limit < 10; limit += 2 {
			test.query.Limit = limit
			checkTrail(t, s, test.query, test.want)
		}
	}
	page, err := s.Trail(ctx, "nowhere", dnc.TrailQuery{Limit: 5})
	if err != nil && !errors.Is(err, dnc.ErrNoEnvironment) || len(page.Events) > 0 {
		t.Errorf("Trail(nowhere) = %+v, %v; want nothing", page, err)
	}
}

// checkTrail turns all pages of a trail.
func checkTrail(t *testing.T, s Store, q dnc.TrailQuery, want []int64) {
	t.Helper()
	var got []int64
	for {
		page, err := s.Trail(t.Context(), "production", q)
		if err != nil || len(page.Events) > q.Limit || page.Total != len(want) {
			t.Fatalf("Trail(%+v) = %+v, %v; want %v", q, page, err, want)
		}
		for _, ev := range page.Events {
			got = append(got, ev.Revision)
		}
		if q.After = page.Next; q.After == 0 {
			break
		}
	}
	if len(got) != len(want) {
		t.Fatalf("Trail(%+v) gave %v; want %v", q, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("Trail(%+v) gave %v; want %v", q, got, want)
		}
	}
}

// state is a list as a test follows it.
type state struct {
	revision int64
	entries  map[e164.Number]kept
}

type kept struct {
	by        dnc.CreatedBy
	createdAt int64
}

// apply follows one event. It reports whether that is the next one.
func (l *state) apply(ev dnc.Event) bool {
	if ev.Revision != l.revision+1 {
		return false
	}
	l.revision = ev.Revision
	is := kept{ev.CreatedBy, ev.CreatedAt.UnixMicro()}
	switch ev.Kind {
	case dnc.Added:
		l.entries[ev.Number] = is
	case dnc.Edited:
		delete(l.entries, ev.Number)
		l.entries[ev.NewNumber] = is
	case dnc.Removed:
		delete(l.entries, ev.Number)
	}
	return true
}

// snapshot is all that a store reads, by environment.
type snapshot struct {
	lists map[dnc.Environment]*state
	into  *state
}

func take(t *testing.T, s Store) map[dnc.Environment]*state {
	t.Helper()
	r := &snapshot{lists: make(map[dnc.Environment]*state)}
	if err := s.Read(t.Context(), r); err != nil {
		t.Fatalf("Read = %v", err)
	}
	return r.lists
}

// Environment implements [index.Reader].
func (r *snapshot) Environment(env dnc.Environment, revision int64) {
	r.into = &state{revision, make(map[e164.Number]kept)}
	r.lists[env] = r.into
}

// Entry implements [index.Reader].
func (r *snapshot) Entry(n e164.Number, by dnc.CreatedBy, createdAt int64) {
	r.into.entries[n] = kept{by, createdAt}
}
