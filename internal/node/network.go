package node

import (
	"fmt"
	"os"

	"nocall/internal/e164"
	"nocall/internal/voice/simulator"
)

// network is the make-believe network, with a file in which it notes whom it
// rings.
type network struct {
	*simulator.Provider
	log *os.File // nil for none
}

// openNetwork reads the script of the network and opens its log.
func openNetwork(c Config) (*network, error) {
	script, err := readScript(c.SimulatorScript)
	if err != nil {
		return nil, err
	}
	n := &network{Provider: &simulator.Provider{Speed: c.SimulatorSpeed, Script: script}}
	if c.SimulatorLog == "" {
		return n, nil
	}
	n.log, err = os.OpenFile(c.SimulatorLog, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log of the simulator: %w", err)
	}
	n.OnRing = func(to e164.Number) {
		if _, err := fmt.Fprintln(n.log, to); err != nil {
			c.Log.Error("ring not noted", "err", err)
		}
	}
	return n, nil
}

// close closes the log.
func (n *network) close() error {
	if n.log == nil {
		return nil
	}
	return n.log.Close()
}

func readScript(file string) (simulator.Script, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read script: %w", err)
	}
	defer f.Close()
	return simulator.ReadScript(f)
}
