package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"nocall/internal/e164"
)

// benchServer says, in the environment, that the process is the server of
// [BenchmarkCheckRequest].
const benchServer = "NOCALL_BENCH_SERVER"

// requestsARound is how many requests of each kind one round sends.
const requestsARound = 4000

// BenchmarkCheckRequest compares what a check costs the server, in CPU time,
// with /healthz, which comes to the same server and does nothing there, and
// with a bare handler of net/http, which does not come to the API at all.
//
// The server is a process of its own, so that the client's work is not
// counted; all requests come over the same connections, in turns. Reported are
// medians.
func BenchmarkCheckRequest(b *testing.B) {
	if os.Getenv(benchServer) != "" {
		serveBenchmark(b)
		return
	}
	server := startServer(b)
	var bare, empty, check, toEmpty, toBare []float64
	for b.Loop() {
		n := server.round(b, "/bare")
		e := server.round(b, "/healthz")
		c := server.round(b, sandbox+"/check/14155550123")
		bare, empty, check = append(bare, n), append(empty, e), append(check, c)
		toEmpty, toBare = append(toEmpty, c/e), append(toBare, c/n)
	}
	b.ReportMetric(median(bare), "µs-cpu/bare")
	b.ReportMetric(median(empty), "µs-cpu/empty")
	b.ReportMetric(median(check), "µs-cpu/check")
	b.ReportMetric(median(toEmpty), "check/empty")
	b.ReportMetric(median(toBare), "check/bare")
	b.ReportMetric(0, "ns/op")
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// serveBenchmark is the server: the API, a bare handler beside it, and what CPU
// time the process has used.
func serveBenchmark(b *testing.B) {
	h := newHouse(b, func(h *house) { h.RequestsPerSecond = 1e9 })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /bare", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /cpu", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, cpuMicros())
	})
	mux.Handle("/", h.Handler())
	h.web.Config.Handler = mux
	fmt.Printf("\n%s %s %s\n", benchServer, h.web.Listener.Addr(), h.keys["sandbox viewer"])
	io.Copy(io.Discard, os.Stdin) //nolint:errcheck // until the client is gone
}

// cpuMicros is the CPU time that this process has used.
func cpuMicros() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return (u.Utime.Sec+u.Stime.Sec)*1e6 + u.Utime.Usec + u.Stime.Usec
}

// server is the server as the client sees it.
type server struct {
	key   string
	conns []net.Conn
}

func startServer(b *testing.B) *server {
	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), program, "-test.run=^$",
		"-test.bench=^BenchmarkCheckRequest$", "-test.benchtime=1x")
	cmd.Env = append(os.Environ(), benchServer+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		cmd.Wait() //nolint:errcheck // it is of no use any more
	})
	s := new(server)
	lines := bufio.NewScanner(out)
	for s.conns == nil && lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), benchServer+" "); ok {
			address, key, _ := strings.Cut(rest, " ")
			s.key = key
			s.dial(b, address)
		}
	}
	return s
}

func (s *server) dial(b *testing.B, address string) {
	for range 8 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close() })
		s.conns = append(s.conns, conn)
	}
}

// round sends a round of requests for path and returns the server's CPU time
// for each, in microseconds.
func (s *server) round(b *testing.B, path string) float64 {
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: nocall\r\nAuthorization: Bearer " +
		s.key + "\r\n\r\n")
	before := s.cpu(b)
	var wg sync.WaitGroup
	for _, conn := range s.conns {
		wg.Go(func() {
			answer := make([]byte, 4096)
			for range requestsARound / len(s.conns) {
				if _, err := conn.Write(request); err != nil {
					b.Error(err)
					return
				}
				// Answers are small: they come in one piece.
				n, err := conn.Read(answer)
				if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 200") {
					b.Errorf("%s: %q, %v", path, answer[:n], err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(s.cpu(b)-before) / requestsARound
}

func (s *server) cpu(b *testing.B) int64 {
	conn := s.conns[0]
	if _, err := io.WriteString(conn, "GET /cpu HTTP/1.1\r\nHost: nocall\r\n\r\n"); err != nil {
		b.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	used, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return used
}

// BenchmarkCheckMany answers 100,000 numbers as JSON, of a list of a million,
// without a network.
func BenchmarkCheckMany(b *testing.B) {
	h := newHouse(b, nil)
	var body strings.Builder
	body.WriteString(`{"numbers":[`)
	for i := range uint64(100_000) {
		n := e164.FromUint64(12_000_000_000 + i*7_919_000_057%7_999_999_929)
		if i%2 == 0 {
			h.list(b, n.String())
		}
		fmt.Fprintf(&body, "%q,", n)
	}
	text := strings.TrimSuffix(body.String(), ",") + "]}"
	handler := h.Handler()
	b.ReportAllocs()
	for b.Loop() {
		req := httptest.NewRequest(http.MethodPost, sandbox+"/check", strings.NewReader(text))
		req.Header.Set("Authorization", "Bearer "+h.keys["sandbox viewer"])
		w := discard{make(http.Header)}
		handler.ServeHTTP(w, req)
		if w.header.Get("Content-Type") != "application/json" {
			b.Fatal("no answer")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/number")
}

// discard is a response that nobody reads.
type discard struct{ header http.Header }

// Header implements [http.ResponseWriter].
func (d discard) Header() http.Header { return d.header }

// Write implements [http.ResponseWriter].
func (d discard) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements [http.ResponseWriter].
func (d discard) WriteHeader(int) {}
