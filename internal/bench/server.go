package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"

	"nocall/internal/access"
	"nocall/internal/api"
	"nocall/internal/dnc"
	"nocall/internal/index"
	"nocall/internal/resp"
	"nocall/internal/store"
)

// Where is how a server is reached, as it says on standard output.
type Where struct {
	HTTP  string `json:"http"`
	Redis string `json:"redis"`
	Key   string `json:"key"`
}

// Serve is a server with so many numbers on its list in memory, which are in no
// database: the API and the door for clients of Redis, and handlers of net/http
// that do nothing beside them. Half of the numbers are random, if that is wanted.
// It says where on out, and ends when in does.
func Serve(
	ctx context.Context, entries int, random bool, in io.Reader, out io.Writer,
) (err error) {
	folder, err := os.MkdirTemp("", "nocall-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	db, err := store.Open(ctx, filepath.Join(folder, "nocall.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	h := &host{store: db, index: new(index.Index)}
	list := newList
	if random {
		list = newRandomList
	}
	key, err := h.furnish(ctx, list(entries))
	if err != nil {
		return err
	}
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var serving sync.WaitGroup
	defer serving.Wait()
	defer cancel()
	server, redis := h.servers()
	serving.Go(func() { _ = server.Serve(web) }) // until it is closed
	defer server.Close()
	serving.Go(func() { _ = redis.Serve(ctx, door) })
	where := Where{web.Addr().String(), door.Addr().String(), key}
	if err := json.NewEncoder(out).Encode(where); err != nil {
		return err
	}
	drain(in)
	return nil
}

// host is what stands behind the doors.
type host struct {
	store *store.Store
	index *index.Index
	list  *dnc.List
	keys  *access.Access
}

// furnish makes the environment with its list and a key.
func (h *host) furnish(ctx context.Context, list made) (key string, err error) {
	world := dnc.World{Name: production, Settings: dnc.DefaultSettings(), CreatedAt: now()}
	if _, err := h.store.AddWorld(ctx, world, "bench"); err != nil {
		return "", err
	}
	h.list = &dnc.List{Index: h.index, Store: h.store}
	h.keys = &access.Access{Store: h.store}
	key, _, err = h.keys.NewKey(ctx, access.Key{Environment: production, Role: access.Viewer})
	if err != nil {
		return "", err
	}
	return key, h.index.Load(ctx, list)
}

func (h *host) servers() (*http.Server, *resp.Server) {
	log := slog.New(slog.DiscardHandler)
	routes := &api.Server{
		List: h.list, Access: h.keys, Store: h.store, Log: log,
		Ready: func() error { return nil }, RequestsPerSecond: 1e9, Version: "bench",
	}
	mux := http.NewServeMux()
	mux.Handle("/", routes.Handler())
	mux.HandleFunc("GET /empty/{number}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /discard", func(_ http.ResponseWriter, r *http.Request) { drain(r.Body) })
	return &http.Server{Handler: mux}, &resp.Server{
		List: h.list, Access: h.keys, Region: routes.Region, Ready: routes.Ready, Log: log,
	}
}

// server is a server that is a process of its own.
type server struct {
	Where
	*process
	hold io.Closer
}

// serve starts a server with s.Entries, of which half may be random.
func (s Settings) serve(ctx context.Context, random bool) (*server, error) {
	args := append(append([]string(nil), s.Server[1:]...), strconv.Itoa(s.Entries))
	if random {
		args = append(args, "random")
	}
	cmd := exec.CommandContext(ctx, s.Server[0], args...)
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p, err := launch(cmd, hold.Close) // for it removes what it has made
	if err != nil {
		return nil, err
	}
	r := &server{process: p, hold: hold}
	line, err := bufio.NewReader(said).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r.Where)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a server: %w", err), r.stop(),
			errors.New(p.said.String()))
	}
	return r, nil
}

// stop ends the server.
func (s *server) stop() error {
	s.hold.Close()
	_ = s.cmd.Wait() // with what status it ends is nothing to us
	return nil
}
