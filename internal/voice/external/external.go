// Package external signs clearances for platforms that dial by themselves. It
// places nothing: a signed clearance says that a number was clear a moment
// ago, and is to be redeemed in the moment of dialing.
package external

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"nocall/internal/dialer"
	"nocall/internal/dnc"
	"nocall/internal/e164"
	"nocall/internal/voice"
)

// Life is how long a signed clearance may be redeemed.
const Life = 30 * time.Second

// maxToken is the greatest length of a token that is looked at, in bytes.
const maxToken = 1024

var _ dialer.Tokens = (*Signer)(nil)

// Signer signs and verifies clearances. Its key is made with it and dies with
// it: no clearance outlives the process that gave it.
type Signer struct{ key [32]byte }

// New returns a signer with a key of its own.
func New() *Signer {
	var s Signer
	rand.Read(s.key[:]) // never fails
	return &s
}

// claim is what is signed, as JSON.
type claim struct {
	Environment dnc.Environment `json:"environment"`
	CallID      string          `json:"call_id"`
	Number      e164.Number     `json:"number"`
	Revision    int64           `json:"revision"`
	Expires     int64           `json:"expires"` // microseconds since 1970
}

// Sign implements [dialer.Tokens]. Signing is to a token what ringing is to a
// phone: it is done while the number cannot be listed. A token has the form
// CLAIM.MAC, both in base64 for URLs, where MAC is HMAC-SHA-256 (RFC 2104) of
// CLAIM.
func (s *Signer) Sign(c dnc.Clearance, call voice.Call) (dialer.Token, bool) {
	now := time.Now()
	token := dialer.Token{ExpiresAt: now.Add(Life).UTC().Truncate(time.Microsecond)}
	ok := c.Dial(now, func(n e164.Number) {
		token.Text = s.sign(claim{
			Environment: call.Environment, CallID: call.ID, Number: n,
			Revision: c.Revision(), Expires: token.ExpiresAt.UnixMicro(),
		})
	})
	return token, ok && token.Text != ""
}

func (s *Signer) sign(c claim) string {
	text, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	body := base64.RawURLEncoding.EncodeToString(text)
	return body + "." + base64.RawURLEncoding.EncodeToString(s.mac(body))
}

// Verify implements [dialer.Tokens].
func (s *Signer) Verify(token string) (dialer.Claim, error) {
	body, mac, ok := strings.Cut(token, ".")
	if !ok || len(token) > maxToken {
		return dialer.Claim{}, dialer.ErrToken
	}
	sum, err := base64.RawURLEncoding.Strict().DecodeString(mac)
	if err != nil || !hmac.Equal(sum, s.mac(body)) {
		return dialer.Claim{}, dialer.ErrToken
	}
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return dialer.Claim{}, dialer.ErrToken
	}
	var c claim
	if err := json.Unmarshal(text, &c); err != nil {
		return dialer.Claim{}, dialer.ErrToken
	}
	if !time.Now().Before(time.UnixMicro(c.Expires)) {
		return dialer.Claim{}, voice.ErrLapsed
	}
	return dialer.Claim{Environment: c.Environment, CallID: c.CallID, Number: c.Number}, nil
}

func (s *Signer) mac(body string) []byte {
	m := hmac.New(sha256.New, s.key[:])
	m.Write([]byte(body))
	return m.Sum(nil)
}
