package dialer_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// deed is something done to one number on the list.
type deed string

const (
	doAdd    deed = "add"
	doRemove deed = "remove"
	doCheck  deed = "check"
	doDial   deed = "dial"
)

type done struct {
	deed   deed
	number e164.Number
}

// sequential is the list as if everything came one after the other: each number
// is listed or not. What comes back of a deed is whether it found the number
// listed.
var sequential = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byNumber := make(map[e164.Number][]porcupine.Operation)
		for _, op := range history {
			n := op.Input.(done).number
			byNumber[n] = append(byNumber[n], op)
		}
		var parts [][]porcupine.Operation
		for _, part := range byNumber {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return false },
	Step: func(state, input, output any) (bool, any) {
		listed := state.(bool)
		if output.(bool) != listed {
			return false, listed
		}
		switch input.(done).deed {
		case doAdd:
			return true, true
		case doRemove:
			return true, false
		}
		return true, listed
	},
	DescribeOperation: func(input, output any) string {
		return fmt.Sprintf("%s: listed %v", input.(done).deed, output)
	},
}

// TestLinear has many goroutines add, remove, check and dial a few numbers, and
// a checker find an order in which each came in one instant between its
// question and its answer.
func TestLinear(t *testing.T) {
	h := open(t, filepath.Join(t.TempDir(), "nocall.db"))
	defer h.close(t)
	_, err := h.store.AddWorld(t.Context(), dnc.World{
		Name: sandbox, Settings: dnc.DefaultSettings(),
	}, "test")
	if err != nil {
		t.Fatal(err)
	}
	h.load(t)

	var mu sync.Mutex
	var history []porcupine.Operation
	begin := time.Now()
	var work sync.WaitGroup
	for worker := range workers {
		work.Go(func() {
			for range 200 {
				do := done{
					deed:   []deed{doAdd, doRemove, doCheck, doCheck, doDial, doDial}[rand.IntN(6)],
					number: contact(rand.IntN(4)),
				}
				called := time.Since(begin)
				listed, certain := h.do(t, do)
				op := porcupine.Operation{
					ClientId: worker, Input: do, Output: listed,
					Call: int64(called), Return: int64(time.Since(begin)),
				}
				if !certain {
					continue
				}
				mu.Lock()
				history = append(history, op)
				mu.Unlock()
			}
		})
	}
	work.Wait()
	result := porcupine.CheckOperationsTimeout(sequential, history, time.Minute)
	t.Logf("%d deeds: %s", len(history), result)
	if result != porcupine.Ok {
		t.Errorf("no order explains what was answered: %s", result)
	}
}

// do does one thing and returns whether it found the number listed. It is not
// certain of a dial that was overtaken between the clearance and the ring: the
// number was listed in between, and may not be any more.
func (h *house) do(t *testing.T, do done) (listed, certain bool) {
	var err error
	switch do.deed {
	case doAdd:
		var added bool
		_, added, err = h.List.Add(t.Context(), dnc.Entry{
			Environment: sandbox, Number: do.number, CreatedBy: dnc.User,
		})
		listed = !added
	case doRemove:
		err = h.List.Remove(t.Context(), dnc.Removal{Environment: sandbox, Number: do.number})
		listed = !errors.Is(err, dnc.ErrNotListed)
	case doCheck:
		listed, err = h.List.Check(sandbox, do.number)
	case doDial:
		return h.dial(t, do.number)
	}
	if err != nil && !errors.Is(err, dnc.ErrNotListed) {
		t.Errorf("%s %v: %v", do.deed, do.number, err)
	}
	return listed, true
}

func (h *house) dial(t *testing.T, n e164.Number) (listed, certain bool) {
	c, err := h.List.Clear(sandbox, n, time.Now(), nil)
	if errors.Is(err, dnc.ErrListed) {
		return true, true
	}
	if err != nil {
		t.Errorf("Clear %v: %v", n, err)
		return false, false
	}
	defer h.List.Release(c)
	tarry(2 * time.Millisecond)
	rung := c.Dial(time.Now(), func(e164.Number) { linger() })
	return false, rung
}
