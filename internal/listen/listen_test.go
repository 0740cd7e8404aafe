package listen_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
	"nocall/internal/listen"
	"nocall/internal/optout"
	"nocall/internal/store"
	"nocall/internal/voice"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const production dnc.Environment = "production"

var (
	start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	ours  = e164.FromUint64(1_415_555_0100)
)

// house is a listener and what it stands on, of which parts can be broken.
type house struct {
	*listen.Listener
	store   *flaky
	calls   int
	contact e164.Number // of the last call; each call has another
}

// flaky is a store that can be told to fail.
type flaky struct {
	*store.Store
	add, turn, change atomic.Bool // whether that fails
}

var errBroken = errors.New("the disk is full")

func (f *flaky) AddEntry(ctx context.Context, e dnc.Entry) (dnc.Entry, bool, error) {
	if f.add.Load() {
		return dnc.Entry{}, false, errBroken
	}
	return f.Store.AddEntry(ctx, e)
}

func (f *flaky) AddTurn(
	ctx context.Context, env dnc.Environment, id string, t voice.Turn,
) (voice.Call, error) {
	if f.turn.Load() {
		return voice.Call{}, errBroken
	}
	return f.Store.AddTurn(ctx, env, id, t)
}

func (f *flaky) ChangeCall(
	ctx context.Context, env dnc.Environment, id string, change func(*voice.Call) error,
) (voice.Call, error) {
	if f.change.Load() {
		return voice.Call{}, errBroken
	}
	return f.Store.ChangeCall(ctx, env, id, change)
}

// follower passes on what the store tells.
type follower struct {
	*dnc.List
	index *index.Index
	store *store.Store
}

func (f follower) Doubt(inDoubt bool)               { f.index.SetCurrent(!inDoubt) }
func (f follower) Reload(ctx context.Context) error { return f.index.Load(ctx, f.store) }

func newHouse(t *testing.T) *house {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nocall.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	f := &flaky{Store: s}
	x := new(index.Index)
	list := &dnc.List{Index: x, Store: f}
	s.Follow(follower{list, x, s})
	_, err = s.AddWorld(t.Context(), dnc.World{
		Name: production, Settings: dnc.DefaultSettings(),
	}, "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Load(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return &house{
		Listener: &listen.Listener{List: list, Calls: f, Detector: optout.New()},
		store:    f,
	}
}

