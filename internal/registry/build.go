package registry

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/pages"
)

// Import is a new version of a registry, as it is asked for.
type Import struct {
	Registry string
	Mapping  *Mapping  // nil: that of the registry
	AsOf     time.Time // the day on which the files were so; zero: as they say, or today
	Keep     bool      // areas that the files do not have stay as they are
	Smaller  bool      // an area may have far fewer numbers than before, or be gone
	By       string
	Files    []File

	// Progress is called now and then with how many bytes have been read, from
	// several goroutines; nil is not called.
	Progress func(bytes int64)
}

// A building is a version while it is made.
type building struct {
	registry Registry
	scope    [areas]bool
	builder  pages.Builder
	parsers  chan *parser
	bytes    atomic.Int64
	told     func(int64) // of progress; nil for nobody
}

// built is what a version is made of.
type built struct {
	set     *pages.Frozen
	sources []Source
	areas   []Covered
}

// before is the version in force, which a new one may be made from.
type before struct {
	version Version
	set     *pages.Frozen
}

func newBuilding(r Registry, memory func(int) []byte, told func(int64)) *building {
	b := &building{registry: r, builder: pages.Builder{Memory: memory}, told: told}
	for _, a := range r.Scope {
		b.scope[a] = true
	}
	workers := runtime.GOMAXPROCS(0)
	b.parsers = make(chan *parser, workers)
	for range workers {
		b.parsers <- &parser{worker: b.builder.Worker()}
	}
	return b
}

func (b *building) progress(bytes int64) {
	if read := b.bytes.Add(bytes); b.told != nil {
		b.told(read)
	}
}

func (b *building) inScope(a Area) bool { return len(b.registry.Scope) == 0 || b.scope[a] }

// build reads the files of an import, and makes what a version is made of.
func (b *building) build(ctx context.Context, im Import, from before) (built, error) {
	read, err := b.readAll(ctx, im.Files)
	if err != nil {
		return built{}, err
	}
	changes, err := kindOf(read)
	if err != nil {
		return built{}, err
	}
	asOf := im.asOf(read, time.Now())
	switch {
	case changes && from.version.ID == "":
		return built{}, &FileError{
			File: read[0].file.Name, Text: "it says what has changed, but there is " +
				"nothing yet: import a full file first",
		}
	case changes:
		b.apply(from.set)
		im.renew(asOf, read, from.version)
	case im.Keep:
		b.keep(from.set, asOf)
	}
	set, err := b.builder.Freeze()
	if err != nil {
		return built{}, err
	}
	made := built{set: set}
	for _, r := range read {
		made.sources = append(made.sources, r.source)
	}
	made.areas = covered(set, asOf, from.version.Areas, changes || im.Keep)
	return made, nil
}

// readAll reads files, several at once.
func (b *building) readAll(ctx context.Context, files []File) ([]*reading, error) {
	if len(files) == 0 {
		return nil, &FileError{Text: "there is no file"}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	read := make([]*reading, len(files))
	errs := make([]error, len(files))
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(len(files), runtime.GOMAXPROCS(0)) {
		running.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(files)); i = next.Add(1) - 1 {
				if ctx.Err() != nil {
					return
				}
				if read[i], errs[i] = b.read(ctx, files[i]); errs[i] != nil {
					stop(errs[i])
				}
			}
		})
	}
	running.Wait()
	return read, context.Cause(ctx)
}

// kindOf reports whether files say what has changed, and not all that there is.
func kindOf(read []*reading) (changes bool, err error) {
	first := read[0].form.layout.changes()
	for _, r := range read[1:] {
		if r.form.layout.changes() != first {
			return false, &FileError{
				File: r.file.Name, Text: "full files and files of changes are two imports",
			}
		}
	}
	return first, nil
}

