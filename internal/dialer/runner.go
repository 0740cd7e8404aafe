package dialer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// How a campaign is called.
const (
	lookEvery    = 30 * time.Second // for what changed, unless it is woken
	failurePause = time.Second      // after an error
	leaseLife    = 3 * lookEvery
	batch        = 200 // contacts read at once
	writing      = 64  // attempts being written down at once
)

// Why a runner ends, or does nothing.
var (
	errStopped = errors.New("campaign does not run any more")
	errLeased  = errors.New("another node calls this campaign")
)

// runner calls the contacts of one campaign, one after the other as the gates,
// the pace and the calls that go on allow. Attempts go on beside it, and also
// after it has ended.
type runner struct {
	dialer  *Dialer
	key     campaignKey
	stop    context.CancelFunc
	ended   chan struct{} // closed once no attempt begins any more
	nudge   nudge
	changed atomic.Bool // whether to look for what changed

	// Only its own goroutine knows following.
	campaign  *campaign.Campaign // as it was when it looked; not changed
	agents    map[string]voice.Agent
	limits    room
	pace      pace
	callerIDs callerIDs
	paces     map[e164.Number]voice.Pace // of our numbers
	due       []campaign.Contact
	lookedAt  time.Time
	leased    time.Time // until when
	told      string    // why it waits

	held   atomic.Pointer[Held]
	silent atomic.Int64 // answered calls in a row on which the agent could not speak

	beginning sync.WaitGroup // of attempts that are being written down
	slots     chan struct{}  // full of as many as may be at once

	mu     sync.Mutex      // guards following
	taken  map[string]bool // contacts that must not be taken; false once they may be
	rested time.Time       // before then nothing begins, as something could not be written
}

func newRunner(d *Dialer, k campaignKey, stop context.CancelFunc) *runner {
	return &runner{
		dialer: d, key: k, stop: stop, ended: make(chan struct{}),
		slots: make(chan struct{}, writing), taken: make(map[string]bool),
	}
}

// run calls contacts until the campaign runs no more or ctx is done. Once it
// has returned no attempt begins.
func (r *runner) run(ctx context.Context) {
	defer r.leave()
	for ctx.Err() == nil {
		wait, err := r.step(ctx)
		if errors.Is(err, errStopped) {
			return
		}
		if err != nil && ctx.Err() == nil {
			r.tell(ctx, err)
			wait = failurePause
			if errors.Is(err, errLeased) {
				wait = lookEvery
			}
		}
		r.nudge.wait(ctx, wait)
	}
}

// tell logs why the campaign waits, once.
func (r *runner) tell(ctx context.Context, err error) {
	if text := err.Error(); text != r.told {
		r.told = text
		r.dialer.Log.WarnContext(ctx, "campaign waits", "campaign", r.key.id, "err", err)
	}
}

// leave waits for what is being written down and gives up the lease.
func (r *runner) leave() {
	r.beginning.Wait()
	if r.leased.IsZero() {
		return
	}
	at := now()
	_, err := r.dialer.Campaigns.TakeLease(
		context.Background(), r.leaseName(), r.dialer.Node, at, at)
	if err != nil {
		r.dialer.Log.Warn("lease not given up", "campaign", r.key.id, "err", err)
	}
}

func (r *runner) leaseName() string {
	return "campaign " + string(r.key.environment) + " " + r.key.id
}

// step takes one contact a step further, and returns how long to wait before
// the next one, unless it is nudged.
func (r *runner) step(ctx context.Context) (time.Duration, error) {
	at := time.Now()
	if wait := r.rests(at); wait > 0 {
		return wait, nil
	}
	if err := r.look(ctx, at); err != nil {
		return 0, err
	}
	c, ok, err := r.next(ctx, at)
	if err != nil {
		return 0, err
	}
	if !ok {
		return r.rest(ctx, at)
	}
	a, err := r.admit(c, at)
	switch {
	case err != nil:
		return 0, err
	case a.skip == campaign.SkipWindow, !a.later.IsZero():
		r.postpone(c, a)
		return 0, nil
	case a.skip != "":
		r.skip(c, a.skip)
		return 0, nil
	}
	return r.call(ctx, c, at)
}

