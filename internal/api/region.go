package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"nocall/internal/dnc"
)

// regionLife is how long an environment's default region is used before the
// store is asked again, where it was changed through another door.
const regionLife = time.Second

// regions remembers the default regions of environments, so that a check does
// not read the store. Its zero value is ready.
type regions struct {
	mu    sync.RWMutex // guards following
	known map[dnc.Environment]region
}

type region struct {
	code string
	read time.Time
}

// forget drops what is known of env, when it is changed or removed.
func (r *regions) forget(env dnc.Environment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, env)
}

// Region returns the default region of env, "" for none. While the store does
// not answer, the last one known is used.
func (s *Server) Region(ctx context.Context, env dnc.Environment) (string, error) {
	now := time.Now()
	s.regions.mu.RLock()
	last, ok := s.regions.known[env]
	s.regions.mu.RUnlock()
	if ok && now.Sub(last.read) < regionLife {
		return last.code, nil
	}
	world, err := s.Store.World(ctx, env)
	if err != nil {
		if ok && !errors.Is(err, dnc.ErrNoEnvironment) {
			return last.code, nil
		}
		return "", err
	}
	s.regions.mu.Lock()
	defer s.regions.mu.Unlock()
	if s.regions.known == nil {
		s.regions.known = make(map[dnc.Environment]region)
	}
	s.regions.known[env] = region{world.Settings.DefaultRegion, now}
	return world.Settings.DefaultRegion, nil
}
