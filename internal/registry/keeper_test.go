package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// TestAnswers asks about numbers that are in a registry, in none, and where it
// cannot say.
func TestAnswers(t *testing.T) {
	m := newMemory()
	k := m.open(t)
	take(t, k, "us-national", file("f", "818,0000818\n"))
	take(t, k, "uk-tps", file("f", "07860 338653\r\n"))
	take(t, k, "litigators", file("f", "+12125550100\n+18180000001\n"))
	subscribe(t, k, "production", dnc.Subscription{Registry: "us-national"},
		dnc.Subscription{Registry: "uk-tps"}, dnc.Subscription{Registry: "litigators"})
	subscribe(t, k, "sandbox", dnc.Subscription{
		Registry: "us-national", Stale: dnc.Allow, NotCovered: dnc.Allow,
	})
	today, later := time.Now(), time.Now().AddDate(0, 0, 32)
	for _, tt := range []struct {
		env      dnc.Environment
		number   string
		at       time.Time
		verdict  dnc.Verdict
		registry string
	}{
		{"production", "+18180000818", today, dnc.Registered, "us-national"},
		{"production", "+18180000819", today, dnc.Clear, ""},
		{"production", "+12125550123", today, dnc.NotCovered, "us-national"},
		{"production", "+12125550100", today, dnc.Registered, "litigators"},
		{"production", "+14165550123", today, dnc.Clear, ""}, // Canada: none of theirs
		{"production", "+18685550123", today, dnc.Clear, ""}, // Trinidad
		{"production", "+447860338653", today, dnc.Registered, "uk-tps"},
		{"production", "+447860338654", today, dnc.Clear, ""},
		{"production", "+493012345678", today, dnc.Clear, ""},
		{"production", "+18180000818", later, dnc.Registered, "us-national"},
		{"production", "+18180000819", later, dnc.Stale, "litigators"},
		{"production", "+447860338654", later, dnc.Stale, "uk-tps"},
		{"production", "+12125550123", later, dnc.Stale, "litigators"},
		{"sandbox", "+18180000818", later, dnc.Registered, "us-national"},
		{"sandbox", "+18180000819", later, dnc.Clear, ""},
		{"sandbox", "+12125550123", today, dnc.Clear, ""},
		{"sandbox", "+12125550100", today, dnc.Clear, ""}, // not subscribed to
	} {
		got := k.Lookup(tt.env, num(tt.number), tt.at)
		if got != (dnc.Answer{Verdict: tt.verdict, Registry: tt.registry}) {
			t.Errorf("Lookup(%s, %s, %s) = %v %s; want %v %s", tt.env, tt.number,
				tt.at.Format(time.DateOnly), got.Verdict, got.Registry, tt.verdict, tt.registry)
		}
		many := make([]dnc.Verdict, 3)
		k.LookupMany(tt.env, []e164.Number{
			num("+493012345678"), num(tt.number), num("+18180000818"),
		}, tt.at, many)
		if many[0] != dnc.Clear || many[1] != tt.verdict || many[2] != dnc.Registered {
			t.Errorf("LookupMany(%s, %s) = %v; want %v in the middle", tt.env, tt.number, many,
				tt.verdict)
		}
	}
}

