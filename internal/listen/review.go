package listen

import (
	"context"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/voice"
)

// Confirm takes in that a person has read a finding and says it was an opt-out:
// the number of its call is listed for good. It returns the finding, at its
// place among those of the call, and the entry. The same answer again changes
// nothing; after another one it returns [voice.ErrReviewed].
func (l *Listener) Confirm(
	ctx context.Context, env dnc.Environment, callID string, place int, by string,
) (voice.Heard, error) {
	return l.review(ctx, env, voice.Review{
		CallID: callID, Place: place, Answer: voice.Confirmed, By: by,
	})
}

// Release takes in that a person has read a finding and says it was no opt-out:
// a provisional entry for it comes off the list, unless something else that was
// heard holds it. A definite entry stays. It returns the finding, and the entry
// of the number where that is listed still. The same answer again changes
// nothing; after another one it returns [voice.ErrReviewed].
func (l *Listener) Release(
	ctx context.Context, env dnc.Environment, callID string, place int, by string,
) (voice.Heard, error) {
	return l.review(ctx, env, voice.Review{
		CallID: callID, Place: place, Answer: voice.Released, By: by,
	})
}

func (l *Listener) review(
	ctx context.Context, env dnc.Environment, r voice.Review,
) (voice.Heard, error) {
	r.At = whole(time.Now())
	ear := l.ear(r.CallID)
	ear.Lock()
	defer ear.Unlock()

	heard, err := l.Calls.Review(ctx, env, r)
	if err == nil {
		l.List.Bell.Ring(env)
	}
	return heard, err
}
