package bench

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
	"nocall/internal/pages"
	"nocall/internal/snapshot"
)

// mapMost is the size up to which a Go map is measured: beyond, it takes most of
// a machine's memory and minutes to fill.
const mapMost = 20_000_000

// Registry measures a registry of about s.Entries numbers: a check against it
// beside a read of as much memory, many checks at once, a search, its size, and
// its file.
func Registry(ctx context.Context, s Settings) ([]Figure, error) {
	r, err := newRegistry(s.Entries, s.Mixed)
	if err != nil {
		return nil, err
	}
	figures := []Figure{{
		Name: fmt.Sprintf("%d numbers, %.2f bits each",
			r.set.Len(), 8*float64(r.set.Bytes())/float64(r.set.Len())),
		Bytes: r.set.Bytes(),
	}}
	for _, group := range []func(context.Context, Settings) ([]Figure, error){
		r.checks, r.searches, r.files,
	} {
		more, err := group(ctx, s)
		if err != nil {
			return nil, err
		}
		figures = append(figures, more...)
	}
	return figures, nil
}

// gate is what one check asks: the own list, the registry, and its exemptions.
type gate struct {
	list       *dnc.List
	registry   *pages.Frozen
	exemptions pages.Set
}

// newGate returns a gate with an own list of a million, or as many as the registry
// has, and exemptions for a tenth of that.
func newGate(ctx context.Context, registry *pages.Frozen) (*gate, error) {
	own := newList(min(1_000_000, registry.Len()))
	x := new(index.Index)
	if err := x.Load(ctx, own); err != nil {
		return nil, err
	}
	g := &gate{list: &dnc.List{Index: x}, registry: registry}
	for _, n := range own[:len(own)/10] {
		g.exemptions.Add(e164.FromUint64(n + 1))
	}
	return g, nil
}

func (g *gate) refuses(n e164.Number) bool {
	listed, err := g.list.Check(production, n)
	registered, exempt := g.registry.Has(n), g.exemptions.Has(n)
	return one(listed)|one(registered)&^one(exempt)|one(err != nil) != 0 // no branch
}

// checks compares checks with reads of as much memory.
func (r *madeRegistry) checks(ctx context.Context, s Settings) ([]Figure, error) {
	g, err := newGate(ctx, r.set)
	if err != nil {
		return nil, err
	}
	many := make([]bool, len(r.asked))
	r.set.HasMany(r.asked, many)
	for i, n := range r.asked {
		if r.set.Has(n) != many[i] {
			return nil, fmt.Errorf("of %v one by one and among many is said otherwise", n)
		}
	}
	size := int(r.set.Bytes()) &^ 7
	small, large := filled(make([]byte, size)), filled(snapshot.Memory(size))
	contenders := []contender{
		{name: "dependent read, large pages", run: reads(large, len(r.asked))},
		{name: "dependent read", run: reads(small, len(r.asked))},
		{name: "Frozen.Has, dependent", run: r.dependent(r.set.Has)},
		{name: "list, registry, exemptions, dependent", run: r.dependent(g.refuses)},
		{name: "Frozen.Has", run: r.each(r.set.Has)},
		{name: "list, registry, exemptions", run: r.each(g.refuses)},
		{name: "Frozen.HasMany", run: func(context.Context) (int, error) {
			r.set.HasMany(r.asked, many)
			return len(r.asked), nil
		}},
	}
	if r.set.Len() <= mapMost {
		m := make(map[e164.Number]struct{}, r.set.Len())
		for n := range r.set.All() {
			m[n] = struct{}{}
		}
		contenders = append(contenders, contender{name: "Go map", run: r.each(
			func(n e164.Number) bool { _, ok := m[n]; return ok },
		)})
	}
	return measure(ctx, s.Rounds, false, contenders...)
}

// each asks for each number, whatever is said of the one before.
func (r *madeRegistry) each(has func(e164.Number) bool) func(context.Context) (int, error) {
	answers := make([]bool, len(r.asked))
	return func(context.Context) (int, error) {
		for i, n := range r.asked {
			answers[i] = has(n)
		}
		return len(answers), nil
	}
}

