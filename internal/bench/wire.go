package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"

	"nocall/internal/e164"
)

const (
	wireClients = 16  // that ask at once
	pipelined   = 100 // requests that a client sends before it reads answers
	wireAsked   = 1_000_000
)

// Redis compares checks by the protocol of Redis with the same checks of a set in
// Redis itself, by clients that send 100 requests at a time: our own, which look at
// every answer, and Redis's. CPU time is that of the server, ratios are of wall
// time.
func Redis(ctx context.Context, s Settings) (_ []Figure, err error) {
	folder, err := os.MkdirTemp(s.Folder, "nocall-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	numbers := newRandomList(s.Entries)
	ours, err := s.serve(ctx, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ours.stop()) }()
	ends := []*end{{
		process: ours.process, name: "nocall", address: ours.Redis, secret: ours.Key,
	}}
	if s.Peers {
		theirs, err := startRedis(ctx, folder, numbers)
		switch {
		case errors.Is(err, exec.ErrNotFound):
			s.note("redis-server is not installed")
		case err != nil:
			return nil, fmt.Errorf("redis: %w", err)
		default:
			defer func() { err = errors.Join(err, theirs.end()) }()
			ends = append(ends, &end{
				process: theirs.process, kind: Peer, name: "Redis", address: theirs.address,
			})
		}
	}
	return s.askEnds(ctx, ends, numbers)
}

// end is the far end of a wire that speaks as Redis does.
type end struct {
	*process
	kind                  Kind
	name, address, secret string

	clients []*set
	bunches [wireClients][]bunch // what each client asks, ready to be sent
}

// bunch is requests that are sent at once.
type bunch struct {
	requests []byte
	numbers  int
}

// prepare connects the clients, and writes down what they will ask.
func (e *end) prepare(ctx context.Context, asked []e164.Number) error {
	for i := range wireClients {
		c, err := openSet(ctx, e.address, string(production), e.secret)
		if err != nil {
			return err
		}
		e.clients = append(e.clients, c)
		share := asked[i*len(asked)/wireClients : (i+1)*len(asked)/wireClients]
		for some := range slices.Chunk(share, pipelined) {
			e.bunches[i] = append(e.bunches[i], bunch{c.askEach(some), len(some)})
		}
	}
	return nil
}

func (e *end) close() {
	for _, c := range e.clients {
		c.Close()
	}
}

// askEnds has the ends asked in turns, in two manners.
func (s Settings) askEnds(ctx context.Context, ends []*end, numbers made) ([]Figure, error) {
	asked := numbers.questions(min(wireAsked, 20*s.Entries))
	want := numbers.count(asked)
	var own, standard []contender
	for _, e := range ends {
		defer e.close()
		if err := e.prepare(ctx, asked); err != nil {
			return nil, err
		}
		own = append(own, contender{
			name: e.name + ": SISMEMBER, 100 at a time", kind: e.kind, cpu: e.cpu,
			run: func(context.Context) (int, error) { return len(asked), e.ask(want) },
		})
		standard = append(standard, contender{
			name: e.name + ": redis-benchmark -P 100 SISMEMBER", kind: e.kind, cpu: e.cpu,
			run: func(ctx context.Context) (int, error) {
				return len(asked), e.benchmark(ctx, len(asked))
			},
		})
	}
	figures, err := measure(ctx, s.Rounds, true, own...)
	if err != nil {
		return nil, err
	}
	more, err := measure(ctx, s.Rounds, true, standard...)
	if errors.Is(err, exec.ErrNotFound) {
		s.note("redis-benchmark is not installed")
		return figures, nil
	}
	return append(figures, more...), err
}

// ask has the clients ask for their numbers, of which so many must be listed.
func (e *end) ask(want int) error {
	var wait sync.WaitGroup
	found := make([]int, len(e.clients))
	errs := make([]error, len(e.clients))
	for i, c := range e.clients {
		wait.Go(func() { found[i], errs[i] = c.askBunches(e.bunches[i]) })
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	sum := 0
	for _, n := range found {
		sum += n
	}
	if sum != want {
		return fmt.Errorf("%d numbers were said to be listed, and %d are", sum, want)
	}
	return nil
}

func (s *set) askBunches(bunches []bunch) (found int, err error) {
	for _, b := range bunches {
		if _, err := s.Write(b.requests); err != nil {
			return 0, err
		}
		ones, err := s.integers(b.numbers)
		if err != nil {
			return 0, err
		}
		found += ones
	}
	return found, nil
}

// benchmark has Redis's own load generator ask n times. It can only make numbers
// with twelve digits at random behind a beginning.
func (e *end) benchmark(ctx context.Context, n int) error {
	host, port, _ := strings.Cut(e.address, ":")
	args := []string{
		"-h", host, "-p", port, "-c", "32", "-P", strconv.Itoa(pipelined),
		"-n", strconv.Itoa(n), "-r", "1000000000", "-q",
	}
	if e.secret != "" {
		args = append(args, "-a", e.secret)
	}
	args = append(args, "SISMEMBER", string(production), "431__rand_int__")
	said, err := exec.CommandContext(ctx, "redis-benchmark", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return nil
}
