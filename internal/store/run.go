package store

import (
	"context"
	"time"
)

// watchEvery is how often it is made sure that no other process has the
// database, and how long the answer may take.
const watchEvery = time.Second

// Run watches over the database until ctx is done: that this process alone has
// it, and that doubts about the lists are settled. It also clears away what is
// left of environments that were removed.
func (s *Store) Run(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	unclean := false // a clearing away failed; the next tick tries again
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.cleanup:
			unclean = !s.clearAway(ctx)
		case <-s.follower.wake:
			s.watch(ctx)
		case <-tick.C:
			s.watch(ctx)
			if unclean {
				unclean = !s.clearAway(ctx)
			}
		}
	}
}

// watch settles what is in doubt. Where it cannot, the next tick tries again.
func (s *Store) watch(ctx context.Context) {
	regained, err := s.engine.guard.hold(ctx)
	if ctx.Err() != nil {
		return
	}
	_, open := s.follower.doubted()
	if (err != nil && !open) || regained {
		s.follower.doubt()
	}
	if err == nil {
		_ = s.follower.reload(ctx) // while it fails the doubt stays
	}
}

// clearAway removes a part of what is left of a removed environment, and comes
// again while there is more. It reports whether that went well.
func (s *Store) clearAway(ctx context.Context) bool {
	more, err := write(ctx, s, (*tx).clearAway)
	if more {
		s.wakeCleanup()
	}
	return err == nil
}

func (s *Store) wakeCleanup() {
	select {
	case s.cleanup <- struct{}{}:
	default:
	}
}
