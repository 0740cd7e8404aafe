package dialer_test

import (
	"context"
	"errors"
	"flag"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"nocall/internal/campaign"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/optout"
	"nocall/internal/store/storetest"
	"nocall/internal/voice"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "seed of TestPromise; 0 for a new one")
	livesFlag = flag.Int("lives", 3, "how many lives TestPromise has")
)

// What TestPromise does in each life of the process: workers do so many things
// each, at once, to few numbers.
const (
	workers   = 8
	unread    = 4  // things before the lists are read
	meanwhile = 8  // things while they are being read
	things    = 70 // things in all after the first
)

var (
	environments = []dnc.Environment{"sandbox", "production"}

	// Contacts who let it ring, opt out by word, by key and by signal, talk.
	lasts = []int{80, 85, 52, 62, 95, 4}
)

// TestPromise is the promise itself: over thousands of random interleavings of
// add, edit, remove, restart and dial, by single calls and by campaigns, no
// number is ever rung after its listing was acknowledged and before its removal
// was asked for; what rings then is recalled; a token is not redeemed; inbound
// calls go through; an unread list clears nothing.
func TestPromise(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		promise(t, filepath.Join(t.TempDir(), "nocall.db"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		dsn := os.Getenv("TEST_POSTGRES")
		if dsn == "" {
			t.Skip("set TEST_POSTGRES=postgres://… (see scripts/postgres) to test on PostgreSQL")
		}
		promise(t, storetest.Schema(t, dsn))
	})
}

func promise(t *testing.T, dsn string) {
	seed := *seedFlag
	if seed == 0 {
		seed = mathrand.Uint64()
	}
	w := newWitness()
	for life := range *livesFlag {
		h := open(t, dsn)
		h.watch(w)
		h.live(t, w, life, seed)
		h.close(t)
		if t.Failed() || len(w.broken) > 0 {
			break
		}
	}
	t.Logf("seed %d: %d deeds in %d lives: %v", seed, w.total(), *livesFlag, w)
	for _, broken := range w.broken {
		t.Errorf("seed %d: %s", seed, broken)
	}
	for _, what := range []string{
		"rung", "recalled", "refused", "listed", "removals", "edits", "redeemed",
		"unready", "inbound", "heard", "campaigns", "started again", "paused",
		"confirmed", "released",
	} {
		if w.count(what) == 0 {
			t.Errorf("seed %d: %s: never seen, so nothing is shown", seed, what)
		}
	}
	checkHistory(t, dsn, w)
}

// watch has the witness see what the list promises and what the phones do.
func (h *house) watch(w *witness) {
	h.List.Store = watchedStore{h.store, w}
	for _, env := range environments {
		h.named[string(env)] = watchedPhone{env, w}
	}
}

