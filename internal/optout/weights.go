package optout

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"math"
	"unicode/utf8"
)

// Features is how many weights a model has: features are hashed to them.
const Features = 1 << featureBits

const featureBits = 18

// Weights are a linear model of how requests are worded in all languages: they weigh
// the pieces of words and the words of a text, and know nothing of scope. They
// never find a request by themselves; they say where a person should look.
type Weights struct {
	bias, scale float32
	weights     [Features]int8
}

// modelMark begins the file of a model.
const modelMark = "nocall-model-2\n\n"

// headSize is how many bytes come before the weights.
const headSize = len(modelMark) + 8

//go:embed weights.bin
var weightsFile []byte

// NewWeights returns the model with these weights, one for each feature, and a
// bias, as log-odds. Weights are rounded to 8 bits.
func NewWeights(bias float64, weights []float64) *Weights {
	greatest := 1e-9
	for _, w := range weights {
		greatest = max(greatest, math.Abs(w))
	}
	m := &Weights{bias: float32(bias), scale: float32(greatest / 127)}
	for i, w := range weights {
		m.weights[i] = int8(math.Round(w / greatest * 127))
	}
	return m
}

// ReadWeights reads what [Weights.AppendTo] wrote.
func ReadWeights(file []byte) (*Weights, error) {
	if len(file) != headSize+Features || string(file[:len(modelMark)]) != modelMark {
		return nil, errors.New("optout: not the file of a model")
	}
	m := new(Weights)
	at := len(modelMark)
	m.bias = math.Float32frombits(binary.LittleEndian.Uint32(file[at:]))
	m.scale = math.Float32frombits(binary.LittleEndian.Uint32(file[at+4:]))
	for i, b := range file[headSize:] {
		m.weights[i] = int8(b)
	}
	return m, nil
}

// AppendTo appends the model, as a file has it.
func (m *Weights) AppendTo(file []byte) []byte {
	file = append(file, modelMark...)
	file = binary.LittleEndian.AppendUint32(file, math.Float32bits(m.bias))
	file = binary.LittleEndian.AppendUint32(file, math.Float32bits(m.scale))
	for _, w := range m.weights {
		file = append(file, byte(w))
	}
	return file
}

// The sizes of pieces that are features, in folded bytes, and how far apart two
// words are that are one.
const (
	shortest = 3
	longest  = 5
	apart    = 5
)

// EachFeature calls fn with each feature of a text in a language, below
// [Features]: pieces of three to five bytes within and across words, one, two
// or three words, two words with up to four between them, and rows and pairs of
// what words mean. Case, accents and the values of digits make none.
func (d *Detector) EachFeature(tag, text string, fn func(feature uint32)) {
	l := d.languages[0]
	for _, other := range d.languages {
		if tag != "" && other.speaks(tag) {
			l = other
		}
	}
	var r reader
	r.read(l, text)
	r.mend()
	r.join()
	f := featurer{fn: fn}
	f.all(&r, r.tokens, r.pause)
}

// A featurer makes features of folded bytes, one after the other, and gives them
// to fn, or adds up their weights.
type featurer struct {
	fn      func(uint32) // nil to add up
	weights *Weights
	sum     int32
	taken   int

	last  [longest]byte // ring of the bytes before
	n     int           // how many there have been
	word  uint32        // hash of the word so far; 0 between words
	words [apart]uint32 // hashes of the words before, the last one first
	meant meantBefore
}

// FNV-1a, 32 bits.
const (
	fnvOffset = 2166136261
	fnvPrime  = 16777619
)

// read takes a text, which ends with a whole word.
func (f *featurer) read(text string) {
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		i += size
		switch kindOf(r) {
		case letter:
			var p [utf8.UTFMax]byte
			for _, b := range p[:fold(p[:], r)] {
				f.add(b)
			}
		case digit:
			f.add('0')
		case apostrophe:
		default:
			f.endWord()
		}
	}
	f.endWord()
}

// all takes the features of tokens of a reader, after which comes a pause.
func (f *featurer) all(r *reader, tokens []token, after pause) {
	f.add(' ')
	for _, t := range tokens {
		f.read(r.texts[t.piece][t.start:t.end])
	}
	f.meanings(r, tokens, after)
}

// take takes one feature.
func (f *featurer) take(hash uint32) {
	feature := hashed(hash)
	if f.fn != nil {
		f.fn(feature)
		return
	}
	f.feature(feature)
}

// feature adds up the weight of one.
func (f *featurer) feature(feature uint32) {
	f.sum += int32(f.weights.weights[feature])
	f.taken++
}

// odds returns what was added up, as log-odds.
func (f *featurer) odds() float32 {
	if f.taken == 0 {
		return f.weights.bias
	}
	return f.weights.bias + f.weights.scale*float32(f.sum)/float32(math.Sqrt(float64(f.taken)))
}

// add takes the next byte: a letter, a digit or the space between words.
func (f *featurer) add(b byte) {
	f.last[f.n%longest] = b
	f.n++
	h := uint32(fnvOffset)
	for size := 1; size <= min(longest, f.n); size++ {
		h = (h ^ uint32(f.last[(f.n-size)%longest])) * fnvPrime
		if size >= shortest {
			f.take(h ^ uint32(size))
		}
	}
	if b == ' ' {
		return
	}
	if f.word == 0 {
		f.word = fnvOffset
	}
	f.word = (f.word ^ uint32(b)) * fnvPrime
}

// endWord ends a word, if there is one.
func (f *featurer) endWord() {
	if f.word == 0 {
		return
	}
	one := f.word
	f.take(one)
	if f.words[0] != 0 {
		two := one*31 + f.words[0]
		f.take(two ^ 2)
		if f.words[1] != 0 {
			f.take((two*31 + f.words[1]) ^ 3)
		}
	}
	for k, before := range f.words[1:] {
		if before != 0 {
			f.take(one*31 + before*7 ^ uint32(k+5))
		}
	}
	copy(f.words[1:], f.words[:apart-1])
	f.words[0], f.word = f.word, 0
	f.add(' ')
}

// hashed spreads a hash over the features.
func hashed(h uint32) uint32 { return (h ^ h>>15) * 0x9E3779B1 >> (32 - featureBits) }
