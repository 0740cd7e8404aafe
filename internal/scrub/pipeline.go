package scrub

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"nocall/internal/e164"
)

// A pipeline has pieces judged by all processors at once, and written in the
// order of the file.
type pipeline struct {
	table    *table
	checker  Checker
	out      Outputs
	progress func(int64)
	read     int64
}

// A judging is a piece while it is judged, and the room that it takes, which is
// used again for another.
type judging struct {
	piece  piece
	done   chan error // is sent when it is judged, and has room for that
	of     [verdicts]int64
	buffer [3][]byte // for each output
}

// run judges the first piece and all that follow, and writes them.
func (p *pipeline) run(ctx context.Context, s *splitter, first piece) (Counts, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := runtime.GOMAXPROCS(0)
	judgings := 2*workers + 2 // being judged, waiting, being read and being written
	work := make(chan *judging, judgings)
	inOrder := make(chan *judging, judgings)
	free := make(chan *judging, judgings)
	for range judgings - 1 {
		free <- &judging{done: make(chan error, 1)}
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	for range workers {
		wg.Go(func() {
			j := judge{table: p.table, checker: p.checker, wanted: p.wanted()}
			for g := range work {
				g.done <- j.judge(ctx, g)
			}
		})
	}
	wg.Go(func() {
		defer close(work)
		defer close(inOrder)
		for g := (&judging{piece: first, done: make(chan error, 1)}); g != nil; {
			work <- g // both have room for all there are
			inOrder <- g
			var err error
			if g, err = cut(ctx, s, free); err != nil {
				cancel(err)
			}
		}
	})
	counts, err := p.write(ctx, inOrder, free)
	if err != nil {
		cancel(err)
	}
	return counts, err
}

// cut cuts the next piece off, into one of the free judgings. It returns nil at
// the end of the file.
func cut(ctx context.Context, s *splitter, free <-chan *judging) (*judging, error) {
	select {
	case g := <-free:
		var err error
		if g.piece, err = s.next(g.piece.text); errors.Is(err, io.EOF) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		return g, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// write writes the header, and the pieces as they are judged, which are free then.
func (p *pipeline) write(
	ctx context.Context, inOrder <-chan *judging, free chan<- *judging,
) (Counts, error) {
	counts := Counts{Columns: p.table.names}
	if err := p.writeHeader(); err != nil {
		return counts, err
	}
	for g := range inOrder {
		if err := <-g.done; err != nil {
			return counts, err
		}
		for i, w := range p.outputs() {
			if w == nil || len(g.buffer[i]) == 0 {
				continue
			}
			if _, err := w.Write(g.buffer[i]); err != nil {
				return counts, err
			}
		}
		for v, n := range g.of {
			counts.Of[v] += n
		}
		if p.read += int64(len(g.piece.text)); p.progress != nil {
			p.progress(p.read)
		}
		free <- g
	}
	return counts, context.Cause(ctx)
}

// The outputs by their place.
const (
	toClear = iota
	toSuppressed
	toAll
	nowhere
)

// blankLine is in place of the verdict on a line without a row.
const blankLine = verdicts

func (p *pipeline) outputs() [3]io.Writer {
	return [3]io.Writer{p.out.Clear, p.out.Suppressed, p.out.All}
}

func (p *pipeline) wanted() (wanted [3]bool) {
	for i, w := range p.outputs() {
		wanted[i] = w != nil
	}
	return wanted
}

func (p *pipeline) writeHeader() error {
	p.read = int64(len(p.table.header))
	header := p.table.header
	if p.table.verdict != "" {
		header = p.table.withField(nil, header, p.table.verdict)
	}
	for _, w := range p.outputs() {
		if w == nil {
			continue
		}
		if _, err := w.Write(header); err != nil {
			return err
		}
	}
	return nil
}

// A judge judges pieces, one after the other.
type judge struct {
	table   *table
	checker Checker
	wanted  [3]bool

	ends    []int         // of the rows
	numbers []e164.Number // of all rows, those that can be read
	of      []int32       // the row of each number
	rows    []Verdict
	checked []Verdict
}

// judge finds the verdict on each row of g's piece, and fills its buffers.
func (j *judge) judge(ctx context.Context, g *judging) error {
	j.ends, j.numbers, j.of, j.rows = j.ends[:0], j.numbers[:0], j.of[:0], j.rows[:0]
	j.read(g.piece)
	if cap(j.checked) < len(j.numbers) {
		j.checked = make([]Verdict, len(j.numbers))
	}
	checked := j.checked[:len(j.numbers)]
	if err := j.checker.CheckMany(ctx, j.numbers, checked); err != nil {
		return err
	}
	for i, v := range checked {
		row := &j.rows[j.of[i]]
		*row = max(*row, v)
	}
	g.of = [verdicts]int64{}
	for _, v := range j.rows {
		if v != blankLine {
			g.of[v]++
		}
	}
	j.share(g)
	return nil
}

// read takes the rows of a piece apart, as far as their numbers.
func (j *judge) read(p piece) {
	r := reading{text: p.text, delimiter: j.table.delimiter, quoted: p.quotes}
	for r.at < len(r.text) {
		if end := r.blank(); end > 0 {
			r.at = end
			j.rows = append(j.rows, blankLine)
		} else {
			j.row(&r)
		}
		j.ends = append(j.ends, r.at)
	}
}

// row reads one row. A row none of whose fields is a number is invalid, and so
// is one with a field that is there but cannot be read.
func (j *judge) row(r *reading) {
	row := len(j.rows)
	verdict, read, more := Clear, 0, true
	next := 0
	for _, column := range j.table.columns {
		if more = more && r.skip(column-next); !more {
			break
		}
		var field []byte
		field, more = r.field()
		next = column + 1
		n, blank, ok := j.number(field)
		switch {
		case blank:
		case ok:
			j.numbers = append(j.numbers, n)
			j.of = append(j.of, int32(row))
			read++
		default:
			verdict = Invalid
		}
	}
	if more {
		r.endRow()
	}
	if read == 0 {
		verdict = Invalid
	}
	j.rows = append(j.rows, verdict)
}

// number reads a field.
func (j *judge) number(field []byte) (n e164.Number, blank, ok bool) {
	field = bytes.TrimSpace(unquoted(field))
	if len(field) == 0 {
		return e164.Number{}, true, false
	}
	n, err := e164.ParseBytes(field, j.table.region)
	return n, false, err == nil
}

// share copies the rows to the buffers of the outputs they go to: runs of rows
// of one kind at once, unless each gets its verdict.
func (j *judge) share(g *judging) {
	for i := range g.buffer {
		g.buffer[i] = g.buffer[i][:0]
	}
	start := 0
	for i := 0; i < len(j.rows); {
		to := outputOf(j.rows[i])
		last := i
		for last+1 < len(j.rows) && j.table.verdict == "" && outputOf(j.rows[last+1]) == to {
			last++
		}
		rows := g.piece.text[start:j.ends[last]]
		for _, place := range [2]int{to, toAll} {
			switch {
			case to == nowhere, !j.wanted[place]:
			case j.table.verdict == "":
				g.buffer[place] = append(g.buffer[place], rows...)
			default:
				g.buffer[place] = j.table.withField(g.buffer[place], rows, j.rows[i].String())
			}
		}
		start, i = j.ends[last], last+1
	}
}

func outputOf(v Verdict) int {
	switch v {
	case Clear:
		return toClear
	case blankLine:
		return nowhere
	}
	return toSuppressed
}