// dependent asks for a number only when it knows of the one before: which comes
// next is computed of the answer, for a branch would be guessed.
func (r *madeRegistry) dependent(has func(e164.Number) bool) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		asked := 0
		for i := 0; i < len(r.asked); asked++ {
			i += 1 + one(has(r.asked[i]))
		}
		return asked, nil
	}
}

// one returns 1 for true, without a branch.
func one(b bool) (n int) {
	if b {
		n = 1
	}
	return n
}

// filled writes to all of b, so that it is there.
func filled(b []byte) []byte {
	for i := range b {
		b[i] = 1
	}
	return b
}

// reads reads words of b in a random order, each when it knows the one before.
func reads(b []byte, times int) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		var at, x uint64
		for range times {
			x = x*6364136223846793005 + binary.LittleEndian.Uint64(b[8*at:])
			at, _ = bits.Mul64(x, uint64(len(b)/8))
		}
		if at > uint64(len(b)) {
			return 0, errors.New("it cannot be there")
		}
		return times, nil
	}
}

// searches measures the first fifty numbers, in their order, that have a part of
// each length.
func (r *madeRegistry) searches(ctx context.Context, s Settings) ([]Figure, error) {
	var contenders []contender
	for _, length := range []int{3, 4, 5, 6, 7, 8, 10} {
		contenders = append(contenders, contender{
			name: fmt.Sprintf("first 50 with %d digits", length),
			run:  func(context.Context) (int, error) { return r.search(length) },
		})
	}
	return measure(ctx, s.Rounds, true, contenders...)
}

func (r *madeRegistry) search(length int) (int, error) {
	const times = 16
	for i := range times {
		n := r.asked[i*len(r.asked)/times]
		for j := 0; !r.set.Has(n); j++ { // one that is there
			n = r.asked[j]
		}
		digits := n.String()[1:]
		from := i * (len(digits) - length) / times
		part, _ := pages.NewPart(digits[from : from+length])
		found := 0
		for range r.set.Search(part, e164.Number{}, false) {
			if found++; found == 50 {
				break
			}
		}
		if found == 0 {
			return 0, fmt.Errorf("part of %s is not found", digits)
		}
	}
	return times, nil
}

// files measures what a restart waits for, beside reading the file.
func (r *madeRegistry) files(ctx context.Context, s Settings) (_ []Figure, err error) {
	folder, err := os.MkdirTemp(s.Folder, "nocall-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	kept := snapshot.Folder(folder)
	return measure(ctx, s.Rounds, true, contender{
		name: "write the file, and have it on the disk",
		run:  func(context.Context) (int, error) { return 1, kept.Write("one", r.set) },
	}, contender{
		name: "read the file",
		run: func(context.Context) (int, error) {
			return 1, readAll(filepath.Join(folder, "one.pages"))
		},
	}, contender{
		name: "map the file, and the first answer",
		run:  func(context.Context) (int, error) { return r.answer(kept.Open) },
	}, contender{
		name: "map the file and verify it",
		run: func(context.Context) (int, error) {
			f, err := kept.Open("one")
			if err != nil {
				return 0, err
			}
			return 1, f.Verify()
		},
	}, contender{
		name: "read the file into memory and verify it",
		run:  func(context.Context) (int, error) { return r.answer(kept.Load) },
	})
}

// answer opens the file and has it answer once, which must be right.
func (r *madeRegistry) answer(open func(id string) (*pages.Frozen, error)) (int, error) {
	f, err := open("one")
	if err != nil {
		return 0, err
	}
	if n := r.asked[0]; f.Has(n) != r.set.Has(n) {
		return 0, fmt.Errorf("of %v the file says otherwise", n)
	}
	return 1, nil
}

// readAll reads a file, as cat does, and leaves it.
func readAll(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	b := make([]byte, 128<<10)
	for {
		if _, err := file.Read(b); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}
