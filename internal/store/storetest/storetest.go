// Package storetest tests what every store must do, whichever the database.
package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"nocall/internal/access"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/index"
	"nocall/internal/voice"
)

// Store is what is tested.
type Store interface {
	dnc.Store
	index.Source
	access.Store
	worlds
	calls
	replies
	campaigns
	contacts
	tools
	registries
	imports

	EachEntry(ctx context.Context, env dnc.Environment, fn func(dnc.Entry) error) error
	Trail(ctx context.Context, env dnc.Environment, q dnc.TrailQuery) (dnc.TrailPage, error)
	Follow(f Follower)
	Run(ctx context.Context) error
	Close() error
}

// Follower is told by a store of every change.
type Follower interface {
	Apply(events []dnc.Event)
	Doubt(inDoubt bool)
	Reload(ctx context.Context) error
}

type worlds interface {
	Worlds(ctx context.Context) ([]dnc.World, error)
	World(ctx context.Context, env dnc.Environment) (dnc.World, error)
	AddWorld(ctx context.Context, w dnc.World, by string) (dnc.World, error)
	ChangeWorld(
		ctx context.Context, env dnc.Environment, by string, change func(*dnc.Settings) error,
	) (dnc.World, error)
	RemoveWorld(ctx context.Context, env dnc.Environment, by string) error
}

type calls interface {
	AddCall(ctx context.Context, c voice.Call) error
	LastTurns(ctx context.Context, env dnc.Environment, id string) (voice.Call, error)
	AddTurn(
		ctx context.Context, env dnc.Environment, id string, t voice.Turn,
	) (voice.Call, error)
	ChangeCall(
		ctx context.Context, env dnc.Environment, id string, change func(*voice.Call) error,
	) (voice.Call, error)
	OpenCalls(ctx context.Context) ([]voice.Call, error)
	Starts(
		ctx context.Context, env dnc.Environment, callerID e164.Number, since time.Time,
	) ([]voice.Start, error)
	Calls(ctx context.Context, env dnc.Environment, q voice.CallQuery) (voice.CallPage, error)
	Call(ctx context.Context, env dnc.Environment, id string) (voice.Call, error)
	CallCounts(ctx context.Context, env dnc.Environment, since time.Time) (voice.Counts, error)
	Review(ctx context.Context, env dnc.Environment, r voice.Review) (voice.Heard, error)
	Findings(
		ctx context.Context, env dnc.Environment, q voice.FindingQuery,
	) (voice.FindingPage, error)
	OpenReviews(ctx context.Context, env dnc.Environment) (int, error)
	CallsSince(
		ctx context.Context, env dnc.Environment, provider string, since time.Time,
	) (int, error)
}

type replies interface {
	ClaimReply(ctx context.Context, r access.Reply) (access.Reply, bool, error)
	SaveReply(ctx context.Context, r access.Reply) error
	DropReply(ctx context.Context, env dnc.Environment, key string) error
	RemoveRepliesBefore(ctx context.Context, t time.Time) error
}

// database is where a test has its store, and how it is opened.
type database struct {
	open func(t *testing.T, dsn string) (Store, error)
	dsn  string
}

// Run tests the stores that open opens in the databases that fresh names,
// each of them empty and for one test.
func Run(
	t *testing.T, fresh func(t *testing.T) (dsn string),
	open func(t *testing.T, dsn string) (Store, error),
) {
	for _, tests := range []map[string]func(*testing.T, *database){
		ofLists, ofImports, ofCampaigns,
	} {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, &database{open, fresh(t)})
			})
		}
	}
}

