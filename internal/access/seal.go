package access

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// SealKeySize is the length of a sealer's key in bytes.
const SealKeySize = 32

// sealPrefix begins what is sealed, so that it is known for that, and how it
// was made.
const sealPrefix = "aes256gcm:"

// ErrSeal reports what was sealed with another key, about something else, or
// not at all.
var ErrSeal = errors.New("access: secret cannot be opened, it was sealed with another key")

// Sealer seals secrets that have to be read again, such as the password of a
// provider, with AES-256-GCM. It may be used by many goroutines at once.
type Sealer struct{ aead cipher.AEAD }

// NewSealer returns a sealer with a key of [SealKeySize] random bytes.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) != SealKeySize {
		return nil, fmt.Errorf(
			"access: key for secrets has %d bytes, want %d", len(key), SealKeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead}, nil
}

// Seal seals plain. It can be opened about the same thing only, so that what
// is sealed is of no use elsewhere.
func (s *Sealer) Seal(plain, about string) (string, error) {
	sealed := s.aead.Seal(nil, nil, []byte(plain), []byte(about))
	return sealPrefix + base64.RawStdEncoding.EncodeToString(sealed), nil
}

// Open returns what was sealed about the thing, or [ErrSeal].
func (s *Sealer) Open(sealed, about string) (string, error) {
	text, ok := strings.CutPrefix(sealed, sealPrefix)
	if !ok {
		return "", ErrSeal
	}
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return "", ErrSeal
	}
	plain, err := s.aead.Open(nil, nil, data, []byte(about))
	if err != nil {
		return "", ErrSeal
	}
	return string(plain), nil
}
