package index

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// suffixes is how many numbers differ in their last four digits only.
const suffixes = 10_000

const production dnc.Environment = "production"

// entry is an entry as the model and the tests' sources keep it.
type entry struct {
	number uint64
	by     dnc.CreatedBy
	at     int64
}

// model is a list as simple as can be.
type model struct {
	revision int64
	entries  map[uint64]entry
}

// source gives what it is told to.
type source map[dnc.Environment]*model

func (s source) Read(_ context.Context, into Reader) error {
	for env, m := range s {
		into.Environment(env, m.revision)
		for _, e := range m.entries {
			into.Entry(e164.FromUint64(e.number), e.by, e.at)
		}
	}
	return nil
}

func (m *model) matches(e entry, q dnc.Query) bool {
	text := e164.FromUint64(e.number).String()[1:]
	return (q.CreatedBy == "" || q.CreatedBy == e.by) && strings.Contains(text, q.Part)
}

// search returns all that match, in order.
func (m *model) search(q dnc.Query) []uint64 {
	var found []entry
	for _, e := range m.entries {
		if m.matches(e, q) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b entry) int {
		switch q.Order {
		case dnc.NumberUp:
			return cmp.Compare(a.number, b.number)
		case dnc.NumberDown:
			return cmp.Compare(b.number, a.number)
		case dnc.OldestFirst:
			return cmp.Compare(a.at, b.at)
		}
		return cmp.Compare(b.at, a.at)
	})
	var numbers []uint64
	for _, e := range found {
		numbers = append(numbers, e.number)
	}
	return numbers
}

// walk reads every page of a search of x.
func walk(t rapid.TB, x *Index, q dnc.Query) (all []uint64, total int) {
	t.Helper()
	for pages := 0; ; pages++ {
		found, err := x.Search(production, q)
		if err != nil {
			t.Fatalf("Search(%+v): %v", q, err)
		}
		if len(found.Numbers) > q.Limit {
			t.Fatalf("Search(%+v) found %d on a page of %d", q, len(found.Numbers), q.Limit)
		}
		for _, n := range found.Numbers {
			all = append(all, n.Uint64())
		}
		if found.Next.IsZero() {
			return all, found.Total
		}
		if found.Total <= len(all) {
			t.Fatalf("Search(%+v): %d of %d found, and a next page", q, len(all), found.Total)
		}
		q.After = found.Next
	}
}

// number draws numbers that meet often, on few pages, of all lengths.
func number() *rapid.Generator[uint64] {
	return rapid.Custom(func(t *rapid.T) uint64 {
		prefix := rapid.SampledFrom([]uint64{
			1_415_555, 1_415_556, 1_999_999, 2_000_000, 999_999, 100, 44_790_012, 99_999_999_999,
		}).Draw(t, "prefix")
		suffix := rapid.OneOf(
			rapid.Uint64Range(0, suffixes-1),
			rapid.SampledFrom([]uint64{0, 1, 63, 64, 5555, 4155, 9999}),
		).Draw(t, "suffix")
		return prefix*suffixes + suffix
	})
}

// machine drives an index and a model side by side.
type machine struct {
	index Index
	model model
	clock int64
}

func (m *machine) event(kind dnc.EventKind, n uint64, by dnc.CreatedBy, at int64) dnc.Event {
	m.model.revision++
	return dnc.Event{
		Environment: production, Revision: m.model.revision, Kind: kind,
		Number: e164.FromUint64(n), CreatedBy: by, CreatedAt: time.UnixMicro(at).UTC(),
	}
}

func (m *machine) add(t *rapid.T) {
	n := number().Draw(t, "number")
	by := rapid.SampledFrom([]dnc.CreatedBy{dnc.User, dnc.System}).Draw(t, "by")
	m.clock += rapid.Int64Range(1, int64(6*time.Hour/time.Microsecond)).Draw(t, "later")
	if _, listed := m.model.entries[n]; listed {
		kinds := []dnc.EventKind{dnc.AddedAgain, dnc.Confirmed}
		m.index.Apply(m.event(rapid.SampledFrom(kinds).Draw(t, "kind"), n, by, m.clock))
		return
	}
	m.index.Apply(m.event(dnc.Added, n, by, m.clock))
	m.model.entries[n] = entry{n, by, m.clock}
}

// addRun adds many numbers of one page, so that it becomes dense.
func (m *machine) addRun(t *rapid.T) {
	first := number().Draw(t, "first")
	for i := range uint64(rapid.IntRange(1, 200).Draw(t, "numbers")) {
		n := first - first%suffixes + (first+i*7)%suffixes
		if _, listed := m.model.entries[n]; listed {
			continue
		}
		m.clock++
		m.index.Apply(m.event(dnc.Added, n, dnc.User, m.clock))
		m.model.entries[n] = entry{n, dnc.User, m.clock}
	}
}

