package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

func provisional(i int) dnc.Entry {
	e := entry(i)
	e.CreatedBy, e.Reason, e.User = dnc.System, dnc.ReasonOptOut, ""
	e.CallID, e.Provisional = "c_01", true
	return e
}

// testProvisional shows what becomes of an entry that waits for a review.
func testProvisional(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	want := provisional(1)
	want.UpdatedAt = want.CreatedAt
	if got := mustAdd(t, s, provisional(1)); got != want {
		t.Errorf("AddEntry = %+v; want %+v", got, want)
	}
	checkEntry(t, s, want)
	if got, added, err := s.AddEntry(ctx, provisional(1)); got != want || added || err != nil {
		t.Errorf("AddEntry(again) = %+v, %v, %v; want the first", got, added, err)
	}
	reason := "asked on a call"
	edit := dnc.Edit{
		Environment: "production", Number: number(1), NewReason: &reason, By: "ada", At: at(300),
	}
	want.Reason, want.UpdatedAt = reason, at(300)
	if got, err := s.EditEntry(ctx, edit); got != want || err != nil {
		t.Errorf("EditEntry(reason) = %+v, %v; want %+v", got, err, want)
	}
	wanted := entry(1)
	wanted.CreatedAt = at(400)
	want.Provisional, want.UpdatedAt = false, at(400)
	if got, added, err := s.AddEntry(ctx, wanted); got != want || added || err != nil {
		t.Errorf("AddEntry(for good) = %+v, %v, %v; want %+v", got, added, err, want)
	}
	if got, added, err := s.AddEntry(ctx, provisional(1)); got != want || added || err != nil {
		t.Errorf("AddEntry(provisional again) = %+v, %v, %v; want it definite", got, added, err)
	}
	checkEntry(t, s, want)
	trail, err := s.Trail(ctx, "production", dnc.TrailQuery{Number: number(1), Limit: 9})
	kinds := []dnc.EventKind{
		dnc.AddedAgain, dnc.Confirmed, dnc.Edited, dnc.AddedAgain, dnc.Added,
	}
	if err != nil || !slices.EqualFunc(trail.Events, kinds, isOf) {
		t.Fatalf("Trail = %+v, %v; want %v", trail, err, kinds)
	}
	if ev := trail.Events[1]; ev.By != "ada" || ev.ReasonAfter != "asked by mail" ||
		ev.At != at(400) || ev.CreatedBy != dnc.System || ev.CreatedAt != want.CreatedAt {
		t.Errorf("Trail tells %+v of who confirmed it", ev)
	}
	if !trail.Events[4].Provisional || trail.Events[1].Provisional {
		t.Errorf("Trail = %+v; want it provisional when it was added", trail.Events)
	}
	testProvisionalMoved(t, s)
}

func isOf(ev dnc.Event, kind dnc.EventKind) bool { return ev.Kind == kind }

// testProvisionalMoved shows that a number that a person chose stands.
func testProvisionalMoved(t *testing.T, s Store) {
	t.Helper()
	mustAdd(t, s, provisional(2))
	third := number(3)
	got, err := s.EditEntry(t.Context(), dnc.Edit{
		Environment: "production", Number: number(2), NewNumber: &third, By: "ada", At: at(500),
	})
	if err != nil || got.Provisional || got.Number != third {
		t.Errorf("EditEntry(number) = %+v, %v; want it definite", got, err)
	}
	checkEntry(t, s, got)
}

// checkEntry asks for the entry of a number.
func checkEntry(t *testing.T, s Store, want dnc.Entry) {
	t.Helper()
	got, err := s.Entries(t.Context(), "production", []e164.Number{want.Number})
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("Entries = %+v, %v; want %+v", got, err, want)
	}
}

// doubtful returns a finding in turn i that waits for a review.
func doubtful(i int) voice.Finding {
	f := finding(i)
	f.Verdict, f.Doubt, f.Family = optout.Review, optout.Ambiguous, "leave_alone"
	f.At, f.Provisional, f.Review = at(60+i), true, voice.ReviewOpen
	return f
}

