package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxLine is the greatest length of a line that is read, in bytes.
const maxLine = 1 << 20

var errLongLine = fmt.Errorf("line is longer than %d bytes", maxLine)

// fromStdin reports whether args say that there is more on standard input.
func fromStdin(args []string) bool { return len(args) == 1 && args[0] == "-" }

// numbers gives the arguments or, for "-", the lines of standard input that
// are not blank.
func (in *Invocation) numbers(args []string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if !fromStdin(args) {
			for _, arg := range args {
				if !yield(arg, nil) {
					return
				}
			}
			return
		}
		for line, err := range lines(in.Stdin) {
			number := strings.TrimSpace(string(line))
			if number == "" && err == nil {
				continue
			}
			if !yield(number, err) {
				return
			}
		}
	}
}

// lines gives the lines of r, without their ends. One that is too long comes
// as [errLongLine], and the next one follows; any other error is the last. A
// line is valid until the next one.
func lines(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		b := bufio.NewReaderSize(r, 64<<10)
		var line []byte
		for {
			var err error
			line, err = readLine(b, line[:0])
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(bytes.TrimSuffix(line, []byte("\r")), err) {
				return
			}
			if err != nil && !errors.Is(err, errLongLine) {
				return
			}
		}
	}
}

// atMost is how many lines a batch has at most, and bytes about.
const (
	atMost      = 1024
	atMostBytes = 1 << 20
)

// An inputLine is a line of input, or why it cannot be read.
type inputLine struct {
	text []byte
	n    int // its number, from 1
	err  error
}

// batches gives the lines of r that are not blank, in batches: a batch ends
// where no more input is there yet, so that whoever waits for an answer gets it.
// A batch is valid until the next one. An error that is not of a line is the
// last.
func batches(r io.Reader) iter.Seq2[[]inputLine, error] {
	return func(yield func([]inputLine, error) bool) {
		b := bufio.NewReaderSize(r, 256<<10)
		var batch []inputLine
		bytesRead, n := 0, 0
		for {
			line, err := readLine(b, nil)
			n++
			last := err != nil && !errors.Is(err, errLongLine)
			if !last && (err != nil || len(bytes.TrimSpace(line)) > 0) {
				batch = append(batch, inputLine{line, n, err})
				bytesRead += len(line)
			}
			full := len(batch) == atMost || bytesRead >= atMostBytes || !anotherLine(b)
			if (last || full) && len(batch) > 0 {
				if !yield(batch, nil) {
					return
				}
				batch, bytesRead = batch[:0], 0
			}
			if last {
				if !errors.Is(err, io.EOF) {
					yield(nil, err)
				}
				return
			}
		}
	}
}

// anotherLine reports whether a whole line has been read in already.
func anotherLine(b *bufio.Reader) bool {
	ahead, _ := b.Peek(b.Buffered()) // never more than is there: it cannot fail
	return bytes.IndexByte(ahead, '\n') >= 0
}

// readLine reads a line into buf. Of a line that is too long it reads past the
// end. It returns io.EOF only where there is nothing more.
func readLine(b *bufio.Reader, buf []byte) ([]byte, error) {
	long := false
	for {
		part, err := b.ReadSlice('\n')
		ended := err == nil || errors.Is(err, io.EOF)
		if err != nil && !ended && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if len(buf)+len(part) > maxLine+1 {
			long = true
		}
		if !long {
			buf = append(buf, part...)
		}
		switch {
		case !ended:
		case long:
			return nil, errLongLine
		case err != nil && len(buf) == 0:
			return nil, io.EOF
		default:
			return bytes.TrimSuffix(buf, []byte("\n")), nil
		}
	}
}

// atOnce is how many requests a command has under way.
const atOnce = 64

// inOrder works on several inputs at once and hands what comes of them to
// emit, in the order of the inputs. It ends with the first input that is an
// error.
func inOrder[O any](
	inputs iter.Seq2[string, error], work func(string) O, emit func(O),
) error {
	pending, failed := make(chan chan O, atOnce-1), error(nil)
	go func() {
		defer close(pending)
		for input, err := range inputs {
			if err != nil {
				failed = err
				return
			}
			done := make(chan O, 1)
			pending <- done
			go func() { done <- work(input) }()
		}
	}()
	for done := range pending {
		emit(<-done)
	}
	return failed
}

// password asks for a password: twice and without echo at a terminal, else it
// is a line of standard input. It is not on the command line, where others on
// the machine can see it.
func (in *Invocation) password() (string, error) {
	f, ok := in.Stdin.(*os.File)
	if !ok || !isTerminal(in.Stdin) {
		line, err := readLine(bufio.NewReader(in.Stdin), nil)
		if err != nil {
			return "", fmt.Errorf("read password: %w", err)
		}
		return string(bytes.TrimSuffix(line, []byte("\r"))), nil
	}
	first, err := in.ask(f, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := in.ask(f, "Again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the passwords differ")
	}
	return first, nil
}

func (in *Invocation) ask(f *os.File, prompt string) (string, error) {
	fmt.Fprint(in.Stderr, prompt)
	secret, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(in.Stderr)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	return string(secret), nil
}
