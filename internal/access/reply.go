package access

import (
	"time"

	"nocall/internal/dnc"
)

// Reply is what was answered to a request that carried an Idempotency-Key, so
// that the same request is answered in the same way.
type Reply struct {
	Environment dnc.Environment
	Key         string   // the Idempotency-Key, with whose it is
	RequestHash [32]byte // SHA-256 of method, path and body
	Status      int      // of HTTP
	ContentType string
	Body        []byte
	CreatedAt   time.Time
}
