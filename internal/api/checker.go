package api

import (
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// shareSize is how many numbers are worth the while of a processor.
const shareSize = 16 << 10

// checker checks many numbers at once. It can be used again and again.
type checker struct {
	list   *dnc.List
	env    dnc.Environment
	region string // whose national forms are read

	text     []byte        // has what was asked, as it was written
	places   []place       // of text: where each number stands
	numbers  []e164.Number // zero for what cannot be read
	verdicts []dnc.Verdict

	mu   sync.Mutex    // guards following while the numbers are read
	errs map[int]error // what is wrong with those that cannot be

	out []byte // room for a piece of an answer
}

// place is where in a text a number stands.
type place struct {
	begin, end int32
	exact      bool // it is E.164 as it stands there
}

// placeBetween returns the place from begin to end, which are within a body's limit.
func placeBetween(begin, end int) place { return place{begin: int32(begin), end: int32(end)} }

// checkerOf returns a checker of the list that a request asks for.
func (d *desk) checkerOf(r *http.Request) (*checker, error) {
	env := dnc.Environment(r.PathValue("environment"))
	world, err := d.Store.World(r.Context(), env)
	if err != nil {
		return nil, err
	}
	c, ok := d.checkers.Get().(*checker)
	if !ok {
		c = &checker{errs: make(map[int]error)}
	}
	c.list, c.env, c.region = d.List, env, world.Settings.DefaultRegion
	return c, nil
}

// reset forgets what was asked.
func (c *checker) reset() {
	c.text, c.places, c.numbers = c.text[:0], c.places[:0], c.numbers[:0]
	clear(c.errs)
}

// add takes in what was asked next.
func (c *checker) add(text []byte) {
	begin := len(c.text)
	c.text = append(c.text, text...)
	c.places = append(c.places, placeBetween(begin, len(c.text)))
}

// input returns what was asked in the i-th place.
func (c *checker) input(i int) []byte { return c.text[c.places[i].begin:c.places[i].end] }

// ask reads the numbers and asks the list and its registries about them. Where they
// are very many all processors take part.
func (c *checker) ask() error {
	n := len(c.places)
	c.numbers = slices.Grow(c.numbers[:0], n)[:n]
	c.verdicts = slices.Grow(c.verdicts[:0], n)[:n]
	shares := min(runtime.GOMAXPROCS(0), 1+n/shareSize)
	if shares == 1 {
		return c.askShare(0, n)
	}
	var asking sync.WaitGroup
	errs := make([]error, shares)
	for i := range errs {
		asking.Go(func() { errs[i] = c.askShare(n*i/shares, n*(i+1)/shares) })
	}
	asking.Wait()
	return errors.Join(errs...)
}

// askShare is ask for the numbers from first on and before end.
func (c *checker) askShare(first, end int) error {
	for i := first; i < end; i++ {
		c.numbers[i] = c.number(i)
	}
	return c.list.VerdictMany(c.env, c.numbers[first:end], time.Now(), c.verdicts[first:end])
}

// number reads the i-th number, as people write it. It makes no garbage where that
// is E.164, and returns the zero Number for what is none.
func (c *checker) number(i int) e164.Number {
	text := c.input(i)
	if n, err := e164.Parse(string(text)); err == nil {
		c.places[i].exact = true
		return n
	}
	n, err := e164.ParseLoose(strings.TrimSpace(string(text)), c.region)
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.errs[i] = err
		return e164.Number{}
	}
	return n
}

// wrong says what is wrong with the i-th number, nil for nothing.
func (c *checker) wrong(i int) error {
	if !c.numbers[i].IsZero() {
		return nil
	}
	return c.errs[i]
}

// verdict returns the verdict on the i-th number.
func (c *checker) verdict(i int) string {
	if c.numbers[i].IsZero() {
		return "invalid"
	}
	return c.verdicts[i].String()
}
