package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
	"nocall/internal/scrub"
)

// Scrub compares the scrub of a file of contacts, as many as there are entries on
// the list, with copying the file and with what other programs have for it. CPU
// time is of all processors.
func Scrub(ctx context.Context, s Settings) (_ []Figure, err error) {
	folder, err := os.MkdirTemp(s.Folder, "nocall-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	numbers := newList(s.Entries)
	x := new(index.Index)
	if err := x.Load(ctx, numbers); err != nil {
		return nil, err
	}
	c := &contacts{
		folder: folder, list: scrub.Against(&dnc.List{Index: x}, production),
		asked: numbers.contacts(s.Entries),
	}
	c.listed = numbers.count(c.asked)
	if err := c.write(numbers); err != nil {
		return nil, err
	}
	contenders := []contender{
		{name: "scrub", run: c.scrub},
		{name: "cat in > out", kind: Limit, run: c.copy},
		{name: "wc -l", kind: Limit, run: c.lines},
	}
	if s.Peers {
		contenders = append(contenders, c.peers(s)...)
	}
	return measure(ctx, s.Rounds, true, contenders...)
}

// contacts is a file of contacts.
type contacts struct {
	folder string
	list   scrub.Checker
	asked  []e164.Number
	listed int // of them
}

// The files of contacts, and of the list for other programs.
const (
	contactsFile   = "contacts.csv"
	callableFile   = "callable.csv"
	suppressedFile = "suppressed.csv"
	listFile       = "list.txt"
)

func (c *contacts) path(name string) string { return filepath.Join(c.folder, name) }

// contacts returns n numbers of contacts: three in ten are listed, and most others
// are near those that are.
func (m made) contacts(n int) []e164.Number {
	r := rand.New(rand.NewPCG(11, 11))
	some := make([]e164.Number, n)
	for i := range some {
		number := m[r.IntN(len(m))]
		switch i % 100 {
		case 0, 33, 66:
			number = foreign(r)
		default:
			if i%10 > 2 {
				number = number - number%1000 + r.Uint64N(1000)
			}
		}
		some[i] = e164.FromUint64(number)
	}
	return some
}

// write writes the contacts, 80 bytes each or so, and the list.
func (c *contacts) write(numbers made) (err error) {
	file, err := os.Create(c.path(contactsFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriterSize(file, 1<<20)
	w.WriteString("id,first_name,last_name,phone_number,city,state,consent\n")
	for i, n := range c.asked {
		fmt.Fprintf(w, "%08d,Firstname%d,Lastname%d,%s,\"City, of %d\",CA,yes\n",
			i, i%97, i%1009, n, i%31)
	}
	list, err := os.Create(c.path(listFile))
	if err != nil {
		return err
	}
	lines := bufio.NewWriterSize(list, 1<<20)
	for _, n := range numbers {
		fmt.Fprintln(lines, e164.FromUint64(n))
	}
	return errors.Join(w.Flush(), lines.Flush(), list.Close())
}

// right returns an error where so many suppressed are wrong.
func (c *contacts) right(suppressed int) (int, error) {
	if suppressed != c.listed {
		return 0, fmt.Errorf("%d contacts were suppressed, and %d are listed",
			suppressed, c.listed)
	}
	return len(c.asked), nil
}

func (c *contacts) scrub(ctx context.Context) (_ int, err error) {
	in, err := os.Open(c.path(contactsFile))
	if err != nil {
		return 0, err
	}
	defer in.Close()
	var files [2]*os.File
	for i, name := range []string{callableFile, suppressedFile} {
		if files[i], err = os.Create(c.path(name)); err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, files[i].Close()) }()
	}
	counts, err := scrub.Run(ctx, in, scrub.Outputs{Clear: files[0], Suppressed: files[1]},
		c.list, scrub.Options{})
	if err != nil {
		return 0, err
	}
	return c.right(int(counts.Of[scrub.Listed]))
}

// copy copies the file as cat does. What copies inside the file system is not used.
func (c *contacts) copy(context.Context) (_ int, err error) {
	in, err := os.Open(c.path(contactsFile))
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.Create(c.path(callableFile))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	buffer := make([]byte, 128<<10)
	_, err = io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, buffer)
	return len(c.asked), err
}

// lines counts the lines of the file as wc does.
func (c *contacts) lines(context.Context) (int, error) {
	n, err := countLines(c.path(contactsFile))
	if err == nil && n != len(c.asked)+1 {
		err = fmt.Errorf("%d lines", n)
	}
	return len(c.asked), err
}

// countLines counts the lines of a file.
func countLines(path string) (n int, err error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	buffer := make([]byte, 128<<10)
	for {
		size, err := in.Read(buffer)
		n += bytes.Count(buffer[:size], []byte{'\n'})
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// peers are the programs on the machine that can do the same, more or less.
func (c *contacts) peers(s Settings) []contender {
	var all []contender
	for _, p := range []struct{ name, tool, script string }{
		{
			"duckdb, one pass", "duckdb",
			`duckdb -c "copy (select c.*, d.n is not null as listed from
			read_csv('contacts.csv', all_varchar=true) c left join
			read_csv('list.txt', header=false, columns={'n': 'varchar'}) d
			on c.phone_number = d.n) to 'duck' (format csv, partition_by listed,
			overwrite true)" && cat duck/listed=true/*.csv | grep -v ^id, > suppressed.csv`,
		},
		{
			"awk, a table of the list", "awk",
			`awk -F, 'NR == FNR { list[$1] = 1; next }
			$4 in list { print > "suppressed.csv"; next } { print > "callable.csv" }
			' list.txt contacts.csv`,
		},
		{
			"sort and join, without the order", "join",
			`export LC_ALL=C; sort list.txt > list.sorted; tail -n +2 contacts.csv |
			sort -t, -k4,4 > contacts.sorted
			join -t, -1 4 -2 1 contacts.sorted list.sorted > suppressed.csv
			join -t, -1 4 -2 1 -v 1 contacts.sorted list.sorted > callable.csv`,
		},
	} {
		if _, err := exec.LookPath(p.tool); err != nil {
			s.note("%s is not installed", p.tool)
			continue
		}
		all = append(all, contender{
			name: p.name, kind: Peer, cpu: childrenTime,
			run: func(ctx context.Context) (int, error) { return c.script(ctx, p.script) },
		})
	}
	return all
}

// script runs a script in the folder, and looks at what it has written.
func (c *contacts) script(ctx context.Context, script string) (int, error) {
	cmd := exec.CommandContext(ctx, "sh", "-ec", script)
	cmd.Dir = c.folder
	cmd.WaitDelay = time.Second
	if said, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, said)
	}
	n, err := countLines(c.path(suppressedFile))
	if err != nil {
		return 0, err
	}
	return c.right(n)
}
