// Package node is one running process of nocall: it puts the house together
// from a [Config] and owns every goroutine in it.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"nocall/internal/access"
	"nocall/internal/api"
	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/index"
	"nocall/internal/intake"
	"nocall/internal/listen"
	"nocall/internal/optout"
	"nocall/internal/registry"
	"nocall/internal/results"
	"nocall/internal/store"
	"nocall/internal/voice"
	"nocall/internal/voice/external"
	"nocall/internal/voice/sip"
	"nocall/internal/voice/tape"
	"nocall/internal/web"
)

// Config is every setting of a node.
type Config struct {
	Listen            string  // address of the HTTP server, such as 127.0.0.1:8080
	Data              string  // folder of the SQLite database
	Database          string  // postgres:// address; "" for SQLite in Data
	Platform          string  // name shown for entries that the system added
	SimulatorSpeed    float64 // how many times faster than life the simulator is
	SimulatorScript   string  // file that says what simulated contacts do; "" for none
	SimulatorLog      string  // file to which whom it rings is added; "" for none
	BootstrapKeyFile  string  // where the first keys are written as JSON; "" for nowhere
	AdminPassword     string  // of the first user; "" for a random one
	RequestsPerSecond float64 // of one key; 0 for the default of package api
	SecureCookies     bool    // for a server behind HTTPS
	SecretKeyFile     string  // key for secrets; "" for one in Data
	SIPListen         string  // address for SIP, opened once there is a trunk; "" for :5060
	SIPTLSListen      string  // address for SIP over TLS; "" for nowhere
	SIPCert           string  // who we are there
	SIPKey            string
	SIPPorts          string        // for sound, such as 16384-32767, which "" stands for
	EarsURL           string        // service that hears calls of trunks; "" for none
	EarsKeyFile       string        // its key; "" for none
	EarsLanguage      string        // IETF tag; "" to leave it to the service
	OpinionURL        string        // service for second opinions; "" for none
	OpinionModel      string        // asked for as a chat; "" for a program of the user's own
	OpinionKeyFile    string        // its key; "" for none
	RedisListen       string        // address for clients of Redis; "" for none
	RedisCertFile     string        // with RedisKeyFile, in PEM: they speak TLS; "" for none
	RedisKeyFile      string        //
	RedisPlain        bool          // without TLS other machines are let in all the same
	RecordingsLimit   float64       // GiB that recorded calls may take; 0 for no limit
	KeepRecordings    time.Duration // how long those stay; 0 for ever
	Version           string

	Log *slog.Logger
}

// DatabaseFile is the name of the SQLite database in the data folder.
const DatabaseFile = "nocall.db"

// Limits of the HTTP server. Bodies are bounded by the API, route by route.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	headerLimit   = 64 << 10
	shutdownLimit = 5 * time.Second
	lookEvery     = time.Second // for lists that must be read again
)

// What scrubs on the page have found is kept here, in the data folder, and takes
// no more bytes than that.
const (
	resultsFolder = "results"
	resultsLimit  = 8 << 30
)

// Node is one running process.
type Node struct {
	config   Config
	store    *store.Store
	index    *index.Index
	list     *dnc.List
	keeper   *registry.Keeper
	intake   intake.Folder
	dialer   *dialer.Dialer
	ears     *listen.Listener
	trunks   *sip.Trunks
	second   voice.SecondOpinion // nil for none
	shelf    *tape.Shelf
	results  *results.Shelf
	access   *access.Access
	listener net.Listener
	redis    *redisDoor // nil where it is not opened
	network  *network
	server   *http.Server
	requests requests

	setting sync.Mutex // held while the trunks are read and set
}

