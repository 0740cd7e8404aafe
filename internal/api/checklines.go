package api

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Limits of a check of lines.
const (
	maxLine   = 4096 // bytes
	lineChunk = 1024 // lines that are asked for at once
	lineWait  = 5 * time.Minute
)

// checkLines answers a number a line with number,verdict a line, while the
// request is still being sent. Before the first answer an error is returned;
// after it the connection is broken.
func (d *desk) checkLines(w http.ResponseWriter, r *http.Request) error {
	c, err := d.checkerOf(r)
	if err != nil {
		return err
	}
	defer d.checkers.Put(c)
	c.reset()
	l := &lines{
		checker: c, out: http.NewResponseController(w),
		r: bufio.NewReaderSize(r.Body, maxLine), w: bufio.NewWriterSize(w, 64<<10),
	}
	// Without full duplex the server would read the whole request first. HTTP/2
	// is always so, and says that it is not supported.
	_ = l.out.EnableFullDuplex()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	err = l.run()
	if err == nil {
		return nil
	}
	// What is left of the request is not waited for, nor taken for another one.
	_ = l.out.SetReadDeadline(time.Now())
	if a, ok := w.(*answer); ok && a.status == 0 {
		w.Header().Set("Connection", "close")
		return err
	}
	if r.Context().Err() == nil {
		d.Log.WarnContext(r.Context(), "check of lines cut short", "err", err)
	}
	panic(http.ErrAbortHandler) // or the answer would be taken for whole
}

// lines is a check of lines that goes on.
type lines struct {
	*checker
	r   *bufio.Reader
	w   *bufio.Writer
	out *http.ResponseController
}

func (l *lines) run() error {
	for {
		if !l.waiting() {
			if err := l.answer(); err != nil {
				return err
			}
			l.deadlines()
		}
		line, err := l.next()
		if err == io.EOF {
			return l.finish()
		}
		if err != nil {
			return err
		}
		l.add(line)
	}
}

// waiting reports whether a further line is there to be read, and fits in with
// those that are asked for at once.
func (l *lines) waiting() bool {
	return len(l.places) < lineChunk && l.there()
}

// there reports whether a whole line can be read without waiting for it.
func (l *lines) there() bool {
	text, err := l.r.Peek(l.r.Buffered())
	return err == nil && bytes.IndexByte(text, '\n') >= 0
}

// next reads a line, without its end. The last one may have none.
func (l *lines) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, at("body", fmt.Errorf(
			"%w: a line has more than %d bytes", errTooLarge, maxLine))
	case err == io.EOF && len(line) == 0:
		return nil, io.EOF
	case err != nil && err != io.EOF:
		return nil, bodyError(err)
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// answer answers the lines that were read, and sends the answer on its way.
func (l *lines) answer() error {
	if len(l.places) == 0 {
		return nil
	}
	if err := l.ask(); err != nil {
		return err
	}
	var number [16]byte
	for i := range l.places {
		if l.wrong(i) != nil {
			l.w.WriteString(quoted(string(l.input(i))))
		} else {
			l.w.Write(l.numbers[i].AppendTo(number[:0]))
		}
		l.w.WriteByte(',')
		l.w.WriteString(l.verdict(i))
		l.w.WriteByte('\n')
	}
	l.reset()
	if l.there() {
		return nil // there is more to answer first
	}
	return l.flush()
}

func (l *lines) finish() error {
	if err := l.answer(); err != nil {
		return err
	}
	return l.flush()
}

func (l *lines) flush() error {
	if err := l.w.Flush(); err != nil {
		return err
	}
	return l.out.Flush()
}

// deadlines gives the next step its time: a connection on which nothing
// happens is closed.
func (l *lines) deadlines() {
	now := time.Now()
	_ = l.out.SetReadDeadline(now.Add(lineWait)) // one that has none does without
	_ = l.out.SetWriteDeadline(now.Add(lineWait + progressTime))
}

// quoted is a cell of CSV.
func quoted(cell string) string {
	if !strings.ContainsAny(cell, ",\"\r") {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}
