//go:build !linux

package snapshot

// Memory returns zeroed memory of so many bytes.
func Memory(size int) []byte { return make([]byte, size) }
