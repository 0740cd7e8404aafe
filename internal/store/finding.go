package store

import (
	"context"
	"strings"

	"nocall/internal/voice"
)

// findingColumns are the columns of finding that [findingRow] reads.
const findingColumns = `call_id, turn, phrase, quote, quote_start, quote_end, language,
	channel, at, listed`

// addFindings writes the findings of a call from the given place on.
func (x *tx) addFindings(callID string, findings []voice.Finding, place int) error {
	for i, f := range findings {
		_, err := x.exec(`
			INSERT INTO finding (call_id, place, turn, phrase, quote, quote_start, quote_end,
				language, channel, at, listed)
			VALUES (`+placeholders(1, 11)+`)`,
			callID, int64(place+i), int64(f.Turn), f.Phrase, f.Quote, int64(f.Start),
			int64(f.End), f.Language, string(f.Channel), micros(f.At), f.Listed)
		if err != nil {
			return err
		}
	}
	return nil
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
			id, f, err := findingRow(r)
			if c := byID[id]; c != nil {
				c.Findings = append(c.Findings, f)
			}
			return err
		})
	})
}

// findingRow reads the columns of finding in the order of findingColumns.
func findingRow(r row) (callID string, f voice.Finding, err error) {
	var at int64
	err = r.Scan(
		&callID, &f.Turn, &f.Phrase, &f.Quote, &f.Start, &f.End, &f.Language,
		&f.Channel, &at, &f.Listed)
	f.At = timeOf(at)
	return callID, f, err
}

// qualified returns columns with the name of their table.
func qualified(table, columns string) string {
	return table + "." + strings.Join(strings.Fields(columns), " "+table+".")
}