// review answers a finding of c_01 and wants the entry of its number then to be
// there, and provisional, or not.
func review(t *testing.T, s Store, r voice.Review, listed, provisional bool) voice.Finding {
	t.Helper()
	r.By, r.At = "ada", at(700)
	heard, err := s.Review(t.Context(), "production", r)
	if err != nil || heard.Finding == nil {
		t.Fatalf("Review(%+v) = %+v, %v", r, heard, err)
	}
	if (heard.Entry != nil) != listed || listed && heard.Entry.Provisional != provisional {
		t.Errorf("Review(%+v) leaves %+v; want it listed %v, provisional %v",
			r, heard.Entry, listed, provisional)
	}
	entries, err := s.Entries(t.Context(), "production", []e164.Number{number(1)})
	if err != nil || (len(entries) == 1) != listed || listed && *heard.Entry != entries[0] {
		t.Errorf("Entries = %+v, %v; want what Review gave, %+v", entries, err, heard.Entry)
	}
	return *heard.Finding
}

func confirm(place int) voice.Review {
	return voice.Review{CallID: "c_01", Place: place, Answer: voice.Confirmed}
}

func release(place int) voice.Review {
	return voice.Review{CallID: "c_01", Place: place, Answer: voice.Released}
}

func testReview(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	c := call(1)
	c.Findings = []voice.Finding{doubtful(0), doubtful(1), doubtful(2)}
	c.Findings[2].Listed, c.Findings[2].Provisional = false, false
	mustAddCall(t, s, c)
	mustAdd(t, s, provisional(1))

	review(t, s, release(0), true, true)  // the second holds it
	review(t, s, release(1), false, true) // the third never listed it
	if trail, err := s.Trail(ctx, "production", dnc.TrailQuery{Limit: 1}); err != nil ||
		trail.Events[0].Kind != dnc.Removed || trail.Events[0].By != "ada" ||
		trail.Events[0].ReasonAfter != dnc.ReasonReleased {
		t.Errorf("Trail = %+v, %v; want who released it, and why", trail, err)
	}
	checkOptOuts(t, s, 0)
	f := review(t, s, confirm(2), true, false)
	if f.Review != voice.Confirmed || f.ReviewedBy != "ada" || f.ReviewedAt != at(700) ||
		!f.Listed {
		t.Errorf("Review gave %+v; want it confirmed", f)
	}
	checkOptOuts(t, s, 1)
	trail, err := s.Trail(ctx, "production", dnc.TrailQuery{Limit: 9})
	if err != nil || trail.Events[0].Kind != dnc.Added || trail.Events[0].By != "ada" {
		t.Errorf("Trail = %+v, %v; want who listed it", trail, err)
	}
	review(t, s, confirm(2), true, false) // once more
	review(t, s, release(0), true, false)
	again, err := s.Trail(ctx, "production", dnc.TrailQuery{Limit: 9})
	if err != nil || again.Total != trail.Total {
		t.Errorf("Trail = %+v, %v; want nothing done twice", again, err)
	}
	got, err := s.Call(ctx, "production", "c_01")
	if err != nil || got.Findings[2].Review != voice.Confirmed ||
		got.Findings[0].Review != voice.Released {
		t.Errorf("Call = %+v, %v; want its findings reviewed", got, err)
	}
	testReviewRefused(t, s)
}

func testReviewRefused(t *testing.T, s Store) {
	t.Helper()
	other := confirm(0)
	other.CallID = "c_99"
	for _, test := range []struct {
		env    dnc.Environment
		review voice.Review
		want   error
	}{
		{"production", confirm(0), voice.ErrReviewed},
		{"production", release(2), voice.ErrReviewed},
		{"production", confirm(3), voice.ErrNoFinding},
		{"production", confirm(-1), voice.ErrNoFinding},
		{"production", other, voice.ErrNoCall},
		{"sandbox", confirm(0), voice.ErrNoCall},
		{"nowhere", confirm(0), voice.ErrNoCall},
	} {
		if _, err := s.Review(t.Context(), test.env, test.review); !errors.Is(err, test.want) {
			t.Errorf("Review(%s, %+v) = %v; want %v", test.env, test.review, err, test.want)
		}
	}
}

