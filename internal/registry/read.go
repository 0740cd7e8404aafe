package registry

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"nocall/internal/pages"
)

// File is a file of a registry as it came. Reading it to its end finds out
// whether it is whole, where it was packed.
type File struct {
	Name string
	Time time.Time // when it was made, as it says; zero if it does not
	Open func() (io.ReadCloser, error)
}

// FileError is a file that is refused, and where it is wrong.
type FileError struct {
	File string
	Line int64 // from 1; 0 for the file as a whole
	Text string

	// Smaller is set where nothing is wrong but that an area has lost much: the
	// import may be asked for again with its Smaller.
	Smaller bool
}

// Error says where, and what is wrong.
func (e *FileError) Error() string {
	text := e.Text
	if e.Line > 0 {
		text = fmt.Sprintf("line %d: %s", e.Line, text)
	}
	if e.File != "" {
		text = e.File + ": " + text
	}
	return text
}

// blockBytes is how much is read at once.
const blockBytes = 1 << 20

// A reading is a file while it is read.
type reading struct {
	*building
	file   File
	asOf   time.Time // the day its name says; zero for none
	expect Area      // the area its name says; 0 for none
	source Source
	form   form
	hash   hash.Hash
	in     *bufio.Reader
	begun  int64 // lines before the first block: a header

	mu     sync.Mutex // guards following
	blocks []block
	areas  [areas]bool
}

// A block is lines that were read.
type block struct {
	lines int64      // how many, or which one is wrong
	wrong *FileError // nil for none
}

// dated matches the names that files of the national registry have:
// 2026-8-5_818_ABC123.txt.
var dated = regexp.MustCompile(`(?:^|/)(\d{4})-(\d{1,2})-(\d{1,2})(?:_(\d{3})_)?`)

// read reads a file and gives its numbers to the building.
func (b *building) read(ctx context.Context, f File) (*reading, error) {
	r := &reading{building: b, file: f, hash: sha256.New(), source: Source{Name: f.Name}}
	r.readName()
	in, err := f.Open()
	if err != nil {
		return nil, r.at(err)
	}
	counted := &counter{r: in, b: b, into: &r.source.Bytes}
	r.in = bufio.NewReaderSize(io.TeeReader(counted, r.hash), blockBytes)
	err = r.run(ctx)
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, r.at(err)
	}
	r.source.SHA256 = hex.EncodeToString(r.hash.Sum(nil))
	return r, nil
}

// readName takes from the name of the file what it says.
func (r *reading) readName() {
	m := dated.FindStringSubmatch(r.file.Name)
	if m == nil {
		r.asOf = day(r.file.Time)
		if r.file.Time.IsZero() {
			r.asOf = time.Time{}
		}
		return
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	d, _ := strconv.Atoi(m[3])
	r.asOf = time.Date(year, time.Month(month), d, 0, 0, 0, 0, time.UTC)
	if code, err := strconv.Atoi(m[4]); err == nil {
		r.expect = Area(america + code)
	}
}

// at says in which file an error is.
func (r *reading) at(err error) error {
	if wrong, ok := errors.AsType[*FileError](err); ok {
		return &FileError{File: r.file.Name, Line: wrong.Line, Text: wrong.Text}
	}
	return fmt.Errorf("%s: %w", r.file.Name, err)
}

func (r *reading) run(ctx context.Context) error {
	if err := r.recognise(); err != nil {
		return err
	}
	read := r.readLines
	if r.form.read == nil {
		read = r.readXML
	}
	err := read(ctx)
	r.source.Layout = r.form.layout
	if err == nil && !r.form.layout.changes() && !slices.Contains(r.areas[:], true) {
		return &FileError{Text: "there is no number in it"}
	}
	return err
}

// recognise finds out how the file is laid out, by its first lines.
func (r *reading) recognise() error {
	sample, err := r.in.Peek(blockBytes)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	if mark := []byte("\xef\xbb\xbf"); bytes.HasPrefix(sample, mark) {
		r.in.Discard(len(mark)) //nolint:errcheck // it is there
		sample = sample[len(mark):]
	}
	lines := firstLines(sample)
	m := r.registry.Mapping
	switch l := m.layout(); {
	case len(bytes.TrimSpace(sample)) == 0:
		return &FileError{Text: "there is no line in it"}
	case l == XML, l == ChangeXML, l == "" && bytes.TrimSpace(sample)[0] == '<':
		r.form.layout = cmp.Or(l, XML)
		return nil
	case l == CSV:
		return r.takeCSV(lines[0])
	case l == Fixed:
		r.form = m.fixed()
		return nil
	case l != "":
		r.form, _ = formOf(l)
		return nil
	}
	if r.form, err = recognise(lines); err == nil {
		return nil
	}
	if r.takeCSV(lines[0]) == nil && r.begun > 0 {
		return nil
	}
	return err
}

// takeCSV takes the file for one of CSV, whose first line may be its header.
func (r *reading) takeCSV(first []byte) error {
	f, header, err := r.registry.Mapping.csv(first)
	if err != nil {
		return err
	}
	r.form = f
	if header {
		r.begun = 1
	}
	return nil
}

// firstLines returns the first whole lines of a sample; a last one without an
// end if there is no other.
func firstLines(sample []byte) (lines [][]byte) {
	for len(lines) < sampled {
		line, rest, ok := bytes.Cut(sample, []byte{'\n'})
		if !ok && (len(lines) > 0 || len(line) == 0) {
			break
		}
		lines, sample = append(lines, bytes.TrimSuffix(line, []byte{'\r'})), rest
	}
	return lines
}

// readLines reads the file in blocks of whole lines, several at once.
func (r *reading) readLines(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	if r.begun > 0 {
		if _, err := r.in.ReadSlice('\n'); err != nil {
			return &FileError{Line: 1, Text: "there is nothing below the header"}
		}
	}
	for i := 0; ctx.Err() == nil && !r.broken(); i++ {
		text, err := r.nextBlock()
		if err != nil && !errors.Is(err, io.EOF) {
			running.Wait()
			return r.sooner(err)
		}
		if len(text) == 0 {
			break
		}
		r.mu.Lock()
		r.blocks = append(r.blocks, block{})
		r.mu.Unlock()
		p := <-r.parsers
		running.Go(func() {
			defer func() { r.parsers <- p }()
			r.readBlock(p, i, text)
			blockRoom.Put(&text)
		})
		if err != nil {
			break
		}
	}
	running.Wait()
	return cmp.Or(r.sooner(nil), ctx.Err())
}

// blockRoom keeps the memory of blocks.
var blockRoom = sync.Pool{New: func() any { b := make([]byte, 0, blockBytes+64); return &b }}

// nextBlock returns a block of whole lines, and io.EOF with the last one. Its
// last line has no end where the file has none, or where it is endless.
func (r *reading) nextBlock() ([]byte, error) {
	text := (*blockRoom.Get().(*[]byte))[:0]
	for len(text) < blockBytes {
		n, err := r.in.Read(text[len(text):blockBytes])
		text = text[:len(text)+n]
		if err != nil {
			return text, err
		}
	}
	if text[len(text)-1] == '\n' {
		return text, nil
	}
	rest, err := r.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		err = io.EOF
	}
	return append(text, rest...), err
}

