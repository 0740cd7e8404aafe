package pages

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// ErrDamaged reports a file of a [Frozen] set that is not as it was written.
var ErrDamaged = errors.New("pages: file is damaged")

// The file of a frozen set is, in words of eight bytes, the lowest first:
//
//	the header
//	a CRC-32C of each chunk of what follows, two in a word
//	the table, two entries in a word
//	the slots, two words each
//	the pages
const (
	magic       = 0x3173_6567_6170_636e // "ncpages1"
	headerWords = 8
	chunkBytes  = 1 << 20
	mostWords   = 1<<32 - 1 // of all pages
)

// header says how much there is of everything.
type header struct {
	numbers uint64
	table   uint64 // entries: none, or one more than it has prefixes
	slots   uint64
	words   uint64
	crc     uint64 // of the header before it, and of the sums
}

// readHeader reads the header of a file of so many bytes, which b begins.
func readHeader(b []byte, size uint64) (header, error) {
	if len(b) < headerWords*8 {
		return header{}, fmt.Errorf("%w: it has %d bytes, less than a header", ErrDamaged, len(b))
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	if word(0) != magic {
		return header{}, fmt.Errorf("%w: it does not begin as such a file does", ErrDamaged)
	}
	h := header{numbers: word(1), table: word(2), slots: word(3), words: word(4), crc: word(7)}
	if h.table > americanCount+1 || h.slots > mostWords || h.words > mostWords {
		return header{}, fmt.Errorf("%w: its header says what cannot be", ErrDamaged)
	}
	if want := h.size(); size != want {
		return header{}, fmt.Errorf("%w: it has %d bytes of %d", ErrDamaged, size, want)
	}
	return h, nil
}

// check checks the head of a file, which head is.
func (h header) check(head []byte) error {
	if uint64(headCRC(head)) != h.crc {
		return fmt.Errorf("%w: its header does not fit its checksum", ErrDamaged)
	}
	return nil
}

// write writes h, and its checksum, to the head of a file, whose sums are there.
func (h header) write(head []byte) {
	for i, word := range [headerWords]uint64{magic, h.numbers, h.table, h.slots, h.words} {
		binary.LittleEndian.PutUint64(head[8*i:], word)
	}
	binary.LittleEndian.PutUint64(head[7*8:], uint64(headCRC(head)))
}

// headCRC returns the checksum of the head, but for itself.
func headCRC(head []byte) uint32 {
	crc := crc32.Checksum(head[:7*8], castagnoli())
	return crc32.Update(crc, castagnoli(), head[headerWords*8:])
}

// tableWords and bodyWords are how many words the table, and all but the head,
// take.
func (h header) tableWords() uint64 { return (h.table + 1) / 2 }
func (h header) bodyWords() uint64  { return h.tableWords() + 2*h.slots + h.words }

// chunks is how many sums there are.
func (h header) chunks() uint64 { return (8*h.bodyWords() + chunkBytes - 1) / chunkBytes }

// body is where what follows the head begins.
func (h header) body() uint64 { return 8 * (headerWords + (h.chunks()+1)/2) }

func (h header) size() uint64 { return h.body() + 8*h.bodyWords() }

// OpenFrozen returns the set whose file is b, which must stay as it is. It looks
// at the head of b only, so that a file that is mapped is opened at once;
// [Frozen.Verify] looks at all of it. It returns an error that matches
// [ErrDamaged] for anything but a whole file.
//
// Whatever is in b, no method of the set panics.
func OpenFrozen(b []byte) (*Frozen, error) {
	h, err := readHeader(b, uint64(len(b)))
	if err != nil {
		return nil, err
	}
	if err := h.check(b[:h.body()]); err != nil {
		return nil, err
	}
	return frozenOf(b, h), nil
}

// ReadFrozen reads a set from its file of so many bytes, and verifies it on the
// way, several pieces at once. It is put into memory of memory, or of Go if that
// is nil.
func ReadFrozen(
	r io.ReaderAt, size int64, memory func(size int) []byte,
) (*Frozen, error) {
	first := make([]byte, min(size, headerWords*8))
	if err := readAt(r, first, 0); err != nil {
		return nil, err
	}
	h, err := readHeader(first, uint64(size))
	if err != nil {
		return nil, err
	}
	b := zeroed(memory, int(size))
	head := b[:h.body()]
	if err := errors.Join(readAt(r, head, 0), h.check(head)); err != nil {
		return nil, err
	}
	f := &Frozen{file: b, header: h}
	errs := make([]error, h.chunks())
	f.eachChunk(func(i int, chunk, sum []byte) {
		errs[i] = readAt(r, chunk, int64(len(head)+i*chunkBytes))
		if errs[i] == nil && !fits(chunk, sum) {
			errs[i] = damagedAt(h, i)
		}
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return frozenOf(b, h), nil
}

// readAt fills b with what stands at at.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	if n, err := r.ReadAt(b, at); n < len(b) {
		return fmt.Errorf("read %d bytes at %d: %w", len(b), at, err)
	}
	return nil
}

// fits reports whether sum is the checksum of chunk.
func fits(chunk, sum []byte) bool {
	return binary.LittleEndian.Uint32(sum) == crc32.Checksum(chunk, castagnoli())
}

func damagedAt(h header, chunk int) error {
	return fmt.Errorf("%w: around byte %d", ErrDamaged, int(h.body())+chunk*chunkBytes)
}

// frozenOf returns the set of a file with the header h.
func frozenOf(b []byte, h header) *Frozen {
	f := &Frozen{file: b, header: h}
	table, slots, words := h.parts(wordsOf(b[h.body():]))
	if len(table) > 0 {
		f.begins, f.ends = table[:len(table)-1], table[1:]
	}
	f.slots, f.words = slots, words
	return f
}

// parts returns the table, the slots and the pages that are in a body.
func (h header) parts(body []uint64) (table []uint32, slots, words []uint64) {
	table = halvesOf(body[:h.tableWords()])[:h.table]
	body = body[h.tableWords():]
	return table, body[:2*h.slots], body[2*h.slots:]
}

// Verify reads all of the file and returns an error that matches [ErrDamaged] if
// it is not as it was written.
func (f *Frozen) Verify() error {
	if f == nil {
		return nil
	}
	defer runtime.KeepAlive(f)
	damaged := atomic.Int64{}
	damaged.Store(-1)
	f.eachChunk(func(i int, chunk, sum []byte) {
		if !fits(chunk, sum) {
			damaged.Store(int64(i))
		}
	})
	if i := damaged.Load(); i >= 0 {
		return damagedAt(f.header, int(i))
	}
	return nil
}

// seal writes the sums and the header.
func (f *Frozen) seal() {
	f.eachChunk(func(_ int, chunk, sum []byte) {
		binary.LittleEndian.PutUint32(sum, crc32.Checksum(chunk, castagnoli()))
	})
	f.header.write(f.file[:f.header.body()])
}

// eachChunk gives the chunks of the body, each with its sum, several at once.
func (f *Frozen) eachChunk(do func(i int, chunk, sum []byte)) {
	body, sums := f.file[f.header.body():], f.file[headerWords*8:]
	inShares(int(f.header.chunks()), func(i int) {
		chunk := body[i*chunkBytes : min((i+1)*chunkBytes, len(body))]
		do(i, chunk, sums[4*i:4*i+4])
	})
}

// WriteTo writes the file of the set, as [OpenFrozen] takes it.
func (f *Frozen) WriteTo(w io.Writer) (int64, error) {
	if f == nil {
		return 0, errors.New("pages: no set to write")
	}
	defer runtime.KeepAlive(f)
	n, err := w.Write(f.file)
	return int64(n), err
}

// castagnoli returns the table of CRC-32C, of which there is one.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// inShares calls do with 0 to n-1, on as many processors as there are.
func inShares(n int, do func(i int)) {
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	running.Wait()
}
