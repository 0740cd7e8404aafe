package listen_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/listen"
	"nocall/internal/optout"
	"nocall/internal/voice"
)

// memory keeps one call and the entry of its number.
type memory struct {
	dnc.Store
	listen.Calls

	mu    sync.Mutex // guards following
	call  voice.Call
	entry *dnc.Entry
}

func (m *memory) AddEntry(_ context.Context, e dnc.Entry) (dnc.Entry, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	added := m.entry == nil
	if added {
		m.entry = &e
	}
	m.entry.Provisional = m.entry.Provisional && e.Provisional
	return *m.entry, added, nil
}

func (m *memory) Entries(
	context.Context, dnc.Environment, []e164.Number,
) (entries []dnc.Entry, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entry != nil {
		entries = append(entries, *m.entry)
	}
	return entries, nil
}

// Call implements listen.Calls; so does LastTurns.
func (m *memory) Call(context.Context, dnc.Environment, string) (voice.Call, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.call
	c.Turns, c.Findings = slices.Clone(c.Turns), slices.Clone(c.Findings)
	return c, nil
}

func (m *memory) LastTurns(
	ctx context.Context, env dnc.Environment, id string,
) (voice.Call, error) {
	return m.Call(ctx, env, id)
}

func (m *memory) AddTurn(
	_ context.Context, _ dnc.Environment, _ string, t voice.Turn,
) (voice.Call, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t.Index = m.call.TurnCount
	m.call.Turns = append(m.call.Turns, t)
	m.call.TurnCount++
	return m.call, nil
}

func (m *memory) ChangeCall(
	_ context.Context, _ dnc.Environment, _ string, change func(*voice.Call) error,
) (voice.Call, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.call, change(&m.call)
}

// stream is a call as it is heard, and what ought to be kept of it.
type stream struct {
	listener *listen.Listener
	memory   *memory

	saying map[string]heardLast // by utterance: what asks for something and is not kept
	asked  map[string]bool      // what was asked for, and is to be kept
}

// heardLast is what was heard last of an utterance, and since when.
type heardLast struct {
	text  string
	since time.Time
}

// step is the time between two things that happen on a stream at least.
const step = 250 * time.Millisecond

var (
	sentences  = []string{"good day", clearly, perhaps, "never call me", "well"}
	utterances = []string{"", "u1", "u2"}
)

// asks reports whether a sentence is a request.
func asks(text string) bool { return text == clearly || text == perhaps }

// FuzzInterims has a contact speak as a recogniser hears it: words that change,
// stand, end or break off, in several utterances at once. What is kept is what
// was asked for with last words, or stood for 700 ms, or stood at the end; each
// once, and the number is listed for it.
func FuzzInterims(f *testing.F) {
	f.Add([]byte{0x01, 0x22, 0x11, 0x40})
	f.Add([]byte{0x01, 0x23, 0x01, 0x11, 0x02, 0x30, 0x12})
	f.Fuzz(func(t *testing.T, deeds []byte) {
		if len(deeds) > 64 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			s := newStream()
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- s.listener.Run(ctx) }()
			for _, deed := range deeds {
				s.do(t, deed)
				s.check(t)
			}
			s.end(t)
			s.check(t)
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			s.check(t)
		})
	})
}

func newStream() *stream {
	m := &memory{call: voice.Call{
		ID: "c", Environment: production, Number: ours, Status: voice.InProgress,
		OptOutDetection: true,
	}}
	return &stream{
		listener: &listen.Listener{
			List: &dnc.List{Store: m}, Calls: m, Detector: newBook(),
		},
		memory: m, saying: make(map[string]heardLast), asked: make(map[string]bool),
	}
}

// do does one of the things that happen: the high bits say which, the low ones
// with what words, and in which utterance.
func (s *stream) do(t *testing.T, deed byte) {
	said := turn(optout.Contact, sentences[int(deed&0x0f)%len(sentences)])
	said.Utterance = utterances[int(deed&0x0f)/len(sentences)%len(utterances)]
	switch deed >> 4 & 3 {
	case 0:
		said.Partial = true
		s.revise(said)
	case 1:
		s.last(said)
	case 2:
		s.pass(time.Duration(1+deed&3) * step)
		return
	case 3:
		said.Speaker, said.Partial = optout.Agent, deed&1 == 0
	}
	if _, err := s.listener.Turn(t.Context(), production, "c", said); err != nil {
		t.Fatal(err)
	}
}

// revise is what a partial turn does.
func (s *stream) revise(t voice.Turn) {
	if s.saying[t.Utterance].text == t.Text {
		return
	}
	delete(s.saying, t.Utterance)
	if asks(t.Text) && !s.asked[t.Text] {
		s.saying[t.Utterance] = heardLast{t.Text, time.Now()}
	}
}

// last is what a turn with its last words does.
func (s *stream) last(t voice.Turn) {
	for utterance := range s.saying {
		if t.Utterance == "" || utterance == "" || utterance == t.Utterance {
			delete(s.saying, utterance)
		}
	}
	if asks(t.Text) {
		s.asked[t.Text] = true
	}
}

// pass lets time pass.
func (s *stream) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
	for utterance, last := range s.saying {
		if time.Since(last.since) >= 700*time.Millisecond {
			s.asked[last.text] = true
			delete(s.saying, utterance)
		}
	}
}

// end is the end of the call.
func (s *stream) end(t *testing.T) {
	t.Helper()
	if _, err := s.listener.Ended(t.Context(), production, "c"); err != nil {
		t.Fatal(err)
	}
	for _, last := range s.saying {
		s.asked[last.text] = true
	}
	clear(s.saying)
}

// check holds what is kept against what ought to be.
func (s *stream) check(t *testing.T) {
	t.Helper()
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	c, e := s.memory.call, s.memory.entry
	if len(c.Findings) != len(s.asked) {
		t.Fatalf("findings %+v; want one for each of %v", c.Findings, s.asked)
	}
	for _, f := range c.Findings {
		if !s.asked[f.Quote] || c.Turns[f.Turn].Text != f.Quote ||
			c.Turns[f.Turn].Speaker != optout.Contact || c.Turns[f.Turn].Partial {
			t.Fatalf("finding %+v; want one of %v, in its turn of %+v", f, s.asked, c.Turns)
		}
	}
	if (e != nil) != (len(s.asked) > 0) || e != nil && e.Provisional == s.asked[clearly] {
		t.Fatalf("entry %+v for %v", e, s.asked)
	}
}
