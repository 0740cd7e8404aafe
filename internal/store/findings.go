package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// OpenReviews returns how many findings of env wait for a person's review.
func (s *Store) OpenReviews(ctx context.Context, env dnc.Environment) (int, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return 0, err
	}
	return s.countFindings(ctx, findingConditions(id, voice.FindingQuery{Review: voice.ReviewOpen}))
}

// Findings returns one page of the findings of env, newest first, each with its
// call and the turns around it. It returns [voice.ErrNoFinding] for a q.After
// that no page has given.
func (s *Store) Findings(
	ctx context.Context, env dnc.Environment, q voice.FindingQuery,
) (voice.FindingPage, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return voice.FindingPage{}, err
	}
	c := findingConditions(id, q)
	var page voice.FindingPage
	if page.Total, err = s.countFindings(ctx, c); err != nil {
		return voice.FindingPage{}, err
	}
	if q.After != "" {
		if err := s.after(ctx, id, q.After, c); err != nil {
			return voice.FindingPage{}, err
		}
	}
	limit := max(q.Limit, 1)
	if page.Findings, err = s.found(ctx, env, c, limit+1); err != nil {
		return voice.FindingPage{}, err
	}
	if len(page.Findings) > limit {
		page.Findings = page.Findings[:limit]
		last := page.Findings[limit-1]
		page.Next = strconv.Itoa(last.Place) + "-" + last.Call.ID
	}
	return page, s.readAround(ctx, page.Findings)
}

func findingConditions(environmentID int64, q voice.FindingQuery) *conditions {
	c := new(conditions)
	c.add(`finding.environment_id = $`, environmentID)
	if q.Review == voice.ReviewOpen {
		c.add(`finding.review = 'open'`) // as the index has it
	} else if q.Review != "" {
		c.add(`finding.review = $`, string(q.Review))
	}
	if q.Verdict != "" {
		c.add(`finding.verdict = $`, string(q.Verdict))
	}
	if q.CallID != "" {
		c.add(`finding.call_id = $`, q.CallID)
	}
	if q.CampaignID != "" {
		c.add(ofCalls+`call.campaign_id = $)`, q.CampaignID)
	}
	if q.Part != "" {
		c.add(ofCalls+`CAST(call.number AS TEXT) LIKE $ ESCAPE '\')`, containing(q.Part))
	}
	return c
}

// ofCalls begins the condition that a finding is of certain calls.
const ofCalls = `EXISTS (
	SELECT 1
	FROM call
	WHERE call.environment_id = finding.environment_id AND call.id = finding.call_id AND `

func (s *Store) countFindings(ctx context.Context, c *conditions) (n int, err error) {
	err = s.row(ctx, `
		SELECT COUNT(*)
		FROM finding
		WHERE `+c.text(), c.args...).Scan(&n)
	return n, err
}

// after adds to c that findings come after the one that next names, as
// FindingPage.Next does.
func (s *Store) after(ctx context.Context, environmentID int64, next string, c *conditions) error {
	text, callID, _ := strings.Cut(next, "-")
	place, err := strconv.Atoi(text)
	if err != nil {
		return voice.ErrNoFinding
	}
	var at int64
	err = s.row(ctx, `
		SELECT at
		FROM finding
		WHERE environment_id = $1 AND call_id = $2 AND place = $3`,
		environmentID, callID, int64(place)).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return voice.ErrNoFinding
	}
	c.add(`(finding.at, finding.call_id, finding.place) < ($, $, $)`, at, callID, int64(place))
	return err
}

// found reads findings with their calls, newest first.
func (s *Store) found(
	ctx context.Context, env dnc.Environment, c *conditions, limit int,
) ([]voice.Found, error) {
	rows, err := s.query(ctx, `
		SELECT `+findingColumns+`
		FROM finding
		WHERE `+c.text()+`
		ORDER BY at DESC, call_id DESC, place DESC
		LIMIT `+strconv.Itoa(limit), c.args...)
	if err != nil {
		return nil, err
	}
	var found []voice.Found
	var ids []string
	err = readAll(rows, func(r row) error {
		key, f, err := findingRow(r)
		found = append(found, voice.Found{
			Finding: f, Place: key.place, Call: voice.Call{ID: key.callID},
		})
		ids = append(ids, key.callID)
		return err
	})
	if err != nil {
		return nil, err
	}
	calls, err := s.callsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].Call = calls[found[i].Call.ID]
		found[i].Call.Environment = env
	}
	return found, nil
}

// callsOf returns the calls with those IDs, with their findings.
func (s *Store) callsOf(ctx context.Context, ids []string) (map[string]voice.Call, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	byID := make(map[string]voice.Call, len(ids))
	return byID, inFullChunks(ids, func(ids []string) error {
		calls, err := s.calls(ctx, `
			SELECT environment.name, `+qualified("call", callColumns)+`
			FROM call
			JOIN environment ON environment.id = call.environment_id
			WHERE call.id IN (`+placeholders(1, chunk)+`)`, chunkOf(ids)...)
		for _, c := range calls {
			byID[c.ID] = c
		}
		return err
	})
}

// readAround fills in the turns around findings.
func (s *Store) readAround(ctx context.Context, found []voice.Found) error {
	at := make(map[findingKey]*voice.Found, len(found))
	var ids []string
	for i := range found {
		f := &found[i]
		at[findingKey{f.Call.ID, f.Place}] = f
		ids = append(ids, f.Call.ID)
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	return inFullChunks(ids, func(ids []string) error {
		rows, err := s.query(ctx, `
			SELECT finding.call_id, finding.place,
				turn.place, turn.speaker, turn.text, turn.language, turn.at
			FROM finding
			JOIN turn ON turn.call_id = finding.call_id
				AND turn.place BETWEEN finding.turn - 2 AND finding.turn + 2
			WHERE finding.call_id IN (`+placeholders(1, chunk)+`)
			ORDER BY finding.call_id, finding.place, turn.place`, chunkOf(ids)...)
		if err != nil {
			return err
		}
		return readAll(rows, func(r row) error {
			var key findingKey
			var t voice.Turn
			var micros int64
			err := r.Scan(&key.callID, &key.place,
				&t.Index, &t.Speaker, &t.Text, &t.Language, &micros)
			t.At = timeOf(micros)
			if f := at[key]; f != nil {
				f.Turns = append(f.Turns, t)
			}
			return err
		})
	})
}

// chunkOf returns 1 to chunk texts as the arguments of a statement that wants
// chunk of them.
func chunkOf(texts []string) []any {
	args := make([]any, chunk)
	for i := range args {
		args[i] = texts[min(i, len(texts)-1)]
	}
	return args
}
