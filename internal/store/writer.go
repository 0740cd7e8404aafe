package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

const (
	maxWaiting = 8192 // changes that wait for the writer
	maxBatch   = 512  // changes in one transaction
)

// work is one change that somebody waits for.
type work struct {
	ctx  context.Context // of who waits; nobody does once it is done
	do   func(*tx) error // nil for an addition
	add  *addition       // combined with its neighbours
	err  error           // what came of it, until done is told
	done chan error      // has room for one
}

// writer makes all changes of a store, one transaction after the other. What
// waits while one is being made durable shares the next.
type writer struct {
	engine   *engine
	follower *told
	prepared *prepared

	mu     sync.RWMutex // guards following
	closed bool
	queue  chan *work

	ended chan struct{} // closed when the goroutine has ended
}

func startWriter(e *engine, f *told) *writer {
	w := &writer{
		engine: e, follower: f, prepared: newPrepared(e.write),
		queue: make(chan *work, maxWaiting), ended: make(chan struct{}),
	}
	go w.run()
	return w
}

// close makes the changes that wait and ends the writer.
func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
}

// ask has the writer do one thing and waits for what comes of it.
func (w *writer) ask(ctx context.Context, one *work) error {
	if err := w.enqueue(one); err != nil {
		return err
	}
	select {
	case err := <-one.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) enqueue(one *work) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.queue <- one:
		return nil
	default:
		return ErrBusy
	}
}

// run is the goroutine of the writer.
func (w *writer) run() {
	defer close(w.ended)
	defer w.prepared.close()
	batch := make([]*work, 0, maxBatch)
	for first := range w.queue {
		batch = w.gather(append(batch[:0], first))
		w.make(batch)
		clear(batch)
	}
}

// gather takes what waits, as much as fits in one transaction. Those who were
// answered just now get a chance to ask for more before it begins.
func (w *writer) gather(batch []*work) []*work {
	runtime.Gosched()
	for len(batch) < maxBatch {
		select {
		case one, ok := <-w.queue:
			if !ok {
				return batch
			}
			batch = append(batch, one)
		default:
			return batch
		}
	}
	return batch
}

// make does the works of a batch in one transaction and answers them. When
// that fails as a whole, each is done again in a transaction of its own, so
// that none fails for another.
func (w *writer) make(batch []*work) {
	batch = waitedFor(batch)
	if len(batch) == 0 {
		return
	}
	if err := w.commit(batch); err != nil {
		w.makeEach(batch, err)
		return
	}
	answer(batch)
}

func (w *writer) makeEach(batch []*work, err error) {
	if len(batch) == 1 || !again(err) {
		fail(batch, err)
		return
	}
	for i := range batch {
		one := batch[i : i+1]
		if err := w.commit(one); err != nil {
			fail(one, err)
			continue
		}
		answer(one)
	}
}

// waitedFor returns the works of a batch that somebody still waits for.
func waitedFor(batch []*work) []*work {
	left := batch[:0]
	for _, one := range batch {
		if err := one.ctx.Err(); err != nil {
			one.done <- err
			continue
		}
		left = append(left, one)
	}
	return left
}

func answer(batch []*work) {
	for _, one := range batch {
		one.done <- one.err
	}
}

func fail(batch []*work, err error) {
	for _, one := range batch {
		one.done <- err
	}
}

// commit does the works of a batch in one transaction and tells the follower.
// It returns an error when nothing was done, or nobody knows what.
func (w *writer) commit(batch []*work) error {
	ctx, cancel := w.engine.limit()
	defer cancel()
	x, err := w.begin(ctx)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	if err := x.run(batch); err != nil {
		return errors.Join(err, x.sql.Rollback())
	}
	if x.writes == 0 {
		return x.sql.Rollback() // all were refused
	}
	if err := x.sql.Commit(); err != nil {
		if err = w.settle(x, err); err != nil {
			return err
		}
	}
	w.follower.apply(x.events)
	return nil
}

func (w *writer) begin(ctx context.Context) (*tx, error) {
	w.prepared.learn(ctx)
	var t *sql.Tx
	err := w.engine.insist(ctx, func() (err error) {
		t, err = w.engine.write.BeginTx(ctx, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newTx(ctx, t, w.prepared), nil
}

// errDoubt reports a commit of which nobody knows what came.
var errDoubt = errors.New("store: whether the change was made is not known")

// again reports whether works that failed together may be done one by one.
func again(err error) bool { return !errors.Is(err, errDoubt) }

// settle finds out what came of a commit that failed with the given error. It
// returns nil when all is durable after all. Where it cannot know whether a
// list has changed, the follower is in doubt from then on.
func (w *writer) settle(x *tx, failure error) error {
	if len(x.events) == 0 {
		return fmt.Errorf("%w: %w", errDoubt, failure)
	}
	ctx, cancel := w.engine.limit()
	defer cancel()
	last := x.events[len(x.events)-1]
	var revision int64
	err := w.engine.insist(ctx, func() error {
		return w.engine.write.QueryRowContext(ctx, `
			SELECT revision
			FROM environment
			WHERE name = $1`, string(last.Environment)).Scan(&revision)
	})
	switch {
	case err == nil && revision >= last.Revision:
		return nil
	case err == nil:
		return fmt.Errorf("store: commit: %w", failure)
	}
	w.follower.doubt()
	return fmt.Errorf("%w: %w", errDoubt, errors.Join(failure, err))
}
