package tape

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/voice"
)

const (
	ending     = ".wav"
	part       = ".part" // of a file that is being written
	sweepEvery = time.Hour
)

// errLimit says that there is no room for more.
var errLimit = errors.New("recordings of calls take as much as they may")

// Shelf is a folder with the recorded calls, of each environment in a folder of
// its own. Its fields are set before use.
type Shelf struct {
	Dir   string
	Keep  time.Duration // how long a recording stays; 0 for ever
	Limit int64         // bytes that all recordings may take together; 0 for no limit
	Log   *slog.Logger

	used    atomic.Int64 // bytes
	writing sync.WaitGroup
}

var (
	_ voice.Recorder = (*Shelf)(nil)
	_ voice.Tapes    = (*Shelf)(nil)
)

// Open makes whole what a crash has left, and finds out how much is there. It is
// called once, before anything is recorded.
func (s *Shelf) Open() error {
	err := s.each(func(path string, info fs.FileInfo) error {
		if name, cut := strings.CutSuffix(path, part); cut {
			if err := repair(path, name, info.ModTime()); err != nil {
				s.Log.Error("recording of a call cannot be made whole", "err", err)
			}
		}
		return nil
	})
	return cmp.Or(err, s.each(func(_ string, info fs.FileInfo) error {
		s.used.Add(info.Size())
		return nil
	}))
}

// repair gives the file at path its own name, and the time at which its call
// ended.
func repair(path, name string, at time.Time) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	size, err := finish(f, name)
	if err != nil || size == 0 {
		return err
	}
	return os.Chtimes(name, at, at)
}

// each calls do for every recording. A folder that is not there has none.
func (s *Shelf) each(do func(path string, info fs.FileInfo) error) error {
	return filepath.WalkDir(s.Dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		if !strings.HasSuffix(strings.TrimSuffix(path, part), ending) {
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return do(path, info)
	})
}

// Run removes what has been kept long enough, now and then, until ctx is done.
// Then it waits for the recordings that are being written.
func (s *Shelf) Run(ctx context.Context) error {
	defer s.Wait()
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.sweep(time.Now()); err != nil {
			s.Log.ErrorContext(ctx, "old recordings of calls not removed", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Wait waits until nothing is being written.
func (s *Shelf) Wait() { s.writing.Wait() }

// sweep removes recordings that are older than they are to be kept.
func (s *Shelf) sweep(now time.Time) error {
	if s.Keep <= 0 {
		return nil
	}
	return s.each(func(path string, info fs.FileInfo) error {
		if now.Sub(info.ModTime()) <= s.Keep || strings.HasSuffix(path, part) {
			return nil
		}
		return s.remove(path)
	})
}

// remove removes the file at path.
func (s *Shelf) remove(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	s.used.Add(-info.Size())
	return nil
}

// room reports whether so many bytes more may be kept, and counts them if so.
func (s *Shelf) room(bytes int64) bool {
	if s.used.Add(bytes) > s.Limit && s.Limit > 0 {
		s.used.Add(-bytes)
		return false
	}
	return true
}

// full says that there is no room.
func (s *Shelf) full() error { return fmt.Errorf("%w: %d bytes", errLimit, s.Limit) }

// path returns where the recording of a call is. Neither name nor ID may lead
// anywhere else.
func (s *Shelf) path(env dnc.Environment, callID string) (string, error) {
	const signs = "0123456789abcdefghijklmnopqrstuvwxyz-"
	for _, name := range []string{string(env), callID} {
		if name == "" || len(name) > 100 || strings.Trim(name, signs) != "" {
			return "", voice.ErrNoTape
		}
	}
	return filepath.Join(s.Dir, string(env), callID+ending), nil
}

// Record implements [voice.Recorder].
func (s *Shelf) Record(env dnc.Environment, callID string) (voice.Tape, error) {
	name, err := s.path(env, callID)
	if err != nil {
		return nil, err
	}
	if !s.room(headerSize) {
		return nil, s.full()
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name+part, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	t := &tape{shelf: s, name: name, callID: callID, blocks: make(chan []byte, waiting)}
	s.writing.Go(func() { t.write(f) })
	return t, nil
}

// Recorded implements [voice.Tapes].
func (s *Shelf) Recorded(env dnc.Environment, callID string) bool {
	path, err := s.path(env, callID)
	if err != nil {
		return false
	}
	_, err = os.Stat(path)
	return err == nil
}

// Play implements [voice.Tapes].
func (s *Shelf) Play(
	env dnc.Environment, callID string,
) (io.ReadSeekCloser, time.Time, error) {
	path, err := s.path(env, callID)
	if err != nil {
		return nil, time.Time{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}, orNoTape(err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, time.Time{}, err
	}
	return f, info.ModTime(), nil
}

// Erase implements [voice.Tapes].
func (s *Shelf) Erase(env dnc.Environment, callID string) error {
	path, err := s.path(env, callID)
	if err != nil {
		return err
	}
	return orNoTape(s.remove(path))
}

// EraseAll implements [voice.Tapes]. What is being written is removed too.
func (s *Shelf) EraseAll(env dnc.Environment) error {
	path, err := s.path(env, "all")
	if err != nil {
		return err
	}
	of := &Shelf{Dir: filepath.Dir(path)}
	err = of.each(func(path string, _ fs.FileInfo) error { return s.remove(path) })
	return errors.Join(err, os.RemoveAll(of.Dir))
}

func orNoTape(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return voice.ErrNoTape
	}
	return err
}
