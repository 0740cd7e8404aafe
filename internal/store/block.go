package store

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"sort"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// blockSize is how many numbers a block has, but for the last of an import:
// few enough that one of them is found and changed quickly.
const blockSize = 1024

// block is some numbers of an import, which rise.
type block struct {
	serial  int64 // of the import
	place   int64 // of the first number, in the import
	numbers []e164.Number
	reasons *blockReasons // nil where all have the import's
	listed  marks         // those that were on the list before
	gone    marks         // those that have rows of their own now, or were removed
}

// blockReasons is the reasons of the numbers of a block, as they stand in JSON.
type blockReasons struct {
	Texts []string `json:"texts"`
	Of    []int    `json:"of"` // which one, for each number
}

// blockColumns are the columns of import_block that [blockRow] reads.
const blockColumns = `import, place, first_number, numbers, reasons, listed, gone`

// blockRow reads the columns of import_block in the order of blockColumns.
func blockRow(r row) (block, error) {
	var b block
	var first int64
	var numbers, reasons, listed, gone string
	err := r.Scan(&b.serial, &b.place, &first, &numbers, &reasons, &listed, &gone)
	if err != nil {
		return b, err
	}
	if b.numbers, err = unpackNumbers(uint64(first), numbers); err != nil {
		return b, fmt.Errorf("block of import %d: %w", b.serial, err)
	}
	if reasons != "" {
		b.reasons = new(blockReasons)
		err = fromJSON(reasons, b.reasons)
	}
	b.listed, b.gone = unpackMarks(listed), unpackMarks(gone)
	return b, err
}

// row returns the values of the columns in the order of blockColumns.
func (b *block) row() ([]any, error) {
	reasons := ""
	if b.reasons != nil {
		texts, err := jsonTexts(b.reasons)
		if err != nil {
			return nil, err
		}
		reasons = texts[0]
	}
	return []any{
		b.serial, b.place, digits(b.numbers[0]), packNumbers(b.numbers), reasons,
		b.listed.pack(), b.gone.pack(),
	}, nil
}

// find returns the place of n among the numbers of the block.
func (b *block) find(n e164.Number) (int, bool) {
	i := sort.Search(len(b.numbers), func(i int) bool {
		return b.numbers[i].Uint64() >= n.Uint64()
	})
	return i, i < len(b.numbers) && b.numbers[i] == n
}

// holds reports whether the entry at place i is the block's.
func (b *block) holds(i int) bool { return !b.listed.has(i) && !b.gone.has(i) }

// entry returns the entry at place i of a block of m.
func (b *block) entry(i int, m *imported) dnc.Entry {
	e := dnc.Entry{
		Environment: m.environment, Number: b.numbers[i], CreatedBy: dnc.User, Reason: m.reason,
		User: m.by, CreatedAt: timeOf(m.createdAt + b.place + int64(i)), Import: m.id,
	}
	if b.reasons != nil && i < len(b.reasons.Of) {
		if of := b.reasons.Of[i]; of >= 0 && of < len(b.reasons.Texts) {
			e.Reason = b.reasons.Texts[of]
		}
	}
	e.UpdatedAt = e.CreatedAt
	return e
}

// packNumbers returns the steps from each number to the next.
func packNumbers(ns []e164.Number) string {
	b := make([]byte, 0, 3*len(ns))
	for i, n := range ns[1:] {
		b = binary.AppendUvarint(b, n.Uint64()-ns[i].Uint64())
	}
	return base64.StdEncoding.EncodeToString(b)
}

var errBlock = errors.New("store: numbers are damaged")

// unpackNumbers returns what [packNumbers] packed.
func unpackNumbers(first uint64, text string) ([]e164.Number, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.Join(errBlock, err)
	}
	ns := append(make([]e164.Number, 0, blockSize), e164.FromUint64(first))
	for len(b) > 0 {
		step, size := binary.Uvarint(b)
		next := first + step
		if size <= 0 || next <= first || e164.FromUint64(next).IsZero() {
			return nil, errBlock
		}
		first, b = next, b[size:]
		ns = append(ns, e164.FromUint64(first))
	}
	return ns, nil
}

// marks are bits, one for each number of a block; those beyond the end are not
// set.
type marks []byte

func (m marks) has(i int) bool { return i/8 < len(m) && m[i/8]>>(i%8)&1 != 0 }

// with returns marks in which that of i is as it is given.
func (m marks) with(i int, set bool) marks {
	for i/8 >= len(m) {
		m = append(m, 0)
	}
	m[i/8] &^= 1 << (i % 8)
	if set {
		m[i/8] |= 1 << (i % 8)
	}
	return m
}

func (m marks) pack() string {
	for _, b := range m {
		if b != 0 {
			return base64.StdEncoding.EncodeToString(m)
		}
	}
	return ""
}

// unpackMarks returns what pack packed. What cannot be is not set: the number
// is held to be listed.
func unpackMarks(text string) marks {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

// count returns how many are set.
func (m marks) count() (n int64) {
	for _, b := range m {
		n += int64(bits.OnesCount8(b))
	}
	return n
}
