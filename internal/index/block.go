package index

import "slices"

const (
	blockMin = 128     // words of the first block: a small list costs little
	blockMax = 1 << 17 // words of a block once there are many
)

// A ref says where a page is: its block in 24 bits, its first word there in 24,
// whether it is dense in one, and its count in 15. No page is 0.
type ref uint64

const denseBit = 1 << 15

func makeRef(block, at int, shape uint64) ref {
	return ref(block)<<40 | ref(at)<<16 | ref(shape)
}

func (r ref) block() int  { return int(r >> 40) }
func (r ref) at() int     { return int(r >> 16 & (1<<24 - 1)) }
func (r ref) dense() bool { return r&denseBit != 0 }
func (r ref) count() int  { return int(r & (denseBit - 1)) }

// words returns how many words of its block the page takes, with its header.
func (r ref) words() int { return 1 + pageWords(r.count(), r.dense()) }

func (p page) shape() uint64 {
	if p.dense {
		return denseBit | uint64(p.count)
	}
	return uint64(p.count)
}

// blocks is the writer's account of a view's blocks. Pages are written into the
// last block, one after the other, each behind a header of its prefix and its
// shape. A block of which less than half is in use is swept: what is in use is
// written anew, the rest is left to the garbage collector.
type blocks struct {
	live []int // by block, the words that are in use
	last int   // the block that is written to
	used int   // words of it that are taken
}

// write writes p into the last block.
func (s *pages) write(prefix uint64, p page) ref {
	b := &s.blocks
	need := 1 + len(p.words)
	v := s.view.Load()
	if v == nil || b.used+need > len(v.blocks[b.last]) {
		s.grow(need)
		v = s.view.Load()
	}
	words := v.blocks[b.last][b.used:]
	words[0] = prefix<<16 | p.shape()
	copy(words[1:], p.words)
	r := makeRef(b.last, b.used+1, p.shape())
	b.used += need
	b.live[b.last] += need
	return r
}

// grow begins a new block with room for need words, and for what is in use of
// the block before, which is swept now if it is worth it.
func (s *pages) grow(need int) {
	b := &s.blocks
	size := blockMin
	for _, n := range b.live {
		size += n
	}
	next := &view{table: new(table)}
	if v := s.view.Load(); v != nil {
		*next = *v
	}
	full := b.last
	b.last = slices.IndexFunc(next.blocks, func(words []uint64) bool { return words == nil })
	next.blocks = slices.Clone(next.blocks)
	if b.last < 0 {
		b.last = len(next.blocks)
		next.blocks = append(next.blocks, nil)
		b.live = append(b.live, 0)
	}
	next.blocks[b.last] = make([]uint64, min(size, blockMax)+need)
	b.used = 0
	s.view.Store(next)
	s.sweep(full)
}

// release gives back the words of a page that is no longer in use.
func (s *pages) release(r ref) {
	if r != 0 {
		s.blocks.live[r.block()] -= r.words()
		s.sweep(r.block())
	}
}

// sweep drops a block if less than half of it is in use, unless it is the last.
func (s *pages) sweep(block int) {
	v := s.view.Load()
	words := v.blocks[block]
	if block == s.blocks.last || s.blocks.live[block] >= len(words)/2 {
		return
	}
	for at := 1; at < len(words) && words[at-1] != 0; {
		prefix, shape := words[at-1]>>16, words[at-1]&(1<<16-1)
		r := makeRef(block, at, shape)
		if s.view.Load().ref(prefix) == r {
			s.point(prefix, s.write(prefix, v.page(r)))
		}
		at += r.words()
	}
	next := *s.view.Load()
	next.blocks = slices.Clone(next.blocks)
	next.blocks[block] = nil
	s.blocks.live[block] = 0
	s.view.Store(&next)
}
