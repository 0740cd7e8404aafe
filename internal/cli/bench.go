package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"nocall/internal/bench"
)

const benchUsage = `Usage:
    nocall bench check|batch|redis|http|registry|import|scrub|adds|start|search
                 [-entries N] [-mixed] [-peers] [-rounds N] [-folder DIR]
                 [-json]
    nocall bench all [OPTION]...

Measures what nocall promises beside what it is compared with, in turns, on
lists that it makes and removes again. It needs no server.

    check      a check in process, and the same look into a Go map
    batch      100,000 numbers at once, by JSON, text and Redis's protocol
    redis      checks by Redis's protocol, 100 at a time
    http       CPU time of a check over HTTP, and of empty handlers
    registry   checks against a registry and reads of as much memory, search,
               size, and what a restart waits for
    import     a registry from its file to being in force, for each number
    scrub      a file of as many contacts as entries, for each contact
    adds       durable adds by 1 and by 64 clients, and what the disk can do
    start      from nothing to ready, with an empty list and a long one
    search     the first page for each number of digits

Figures are medians for one operation. Ratios are to the first line of a group:
of CPU time for check, http and the checks of registry, of wall time for the
others. CPU time is that of the whole process; of batch, redis and of other
programs that of who answers. Answers are looked at: there is no figure for a
wrong one.

Options:
    -entries N           on the list (10 million for check, registry and import,
                         5 million for start and search, else 1 million)
    -mixed               one number in forty of a registry is from elsewhere
    -peers               also what is on the machine of Redis, PostgreSQL,
                         SQLite, DuckDB, awk and coreutils, with the same data,
                         in the same run
    -rounds N            of each figure (7)
    -folder DIR          for databases, on the disk that matters (the temporary
                         folder)
    -json                an object for each figure

"nocall bench load ADDRESS TIMES" is the client of http: it sends the request on
its standard input so many times. "nocall bench server N" is a server with N
numbers, until its standard input ends.

Example:
    $ nocall bench batch -peers -entries 1000000
`

type benchCommand struct {
	Check    benchCheck    `cmd:""`
	Batch    benchBatch    `cmd:""`
	Redis    benchRedis    `cmd:""`
	HTTP     benchHTTP     `cmd:"" name:"http"`
	Registry benchRegistry `cmd:""`
	Import   benchImport   `cmd:""`
	Scrub    benchScrub    `cmd:""`
	Adds     benchAdds     `cmd:""`
	Start    benchStart    `cmd:""`
	Search   benchSearch   `cmd:""`
	All      benchAll      `cmd:""`
	Load     benchLoad     `cmd:""`
	Server   benchServer   `cmd:""`
}

// benchFlags is the flags of every measurement.
type benchFlags struct {
	asJSON
	Entries int
	Rounds  int `default:"7"`
	Folder  string
	Mixed   bool
	Peers   bool
}

type (
	benchCheck    struct{ benchFlags }
	benchBatch    struct{ benchFlags }
	benchRedis    struct{ benchFlags }
	benchHTTP     struct{ benchFlags }
	benchRegistry struct{ benchFlags }
	benchImport   struct{ benchFlags }
	benchScrub    struct{ benchFlags }
	benchAdds     struct{ benchFlags }
	benchStart    struct{ benchFlags }
	benchSearch   struct{ benchFlags }
	benchAll      struct{ benchFlags }
)

// benchLoad is the client of benchHTTP, which is a process of its own.
type benchLoad struct {
	Address string `arg:""`
	Times   int    `arg:""`
}

// Run sends the requests.
func (k benchLoad) Run(in *Invocation) error { return bench.Load(k.Address, k.Times, in.Stdin) }

// benchServer is the server of benchBatch and benchRedis, a process of its own.
type benchServer struct {
	Entries int    `arg:""`
	Numbers string `arg:"" optional:"" enum:",random" default:""`
}

// Run serves until standard input ends.
func (k benchServer) Run(ctx context.Context, in *Invocation) error {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM) // who has started it ends it
	return bench.Serve(ctx, k.Entries, k.Numbers == "random", in.Stdin, os.Stdout)
}