// New opens the ports and the database, and makes what a first start needs,
// which is returned as [First]: it is to be shown, for it is kept nowhere. Until
// [Node.Run] nobody is answered.
func New(ctx context.Context, c Config) (_ *Node, _ First, err error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	trunks, err := newTrunks(c)
	if err != nil {
		return nil, First{}, err
	}
	second, err := newOpinion(c)
	if err != nil {
		return nil, First{}, err
	}
	var open closers
	defer func() {
		if err != nil {
			err = errors.Join(err, open.close())
		}
	}()
	network, err := openNetwork(c)
	if err != nil {
		return nil, First{}, err
	}
	open.add(network.close)
	// The ports come first: where one is taken, nothing is made.
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, First{}, err
	}
	open.add(listener.Close)
	redis, err := openRedis(c)
	if err != nil {
		return nil, First{}, err
	}
	open.add(redis.close)
	s, err := openStore(ctx, c)
	if err != nil {
		return nil, First{}, err
	}
	open.add(s.Close)
	n := &Node{
		config: c, store: s, index: new(index.Index), listener: listener, redis: redis,
		network: network, trunks: trunks, second: second, shelf: newShelf(c),
		results: newResults(c), intake: intake.Folder(filepath.Join(c.Data, intakeFolder)),
		keeper: newKeeper(c.Data, s, c.Log), access: &access.Access{Store: s},
	}
	if err := errors.Join(n.shelf.Open(), n.results.Empty(), n.intake.Empty()); err != nil {
		return nil, First{}, err
	}
	n.list = &dnc.List{Index: n.index, Store: s, Registries: n.keeper}
	s.Follow(follower{n.list, n.index, s, n.keeper})
	n.assemble()
	first, err := n.firstStart(ctx)
	if err != nil {
		return nil, First{}, err
	}
	return n, first, nil
}

func newResults(c Config) *results.Shelf {
	return &results.Shelf{
		Dir: filepath.Join(c.Data, resultsFolder), Limit: resultsLimit, Log: c.Log,
	}
}

func openStore(ctx context.Context, c Config) (*store.Store, error) {
	dsn := c.Database
	if dsn == "" {
		dsn = filepath.Join(c.Data, DatabaseFile)
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return nil, fmt.Errorf("make data folder: %w", err)
		}
	}
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	// The key comes second: of two who start at once, one has the database.
	seals, err := sealer(c)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.SealWith(seals)
	return s, nil
}

// assemble puts works and doors together.
func (n *Node) assemble() {
	n.ears = &listen.Listener{
		List: n.list, Calls: n.store, Worlds: n.store, Detector: optout.New(), Log: n.config.Log,
		Second: n.second,
	}
	n.dialer = &dialer.Dialer{
		List: n.list, Calls: n.store, Worlds: n.store, Listener: n.ears,
		Providers: providers{n.network, n.trunks},
		Agents:    n.store, Campaigns: n.store, Node: nodeName(n.config),
		Tokens: external.New(), Log: n.config.Log,
	}
	n.trunks.Recordings, n.trunks.Tapes, n.trunks.Answer = n.store, n.shelf, n.dialer.Answer
	apiServer := &api.Server{
		List: n.list, Dialer: n.dialer, Listener: n.ears, Access: n.access,
		Store: n.store, Log: n.config.Log, Ready: n.ready, Metrics: n.metrics(),
		TrunksChanged: n.trunksChanged, TestTrunk: n.trunks.Test, ReadWAV: readWAV,
		Ears: n.trunks.Ears != nil, Tapes: n.shelf,
		Registries: n.keeper, Intake: n.intake,
		RequestsPerSecond: n.config.RequestsPerSecond,
		Platform:          n.config.Platform, Version: n.config.Version,
	}
	page := &web.Server{
		List: n.list, Index: n.index, Dialer: n.dialer, Access: n.access, Store: n.store,
		Log: n.config.Log, Platform: n.config.Platform, Secure: n.config.SecureCookies,
		Version: n.config.Version, TrunksChanged: n.trunksChanged, TestTrunk: n.trunks.Test,
		Listener: n.ears, ReadWAV: readWAV, Ears: n.trunks.Ears != nil, Tapes: n.shelf,
		Scrubs: n.results, Registries: n.keeper, Intake: n.intake,
	}
	imported := n.newImports()
	apiServer.Imports, page.Imports = imported, imported
	n.redis.answerBy(n, apiServer.Region)
	apiHandler, mux := apiServer.Handler(), http.NewServeMux()
	for _, path := range []string{
		"/v1/", "/openapi.json", "/openapi.yaml", "/docs", "/docs/",
		"/problems/", "/healthz", "/readyz", "/metrics",
	} {
		mux.Handle(path, apiHandler)
	}
	mux.Handle("/", page.Handler())
	n.server = &http.Server{
		Handler: n.requests.count(mux), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: headerLimit,
		ErrorLog:       slog.NewLogLogger(n.config.Log.Handler(), slog.LevelWarn),
	}
}

