package pages

import (
	"encoding/binary"
	"unsafe"
)

// zeroed returns memory of memory, or of Go if that is nil.
func zeroed(memory func(size int) []byte, size int) []byte {
	if memory == nil {
		return make([]byte, size)
	}
	return memory(size)
}

// wordsOf returns the bytes of a file as words. They are the same memory where
// that stands and the processor reads as files are written; else a copy.
func wordsOf(b []byte) []uint64 {
	n := len(b) / 8
	if n == 0 {
		return nil
	}
	if first := unsafe.SliceData(b); littleEndian() && uintptr(unsafe.Pointer(first))%8 == 0 {
		return unsafe.Slice((*uint64)(unsafe.Pointer(first)), n)
	}
	words := make([]uint64, n)
	for i := range words {
		words[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return words
}

// halvesOf returns words as halves, in the order in which they stand in a file.
func halvesOf(words []uint64) []uint32 {
	if len(words) == 0 {
		return nil
	}
	if littleEndian() {
		return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(words))), 2*len(words))
	}
	halves := make([]uint32, 0, 2*len(words))
	for _, w := range words {
		halves = append(halves, uint32(w), uint32(w>>32))
	}
	return halves
}

// putWords writes words to a file, if they are not the same memory.
func putWords(b []byte, words []uint64) {
	if len(words) == 0 || unsafe.Pointer(unsafe.SliceData(words)) == unsafe.Pointer(&b[0]) {
		return
	}
	for i, w := range words {
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
}

// putHalves writes halves to a file, if they are not the same memory.
func putHalves(b []byte, halves []uint32) {
	if len(halves) == 0 || unsafe.Pointer(unsafe.SliceData(halves)) == unsafe.Pointer(&b[0]) {
		return
	}
	for i, h := range halves {
		binary.LittleEndian.PutUint32(b[4*i:], h)
	}
}

func littleEndian() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }
