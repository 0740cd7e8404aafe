package pages

import "slices"

const (
	blockMin = 128     // words of the first block: a small list costs little
	blockMax = 1 << 17 // words of a block once there are many
)

// A ref says where a page is: its block in 22 bits, its first word there in 20,
// how many words it has in 8, and how many numbers in 14. No page is 0.
type ref uint64

func makeRef(block, at int, shape uint64) ref {
	return ref(block)<<42 | ref(at)<<22 | ref(shape)
}

// shape is what a ref says of a page, but for where it is.
func (p page) shape() uint64 { return uint64(len(p.words))<<14 | uint64(p.count) }

const shapeBits = 22

func (r ref) block() int { return int(r >> 42) }
func (r ref) at() int    { return int(r >> 22 & (1<<20 - 1)) }
func (r ref) words() int { return int(r >> 14 & (1<<8 - 1)) }
func (r ref) count() int { return int(r & (1<<14 - 1)) }

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
func (s *Set) write(prefix uint64, p page) ref {
	b := &s.blocks
	need := 1 + len(p.words)
	v := s.view.Load()
	if v == nil || b.used+need > len(v.blocks[b.last]) {
		s.grow(need)
		v = s.view.Load()
	}
	words := v.blocks[b.last][b.used:]
	words[0] = prefix<<shapeBits | p.shape()
	copy(words[1:], p.words)
	r := makeRef(b.last, b.used+1, p.shape())
	b.used += need
	b.live[b.last] += need
	return r
}

// grow begins a new block with room for need words, and for what is in use of
// the block before, which is swept now if it is worth it.
func (s *Set) grow(need int) {
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
func (s *Set) release(r ref) {
	if r != 0 {
		s.blocks.live[r.block()] -= 1 + r.words()
		s.sweep(r.block())
	}
}

// sweep drops a block if less than half of it is in use, unless it is the last.
func (s *Set) sweep(block int) {
	v := s.view.Load()
	words := v.blocks[block]
	if block == s.blocks.last || s.blocks.live[block] >= len(words)/2 {
		return
	}
	for at := 1; at < len(words) && words[at-1] != 0; {
		prefix, shape := words[at-1]>>shapeBits, words[at-1]&(1<<shapeBits-1)
		r := makeRef(block, at, shape)
		if s.view.Load().ref(prefix) == r {
			s.point(prefix, s.write(prefix, v.page(r)))
		}
		at += 1 + r.words()
	}
	next := *s.view.Load()
	next.blocks = slices.Clone(next.blocks)
	next.blocks[block] = nil
	s.blocks.live[block] = 0
	s.view.Store(&next)
}