// nodeName names a node among those of a database, the same after a restart: by
// the machine, and where it listens there.
func nodeName(c Config) string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return host + " " + c.Listen
}

// Address returns where the node listens.
func (n *Node) Address() string { return n.listener.Addr().String() }

// Run serves until ctx is done, then ends what goes on and closes the
// database. It returns once the last goroutine has ended. Whoever has been
// answered may rely on the answer; who has not been by then is, if it takes no
// longer than a few seconds.
func (n *Node) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	n.requests.open(n.server)

	var works group
	works.run(stop, func() error { return n.keepRead(ctx) })
	works.run(stop, func() error { return n.keepRegistries(ctx) })
	works.run(stop, func() error { return n.writeHeld(ctx) })
	works.run(stop, func() error { return n.store.Run(ctx) })
	works.run(stop, func() error { return n.call(ctx) })
	works.run(stop, func() error { return n.ears.Run(ctx) })
	works.run(stop, func() error { return n.keepTrunks(ctx) })
	works.run(stop, func() error { return n.results.Run(ctx) })
	works.run(stop, func() error { return n.redis.serve(ctx) })
	works.run(stop, func() error {
		if err := n.server.Serve(n.listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})

	<-ctx.Done()
	err := n.requests.close(n.server, shutdownLimit)
	works.wait()
	err = errors.Join(err, n.store.Close(), n.network.close())
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// keepRead reads the registries and the lists into memory, again and again until
// it succeeds: until then nothing is cleared. Afterwards it does so whenever the index finds
// that it has missed something.
func (n *Node) keepRead(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	unread := true
	for {
		if unread || n.index.Gap() {
			unread = !n.openRegistries(ctx) || !n.read(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// read reads the lists into memory and reports whether that went well.
func (n *Node) read(ctx context.Context) bool {
	begin := time.Now()
	err := n.index.Load(ctx, n.store)
	switch {
	case err == nil:
		n.config.Log.InfoContext(ctx, "lists read", "took", time.Since(begin).String())
	case ctx.Err() == nil:
		n.config.Log.ErrorContext(ctx, "read the lists", "err", err)
	}
	return err == nil
}

// ready returns nil when every list is read and current, and nothing that was
// heard is kept in memory only.
func (n *Node) ready() error {
	switch {
	case !n.index.Ready():
		return dnc.ErrUnready
	case n.list.Held() > 0:
		return voice.ErrHeld
	}
	return n.keeper.Ready()
}

// writeHeld writes down the opt-outs that could not be written when they were
// heard, again and again, and once more on the way out.
func (n *Node) writeHeld(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		if err := n.list.WriteHeld(context.WithoutCancel(ctx)); err != nil {
			n.config.Log.ErrorContext(ctx, "opt-outs are held in memory only",
				"opt-outs", n.list.Held(), "err", err)
		}
	}
	return nil
}

// follower passes what the store tells on to the list and the index.
type follower struct {
	*dnc.List
	index  *index.Index
	source index.Source
	keeper *registry.Keeper
}

// Apply implements the follower of package store.
func (f follower) Apply(events []dnc.Event) {
	f.keeper.Follow(events)
	f.List.Apply(events)
}

// Doubt implements the follower of package store: while events may be missing
// nothing is cleared.
func (f follower) Doubt(inDoubt bool) { f.index.SetCurrent(!inDoubt) }

// Reload implements the follower of package store.
func (f follower) Reload(ctx context.Context) error { return f.index.Load(ctx, f.source) }