// Run compares a check with a map.
func (k benchCheck) Run(ctx context.Context, in *Invocation) error {
	return k.measure(ctx, in, 10_000_000, bench.Check)
}

// Run compares requests for many numbers.
func (k benchBatch) Run(ctx context.Context, in *Invocation) error {
	return k.measure(ctx, in, 1_000_000, bench.Batch)
}

// Run compares checks by Redis's protocol with Redis.
func (k benchRedis) Run(ctx context.Context, in *Invocation) error {
	return k.measure(ctx, in, 1_000_000, bench.Redis)
}

// Run measures a registry.
func (k benchRegistry) Run(ctx context.Context, in *Invocation) error {
	return k.measure(ctx, in, 10_000_000, bench.Registry)
}

// Run measures how a registry comes into force.
func (k benchImport) Run(ctx context.Context, in *Invocation) error {
	return k.measure(ctx, in, 10_000_000, bench.Import)
}

// Run compares a scrub with copying the file.
func (k benchScrub) Run(ctx context.Context, in *Invocation) error {
	return k.measure(ctx, in, 1_000_000, bench.Scrub)
}

// Run compares a check over HTTP with an empty handler.
func (k benchHTTP) Run(ctx context.Context, in *Invocation) error {
	return k.measure(ctx, in, 0, bench.HTTP)
}

// Run compares many who add with one.
func (k benchAdds) Run(ctx context.Context, in *Invocation) error {
	return k.measure(ctx, in, 0, bench.Adds)
}

// Run measures starts.
func (k benchStart) Run(ctx context.Context, in *Invocation) error {
	return k.measure(ctx, in, 5_000_000, bench.Start)
}

// Run measures searches.
func (k benchSearch) Run(ctx context.Context, in *Invocation) error {
	return k.measure(ctx, in, 5_000_000, bench.Search)
}

// Run measures everything.
func (k benchAll) Run(ctx context.Context, in *Invocation) error {
	for _, one := range []interface {
		Run(ctx context.Context, in *Invocation) error
	}{
		benchCheck(k), benchBatch(k), benchRedis(k), benchHTTP(k), benchRegistry(k),
		benchImport(k), benchScrub(k), benchAdds(k), benchStart(k), benchSearch(k),
	} {
		if err := one.Run(ctx, in); err != nil {
			return err
		}
	}
	return nil
}

// measure measures and prints the figures. The load of the machine, before and
// after, goes to standard error: it says what the figures are worth.
func (k benchFlags) measure(
	ctx context.Context, in *Invocation, entries int,
	what func(context.Context, bench.Settings) ([]bench.Figure, error),
) error {
	if k.Entries > 0 {
		entries = k.Entries
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal ends the program at once
	before := load()
	figures, err := what(ctx, bench.Settings{
		Entries: entries, Rounds: k.Rounds, Folder: k.Folder, Mixed: k.Mixed,
		Load:   []string{program, "bench", "load"},
		Server: []string{program, "bench", "server"},
		Peers:  k.Peers, Note: func(text ...any) { fmt.Fprintln(in.Stderr, text...) },
	})
	if err != nil {
		return err
	}
	if !k.JSON {
		fmt.Fprintf(in.Stdout, "%-48s %9s %9s %9s %9s %8s\n",
			"figure", "wall", "least", "most", "cpu", "ratio")
	}
	for _, f := range figures {
		name := f.Name
		if f.Kind != bench.Ours {
			name += " (" + string(f.Kind) + ")"
		}
		line := fmt.Sprintf("%-48s %9v %9v %9v %9v %8.3f",
			name, short(f.Wall), short(f.Least), short(f.Most), short(f.CPU), f.Ratio)
		if f.Bytes > 0 {
			line = fmt.Sprintf("%-48s %9d bytes", name, f.Bytes)
		}
		if err := k.print(in.Stdout, f, line); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(in.Stderr, "load %s before, %s after, on %d processors\n",
		before, load(), runtime.NumCPU())
	return err
}

// short writes a time with three digits or so.
func short(d time.Duration) time.Duration {
	switch {
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	case d > 10*time.Microsecond:
		return d.Round(10 * time.Nanosecond)
	}
	return d
}

// load is the load average of the last minute, where the system tells it.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