func (m *machine) listed(t *rapid.T) entry {
	if len(m.model.entries) == 0 {
		t.Skip("nothing is listed")
	}
	var numbers []uint64
	for n := range m.model.entries {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return m.model.entries[rapid.SampledFrom(numbers).Draw(t, "listed")]
}

func (m *machine) edit(t *rapid.T) {
	e, to := m.listed(t), number().Draw(t, "to")
	if _, listed := m.model.entries[to]; listed && to != e.number {
		t.Skip("listed already")
	}
	ev := m.event(dnc.Edited, e.number, e.by, e.at)
	ev.NewNumber = e164.FromUint64(to)
	m.index.Apply(ev)
	delete(m.model.entries, e.number)
	m.model.entries[to] = entry{to, e.by, e.at}
}

func (m *machine) remove(t *rapid.T) {
	e := m.listed(t)
	m.index.Apply(m.event(dnc.Removed, e.number, e.by, e.at))
	delete(m.model.entries, e.number)
}

func (m *machine) removeMost(t *rapid.T) {
	for n, e := range m.model.entries {
		if n%8 != 0 {
			m.index.Apply(m.event(dnc.Removed, n, e.by, e.at))
			delete(m.model.entries, n)
		}
	}
}

func (m *machine) load(t *rapid.T) {
	if err := m.index.Load(t.Context(), source{production: &m.model}); err != nil {
		t.Fatal(err)
	}
}

func (m *machine) search(t *rapid.T) {
	text := e164.FromUint64(number().Draw(t, "like")).String()[1:]
	i := rapid.IntRange(0, len(text)).Draw(t, "from")
	q := dnc.Query{
		Part: text[i:rapid.IntRange(i, len(text)).Draw(t, "to")],
		CreatedBy: rapid.SampledFrom([]dnc.CreatedBy{
			"", dnc.User, dnc.System,
		}).Draw(t, "createdBy"),
		Order: rapid.SampledFrom([]dnc.Order{
			"", dnc.NewestFirst, dnc.OldestFirst, dnc.NumberUp, dnc.NumberDown,
		}).Draw(t, "order"),
		Limit: rapid.SampledFrom([]int{1, 2, 50, 500}).Draw(t, "limit"),
	}
	if q.Limit < 50 && len(m.model.entries) > 300 {
		q.Limit = 50
	}
	got, total := walk(t, &m.index, q)
	want := m.model.search(q)
	if diff := gocmp.Diff(want, got); diff != "" || total != len(want) {
		t.Fatalf("Search(%+v): total %d, want %d; numbers (-want +got):\n%s",
			q, total, len(want), diff)
	}
}

func (m *machine) days(t *rapid.T) {
	since := rapid.Int64Range(0, m.clock).Draw(t, "since")
	until := rapid.Int64Range(since, m.clock+1).Draw(t, "until")
	want := make(map[time.Time]Day)
	for _, e := range m.model.entries {
		if e.at < since || e.at >= until {
			continue
		}
		date := time.UnixMicro(e.at).UTC().Truncate(24 * time.Hour)
		d := want[date]
		d.Date = date
		if e.by == dnc.System {
			d.System++
		} else {
			d.User++
		}
		want[date] = d
	}
	days, err := m.index.Days(production, time.UnixMicro(since), time.UnixMicro(until))
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[time.Time]Day)
	for _, d := range days {
		if d.User+d.System > 0 {
			got[d.Date] = d
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("Days(%d, %d) (-want +got):\n%s", since, until, diff)
	}
}

// check holds what can be asked cheaply against the model.
func (m *machine) check(t *rapid.T) {
	want := Counts{Total: len(m.model.entries)}
	for _, e := range m.model.entries {
		if e.by == dnc.System {
			want.System++
		}
	}
	want.User = want.Total - want.System
	if got, err := m.index.Counts(production); got != want || err != nil {
		t.Fatalf("Counts = %+v, %v; want %+v", got, err, want)
	}
	if m.index.Gap() {
		t.Fatal("Gap = true")
	}
	n := number().Draw(t, "asked")
	_, wantListed := m.model.entries[n]
	listed, revision, err := m.index.Contains(production, e164.FromUint64(n))
	if listed != wantListed || revision != m.model.revision || err != nil {
		t.Fatalf("Contains(%d) = %t, %d, %v; want %t, %d",
			n, listed, revision, err, wantListed, m.model.revision)
	}
}

func (m *machine) checkAll(t *rapid.T) {
	var ns []e164.Number
	for n := range m.model.entries {
		ns = append(ns, e164.FromUint64(n), e164.FromUint64(n+1))
	}
	listed := make([]bool, len(ns))
	if _, err := m.index.ContainsMany(production, ns, listed); err != nil {
		t.Fatal(err)
	}
	for i, n := range ns {
		if _, want := m.model.entries[n.Uint64()]; listed[i] != want {
			t.Fatalf("ContainsMany: %v listed %t, want %t", n, listed[i], want)
		}
	}
}

// TestModel holds an index, whatever happens to it, against a plain map.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{model: model{entries: make(map[uint64]entry)}, clock: 1e15}
		m.load(t)
		t.Repeat(map[string]func(*rapid.T){
			"add": m.add, "add run": m.addRun, "edit": m.edit, "remove": m.remove,
			"remove most": m.removeMost, "load": m.load, "search": m.search, "days": m.days,
			"check all": m.checkAll, "": m.check,
		})
	})
}