// look reads the campaign and what it names, when it is time, and sees that the
// lease is held.
func (r *runner) look(ctx context.Context, at time.Time) error {
	if err := r.lease(ctx, at); err != nil {
		return err
	}
	if !r.changed.Swap(false) && at.Sub(r.lookedAt) < lookEvery {
		return nil
	}
	r.lookedAt = time.Time{} // until everything has been read
	d := r.dialer
	c, err := d.Campaigns.Campaign(ctx, r.key.environment, r.key.id)
	switch {
	case errors.Is(err, campaign.ErrNoCampaign), errors.Is(err, dnc.ErrNoEnvironment):
		return errStopped
	case err != nil:
		return err
	case c.State != campaign.Running:
		return errStopped
	}
	limits, _, err := d.limits(ctx, r.key.environment, c.Provider)
	if err != nil {
		return err
	}
	ours, err := d.Agents.Numbers(ctx, r.key.environment)
	if err != nil {
		return err
	}
	limits.campaign, limits.alone = c.Pace.Calls, true
	r.campaign, r.limits, r.agents, r.due = &c, limits, make(map[string]voice.Agent), nil
	if err := r.show(ctx, callerIDsOf(c, ours, limits.callerID), ours); err != nil {
		return err
	}
	r.lookedAt = at
	return nil
}

// show has numbers shown from now on, as often as ours may be.
func (r *runner) show(
	ctx context.Context, numbers []e164.Number, ours []voice.OwnNumber,
) error {
	r.callerIDs.show(numbers)
	r.paces = pacesOf(ours)
	for _, n := range numbers {
		err := r.dialer.recollect(ctx, byCaller(r.key.environment, n), r.paces[n])
		if err != nil {
			return err
		}
	}
	return nil
}

// lease sees that this node holds the campaign for the next moments. When it
// comes to hold it, attempts that nobody makes any more are ended.
func (r *runner) lease(ctx context.Context, at time.Time) error {
	if at.Before(r.leased.Add(-leaseLife * 2 / 3)) {
		return nil
	}
	held := at.Before(r.leased)
	until := at.Add(leaseLife)
	ok, err := r.dialer.Campaigns.TakeLease(ctx, r.leaseName(), r.dialer.Node, at, until)
	switch {
	case err != nil && held: // for a while yet
		r.dialer.Log.WarnContext(ctx, "lease not renewed", "campaign", r.key.id, "err", err)
		return nil
	case err != nil:
		return err
	case !ok:
		r.leased = time.Time{}
		return errLeased
	}
	if !held {
		if err := r.dialer.settle(ctx, r.key); err != nil {
			return err
		}
	}
	r.leased = until
	return nil
}

// next returns the next contact that is due and may be called now.
func (r *runner) next(ctx context.Context, at time.Time) (campaign.Contact, bool, error) {
	if c, ok := r.idle(); ok {
		return c, true, nil
	}
	if err := r.fetch(ctx, at); err != nil {
		return campaign.Contact{}, false, err
	}
	c, ok := r.idle()
	return c, ok, nil
}

// idle returns the first due contact whose number is not being called.
func (r *runner) idle() (campaign.Contact, bool) {
	for _, c := range r.due {
		calls := tally{by: byNumber, environment: r.key.environment, number: c.Number}
		if r.dialer.count(calls) == 0 {
			return c, true
		}
	}
	return campaign.Contact{}, false
}

// fetch reads contacts that are due: also as many more as may be taken, or of
// which the number is being called by others.
func (r *runner) fetch(ctx context.Context, at time.Time) error {
	d := r.dialer
	limit := batch + r.release() + d.count(tally{environment: r.key.environment})
	due, err := d.Campaigns.DueContacts(ctx, r.key.environment, r.key.id, whole(at), limit)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.due = r.due[:0]
	for _, c := range due {
		if _, taken := r.taken[c.ID]; !taken {
			r.due = append(r.due, c)
		}
	}
	return nil
}

