package media

import (
	"nocall/internal/voice"
)

const (
	// maxWaiting is how much sound may wait to be played, in bytes.
	maxWaiting = 60 * 8000

	// maxChunks bounds how many pieces that sound may come in, however short.
	maxChunks = maxWaiting / voice.FrameBytes * 2

	// maxMarks bounds how many marks may wait.
	maxMarks = maxChunks
)

// queue is sound that waits to be played. It keeps the frames it is given
// rather than copies, so that a recording played to hundreds is there once.
type queue struct {
	chunks [][]byte
	head   int    // the chunk that is played now
	offset int    // how much of it has been played
	added  uint64 // bytes ever added
	gone   uint64 // bytes ever taken or dropped
	marks  []mark
}

// mark stands behind the bytes that were added before it.
type mark struct {
	at     uint64
	played func()
}

func (q *queue) waiting() int { return int(q.added - q.gone) }

// add appends a frame. It returns false if there is no room.
func (q *queue) add(frame []byte) bool {
	if q.waiting()+len(frame) > maxWaiting || len(q.chunks)-q.head >= maxChunks {
		return false
	}
	if len(frame) == 0 {
		return true
	}
	if q.head > 64 && q.head > len(q.chunks)/2 {
		kept := copy(q.chunks, q.chunks[q.head:])
		clear(q.chunks[kept:])
		q.chunks, q.head = q.chunks[:kept], 0
	}
	q.chunks = append(q.chunks, frame)
	q.added += uint64(len(frame))
	return true
}

// take moves sound to frame and reports how much it was.
func (q *queue) take(frame []byte) int {
	n := 0
	for n < len(frame) && q.head < len(q.chunks) {
		chunk := q.chunks[q.head]
		moved := copy(frame[n:], chunk[q.offset:])
		n += moved
		q.offset += moved
		if q.offset == len(chunk) {
			q.chunks[q.head] = nil
			q.head, q.offset = q.head+1, 0
		}
	}
	q.gone += uint64(n)
	return n
}

// drop forgets what waits.
func (q *queue) drop() {
	q.chunks, q.head, q.offset = nil, 0, 0
	q.gone = q.added
}

// mark sets a mark behind what waits. It returns false if there is no room.
func (q *queue) mark(played func()) bool {
	if len(q.marks) >= maxMarks {
		return false
	}
	q.marks = append(q.marks, mark{at: q.added, played: played})
	return true
}

// due takes the marks out before which nothing waits any more.
func (q *queue) due() []mark {
	n := 0
	for n < len(q.marks) && q.marks[n].at <= q.gone {
		n++
	}
	if n == 0 {
		return nil
	}
	due := q.marks[:n:n]
	q.marks = q.marks[n:]
	if len(q.marks) == 0 {
		q.marks = nil
	}
	return due
}
