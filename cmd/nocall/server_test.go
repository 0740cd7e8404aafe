package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server is a running "nocall serve": the real program in a process of its own.
type server struct {
	cmd  *exec.Cmd
	url  string
	done chan struct{} // closed when its output has ended
	wait sync.Once     // for its end, whoever kills it

	mu  sync.Mutex // guards following
	log bytes.Buffer
}

// startLimit is how long a server may take until it is ready. It is long, for
// the machine may be busy.
const startLimit = time.Minute

// start starts a server on a free port and waits until it is ready.
func start(env []string, args ...string) (*server, error) {
	args = append([]string{"serve", "-listen", "127.0.0.1:0"}, args...)
	s := &server{cmd: exec.Command("nocall", args...), done: make(chan struct{})}
	s.cmd.Env = env
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	url := make(chan string, 1)
	go s.read(stderr, url)
	timer := time.NewTimer(startLimit)
	defer timer.Stop()
	select {
	case s.url = <-url:
	case <-timer.C:
	}
	if s.url == "" || !s.ready(timer.C) {
		s.kill()
		return nil, fmt.Errorf("server does not become ready; it said:\n%s", s.said())
	}
	return s, nil
}

// read reads what the server says, and sends where it listens; "" when it has
// ended without saying so.
func (s *server) read(stderr io.Reader, url chan<- string) {
	defer close(s.done)
	defer close(url)
	scan := bufio.NewScanner(stderr)
	for scan.Scan() {
		s.mu.Lock()
		s.log.WriteString(scan.Text() + "\n")
		s.mu.Unlock()
		if address, ok := strings.CutPrefix(scan.Text(), "listening on "); ok {
			url <- address
		}
	}
}

// ready waits until the server says that it has read its lists.
func (s *server) ready(limit <-chan time.Time) bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		resp, err := http.Get(s.url + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return true
			}
		}
		select {
		case <-tick.C:
		case <-s.done:
			return false
		case <-limit:
			return false
		}
	}
}

// said returns what the server has said so far.
func (s *server) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// stop ends the server gently and returns how it ended.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-s.done
	return s.cmd.Wait()
}

// kill ends the server as a power cut would.
func (s *server) kill() error {
	err := s.cmd.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-s.done
	s.wait.Do(func() { s.cmd.Wait() }) // it says that it was killed
	return err
}
