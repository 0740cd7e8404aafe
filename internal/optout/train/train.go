// Command train makes the model of package optout from the labelled files of
// the repository, and measures what it is worth. Run it at the root:
//
//	go run ./internal/optout/train          # writes internal/optout/weights.bin
//	go run ./internal/optout/train -folds 5 # measures by cross-validation
//
// The same files make the same model, on one kind of processor.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"nocall/internal/optout"
	"nocall/internal/optout/labelled"
)

// The files it reads and writes, from the root of the repository.
const (
	labelledFiles = "internal/optout/testdata/labelled/*.jsonl"
	phraseTests   = "internal/optout/testdata/*.txt"
	modelName     = "internal/optout/weights.bin"
)

func main() {
	folds := flag.Int("folds", 0, "measure with so many folds, and write nothing")
	flag.Parse()
	if err := run(os.Stdout, *folds); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, folds int) error {
	said, err := conversations()
	if err != nil {
		return err
	}
	samples := samplesOf(said)
	talks, err := talks()
	if err != nil {
		return err
	}
	if folds > 1 {
		return crossValidate(w, said, talks, folds)
	}
	m := train(append(samples, talks...))
	fmt.Fprintf(w, "%d texts\n", len(samples)+len(talks))
	return os.WriteFile(modelName, m.AppendTo(nil), 0o644)
}

// A sample is a text, and whether it is a request.
type sample struct {
	tag    string // of the language
	text   string
	optOut bool
}

// conversations reads the labelled files, in the order of their names.
func conversations() ([]labelled.Conversation, error) {
	names, err := filepath.Glob(labelledFiles)
	if err != nil {
		return nil, err
	}
	var all []labelled.Conversation
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(file) {
			c, err := labelled.Read(line)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// samplesOf returns what can be learned from: the last turn of each
// conversation as it was judged, where that needs no other turn, and the turns
// before it as no requests.
func samplesOf(said []labelled.Conversation) []sample {
	var all []sample
	for _, c := range said {
		last := len(c.Turns) - 1
		if last < 0 || c.Label == labelled.Unclear {
			continue
		}
		for i, t := range c.Turns {
			optOut := c.Label == labelled.OptOut
			switch {
			case optOut && (i < last || spoken(c.Category)):
				continue // which of the turns is the request, nobody has said
			case t.Speaker == optout.Agent && i == last:
				optOut = false
			}
			all = append(all, sample{c.Language, t.Text, optOut})
		}
	}
	return all
}

// spoken reports whether requests of the category stand only in a dialogue.
func spoken(category string) bool {
	return category == "offer_accepted" || category == "split_turns"
}

// tags are the languages by the names of their files.
var tags = map[string]string{
	"english": "en", "spanish": "es", "french": "fr", "german": "de", "portuguese": "pt",
	"italian": "it",
}

// talks reads the tests of the phrases, as their first lines say.
func talks() ([]sample, error) {
	names, err := filepath.Glob(phraseTests)
	if err != nil {
		return nil, err
	}
	var all []sample
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		heading, tag := "", tags[strings.TrimSuffix(filepath.Base(name), ".txt")]
		for line := range strings.Lines(string(file)) {
			line = strings.TrimSpace(line)
			if h, ok := strings.CutPrefix(line, "# "); ok {
				heading = h
				continue
			}
			dialogue := strings.HasPrefix(line, "agent: ") || strings.HasPrefix(line, "contact: ")
			if line == "" || dialogue || heading != "opt-out" && heading != "not" {
				continue
			}
			all = append(all, sample{tag, line, heading == "opt-out"})
		}
	}
	return all, nil
}

// How the model is trained.
const (
	rounds  = 12
	rate    = 0.3
	decay   = 2e-6
	seedOne = 1
	seedTwo = 2
)

// train fits a logistic regression by stochastic gradient descent with
// adaptive rates. It is deterministic.
func train(samples []sample) *optout.Weights {
	detector := optout.New()
	features := make([][]uint32, len(samples))
	for i, s := range samples {
		detector.EachFeature(s.tag, s.text, func(f uint32) { features[i] = append(features[i], f) })
	}
	g := newGradient()
	order := rand.New(rand.NewPCG(seedOne, seedTwo))
	for range rounds {
		for _, i := range order.Perm(len(samples)) {
			g.learn(features[i], samples[i].optOut)
		}
	}
	return optout.NewWeights(g.bias, g.weights)
}
