package media

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/srtp/v3"
)

const (
	suite   = "AES_CM_128_HMAC_SHA1_80"
	keySize = 16
	allSize = keySize + 14 // with the salt
)

// crypto is a key for SRTP, as a session description gives it (RFC 4568).
type crypto struct {
	tag    string
	secret [allSize]byte // key and salt
	mki    string        // of every packet; "" for none
}

// newCrypto draws a key.
func newCrypto() *crypto {
	c := &crypto{tag: "1"}
	_, _ = rand.Read(c.secret[:]) // never fails
	return c
}

// parseCrypto reads "1 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^31|1:4". It returns
// false for what we could not honour.
func parseCrypto(value string) (crypto, bool) {
	fields := strings.Fields(value)
	if len(fields) < 3 || fields[1] != suite || !digits(fields[0]) || len(fields[0]) > 9 {
		return crypto{}, false
	}
	for _, parameter := range fields[3:] {
		if !strings.HasPrefix(parameter, "WSH=") {
			return crypto{}, false // as UNENCRYPTED_SRTP
		}
	}
	text, ok := strings.CutPrefix(fields[2], "inline:")
	if !ok || strings.Contains(text, ";") { // several keys
		return crypto{}, false
	}
	c := crypto{tag: fields[0]}
	parts := strings.Split(text, "|")
	secret, err := base64.StdEncoding.DecodeString(parts[0])
	if err != nil || len(secret) != allSize {
		return crypto{}, false
	}
	copy(c.secret[:], secret)
	for _, part := range parts[1:] {
		if strings.Contains(part, ":") {
			if c.mki, ok = parseMKI(part); !ok {
				return crypto{}, false
			}
		}
	}
	return c, true
}

// parseMKI reads "1:4", a number and how many bytes it has in each packet.
func parseMKI(text string) (string, bool) {
	number, length, _ := strings.Cut(text, ":")
	n, err := strconv.ParseUint(number, 10, 32)
	size, err2 := strconv.Atoi(length)
	if err != nil || err2 != nil || size < 1 || size > 16 {
		return "", false
	}
	mki := make([]byte, size)
	for i := size - 1; i >= 0; i-- {
		mki[i] = byte(n)
		n >>= 8
	}
	return string(mki), n == 0
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// same reports whether other is the same key, whatever its tag.
func (c crypto) same(other crypto) bool { return c.secret == other.secret && c.mki == other.mki }

// String is the value of the a=crypto line.
func (c crypto) String() string {
	return fmt.Sprintf("%s %s inline:%s", c.tag, suite,
		base64.StdEncoding.EncodeToString(c.secret[:]))
}

// context encrypts or decrypts with the key.
func (c crypto) context() (*srtp.Context, error) {
	var options []srtp.ContextOption
	if c.mki != "" {
		options = append(options, srtp.MasterKeyIndicator([]byte(c.mki)))
	}
	return srtp.CreateContext(c.secret[:keySize], c.secret[keySize:],
		srtp.ProtectionProfileAes128CmHmacSha1_80, options...)
}