// live is one life of a process, from its start to its end.
func (h *house) live(t *testing.T, w *witness, life int, seed uint64) {
	if life == 0 {
		for _, env := range environments {
			settings := dnc.DefaultSettings()
			settings.MaxConcurrentCalls = 12
			world := dnc.World{Name: env, Settings: settings}
			_, err := h.store.AddWorld(t.Context(), world, "test")
			if err != nil {
				t.Fatal(err)
			}
			err = h.store.AddAgent(t.Context(), voice.Agent{
				Environment: env, Name: "sam", Kind: voice.Streamed,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var works sync.WaitGroup
	works.Go(func() {
		if err := h.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	var reading, work sync.WaitGroup
	loaded := make(chan struct{})
	for i := range workers {
		reading.Add(1)
		work.Go(func() {
			source := mathrand.NewPCG(seed, uint64(life*workers+i))
			o := &worker{h: h, w: w, rand: mathrand.New(source)}
			for range unread {
				o.unread(t)
			}
			reading.Done()
			for i := range things {
				if i == meanwhile {
					<-loaded
				}
				o.thing(t)
			}
		})
	}
	reading.Wait()
	h.load(t) // while the workers go on
	close(loaded)
	work.Wait()
	cancel()
	works.Wait()
}

// worker does random things.
type worker struct {
	h    *house
	w    *witness
	rand *mathrand.Rand
}

func (o *worker) place() place {
	return place{
		environments[o.rand.IntN(len(environments))], contact(lasts[o.rand.IntN(len(lasts))]),
	}
}

func (o *worker) request() dialer.Request {
	p := o.place()
	return dialer.Request{
		Environment: p.environment, Number: p.number, Provider: string(p.environment),
	}
}

// unread does something while the lists are not read: nothing is cleared.
func (o *worker) unread(t *testing.T) {
	switch o.rand.IntN(3) {
	case 0:
		o.add(t, o.place())
	case 1:
		o.inbound(t)
	case 2:
		if _, err := o.h.Place(t.Context(), o.request()); !errors.Is(err, dnc.ErrUnready) {
			t.Errorf("Place before the lists are read: %v, want ErrUnready", err)
		}
		o.w.see("unready")
	}
}

func (o *worker) thing(t *testing.T) {
	switch n := o.rand.IntN(100); {
	case n < 26:
		o.dial(t, o.request())
	case n < 32:
		o.campaign(t)
	case n < 38:
		o.turn(t)
	case n < 50:
		o.add(t, o.place())
	case n < 60:
		o.remove(t, o.place())
	case n < 66:
		o.edit(t)
	case n < 74:
		o.external(t)
	case n < 80:
		o.review(t)
	case n < 96:
		o.race(t)
	default:
		o.inbound(t)
	}
}

// race lists a number while it is dialed, or a little later.
func (o *worker) race(t *testing.T) {
	r := o.request()
	p := place{r.Environment, r.Number}
	o.remove(t, p)
	var dialing sync.WaitGroup
	dialing.Go(func() { o.dial(t, r) })
	tarry(10 * time.Millisecond)
	o.add(t, p)
	dialing.Wait()
}

func (o *worker) dial(t *testing.T, r dialer.Request) {
	call, err := o.h.Place(t.Context(), r)
	switch {
	case err == nil:
	case errors.Is(err, dnc.ErrListed):
		o.w.see("refused")
		if call.Disposition != campaign.Skipped || call.SkipReason != campaign.SkipDNC {
			t.Errorf("refused call is %q, %q", call.Disposition, call.SkipReason)
		}
	case errors.Is(err, dnc.ErrUnready):
		o.w.see("unready")
	case errors.Is(err, dialer.ErrTooManyCalls):
		o.w.see("too many")
	default:
		t.Errorf("Place: %v", err)
	}
}

func (o *worker) add(t *testing.T, p place) {
	_, _, err := o.h.List.Add(t.Context(), dnc.Entry{
		Environment: p.environment, Number: p.number, CreatedBy: dnc.User,
	})
	if err != nil {
		t.Errorf("Add: %v", err)
	}
}

func (o *worker) remove(t *testing.T, p place) {
	err := o.h.List.Remove(t.Context(), dnc.Removal{Environment: p.environment, Number: p.number})
	if err != nil && !errors.Is(err, dnc.ErrNotListed) {
		t.Errorf("Remove: %v", err)
	}
}

func (o *worker) edit(t *testing.T) {
	p, reason := o.place(), "edited"
	edit := dnc.Edit{Environment: p.environment, Number: p.number, NewReason: &reason}
	if other := o.place(); other.number != p.number && o.rand.IntN(4) > 0 {
		edit.NewNumber = &other.number
	}
	_, err := o.h.List.Edit(t.Context(), edit)
	switch {
	case err == nil:
		o.w.see("edits")
	case errors.Is(err, dnc.ErrNotListed), errors.Is(err, dnc.ErrListed):
	default:
		t.Errorf("Edit: %v", err)
	}
}

// external is a platform that asks for a token, and redeems it.
func (o *worker) external(t *testing.T) {
	r := o.request()
	call, token, err := o.h.PlaceExternal(t.Context(), r)
	switch {
	case err == nil:
	case errors.Is(err, dnc.ErrListed), errors.Is(err, dnc.ErrUnready),
		errors.Is(err, voice.ErrLapsed): // on a machine that stood still
		return
	default:
		t.Errorf("PlaceExternal: %v", err)
		return
	}
	if o.rand.IntN(2) == 0 {
		o.add(t, o.place()) // of some number, perhaps of this one
	}
	p := place{r.Environment, r.Number}
	m := o.w.now(p)
	_, err = o.h.Redeem(t.Context(), r.Environment, call.ID, token.Text)
	switch {
	case err == nil:
		o.w.redeemed(p, m)
	case errors.Is(err, dnc.ErrListed):
		o.w.see("refused")
	case errors.Is(err, voice.ErrLapsed):
		o.w.see("lapsed")
	default:
		t.Errorf("Redeem: %v", err)
	}
	_, err = o.h.End(t.Context(), r.Environment, call.ID, campaign.NoAnswer)
	if err != nil && !errors.Is(err, voice.ErrEnded) {
		t.Errorf("End: %v", err)
	}
}

// inbound is a contact who calls in, whatever the list says, and may opt out.
func (o *worker) inbound(t *testing.T) {
	r := o.request()
	call, err := o.h.Inbound(t.Context(), r)
	if err != nil {
		t.Errorf("Inbound: %v", err)
		return
	}
	o.w.see("inbound")
	if o.rand.IntN(2) == 0 {
		heard, err := o.h.Listener.Turn(t.Context(), r.Environment, call.ID, voice.Turn{
			Speaker: optout.Contact, Text: "Please don't call me again.", At: time.Now(),
		})
		if err != nil || heard.Entry == nil {
			t.Errorf("Turn: %+v, %v", heard, err)
		}
		o.w.see("heard")
	}
	if _, err := o.h.End(t.Context(), r.Environment, call.ID, campaign.Answered); err != nil {
		t.Errorf("End: %v", err)
	}
}

// checkHistory starts once more and holds what was kept against what was
// promised.
func checkHistory(t *testing.T, dsn string, w *witness) {
	h := open(t, dsn)
	defer h.close(t)
	h.load(t)
	for p, s := range w.numbers {
		listed, err := h.List.Check(p.environment, p.number)
		if err != nil || s.promised && !listed {
			t.Errorf("%v: listed %v, %v; promised %v", p, listed, err, s.promised)
		}
	}
	left, err := h.store.OpenCalls(t.Context())
	if err != nil || len(left) > 0 {
		t.Errorf("%d calls never ended, %v", len(left), err)
	}
	for _, env := range environments {
		counts, err := h.store.CallCounts(t.Context(), env, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		skipped := counts.Disposition[campaign.Skipped] + counts.Disposition[campaign.Recalled]
		if skipped != counts.SkipReason[campaign.SkipDNC] {
			t.Errorf("%s: %d calls skipped or recalled, %d with the reason",
				env, skipped, counts.SkipReason[campaign.SkipDNC])
		}
		h.checkCampaigns(t, env)
	}
}
