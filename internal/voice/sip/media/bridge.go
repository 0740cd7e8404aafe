package media

import "context"

// Bridge joins two sessions: each hears the other, and is pressed the other's
// keys. What either is played besides is heard between. Both go on to give
// their sound and keys to who listens. Bridge returns nil once one of them has
// ended, and the cause once ctx is done.
func Bridge(ctx context.Context, a, b *Session) error {
	if a == b || !a.receiver.peer.CompareAndSwap(nil, b) {
		return ErrBridged
	}
	defer a.receiver.peer.Store(nil)
	if !b.receiver.peer.CompareAndSwap(nil, a) {
		return ErrBridged
	}
	defer b.receiver.peer.Store(nil)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-a.done:
	case <-b.done:
	}
	return nil
}
