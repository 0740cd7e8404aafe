package store_test

import (
	"database/sql"
	"os"
	"reflect"
	"testing"

	"github.com/pressly/goose/v3"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/store"
	"nocall/internal/voice"
)

// old is what a database had before findings had a verdict: an entry, a call
// on which its contact opted out, one whose caller withheld their number, and
// one on which nothing was heard.
var old = []string{
	`INSERT INTO environment VALUES ('production', 1, 2, 7, 'DE', 100, TRUE, FALSE, 5)`,
	`INSERT INTO dnc_entry VALUES (1, 14155550101, 'system', 'asked', '', 'c1', 7, 7)`,
	`INSERT INTO call VALUES
		(1, 'c1', 'outbound', 14155550101, 0, 'test', '', 'ended', 'answered', '', TRUE, 1, '',
			5, 6, 7, 1, 0),
		(1, 'c2', 'inbound', 0, 0, 'test', '', 'ended', 'answered', '', TRUE, 1, '', 6, 7, 8, 1, 0),
		(1, 'c3', 'inbound', 0, 0, 'test', '', 'ended', 'answered', '', TRUE, 1, '', 6, 7, 8, 0, 0)`,
	`INSERT INTO call_count VALUES
		(1, 'outbound', 'ended', 'answered', '', TRUE, 1),
		(1, 'inbound', 'ended', 'answered', '', TRUE, 1),
		(1, 'inbound', 'ended', 'answered', '', FALSE, 1)`,
	`INSERT INTO finding VALUES
		('c1', 0, 3, 'stop_calling', 'stop calling', 2, 14, 'en', 'speech', 6, TRUE),
		('c2', 0, 1, 'stop_calling', 'stop calling', 0, 12, 'en', 'speech', 7, FALSE)`,
}

// TestOldFindings holds that what was found before there were reviews is kept
// for what it was: clear, and for a person to look at where nothing was listed.
func TestOldFindings(t *testing.T) {
	file := fileIn(t.TempDir())
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"),
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	for _, text := range old {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	listed := []e164.Number{e164.FromUint64(14155550101)}
	entries, err := s.Entries(t.Context(), "production", listed)
	if err != nil || len(entries) != 1 || entries[0].Provisional {
		t.Errorf("Entries = %+v, %v; want one, definite", entries, err)
	}
	page, err := s.Findings(t.Context(), "production", voice.FindingQuery{
		Verdict: optout.OptOut, Limit: 9,
	})
	if err != nil || len(page.Findings) != 2 {
		t.Fatalf("Findings = %+v, %v; want both", page, err)
	}
	for i, want := range []voice.ReviewState{voice.ReviewOpen, ""} {
		if f := page.Findings[i]; f.Review != want || f.Slots != nil || f.Before != nil {
			t.Errorf("finding %d = %+v; want the review %q", i, f, want)
		}
	}
	checkOldOptOuts(t, s)
}

func checkOldOptOuts(t *testing.T, s *store.Store) {
	t.Helper()
	for _, optOut := range []bool{true, false} {
		want := map[bool]int{true: 2, false: 1}[optOut]
		page, err := s.Calls(t.Context(), "production", voice.CallQuery{OptOut: &optOut, Limit: 9})
		if err != nil || page.Total != want || len(page.Calls) != want {
			t.Errorf("Calls(opt out %v) = %+v, %v; want %d", optOut, page, err, want)
		}
	}
	w, err := s.World(t.Context(), "production")
	if err != nil || !reflect.DeepEqual(w.Settings, dnc.Settings{
		DefaultRegion: "DE", MaxConcurrentCalls: 100, OptOutDetection: true,
	}) {
		t.Errorf("World = %+v, %v; want its settings, and no preset", w, err)
	}
}