// call keeps a new call, changed by change, and returns its ID.
func (h *house) call(t *testing.T, change func(*voice.Call)) string {
	t.Helper()
	h.calls++
	h.contact = e164.FromUint64(1_415_555_0100 + uint64(h.calls))
	c := voice.Call{
		ID: fmt.Sprint("call-", h.calls), Environment: production,
		Direction: voice.Outbound, Number: h.contact, CallerID: ours, Provider: "test",
		Status: voice.IsRinging, OptOutDetection: true, StartedAt: start,
	}
	if change != nil {
		change(&c)
	}
	if err := h.store.AddCall(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return c.ID
}

func (h *house) read(t *testing.T, id string) voice.Call {
	t.Helper()
	c, err := h.store.Call(t.Context(), production, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// say takes in a turn and fails the test where that fails.
func (h *house) say(t *testing.T, id string, who optout.Speaker, text string) voice.Heard {
	t.Helper()
	heard, err := h.Turn(t.Context(), production, id, turn(who, text))
	if err != nil {
		t.Fatalf("Turn(%s, %q): %v", who, text, err)
	}
	return heard
}

func turn(who optout.Speaker, text string) voice.Turn {
	return voice.Turn{Speaker: who, Text: text, Language: "en", At: start.Add(time.Minute)}
}

// listed reports whether n is in force on the list, and its durable entry.
func (h *house) listed(t *testing.T, n e164.Number) (bool, dnc.Entry) {
	t.Helper()
	inForce, err := h.List.Check(production, n)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := h.store.Entries(t.Context(), production, []e164.Number{n})
	if err != nil {
		t.Fatal(err)
	}
	if inForce != (len(entries) == 1) {
		t.Fatalf("in force: %v, durable: %v", inForce, entries)
	}
	if !inForce {
		return false, dnc.Entry{}
	}
	return true, entries[0]
}

const optOut = "Please don't call me again."

func TestOptOutLists(t *testing.T) {
	h := newHouse(t)
	id := h.call(t, nil)
	h.say(t, id, optout.Agent, "Hi. If you don't want to be called, say: stop calling me.")
	if listed, _ := h.listed(t, h.contact); listed {
		t.Fatal("listed for what the agent said")
	}
	before := time.Now().Add(-time.Second)
	heard := h.say(t, id, optout.Contact, optOut)
	if heard.Finding == nil || heard.Finding.Turn != 1 || heard.Finding.Quote == "" ||
		!strings.Contains(optOut, heard.Finding.Quote) || !heard.Finding.Listed {
		t.Errorf("heard %+v, want the finding in turn 1", heard.Finding)
	}
	listed, entry := h.listed(t, h.contact)
	if !listed || entry.CreatedBy != dnc.System || entry.CallID != id ||
		entry.Reason != "User requested to not be called" || entry.User != "" ||
		entry.CreatedAt.Before(before) { // when it was listed, not what a platform says
		t.Errorf("entry %+v, %v", entry, listed)
	}
	if heard.Entry == nil || *heard.Entry != entry {
		t.Errorf("heard the entry %+v, want %+v", heard.Entry, entry)
	}
	c := h.read(t, id)
	f, ok := c.OptedOut()
	if !ok || f.Turn != 1 || c.Turns[f.Turn].Text[f.Start:f.End] != f.Quote {
		t.Errorf("call has %+v, %v; want the words that decided", f, ok)
	}
	if c.Status != voice.InProgress || c.TurnCount != 2 {
		t.Errorf("call is %s with %d turns, want in_progress with 2", c.Status, c.TurnCount)
	}
}

// TestWho shows whose number is listed, and when none is.
func TestWho(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		name         string
		change       func(*voice.Call)
		found, lists bool
	}{
		{"outbound", nil, true, true},
		{"inbound", func(c *voice.Call) { c.Direction = voice.Inbound }, true, true},
		{"withheld", func(c *voice.Call) { c.Number = e164.Number{} }, true, false},
		{"detection off", func(c *voice.Call) { c.OptOutDetection = false }, false, false},
		{
			"after the end", // transcripts may come late
			func(c *voice.Call) { c.Status, c.Disposition = voice.Ended, "answered" },
			true, true,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			id := h.call(t, tt.change)
			status := h.read(t, id).Status
			heard := h.say(t, id, optout.Contact, optOut)
			if (heard.Finding != nil) != tt.found || (heard.Entry != nil) != tt.lists {
				t.Errorf("heard %+v, want found %v and listed %v", heard, tt.found, tt.lists)
			}
			if listed, _ := h.listed(t, h.contact); listed != tt.lists {
				t.Errorf("listed: %v, want %v", listed, tt.lists)
			}
			c := h.read(t, id)
			if (len(c.Findings) == 1) != tt.found || tt.found && c.Findings[0].Listed != tt.lists {
				t.Errorf("call has findings %+v", c.Findings)
			}
			if status == voice.Ended && c.Status != voice.Ended {
				t.Errorf("an ended call is %s", c.Status)
			}
		})
	}
}

func TestAlreadyListed(t *testing.T) {
	h := newHouse(t)
	id := h.call(t, func(c *voice.Call) { c.Direction = voice.Inbound })
	entry, _, err := h.List.Add(t.Context(), dnc.Entry{
		Environment: production, Number: h.contact, CreatedBy: dnc.User, Reason: "by mail",
		User: "ada", CreatedAt: start,
	})
	if err != nil {
		t.Fatal(err)
	}
	heard := h.say(t, id, optout.Contact, optOut)
	if heard.Entry == nil || *heard.Entry != entry || !heard.Finding.Listed {
		t.Errorf("heard %+v, want the entry that stands, %+v", heard, entry)
	}
	if c := h.read(t, id); len(c.Findings) != 1 {
		t.Errorf("%d findings on the call, want 1", len(c.Findings))
	}
	trail, err := h.store.Trail(t.Context(), production, dnc.TrailQuery{
		Kind: dnc.AddedAgain, Limit: 1,
	})
	if err != nil || len(trail.Events) != 1 || trail.Events[0].CallID != id {
		t.Errorf("trail %+v, %v; want that it was asked again, in this call", trail, err)
	}
}

func TestKeys(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		pressed   []string
		key       string // that opts out
		detection bool
		want      string // the keys that opted out
		kept      string // those that did not
	}{
		{[]string{"9"}, "", true, "9", ""},
		{[]string{"9"}, "", false, "9", ""}, // who presses it was told what it does
		{[]string{"1", "2", "9"}, "", true, "9", "12"},
		{[]string{"129#"}, "", true, "9", ""},
		{[]string{"1", "#"}, "", true, "", "1#"},
		{[]string{"9"}, "*", true, "", "9"},
		{[]string{"9", "*"}, "*", true, "*", "9"},
	} {
		id := h.call(t, func(c *voice.Call) { c.OptOutDetection = tt.detection })
		var found string
		for _, pressed := range tt.pressed {
			keys := voice.Keys{Pressed: pressed, OptOut: tt.key, At: start}
			heard, err := h.Keys(t.Context(), production, id, keys)
			if err != nil {
				t.Fatal(err)
			}
			if heard.Finding != nil {
				found += heard.Finding.Quote
			}
		}
		c := h.read(t, id)
		listed, _ := h.listed(t, h.contact)
		if found != tt.want || listed != (tt.want != "") || c.Status != voice.InProgress {
			t.Errorf("Keys %q with %q: found %q, listed %v, call %s; want %q",
				tt.pressed, tt.key, found, listed, c.Status, tt.want)
		}
		var kept string
		for _, p := range c.Presses {
			kept += p.Keys
		}
		if kept != tt.kept {
			t.Errorf("Keys %q with %q: kept %q, want %q", tt.pressed, tt.key, kept, tt.kept)
		}
		if len(c.Findings) > 0 && c.Findings[0].Channel != voice.Key {
			t.Errorf("Keys %q: found %+v", tt.pressed, c.Findings)
		}
	}
}

