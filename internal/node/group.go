package node

import (
	"context"
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