// checkOptOuts counts the calls on which an opt-out was heard.
func checkOptOuts(t *testing.T, s Store, want int) {
	t.Helper()
	yes := true
	page, err := s.Calls(t.Context(), "production", voice.CallQuery{OptOut: &yes, Limit: 5})
	if err != nil || page.Total != want || len(page.Calls) != want {
		t.Errorf("Calls(opted out) = %+v, %v; want %d", page, err, want)
	}
}

// testReviewDefinite shows what a review does to a number that is listed for
// good, and to one that is withheld: nothing.
func testReviewDefinite(t *testing.T, d *database) {
	s := d.startWith(t)
	c := call(1)
	c.Findings = []voice.Finding{doubtful(0), finding(1), doubtful(2)}
	mustAddCall(t, s, c)
	mustAdd(t, s, entry(1))
	review(t, s, release(0), true, false)
	checkOptOuts(t, s, 1)
	review(t, s, release(1), true, false) // a clear one, and yet
	checkOptOuts(t, s, 0)
	review(t, s, confirm(2), true, false)
	checkOptOuts(t, s, 1)

	withheld := call(2)
	withheld.Number, withheld.Findings = e164.Number{}, []voice.Finding{doubtful(0)}
	withheld.Findings[0].Listed = false
	mustAddCall(t, s, withheld)
	r := confirm(0)
	r.CallID, r.At = "c_02", at(700)
	heard, err := s.Review(t.Context(), "production", r)
	if err != nil || heard.Entry != nil || heard.Finding.Listed {
		t.Errorf("Review(withheld) = %+v, %v; want nothing listed", heard, err)
	}
}

// testReviewOther shows that a number stays listed while a finding on another
// call holds it.
func testReviewOther(t *testing.T, d *database) {
	s := d.startWith(t)
	c, other := call(1), call(2)
	c.Findings, other.Findings = []voice.Finding{doubtful(0)}, []voice.Finding{doubtful(0)}
	other.Number = c.Number
	mustAddCall(t, s, c)
	mustAddCall(t, s, other)
	mustAdd(t, s, provisional(1))
	review(t, s, release(0), true, true)
	r := confirm(0)
	r.CallID = "c_02"
	review(t, s, r, true, false)
	trail, err := s.Trail(t.Context(), "production", dnc.TrailQuery{Limit: 1})
	if err != nil || trail.Events[0].Kind != dnc.Confirmed || trail.Events[0].By != "ada" ||
		trail.Events[0].ReasonAfter != dnc.ReasonConfirmed || trail.Events[0].CallID != "c_02" {
		t.Errorf("Trail = %+v, %v; want who confirmed it", trail, err)
	}
}

