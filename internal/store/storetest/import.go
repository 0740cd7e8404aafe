package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
)

type imports interface {
	AddImport(
		ctx context.Context, m dnc.Import, f *dnc.ImportFile, steps dnc.ImportSteps,
	) (dnc.Import, error)
	UndoImport(ctx context.Context, env dnc.Environment, id, by string) (dnc.Import, error)
	Import(ctx context.Context, env dnc.Environment, id string) (dnc.Import, error)
	Imports(ctx context.Context, env dnc.Environment, q dnc.ImportQuery) (dnc.ImportPage, error)
	EachImportLine(
		ctx context.Context, env dnc.Environment, id string, fn func(dnc.ImportLine) error,
	) error
	EachImportListed(
		ctx context.Context, env dnc.Environment, id string, fn func(e164.Number) error,
	) error
	EachRunningContact(
		ctx context.Context, env dnc.Environment, fn func(e164.Number) error,
	) error
}

// lists are the lists of a store in memory.
type lists struct {
	*dnc.List
	index *index.Index
	store Store
}

// Doubt implements [Follower].
func (l lists) Doubt(inDoubt bool) { l.index.SetCurrent(!inDoubt) }

// Reload implements [Follower].
func (l lists) Reload(ctx context.Context) error { return l.index.Load(ctx, l.store) }

// follow has the lists of s follow it.
func follow(t *testing.T, s Store) lists {
	t.Helper()
	l := lists{index: new(index.Index), store: s}
	l.List = &dnc.List{Index: l.index, Store: s}
	if err := l.index.Load(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	l.index.SetCurrent(true)
	s.Follow(l)
	return l
}

// steps are those of an import into production.
func (l lists) steps() dnc.ImportSteps {
	return dnc.ImportSteps{Listed: func(ns []e164.Number, listed []bool) (int64, error) {
		return l.index.ContainsMany("production", ns, listed)
	}}
}

func newImport(id string) dnc.Import {
	return dnc.Import{
		Environment: "production", ID: id, Name: "List " + id, File: id + ".csv",
		Reason: "on list " + id, By: "ada",
	}
}

// fileOf is a file with the numbers of these i, which rise.
func fileOf(is ...int) *dnc.ImportFile {
	f := &dnc.ImportFile{Reasons: []string{"", "by letter"}, Rows: int64(len(is))}
	for _, i := range is {
		n := dnc.ImportNumber{Number: number(i), Reason: uint32(i % 7 % 2)}
		f.Numbers = append(f.Numbers, n)
	}
	return f
}

func upTo(n int) []int {
	is := make([]int, n)
	for i := range is {
		is[i] = i
	}
	return is
}

func (l lists) mustImport(t *testing.T, id string, f *dnc.ImportFile) dnc.Import {
	t.Helper()
	m, err := l.store.AddImport(t.Context(), newImport(id), f, l.steps())
	if err != nil {
		t.Fatalf("AddImport(%s) = %v", id, err)
	}
	return m
}

func testImport(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	l := follow(t, s)
	mine := mustAdd(t, s, entry(3))
	f := fileOf(upTo(3000)...)
	f.Rows, f.Invalid, f.Repeated = 3003, 2, 1
	f.Lines = []dnc.ImportLine{{Line: 7, Input: "x", Detail: "no digits"}, {Line: 9, Input: "1E5"}}
	m := l.mustImport(t, "m1", f)
	want := newImport("m1")
	want.Rows, want.Added, want.AlreadyListed, want.Repeated, want.Invalid = 3003, 2999, 1, 1, 2
	want.At = m.At
	if m != want || m.At.IsZero() {
		t.Errorf("AddImport = %+v; want %+v", m, want)
	}
	got, err := s.Entries(ctx, "production", []e164.Number{number(2998), number(3), number(1)})
	if err != nil || len(got) != 3 || got[1] != mine {
		t.Fatalf("Entries = %+v, %v; want three, the second as it was", got, err)
	}
	if e := got[2]; e.Import != "m1" || e.User != "ada" || e.CreatedBy != dnc.User ||
		e.Reason != "by letter" || e.CreatedAt != e.UpdatedAt || got[0].Reason != "on list m1" {
		t.Errorf("Entries = %+v; want those of the import", got)
	}
	if again, err := s.Import(ctx, "production", "m1"); again != want || err != nil {
		t.Errorf("Import = %+v, %v; want %+v", again, err, want)
	}
	if _, err := s.Import(ctx, "sandbox", "m1"); !errors.Is(err, dnc.ErrNoImport) {
		t.Errorf("Import(of another environment) = %v; want ErrNoImport", err)
	}
	var lines []dnc.ImportLine
	err = s.EachImportLine(ctx, "production", "m1", func(l dnc.ImportLine) error {
		lines = append(lines, l)
		return nil
	})
	if err != nil || !slices.Equal(lines, f.Lines) {
		t.Errorf("EachImportLine = %+v, %v; want %+v", lines, err, f.Lines)
	}
	var listed []e164.Number
	err = s.EachImportListed(ctx, "production", "m1", func(n e164.Number) error {
		listed = append(listed, n)
		return nil
	})
	if err != nil || !slices.Equal(listed, []e164.Number{number(3)}) {
		t.Errorf("EachImportListed = %v, %v; want the one that was listed", listed, err)
	}
	if _, err := s.AddImport(ctx, newImport("m2"), fileOf(), l.steps()); !errors.Is(
		err, dnc.ErrNoNumbers) {
		t.Errorf("AddImport(nothing) = %v; want ErrNoNumbers", err)
	}
	elsewhere := newImport("m3")
	elsewhere.Environment = "nowhere"
	_, err = s.AddImport(ctx, elsewhere, fileOf(1), l.steps())
	if !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("AddImport(nowhere) = %v; want ErrNoEnvironment", err)
	}
}

