package dialer

import (
	"context"
	"errors"
	"slices"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// ErrPaced reports a call that must wait, as its caller ID is shown as often as
// its [voice.Pace] allows. The error that matches it is a [Paced].
var ErrPaced = errors.New("dialer: caller ID is shown as often as its pace allows")

// Paced says until when a number must not be shown to one more contact: the zero
// time for until a call ends that shows it.
type Paced struct{ Until time.Time }

// Error implements error.
func (p Paced) Error() string { return ErrPaced.Error() }

// Is reports whether target is [ErrPaced].
func (p Paced) Is(target error) bool { return target == ErrPaced }

// wait returns how long after a time it is worth to ask again.
func (p Paced) wait(at time.Time) time.Duration {
	if p.Until.IsZero() {
		return lookEvery // unless a call ends before
	}
	return max(0, p.Until.Sub(at))
}

// remembered is how long it matters that a number was shown.
const remembered = 24 * time.Hour

// shown is when calls began that showed a number.
type shown struct {
	whole  bool          // whether those are there that began before it was made
	starts []voice.Start // in order
}

// add notes that a call began, and forgets those that matter no more.
func (s *shown) add(start voice.Start) {
	s.starts = append(s.starts, start)
	old, _ := slices.BinarySearchFunc(s.starts, start.At.Add(-remembered),
		func(s voice.Start, at time.Time) int { return s.At.Compare(at) })
	s.starts = s.starts[max(old, len(s.starts)-voice.MostStarts):]
}

// complete adds what began before.
func (s *shown) complete(before []voice.Start) {
	known := make(map[string]bool, len(s.starts))
	for _, start := range s.starts {
		known[start.CallID] = true
	}
	before = slices.DeleteFunc(before, func(b voice.Start) bool { return known[b.CallID] })
	s.starts, s.whole = append(before, s.starts...), true
}

// remove forgets a call.
func (s *shown) remove(id string) {
	for i, start := range slices.Backward(s.starts) {
		if start.CallID == id {
			s.starts = slices.Delete(s.starts, i, i+1)
			return
		}
	}
}

// byCaller names the calls of an environment that show a number.
func byCaller(env dnc.Environment, n e164.Number) tally {
	return tally{by: byCallerID, environment: env, number: n}
}

// paceOf returns how often the caller ID of a call may be shown, and sees that it
// is known how often it was.
func (d *Dialer) paceOf(ctx context.Context, c voice.Call) (voice.Pace, error) {
	if d.Agents == nil || c.CallerID.IsZero() {
		return voice.Pace{}, nil
	}
	ours, err := d.Agents.Numbers(ctx, c.Environment)
	if err != nil {
		return voice.Pace{}, err
	}
	p := pacesOf(ours)[c.CallerID]
	return p, d.recollect(ctx, byCaller(c.Environment, c.CallerID), p)
}

// pacesOf returns how often each of our numbers may be shown.
func pacesOf(ours []voice.OwnNumber) map[e164.Number]voice.Pace {
	paces := make(map[e164.Number]voice.Pace, len(ours))
	for _, n := range ours {
		paces[n.Number] = n.Pace
	}
	return paces
}

// recollect reads when a number was shown, also by an earlier process, if that
// is not known and p asks for it.
func (d *Dialer) recollect(ctx context.Context, k tally, p voice.Pace) error {
	if !p.Remembers() {
		return nil
	}
	d.mu.Lock()
	s := d.shown[k]
	if s == nil { // what begins from now on is noted
		if d.shown == nil {
			d.shown = make(map[tally]*shown)
		}
		s = new(shown)
		d.shown[k] = s
	}
	whole := s.whole
	d.mu.Unlock()
	if whole {
		return nil
	}
	before, err := d.Calls.Starts(ctx, k.environment, k.number, now().Add(-remembered))
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !s.whole {
		s.complete(before)
	}
	return nil
}

// paced returns until when a number must not be shown once more, and whether it
// must not at the time.
func (d *Dialer) paced(k tally, p voice.Pace, at time.Time) (Paced, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pacedNow(k, p, at)
}

// pacedNow is paced. The caller holds mu.
func (d *Dialer) pacedNow(k tally, p voice.Pace, at time.Time) (Paced, bool) {
	if p.Calls > 0 && d.counts[k] >= p.Calls {
		return Paced{}, true
	}
	s := d.shown[k]
	if s == nil {
		return Paced{}, false
	}
	wait := p.Wait(s.starts, at)
	return Paced{whole(at.Add(wait))}, wait > 0
}

// noteShown notes that a call begins, where it is asked for. The caller holds mu.
func (d *Dialer) noteShown(c voice.Call, at time.Time) {
	if s := d.shown[byCaller(c.Environment, c.CallerID)]; s != nil {
		s.add(voice.Start{CallID: c.ID, At: at})
	}
}

// takeBack forgets that a call began which was skipped in the end: its number
// was shown to nobody.
func (d *Dialer) takeBack(c voice.Call) {
	if c.Disposition == campaign.Skipped {
		d.notShown(c)
	}
}

// notShown forgets that a call began.
func (d *Dialer) notShown(c voice.Call) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.shown[byCaller(c.Environment, c.CallerID)]; s != nil {
		s.remove(c.ID)
	}
}