// TestAge holds that what is 31 days old counts, and what is 32 does not, each area
// by itself.
func TestAge(t *testing.T) {
	k := newMemory().open(t)
	day := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for i, f := range []File{
		file("2026-10-1_818_A.txt", "818,0000818\n"), file("2026-10-9_212_B.txt", "212,0000818\n"),
	} {
		_, err := k.Import(t.Context(), Import{
			Registry: "us-national", Files: []File{f}, Keep: i > 0,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	subscribe(t, k, "production", dnc.Subscription{Registry: "us-national"})
	for _, tt := range []struct {
		days     int
		at818    dnc.Verdict
		at212    dnc.Verdict
		asOfDays int
	}{
		{31, dnc.Clear, dnc.Clear, 0},
		{32, dnc.Stale, dnc.Clear, 0},
		{39, dnc.Stale, dnc.Clear, 0},
		{40, dnc.Stale, dnc.Stale, 0},
	} {
		at := day.AddDate(0, 0, tt.days).Add(23 * time.Hour)
		got818 := k.Lookup("production", num("+18185550123"), at).Verdict
		got212 := k.Lookup("production", num("+12125550123"), at).Verdict
		if got818 != tt.at818 || got212 != tt.at212 {
			t.Errorf("after %d days: 818 %v, 212 %v; want %v, %v", tt.days, got818, got212,
				tt.at818, tt.at212)
		}
	}
	s, err := k.One("us-national")
	if err != nil || !s.InForce.AsOf.Equal(day) || !s.Stale(day.AddDate(0, 0, 32)) ||
		s.Stale(day.AddDate(0, 0, 31)) || len(s.InForce.Areas) != 2 {
		t.Errorf("One = %+v, %v; want two areas, the older of October 1", s, err)
	}
}

// TestExemptions holds that an exemption lifts what it is of, in its environment
// and time.
func TestExemptions(t *testing.T) {
	m := newMemory()
	k := m.open(t)
	take(t, k, "us-national", file("f", "818,0000818\n"))
	take(t, k, "texas", file("f", "+18180000818\n"))
	subscribe(t, k, "production", dnc.Subscription{Registry: "us-national"},
		dnc.Subscription{Registry: "texas"})
	subscribe(t, k, "sandbox", dnc.Subscription{Registry: "us-national"})
	n, today := num("+18180000818"), time.Now()
	ask := func(env dnc.Environment, at time.Time) dnc.Answer { return k.Lookup(env, n, at) }

	e, err := k.Exempt(t.Context(), Exemption{
		Environment: "production", Number: n, Ground: Relationship, Registry: "us-national",
		Evidence: "invoice 7", Since: today.AddDate(0, -1, 0), Until: today.AddDate(0, 1, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := ask("production", today); a.Registry != "texas" {
		t.Errorf("with an exemption from us-national: %+v; want texas", a)
	}
	if _, err := k.Exempt(t.Context(), Exemption{
		Environment: "production", Number: n, Ground: Consent, Evidence: "form 8", Since: today,
	}); err != nil {
		t.Fatal(err)
	}
	again := m.open(t) // as after a restart
	for _, k := range []*Keeper{k, again} {
		many := []dnc.Verdict{dnc.Clear}
		k.LookupMany("production", []e164.Number{n}, today.Add(time.Hour), many)
		if a := k.Lookup("production", n, today.Add(time.Hour)); a.Verdict != dnc.Clear ||
			many[0] != dnc.Clear {
			t.Errorf("with a consent: %+v, %v; want clear", a, many)
		}
		if a := k.Lookup("sandbox", n, today); a.Verdict != dnc.Registered {
			t.Errorf("in another environment: %+v; want registered", a)
		}
	}
	consent := m.exemptions[1]
	if _, err := k.EndExemption(t.Context(), "production", consent.ID, "ada"); err != nil {
		t.Fatal(err)
	}
	ended, err := k.Exemption("production", consent.ID)
	if err != nil || ended.EndedBy != "ada" {
		t.Errorf("Exemption(that has ended) = %+v, %v; want it, ended by ada", ended, err)
	}
	if _, err := k.Exemption("sandbox", consent.ID); !errors.Is(err, ErrNoExemption) {
		t.Errorf("Exemption(of another environment) = %v; want ErrNoExemption", err)
	}
	if a := ask("production", time.Now()); a.Registry != "texas" {
		t.Errorf("after the end of the consent: %+v; want texas", a)
	}
	if a := ask("production", today.AddDate(0, 1, 1)); a.Registry != "texas" ||
		!e.InForce(today) || e.InForce(today.AddDate(0, 1, 1)) {
		t.Errorf("after the time of the relationship: %+v; want it over", a)
	}
	for _, bad := range []Exemption{
		{Ground: "luck", Evidence: "x", Since: today},
		{Ground: Consent, Since: today},
		{Ground: Consent, Evidence: "x"},
		{Ground: Consent, Evidence: "x", Since: today.Add(time.Hour)},
		{Ground: Consent, Evidence: "x", Since: today, Until: today},
		{Ground: Relationship, Evidence: "x", Since: today},
		{Ground: Relationship, Evidence: "x", Since: today, Until: today.AddDate(2, 0, 0)},
		{Ground: Consent, Evidence: strings.Repeat("x", MaxEvidence+1), Since: today},
	} {
		if _, err := k.Exempt(t.Context(), bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("Exempt(%+v) = %v; want ErrInvalid", bad, err)
		}
	}
}

// TestRollback swaps versions, and keeps the last two.
func TestRollback(t *testing.T) {
	m := newMemory()
	k := m.open(t)
	if _, err := k.Rollback(t.Context(), "us-national", ""); !errors.Is(err, ErrNoRegistry) {
		t.Errorf("Rollback(nothing) = %v; want ErrNoRegistry", err)
	}
	first := take(t, k, "us-national", file("f", "818,0000001\n"))
	if _, err := k.Rollback(t.Context(), "us-national", ""); !errors.Is(err, ErrNoVersion) {
		t.Errorf("Rollback(one) = %v; want ErrNoVersion", err)
	}
	second := take(t, k, "us-national", file("f", "818,0000002\n"))
	third := take(t, k, "us-national", file("f", "818,0000003\n"))
	if _, err := k.Rollback(t.Context(), "us-national", first.ID); !errors.Is(err, ErrNoVersion) {
		t.Errorf("Rollback(not kept) = %v; want ErrNoVersion", err)
	}
	if v, err := k.Rollback(t.Context(), "us-national", ""); err != nil || v.ID != second.ID {
		t.Errorf("Rollback = %+v, %v; want %s", v, err, second.ID)
	}
	for _, k := range []*Keeper{k, m.open(t)} {
		if got := numbers(t, k, "us-national"); got != "+18180000002" || len(m.sets) != 2 {
			t.Errorf("after a rollback there is %s in force, and %d files", got, len(m.sets))
		}
	}
	if v, err := k.Rollback(t.Context(), "us-national", third.ID); err != nil || v.ID != third.ID {
		t.Errorf("Rollback(forward) = %+v, %v; want %s", v, err, third.ID)
	}
}

// TestBrokenOff holds that a swap that is broken off is not one.
func TestBrokenOff(t *testing.T) {
	m := newMemory()
	k := m.open(t)
	take(t, k, "us-national", file("f", "818,0000001\n"))
	m.failing = errors.New("no room")
	_, err := k.Import(t.Context(), Import{
		Registry: "us-national", Files: []File{file("f", "818,0000002\n")},
	})
	if !errors.Is(err, m.failing) || len(m.sets) != 2 {
		t.Errorf("Import = %v, %d files; want the error, and a file left behind", err, len(m.sets))
	}
	for _, k := range []*Keeper{k, m.open(t)} {
		if got := numbers(t, k, "us-national"); got != "+18180000001" {
			t.Errorf("there is %s in force; want the version before", got)
		}
	}
	if len(m.sets) != 1 {
		t.Errorf("%d files after a start; want the one in force", len(m.sets))
	}
}

// TestUnreadable holds that a registry that cannot be read clears nothing, whatever
// the policy.
func TestUnreadable(t *testing.T) {
	m := newMemory()
	k := m.open(t)
	v := take(t, k, "us-national", file("f", "818,0000001\n"))
	subscribe(t, k, "production", dnc.Subscription{
		Registry: "us-national", Stale: dnc.Allow, NotCovered: dnc.Allow,
	})
	file := m.sets["us-national/"+v.ID]
	for name, damage := range map[string]func(){
		"gone": func() { delete(m.sets, "us-national/"+v.ID) },
		"cut":  func() { m.sets["us-national/"+v.ID] = file[:len(file)-8] },
		"flipped": func() {
			b := append([]byte(nil), file...)
			b[len(b)-1] ^= 1
			m.sets["us-national/"+v.ID] = b
		},
	} {
		damage()
		k := m.open(t)
		if err := k.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if a := k.Lookup("production", num("+18185550123"), time.Now()); a.Verdict != dnc.Stale {
			t.Errorf("%s: Lookup = %v; want stale", name, a)
		}
		if err := k.Ready(); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: Ready = %v; want ErrDamaged", name, err)
		}
	}
	m.sets["us-national/"+v.ID] = file
	k = m.open(t)
	if err := errors.Join(k.Run(t.Context()), k.Ready()); err != nil {
		t.Errorf("whole again: %v", err)
	}
}

// TestSmaller refuses a version that has lost much, unless that is said to be right.
func TestSmaller(t *testing.T) {
	k := newMemory().open(t)
	take(t, k, "us-national", file("f", many("818", 1000)+many("212", 1000)))
	for _, tt := range []struct {
		text string
		keep bool
		ok   bool
	}{
		{many("818", 899) + many("212", 1000), false, false},
		{many("818", 1000), false, false},
		{many("818", 899), true, false},
		{many("818", 900), true, true},
		{many("818", 900) + many("212", 900), false, true},
	} {
		_, err := k.Import(t.Context(), Import{
			Registry: "us-national", Files: []File{file("f", tt.text)}, Keep: tt.keep,
		})
		wrong, refused := errors.AsType[*FileError](err)
		if refused == tt.ok || refused && !wrong.Smaller || !refused && err != nil {
			t.Errorf("Import(%d bytes, keep %v) = %v; want it taken: %v", len(tt.text),
				tt.keep, err, tt.ok)
		}
	}
	_, err := k.Import(t.Context(), Import{
		Registry: "us-national", Files: []File{file("f", many("818", 5))}, Smaller: true,
	})
	if err != nil {
		t.Errorf("Import(smaller) = %v", err)
	}
}

// many returns lines of the first n numbers of an area code.
func many(area string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s,%07d\n", area, i)
	}
	return b.String()
}

// TestSubscribe refuses what cannot be subscribed to.
func TestSubscribe(t *testing.T) {
	m := newMemory()
	k := m.open(t)
	take(t, k, "texas", file("f", "+18180000818\n"))
	for _, subs := range [][]dnc.Subscription{
		{{Registry: "nowhere"}},
		{{Registry: "texas"}, {Registry: "texas"}},
		{{Registry: "texas", Stale: "perhaps"}},
	} {
		_, err := k.Subscribe(t.Context(), "sandbox", "ada",
			func([]dnc.Subscription) []dnc.Subscription { return subs })
		if err == nil || m.worlds["sandbox"].Settings.Registries != nil {
			t.Errorf("Subscribe(%+v) = %v; want it refused", subs, err)
		}
	}
	subscribe(t, k, "sandbox", dnc.Subscription{Registry: "texas"})
	if err := k.Remove(t.Context(), "texas"); !errors.Is(err, ErrInUse) {
		t.Errorf("Remove = %v; want ErrInUse", err)
	}
	k.Follow([]dnc.Event{{Kind: dnc.EnvironmentRemoved, Environment: "sandbox"}})
	if a := k.Lookup("sandbox", num("+18180000818"), time.Now()); a.Verdict != dnc.Clear {
		t.Errorf("after the environment was removed: %+v", a)
	}
	if err := k.Remove(t.Context(), "texas"); err != nil || len(m.sets) > 0 {
		t.Errorf("Remove = %v, %d files left", err, len(m.sets))
	}
	a := new(Keeper).Lookup("sandbox", num("+18180000818"), time.Now())
	if a.Verdict != dnc.Stale {
		t.Errorf("before Open: %+v; want nothing cleared", a)
	}
}

// TestLookupAllocates holds that a check allocates nothing.
func TestLookupAllocates(t *testing.T) {
	k := newMemory().open(t)
	take(t, k, "us-national", file("f", "818,0000818\n"))
	subscribe(t, k, "production", dnc.Subscription{Registry: "us-national"})
	now := time.Now()
	for _, text := range []string{"+18180000818", "+18180000819", "+12125550123", "+447860338653"} {
		n := num(text)
		if a := testing.AllocsPerRun(100, func() { k.Lookup("production", n, now) }); a > 0 {
			t.Errorf("Lookup(%s) allocates %v times", text, a)
		}
	}
}