// ofLists are the tests of lists, calls and access.
var ofLists = map[string]func(*testing.T, *database){
	"add":                    testAdd,
	"edit":                   testEdit,
	"edit, odd":              testEditOdd,
	"remove":                 testRemove,
	"each entry":             testEachEntry,
	"times":                  testTimes,
	"texts":                  testTexts,
	"trail":                  testTrail,
	"worlds":                 testWorlds,
	"world removed":          testWorldRemoved,
	"calls":                  testCalls,
	"starts":                 testStarts,
	"no such call":           testNoCall,
	"call history":           testCallHistory,
	"call counts":            testCallCounts,
	"turns":                  testTurns,
	"turns at once":          testTurnsAtOnce,
	"provisional":            testProvisional,
	"review":                 testReview,
	"review, definite":       testReviewDefinite,
	"review, other call":     testReviewOther,
	"findings":               testFindings,
	"users":                  testUsers,
	"keys":                   testKeys,
	"sessions":               testSessions,
	"replies":                testReplies,
	"replies, at once":       testClaims,
	"adds at once":           testAddsAtOnce,
	"follows":                testFollows,
	"changes at once":        testChangesAtOnce,
	"durable":                testDurable,
	"registries":             testRegistries,
	"versions":               testVersions,
	"exemptions":             testExemptions,
	"one process":            testOneProcess,
	"context ends":           testContextEnds,
	"closed":                 testClosed,
	"one fails, others hold": testOneFails,
}

// ofImports are the tests of imports.
var ofImports = map[string]func(*testing.T, *database){
	"import":            testImport,
	"import undone":     testUndo,
	"imports at random": testImportsAtRandom,
	"import meets":      testImportMeets,
	"import trail":      testImportTrail,
	"import cut off":    testImportCut,
	"import recalls":    testImportRecalls,
}

// ofCampaigns are the tests of campaigns and what calls are made with.
var ofCampaigns = map[string]func(*testing.T, *database){
	"campaigns":             testCampaigns,
	"no such campaign":      testNoCampaign,
	"campaign removed":      testCampaignRemoved,
	"contacts":              testContacts,
	"contact pages":         testContactPages,
	"contacts, odd":         testContactsOdd,
	"contacts, all or none": testContactsWhole,
	"contacts, cut off":     testContactsCut,
	"contacts due":          testDue,
	"attempt":               testAttempt,
	"attempts at once":      testAttemptsAtOnce,
	"attempt, crash":        testAttemptDurable,
	"progress":              testProgress,
	"leases":                testLeases,
	"trunks":                testTrunks,
	"trunks, sealed":        testSealed,
	"numbers":               testNumbers,
	"agents":                testAgents,
	"recordings":            testRecordings,
	"in use":                testInUse,
	"world removed, tools":  testToolsRemoved,
}

// start opens the database's store for the time of the test.
func (d *database) start(t *testing.T) Store {
	t.Helper()
	s, err := d.open(t, d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return s
}

// startWith is start with the environments production and sandbox in it.
func (d *database) startWith(t *testing.T) Store {
	t.Helper()
	s := d.start(t)
	for _, env := range []dnc.Environment{"production", "sandbox"} {
		w := dnc.World{Name: env, Settings: dnc.DefaultSettings(), CreatedAt: at(0)}
		if _, err := s.AddWorld(t.Context(), w, "test"); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// at is a time long past, so many seconds after another.
func at(seconds int) time.Time {
	return time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC).
		Add(time.Duration(seconds) * time.Second)
}

func number(i int) e164.Number { return e164.FromUint64(uint64(14155550000 + i)) }

func entry(i int) dnc.Entry {
	return dnc.Entry{
		Environment: "production", Number: number(i), CreatedBy: dnc.User,
		Reason: "asked by mail", User: "ada", CreatedAt: at(100 + i),
	}
}

// mustAdd adds an entry that is not there yet.
func mustAdd(t *testing.T, s Store, e dnc.Entry) dnc.Entry {
	t.Helper()
	got, added, err := s.AddEntry(t.Context(), e)
	if err != nil || !added {
		t.Fatalf("AddEntry(%v) = %v, %v, %v; want it added", e.Number, got, added, err)
	}
	return got
}

func contains(err error, part string) bool { return strings.Contains(err.Error(), part) }
