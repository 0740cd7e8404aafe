package dialer

import (
	"context"
	"fmt"
	"time"

	"nocall/internal/voice"
)

// How often the dialer looks for calls that nobody ends.
const (
	lapseEvery = 5 * time.Second // whose tokens have lapsed
	sweepEvery = time.Hour       // all others
)

// attendEvery is how often the dialer looks which campaigns run, unless it is
// told.
const attendEvery = time.Minute

// openLife is how long a call that a platform carries may stay open without a
// word of its end.
const openLife = 24 * time.Hour

// Run keeps the dialer at work until ctx is done: it has the campaigns called
// that run, and ends calls and attempts that nobody ends, such as those that an
// earlier process left open. On the way out it hangs up the calls at providers
// and waits for them.
func (d *Dialer) Run(ctx context.Context) error {
	defer d.close()
	d.wake()
	tick := time.NewTicker(lapseEvery)
	defer tick.Stop()
	sweep := chore{every: sweepEvery, what: "end calls nobody ends", do: d.sweep}
	attend := chore{every: attendEvery, what: "attend to campaigns", do: d.attend}
	for {
		d.tidy(ctx, &sweep, d.unsettled.Swap(false))
		d.lapse(ctx)
		d.tidy(ctx, &attend, d.called.Swap(false))
		select {
		case <-tick.C:
		case <-d.attention.given():
		case <-ctx.Done():
			return nil
		}
	}
}

// wake notes when the dialer began to work.
func (d *Dialer) wake() { d.waking.Do(func() { d.since = now() }) }

// chore is something to be done every now and then, and again when it failed.
type chore struct {
	every time.Duration
	what  string
	do    func(context.Context) error
	done  time.Time // for the last time; zero when it must be done again
}

// tidy does a chore if it is time, or asked for.
func (d *Dialer) tidy(ctx context.Context, c *chore, asked bool) {
	if !asked && time.Since(c.done) < c.every {
		return
	}
	c.done = time.Now()
	if err := c.do(ctx); err != nil {
		c.done = time.Time{}
		if ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "not done, trying again", "what", c.what, "err", err)
		}
	}
}

// close hangs up what goes on, and returns when it is over. No call or attempt
// begins any more.
func (d *Dialer) close() {
	d.mu.Lock()
	d.closed = true
	for _, r := range d.runners {
		r.stop()
	}
	for _, hangUp := range d.active {
		hangUp(errShutdown)
	}
	d.mu.Unlock()
	d.tending.Wait()
	d.running.Wait()
}

// sweep ends the open calls of which nothing will be heard any more, and the
// attempts that had them. Whatever became of them, nobody will say.
func (d *Dialer) sweep(ctx context.Context) error {
	open, err := d.Calls.OpenCalls(ctx)
	if err != nil {
		return fmt.Errorf("read open calls: %w", err)
	}
	err = side(len(open), func(i int) error {
		if !d.lost(open[i]) {
			return nil
		}
		_, err := d.endLost(ctx, open[i])
		if over(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.settleAll(ctx)
}

// lost reports whether nobody is left who could end a call that is open: an
// earlier process placed it or signed its token, or the platform that carries
// it has been silent for too long.
func (d *Dialer) lost(c voice.Call) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, atProvider := d.active[c.ID]
	_, atPlatform := d.carried[c.ID]
	switch {
	case placedHere(c):
		return !atProvider
	case cameInHere(c) && c.StartedAt.Before(d.since):
		return true
	case c.Status == voice.Queued:
		return !atPlatform
	}
	return c.StartedAt.Before(now().Add(-openLife))
}

// placedHere reports whether a provider placed a call, which ends with the
// process.
func placedHere(c voice.Call) bool {
	return c.Direction == voice.Outbound && c.Provider != External
}

// cameInHere reports whether a call seems to have come in on a trunk, and then
// has ended with its process. A platform may have told of it as well, under the
// name of the trunk.
func cameInHere(c voice.Call) bool {
	return c.Direction == voice.Inbound && c.Provider != External && c.Provider != Simulator
}
