// Package resp is the door for programs that have a client of Redis: it answers
// SISMEMBER and SMISMEMBER about numbers and the list of an environment, and
// what such clients say when they connect. It keeps nothing and changes nothing.
//
// 1 means that a number must not be called, 0 that it is clear. Whatever else is
// answered, an error above all, means: do not call.
package resp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
)

// Limits of the door.
const (
	maxClients = 4096
	authTime   = 10 * time.Second // for a client to say who it is
	writeTime  = 30 * time.Second // for a client to take an answer
	endTime    = 2 * time.Second  // for the same when the door is closed
	retryTime  = 100 * time.Millisecond
)

// Server answers clients of Redis. Its fields are set once, before use.
type Server struct {
	List   *dnc.List
	Access *access.Access
	// Region returns the default region of an environment; "" for none.
	Region func(ctx context.Context, env dnc.Environment) (string, error)
	Ready  func() error // nil when every list is read and current
	Log    *slog.Logger

	clients atomic.Int64 // so far
}

// Serve answers the clients that come to l until ctx is done. It closes l, and
// returns once the last client has been answered.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	var clients sync.WaitGroup
	defer clients.Wait()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	room := make(chan struct{}, maxClients)
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil { // as too many open files
			s.Log.ErrorContext(ctx, "accept a client of Redis", "err", err)
			if !wait(ctx, retryTime) {
				return nil
			}
			continue
		}
		select {
		case room <- struct{}{}:
			clients.Go(func() {
				s.serve(ctx, conn)
				<-room
			})
		default:
			conn.Close() // without a word: it might not be taken
		}
	}
}

// wait waits for d. It returns false if ctx is done before.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// serve answers one client until it leaves or ctx is done.
func (s *Server) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	defer func() {
		if p := recover(); p != nil { // what was panicked with may be a number
			s.Log.ErrorContext(ctx, "client of Redis made us panic", "panic",
				fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		}
	}()
	// What it has asked for by now is answered, and nothing more is read.
	defer context.AfterFunc(ctx, func() { expire(conn) })()
	newClient(ctx, s, conn).run()
}

// expire has every read of conn end at once, and a write soon. One that has no
// deadlines is closed otherwise.
func expire(conn net.Conn) {
	_ = conn.SetReadDeadline(time.Unix(1, 0))
	_ = conn.SetWriteDeadline(time.Now().Add(endTime))
}
