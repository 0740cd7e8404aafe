package registry

import (
	"fmt"
	"strconv"
	"strings"

	"nocall/internal/e164"
	"nocall/internal/pages"
)

// Area is the part of the numbering plan in which a registry is complete or is
// not: an area code of North America with its 1 in front, such as 1415, or else a
// calling code, such as 44.
type Area uint16

const (
	areas   = 2000 // no area is as great
	america = 1000 // areas from here on are in North America
	britain = Area(44)
)

// AreaOf returns the area of n; 0 for the zero Number. It does not allocate.
func AreaOf(n e164.Number) Area {
	if in := n.Uint64() / 1e7; in-america < america {
		return Area(in)
	}
	return Area(n.CallingCode())
}

// ParseArea reads an area as [Area.String] writes it, with or without its plus
// sign.
func ParseArea(text string) (Area, error) {
	digits := strings.TrimPrefix(text, "+")
	n, err := strconv.ParseUint(digits, 10, 16)
	if err == nil && digits[0] != '0' && (n > 1 && n < america || n >= america+200 && n < areas) {
		return Area(n), nil
	}
	return 0, fmt.Errorf("%w: want an area code such as +1415, or a calling code such as +44",
		ErrInvalid)
}

// String returns the area as numbers in it begin.
func (a Area) String() string { return "+" + strconv.Itoa(int(a)) }

// MarshalText implements [encoding.TextMarshaler].
func (a Area) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (a *Area) UnmarshalText(text []byte) (err error) {
	*a, err = ParseArea(string(text))
	return err
}

// count counts the numbers of set in a.
func (a Area) count(set *pages.Frozen) int64 {
	n := 0
	for size := uint64(1e3); size*uint64(a) < 1e15; size *= 10 {
		if a < america || size == 1e7 {
			first := uint64(a) * size
			n += set.Count(e164.FromUint64(first), e164.FromUint64(first+size-1))
		}
	}
	return int64(n)
}

// Area codes of North America that are Canada's, and those of the states that
// share the calling code and have nothing to do with either registry.
const (
	canadian = "204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416 418 " +
		"428 431 437 438 450 460 468 474 506 514 519 537 548 568 579 581 584 587 600 604 613 " +
		"622 633 639 647 672 683 705 709 742 753 778 780 782 807 819 825 867 873 879 902 905 " +
		"942"
	caribbean = "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 " +
		"869 876"
)

// canada returns the area codes of Canada.
func canada() []Area {
	var all []Area
	for code := range strings.FieldsSeq(canadian) {
		n, _ := strconv.Atoi(code)
		all = append(all, Area(america+n))
	}
	return all
}

// unitedStates returns the area codes that are nobody else's: one that is new is
// rather taken to be the registry's.
func unitedStates() []Area {
	others := canadian + " " + caribbean
	var all []Area
	for n := 200; n < america; n++ {
		if !strings.Contains(others, strconv.Itoa(n)) {
			all = append(all, Area(america+n))
		}
	}
	return all
}
