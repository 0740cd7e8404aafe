package web

import (
	"cmp"
	"strings"

	"nocall/internal/optout"
	"nocall/internal/voice"
)

// language is one that can be chosen for words.
type language struct {
	Tag, Name string
}

var languages = []language{
	{"en", "English"},
	{"es", "Spanish"},
	{"fr", "French"},
	{"de", "German"},
	{"pt", "Portuguese"},
	{"it", "Italian"},
}

// maxTried is the greatest length of words that are tried, in bytes.
const maxTried = 2000

// triedPage is what would be heard in words that somebody types.
type triedPage struct {
	Text    string
	TooLong bool
	Verdict optout.Verdict
	Finding optout.Finding
	Parts   []part
	Effect  string // what would become of the number
}

// tryWords says what would be heard if a contact said some words. Nothing is
// kept of them.
func (s *Server) tryWords(v *visit) (answer, error) {
	page := triedPage{Text: strings.TrimSpace(v.PostFormValue("text"))}
	page.TooLong = len(page.Text) > maxTried
	if page.Text == "" || page.TooLong {
		return dialog("tried", "Try words", page), nil
	}
	var said []optout.Turn
	agent := strings.TrimSpace(v.PostFormValue("agent"))
	if agent != "" && len(agent) <= maxTried {
		said = append(said, optout.Turn{Speaker: optout.Agent, Text: agent})
	}
	said = append(said, optout.Turn{Speaker: optout.Contact, Text: page.Text})
	preset := cmp.Or(optout.Preset(v.world.Settings.OptOutPreset), optout.Cautious)
	f, _ := s.Listener.Detector.Find(said, optout.Options{
		Language: readLanguage(v.PostFormValue("language")), Preset: preset,
	})
	page.Finding, page.Verdict = f, cmp.Or(f.Verdict, optout.None)
	page.Parts, _ = mark(
		voice.Turn{Index: len(said) - 1, Text: page.Text},
		[]voice.Finding{{Finding: f, Channel: voice.Speech}},
	)
	page.Effect = effect(preset, f)
	return dialog("tried", "Try words", page), nil
}

func readLanguage(text string) string {
	for _, l := range languages {
		if l.Tag == text {
			return text
		}
	}
	return ""
}

// effect says what becomes of a number for a finding.
func effect(p optout.Preset, f optout.Finding) string {
	suppressed := p.Suppresses(f)
	switch {
	case f.Verdict == optout.OptOut:
		return "The number is put on the DNC list at once."
	case suppressed:
		return "The number is put on the DNC list until a person has looked."
	case f.Verdict == optout.Review,
		f.Verdict == optout.Scoped && f.Family != "" && p != optout.Strict:
		return "It waits for a person’s review; the number is not listed meanwhile."
	}
	return "The number is not listed."
}
