package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"

	"nocall/internal/e164"
)

// set is how a client of Redis asks: of a set in Redis, or of the list of an
// environment.
type set struct {
	net.Conn
	r   *bufio.Reader
	key string
}

// openSet connects a client.
func openSet(ctx context.Context, address, key, secret string) (*set, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	s := &set{conn, bufio.NewReaderSize(conn, 256<<10), key}
	if secret != "" {
		err = s.ok(words("AUTH", secret))
	} else {
		err = s.ok(words("PING"))
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return s, nil
}

// words is a request.
func words(all ...string) []byte {
	b := strconv.AppendInt([]byte{'*'}, int64(len(all)), 10)
	b = append(b, "\r\n"...)
	for _, w := range all {
		b = appendWord(b, w)
	}
	return b
}

func appendWord[T string | []byte](b []byte, word T) []byte {
	b = strconv.AppendInt(append(b, '$'), int64(len(word)), 10)
	b = append(b, "\r\n"...)
	b = append(b, word...)
	return append(b, "\r\n"...)
}

// ok sends a request that is answered in one line, which must not be an error.
func (s *set) ok(request []byte) error {
	if _, err := s.Write(request); err != nil {
		return err
	}
	_, err := s.line()
	return err
}

// line reads a line of an answer.
func (s *set) line() ([]byte, error) {
	line, err := s.r.ReadSlice('\n')
	if err == nil && line[0] == '-' {
		err = fmt.Errorf("answered %q", line)
	}
	return line, err
}

// integers reads so many answers of 0 or 1, and counts those of 1.
func (s *set) integers(n int) (ones int, err error) {
	for range n {
		line, err := s.line()
		if err != nil {
			return 0, err
		}
		if len(line) != 4 || line[0] != ':' {
			return 0, fmt.Errorf("answered %q, want an integer", line)
		}
		ones += int(line[1] - '0')
	}
	return ones, nil
}

// many sends a request SMISMEMBER, which asks for n numbers, and counts those that
// are in the set.
func (s *set) many(request []byte, n int) (ones int, err error) {
	if _, err := s.Write(request); err != nil {
		return 0, err
	}
	line, err := s.line()
	if err != nil || string(line) != fmt.Sprintf("*%d\r\n", n) {
		return 0, errors.Join(fmt.Errorf("answered %q", line), err)
	}
	for left := n * len(":0\r\n"); left > 0; {
		if _, err := s.r.Peek(1); err != nil {
			return 0, err
		}
		part, err := s.r.Peek(min(left, s.r.Buffered()))
		if err != nil {
			return 0, err
		}
		ones += bytes.Count(part, []byte("1"))
		left -= len(part)
		if _, err := s.r.Discard(len(part)); err != nil {
			return 0, err
		}
	}
	return ones, nil
}

// askMany returns a request for many numbers at once.
func (s *set) askMany(numbers []e164.Number) []byte {
	b := fmt.Appendf(nil, "*%d\r\n", len(numbers)+2)
	b = appendWord(appendWord(b, "SMISMEMBER"), s.key)
	var digits [16]byte
	for _, n := range numbers {
		b = appendWord(b, n.AppendTo(digits[:0]))
	}
	return b
}

// askEach returns requests for numbers, one by one.
func (s *set) askEach(numbers []e164.Number) []byte {
	var b []byte
	var digits [16]byte
	for _, n := range numbers {
		b = append(b, "*3\r\n"...)
		b = appendWord(appendWord(b, "SISMEMBER"), s.key)
		b = appendWord(b, n.AppendTo(digits[:0]))
	}
	return b
}

// redis is a Redis of our own, with the numbers in a set.
type redis struct {
	*process
	address string
}

// startRedis starts a Redis and fills it.
func startRedis(ctx context.Context, folder string, numbers made) (_ *redis, err error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, err
	}
	address, port, err := freePort()
	if err != nil {
		return nil, err
	}
	p, err := launch(exec.CommandContext(ctx, program, "--port", port, "--bind", "127.0.0.1",
		"--save", "", "--appendonly", "no", "--dir", folder), nil)
	if err != nil {
		return nil, err
	}
	r := &redis{p, address}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.end())
		}
	}()
	var s *set
	if err := until(ctx, func() (err error) {
		s, err = openSet(ctx, address, string(production), "")
		return err
	}); err != nil {
		return nil, err
	}
	defer s.Close()
	return r, s.fill(numbers)
}

// fill puts the numbers into the set.
func (s *set) fill(numbers made) error {
	const together = 1000
	for len(numbers) > 0 {
		some := numbers[:min(together, len(numbers))]
		b := fmt.Appendf(nil, "*%d\r\n", len(some)+2)
		b = appendWord(appendWord(b, "SADD"), s.key)
		var digits [16]byte
		for _, n := range some {
			b = appendWord(b, e164.FromUint64(n).AppendTo(digits[:0]))
		}
		if err := s.ok(b); err != nil {
			return err
		}
		numbers = numbers[len(some):]
	}
	return nil
}
