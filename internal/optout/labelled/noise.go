package labelled

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"nocall/internal/optout"
)

// Noise is what a bad line and a speech recogniser make of words.
type Noise struct {
	Share float64 // of the contact's words that are misheard, from 0 to 1
	Seed  uint64  // the same makes the same of the same conversation
}

// Of returns the conversation as it is misheard. The agent's words stay, as
// their side of the line is a program's.
func (n Noise) Of(c Conversation) Conversation {
	h := fnv.New64a()
	h.Write(c.ID)
	r := rand.New(rand.NewPCG(n.Seed, h.Sum64()))
	c.Turns = slices.Clone(c.Turns)
	for i, t := range c.Turns {
		if t.Speaker == optout.Contact {
			c.Turns[i].Text = n.text(r, t.Text)
		}
	}
	return c
}

// text returns a text as it is misheard. A turn of one word stays as it is, as
// nobody could tell what it was.
func (n Noise) text(r *rand.Rand, text string) string {
	words := strings.Fields(text)
	if len(words) < 2 {
		return text
	}
	var heard []string
	for i := 0; i < len(words); i++ {
		if r.Float64() >= n.Share {
			heard = append(heard, words[i])
			continue
		}
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		made, taken := mishear(r, words[i], next)
		heard = append(heard, made...)
		i += taken - 1
	}
	return strings.Join(heard, " ")
}

// short is how many letters a word has at most that is swallowed.
const short = 3

// mishear returns what is heard for a word, or for it and the next one, and how
// many of the two that takes.
func mishear(r *rand.Rand, word, next string) (heard []string, taken int) {
	letters := []rune(word)
	likes := soundsLike(strings.ToLower(word))
	switch pick := r.IntN(4); {
	case pick < 2 && len(likes) > 0:
		return []string{likes[r.IntN(len(likes))]}, 1
	case pick == 0 && len(letters) <= short:
		return nil, 1
	case pick == 1 && next != "":
		return []string{word + next}, 2
	case pick == 2 && len(letters) > 2*short:
		at := short + r.IntN(len(letters)-2*short+1)
		return []string{string(letters[:at]), string(letters[at:])}, 1
	}
	return []string{slip(r, letters)}, 1
}

// slip returns a word with one letter missing, doubled, swapped with the next
// or heard as another.
func slip(r *rand.Rand, letters []rune) string {
	letters = slices.Clone(letters)
	if len(letters) < 2 {
		return string(letters)
	}
	i := r.IntN(len(letters) - 1)
	switch r.IntN(4) {
	case 0:
		letters = slices.Delete(letters, i, i+1)
	case 1:
		letters = slices.Insert(letters, i, letters[i])
	case 2:
		letters[i], letters[i+1] = letters[i+1], letters[i]
	default:
		letters[i] = near(r, letters[i])
	}
	return string(letters)
}

// alike are letters that sound alike, or nearly.
var alike = []string{"aeiou", "bp", "dt", "gk", "ckq", "fv", "mn", "sz", "lr", "jy", "hw", "xs"}

// near returns a letter that sounds like b, or b itself.
func near(r *rand.Rand, b rune) rune {
	for _, group := range alike {
		if at := strings.IndexRune(group, b); at >= 0 {
			other := (at + 1 + r.IntN(len(group)-1)) % len(group)
			heard, _ := utf8.DecodeRuneInString(group[other:])
			return heard
		}
	}
	return b
}

// soundsLike returns words that are said nearly as word is.
func soundsLike(word string) []string {
	for _, group := range homophones {
		if i := slices.Index(group, word); i >= 0 {
			return slices.Concat(group[:i], group[i+1:])
		}
	}
	return nil
}

// homophones are words of all six languages that recognisers confuse.
var homophones = [][]string{
	{"call", "cold", "coal", "caul", "fall"},
	{"calls", "cause", "cords"},
	{"calling", "falling"},
	{"don't", "dont", "doughnut", "donut"},
	{"number", "lumber"},
	{"list", "least", "lest"},
	{"your", "you're", "you"},
	{"their", "there"},
	{"to", "two", "too"},
	{"no", "know"},
	{"again", "a gain", "agen"},
	{"remove", "re move", "removed"},
	{"stop", "shop", "stopped"},
	{"phone", "fone", "form"},
	{"more", "moore"},
	{"me", "be"},
	{"off", "of"},
	{"take", "taking"},
	{"from", "form"},
	{"want", "won't", "wont"},
	{"ring", "bring"},
	{"him", "them"},
	{"llame", "llama", "yame"},
	{"llamen", "llaman", "yamen"},
	{"más", "mas", "mal"},
	{"quiten", "quieten", "kiten"},
	{"lista", "vista"},
	{"número", "un mero", "numero"},
	{"appelez", "appeler", "à peler"},
	{"plus", "plu", "plut"},
	{"liste", "list", "piste"},
	{"ne", "me", "nœud"},
	{"numéro", "huméro"},
	{"arrêtez", "arrêter", "à rétez"},
	{"rufen", "ruhen", "rufe"},
	{"mehr", "meer"},
	{"nicht", "nich", "nischt"},
	{"an", "am"},
	{"anrufen", "an rufen", "anruf"},
	{"streichen", "schleichen"},
	{"nummer", "nomma"},
	{"ligue", "liga", "ligui"},
	{"liguem", "ligem", "ligue"},
	{"mais", "mas"},
	{"não", "nao", "num"},
	{"chiamate", "chiamata", "kiamate"},
	{"chiami", "chiama", "kiami"},
	{"più", "piu", "pio"},
	{"tolga", "tolta", "colga"},
	{"mi", "vi"},
	{"numero", "nomero"},
}
