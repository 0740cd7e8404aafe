package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"nocall/internal/e164"
)

// batchSize is how many numbers one request asks for.
const batchSize = 100_000

// Batch compares requests for many numbers at once: as JSON and as text over HTTP,
// by the protocol of Redis, and what other programs have for it. The time is until
// the whole answer is there, and has been counted. CPU time is that of the server.
func Batch(ctx context.Context, s Settings) (_ []Figure, err error) {
	folder, err := os.MkdirTemp(s.Folder, "nocall-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	numbers := newList(s.Entries)
	ours, err := s.serve(ctx, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ours.stop()) }()
	asked := distinct(numbers.questions(batchSize*5/4), batchSize)
	b := &batches{asked: asked, want: numbers.count(asked), server: ours}
	contenders, err := b.ours(ctx)
	if err != nil {
		return nil, err
	}
	if s.Peers {
		peers, stop, err := b.peers(ctx, s, folder, numbers)
		defer stop()
		if err != nil {
			return nil, err
		}
		contenders = append(contenders, peers...)
	}
	return measure(ctx, s.Rounds, true, contenders...)
}

// times has what takes so long only that it is measured poorly run so many times.
func times(n int, run func(context.Context) (int, error)) func(context.Context) (int, error) {
	return func(ctx context.Context) (sum int, err error) {
		for range n {
			done, err := run(ctx)
			if err != nil {
				return 0, err
			}
			sum += done
		}
		return sum, nil
	}
}

// batches asks for the same numbers in several manners.
type batches struct {
	asked  []e164.Number
	want   int // that are listed
	server *server
	text   []byte // room for an answer
}

// right returns an error for an answer that is wrong, else how many numbers were
// asked for.
func (b *batches) right(listed int, err error) (int, error) {
	if err == nil && listed != b.want {
		err = fmt.Errorf("%d numbers were said to be listed, and %d are", listed, b.want)
	}
	return len(b.asked), err
}

// ours returns what nocall has to offer, and what reading the request alone takes.
func (b *batches) ours(ctx context.Context) ([]contender, error) {
	lines := make([]byte, 0, 16*len(b.asked))
	for _, n := range b.asked {
		lines = append(n.AppendTo(lines), '\n')
	}
	text := string(lines)
	json := `{"numbers":["` + strings.ReplaceAll(text[:len(text)-1], "\n", `","`) + `"]}`
	redis, err := openSet(ctx, b.server.Redis, string(production), b.server.Key)
	if err != nil {
		return nil, err
	}
	many := redis.askMany(b.asked)
	path := "/v1/environments/" + string(production) + "/check"
	return []contender{{
		name: "JSON over HTTP", cpu: b.server.cpu,
		run: times(10, func(ctx context.Context) (int, error) {
			listed, err := b.post(ctx, path, "application/json", json)
			return b.right(listed-strings.Count(`{"results":[],"as_of":""}`, mark), err)
		}),
	}, {
		name: "text over HTTP", cpu: b.server.cpu,
		run: times(10, func(ctx context.Context) (int, error) {
			return b.right(b.post(ctx, path, "text/plain", text))
		}),
	}, {
		name: "SMISMEMBER of nocall", cpu: b.server.cpu,
		run: times(10, func(context.Context) (int, error) {
			return b.right(redis.many(many, len(b.asked)))
		}),
	}, {
		name: "handler that discards the JSON", kind: Limit, cpu: b.server.cpu,
		run: times(50, func(ctx context.Context) (int, error) {
			_, err := b.post(ctx, "/discard", "application/json", json)
			return len(b.asked), err
		}),
	}}, nil
}

// mark is a letter that is in the verdict listed, and nowhere else in what is
// answered of a number: to count it is quick.
const mark = "s"

// post sends a request and counts the mark in the answer.
func (b *batches) post(ctx context.Context, path, form, body string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+b.server.HTTP+path,
		strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", form)
	req.Header.Set("Authorization", "Bearer "+b.server.Key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text := bytes.NewBuffer(b.text[:0])
	if _, err := io.Copy(text, resp.Body); err != nil {
		return 0, err
	}
	b.text = text.Bytes()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", resp.Status, b.text)
	}
	return bytes.Count(b.text, []byte(mark)), nil
}

// peers starts the other programs with the same numbers, as far as they are there.
// Stop ends them.
func (b *batches) peers(
	ctx context.Context, s Settings, folder string, numbers made,
) (contenders []contender, stop func(), err error) {
	var stops []func() error
	stop = func() {
		for _, one := range stops {
			_ = one() // it is of no use any more
		}
	}
	for _, start := range []func(context.Context, string, made) (contender, func() error, error){
		b.redis, b.postgres,
	} {
		c, end, err := start(ctx, folder, numbers)
		if errors.Is(err, exec.ErrNotFound) {
			s.note("%v", err)
			continue
		}
		if err != nil {
			return nil, stop, err
		}
		stops, contenders = append(stops, end), append(contenders, c)
	}
	return contenders, stop, nil
}

func (b *batches) redis(
	ctx context.Context, folder string, numbers made,
) (contender, func() error, error) {
	r, err := startRedis(ctx, folder, numbers)
	if err != nil {
		return contender{}, nil, err
	}
	c, err := openSet(ctx, r.address, string(production), "")
	if err != nil {
		return contender{}, nil, errors.Join(err, r.end())
	}
	many := c.askMany(b.asked)
	return contender{
		name: "SMISMEMBER of Redis", kind: Peer, cpu: r.cpu,
		run: times(5, func(context.Context) (int, error) {
			return b.right(c.many(many, len(b.asked)))
		}),
	}, r.end, nil
}

func (b *batches) postgres(
	ctx context.Context, folder string, numbers made,
) (contender, func() error, error) {
	p, err := startPostgres(ctx, folder)
	if err != nil {
		return contender{}, nil, err
	}
	if err := p.fill(ctx, numbers); err != nil {
		return contender{}, nil, errors.Join(err, p.end())
	}
	values := make([]int64, len(b.asked))
	for i, n := range b.asked {
		values[i] = int64(n.Uint64())
	}
	return contender{
		name: "PostgreSQL, = any", kind: Peer, cpu: p.cpu,
		run: times(2, func(ctx context.Context) (int, error) {
			return b.right(p.anyOf(ctx, values))
		}),
	}, p.end, nil
}