func testUndo(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	l := follow(t, s)
	l.mustImport(t, "m1", fileOf(upTo(1500)...))
	reason := "by phone"
	_, err := s.EditEntry(ctx, dnc.Edit{
		Environment: "production", Number: number(1), NewReason: &reason, By: "bob", At: at(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, added, err := s.AddEntry(ctx, entry(2)); added || err != nil {
		t.Fatalf("AddEntry(imported) = %v, %v; want it listed already", added, err)
	}
	optOut := entry(3)
	optOut.CreatedBy, optOut.CallID, optOut.User = dnc.System, "c1", ""
	if e, added, err := s.AddEntry(ctx, optOut); added || err != nil || e.CreatedBy != dnc.User {
		t.Fatalf("AddEntry(opt-out) = %+v, %v, %v; want the import's", e, added, err)
	}
	err = s.RemoveEntry(ctx, dnc.Removal{Environment: "production", Number: number(4)})
	if err != nil {
		t.Fatal(err)
	}
	l.mustImport(t, "m2", fileOf(5, 6, 2000))
	m, err := s.UndoImport(ctx, "production", "m1", "bob")
	if err != nil || m.Removed != 1500-6 || m.Added != 1500 || m.UndoneBy != "bob" || !m.Undone() {
		t.Errorf("UndoImport = %+v, %v; want all but six removed", m, err)
	}
	want := []int{2000, 6, 5, 3, 2, 1}
	checkLists(t, l, want)
	if e, err := l.Entry(ctx, "production", number(5)); err != nil || e.Import != "m2" {
		t.Errorf("Entry(in a later import too) = %+v, %v; want it to be that one's", e, err)
	}
	if e, err := l.Entry(ctx, "production", number(2)); err != nil || e.Import != "" {
		t.Errorf("Entry(asked for again) = %+v, %v; want it to be no import's", e, err)
	}
	_, err = s.UndoImport(ctx, "production", "m1", "bob")
	if !errors.Is(err, dnc.ErrUndone) {
		t.Errorf("UndoImport(again) = %v; want ErrUndone", err)
	}
	if _, err = s.UndoImport(ctx, "sandbox", "m2", "bob"); !errors.Is(err, dnc.ErrNoImport) {
		t.Errorf("UndoImport(of another environment) = %v; want ErrNoImport", err)
	}
	if m, err = s.UndoImport(ctx, "production", "m2", "bob"); err != nil || m.Removed != 3 {
		t.Errorf("UndoImport(later) = %+v, %v; want three removed", m, err)
	}
	checkLists(t, l, []int{3, 2, 1})
	page, err := s.Imports(ctx, "production", dnc.ImportQuery{Limit: 1})
	if err != nil || page.Total != 2 || len(page.Imports) != 1 || page.Imports[0].ID != "m2" {
		t.Fatalf("Imports = %+v, %v; want the newest", page, err)
	}
	page, err = s.Imports(ctx, "production", dnc.ImportQuery{Limit: 1, After: page.Next})
	if err != nil || page.Next != 0 || len(page.Imports) != 1 || page.Imports[0].ID != "m1" {
		t.Errorf("Imports(next) = %+v, %v; want the oldest, and no more", page, err)
	}
}

// checkLists holds what the store, its lists in memory and those read anew say
// against the numbers that are to be listed.
func checkLists(t *testing.T, l lists, want []int) {
	t.Helper()
	wanted := make(map[e164.Number]bool)
	for _, i := range want {
		wanted[number(i)] = true
	}
	var entries []dnc.Entry
	err := l.store.EachEntry(t.Context(), "production", func(e dnc.Entry) error {
		entries = append(entries, e)
		return nil
	})
	if err != nil || len(entries) != len(wanted) {
		t.Errorf("EachEntry gave %d entries, %v; want %d", len(entries), err, len(wanted))
	}
	for i, e := range entries {
		if !wanted[e.Number] {
			t.Errorf("EachEntry gave %v, which is not listed", e.Number)
		}
		if i > 0 && !e.CreatedAt.Before(entries[i-1].CreatedAt) {
			t.Errorf("EachEntry gave %v after %v: want the newest first", e, entries[i-1])
		}
	}
	anew := new(index.Index)
	if err := anew.Load(t.Context(), l.store); err != nil {
		t.Fatal(err)
	}
	anew.SetCurrent(true)
	for name, x := range map[string]*index.Index{"followed": l.index, "read anew": anew} {
		found, err := x.Search("production", dnc.Query{Limit: len(wanted) + 1})
		if err != nil || len(found.Numbers) != len(entries) || found.Total != len(entries) {
			t.Fatalf("%s: %d numbers of %d, %v; want %d", name, len(found.Numbers), found.Total,
				err, len(entries))
		}
		for i, n := range found.Numbers {
			if n != entries[i].Number {
				t.Fatalf("%s: number %d is %v; want %v", name, i, n, entries[i].Number)
			}
		}
	}
	if l.index.Gap() {
		t.Error("the lists have missed something")
	}
}

// testImportsAtRandom does what can be done to a list in any order, and holds
// what comes of it against a simple account.
func testImportsAtRandom(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	l := follow(t, s)
	random := rand.New(rand.NewPCG(1, 2))
	account := make(map[int]string) // from the number to the import that holds it; "" for none
	type done struct {
		id  string
		has map[int]bool
	}
	var inForce []done // the oldest first
	const numbers = 2600
	for step := range 120 {
		i := random.IntN(numbers)
		_, listed := account[i]
		switch what := random.IntN(10); {
		case what == 0:
			m := done{fmt.Sprint("m", step), make(map[int]bool)}
			for i := range numbers {
				if random.IntN(3) > 0 {
					continue
				}
				m.has[i] = true
				if _, ok := account[i]; !ok {
					account[i] = m.id
				}
			}
			l.mustImport(t, m.id, fileOf(slices.Sorted(maps.Keys(m.has))...))
			inForce = append(inForce, m)
		case what == 1 && len(inForce) > 0:
			at := random.IntN(len(inForce))
			m := inForce[at]
			inForce = slices.Delete(inForce, at, at+1)
			if _, err := s.UndoImport(ctx, "production", m.id, "bob"); err != nil {
				t.Fatal(err)
			}
			undo(account, m.id, func(i int) string {
				for _, later := range inForce[at:] {
					if later.has[i] {
						return later.id
					}
				}
				return ""
			})
		case what < 6:
			if _, added, err := s.AddEntry(ctx, entry(i)); err != nil || added == listed {
				t.Fatalf("step %d: AddEntry = %v, %v; listed before: %v", step, added, err, listed)
			}
			account[i] = ""
		default:
			err := s.RemoveEntry(ctx, dnc.Removal{Environment: "production", Number: number(i)})
			if listed != (err == nil) {
				t.Fatalf("step %d: RemoveEntry = %v; listed before: %v", step, err, listed)
			}
			delete(account, i)
		}
		if step%20 == 19 {
			checkLists(t, l, slices.Collect(maps.Keys(account)))
		}
	}
}

// undo does in an account what undoing an import does: what it holds goes to
// another that has it as well, or goes.
func undo(account map[int]string, id string, other func(int) string) {
	for i, holds := range account {
		if holds != id {
			continue
		}
		delete(account, i)
		if next := other(i); next != "" {
			account[i] = next
		}
	}
}

// testImportMeets has the list change between when an import looks at it and when
// it comes into force.
func testImportMeets(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	l := follow(t, s)
	mustAdd(t, s, entry(1))
	steps, looked := l.steps(), false
	steps.Listed = func(ns []e164.Number, listed []bool) (int64, error) {
		revision, err := l.steps().Listed(ns, listed)
		if looked {
			return revision, err
		}
		looked = true
		mustAdd(t, s, entry(2))
		err = errors.Join(err, s.RemoveEntry(ctx, dnc.Removal{
			Environment: "production", Number: number(1),
		}))
		return revision, err
	}
	m, err := s.AddImport(ctx, newImport("m1"), fileOf(1, 2, 3), steps)
	if err != nil || m.Added != 2 || m.AlreadyListed != 1 {
		t.Errorf("AddImport = %+v, %v; want 1 and 3 added, and 2 listed already", m, err)
	}
	checkLists(t, l, []int{1, 2, 3})

	looked = false
	steps.Listed = func(ns []e164.Number, listed []bool) (int64, error) {
		revision, err := l.steps().Listed(ns, listed)
		if !looked {
			looked = true
			_, err = s.UndoImport(ctx, "production", "m1", "bob")
		}
		return revision, err
	}
	m, err = s.AddImport(ctx, newImport("m2"), fileOf(1, 2, 3), steps)
	if err != nil || m.Added != 2 || m.AlreadyListed != 1 {
		t.Errorf("AddImport(while another is undone) = %+v, %v; want 1 and 3 added", m, err)
	}
	checkLists(t, l, []int{1, 2, 3})
}

func testImportTrail(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	l := follow(t, s)
	mustAdd(t, s, entry(2))
	l.mustImport(t, "m1", fileOf(1, 2))
	if _, err := s.UndoImport(ctx, "production", "m1", "bob"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		query dnc.TrailQuery
		want  []dnc.EventKind
	}{
		{
			dnc.TrailQuery{},
			[]dnc.EventKind{dnc.ImportUndone, dnc.Imported, dnc.Added, dnc.EnvironmentAdded},
		},
		{dnc.TrailQuery{Number: number(1)}, []dnc.EventKind{dnc.Removed, dnc.Added}},
		{dnc.TrailQuery{Number: number(2)}, []dnc.EventKind{dnc.AddedAgain, dnc.Added}},
		{dnc.TrailQuery{Number: number(3)}, nil},
		{dnc.TrailQuery{Number: number(1), Kind: dnc.Removed}, []dnc.EventKind{dnc.Removed}},
		{dnc.TrailQuery{Number: number(2), Kind: dnc.Removed}, nil},
		{dnc.TrailQuery{Kind: dnc.Imported}, []dnc.EventKind{dnc.Imported}},
	} {
		test.query.Limit = 9
		page, err := s.Trail(ctx, "production", test.query)
		var got []dnc.EventKind
		for _, ev := range page.Events {
			got = append(got, ev.Kind)
			if q := test.query.Number; !q.IsZero() && ev.Number != q {
				t.Errorf("Trail(%+v) told of %v", test.query, ev.Number)
			}
		}
		if err != nil || !slices.Equal(got, test.want) || page.Total != len(got) {
			t.Errorf("Trail(%+v) = %v of %d, %v; want %v", test.query, got, page.Total, err,
				test.want)
		}
	}
	page, err := s.Trail(ctx, "production", dnc.TrailQuery{Number: number(1), Limit: 2})
	if err != nil || len(page.Events) != 2 {
		t.Fatalf("Trail = %+v, %v", page, err)
	}
	if ev := page.Events[1]; ev.By != "ada" || ev.Import != "m1" || ev.ReasonAfter == "" {
		t.Errorf("Trail = %+v; want who imported it, from which import, and why", ev)
	}
	if ev := page.Events[0]; ev.By != "bob" || ev.Import != "m1" {
		t.Errorf("Trail = %+v; want who undid it", ev)
	}
}

// testImportCut leaves an import off in the middle, as an end of the process does.
func testImportCut(t *testing.T, d *database) {
	s := d.startWith(t)
	l := follow(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	steps, written := l.steps(), 0
	steps.Written = func(n int) {
		if written = n; n < 100_000 {
			cancel()
		}
	}
	_, err := s.AddImport(ctx, newImport("m1"), fileOf(upTo(100_000)...), steps)
	if !errors.Is(err, context.Canceled) || written == 0 || written >= 100_000 {
		t.Errorf("AddImport(cut off after %d) = %v; want it canceled", written, err)
	}
	checkLists(t, l, nil)
	if page, err := s.Imports(t.Context(), "production", dnc.ImportQuery{}); page.Total != 0 {
		t.Errorf("Imports = %+v, %v; want none", page, err)
	}
	l.mustImport(t, "m1again", fileOf(1))
	checkLists(t, l, []int{1})
}

// testImportRecalls has an import recall a call that rings.
func testImportRecalls(t *testing.T, d *database) {
	s := d.startWith(t)
	l := follow(t, s)
	recalled := make(map[int]bool)
	for _, i := range []int{1, 2, 5000} {
		_, err := l.Clear("production", number(i), at(0), func() { recalled[i] = true })
		if err != nil {
			t.Fatal(err)
		}
	}
	l.mustImport(t, "m1", fileOf(upTo(2)...))
	if len(recalled) != 1 || !recalled[1] {
		t.Errorf("recalled %v; want the call to the number that was imported", recalled)
	}
	if _, err := l.Clear("production", number(1), at(0), nil); !errors.Is(err, dnc.ErrListed) {
		t.Errorf("Clear(imported) = %v; want ErrListed", err)
	}
}
