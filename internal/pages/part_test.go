package pages

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	n := uint64(1)
	for range 50_000 {
		d := pack(n)
		if got := d.number(); got != n {
			t.Fatalf("pack(%d) = %x, of which the number is %d", n, uint64(d), got)
		}
		if got := (d | Marks).number(); got != n {
			t.Fatalf("with marks the number of %d is %d", n, got)
		}
		text := strings.TrimLeft(strconv.FormatUint(uint64(d), 16), "f")
		if text != strconv.FormatUint(n, 10) {
			t.Fatalf("pack(%d) = %x", n, uint64(d))
		}
		n = r.Uint64N(pow10(1+r.IntN(maxDigits))-1) + 1
	}
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// FuzzPart holds the search for a part of a number against strings.Contains,
// in the number's digits and on its page.
func FuzzPart(f *testing.F) {
	f.Add(uint64(14155550123), "4155")
	f.Add(uint64(14155550123), "")
	f.Add(uint64(14155550123), "55501")
	f.Add(uint64(14155550123), "14155550123")
	f.Add(uint64(11111111), "111")
	f.Add(uint64(15550005), "0005")
	f.Add(uint64(999999999999999), "999999999999999")
	f.Add(uint64(999999999999999), "9999999999999999")
	f.Add(uint64(14155550123), "4 15")
	f.Fuzz(func(t *testing.T, n uint64, text string) {
		n = 1_000_000 + n%(maxNumber-1_000_000+1)
		checkPart(t, n, text)
		whole := strconv.FormatUint(n, 10) // and parts that are there
		if i, j := int(n%7), len(whole)-int(n/7%7); i <= j {
			checkPart(t, n, whole[i:j])
		}
	})
}

func checkPart(t *testing.T, n uint64, text string) {
	t.Helper()
	want := strings.Contains(strconv.FormatUint(n, 10), text)
	p, ok := NewPart(text)
	if !ok {
		if want {
			t.Errorf("NewPart(%q) = false, but %d holds it", text, n)
		}
		return
	}
	if got := p.In(pack(n) | Marks); got != want {
		t.Errorf("%q in %d = %t, want %t", text, n, got, want)
	}
	set, all := p.after(pack(n / suffixes))
	if got := all || set != nil && set.has(uint16(n%suffixes)); got != want {
		t.Errorf("%q in %d by its page = %t, want %t", text, n, got, want)
	}
}
