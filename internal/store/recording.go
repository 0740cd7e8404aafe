package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"time"

	"nocall/internal/campaign"
	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// recordingColumns are the columns of recording that [recordingRow] reads, but
// for the sound.
const recordingColumns = `id, name, duration, created_at`

// AddRecording keeps a new recording. It returns [dnc.ErrNoEnvironment] where
// there is none, and [voice.ErrExists] for an ID that is taken.
func (s *Store) AddRecording(ctx context.Context, a voice.Recording) error {
	audio := base64.StdEncoding.EncodeToString(a.Audio)
	return s.change(ctx, func(x *tx) error {
		l, err := x.roomFor(recordings, a.Environment, a.ID)
		if err != nil {
			return err
		}
		_, err = x.exec(`
			INSERT INTO recording (environment_id, `+recordingColumns+`, audio)
			VALUES (`+placeholders(1, 6)+`)`,
			l.id, a.ID, a.Name, a.Duration.Microseconds(), micros(a.CreatedAt), audio)
		return err
	})
}

// Recording returns a recording with its sound, or [voice.ErrNoRecording].
func (s *Store) Recording(
	ctx context.Context, env dnc.Environment, id string,
) (voice.Recording, error) {
	found, err := readRecordings(s.reading(ctx), `
		SELECT environment.name, `+qualified("recording", recordingColumns+`, audio`)+`
		FROM recording
		JOIN environment ON environment.id = recording.environment_id
		WHERE environment.name = $1 AND recording.id = $2`, string(env), id)
	return only(found, err, voice.ErrNoRecording)
}

// Recordings returns the recordings of env without their sound, newest first.
func (s *Store) Recordings(
	ctx context.Context, env dnc.Environment,
) ([]voice.Recording, error) {
	id, err := s.environmentID(ctx, env)
	if err != nil {
		return nil, err
	}
	return readRecordings(s.reading(ctx), `
		SELECT environment.name, `+qualified("recording", recordingColumns)+`, ''
		FROM recording
		JOIN environment ON environment.id = recording.environment_id
		WHERE recording.environment_id = $1`, id)
}

// RemoveRecording removes a recording. It returns [voice.ErrNoRecording] where
// there is none, and [voice.ErrInUse] while an agent plays it, or a campaign
// that is not finished before it records.
func (s *Store) RemoveRecording(ctx context.Context, env dnc.Environment, id string) error {
	return s.change(ctx, func(x *tx) error {
		return x.removeTool(recordings, env, id, uses{
			agent:    func(a voice.Agent) bool { return a.Recording == id || a.Confirmation == id },
			campaign: func(c campaign.Campaign) bool { return c.Consent == id },
		})
	})
}

// readRecordings reads the recordings that a query finds, newest first.
func readRecordings(query querier, text string, args ...any) ([]voice.Recording, error) {
	var all []voice.Recording
	err := query(func(r row) error {
		a, err := recordingRow(r)
		all = append(all, a)
		return err
	}, text, args...)
	slices.SortFunc(all, func(a, b voice.Recording) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
	return all, err
}

// recordingRow reads the name of an environment, the columns of recording in
// the order of recordingColumns, and the sound, empty for none.
func recordingRow(r row) (voice.Recording, error) {
	var a voice.Recording
	var duration, createdAt int64
	var audio string
	err := r.Scan(&a.Environment, &a.ID, &a.Name, &duration, &createdAt, &audio)
	if err != nil {
		return voice.Recording{}, err
	}
	a.Duration, a.CreatedAt = time.Duration(duration)*time.Microsecond, timeOf(createdAt)
	if audio != "" {
		a.Audio, err = base64.StdEncoding.DecodeString(audio)
	}
	return a, err
}
