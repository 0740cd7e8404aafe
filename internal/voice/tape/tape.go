// Package tape keeps the sound of calls in files: one WAV file for each call, of
// two channels, the contact on the left and our side on the right.
//
// A file is written while its call goes on, under a name that ends in .part, and
// gets its own name at the end. What a crash leaves behind is made whole by
// [Shelf.Open]. What cannot be written ends the recording, and never the call.
package tape

import (
	"bufio"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"nocall/internal/voice"
)

const (
	longest  = 2 * time.Hour // of one tape
	channels = 2
	block    = channels * voice.FrameBytes // bytes of both sides of a frame
	waiting  = 500                         // blocks that may wait for the disk: ten seconds
	buffered = 32 << 10                    // bytes that a crash may lose: two seconds
)

// maxBlocks is how many blocks one tape takes.
const maxBlocks = int(longest / voice.FrameTime)

// tape is the sound of a call that goes on.
type tape struct {
	shelf  *Shelf
	name   string // of the file at the end
	callID string

	mu     sync.Mutex
	closed bool
	taken  int
	blocks chan []byte // closed once nothing more comes
}

// Take implements [voice.Tape].
func (t *tape) Take(heard, spoken []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.taken == maxBlocks {
		return
	}
	both := make([]byte, block)
	for i := range voice.FrameBytes {
		both[channels*i], both[channels*i+1] = at(heard, i), at(spoken, i)
	}
	select {
	case t.blocks <- both:
		t.taken++
	default: // the disk stands still: these 20 ms are missing
	}
}

// at returns a byte of a frame, that of silence where there is none.
func at(frame []byte, i int) byte {
	if i < len(frame) {
		return frame[i]
	}
	return silence
}

// Close implements [voice.Tape].
func (t *tape) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.closed = true
		close(t.blocks)
	}
}

// write writes the tape to a file until it is closed, and gives the file its
// name.
func (t *tape) write(f *os.File) {
	err := t.fill(f)
	t.Close()
	for range t.blocks { // what came after a failure
	}
	size, failed := finish(f, t.name)
	if size == 0 {
		t.shelf.used.Add(-headerSize)
	}
	if err = cmp.Or(err, failed); err != nil {
		t.shelf.Log.Error("call is not recorded to its end", "call", t.callID, "err", err)
	}
}

// fill writes what is taken.
func (t *tape) fill(f *os.File) error {
	w := bufio.NewWriterSize(f, buffered)
	if _, err := w.Write(header(unknown)); err != nil {
		return err
	}
	for both := range t.blocks {
		if !t.shelf.room(block) {
			return cmp.Or(w.Flush(), t.shelf.full())
		}
		if _, err := w.Write(both); err != nil {
			return err
		}
	}
	return w.Flush()
}

// finish makes a file whole, gives it its name, and returns how much sound there
// is. A file without any is removed.
func finish(f *os.File, name string) (size int64, err error) {
	size, err = complete(f)
	if err = cmp.Or(err, f.Close()); err != nil {
		return size, err // it stays as it is, to be looked at
	}
	if size == 0 {
		return 0, os.Remove(f.Name())
	}
	err = os.Rename(f.Name(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return size, nil // it was erased meanwhile
	}
	return size, err
}
