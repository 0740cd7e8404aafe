package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// flushAfter is how long output may wait to be written with what follows it.
const flushAfter = 20 * time.Millisecond

// output gathers what is written and passes it on soon: output of a million
// lines takes few writes, and whoever waits for a line gets it.
type output struct {
	mu      sync.Mutex // guards following
	w       *bufio.Writer
	pending bool // a flush is under way
}

func newOutput(w io.Writer) *output { return &output{w: bufio.NewWriterSize(w, 64<<10)} }

// Write implements [io.Writer].
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.pending {
		o.pending = true
		time.AfterFunc(flushAfter, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.pending = false
			o.w.Flush() // an error comes again with the next write
		})
	}
	return o.w.Write(p)
}

// Flush writes what has been gathered.
func (o *output) Flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Flush()
}

// asJSON is the flag of commands that print results.
type asJSON struct {
	JSON bool `name:"json"`
}

// print writes v as one line of JSON where that was asked for, and otherwise
// the line.
func (a asJSON) print(w io.Writer, v any, line string) error {
	if a.JSON {
		return writeJSON(w, v)
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// writeJSON writes v as one line.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// isTerminal reports whether a person is at the other end of v.
func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// stamp writes a time as tables show it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// text returns what p points at, or "" for nil.
func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// trimLine takes the end and the blanks before it off a line of a table.
func trimLine(line string) string { return strings.TrimRight(line, " \n") }

// maxPage is the greatest page that the server gives.
const maxPage = 500

// pageSize returns the size of pages for a limit; 0 is no limit.
func pageSize(limit int) int {
	if limit <= 0 {
		return maxPage
	}
	return min(limit, maxPage)
}
