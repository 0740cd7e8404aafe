package index

import (
	"cmp"
	"slices"

	"nocall/internal/dnc"
)

// lists are the lists of all environments, in the order of their names. They
// do not change; each list does.
type lists []named

type named struct {
	env  dnc.Environment
	list *list
}

// few is how many environments are looked through one by one, which for few is
// quicker than anything else.
const few = 8

// of returns the list of env, or nil. It is short, so that a check in the only
// environment costs no call.
func (ls lists) of(env dnc.Environment) *list {
	if len(ls) > 0 && ls[0].env == env {
		return ls[0].list
	}
	return ls.find(env)
}

func (ls lists) find(env dnc.Environment) *list {
	if len(ls) > few {
		i, _ := ls.place(env)
		ls = ls[i:min(i+1, len(ls))]
	}
	for i := range ls {
		if ls[i].env == env {
			return ls[i].list
		}
	}
	return nil
}

func (ls lists) place(env dnc.Environment) (int, bool) {
	return slices.BinarySearchFunc(ls, env, func(n named, env dnc.Environment) int {
		return cmp.Compare(n.env, env)
	})
}

// with returns lists that have l for env too. They have none yet.
func (ls lists) with(env dnc.Environment, l *list) lists {
	i, _ := ls.place(env)
	return slices.Insert(slices.Clone(ls), i, named{env, l})
}

// without returns lists that have none for env.
func (ls lists) without(env dnc.Environment) lists {
	return slices.DeleteFunc(slices.Clone(ls), func(n named) bool { return n.env == env })
}
