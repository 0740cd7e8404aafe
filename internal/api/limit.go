package api

import (
	"math"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one address may come with a wrong key before it is told to wait.
// Right keys from there are answered all the same.
const (
	failuresPerSecond = 1
	failuresAtOnce    = 60
)

// limitsKept is how many askers are remembered at once. Beyond that all are
// forgotten, and each begins anew.
const limitsKept = 10_000

// limits counts how often each asker asks.
type limits struct {
	each  rate.Limit
	burst int

	mu     sync.RWMutex // guards following
	askers map[string]*rate.Limiter
}

func newLimits(perSecond, burst float64) *limits {
	return &limits{
		each: rate.Limit(perSecond), burst: max(1, int(math.Ceil(burst))),
		askers: make(map[string]*rate.Limiter),
	}
}

// allow counts one request of who at now and reports whether it is to be
// answered.
func (l *limits) allow(who string, now time.Time) bool {
	l.mu.RLock()
	limiter := l.askers[who]
	l.mu.RUnlock()
	if limiter == nil {
		limiter = l.begin(who)
	}
	return limiter.AllowN(now, 1)
}

func (l *limits) begin(who string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limiter := l.askers[who]; limiter != nil {
		return limiter
	}
	if len(l.askers) >= limitsKept {
		clear(l.askers)
	}
	limiter := rate.NewLimiter(l.each, l.burst)
	l.askers[who] = limiter
	return limiter
}

// retryAfter returns after how many seconds the next request is answered.
func (l *limits) retryAfter() string {
	return wholeSeconds(time.Duration(float64(time.Second) / float64(l.each)))
}

// wholeSeconds returns d in seconds, at least one, as Retry-After has it.
func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}
