package dnc_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

var start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func number(t *testing.T, s string) e164.Number {
	t.Helper()
	n, err := e164.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// memory is an index and a store in one, of one environment, as plain as can
// be: a map.
type memory struct {
	list *dnc.List

	slow bool // whether others may come between what Contains finds and its return

	mu       sync.Mutex // guards following
	unready  bool
	revision int64
	entries  map[e164.Number]dnc.Entry
}

func newList() (*dnc.List, *memory) {
	m := &memory{entries: make(map[e164.Number]dnc.Entry)}
	m.list = &dnc.List{Index: m, Store: m}
	return m.list, m
}

func (m *memory) Contains(env dnc.Environment, n e164.Number) (bool, int64, error) {
	if m.slow {
		defer runtime.Gosched()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unready {
		return false, 0, dnc.ErrUnready
	}
	if env != "production" {
		return false, 0, dnc.ErrNoEnvironment
	}
	_, ok := m.entries[n]
	return ok, m.revision, nil
}

func (m *memory) ContainsMany(
	env dnc.Environment, ns []e164.Number, listed []bool,
) (revision int64, err error) {
	for i, n := range ns {
		if listed[i], revision, err = m.Contains(env, n); err != nil {
			return 0, err
		}
	}
	return revision, nil
}

func (m *memory) Search(_ dnc.Environment, q dnc.Query) (dnc.Found, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found dnc.Found
	for n := range m.entries {
		if strings.Contains(n.String(), q.Part) {
			found.Numbers = append(found.Numbers, n)
		}
	}
	found.Total = len(found.Numbers)
	return found, nil
}

func (m *memory) Apply(ev dnc.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.revision++
	switch ev.Kind {
	case dnc.Added:
		m.entries[ev.Number] = dnc.Entry{
			Environment: ev.Environment, Number: ev.Number, Reason: ev.ReasonAfter,
		}
	case dnc.Edited:
		delete(m.entries, ev.Number)
		m.entries[ev.NewNumber] = dnc.Entry{Number: ev.NewNumber, Reason: ev.ReasonAfter}
	case dnc.Removed:
		delete(m.entries, ev.Number)
	}
}

func (m *memory) AddEntry(_ context.Context, e dnc.Entry) (dnc.Entry, bool, error) {
	if listed, _, _ := m.Contains(e.Environment, e.Number); listed {
		return e, false, nil
	}
	m.list.Apply([]dnc.Event{{
		Environment: e.Environment, Kind: dnc.Added, Number: e.Number, ReasonAfter: e.Reason,
	}})
	return e, true, nil
}

func (m *memory) EditEntry(_ context.Context, e dnc.Edit) (dnc.Entry, error) {
	ev := dnc.Event{
		Environment: e.Environment, Kind: dnc.Edited, Number: e.Number, NewNumber: e.Number,
	}
	if e.NewNumber != nil {
		ev.NewNumber = *e.NewNumber
	}
	if e.NewReason != nil {
		ev.ReasonAfter = *e.NewReason
	}
	m.list.Apply([]dnc.Event{ev})
	return dnc.Entry{Number: ev.NewNumber, Reason: ev.ReasonAfter}, nil
}

func (m *memory) RemoveEntry(_ context.Context, r dnc.Removal) error {
	m.list.Apply([]dnc.Event{{Environment: r.Environment, Kind: dnc.Removed, Number: r.Number}})
	return nil
}

func (m *memory) Entries(
	_ context.Context, _ dnc.Environment, ns []e164.Number,
) (entries []dnc.Entry, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range ns {
		if e, ok := m.entries[n]; ok {
			entries = append(entries, e)
		}
	}
	return entries, nil
}

func TestClear(t *testing.T) {
	l, m := newList()
	n, listed := number(t, "+14155550123"), number(t, "+14155550199")
	add(t, l, listed)

	for _, tt := range []struct {
		env     dnc.Environment
		number  e164.Number
		unready bool
		want    error
	}{
		{env: "production", number: n},
		{env: "production", number: listed, want: dnc.ErrListed},
		{env: "nowhere", number: n, want: dnc.ErrNoEnvironment},
		{env: "production", number: n, unready: true, want: dnc.ErrUnready},
		{env: "production", number: listed, unready: true, want: dnc.ErrUnready},
	} {
		m.unready = tt.unready
		c, err := l.Clear(tt.env, tt.number, start, func() { t.Error("recalled") })
		got, ok := dial(c, start)
		if !errors.Is(err, tt.want) || ok != (tt.want == nil) || ok && got != tt.number {
			t.Errorf("Clear(%s, %v) = %v, %v, %v; want %v",
				tt.env, tt.number, got, ok, err, tt.want)
		}
		l.Release(c)
	}
}

func TestClearanceLapses(t *testing.T) {
	l, _ := newList()
	n := number(t, "+14155550123")
	c, err := l.Clear("production", n, start, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		after time.Duration
		want  bool
	}{
		{0, true},
		{dnc.ClearanceLife - 1, true},
		{dnc.ClearanceLife, false},
		{time.Hour, false},
	} {
		if _, ok := dial(c, start.Add(tt.after)); ok != tt.want {
			t.Errorf("Dial after %v = %v, want %v", tt.after, ok, tt.want)
		}
	}
	if _, ok := dial(dnc.Clearance{}, start); ok {
		t.Error("the zero Clearance clears a number")
	}
}

func TestAddRecalls(t *testing.T) {
	l, _ := newList()
	n, other := number(t, "+14155550123"), number(t, "+14155550124")
	var recalled []string
	clear := func(name string, env dnc.Environment, n e164.Number) dnc.Clearance {
		c, err := l.Clear(env, n, start, func() { recalled = append(recalled, name) })
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first, second := clear("first", "production", n), clear("second", "production", n)
	answered := clear("answered", "production", n)
	l.Release(answered)
	clear("other", "production", other)

	if got := l.Attempts(); got != 3 {
		t.Errorf("%d attempts, want 3: two of the number, one of another", got)
	}
	add(t, l, n)
	if got := l.Attempts(); got != 1 {
		t.Errorf("%d attempts after the add, want 1", got)
	}
	slices.Sort(recalled)
	if want := []string{"first", "second"}; !slices.Equal(recalled, want) {
		t.Errorf("recalled %v, want %v", recalled, want)
	}
	for _, c := range []dnc.Clearance{first, second} {
		if _, ok := dial(c, start); ok || !c.Recalled() || c.Dialed() {
			t.Error("a recalled clearance is dialed")
		}
	}
	l.Release(first) // does no harm
	add(t, l, n)
	if len(recalled) != 2 {
		t.Errorf("recalled %v, want nothing twice", recalled)
	}
}

// TestAddWaitsForDial shows that an add and a dial are never at once: while a
// phone is made to ring, the listing is not acknowledged; after it, no phone is
// made to ring any more, and one that rings has been recalled.
func TestAddWaitsForDial(t *testing.T) {
	l, _ := newList()
	dialed := 0
	for i := range 2000 {
		n := number(t, fmt.Sprintf("+1415555%04d", i))
		var recalled, acknowledged atomic.Bool
		c, err := l.Clear("production", n, start, func() { recalled.Store(true) })
		if err != nil {
			t.Fatal(err)
		}
		var adding sync.WaitGroup
		adding.Go(func() {
			add(t, l, n)
			acknowledged.Store(true)
		})
		if i%2 == 0 {
			runtime.Gosched() // the add may come first
		}
		c.Dial(start, func(e164.Number) {
			dialed++
			for range i % 20 {
				runtime.Gosched()
			}
			if acknowledged.Load() {
				t.Error("the listing was acknowledged before or while the phone was made to ring")
			}
		})
		adding.Wait()
		if _, ok := dial(c, start); ok || !recalled.Load() {
			t.Fatalf("dialed after the add: %v; recalled: %v", ok, recalled.Load())
		}
	}
	t.Logf("of 2000 calls %d came before the add", dialed)
}

// TestAddSeesClear shows that an add is seen by a clearing at the same time, or
// recalls it: one of the two, always.
func TestAddSeesClear(t *testing.T) {
	l, m := newList()
	m.slow = true
	first := 0
	for i := range 2000 {
		n := number(t, fmt.Sprintf("+1415555%04d", i))
		var recalled atomic.Bool
		var adding sync.WaitGroup
		adding.Go(func() { add(t, l, n) })
		if i%2 == 0 {
			runtime.Gosched() // the add may come first
		}
		c, err := l.Clear("production", n, start, func() { recalled.Store(true) })
		adding.Wait()
		if err == nil {
			first++
		}
		if (err == nil) != recalled.Load() || (err == nil) != c.Recalled() {
			t.Fatalf("Clear = %v, recalled %v", err, recalled.Load())
		}
	}
	t.Logf("of 2000 calls %d came before the add", first)
}

func TestDialAsksAgain(t *testing.T) {
	l, m := newList()
	c, err := l.Clear("production", number(t, "+14155550123"), start, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.unready = true
	if _, ok := dial(c, start); ok {
		t.Error("dialed although the list has become unready")
	}
	m.unready = false
	for range 2 { // a demand for a password, say
		if _, ok := dial(c, start); !ok {
			t.Error("not dialed although the number is clear")
		}
	}
	l.Release(c)
	if _, ok := dial(c, start); ok {
		t.Error("dialed after the clearance was released")
	}
}

func TestEditRecallsNewNumber(t *testing.T) {
	l, _ := newList()
	n, next := number(t, "+14155550123"), number(t, "+14155550124")
	add(t, l, n)
	recalled := false
	if _, err := l.Clear("production", next, start, func() { recalled = true }); err != nil {
		t.Fatal(err)
	}
	_, err := l.Edit(t.Context(), dnc.Edit{Environment: "production", Number: n, NewNumber: &next})
	if err != nil || !recalled {
		t.Errorf("Edit: %v, recalled %v; want the call to the new number recalled", err, recalled)
	}
	if listed, err := l.Check("production", n); listed || err != nil {
		t.Errorf("Check of the old number = %v, %v; want clear", listed, err)
	}
}

func TestReason(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"  asked by mail \n", "asked by mail"},
		{"two\nlines", "two lines"},
		{"bell\a", "bell"},
		{"broken \xff", "broken \uFFFD"},
		{strings.Repeat("é", dnc.MaxReason), strings.Repeat("é", dnc.MaxReason)},
	} {
		if got, err := dnc.CleanReason(tt.in); got != tt.want || err != nil {
			t.Errorf("CleanReason(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
	if _, err := dnc.CleanReason(strings.Repeat("é", dnc.MaxReason+1)); err == nil {
		t.Error("CleanReason of 501 characters: no error")
	}
}

func TestParseEnvironment(t *testing.T) {
	for _, tt := range []struct {
		in string
		ok bool
	}{
		{"sandbox", true},
		{"a", true},
		{"9-to-5", true},
		{strings.Repeat("a", 63), true},
		{"", false},
		{strings.Repeat("a", 64), false},
		{"-a", false},
		{"Sandbox", false},
		{"a_b", false},
		{"a/b", false},
		{"ä", false},
	} {
		env, err := dnc.ParseEnvironment(tt.in)
		if (err == nil) != tt.ok || tt.ok && string(env) != tt.in {
			t.Errorf("ParseEnvironment(%q) = %q, %v; want ok %v", tt.in, env, err, tt.ok)
		}
	}
}

func TestDigits(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		ok       bool
	}{
		{"", "", true},
		{"+1 (415) 555", "1415555", true},
		{"415.555-01", "41555501", true},
		{"４１５", "415", true},
		{"\u202a+1415\u202c", "1415", true},
		{"ada", "", false},
		{"415x", "", false},
	} {
		if got, ok := dnc.Digits(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("Digits(%q) = %q, %v; want %q, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestMatches(t *testing.T) {
	e := dnc.Entry{Number: number(t, "+14155550123"), CreatedBy: dnc.System}
	for _, tt := range []struct {
		query dnc.Query
		want  bool
	}{
		{dnc.Query{}, true},
		{dnc.Query{Part: "14155550123"}, true},
		{dnc.Query{Part: "5550"}, true},
		{dnc.Query{Part: "0123", CreatedBy: dnc.System}, true},
		{dnc.Query{Part: "0124"}, false},
		{dnc.Query{CreatedBy: dnc.User}, false},
		{dnc.Query{Part: "5550", CreatedBy: dnc.User}, false},
	} {
		if got := tt.query.Matches(e); got != tt.want {
			t.Errorf("%+v.Matches(%v) = %v, want %v", tt.query, e.Number, got, tt.want)
		}
	}
}

func TestBell(t *testing.T) {
	var b dnc.Bell
	sandbox, stop := b.Watch("sandbox")
	production, stopProduction := b.Watch("production")
	defer stopProduction()
	b.Ring("sandbox")
	b.Ring("sandbox") // told as one
	if len(sandbox) != 1 || len(production) != 0 {
		t.Errorf("told %d and %d, want 1 and 0", len(sandbox), len(production))
	}
	<-sandbox
	stop()
	b.Ring("sandbox")
	if len(sandbox) != 0 {
		t.Error("told after the watch ended")
	}
}

// dial returns the number that c gives out to be rung at now, if it does.
func dial(c dnc.Clearance, now time.Time) (rung e164.Number, ok bool) {
	ok = c.Dial(now, func(n e164.Number) { rung = n })
	return rung, ok
}

func add(t *testing.T, l *dnc.List, n e164.Number) {
	t.Helper()
	_, _, err := l.Add(t.Context(), dnc.Entry{Environment: "production", Number: n})
	if err != nil {
		t.Fatal(err)
	}
}
