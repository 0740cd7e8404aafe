package sip

import (
	"strings"
	"sync"

	"nocall/internal/voice"
)

// line is the sound of a call when more than one hears it: the agent, and who
// writes down what is said.
type line struct {
	voice.Sound
	keys chan string // from INFO

	mu      sync.Mutex
	heard   []chan []byte
	pressed chan string // for the agent; nil for nobody
	closed  bool
}

const (
	framesWaiting = 100 // two seconds
	keysWaiting   = 64
)

func newLine(s voice.Sound) *line {
	return &line{Sound: s, keys: make(chan string, keysWaiting)}
}

// press takes in a key that came by signalling. It does not wait.
func (l *line) press(key string) {
	select {
	case l.keys <- key:
	default:
	}
}

// listen returns frames as they are heard from now on.
func (l *line) listen() <-chan []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	frames := make(chan []byte, framesWaiting)
	if l.closed {
		close(frames)
	} else {
		l.heard = append(l.heard, frames)
	}
	return frames
}

// agentLine is the line as the agent has it.
type agentLine struct {
	*line
	heard   <-chan []byte
	pressed <-chan string
}

// Heard implements [voice.Sound].
func (a agentLine) Heard() <-chan []byte { return a.heard }

// Pressed implements [voice.Sound].
func (a agentLine) Pressed() <-chan string { return a.pressed }

// forAgent returns the line as an agent has it that hears the contact.
func (l *line) forAgent() voice.Sound {
	a := agentLine{line: l, heard: l.listen()}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pressed = make(chan string, keysWaiting)
	if l.closed {
		close(l.pressed)
	}
	a.pressed = l.pressed
	return a
}

// pump gives each key to pressed, and sound and keys to who listens, until the
// call ends. It reads sound all the time, so that nobody gets old sound.
func (l *line) pump(pressed func(key string)) {
	defer l.close()
	sound, keys := l.Sound.Heard(), l.Sound.Pressed()
	taken := make(chan string, keysWaiting)
	var taking sync.WaitGroup
	taking.Go(func() {
		for key := range taken {
			pressed(key)
		}
	})
	defer taking.Wait()
	defer close(taken)
	for sound != nil || keys != nil {
		select {
		case frame, ok := <-sound:
			if !ok {
				sound = nil
				continue
			}
			l.spread(frame)
		case key, ok := <-keys:
			if !ok {
				keys = nil
				continue
			}
			l.take(taken, key)
		case key := <-l.keys:
			l.take(taken, key)
		}
	}
}

// take has a key of the contact heard, and given to the agent.
func (l *line) take(taken chan<- string, key string) {
	if !strings.Contains("0123456789*#", key) {
		return // A to D have no meaning to people
	}
	taken <- key
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pressed == nil {
		return
	}
	select {
	case l.pressed <- key:
	default:
	}
}

// spread gives a frame to all who listen. Who is slow misses the oldest.
func (l *line) spread(frame []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, to := range l.heard {
		select {
		case to <- frame:
			continue
		default:
		}
		select {
		case <-to:
		default:
		}
		to <- frame // there is room: nobody else gives
	}
}

func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, to := range l.heard {
		close(to)
	}
	if l.pressed != nil {
		close(l.pressed)
	}
}
