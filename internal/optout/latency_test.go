package optout

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"
)

// turnsFile, in the environment, names a file of turns that are timed instead
// of the ordinary ones of the labelled lines: one JSON object a line, with
// "text", or "turns" as in the labelled lines.
const turnsFile = "NOCALL_TURNS"

// timed is how often a turn is timed; the shortest time is the one that
// nothing else on the machine was in the way of.
const timed = 20

// BenchmarkTurns shows how long turns take of which nothing is known, the
// language neither: the mean as ns/op, and the slowest ones.
func BenchmarkTurns(b *testing.B) {
	d, texts := New(), turnTexts(b)
	took := make([]time.Duration, len(texts))
	for b.Loop() {
		for i, text := range texts {
			took[i] = d.fastest(text)
		}
	}
	slices.Sort(took)
	for _, q := range []struct {
		name  string
		share float64
	}{{"p50-ns", 0.50}, {"p99-ns", 0.99}, {"p99.9-ns", 0.999}} {
		b.ReportMetric(float64(took[int(q.share*float64(len(took)-1))]), q.name)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(texts)*timed), "ns/turn")
}

// fastest returns the shortest time that a turn takes.
func (d *Detector) fastest(text string) time.Duration {
	turns := []Turn{{Agent, "Hello, do you have a minute?"}, {Contact, text}}
	best := time.Duration(1 << 62)
	for range timed {
		start := time.Now()
		d.FindLast(turns, Options{})
		best = min(best, time.Since(start))
	}
	return best
}

// turnTexts returns the turns to be timed.
func turnTexts(b *testing.B) (texts []string) {
	name := os.Getenv(turnsFile)
	if name == "" {
		name = "testdata/labelled/ordinary.jsonl"
	}
	file, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var said struct {
			Text  string
			Turns []Turn
		}
		if err := json.Unmarshal(lines.Bytes(), &said); err != nil {
			b.Fatal(err)
		}
		for _, t := range append(said.Turns, Turn{Contact, said.Text}) {
			if t.Speaker == Contact && t.Text != "" {
				texts = append(texts, t.Text)
			}
		}
	}
	return texts
}
