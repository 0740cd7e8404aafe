package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

func testAdd(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	want := entry(1)
	want.UpdatedAt = want.CreatedAt
	if got := mustAdd(t, s, entry(1)); got != want {
		t.Errorf("AddEntry = %+v; want %+v", got, want)
	}
	again := entry(1)
	again.CreatedBy, again.Reason, again.User = dnc.System, dnc.ReasonOptOut, ""
	again.CallID, again.CreatedAt = "c_7", at(900)
	if got, added, err := s.AddEntry(ctx, again); got != want || added || err != nil {
		t.Errorf("AddEntry(again) = %+v, %v, %v; want the first, false", got, added, err)
	}
	page, err := s.Trail(ctx, "production", dnc.TrailQuery{Limit: 1})
	if err != nil || len(page.Events) != 1 {
		t.Fatalf("Trail = %+v, %v; want an event", page, err)
	}
	wantEvent := dnc.Event{
		Environment: "production", Revision: 3, Kind: dnc.AddedAgain, Number: number(1),
		CreatedBy: dnc.User, CreatedAt: at(101), ReasonAfter: dnc.ReasonOptOut,
		CallID: "c_7", At: at(900),
	}
	if page.Events[0] != wantEvent || page.Total != 3 || page.Next != 3 {
		t.Errorf("Trail = %+v; want %+v of 3", page, wantEvent)
	}
	mustAdd(t, s, entry(2))
	ns := []e164.Number{number(2), number(9), number(1), number(2)}
	got, err := s.Entries(ctx, "production", ns)
	if err != nil || len(got) != 3 || got[1] != want || got[0].Number != number(2) {
		t.Errorf("Entries = %+v, %v; want 2, 1, 2", got, err)
	}
	if got, err := s.Entries(ctx, "sandbox", ns); len(got) != 0 || err != nil {
		t.Errorf("Entries(sandbox) = %v, %v; want none", got, err)
	}
	e := entry(1)
	e.Environment = "nowhere"
	if _, _, err := s.AddEntry(ctx, e); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("AddEntry(nowhere) = %v; want ErrNoEnvironment", err)
	}
}

func testEdit(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	first := mustAdd(t, s, entry(1))
	mustAdd(t, s, entry(2))
	same, other, third, reason := number(1), number(2), number(3), "wrong number"
	edit := dnc.Edit{Environment: "production", Number: number(1), By: "bob", At: at(500)}

	if got, err := s.EditEntry(ctx, edit); got != first || err != nil {
		t.Errorf("EditEntry(nothing) = %+v, %v; want it as it is", got, err)
	}
	edit.NewNumber = &other
	if _, err := s.EditEntry(ctx, edit); !errors.Is(err, dnc.ErrListed) {
		t.Errorf("EditEntry(to a listed number) = %v; want ErrListed", err)
	}
	edit.NewNumber, edit.NewReason = &same, &reason
	want := first
	want.Reason, want.UpdatedAt = reason, at(500)
	if got, err := s.EditEntry(ctx, edit); got != want || err != nil {
		t.Errorf("EditEntry(reason) = %+v, %v; want %+v", got, err, want)
	}
	edit.NewNumber, edit.NewReason, edit.At = &third, nil, at(400) // too early
	want.Number, want.UpdatedAt = third, at(500).Add(1000)
	if got, err := s.EditEntry(ctx, edit); got != want || err != nil {
		t.Errorf("EditEntry(number) = %+v, %v; want %+v", got, err, want)
	}
	if _, err := s.EditEntry(ctx, edit); !errors.Is(err, dnc.ErrNotListed) {
		t.Errorf("EditEntry(not listed) = %v; want ErrNotListed", err)
	}
	page, err := s.Trail(ctx, "production", dnc.TrailQuery{Kind: dnc.Edited, Limit: 10})
	if err != nil || page.Total != 2 || len(page.Events) != 2 {
		t.Fatalf("Trail = %+v, %v; want two events", page, err)
	}
	wantEvent := dnc.Event{
		Environment: "production", Revision: 5, Kind: dnc.Edited, Number: number(1),
		NewNumber: third, CreatedBy: dnc.User, CreatedAt: at(101), ReasonBefore: reason,
		ReasonAfter: reason, By: "bob", At: want.UpdatedAt,
	}
	if page.Events[0] != wantEvent {
		t.Errorf("Trail = %+v; want %+v", page.Events[0], wantEvent)
	}
}

