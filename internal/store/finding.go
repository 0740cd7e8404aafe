package store

import (
	"context"
	"strings"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

// findingColumns are the columns of finding that [findingRow] reads.
const findingColumns = `call_id, place, turn, phrase, quote, quote_start, quote_end, language,
	channel, at, listed, verdict, family, doubt, engine, slots, before, provisional,
	review, reviewed_by, reviewed_at`

// addFindings writes the findings of a call from the given place on.
func (x *tx) addFindings(environmentID int64, c voice.Call, place int) error {
	for i, f := range c.Findings[place:] {
		words, err := findingWords(f)
		if err != nil {
			return err
		}
		_, err = x.exec(`
			INSERT INTO finding (environment_id, `+findingColumns+`)
			VALUES (`+placeholders(1, 22)+`)`,
			environmentID, c.ID, int64(place+i), int64(f.Turn), f.Phrase, f.Quote, int64(f.Start),
			int64(f.End), f.Language, string(f.Channel), micros(f.At), f.Listed,
			string(f.Verdict), f.Family, string(f.Doubt), f.Engine, words[0], words[1],
			f.Provisional, string(f.Review), f.ReviewedBy, micros(f.ReviewedAt))
		if err != nil {
			return err
		}
	}
	return nil
}

// findingWords returns the slots of a finding and the words before it, as they
// stand in columns of JSON.
func findingWords(f voice.Finding) ([]string, error) {
	var slots []findingSlot
	for _, s := range f.Slots {
		slots = append(slots, findingSlot(s))
	}
	return jsonTexts(slots, (*findingSpan)(f.Before))
}

// readWords fills in what [findingWords] gave.
func readWords(f *voice.Finding, slots, before string) error {
	var kept []findingSlot
	if err := fromJSON(slots, &kept); err != nil {
		return err
	}
	for _, s := range kept {
		f.Slots = append(f.Slots, optout.Slot(s))
	}
	var span *findingSpan
	err := fromJSON(before, &span)
	f.Before = (*optout.Span)(span)
	return err
}

// readFindings fills in the findings of those calls that have some.
func (s *Store) readFindings(ctx context.Context, calls []voice.Call) error {
	byID := make(map[string]*voice.Call)
	var ids []string
	for i := range calls {
		if cap(calls[i].Findings) > 0 {
			byID[calls[i].ID] = &calls[i]
			ids = append(ids, calls[i].ID)
		}
	}
	return inFullChunks(ids, func(ids []string) error {
		args := make([]any, chunk)
		for i := range args {
			args[i] = ids[min(i, len(ids)-1)]
		}
		rows, err := s.query(ctx, `
			SELECT `+findingColumns+`
			FROM finding
			WHERE call_id IN (`+placeholders(1, chunk)+`)
			ORDER BY call_id, place`, args...)
		if err != nil {
			return err
		}
		return readAll(rows, func(r row) error {
			key, f, err := findingRow(r)
			if c := byID[key.callID]; c != nil {
				c.Findings = append(c.Findings, f)
			}
			return err
		})
	})
}

// findingKey is where a finding stands: on which call, and at which place among
// those of the call.
type findingKey struct {
	callID string
	place  int
}

// findingRow reads the columns of finding in the order of findingColumns.
func findingRow(r row) (key findingKey, f voice.Finding, err error) {
	var at, reviewedAt int64
	var slots, before string
	err = r.Scan(
		&key.callID, &key.place, &f.Turn, &f.Phrase, &f.Quote, &f.Start, &f.End, &f.Language,
		&f.Channel, &at, &f.Listed, &f.Verdict, &f.Family, &f.Doubt, &f.Engine, &slots, &before,
		&f.Provisional, &f.Review, &f.ReviewedBy, &reviewedAt)
	if err != nil {
		return findingKey{}, voice.Finding{}, err
	}
	f.At, f.ReviewedAt = timeOf(at), timeOf(reviewedAt)
	return key, f, readWords(&f, slots, before)
}

// qualified returns columns with the name of their table.
func qualified(table, columns string) string {
	return table + "." + strings.Join(strings.Fields(columns), " "+table+".")
}
