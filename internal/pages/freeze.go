package pages

import (
	"errors"
	"math/bits"
	"sync/atomic"
)

// Freeze returns the set of all numbers that the workers gave, which must have
// ended. The builder is empty afterwards.
func (b *Builder) Freeze() (*Frozen, error) {
	others := packOthers(b.gatherOthers())
	packed := make([]packing, len(b.areas), len(b.areas)+1)
	var pages atomic.Int64
	inShares(len(packed), func(i int) {
		if a := b.areas[i].Swap(nil); a != nil {
			packed[i] = a.pack(american + uint64(i)*exchanges)
			pages.Add(int64(len(packed[i].pages)))
		}
	})
	return b.put(append(packed, others), pages.Load() >= americanMany)
}

// packing is pages on their way into a set.
type packing struct {
	numbers uint64
	pages   []packedPage // in the order of their prefixes
	words   []uint64     // theirs, one behind the other
}

type packedPage struct {
	prefix uint64
	words  uint32 // how many it has
}

// add adds the page of prefix with these suffixes, of which there is one at
// least.
func (p *packing) add(prefix uint64, suffixes []uint16) {
	begin := len(p.words)
	p.words = appendPage(p.words, suffixes, frozenMax)
	p.pages = append(p.pages, packedPage{prefix, uint32(len(p.words) - begin)})
	p.numbers += uint64(len(suffixes))
}

// addDense adds a page that is as it shall be.
func (p *packing) addDense(prefix uint64, words []uint64, count int) {
	p.words = append(p.words, words...)
	p.pages = append(p.pages, packedPage{prefix, denseWords})
	p.numbers += uint64(count)
}

// pack packs the pages of an area whose first prefix is first.
func (a *area) pack(first uint64) packing {
	var p packing
	counts, most := a.counts()
	p.words = make([]uint64, 0, most)
	room := make([]uint16, 0, frozenMax)
	for i, count := range counts {
		prefix := first + uint64(i)
		words := a[i*denseWords : (i+1)*denseWords]
		switch {
		case count > frozenMax:
			p.addDense(prefix, words, count)
		case count > 0:
			room = room[:0]
			for suffix := range (page{words: words}).each {
				room = append(room, suffix)
			}
			p.add(prefix, room)
		}
	}
	return p
}

// counts counts the numbers of each exchange, and about how many words their
// pages will take, rather more than less.
func (a *area) counts() (counts [exchanges]int, words int) {
	for i := range counts {
		for _, w := range a[i*denseWords : (i+1)*denseWords] {
			counts[i] += bits.OnesCount64(w)
		}
		if counts[i] > frozenMax {
			words += denseWords
		} else {
			words += (counts[i] + 2) / 3
		}
	}
	return counts, words
}

// packOthers packs numbers of no area, which rise and are doubled.
func packOthers(doubled []uint64) packing {
	var (
		p      packing
		prefix uint64
		room   []uint16
	)
	for _, d := range doubled {
		number := d >> 1
		if number/suffixes != prefix && len(room) > 0 {
			p.add(prefix, room)
			room = room[:0]
		}
		prefix = number / suffixes
		room = append(room, uint16(number%suffixes))
	}
	if len(room) > 0 {
		p.add(prefix, room)
	}
	return p
}

// put puts what is packed into one piece of memory. The last packing has the
// numbers of no area; of the others there is a table, if that is said.
func (b *Builder) put(packed []packing, table bool) (*Frozen, error) {
	var h header
	if table {
		h.table = americanCount + 1
	}
	begins := make([]uint64, len(packed))
	for i, p := range packed {
		begins[i] = h.words
		h.words += uint64(len(p.words))
		h.numbers += p.numbers
		if !table || i == len(packed)-1 {
			h.slots += uint64(len(p.pages))
		}
	}
	h.slots += h.slots / 3 // so that few wait for a slot that others have
	if h.slots > 0 {
		h.slots++ // one at least is free
	}
	if h.words > mostWords || h.slots > mostWords {
		return nil, errors.New("pages: more numbers than a set can have")
	}
	f := b.lay(h, packed, begins)
	return f, nil
}

// lay makes the set of a header. Packings begin where begins says.
func (b *Builder) lay(h header, packed []packing, begins []uint64) *Frozen {
	file := zeroed(b.Memory, int(h.size()))
	body := wordsOf(file[h.body():])
	table, slots, words := h.parts(body)
	for i, p := range packed[:len(packed)-1] {
		if len(table) > 0 {
			first := uint64(i * exchanges)
			p.index(table[first:][:exchanges], american+first, begins[i])
		} else {
			p.hash(slots, begins[i])
		}
	}
	if len(table) > 0 {
		table[americanCount] = uint32(begins[len(packed)-1])
	}
	packed[len(packed)-1].hash(slots, begins[len(packed)-1])
	inShares(len(packed), func(i int) {
		copy(words[begins[i]:], packed[i].words)
		packed[i].words = nil
	})
	putWords(file[h.body():], body)
	putHalves(file[h.body():], table)
	f := frozenOf(file, h)
	f.seal()
	return f
}

// index writes the table of an area, whose first prefix is first and whose pages
// begin at begin.
func (p packing) index(table []uint32, first, begin uint64) {
	pages := p.pages
	for i := range table {
		table[i] = uint32(begin)
		if len(pages) > 0 && pages[0].prefix == first+uint64(i) {
			begin += uint64(pages[0].words)
			pages = pages[1:]
		}
	}
}

// hash gives each page a slot. The pages begin at begin.
func (p packing) hash(slots []uint64, begin uint64) {
	count := uint64(len(slots)) / 2
	for _, page := range p.pages {
		i, _ := bits.Mul64(hash(page.prefix), count)
		for slots[2*i] != 0 {
			if i++; i == count {
				i = 0
			}
		}
		slots[2*i] = page.prefix + 1
		slots[2*i+1] = begin | uint64(page.words)<<32
		begin += uint64(page.words)
	}
}
