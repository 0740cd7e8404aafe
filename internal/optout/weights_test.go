package optout

import (
	"bytes"
	"math"
	"testing"
)

func TestModelFile(t *testing.T) {
	weights := make([]float64, Features)
	EachFeature("stop calling", func(f uint32) { weights[f] = 2.5 })
	EachFeature("hello there", func(f uint32) { weights[f] = -1 })
	m := NewWeights(0.5, weights)
	file := m.AppendTo(nil)
	again, err := ReadWeights(file)
	if err != nil || *again != *m {
		t.Fatalf("ReadWeights = %v; want the model that was written", err)
	}
	if !bytes.Equal(again.AppendTo(nil), file) {
		t.Error("a model that was read is written otherwise")
	}
	if odds := again.LogOdds("Stop CALLING!"); odds < 3 {
		t.Errorf("LogOdds of a request = %v; want much", odds)
	}
	if odds := again.LogOdds("hello, there"); odds > -1 {
		t.Errorf("LogOdds of a greeting = %v; want little", odds)
	}
	if odds := again.LogOdds(" ... "); math.Abs(float64(odds)-0.5) > 0.1 {
		t.Errorf("LogOdds of nothing = %v; want the bias", odds)
	}
	for _, bad := range [][]byte{nil, file[1:], file[:len(file)-1], make([]byte, len(file))} {
		if _, err := ReadWeights(bad); err == nil {
			t.Errorf("ReadWeights of %d bytes: no error", len(bad))
		}
	}
}

// TestFeatures shows what makes no difference.
func TestFeatures(t *testing.T) {
	of := func(text string) (all []uint32) {
		EachFeature(text, func(f uint32) { all = append(all, f) })
		return all
	}
	want := of("n'appelez plus le 555 été")
	for _, text := range []string{
		"N’APPELEZ PLUS LE 123 ÉTÉ", "n'appelez, plus... le 999 ete!", " nappelez plus le 000 ete ",
	} {
		if got := of(text); !bytes.Equal(bytesOf(got), bytesOf(want)) {
			t.Errorf("features of %q differ", text)
		}
	}
	m := New().Weights
	if n := testing.AllocsPerRun(10, func() { m.LogOdds("please stop calling me, été") }); n > 0 {
		t.Errorf("LogOdds: %v allocations; want none", n)
	}
}

func bytesOf(features []uint32) (b []byte) {
	for _, f := range features {
		b = append(b, byte(f), byte(f>>8), byte(f>>16))
	}
	return b
}

func FuzzLogOdds(f *testing.F) {
	f.Add("stop \xff calling\u0301")
	m := New().Weights
	f.Fuzz(func(t *testing.T, text string) {
		EachFeature(text, func(f uint32) {
			if f >= Features {
				t.Errorf("feature %d of %q", f, text)
			}
		})
		if odds := m.LogOdds(text); math.IsNaN(float64(odds)) {
			t.Errorf("LogOdds(%q) is no number", text)
		}
	})
}
