package node

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"nocall/internal/access"
)

// SecretKeyFile is the name of the file in the data folder that has the key
// with which secrets in the database are sealed.
const SecretKeyFile = "secrets.key"

// sealer returns what seals secrets. The key is in the file that c names, or
// else in one of the data folder, which is made when it is not there.
func sealer(c Config) (*access.Sealer, error) {
	file := c.SecretKeyFile
	key, err := readSecretKey(file)
	if file == "" {
		file = filepath.Join(c.Data, SecretKeyFile)
		key, err = readSecretKey(file)
		if errors.Is(err, fs.ErrNotExist) {
			key, err = makeSecretKey(file)
		}
	}
	if err != nil {
		return nil, err
	}
	s, err := access.NewSealer(key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

func readSecretKey(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read key for secrets: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("read key for secrets: %s: want base64", file)
	}
	return key, nil
}

// makeSecretKey makes a key and writes it to a new file for its owner alone. It
// is there whole or not at all, whenever the machine is switched off.
func makeSecretKey(file string) (key []byte, err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	key = make([]byte, access.SealKeySize)
	rand.Read(key)                                                  // never fails
	f, err := os.CreateTemp(filepath.Dir(file), SecretKeyFile+".*") // of mode 0600
	if err != nil {
		return nil, fmt.Errorf("make key for secrets: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("make key for secrets: %w", err)
	}
	if err := os.Link(f.Name(), file); err != nil { // never over another
		return nil, fmt.Errorf("make key for secrets: %w", err)
	}
	return key, nil
}
