package stream

import "time"

// What a program may send: a stream in real time takes 15,000 bytes a second,
// and minutes of speech may come at once.
const (
	messageCost = 512       // the least that a message counts, in bytes
	mostSaved   = 4 << 20   // bytes
	savedASec   = 256 << 10 // bytes
)

// allowance is how much more may come.
type allowance struct {
	left int
	at   time.Time
}

// take reports whether a message of so many bytes may come now.
func (a *allowance) take(size int, now time.Time) bool {
	a.left = min(mostSaved, a.left+int(now.Sub(a.at).Seconds()*savedASec))
	a.at = now
	a.left -= max(size, messageCost)
	return a.left >= 0
}
