package voice

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// ids is Crockford's base 32, which sorts as the bytes do.
var ids = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID returns an identifier for something made at the time, such as a call or
// a recording, that sorts by it: 56 bits of microseconds and 72 random ones.
func NewID(at time.Time) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMicro())<<8)
	rand.Read(id[7:]) // never fails
	return ids.EncodeToString(id[:])
}
