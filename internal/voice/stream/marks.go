package stream

import "sync"

// maxMarks is how many marks may wait, to be played or to be told of.
const maxMarks = 1000

// marks are those that the program has set. Being played never waits for the
// program.
type marks struct {
	ready chan struct{} // has one when something is played

	mu      sync.Mutex // guards what follows
	waiting int
	played  []string
}

func newMarks() *marks { return &marks{ready: make(chan struct{}, 1)} }

// set returns what to call when the mark is played, or false if too many wait.
func (m *marks) set(name string) (func(), bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waiting >= maxMarks {
		return nil, false
	}
	m.waiting++
	return func() { m.play(name) }, true
}

func (m *marks) play(name string) {
	m.mu.Lock()
	m.played = append(m.played, name)
	m.mu.Unlock()
	select {
	case m.ready <- struct{}{}:
	default:
	}
}

// take returns the marks that were played since it was last called, in order.
func (m *marks) take() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	played := m.played
	m.played = nil
	m.waiting -= len(played)
	return played
}
