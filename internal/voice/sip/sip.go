// Package sip is the provider that speaks SIP (RFC 3261): trunks, over which
// calls go out and come in.
//
// What may ring a phone is sent inside [dnc.Clearance.Dial], each time: the
// first INVITE, the same INVITE again when it may have been lost, the one that
// bears a password, and the one to the next destination. The number comes from
// there and from nowhere else; a far end that says to call another one (3xx) is
// not followed. Where a call is recalled, CANCEL follows at once.
//
// An inbound call is answered whatever any list says; no list is asked.
package sip

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/voice"
	"nocall/internal/voice/sip/media"
)

// DefaultRing is how long a phone rings before nobody is taken to answer.
const DefaultRing = 45 * time.Second

const (
	reopenEvery = 5 * time.Second // while the socket cannot be opened
	lookUpEvery = time.Minute     // where trunks call from
	openTime    = 2 * time.Second // how long a call waits for the socket
	leaveTime   = 2 * time.Second // how long calls may take leave when we end
)

// ErrFull says that a trunk carries as many calls as it may.
var ErrFull = errors.New("voice/sip: as many calls as the trunk allows at once")

// Recordings keeps what is played.
type Recordings interface {
	Recording(ctx context.Context, env dnc.Environment, id string) (voice.Recording, error)
}

// Trunks are all providers that speak SIP, of all environments. They share one
// socket, which opens once there is a trunk. The exported fields are set
// before Run.
type Trunks struct {
	Listen     string        // host:port for UDP and TCP; "" for :5060
	ListenTLS  string        // host:port for TLS; "" for nowhere
	Ports      media.Ports   // for sound
	TLS        *tls.Config   // towards trunks; nil trusts the system's roots
	Server     *tls.Config   // who we are at ListenTLS
	Ring       time.Duration // how long a phone may ring; 0 for DefaultRing
	Recordings Recordings
	Streams    voice.StreamAgent // nil if no program may speak
	Ears       voice.Transcriber // nil if nobody listens
	Tapes      voice.Recorder    // nil if no call is recorded
	Log        *slog.Logger

	// Answer is asked who speaks on an inbound call, and returns what is to be
	// told of its end. It returns voice.ErrNoNumber for a number that is not
	// ours.
	Answer func(context.Context, voice.Arrival) (voice.Leg, func(voice.Outcome), error)

	srv     lookUpSRV // nil for that of the system
	once    sync.Once
	changed chan struct{} // one waiting means that Set was called
	opened  chan struct{} // closed once the socket is open

	mu     sync.Mutex
	end    *endpoint
	trunks map[name]*trunk
}

// name is what a trunk is known by.
type name struct {
	environment dnc.Environment
	trunk       string
}

// trunk is one trunk at work.
type trunk struct {
	voice.Trunk
	calls      atomic.Int64 // both ways, now
	silent     atomic.Bool  // it did not answer when it was last called
	registered registration
	addresses  atomic.Pointer[[]netip.AddrPort] // where calls of it come from
	stop       context.CancelFunc               // of its registration; nil before it began
}

func (t *Trunks) prepare() {
	t.once.Do(func() {
		t.changed = make(chan struct{}, 1)
		t.opened = make(chan struct{})
		t.trunks = make(map[name]*trunk)
	})
}

// Set replaces the trunks. Calls that are under way on one that is no more go
// on. A trunk that has not changed stays registered as it is.
func (t *Trunks) Set(trunks []voice.Trunk) {
	t.prepare()
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.trunks
	t.trunks = make(map[name]*trunk, len(trunks))
	for _, set := range trunks {
		n := name{set.Environment, set.Name}
		if old := before[n]; old != nil && same(old.Trunk, set) {
			t.trunks[n] = old
			delete(before, n)
			continue
		}
		t.trunks[n] = &trunk{Trunk: set}
	}
	for _, gone := range before {
		if gone.stop != nil {
			gone.stop()
		}
	}
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

func same(a, b voice.Trunk) bool {
	if !a.CreatedAt.Equal(b.CreatedAt) {
		return false
	}
	a.CreatedAt = b.CreatedAt
	return reflect.DeepEqual(a, b)
}

// Run keeps the socket open and the trunks registered until ctx is done. Then
// it hangs up what is still there, and closes.
func (t *Trunks) Run(ctx context.Context) error {
	t.prepare()
	defer t.close()
	every := time.NewTicker(lookUpEvery)
	defer every.Stop()
	for {
		var retry <-chan time.Time
		if err := t.arrange(ctx); err != nil {
			t.Log.ErrorContext(ctx, "socket for SIP not open", "listen", t.Listen, "err", err)
			retry = time.After(reopenEvery)
		}
		select {
		case <-t.changed:
		case <-retry:
		case <-every.C:
			t.lookUp(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

// arrange opens the socket if there is a trunk, and begins to work with the
// trunks that are new.
func (t *Trunks) arrange(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.trunks) == 0 && t.end == nil {
		return nil
	}
	if t.end == nil {
		if err := t.open(); err != nil {
			return err
		}
	}
	looked, cancel := context.WithCancel(ctx)
	cancel()
	for _, tr := range t.trunks {
		if tr.stop != nil {
			continue
		}
		tr.locate(looked, t.end) // where no name is to be looked up
		var working context.Context
		working, tr.stop = context.WithCancel(ctx)
		end := t.end
		end.task(func() {
			tr.locate(working, end)
			if tr.Register {
				t.register(working, tr)
			}
		})
	}
	return nil
}

func (t *Trunks) open() error {
	listen := t.Listen
	if listen == "" {
		listen = ":5060"
	}
	end, err := open(listen, t.TLS, t.known)
	if err != nil {
		return err
	}
	if t.srv != nil {
		end.srv = t.srv
	}
	if t.ListenTLS != "" {
		if end.tls, err = tls.Listen("tcp", t.ListenTLS, t.Server); err != nil {
			end.close()
			return err
		}
	}
	t.end = end
	t.handle(end)
	end.serve()
	close(t.opened)
	return nil
}

// close hangs up the calls that are left and closes the socket.
func (t *Trunks) close() {
	t.mu.Lock()
	end := t.end
	for _, tr := range t.trunks {
		if tr.stop != nil {
			tr.stop()
		}
	}
	t.mu.Unlock()
	if end != nil {
		end.close()
	}
}

// endpointFor returns the socket, once it is open.
func (t *Trunks) endpointFor(ctx context.Context) (*endpoint, error) {
	wait := time.NewTimer(openTime)
	defer wait.Stop()
	select {
	case <-t.opened:
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.end, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-wait.C:
		return nil, fmt.Errorf("%w: socket is not open", voice.ErrTrunk)
	}
}

func (t *Trunks) trunk(env dnc.Environment, of string) (*trunk, bool) {
	t.prepare()
	t.mu.Lock()
	defer t.mu.Unlock()
	tr, ok := t.trunks[name{env, of}]
	return tr, ok
}

// Provider returns the trunk of that name.
func (t *Trunks) Provider(env dnc.Environment, of string) (voice.Provider, bool) {
	tr, ok := t.trunk(env, of)
	if !ok {
		return nil, false
	}
	return &provider{trunks: t, trunk: tr}, true
}

// Addr returns where we listen; "" while the socket is not open.
func (t *Trunks) Addr() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.end == nil {
		return ""
	}
	return t.end.udp.LocalAddr().String()
}