// testFindings turns the pages of findings.
func testFindings(t *testing.T, d *database) {
	s, ctx := d.startWith(t), t.Context()
	addSixFindings(t, s)
	open := []string{"c_05/0", "c_04/0", "c_03/0", "c_02/0", "c_00/0"}
	clear := []string{"c_05/1", "c_04/1", "c_03/1", "c_02/1", "c_01/1", "c_00/1"}
	for _, test := range []struct {
		query voice.FindingQuery
		want  []string
	}{
		{voice.FindingQuery{Review: voice.ReviewOpen}, open},
		{voice.FindingQuery{Review: voice.Released}, []string{"c_01/0"}},
		{voice.FindingQuery{Review: voice.Confirmed}, nil},
		{voice.FindingQuery{Verdict: optout.OptOut}, clear},
		{voice.FindingQuery{CallID: "c_02"}, []string{"c_02/0", "c_02/1"}},
		{voice.FindingQuery{CallID: "c_09"}, nil},
		{voice.FindingQuery{Review: voice.ReviewOpen, Verdict: optout.OptOut}, nil},
		{voice.FindingQuery{CampaignID: "k_2"}, []string{"c_03/0", "c_03/1"}},
		{voice.FindingQuery{CampaignID: "k_2", Review: voice.Released}, nil},
		{voice.FindingQuery{CampaignID: "k_3"}, nil},
		{voice.FindingQuery{Part: number(4).String()[1:]}, []string{"c_04/0", "c_04/1"}},
		{voice.FindingQuery{Part: "000000000"}, nil},
	} {
		for _, limit := range []int{1, 2, 50} {
			test.query.Limit = limit
			checkFindings(t, s, test.query, test.want)
		}
	}
	if n, err := s.OpenReviews(ctx, "production"); n != 5 || err != nil {
		t.Errorf("OpenReviews = %d, %v; want 5", n, err)
	}
	if _, err := s.OpenReviews(ctx, "nowhere"); !errors.Is(err, dnc.ErrNoEnvironment) {
		t.Errorf("OpenReviews(nowhere) = %v; want ErrNoEnvironment", err)
	}
	for _, after := range []string{"c_02", "7-c_02", "0-c_09", "-"} {
		q := voice.FindingQuery{After: after, Limit: 1}
		if _, err := s.Findings(ctx, "production", q); !errors.Is(err, voice.ErrNoFinding) {
			t.Errorf("Findings(after %q) = %v; want ErrNoFinding", after, err)
		}
	}
	if n, err := s.CallsSince(ctx, "production", "simulator", at(2)); n != 4 || err != nil {
		t.Errorf("CallsSince = %d, %v; want 4", n, err)
	}
}

// addSixFindings adds six calls, each with two findings, of which one of the
// second call is released, and one elsewhere.
func addSixFindings(t *testing.T, s Store) {
	t.Helper()
	ctx := t.Context()
	for i := range 6 {
		c := call(i)
		if i == 3 {
			c.CampaignID = "k_2"
		}
		mustAddCall(t, s, c)
		for j := range 4 {
			said := turn(fmt.Sprintf("%d %d", i, j))
			if _, err := s.AddTurn(ctx, "production", c.ID, said); err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.ChangeCall(ctx, "production", c.ID, func(c *voice.Call) error {
			c.Findings = append(c.Findings, doubtful(3), finding(0))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	elsewhere := call(9)
	elsewhere.Environment, elsewhere.Findings = "sandbox", []voice.Finding{doubtful(0)}
	mustAddCall(t, s, elsewhere)
	if _, err := s.Review(ctx, "production", release(0)); err != nil {
		t.Fatal(err)
	}
}

// checkFindings turns all pages of findings that are as testFindings has them.
func checkFindings(t *testing.T, s Store, q voice.FindingQuery, want []string) {
	t.Helper()
	var got []string
	for {
		page, err := s.Findings(t.Context(), "production", q)
		if err != nil || len(page.Findings) > q.Limit || page.Total != len(want) {
			t.Fatalf("Findings(%+v) = %+v, %v; want %v", q, page, err, want)
		}
		for _, f := range page.Findings {
			got = append(got, fmt.Sprintf("%s/%d", f.Call.ID, f.Place))
			checkFound(t, f)
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("Findings(%+v) gave %v; want %v", q, got, want)
	}
}

// checkFound checks what comes with a finding.
func checkFound(t *testing.T, f voice.Found) {
	t.Helper()
	first := max(f.Turn-2, 0)
	var said []int
	for i := first; i < min(f.Turn+3, 4); i++ {
		said = append(said, i)
	}
	var got []int
	for _, turn := range f.Turns {
		got = append(got, turn.Index)
		if want := f.Call.ID[3:] + fmt.Sprintf(" %d", turn.Index); turn.Text != want {
			t.Errorf("finding %s/%d has the turn %q; want %q", f.Call.ID, f.Place, turn.Text, want)
		}
	}
	if !slices.Equal(got, said) {
		t.Errorf("finding in turn %d has turns %v; want %v", f.Turn, got, said)
	}
	if f.Call.Number.IsZero() || f.Call.Environment != "production" || len(f.Call.Findings) != 2 ||
		!sameFinding(f.Finding, f.Call.Findings[f.Place]) {
		t.Errorf("finding %+v comes with the call %+v", f.Finding, f.Call)
	}
}