func TestUnwanted(t *testing.T) {
	h := newHouse(t)
	id := h.call(t, nil)
	for range 2 { // as after an answer that was lost
		heard, err := h.Unwanted(t.Context(), production, id, start)
		if err != nil || heard.Entry == nil || heard.Finding.Channel != voice.Signal {
			t.Errorf("Unwanted = %+v, %v; want a finding and an entry", heard, err)
		}
	}
	c := h.read(t, id)
	if listed, _ := h.listed(t, h.contact); !listed || len(c.Findings) != 1 {
		t.Errorf("listed %v with findings %+v, want listed with one", listed, c.Findings)
	}
	if c.Status != voice.IsRinging {
		t.Errorf("call is %s: nobody answered it", c.Status)
	}
}

// TestBroken shows that a turn or keys are never answered as heard while the
// number is not listed, and that sending them again does what was missing and
// nothing twice.
func TestBroken(t *testing.T) {
	h := newHouse(t)
	for name, broken := range map[string]*atomic.Bool{
		"list": &h.store.add, "turns": &h.store.turn, "call": &h.store.change,
	} {
		t.Run(name, func(t *testing.T) {
			id := h.call(t, func(c *voice.Call) { c.Status = voice.InProgress })
			said := turn(optout.Contact, optOut)
			broken.Store(true)
			for range 3 {
				heard, err := h.Turn(t.Context(), production, id, said)
				if !errors.Is(err, errBroken) || heard.Finding != nil {
					t.Errorf("Turn = %+v, %v; want the error and nothing heard", heard, err)
				}
			}
			broken.Store(false)
			heard, err := h.Turn(t.Context(), production, id, said)
			if err != nil || heard.Finding == nil || heard.Entry == nil {
				t.Errorf("Turn again = %+v, %v", heard, err)
			}
			listed, _ := h.listed(t, h.contact)
			if c := h.read(t, id); !listed || len(c.Findings) != 1 || len(c.Turns) != 1 {
				t.Errorf("listed %v, findings %+v, turns %+v; want one of each",
					listed, c.Findings, c.Turns)
			}
		})
	}
}

// TestHungUp shows that an opt-out counts though nobody waits for the answer.
func TestHungUp(t *testing.T) {
	h := newHouse(t)
	id := h.call(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Turn(ctx, production, id, turn(optout.Contact, optOut)); err != nil {
		t.Fatal(err)
	}
	if listed, _ := h.listed(t, h.contact); !listed {
		t.Error("not listed")
	}
}

// TestAtOnce has both sides of several calls speak at once.
func TestAtOnce(t *testing.T) {
	h := newHouse(t)
	ids := []string{h.call(t, nil), h.call(t, nil)}
	const each = 10
	var talk sync.WaitGroup
	say := func(id string, who optout.Speaker, text string) {
		if _, err := h.Turn(t.Context(), production, id, turn(who, text)); err != nil {
			t.Error(err)
		}
	}
	for range each {
		for _, id := range ids {
			talk.Go(func() { say(id, optout.Agent, "Hello?") })
			talk.Go(func() { say(id, optout.Contact, optOut) })
		}
	}
	talk.Wait()
	for _, id := range ids {
		c := h.read(t, id)
		if len(c.Turns) != 2*each || len(c.Findings) != 1 {
			t.Errorf("%d turns and %d findings, want %d and one, of what was said again and again",
				len(c.Turns), len(c.Findings), 2*each)
		}
		for _, f := range c.Findings {
			if said := c.Turns[f.Turn]; said.Speaker != optout.Contact || said.Text != optOut {
				t.Errorf("finding points to turn %d, %+v", f.Turn, said)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	h := newHouse(t)
	id := h.call(t, nil)
	for _, tt := range []struct {
		id   string
		turn voice.Turn
		want error
	}{
		{id, turn("customer", "hi"), voice.ErrSpeaker},
		{id, turn(optout.Contact, ""), voice.ErrText},
		{id, turn(optout.Contact, strings.Repeat("a", voice.MaxText+1)), voice.ErrTextTooLong},
		{"none", turn(optout.Contact, "hi"), voice.ErrNoCall},
	} {
		_, err := h.Turn(t.Context(), production, tt.id, tt.turn)
		if !errors.Is(err, tt.want) {
			t.Errorf("Turn(%s, %.9q) = %v, want %v", tt.id, tt.turn.Text, err, tt.want)
		}
	}
	keys := voice.Keys{Pressed: "x", At: start}
	if _, err := h.Keys(t.Context(), production, id, keys); !errors.Is(err, voice.ErrKeys) {
		t.Errorf("Keys(x) = %v, want ErrKeys", err)
	}
	keys.Pressed = "9"
	_, err := h.Keys(t.Context(), "elsewhere", id, keys)
	if !errors.Is(err, voice.ErrNoCall) {
		t.Errorf("Keys in another environment = %v, want ErrNoCall", err)
	}
	if listed, _ := h.listed(t, h.contact); listed {
		t.Error("listed")
	}
}
