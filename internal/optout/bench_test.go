package optout

import (
	"strings"
	"testing"
)

const (
	plainTurn = "yeah I was wondering whether the new plan would be any cheaper than what we " +
		"have at the moment because the bill went up"
	temptingTurn = "well can you call me back after five because I'm not saying don't call me, " +
		"it's that he told me to stop calling people at work"
)

// hostile is as many beginnings of phrases as a turn may hold.
var hostile = map[string]string{
	"stops":   strings.Repeat("stop calling it don't call the ", 540),
	"ifs":     strings.Repeat("if you could take me and my ", 600),
	"nots":    strings.Repeat("not saying don't want to not call ", 480),
	"offs":    strings.Repeat("off your the list remove my number from ", 410),
	"letters": strings.Repeat("é", 8<<10),
	"stars":   strings.Repeat("*'", 8<<10),
	"commas":  strings.Repeat("a,", 8<<10),
}

func TestNoMemory(t *testing.T) {
	l := New().languages
	h := &hearing{} // not from the pool, which forgets at random under the race detector
	for _, text := range []string{plainTurn, temptingTurn, "no", "yes please", ""} {
		turns := []Turn{{Agent, "May I read you the terms?"}, {Contact, text}}
		if e := h.hear(l, turns, ""); e != nil && e.found.rank != guessed {
			t.Fatalf("%q is an opt-out", text)
		}
		if n := testing.AllocsPerRun(100, func() { h.hear(l, turns, "") }); n > 0 {
			t.Errorf("find(%q) takes memory %v times; want none", text, n)
		}
	}
}

func BenchmarkFindLast(b *testing.B) {
	d := New()
	bench := func(name, text string) {
		turns := []Turn{{Agent, "May I read you the terms?"}, {Contact, text}}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				d.FindLast(turns, Options{Language: "en"})
			}
		})
	}
	bench("plain", plainTurn)
	bench("tempting", temptingTurn)
	bench("found", "look I'm sorry but please don't call me again")
	bench("answer", "yes")
	for name, text := range hostile {
		bench("hostile/"+name, text)
		bench("hostile/"+name+"/half", text[:len(text)/2])
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New()
	}
}
