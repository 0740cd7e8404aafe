package node

import (
	"fmt"
	"os"
	"strings"

	"nocall/internal/voice"
	"nocall/internal/voice/opinion"
)

// newOpinion returns what is asked for second opinions; nil where no service is
// named.
func newOpinion(c Config) (voice.SecondOpinion, error) {
	if c.OpinionURL == "" {
		return nil, nil
	}
	key, err := readKeyFile(c.OpinionKeyFile)
	if err != nil {
		return nil, fmt.Errorf("read key of the second opinion: %w", err)
	}
	s, err := opinion.New(c.OpinionURL, key, c.OpinionModel)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// readKeyFile returns the key in a file, "" for no file.
func readKeyFile(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	key, err := os.ReadFile(name)
	return strings.TrimSpace(string(key)), err
}