// asOf returns of each area that the files have the day on which it was so.
func (im Import) asOf(read []*reading, now time.Time) map[Area]time.Time {
	days := make(map[Area]time.Time)
	for _, r := range read {
		at := im.dayOf(r, now)
		for a, is := range r.areas {
			if d, known := days[Area(a)]; is && (!known || at.Before(d)) {
				days[Area(a)] = at
			}
		}
	}
	return days
}

func (im Import) dayOf(r *reading, now time.Time) time.Time {
	return day(cmp.Or(im.AsOf, r.asOf, now))
}

// renew gives all areas that there were the day of the files of changes, which
// speak of all of them, unless each says of which one.
func (im Import) renew(days map[Area]time.Time, read []*reading, from Version) {
	if !slices.ContainsFunc(read, func(r *reading) bool { return r.expect == 0 }) {
		return
	}
	at := im.oldest(read, time.Now())
	for a := range days {
		days[a] = at
	}
	for _, c := range from.Areas {
		days[c.Area] = at
	}
}

// oldest returns the day of the oldest of the files.
func (im Import) oldest(read []*reading, now time.Time) time.Time {
	return im.dayOf(slices.MinFunc(read, func(a, b *reading) int {
		return im.dayOf(a, now).Compare(im.dayOf(b, now))
	}), now)
}

// apply changes what was there as the files say, in the order of their times. Of
// what is said of a number at one time, that it is in the registry counts.
func (b *building) apply(from *pages.Frozen) {
	var changes []entry
	for range cap(b.parsers) {
		p := <-b.parsers
		changes, p.changes = append(changes, p.changes...), nil
		b.parsers <- p
	}
	slices.SortFunc(changes, func(x, y entry) int {
		added := 0
		if x.added != y.added {
			added = 1
			if y.added {
				added = -1
			}
		}
		return cmp.Or(cmp.Compare(x.number.Uint64(), y.number.Uint64()),
			cmp.Compare(x.at, y.at), added)
	})
	p := <-b.parsers
	defer func() { b.parsers <- p }()
	p.worker.AddFrozen(from)
	for i, e := range changes {
		switch {
		case i+1 < len(changes) && changes[i+1].number == e.number: // not the last word
		case e.added:
			p.worker.Add(e.number)
		default:
			p.worker.Remove(e.number)
		}
	}
}

// keep adds what was there in areas that the files do not have.
func (b *building) keep(from *pages.Frozen, has map[Area]time.Time) {
	p := <-b.parsers
	defer func() { b.parsers <- p }()
	var others [areas]bool
	for a := range others {
		_, is := has[Area(a)]
		others[a] = !is
	}
	for n := range from.All() {
		if others[AreaOf(n)] {
			p.worker.Add(n)
		}
	}
}

// covered says which areas a version covers: those of its files, and those of the
// version before if they stay.
func covered(
	set *pages.Frozen, asOf map[Area]time.Time, former []Covered, stay bool,
) []Covered {
	if stay {
		for _, c := range former {
			if _, has := asOf[c.Area]; !has {
				asOf[c.Area] = c.AsOf
			}
		}
	}
	all := make([]Covered, 0, len(asOf))
	for a, at := range asOf {
		all = append(all, Covered{a, a.count(set), at})
	}
	slices.SortFunc(all, func(x, y Covered) int { return cmp.Compare(x.Area, y.Area) })
	return all
}

// An area that has lost more than one in so many of its numbers is taken to be of
// a file that was cut off where nobody can see it. Those with few numbers may.
const (
	lossMost = 10
	lossFew  = 100
)

// loss says which area has lost what, as of a version before; "" for none.
func loss(before, after []Covered) string {
	now := make(map[Area]int64)
	for _, c := range after {
		now[c.Area] = c.Numbers
	}
	for _, c := range before {
		left, has := now[c.Area]
		switch {
		case !has:
			return fmt.Sprintf("%s was covered, and is not any more", c.Area)
		case c.Numbers >= lossFew && left < c.Numbers-c.Numbers/lossMost:
			return fmt.Sprintf("%s had %d numbers, and has %d", c.Area, c.Numbers, left)
		}
	}
	return ""
}
