// Package cli is the command line: one file for each command.
//
// Results go to standard output, everything else to standard error. Commands
// that work on a list ask a running server, as any other program would, by
// package client.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Invocation is one run of the program, as the program sees it.
type Invocation struct {
	Args   []string // without the name of the program
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Env    func(name string) (value string, ok bool)

	settings *settings
}

// The exit statuses of the program.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitListed = 3 // of check: a number is listed or registered
)

// Ends of a command that has said already what there was to say.
var (
	errSaid   = errors.New("it was said what went wrong")
	errListed = errors.New("a number is listed")
)

// usageError is a command line that cannot be understood.
type usageError struct{ text string }

// Error says what cannot be understood.
func (e usageError) Error() string { return e.text }

// grammar is every command with its flags.
type grammar struct {
	Serve       serveCommand       `cmd:""`
	Check       checkCommand       `cmd:""`
	Add         addCommand         `cmd:""`
	Remove      removeCommand      `cmd:""`
	List        listCommand        `cmd:""`
	Export      exportCommand      `cmd:""`
	Import      importCommand      `cmd:""`
	Scrub       scrubCommand       `cmd:""`
	Registry    registryCommand    `cmd:""`
	Detect      detectCommand      `cmd:""`
	Call        callCommand        `cmd:""`
	Review      reviewCommand      `cmd:""`
	Campaign    campaignCommand    `cmd:""`
	Number      numberCommand      `cmd:""`
	Key         keyCommand         `cmd:""`
	User        userCommand        `cmd:""`
	Environment environmentCommand `cmd:""`
	Demo        demoCommand        `cmd:""`
	Backup      backupCommand      `cmd:""`
	Bench       benchCommand       `cmd:""`
	Config      configCommand      `cmd:""`
	Version     versionCommand     `cmd:""`
}

// Run runs one command until it is done, or ctx is, and returns the exit
// status.
func Run(ctx context.Context, in Invocation) int {
	out := newOutput(in.Stdout)
	in.Stdout = out
	err := run(ctx, &in)
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	return in.exit(err)
}

func run(ctx context.Context, in *Invocation) error {
	if topic, ok := helpAsked(in.Args); ok {
		return help(in.Stdout, topic)
	}
	if len(in.Args) == 0 {
		fmt.Fprint(in.Stderr, usage)
		return usageError{}
	}
	in.settings = &settings{env: in.Env}
	parser, err := newParser(in.settings)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(doubleDashes(in.Args))
	if err != nil {
		return usageError{singleDashes(err.Error())}
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run(in)
}

func newParser(s *settings) (*kong.Kong, error) {
	return kong.New(new(grammar), kong.Name("nocall"), kong.NoDefaultHelp(), kong.Resolvers(s))
}

// exit says what went wrong, if anything did, and returns the exit status.
func (in *Invocation) exit(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errListed):
		return exitListed
	case errors.Is(err, errSaid):
		return exitFailed
	}
	status := exitFailed
	if wrong, ok := errors.AsType[usageError](err); ok {
		status = exitUsage
		if wrong.text == "" {
			return status
		}
	}
	in.complain(err)
	return status
}

// complain says on standard error what went wrong, and what may help.
func (in *Invocation) complain(err error) {
	fmt.Fprintf(in.Stderr, "nocall: %s\n", plainly(err))
	if h := in.hint(err); h != "" {
		fmt.Fprintf(in.Stderr, "nocall: hint: %s\n", h)
	}
}
