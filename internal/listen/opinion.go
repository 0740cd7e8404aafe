package listen

import (
	"context"
	"sync"

	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// The bounds of second opinions.
const (
	maxDoubts = 1000 // findings that wait for one
	askedNow  = 4    // at once
)

// A doubt is a finding that waits for a second opinion.
type doubt struct {
	environment dnc.Environment
	callID      string
	place       int
}

// doubts are the findings that wait. Where they are too many, further ones are
// left to the people who review.
type doubts struct {
	once    sync.Once
	waiting chan doubt
}

func (d *doubts) queue() chan doubt {
	d.once.Do(func() { d.waiting = make(chan doubt, maxDoubts) })
	return d.waiting
}

// doubtful has somebody asked about a finding that a person is to look at, if
// there is somebody. It does not wait.
func (l *Listener) doubtful(ctx context.Context, call voice.Call, place int) {
	if l.Second == nil || call.Findings[place].Channel != voice.Speech {
		return
	}
	select {
	case l.doubts.queue() <- doubt{call.Environment, call.ID, place}:
	default:
		l.log().WarnContext(ctx, "too many findings wait for a second opinion", "call", call.ID)
	}
}

// askAll asks for second opinions until ctx is done.
func (l *Listener) askAll(ctx context.Context) {
	if l.Second == nil {
		return
	}
	var wg sync.WaitGroup
	for range askedNow {
		wg.Go(func() {
			for {
				select {
				case d := <-l.doubts.queue():
					l.ask(ctx, d)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	wg.Wait()
}

// ask asks about one finding. Only an opinion that it is an opt-out counts, and
// only with words that the contact said: then the finding is confirmed. Any
// other leaves it to a person; none takes a number off the list.
func (l *Listener) ask(ctx context.Context, d doubt) {
	call, err := l.read(ctx, d)
	if err != nil || d.place >= len(call.Findings) {
		return
	}
	f := call.Findings[d.place]
	if f.Review != voice.ReviewOpen {
		return
	}
	said, err := l.Second.Ask(ctx, call.Turns, f)
	switch {
	case err != nil:
		l.log().WarnContext(ctx, "no second opinion", "call", d.callID, "err", err)
		return
	case !said.OptOut:
		return
	case !said.Quoted(call.Turns):
		l.log().WarnContext(ctx, "a second opinion without the contact's words does not count",
			"call", d.callID, "by", said.By)
		return
	}
	by := "second opinion of " + said.By
	if _, err := l.Confirm(ctx, d.environment, d.callID, d.place, by); err != nil {
		l.log().WarnContext(ctx, "a second opinion is not kept", "call", d.callID, "err", err)
	}
}

// read reads the call of a doubt once the turn that raised it is kept.
func (l *Listener) read(ctx context.Context, d doubt) (voice.Call, error) {
	ear := l.ear(d.callID)
	ear.Lock()
	defer ear.Unlock()
	return l.Calls.Call(ctx, d.environment, d.callID)
}