// take takes a contact out of those that are due.
func (r *runner) take(c campaign.Contact) {
	for i := range r.due {
		if r.due[i].ID == c.ID {
			r.due = append(r.due[:i], r.due[i+1:]...)
			break
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken[c.ID] = true
}

// leaves notes that nothing is being done with a contact any more. It may be
// taken again only when it has been read anew: what was read while it was taken
// may be old.
func (r *runner) leaves(c campaign.Contact) {
	r.mu.Lock()
	r.taken[c.ID] = false
	r.mu.Unlock()
	r.nudge.give()
}

// stumble has nothing begin for a moment, as something could not be written.
func (r *runner) stumble() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rested = time.Now().Add(failurePause)
}

// rests returns how long after the time nothing begins.
func (r *runner) rests(at time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rested.Sub(at)
}

// release lets contacts be taken again with which nothing is being done, and
// returns how many are taken.
func (r *runner) release() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, taken := range r.taken {
		if !taken {
			delete(r.taken, id)
		}
	}
	return len(r.taken)
}

// rest returns how long there is nothing to do, and finishes the campaign when
// there never will be.
func (r *runner) rest(ctx context.Context, at time.Time) (time.Duration, error) {
	d, env := r.dialer, r.key.environment
	r.hold(Held{})
	due, waiting, err := d.Campaigns.NextDue(ctx, env, r.key.id)
	switch {
	case err != nil:
		return 0, err
	case waiting && due.After(at):
		return min(due.Sub(at), lookEvery), nil
	case waiting || r.busy():
		return lookEvery, nil // until a call ends
	}
	return failurePause, r.finish(ctx)
}

// busy reports whether something is being done with a contact.
func (r *runner) busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, taken := range r.taken {
		if taken {
			return true
		}
	}
	calls := tally{by: byCampaign, environment: r.key.environment, name: r.key.id}
	return r.dialer.count(calls) > 0
}

// finish ends the campaign, if none of its contacts waits or is being called.
func (r *runner) finish(ctx context.Context) error {
	d := r.dialer
	p, err := d.Campaigns.Progress(ctx, r.key.environment, r.key.id)
	switch {
	case err != nil:
		return err
	case p.Active > 0: // the end of an attempt could not be written down
		return d.settle(ctx, r.key)
	case p.Waiting > 0: // since it was looked at
		return nil
	}
	_, err = d.turn(ctx, r.key, campaign.Finished, "dialer")
	if err != nil && !errors.Is(err, campaign.ErrState) {
		return err
	}
	// Contacts that came just before this are not left behind.
	p, err = d.Campaigns.Progress(ctx, r.key.environment, r.key.id)
	if err == nil && p.Waiting > 0 {
		_, err = d.turn(ctx, r.key, campaign.Running, "dialer")
		r.changed.Store(true)
		return err
	}
	return errors.Join(err, errStopped)
}

// callerID returns the number to be shown at the time, or how long none may be,
// and why if others are to blame.
func (r *runner) callerID(at time.Time) (n e164.Number, wait time.Duration, why error) {
	n, wait, why = r.callerIDs.next(at, func(n e164.Number) (Paced, bool) {
		return r.dialer.paced(byCaller(r.key.environment, n), r.paces[n], at)
	})
	if own := r.pace.wait(at); own > wait {
		return n, own, nil
	}
	return n, wait, why
}

// agent returns who speaks with a contact.
func (r *runner) agent(ctx context.Context, c campaign.Contact) (voice.Agent, error) {
	name := r.campaign.Agent
	if c.Step < len(r.campaign.Flow) && r.campaign.Flow[c.Step].Agent != "" {
		name = r.campaign.Flow[c.Step].Agent
	}
	a, known := r.agents[name]
	if !known {
		var err error
		if a, err = r.dialer.agent(ctx, r.key.environment, name); err != nil {
			return voice.Agent{}, err
		}
		r.agents[name] = a
	}
	a.OptOutKey = optOutKey(r.campaign.OptOutKey, a.OptOutKey)
	return a, nil
}
