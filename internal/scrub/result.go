package scrub

import (
	"context"
	"errors"
	"io"
	"time"

	"nocall/internal/dnc"
)

// Result is a scrub that is kept for a while, to be fetched.
type Result struct {
	ID          string
	Environment dnc.Environment
	By          string // who asked for it
	File        string // name of the file that was scrubbed
	MadeAt      time.Time
	Until       time.Time // when it is removed
	Counts      Counts
}

// ErrNoResult is of a result that is not there, or not any more.
var ErrNoResult = errors.New("scrub: no such result")

// ErrNoRoom says that the results that are kept take as much as they may.
var ErrNoRoom = errors.New("scrub: no room for another result")

// Results keeps what scrubs have found. Its methods may be called by several
// goroutines at once; those that name a result return [ErrNoResult] where the
// environment has none of that ID.
type Results interface {
	// Keep calls run with files to write to, and keeps them under an ID that it
	// gives r. If run returns an error it keeps nothing, and returns that. Where
	// there is no room, writing fails with [ErrNoRoom].
	Keep(
		ctx context.Context, r Result, run func(context.Context, Outputs) (Counts, error),
	) (Result, error)
	// Results returns those of an environment, the newest first.
	Results(env dnc.Environment) []Result
	Result(env dnc.Environment, id string) (Result, error)
	// Rows opens the rows that may be called, or those that may not.
	Rows(env dnc.Environment, id string, clear bool) (io.ReadSeekCloser, error)
	Remove(env dnc.Environment, id string) error
}
