package snapshot

import (
	"syscall"
	"unsafe"
)

// largePage is the size of a large page, hugePages the advice to use such.
const (
	largePage = 2 << 20
	hugePages = 14
)

// Memory returns zeroed memory of so many bytes, in large pages where the system
// has them: there a read of much memory waits less. It goes back as all of Go's.
func Memory(size int) []byte {
	b := make([]byte, size)
	first := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (largePage - 1))
	if last := first + (size-first)&^(largePage-1); first < size && last > first {
		_ = syscall.Madvise(b[first:last], hugePages) // advice, which may be refused
	}
	return b
}
