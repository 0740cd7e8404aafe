package pages

import (
	"math/bits"

	"nocall/internal/e164"
)

// maxDigits is the greatest number of digits of a number, maxNumber the
// greatest number.
const (
	maxDigits = 15
	maxNumber = 999_999_999_999_999
)

// places has the lowest bit of each digit of a number.
const places = 0x0111_1111_1111_1111

// Digits is a number with one decimal digit in each four bits, the last digit
// lowest. Above the first digit bits are set, in which no search finds a digit,
// but for the highest four, the [Marks].
type Digits uint64

// Marks are the bits beside the digits. They are the caller's: [Pack] clears
// them, and no search heeds them.
const Marks Digits = 0xf << 60

// Pack returns the digits of n.
func Pack(n e164.Number) Digits { return pack(n.Uint64()) }

// Number returns the number whose digits are d.
func (d Digits) Number() e164.Number { return e164.FromUint64(d.number()) }

// pack returns the digits of number, which has 15 at most.
func pack(number uint64) Digits {
	packed := pack8(number % 1e8)
	if number >= 1e8 {
		packed |= pack8(number/1e8) << 32
	}
	used := (bits.Len64(packed) + 3) &^ 3
	return Digits(packed|^uint64(0)<<used) &^ Marks
}

// pack8 packs a number of eight digits.
func pack8(number uint64) uint64 {
	x := number/10_000<<32 | number%10_000 // two lanes of four digits
	hundreds := x * 5243 >> 19 & 0x0000_007f_0000_007f
	x = x - hundreds*100 | hundreds<<16 // four lanes of two digits
	tens := x * 103 >> 10 & 0x000f_000f_000f_000f
	x = x - tens*10 | tens<<4
	x = (x | x>>8) & 0x0000_ffff_0000_ffff
	return (x | x>>16) & 0xffff_ffff
}

func (d Digits) number() uint64 {
	x := uint64(d &^ Marks)
	x &^= (x & (x >> 1) & (x >> 2) & (x >> 3) & places) * 0xf // no digit has all four bits
	x = x&0x0f0f_0f0f_0f0f_0f0f + x>>4&0x0f0f_0f0f_0f0f_0f0f*10
	x = x&0x00ff_00ff_00ff_00ff + x>>8&0x00ff_00ff_00ff_00ff*100
	x = x&0x0000_ffff_0000_ffff + x>>16&0x0000_ffff_0000_ffff*10_000
	return x&0xffff_ffff + x>>32*1e8
}
