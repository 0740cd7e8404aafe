package store

import (
	"context"
	"slices"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// Starts returns when the calls of env began that providers placed since a time
// and that showed callerID, in order; the last [voice.MostStarts] of them. What
// was skipped is not among them, nor what a platform dialed by itself.
func (s *Store) Starts(
	ctx context.Context, env dnc.Environment, callerID e164.Number, since time.Time,
) ([]voice.Start, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return nil, err
	}
	var starts []voice.Start
	err = s.reading(ctx)(func(r row) error {
		var start voice.Start
		var at int64
		err := r.Scan(&start.CallID, &at)
		start.At = timeOf(at)
		starts = append(starts, start)
		return err
	}, `
		SELECT id, started_at
		FROM call
		WHERE environment_id = $1 AND caller_id = $2 AND caller_id <> 0 AND started_at >= $3
			AND direction = $4 AND disposition <> $5 AND provider <> $6
		ORDER BY started_at DESC
		LIMIT $7`, id, digits(callerID), micros(since), string(voice.Outbound),
		string(campaign.Skipped), voice.External, voice.MostStarts)
	slices.Reverse(starts)
	return starts, err
}
