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

// openLife is how long a call that a platform carries may stay open without a
// word of its end.
const openLife = 24 * time.Hour

// Run keeps the dialer at work until ctx is done: it has the campaigns called
// that run, and ends calls and attempts that nobody ends, such as those that an
// earlier process left open. On the way out it hangs up the calls at providers
// and waits for them.
func (d *Dialer) Run(ctx context.Context) error {
	defer d.close()
	tick := time.NewTicker(lapseEvery)
	defer tick.Stop()
	var swept time.Time
	for {
		if d.unsettled.Swap(false) || time.Since(swept) >= sweepEvery {
			if err := d.sweep(ctx); err == nil {
				swept = time.Now()
			} else if ctx.Err() == nil {
				d.unsettled.Store(true)
				d.Log.ErrorContext(ctx, "calls nobody ends not ended", "err", err)
			}
		}
		d.lapse(ctx)
		d.attend(ctx)
		select {
		case <-tick.C:
		case <-d.attention.given():
		case <-ctx.Done():
			return nil
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
	case ours(c):
		return !atProvider
	case c.Status == voice.Queued:
		return !atPlatform
	}
	return c.StartedAt.Before(now().Add(-openLife))
}

// ours reports whether a call ends in this process: one that a provider placed,
// or that came in on a trunk.
func ours(c voice.Call) bool {
	if c.Direction == voice.Inbound {
		return c.Provider != External && c.Provider != Simulator
	}
	return c.Provider != External
}
