package tape

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/voice"
)

const sandbox = dnc.Environment("sandbox")

func newShelf(t *testing.T) *Shelf {
	t.Helper()
	s := &Shelf{Dir: filepath.Join(t.TempDir(), "recordings"), Log: slog.New(slog.DiscardHandler)}
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	return s
}

// frame is 20 ms of one sample.
func frame(sample byte) []byte { return bytes.Repeat([]byte{sample}, voice.FrameBytes) }

// record has frames of a call recorded, and waits until they are kept.
func record(t *testing.T, s *Shelf, id string, frames int) {
	t.Helper()
	tape, err := s.Record(sandbox, id)
	if err != nil {
		t.Fatal(err)
	}
	for i := range frames {
		tape.Take(frame(byte(i)), frame(byte(i)+1))
	}
	tape.Close()
	tape.Close()
	tape.Take(frame(9), frame(9)) // too late
	s.Wait()
}

func played(t *testing.T, s *Shelf, id string) []byte {
	t.Helper()
	r, _, err := s.Play(sandbox, id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	file, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestRecord holds a file against what a WAV file of two channels is.
func TestRecord(t *testing.T) {
	s := newShelf(t)
	record(t, s, "c1", 3)
	file := played(t, s, "c1")
	sound := 3 * block
	if want := header(uint32(sound)); !bytes.Equal(file[:headerSize], want) {
		t.Errorf("header\n%x, want\n%x", file[:headerSize], want)
	}
	if len(file) != headerSize+sound {
		t.Fatalf("file of %d bytes, want %d", len(file), headerSize+sound)
	}
	for i, sample := range file[headerSize:] { // left, right, left, ...
		if want := byte(i/block + i%2); sample != want {
			t.Fatalf("sample %d is %d, want %d", i, sample, want)
		}
	}
	if info, err := os.Stat(filepath.Join(s.Dir, "sandbox", "c1.wav")); err != nil ||
		info.Mode().Perm() != 0o600 {
		t.Errorf("file is %v, %v; want it for us alone", info, err)
	}
	if !s.Recorded(sandbox, "c1") || s.Recorded(sandbox, "c2") || s.Recorded("other", "c1") {
		t.Error("Recorded says something else")
	}
}

// TestRecordNothing keeps no file of a call without sound, and none twice.
func TestRecordNothing(t *testing.T) {
	s := newShelf(t)
	record(t, s, "c1", 0)
	if _, _, err := s.Play(sandbox, "c1"); !errors.Is(err, voice.ErrNoTape) {
		t.Errorf("Play = %v, want ErrNoTape", err)
	}
	tape, err := s.Record(sandbox, "c2")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record(sandbox, "c2"); err == nil {
		t.Error("a call is recorded twice at once")
	}
	if s.Recorded(sandbox, "c2") {
		t.Error("Recorded before the end")
	}
	tape.Close()
	s.Wait()
}

// TestPaths leaves files alone that are no recordings.
func TestPaths(t *testing.T) {
	s := newShelf(t)
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "..", "x.wav"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "../x", "..", "a/b", `a\b`, "A", "x.wav", "ü"} {
		if _, err := s.Record(sandbox, id); !errors.Is(err, voice.ErrNoTape) {
			t.Errorf("Record(%q) = %v, want ErrNoTape", id, err)
		}
		if _, _, err := s.Play(dnc.Environment(id), "x"); !errors.Is(err, voice.ErrNoTape) {
			t.Errorf("Play in %q = %v, want ErrNoTape", id, err)
		}
		if s.Recorded(sandbox, id) || !errors.Is(s.Erase(sandbox, id), voice.ErrNoTape) {
			t.Errorf("%q is taken for a call", id)
		}
		if s.EraseAll(dnc.Environment(id)) == nil {
			t.Errorf("EraseAll(%q) erases", id)
		}
	}
}

// TestOpen makes whole what a crash left, at any byte.
func TestOpen(t *testing.T) {
	s := newShelf(t)
	record(t, s, "c1", 2)
	whole := played(t, s, "c1")
	ended := time.Now().Add(-time.Hour).Truncate(time.Second)
	dir := filepath.Join(s.Dir, "sandbox")
	for _, size := range []int{0, 10, headerSize, headerSize + 1, headerSize + 3, len(whole)} {
		half := slices.Concat(header(unknown), whole[headerSize:])[:size]
		left := filepath.Join(dir, "c2.wav.part")
		if err := os.WriteFile(left, half, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(left, ended, ended); err != nil {
			t.Fatal(err)
		}
		after := &Shelf{Dir: s.Dir, Log: s.Log}
		if err := after.Open(); err != nil {
			t.Fatalf("Open with a file of %d bytes: %v", size, err)
		}
		if _, err := os.Stat(left); err == nil {
			t.Errorf("a file of %d bytes stays as it was", size)
		}
		sound := max(0, size-headerSize) / 2 * 2
		if !after.Recorded(sandbox, "c2") {
			if sound > 0 {
				t.Errorf("a file of %d bytes is lost", size)
			}
			continue
		}
		_, at, _ := after.Play(sandbox, "c2")
		want := append(header(uint32(sound)), whole[headerSize:headerSize+sound]...)
		if file := played(t, after, "c2"); !at.Equal(ended) || !bytes.Equal(file, want) {
			t.Errorf("of %d bytes: %d of %s, want %d of %s", size, len(file), at, len(want), ended)
		}
		if err := after.Erase(sandbox, "c2"); err != nil {
			t.Error(err)
		}
	}
}

// TestSweep removes what has been kept long enough.
func TestSweep(t *testing.T) {
	s := newShelf(t)
	record(t, s, "old", 1)
	record(t, s, "new", 1)
	past := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(filepath.Join(s.Dir, "sandbox", "old.wav"), past, past); err != nil {
		t.Fatal(err)
	}
	if err := s.sweep(time.Now()); err != nil || !s.Recorded(sandbox, "old") {
		t.Errorf("swept without being asked: %v", err)
	}
	s.Keep = 24 * time.Hour
	if err := s.sweep(time.Now()); err != nil {
		t.Fatal(err)
	}
	if s.Recorded(sandbox, "old") || !s.Recorded(sandbox, "new") {
		t.Error("want the old one removed, and the new one kept")
	}
}

// TestLimit ends recordings where there is no room, and goes on once there is.
func TestLimit(t *testing.T) {
	s := newShelf(t)
	s.Limit = 2*headerSize + 3*block
	record(t, s, "c1", 1)
	record(t, s, "c2", 9)
	if got, want := len(played(t, s, "c2")), headerSize+2*block; got != want {
		t.Errorf("file of %d bytes, want the %d for which there was room", got, want)
	}
	if _, err := s.Record(sandbox, "c3"); !errors.Is(err, errLimit) {
		t.Errorf("Record = %v, want errLimit", err)
	}
	if err := s.Erase(sandbox, "c2"); err != nil {
		t.Fatal(err)
	}
	record(t, s, "c3", 1)
	if !s.Recorded(sandbox, "c3") {
		t.Error("not recorded though there is room again")
	}
	after := &Shelf{Dir: s.Dir, Log: s.Log}
	if err := after.Open(); err != nil || after.used.Load() != s.used.Load() {
		t.Errorf("%d bytes used after a restart, %d before; %v",
			after.used.Load(), s.used.Load(), err)
	}
}

// TestEraseAll removes an environment's recordings, also one that is going on.
func TestEraseAll(t *testing.T) {
	s := newShelf(t)
	record(t, s, "c1", 1)
	going, err := s.Record(sandbox, "c2")
	if err != nil {
		t.Fatal(err)
	}
	going.Take(frame(1), frame(2))
	if err := s.EraseAll(sandbox); err != nil {
		t.Fatal(err)
	}
	going.Close()
	s.Wait()
	if s.Recorded(sandbox, "c1") || s.Recorded(sandbox, "c2") {
		t.Error("recordings are still there")
	}
	if err := s.EraseAll("nowhere"); err != nil {
		t.Errorf("EraseAll of nothing: %v", err)
	}
}

// TestLongest takes no more than two hours.
func TestLongest(t *testing.T) {
	one := &tape{taken: maxBlocks - 1, blocks: make(chan []byte, 3)}
	for range 3 {
		one.Take(frame(1), frame(1))
	}
	if len(one.blocks) != 1 {
		t.Errorf("took %d, want the last one", len(one.blocks))
	}
}

// TestStall waits for no disk: what cannot be written is missing.
func TestStall(t *testing.T) {
	one := &tape{blocks: make(chan []byte, 1)}
	one.Take(frame(1), frame(1))
	one.Take(frame(2), frame(2)) // nobody writes
	if both := <-one.blocks; both[0] != 1 || one.taken != 1 {
		t.Errorf("took %d, of %d", one.taken, both[0])
	}
}
