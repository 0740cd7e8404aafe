package stream

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"event":"media","media":{"payload":"AAECAw=="}}`))
	f.Add([]byte(`{"event":"mark","mark":{"name":"x"}}`))
	f.Add([]byte(`{"event":"clear"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := parse(text)
		if err != nil {
			return
		}
		switch r.Event {
		case "media", "mark", "clear":
		default:
			t.Errorf("parse(%q) = event %q", text, r.Event)
		}
		if len(r.Media.Payload) > len(text) || len(r.Mark.Name) > maxMarkName {
			t.Errorf("parse(%q) = %+v", text, r)
		}
	})
}

// FuzzCutter holds that sound in pieces of any length comes out whole.
func FuzzCutter(f *testing.F) {
	f.Add([]byte("hello"), uint16(3))
	f.Add(bytes.Repeat([]byte("a"), 1000), uint16(161))
	f.Fuzz(func(t *testing.T, sound []byte, size uint16) {
		var c cutter
		var got []byte
		for rest := sound; len(rest) > 0; {
			n := min(int(size)+1, len(rest))
			for _, frame := range c.cut(rest[:n]) {
				got = append(got, frame...)
			}
			rest = rest[n:]
		}
		for _, frame := range c.flush() {
			got = append(got, frame...)
		}
		if len(got)%160 != 0 || !bytes.HasPrefix(got, sound) || len(got)-len(sound) >= 160 {
			t.Errorf("cut %d bytes into %d", len(sound), len(got))
		}
		if bytes.Trim(got[len(sound):], "\xFF") != nil {
			t.Errorf("filled up with %x", got[len(sound):])
		}
	})
}

func TestAllowance(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	a := allowance{left: mostSaved, at: now}
	for i := range 60 * 50 { // a minute of speech at once, frame by frame
		if !a.take(320, now) {
			t.Fatalf("frame %d of a minute was too much", i)
		}
	}
	for i := range 3600 * 50 { // an hour in real time
		now = now.Add(20 * time.Millisecond)
		if !a.take(320, now) {
			t.Fatalf("frame %d of an hour was too much", i)
		}
	}
	n := 0
	for a.take(0, now) {
		n++
	}
	if n > mostSaved/messageCost {
		t.Errorf("%d empty messages at once", n)
	}
	if now = now.Add(time.Second); !a.take(0, now) {
		t.Error("nothing is allowed after a second")
	}
}

func TestMarks(t *testing.T) {
	m := newMarks()
	for i := range maxMarks {
		played, ok := m.set(fmt.Sprint(i))
		if !ok {
			t.Fatalf("mark %d was refused", i)
		}
		played()
	}
	if _, ok := m.set("one more"); ok {
		t.Error("more marks may wait than fit")
	}
	<-m.ready
	if got := m.take(); len(got) != maxMarks || got[7] != "7" {
		t.Errorf("took %d marks, want %d in order", len(got), maxMarks)
	}
	if _, ok := m.set("again"); !ok {
		t.Error("a mark was refused though none waits")
	}
}
