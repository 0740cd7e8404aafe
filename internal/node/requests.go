package node

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// requests knows the requests that are being answered, so that the server can
// end without cutting one off that would soon be answered.
type requests struct {
	running sync.WaitGroup
	all     scope // of every request
	endless scope // of those that go on until somebody ends them
}

// scope is a context and what ends it.
type scope struct {
	context.Context
	end context.CancelFunc
}

func newScope(parent context.Context) scope {
	ctx, end := context.WithCancel(parent)
	return scope{ctx, end}
}

// open prepares the server for what close will do.
func (q *requests) open(s *http.Server) {
	q.all = newScope(context.Background())
	q.endless = newScope(q.all)
	s.BaseContext = func(net.Listener) context.Context { return q.all }
	s.RegisterOnShutdown(q.endless.end)
}

// count has next answer requests and keeps count of them. Live pages, which
// wait for events, end with the beginning of the shutdown.
func (q *requests) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q.running.Add(1)
		defer q.running.Done()
		if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(q.endless, cancel)()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}

// close ends the server: no new requests, those that go on have until limit,
// and it returns once the last one has ended.
func (q *requests) close(s *http.Server, limit time.Duration) error {
	grace, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := s.Shutdown(grace)
	q.all.end()
	if err != nil {
		err = s.Close()
	}
	q.running.Wait()
	return err
}
