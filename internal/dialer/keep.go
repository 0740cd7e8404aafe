package dialer

import (
	"context"
	"fmt"
	"time"

	"nocall/internal/campaign"
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

// Run keeps the dialer at work until ctx is done: it ends calls that nobody
// ends, such as those that an earlier process left open, and on the way out
// hangs up those at providers and waits for them.
func (d *Dialer) Run(ctx context.Context) error {
	defer d.close()
	tick := time.NewTicker(lapseEvery)
	defer tick.Stop()
	var swept time.Time
	for {
		if time.Since(swept) >= sweepEvery {
			if err := d.sweep(ctx); err == nil {
				swept = time.Now()
			} else if ctx.Err() == nil {
				d.Log.ErrorContext(ctx, "calls nobody ends not ended", "err", err)
			}
		}
		d.lapse(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (d *Dialer) close() {
	d.mu.Lock()
	d.closed = true
	for _, hangUp := range d.active {
		hangUp(errShutdown)
	}
	d.mu.Unlock()
	d.running.Wait()
}

// sweep ends the open calls of which nothing will be heard any more. Whatever
// became of them, nobody will say.
func (d *Dialer) sweep(ctx context.Context) error {
	open, err := d.Calls.OpenCalls(ctx)
	if err != nil {
		return fmt.Errorf("read open calls: %w", err)
	}
	for _, c := range open {
		if !d.lost(c) {
			continue
		}
		_, err := d.Calls.ChangeCall(ctx, c.Environment, c.ID, func(c *voice.Call) error {
			if c.Status == voice.InProgress {
				return c.End(campaign.Answered, now())
			}
			return c.End(campaign.Failed, now())
		})
		if err != nil && !over(err) {
			return fmt.Errorf("end call %s: %w", c.ID, err)
		}
		d.forget(c.ID)
		d.List.Bell.Ring(c.Environment)
	}
	return nil
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
	case c.Direction == voice.Outbound && c.Provider != External:
		return !atProvider
	case c.Status == voice.Queued:
		return !atPlatform
	}
	return c.StartedAt.Before(now().Add(-openLife))
}
