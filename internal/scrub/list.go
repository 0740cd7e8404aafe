package scrub

import (
	"context"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// Against returns a Checker that asks list about an environment.
func Against(list *dnc.List, env dnc.Environment) Checker { return ownList{list, env} }

type ownList struct {
	list *dnc.List
	env  dnc.Environment
}

// CheckMany implements [Checker].
func (l ownList) CheckMany(_ context.Context, ns []e164.Number, out []Verdict) error {
	said := make([]dnc.Verdict, len(ns))
	if err := l.list.VerdictMany(l.env, ns, time.Now(), said); err != nil {
		return err
	}
	for i, v := range said {
		out[i] = verdictOf(v)
	}
	return nil
}

func verdictOf(v dnc.Verdict) Verdict {
	switch v {
	case dnc.Clear:
		return Clear
	case dnc.NotCovered:
		return NotCovered
	case dnc.Stale:
		return Stale
	case dnc.Registered:
		return Registered
	}
	return Listed
}
