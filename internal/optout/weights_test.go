package optout

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

func TestModelFile(t *testing.T) {
	weights := make([]float64, Features)
	d := New()
	d.EachFeature("en", "stop calling", func(f uint32) { weights[f] = 2.5 })
	d.EachFeature("en", "hello there", func(f uint32) { weights[f] = -1 })
	m := NewWeights(0.5, weights)
	file := m.AppendTo(nil)
	again, err := ReadWeights(file)
	if err != nil || *again != *m {
		t.Fatalf("ReadWeights = %v; want the model that was written", err)
	}
	if !bytes.Equal(again.AppendTo(nil), file) {
		t.Error("a model that was read is written otherwise")
	}
	if odds := again.odds(d, "Stop CALLING!"); odds < 3 {
		t.Errorf("odds of a request = %v; want much", odds)
	}
	if odds := again.odds(d, "hello there"); odds > -1 {
		t.Errorf("odds of a greeting = %v; want little", odds)
	}
	if odds := (&featurer{weights: again}).odds(); math.Abs(float64(odds)-0.5) > 0.1 {
		t.Errorf("odds of nothing = %v; want the bias", odds)
	}
	for _, bad := range [][]byte{nil, file[1:], file[:len(file)-1], make([]byte, len(file))} {
		if _, err := ReadWeights(bad); err == nil {
			t.Errorf("ReadWeights of %d bytes: no error", len(bad))
		}
	}
}

// odds returns the log-odds of a text in English.
func (m *Weights) odds(d *Detector, text string) float32 {
	f := featurer{weights: m}
	d.EachFeature("en", text, f.feature)
	return f.odds()
}

// TestFeatures shows what makes no difference.
func TestFeatures(t *testing.T) {
	d := New()
	of := func(text string) (all []uint32) {
		d.EachFeature("fr", text, func(f uint32) { all = append(all, f) })
		return all
	}
	want := of("n'appelez plus le 555 été")
	for _, text := range []string{
		"N’APPELEZ PLUS LE 123 ÉTÉ", "n'appelez plus le 999 ete!", " n`appelez  plus le 000 ete ",
	} {
		if got := of(text); !slices.Equal(got, want) {
			t.Errorf("features of %q differ", text)
		}
	}
}

// TestMeanings shows that languages have features in common.
func TestMeanings(t *testing.T) {
	d := New()
	of := map[uint32]bool{}
	d.EachFeature("en", "don't call me", func(f uint32) { of[f] = true })
	common := 0
	d.EachFeature("es", "no me llame", func(f uint32) {
		if of[f] {
			common++
		}
	})
	if common < 5 {
		t.Errorf("%d features in common; want those of what is not to be done", common)
	}
}

func FuzzFeatures(f *testing.F) {
	f.Add("fr", "stop \xff calling\u0301")
	d := New()
	f.Fuzz(func(t *testing.T, tag, text string) {
		d.EachFeature(tag, text, func(f uint32) {
			if f >= Features {
				t.Errorf("feature %d of %q", f, text)
			}
		})
	})
}
