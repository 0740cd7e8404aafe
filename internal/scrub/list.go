package scrub

import (
	"context"

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
	found := make([]bool, len(ns))
	if err := l.list.CheckMany(l.env, ns, found); err != nil {
		return err
	}
	for i, yes := range found {
		out[i] = Clear
		if yes {
			out[i] = Listed
		}
	}
	return nil
}
