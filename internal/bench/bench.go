// Package bench measures what the manual's figures say: each thing beside what
// it is compared with, in one run, in turns.
//
// Wall time says little on a busy machine. CPU time says more, and ratios of
// figures from one run say most. Every figure is the median of its rounds.
package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Figure is one thing measured, per operation.
type Figure struct {
	Name  string        `json:"figure"`
	Wall  time.Duration `json:"wall_ns"`
	CPU   time.Duration `json:"cpu_ns"` // of who does the work; 0 where the system does not tell
	Ratio float64       `json:"ratio"`  // of the CPU time, or as Name says, to the first of its group

	Least time.Duration `json:"least_wall_ns"` // of all rounds
	Most  time.Duration `json:"most_wall_ns"`

	Bytes int64 `json:"bytes,omitempty"` // that something takes; then nothing else is measured
	Kind  Kind  `json:"kind,omitempty"`
}

// Kind says whose figure it is.
type Kind string

// The kinds of figures.
const (
	Ours  Kind = ""
	Limit Kind = "limit" // what the machine can do, with nothing of ours
	Peer  Kind = "peer"  // another program that does the same, with the same data
)

// Settings of a run.
type Settings struct {
	Entries int    // on the list
	Rounds  int    // of each figure
	Folder  string // where databases are made; it should be on the disk that matters
	Mixed   bool   // some numbers of a registry are from outside North America

	// Load is the command, with its arguments, that sends the requests of
	// [HTTP] as a process of its own; see [Load].
	Load []string

	// Server is the command of a server that is a process of its own; the number
	// of entries on its list is added, and perhaps the word random. See [Serve].
	Server []string

	// Peers has other programs measured too, which are on the machine. Note is
	// told of those that are not; nil is not called.
	Peers bool
	Note  func(text ...any)
}

// note tells of what is not measured.
func (s Settings) note(format string, args ...any) {
	if s.Note != nil {
		s.Note(fmt.Sprintf(format, args...))
	}
}

// contender is one of several things that are measured in turns.
type contender struct {
	name  string
	run   func(ctx context.Context) (operations int, err error)
	after func() error // each time when the clock has stopped; nil for nothing

	kind Kind
	cpu  func() time.Duration // CPU time of who does the work; nil for this process
}

// sample is what one round of a contender took, per operation.
type sample struct{ wall, cpu time.Duration }

// measure runs the contenders in turns and returns the median of each. Ratios
// are to the first one, of the CPU time unless byWall is set.
func measure(
	ctx context.Context, rounds int, byWall bool, contenders ...contender,
) ([]Figure, error) {
	samples := make([][]sample, len(contenders))
	for range rounds {
		for i, c := range contenders {
			s, err := c.sample(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			samples[i] = append(samples[i], s)
		}
	}
	figures := make([]Figure, len(contenders))
	for i, c := range contenders {
		f := Figure{
			Name: c.name,
			Wall: median(samples[i], func(s sample) time.Duration { return s.wall }),
			CPU:  median(samples[i], func(s sample) time.Duration { return s.cpu }),
			Kind: c.kind,
		}
		f.Least, f.Most = spread(samples[i])
		figures[i] = f
		first := figures[0]
		switch {
		case byWall && first.Wall > 0:
			figures[i].Ratio = float64(f.Wall) / float64(first.Wall)
		case !byWall && first.CPU > 0:
			figures[i].Ratio = float64(f.CPU) / float64(first.CPU)
		}
	}
	return figures, nil
}

func (c contender) sample(ctx context.Context) (sample, error) {
	if err := ctx.Err(); err != nil {
		return sample{}, err
	}
	used := cpuTime
	if c.cpu != nil {
		used = c.cpu
	}
	begin, cpu := time.Now(), used()
	n, err := c.run(ctx)
	wall := time.Since(begin)
	if err != nil {
		return sample{}, err
	}
	each := time.Duration(max(n, 1))
	s := sample{wall / each, (used() - cpu) / each}
	if c.after != nil {
		return s, c.after()
	}
	return s, nil
}

// spread returns the least and the most wall time of samples.
func spread(samples []sample) (least, most time.Duration) {
	for i, s := range samples {
		if i == 0 || s.wall < least {
			least = s.wall
		}
		most = max(most, s.wall)
	}
	return least, most
}

func median(samples []sample, of func(sample) time.Duration) time.Duration {
	values := make([]time.Duration, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	if len(values) == 0 {
		return 0
	}
	return values[len(values)/2]
}
