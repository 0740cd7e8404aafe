package snapshot

import (
	"syscall"
	"unsafe"
)

// largePage is the size of a large page.
const largePage = 2 << 20

// The advice to use large pages, and to forget what is in some memory: it is zero
// when it is next read, and comes in large pages if it was of small ones.
const (
	useHugePages = 14
	forget       = 4
)

// Memory returns zeroed memory of so many bytes, in large pages where the system
// has them: there a read of much memory waits less. It goes back as all of Go's.
func Memory(size int) []byte {
	b := make([]byte, size)
	first := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (largePage - 1))
	last := first + (size-first)&^(largePage-1)
	if first >= size || last <= first || syscall.Madvise(b[first:last], useHugePages) != nil {
		return b
	}
	_ = syscall.Madvise(b[first:last], forget) // advice, which may be refused
	return b
}
