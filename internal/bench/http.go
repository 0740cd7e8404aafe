package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// requestsARound is how many requests of each kind one round sends.
const requestsARound = 20_000

// HTTP compares what a check costs a server, in CPU time, with what /healthz costs
// the same server, where nothing is done, and with an empty handler of net/http
// alone. The requests come from a process of its own, so that its work is not
// counted.
func HTTP(ctx context.Context, s Settings) (_ []Figure, err error) {
	folder, err := os.MkdirTemp(s.Folder, "nocall-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /empty/{number}", func(http.ResponseWriter, *http.Request) {})
	empty := httptest.NewServer(mux)
	defer empty.Close()

	n, err := start(ctx, folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.stop()) }()
	send := func(address, path string) func(context.Context) (int, error) {
		request := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: nocall\r\n"+
			"Authorization: Bearer %s\r\n\r\n", path, n.first.Keys[string(production)])
		return func(ctx context.Context) (int, error) {
			return requestsARound, s.send(ctx, address, request)
		}
	}
	return measure(ctx, s.Rounds, false, contender{
		name: "/healthz of the same server", kind: Limit, run: send(n.address, "/healthz"),
	}, contender{
		name: "GET check", run: send(n.address,
			"/v1/environments/"+string(production)+"/check/14155550123"),
	}, contender{
		name: "empty handler of net/http alone", kind: Limit,
		run: send(empty.Listener.Addr().String(), "/empty/14155550123"),
	})
}

// send has the process that is the client send a round of requests.
func (s Settings) send(ctx context.Context, address, request string) error {
	args := append(append([]string(nil), s.Load[1:]...), address, strconv.Itoa(requestsARound))
	cmd := exec.CommandContext(ctx, s.Load[0], args...)
	cmd.Stdin = strings.NewReader(request)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// connections is how many the client has at once.
const connections = 8

// Load is the client of [HTTP]: it sends a request so many times over a few
// connections and sees to it that each is answered with 200.
func Load(address string, times int, request io.Reader) error {
	text, err := io.ReadAll(request)
	if err != nil {
		return err
	}
	var wait sync.WaitGroup
	errs := make([]error, connections)
	for i := range connections {
		wait.Go(func() { errs[i] = sendAll(address, times/connections, text) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

func sendAll(address string, times int, request []byte) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	answer := make([]byte, 4<<10)
	for range times {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		// Answers are small: they come in one piece.
		n, err := conn.Read(answer)
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 200")) {
			return fmt.Errorf("answered %q", answer[:n])
		}
	}
	return nil
}