// broken reports whether a line was wrong.
func (r *reading) broken() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.blocks {
		if b.wrong != nil {
			return true
		}
	}
	return false
}

// sooner returns what is wrong in the lines that were read, or else err. It
// counts them.
func (r *reading) sooner(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.source.Lines = r.begun
	for _, b := range r.blocks {
		if b.wrong != nil {
			return &FileError{Line: r.source.Lines + b.wrong.Line, Text: b.wrong.Text}
		}
		r.source.Lines += b.lines
	}
	return err
}

// readBlock reads the lines of the i-th block.
func (r *reading) readBlock(p *parser, i int, text []byte) {
	var seen [areas]bool
	lines, wrong := r.eachLine(p, text, &seen)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blocks[i] = block{lines, wrong}
	for a, is := range seen {
		r.areas[a] = r.areas[a] || is
	}
}

func (r *reading) eachLine(
	p *parser, text []byte, seen *[areas]bool,
) (lines int64, wrong *FileError) {
	changes, read := r.form.layout.changes(), r.form.read
	for len(text) > 0 {
		lines++
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			return lines, &FileError{Line: lines, Text: "it has no end: the file has been cut " +
				"off, or wants an end of line"}
		}
		line := text[:end]
		text = text[end+1:]
		if end > 0 && line[end-1] == '\r' {
			line = line[:end-1]
		}
		e, ok := read(line)
		if !ok {
			return lines, r.misfit(lines, line)
		}
		a := AreaOf(e.number)
		if !seen[a] {
			if wrong := r.mayHave(a); wrong != "" {
				return lines, &FileError{Line: lines, Text: wrong}
			}
			seen[a] = true
		}
		if changes {
			p.changes = append(p.changes, e)
		} else {
			p.worker.Add(e.number)
		}
	}
	return lines, nil
}

// misfit says what is wrong with a line, which it does not repeat: it may have a
// number in it.
func (r *reading) misfit(line int64, text []byte) *FileError {
	e := &FileError{Line: line}
	switch {
	case len(text) == 0:
		e.Text = "it is empty"
	case r.form.like != "":
		e.Text = fmt.Sprintf("it is not as the others are: want %q", r.form.like)
	default:
		e.Text = "no number can be read where the mapping says that there is one"
	}
	return e
}

// mayHave says what is wrong with a number of an area in this file; "" if
// nothing is.
func (r *reading) mayHave(a Area) string {
	if r.expect != 0 && a != r.expect {
		return fmt.Sprintf("a number of %s is in the file of %s", a, r.expect)
	}
	if !r.inScope(a) {
		return fmt.Sprintf("a number of %s is none of the registry %s", a, r.registry.Name)
	}
	return ""
}

// A parser reads lines of any file of a building, one block at a time.
type parser struct {
	worker  *pages.Worker
	changes []entry
}

// add adds a number that was read without a parser, in order.
func (r *reading) add(p *parser, e entry) error {
	a := AreaOf(e.number)
	if !r.areas[a] {
		if wrong := r.mayHave(a); wrong != "" {
			return errors.New(wrong)
		}
		r.areas[a] = true
	}
	if r.form.layout.changes() {
		p.changes = append(p.changes, e)
	} else {
		p.worker.Add(e.number)
	}
	return nil
}

// counter counts the bytes that are read.
type counter struct {
	r    io.Reader
	b    *building
	into *int64
}

// Read implements [io.Reader].
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.into += int64(n)
	c.b.progress(int64(n))
	return n, err
}
