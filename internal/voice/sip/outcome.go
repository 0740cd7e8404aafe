package sip

import (
	"fmt"
	"strconv"
	"strings"

	wire "github.com/emiago/sipgo/sip"

	"nocall/internal/voice"
)

// refusal is a final answer to INVITE that is none of 2xx.
type refusal struct {
	code   int
	phrase string
	cause  int  // of ISUP (Q.850), from the Reason; 0 for none
	proved bool // whether we said who we are
}

// refusalOf reads what a final answer says.
func refusalOf(req *wire.Request, res *wire.Response) *refusal {
	r := &refusal{code: res.StatusCode, phrase: res.Reason}
	for _, h := range res.GetHeaders("Reason") {
		if cause := q850(h.Value()); cause > 0 {
			r.cause = cause
		}
	}
	r.proved = req.GetHeader("Authorization") != nil || req.GetHeader("Proxy-Authorization") != nil
	return r
}

// Error implements error.
func (r *refusal) Error() string {
	return fmt.Sprintf("voice/sip: far end answers %d %q, cause %d", r.code, r.phrase, r.cause)
}

// q850 returns the cause of ISUP that a Reason gives (RFC 3326), or 0.
func q850(value string) int {
	for reason := range strings.SplitSeq(value, ",") {
		protocol, params, _ := strings.Cut(reason, ";")
		if !strings.EqualFold(strings.TrimSpace(protocol), "Q.850") {
			continue
		}
		for param := range strings.SplitSeq(params, ";") {
			key, value, _ := strings.Cut(param, "=")
			if !strings.EqualFold(strings.TrimSpace(key), "cause") {
				continue
			}
			if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && n > 0 && n < 128 {
				return n
			}
		}
	}
	return 0
}

// rejected is the cause of ISUP for a call that was rejected.
const rejected = 21

// outcome returns what became of a call that was refused. Only 607 is a
// person's word that the call was unwanted (RFC 8197), where the trunk is known
// to use it so. 603, whatever its phrase, and 608 come from machines on the way
// as well.
func (r *refusal) outcome(unwanted bool) (voice.Outcome, error) {
	switch r.code {
	case 486, 600:
		return voice.Busy, nil
	case 480, 408, 487:
		return voice.NoAnswer, nil
	case 603, 608:
		return voice.Refused, nil
	case 607:
		if unwanted {
			return voice.Unwanted, nil
		}
		return voice.Refused, nil
	case 401, 407:
		return "", fmt.Errorf("%w: %w", voice.ErrTrunk, r)
	case 403:
		if r.cause == rejected { // as gateways write 603
			return voice.Refused, nil
		}
		if r.proved {
			return "", fmt.Errorf("%w: %w", voice.ErrTrunk, r)
		}
	}
	return voice.Failed, nil // 404, 484 and 604 among them: there is no such number
}
