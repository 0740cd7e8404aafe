package api

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// ids is how IDs are written: in an order that is that of their bytes.
var ids = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newID makes an ID that sorts by the time at which it was made.
func newID(at time.Time) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(at.UnixMicro())<<8)
	rand.Read(id[7:]) // never fails
	return ids.EncodeToString(id[:])
}
