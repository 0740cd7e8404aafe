package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// testDurable holds that what was answered is there when the database is
// opened again.
func testDurable(t *testing.T, d *database) {
	s := d.startWith(t)
	e := mustAdd(t, s, entry(1))
	c := call(1)
	mustAddCall(t, s, c)
	if _, err := s.AddTurn(t.Context(), "production", c.ID, turn("hello")); err != nil {
		t.Fatal(err)
	}
	before := take(t, s)["production"]
	if err := s.Close(); err != nil {
		t.Fatalf("Close = %v", err)
	}
	s = d.start(t)
	got, err := s.Entries(t.Context(), "production", []e164.Number{number(1)})
	if err != nil || len(got) != 1 || got[0] != e {
		t.Errorf("Entries = %+v, %v; want %+v", got, err, e)
	}
	after := take(t, s)["production"]
	if after.revision != before.revision || len(after.entries) != 1 {
		t.Errorf("Read = %+v; want %+v", after, before)
	}
	again, err := s.Call(t.Context(), "production", c.ID)
	if err != nil || len(again.Turns) != 1 || again.Turns[0].Text != "hello" {
		t.Errorf("Call = %+v, %v; want it with its turn", again, err)
	}
}

// testOneProcess holds that a database is open once.
func testOneProcess(t *testing.T, d *database) {
	s := d.startWith(t)
	second, err := d.open(t, d.dsn)
	if err == nil {
		t.Errorf("a second store opens: %v", second.Close())
	}
	if want := "another nocall uses this"; err != nil && !contains(err, want) {
		t.Errorf("open again = %v; want %q", err, want)
	}
	mustAdd(t, s, entry(1)) // the first is not disturbed
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	d.start(t)
}

// testContextEnds holds that nobody waits longer than they want to, and that
// nothing is done for who does not wait.
func testContextEnds(t *testing.T, d *database) {
	s := d.startWith(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.AddEntry(ctx, entry(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("AddEntry = %v; want the error of the context", err)
	}
	if err := s.AddCall(ctx, call(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("AddCall = %v; want the error of the context", err)
	}
	if _, err := s.Calls(ctx, "production", voice.CallQuery{Limit: 1}); err == nil {
		t.Error("Calls = nil; want the error of the context")
	}
	mustAdd(t, s, entry(2))
	if n := len(take(t, s)["production"].entries); n != 1 {
		t.Errorf("%d entries; want the second one alone", n)
	}
}

func testClosed(t *testing.T, d *database) {
	s, err := d.open(t, d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	if _, _, err := s.AddEntry(t.Context(), entry(1)); err == nil {
		t.Error("AddEntry of a closed store = nil")
	}
	if err := s.Read(t.Context(), new(snapshot)); err == nil {
		t.Error("Read of a closed store = nil")
	}
}

// testOneFails holds that a change that the database itself refuses fails
// alone, though others share its transaction.
func testOneFails(t *testing.T, d *database) {
	s, book := d.startWith(t), new(Notebook)
	s.Follow(book)
	mustAddCall(t, s, call(1))
	var clients sync.WaitGroup
	for i := range 60 {
		clients.Go(func() {
			if i%3 == 0 {
				if err := s.AddCall(t.Context(), call(1)); err == nil {
					t.Error("AddCall with an ID that is taken = nil")
				}
				return
			}
			if i%3 == 1 {
				r := dnc.Removal{Environment: "production", Number: number(900)}
				if err := s.RemoveEntry(t.Context(), r); !errors.Is(err, dnc.ErrNotListed) {
					t.Errorf("RemoveEntry = %v; want ErrNotListed", err)
				}
				return
			}
			if _, added, err := s.AddEntry(t.Context(), entry(i)); !added || err != nil {
				t.Errorf("AddEntry = %v, %v; want it added", added, err)
			}
		})
	}
	clients.Wait()
	events := book.Told()
	checkOrder(t, events, 1)
	if len(events) != 20 || len(take(t, s)["production"].entries) != 20 {
		t.Errorf("told of %d events; want 20", len(events))
	}
	if doubts, _, _ := book.Doubts(); doubts != 0 {
		t.Errorf("%d doubts; want none", doubts)
	}
}
