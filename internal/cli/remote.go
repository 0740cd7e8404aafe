package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"nocall/client"
)

// remote is the flags of commands that ask a running server.
type remote struct {
	Server      string `setting:"y" default:"http://127.0.0.1:8080"`
	Key         string `setting:"y"`
	KeyFile     string `setting:"y"`
	Environment string `setting:"y"`
}

const remoteUsage = `
    -server URL          where the server is (http://127.0.0.1:8080)
    -key-file FILE       file with a key, or with the first keys as JSON
    -key KEY             the key itself, better in NOCALL_KEY
    -environment NAME    by default that of the key
`

// client returns a client as the flags say.
func (r remote) client(in *Invocation) (*client.Client, error) {
	if !strings.Contains(r.Server, "://") {
		r.Server = "http://" + r.Server
	}
	c := &client.Client{
		Server: r.Server, Key: r.Key, Environment: r.Environment,
		UserAgent: "nocall/" + buildVersion(),
	}
	// A file on the command line goes before a key from the environment.
	_, fileOnLine := in.settings.onLine("key-file")
	if r.KeyFile == "" || r.Key != "" && !fileOnLine {
		return c, nil
	}
	text, err := os.ReadFile(r.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	c.Key, err = readKey(text, r.Environment)
	return c, err
}

// readKey reads a key file: a key, or the JSON object that serve writes, with
// a key for each environment.
func readKey(text []byte, environment string) (string, error) {
	text = bytes.TrimSpace(text)
	if !bytes.HasPrefix(text, []byte("{")) {
		return string(text), nil
	}
	var keys map[string]string
	if err := json.Unmarshal(text, &keys); err != nil {
		return "", fmt.Errorf("read key: %w", err)
	}
	key, ok := keys[environment]
	switch {
	case ok:
		return key, nil
	case environment == "":
		return "", usageError{
			"the key file has a key for each environment: name one with -environment",
		}
	}
	return "", fmt.Errorf("the key file has no key of environment %q", environment)
}
