package web

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// ids is Crockford's base 32, which sorts as the bytes do.
var ids = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newID returns an identifier that sorts by its time: 56 bits of microseconds
// and 72 random ones.
func newID(at time.Time) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMicro())<<8)
	rand.Read(id[7:]) // never fails
	return ids.EncodeToString(id[:])
}
