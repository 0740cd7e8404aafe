package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"nocall/client"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/node"
	"nocall/internal/scrub"
)

const scrubUsage = `Usage:
    nocall scrub [-column NAME]... -out FILE -suppressed FILE CONTACTS
    nocall scrub -data DIR -environment NAME ... CONTACTS

Checks a file of contacts and writes those that may be called to one file, and
the others to another, with all their columns, byte for byte and in order. The
file is CSV with a header, separated by commas, semicolons, tabs or bars, in
UTF-8 or UTF-16. "-" is standard input or output.

Columns with phone numbers are recognised; where there are several, a row may be
called only if all its numbers may. A number that cannot be read, or none, is
not clear. Rows stay on this machine: only numbers are sent to the server.

Files are whole or not there: they are written beside, and renamed at the end.

Options:
    -column NAME         a column with phone numbers; may be repeated
    -region CODE         country of national numbers, such as US; by default
                         that of the environment
    -out FILE            rows that may be called
    -suppressed FILE     rows that may not
    -verdict NAME        add a column of this name, with the verdict on the row
    -data DIR            ask the data folder itself; no server may be running
    -json                counts as one JSON object
` + remoteUsage + `
Example:
    $ nocall scrub -out clean.csv -suppressed out.csv contacts.csv
    4 rows: 2 clear, 1 listed, 0 registered, 1 invalid (phone)
`

type scrubCommand struct {
	remote
	asJSON
	Column     []string
	Region     string
	Out        string `required:""`
	Suppressed string
	Verdict    string
	Data       string
	Contacts   string `arg:""`
}

// scrubbed is what a scrub found, as it is printed.
type scrubbed struct {
	Rows       int64    `json:"rows"`
	Clear      int64    `json:"clear"`
	Listed     int64    `json:"listed"`
	Registered int64    `json:"registered"`
	Invalid    int64    `json:"invalid"`
	NotCovered int64    `json:"not_covered,omitempty"`
	Stale      int64    `json:"stale,omitempty"`
	Columns    []string `json:"columns"`
}

func scrubbedOf(c scrub.Counts) scrubbed {
	return scrubbed{
		c.Rows(), c.Of[scrub.Clear], c.Of[scrub.Listed], c.Of[scrub.Registered],
		c.Of[scrub.Invalid], c.Of[scrub.NotCovered], c.Of[scrub.Stale], c.Columns,
	}
}

func (s scrubbed) line() string {
	line := fmt.Sprintf("%d rows: %d clear, %d listed, %d registered, %d invalid",
		s.Rows, s.Clear, s.Listed, s.Registered, s.Invalid)
	if s.NotCovered > 0 {
		line += fmt.Sprintf(", %d not covered", s.NotCovered)
	}
	if s.Stale > 0 {
		line += fmt.Sprintf(", %d stale", s.Stale)
	}
	return fmt.Sprintf("%s (%s)", line, cut(s.Columns))
}

// Run scrubs the file.
func (k *scrubCommand) Run(ctx context.Context, in *Invocation) (err error) {
	if err := k.check(); err != nil {
		return err
	}
	file, size, err := openInput(in, k.Contacts)
	if err != nil {
		return err
	}
	defer file.Close()
	asked, err := k.lists(ctx, in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, asked.close()) }()

	files := new(newFiles)
	defer files.discard()
	out, err := k.outputs(in, files)
	if err != nil {
		return err
	}
	bar := newWorkBar(in, "scrub", size)
	counts, err := scrub.Run(ctx, file, out, asked, scrub.Options{
		Columns: k.Column, Region: cmp.Or(k.Region, asked.region), Verdict: k.Verdict,
		Progress: bar.set,
	})
	bar.end()
	if err != nil {
		return fmt.Errorf("%s: %w", k.Contacts, err)
	}
	if err := files.keep(); err != nil {
		return err
	}
	s := scrubbedOf(counts)
	to := in.Stdout
	if k.Out == "-" || k.Suppressed == "-" {
		to = in.Stderr
	}
	return k.print(to, s, s.line())
}

// check refuses a command line that would write over what it reads.
func (k *scrubCommand) check() error {
	names := []string{k.Contacts, k.Out, k.Suppressed}
	for i, name := range names {
		clean := filepath.Clean(name)
		if name != "" && name != "-" && slices.ContainsFunc(names[i+1:], func(other string) bool {
			return other != "" && filepath.Clean(other) == clean
		}) {
			return usageError{fmt.Sprintf("%s is named twice", name)}
		}
	}
	if k.Out == "-" && k.Suppressed == "-" {
		return usageError{"standard output takes one of -out and -suppressed"}
	}
	if k.Data != "" && k.Environment == "" {
		return usageError{"with -data name the -environment"}
	}
	return nil
}

// outputs opens what rows are written to.
func (k *scrubCommand) outputs(in *Invocation, files *newFiles) (out scrub.Outputs, err error) {
	if out.Clear, err = files.output(in, k.Out); err != nil {
		return out, err
	}
	out.Suppressed, err = files.output(in, k.Suppressed)
	return out, err
}

// lists are what a scrub asks: a server, or a data folder.
type lists struct {
	scrub.Checker
	region string
	close  func() error
}

func (k *scrubCommand) lists(ctx context.Context, in *Invocation) (lists, error) {
	if k.Data != "" {
		return offlineLists(ctx, k.Data, dnc.Environment(k.Environment))
	}
	c, err := k.client(in)
	if err != nil {
		return lists{}, err
	}
	env, err := c.ShowEnvironment(ctx)
	if err != nil {
		return lists{}, err
	}
	return lists{serverLists{c}, env.DefaultRegion, func() error { return nil }}, nil
}

func offlineLists(ctx context.Context, data string, env dnc.Environment) (lists, error) {
	o, err := node.OpenOffline(ctx, data)
	if err != nil {
		return lists{}, err
	}
	settings, err := o.Settings(ctx, env)
	if err != nil {
		return lists{}, errors.Join(err, o.Close())
	}
	return lists{scrub.Against(o.List, env), settings.DefaultRegion, o.Close}, nil
}

// serverLists asks a server.
type serverLists struct{ client *client.Client }

// CheckMany implements [scrub.Checker].
func (s serverLists) CheckMany(ctx context.Context, ns []e164.Number, out []scrub.Verdict) error {
	for len(ns) > 0 {
		some := min(len(ns), client.MaxNumbers)
		asked := make([]string, some)
		for i, n := range ns[:some] {
			asked[i] = n.String()
		}
		results, err := s.client.CheckMany(ctx, asked)
		if err != nil {
			return err
		}
		for i, r := range results {
			if out[i], err = verdictOf(r); err != nil {
				return err
			}
		}
		ns, out = ns[some:], out[some:]
	}
	return nil
}

func verdictOf(r client.Result) (scrub.Verdict, error) {
	for _, v := range []scrub.Verdict{
		scrub.Clear, scrub.Listed, scrub.Registered, scrub.NotCovered, scrub.Stale,
	} {
		if v.String() == string(r.Verdict) {
			return v, nil
		}
	}
	return 0, fmt.Errorf("the server said %q of %s", r.Verdict, r.Input)
}

// openInput opens a file to be read, and says how long it is; 0 if that is not
// known.
func openInput(in *Invocation, name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(in.Stdin), 0, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}