func testRemove(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	mustAdd(t, s, entry(1))
	r := dnc.Removal{
		Environment: "production", Number: number(1), Reason: "mistake", By: "bob", At: at(600),
	}
	if err := s.RemoveEntry(ctx, r); err != nil {
		t.Errorf("RemoveEntry = %v", err)
	}
	if err := s.RemoveEntry(ctx, r); !errors.Is(err, dnc.ErrNotListed) {
		t.Errorf("RemoveEntry(again) = %v; want ErrNotListed", err)
	}
	if got, err := s.Entries(ctx, "production", []e164.Number{number(1)}); len(got) != 0 {
		t.Errorf("Entries = %v, %v; want none", got, err)
	}
	mustAdd(t, s, entry(1)) // as a new entry
	page, err := s.Trail(ctx, "production", dnc.TrailQuery{Number: number(1), Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []dnc.EventKind
	for _, ev := range page.Events {
		kinds = append(kinds, ev.Kind)
	}
	if want := []dnc.EventKind{dnc.Added, dnc.Removed, dnc.Added}; !slices.Equal(kinds, want) {
		t.Errorf("Trail tells of %v; want %v", kinds, want)
	}
	want := dnc.Event{
		Environment: "production", Revision: 3, Kind: dnc.Removed, Number: number(1),
		CreatedBy: dnc.User, CreatedAt: at(101), ReasonBefore: "asked by mail",
		ReasonAfter: "mistake", By: "bob", At: at(600),
	}
	if page.Events[1] != want {
		t.Errorf("Trail = %+v; want %+v", page.Events[1], want)
	}
}

func testEditOdd(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	mustAdd(t, s, entry(1))
	none, free := "", number(7)
	edit := dnc.Edit{
		Environment: "production", Number: number(1), NewNumber: &free, NewReason: &none,
		At: at(500),
	}
	got, err := s.EditEntry(ctx, edit)
	if err != nil || got.Number != free || got.Reason != "" {
		t.Errorf("EditEntry(both) = %+v, %v; want number 7 without a reason", got, err)
	}
	if _, added, err := s.AddEntry(ctx, entry(1)); !added || err != nil {
		t.Errorf("AddEntry(the number from before) = %v, %v; want it added", added, err)
	}
	edit.Environment = "nowhere"
	if _, err := s.EditEntry(ctx, edit); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("EditEntry(nowhere) = %v; want ErrNoEnvironment", err)
	}
	edit.Environment, edit.Number = "sandbox", free
	if _, err := s.EditEntry(ctx, edit); !errors.Is(err, dnc.ErrNotListed) {
		t.Errorf("EditEntry(sandbox) = %v; want ErrNotListed", err)
	}
}

func testEachEntry(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	const entries = 1100 // more than are read at once
	addMany(t, s, entries)

	last, seen := time.Now(), make(map[e164.Number]bool)
	err := s.EachEntry(ctx, "production", func(e dnc.Entry) error {
		if !e.CreatedAt.Before(last) {
			t.Fatalf("%v at %v comes after one at %v", e.Number, e.CreatedAt, last)
		}
		last, seen[e.Number] = e.CreatedAt, true
		return nil
	})
	if err != nil || len(seen) != entries {
		t.Errorf("EachEntry told of %d entries, %v; want %d", len(seen), err, entries)
	}
	stop, n := errors.New("enough"), 0
	err = s.EachEntry(ctx, "production", func(dnc.Entry) error {
		if n++; n == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || n != 3 {
		t.Errorf("EachEntry = %v after %d; want the error of fn after 3", err, n)
	}
	err = s.EachEntry(ctx, "nowhere", func(dnc.Entry) error { return nil })
	if !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("EachEntry(nowhere) = %v; want ErrNoEnvironment", err)
	}
}

// testTimes holds that times of a list only rise, whatever is asked for.
func testTimes(t *testing.T, d *database) {
	s := d.startWith(t)
	first := mustAdd(t, s, entry(1))
	early := entry(2)
	early.CreatedAt = at(-1000)
	if got := mustAdd(t, s, early); got.CreatedAt != first.CreatedAt.Add(1000) {
		t.Errorf("too early: created at %v; want just after %v", got.CreatedAt, first.CreatedAt)
	}
	tocome, begin := entry(3), time.Now()
	tocome.CreatedAt = begin.AddDate(50, 0, 0)
	if got := mustAdd(t, s, tocome); got.CreatedAt.After(time.Now()) ||
		got.CreatedAt.Before(begin.Truncate(time.Microsecond)) {
		t.Errorf("to come: created at %v; want now", got.CreatedAt)
	}
	never := entry(4)
	never.CreatedAt = time.Time{}
	if got := mustAdd(t, s, never); got.CreatedAt.Before(begin) {
		t.Errorf("no time: created at %v; want now", got.CreatedAt)
	}
}

// testTexts holds that any text can be kept, and comes back as it was.
func testTexts(t *testing.T, d *database) {
	s := d.startWith(t)
	for i, reason := range []string{
		"", "'; DROP TABLE dnc_entry; --", "$1", "größer ☎ 電話 \U0001f4f5", "a\nb\\c%_",
		strings.Repeat("ä", dnc.MaxReason),
	} {
		e := entry(i)
		e.Reason = reason
		mustAdd(t, s, e)
		got, err := s.Entries(t.Context(), "production", []e164.Number{e.Number})
		if err != nil || len(got) != 1 || got[0].Reason != reason {
			t.Errorf("reason %q comes back in %+v, %v", reason, got, err)
		}
	}
	e := entry(100)
	e.Reason = "a\x00b\xff"
	mustAdd(t, s, e)
	got, err := s.Entries(t.Context(), "production", []e164.Number{e.Number})
	if err != nil || len(got) != 1 || got[0].Reason != "a b\uFFFD" {
		t.Errorf("Entries = %+v, %v; want what no database keeps replaced", got, err)
	}
}
