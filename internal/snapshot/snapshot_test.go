package snapshot

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"nocall/internal/e164"
	"nocall/internal/pages"
)

const (
	ada  = 14155550100
	alan = 442071838750
)

// setOf returns a set with these numbers, and many more where asked.
func setOf(t *testing.T, many int, numbers ...uint64) *pages.Frozen {
	t.Helper()
	b := pages.Builder{Memory: Memory}
	w := b.Worker()
	for _, n := range numbers {
		w.Add(e164.FromUint64(n))
	}
	for i := range uint64(many) {
		w.Add(e164.FromUint64(12_000_000_000 + i*7919%30_000_000))
	}
	f, err := b.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func wantNumbers(t *testing.T, f *pages.Frozen, want *pages.Frozen) {
	t.Helper()
	all := slices.Collect(want.All())
	if !slices.Equal(slices.Collect(f.All()), all) {
		t.Errorf("the set has %d numbers, want %d", f.Len(), want.Len())
	}
	for _, n := range all[:min(len(all), 1000)] {
		if !f.Has(n) {
			t.Fatalf("Has(%v) = false", n)
		}
	}
}

func TestWriteAndOpen(t *testing.T) {
	d := Folder(filepath.Join(t.TempDir(), "registries", "us"))
	for id, f := range map[string]*pages.Frozen{
		"empty": setOf(t, 0),
		"few":   setOf(t, 0, ada, alan),
		"many":  setOf(t, 300_000, ada, alan),
	} {
		if err := d.Write(id, f); err != nil {
			t.Fatal(err)
		}
		for name, open := range map[string]func(string) (*pages.Frozen, error){
			"Open": d.Open, "Load": d.Load,
		} {
			got, err := open(id)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			wantNumbers(t, got, f)
		}
	}
	left, err := filepath.Glob(filepath.Join(string(d), "*"+unfinished))
	if err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// TestReplaceWhileOpen has a version replaced and removed that is being asked.
func TestReplaceWhileOpen(t *testing.T) {
	d := Folder(t.TempDir())
	first := setOf(t, 200_000, ada)
	if err := d.Write("one", first); err != nil {
		t.Fatal(err)
	}
	opened, err := d.Open("one")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Write("one", setOf(t, 10)); err != nil {
		t.Fatal(err)
	}
	if err := d.Keep(); err != nil {
		t.Fatal(err)
	}
	wantNumbers(t, opened, first)
	opened = nil
	runtime.GC() // what nobody holds is given back
	if _, err := d.Open("one"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a version that was removed is opened: %v", err)
	}
}

func TestKeep(t *testing.T) {
	d := Folder(filepath.Join(t.TempDir(), "none"))
	if ids, err := d.IDs(); err != nil || len(ids) > 0 {
		t.Errorf("IDs of no folder = %v, %v", ids, err)
	}
	if err := d.Keep("one"); err != nil {
		t.Errorf("Keep in no folder: %v", err)
	}
	for _, id := range []string{"one", "two", "three"} {
		if err := d.Write(id, setOf(t, 0, ada)); err != nil {
			t.Fatal(err)
		}
	}
	half := filepath.Join(string(d), "four"+ending+unfinished)
	if err := os.WriteFile(half, []byte("killed while it was written"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Keep("two", "three"); err != nil {
		t.Fatal(err)
	}
	if ids, err := d.IDs(); err != nil || !slices.Equal(ids, []string{"two", "three"}) {
		t.Errorf("IDs = %v, %v", ids, err)
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was left unfinished is still there: %v", err)
	}
}

// TestRefused refuses what is not whole, and names that lead elsewhere.
func TestRefused(t *testing.T) {
	d := Folder(t.TempDir())
	if err := d.Write("whole", setOf(t, 100_000, ada)); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(string(d), "whole"+ending))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 63, 64, len(whole) / 2, len(whole) - 1} {
		cut := filepath.Join(string(d), "cut"+ending)
		if err := os.WriteFile(cut, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Open("cut"); !errors.Is(err, pages.ErrDamaged) {
			t.Errorf("of %d bytes %d are opened: %v", len(whole), size, err)
		}
		if _, err := d.Load("cut"); !errors.Is(err, pages.ErrDamaged) {
			t.Errorf("of %d bytes %d are loaded: %v", len(whole), size, err)
		}
	}
	whole[len(whole)-100] ^= 1
	if err := os.WriteFile(filepath.Join(string(d), "bit"+ending), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := d.Open("bit")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Verify(); !errors.Is(err, pages.ErrDamaged) {
		t.Errorf("a bit is another: %v", err)
	}
	if _, err := d.Load("bit"); !errors.Is(err, pages.ErrDamaged) {
		t.Errorf("a bit is another: %v", err)
	}
	for _, id := range []string{"", ".", "..", "../other", "a/b", ".hidden"} {
		if err := d.Write(id, f); err == nil {
			t.Errorf("%q is written", id)
		}
		if _, err := d.Open(id); err == nil {
			t.Errorf("%q is opened", id)
		}
	}
}
