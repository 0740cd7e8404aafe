package optout

import (
	"strings"
	"testing"
)

// TestRead reads turns into words: those that English does not name are "?",
// numbers are "0"; a pause is a comma, a full stop or a question mark.
func TestRead(t *testing.T) {
	l := New().languages[0]
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"Don't call me", "dont call me"},
		{"DO NOT CALL ME", "dont call me"},
		{"don’t ‘call’ me`", "dont call me"},
		{"Do n't cáll mé", "dont call me"},
		{"cal\u0301l me", "call me"},
		{"do not-call", "dont call"},
		{"um, please, don't, uh, call", ",dont ,call"},
		{"st- stop calling", "stop calling"},
		{"stop stop stop calling", "stop calling"},
		{"take me, take me off", ",take me off"},
		{"stop. stop. calling", "stop .stop .calling"},
		{"call me any more", "call me anymore"},
		{"on the D.N.C. list", "on the dnc"},
		{"don't... call me… ok?", "dont ,call me ,ok"},
		{"what? stop! now; or\nnever", "what ?stop .now .or .never"},
		{"call 555-0199 at 5pm", "call 0 0 at 0"},
		{"f***ing stop **now**", "stop now"},
		{"zyxw stop", "? stop"},
		{"stop \xff\xfe", "stop"},
		{strings.Repeat("x", 100) + " stop", "? stop"},
	} {
		var r reader
		r.read(l, c.text)
		r.join()
		if got := spoken(l, r.tokens, c.want); got != c.want {
			t.Errorf("%q reads %q; want %q", c.text, got, c.want)
		}
	}
}

// spoken writes tokens with the marks of TestRead, each word as it is spelled
// in want if it is that word.
func spoken(l *language, tokens []token, want string) string {
	names := map[word]string{unknown: "?", number: "0"}
	for _, field := range strings.Fields(want) {
		text := strings.TrimLeft(field, ",.?")
		if w, ok := l.words[text]; ok {
			names[w] = text
		}
	}
	var words []string
	for _, t := range tokens {
		words = append(words, []string{"", ",", ".", "?"}[t.pause]+names[t.word])
	}
	return strings.Join(words, " ")
}

func TestFold(t *testing.T) {
	for r, want := range map[rune]string{
		'A': "a", 'z': "z", '7': "7", 'É': "e", 'ñ': "n", 'Ž': "z", 'ž': "z", 'ÿ': "y", 'ł': "l",
		'æ': "ae", 'œ': "oe", 'ß': "ss", 'Ω': "ω", 'İ': "i̇"[:1], '中': "中",
	} {
		var p [8]byte
		if got := string(p[:fold(p[:], r)]); got != want {
			t.Errorf("fold(%q) = %q; want %q", r, got, want)
		}
	}
}
