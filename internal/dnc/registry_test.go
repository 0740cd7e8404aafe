package dnc_test

import (
	"errors"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// says is registries that say of some numbers what is written here.
type says map[e164.Number]dnc.Verdict

func (s says) Lookup(_ dnc.Environment, n e164.Number, _ time.Time) dnc.Answer {
	if v := s[n]; v != dnc.Clear {
		return dnc.Answer{Verdict: v, Registry: "us-national"}
	}
	return dnc.Answer{}
}

func (s says) LookupMany(
	_ dnc.Environment, ns []e164.Number, _ time.Time, verdicts []dnc.Verdict,
) {
	for i, n := range ns {
		verdicts[i] = max(verdicts[i], s[n])
	}
}

// listing is an index of some numbers, which may be unready.
type listing struct {
	dnc.Index
	listed  map[e164.Number]bool
	unready bool
}

func (l listing) Contains(_ dnc.Environment, n e164.Number) (bool, int64, error) {
	if l.unready && !l.listed[n] {
		return false, 0, dnc.ErrUnready
	}
	return l.listed[n], 1, nil
}

func (l listing) ContainsMany(
	env dnc.Environment, ns []e164.Number, listed []bool,
) (_ int64, err error) {
	for i, n := range ns {
		var failed error
		if listed[i], _, failed = l.Contains(env, n); failed != nil {
			err = failed
		}
	}
	return 1, err
}

// TestVerdict holds that the heaviest verdict counts, in every way in which it is
// asked for, and that only what is clear is cleared.
func TestVerdict(t *testing.T) {
	n := func(i uint64) e164.Number { return e164.FromUint64(14155550100 + i) }
	registries := says{
		n(1): dnc.Registered, n(2): dnc.Stale, n(3): dnc.NotCovered, n(4): dnc.Registered,
	}
	want := []dnc.Verdict{
		dnc.Clear, dnc.Registered, dnc.Stale, dnc.NotCovered, dnc.Listed, dnc.Listed,
	}
	listed := map[e164.Number]bool{n(4): true, n(5): true}
	l := &dnc.List{Index: listing{listed: listed}, Registries: registries}
	now := time.Now()
	many, all := make([]dnc.Verdict, len(want)), make([]e164.Number, len(want))
	for i := range want {
		all[i] = n(uint64(i))
	}
	if err := l.VerdictMany("sandbox", all, now, many); err != nil {
		t.Fatal(err)
	}
	for i, v := range want {
		a, err := l.Verdict("sandbox", all[i], now)
		if a.Verdict != v || err != nil || many[i] != v {
			t.Errorf("Verdict(%d) = %v, %v, of many %v; want %v", i, a.Verdict, err, many[i], v)
		}
		c, err := l.Clear("sandbox", all[i], now, nil)
		l.Release(c)
		wrong := map[dnc.Verdict]error{
			dnc.Clear: nil, dnc.Listed: dnc.ErrListed, dnc.Stale: dnc.ErrRegistered,
			dnc.NotCovered: dnc.ErrRegistered, dnc.Registered: dnc.ErrRegistered,
		}[v]
		if !errors.Is(err, wrong) || (err == nil) != (v == dnc.Clear) {
			t.Errorf("Clear(%d) = %v; want %v", i, err, wrong)
		}
	}
	unready := &dnc.List{Index: listing{listed: listed, unready: true}, Registries: registries}
	if _, err := unready.Clear("sandbox", n(1), now, nil); !errors.Is(err, dnc.ErrUnready) {
		t.Errorf("Clear while unready = %v; want ErrUnready", err)
	}
	if err := unready.VerdictMany("sandbox", all, now, many); !errors.Is(err, dnc.ErrUnready) ||
		many[1] != dnc.Registered || many[5] != dnc.Listed {
		t.Errorf("VerdictMany while unready = %v, %v", many, err)
	}
	if a := testing.AllocsPerRun(100, func() {
		l.Verdict("sandbox", n(1), now) //nolint:errcheck // it is the memory that counts
	}); a > 0 {
		t.Errorf("Verdict allocates %v times", a)
	}
}
