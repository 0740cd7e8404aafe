package node

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// group runs works side by side. When one of them fails, all are stopped.
type group struct{ works sync.WaitGroup }

func (g *group) run(stop context.CancelCauseFunc, work func() error) {
	g.works.Go(func() {
		if err := work(); err != nil {
			stop(err)
		}
	})
}

func (g *group) wait() { g.works.Wait() }

// closers close what has been opened.
type closers []func() error

func (c *closers) add(closer func() error) { *c = append(*c, closer) }

// close closes all, what was opened last first.
func (c closers) close() error {
	var errs []error
	for _, closer := range slices.Backward(c) {
		errs = append(errs, closer())
	}
	return errors.Join(errs...)
}
