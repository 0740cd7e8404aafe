package optout

import (
	"strings"
	"testing"
)

// said reads a conversation: turns between slashes, those of the agent between
// brackets.
func said(text string) (turns []Turn) {
	for turn := range strings.SplitSeq(text, " / ") {
		if agent, ok := strings.CutPrefix(turn, "["); ok {
			turns = append(turns, Turn{Agent, strings.TrimSuffix(agent, "]")})
			continue
		}
		turns = append(turns, Turn{Contact, turn})
	}
	return turns
}

// shown writes a finding as "VERDICT before~quote", with its doubt if it is of a
// later turn.
func shown(f Finding, ok bool) string {
	if !ok {
		return ""
	}
	s := string(f.Verdict)
	if f.Doubt != "" {
		s += " " + string(f.Doubt)
	}
	if f.Before != nil {
		s += " " + f.Before.Quote + " ~"
	}
	return s + " " + f.Quote
}

// littleEnglish is a language of a few words.
const littleEnglish = `
	dont = do not
	drop = please
	@follows = again and before but i okay
	<list> = your|the list
	anchors = call calling stop list take off
	digits = zero one two
	group any
	before negation: never said ..2 +
	before reported: he told me ..2

	scope time: before|after nine|ten|DIGITS
	group naming with any
	after naming: !@follows
	dont_call: dont call object:me again?
	dont_call: dont call again
	stop_calling: stop calling me?
	group lists with any
	removal: take ..3 off list:<list>
	removal: take me off
	group bare
	family stop
	bare_stop: BEGIN stop END
	group offer
	offer: want ..3 off|calling
	answer yes: BEGIN yes END
	alternative: call me tomorrow
	withdraw reversal: you can call
	unless negation: if|dont ..1
`

// TestStream gives, for conversations, what the last turn completes and how
// they stand at their end, = if the same.
func TestStream(t *testing.T) {
	l, err := parse("en", littleEnglish)
	if err != nil {
		t.Fatal(err)
	}
	d := &Detector{languages: []*language{l}}
	for _, c := range []struct{ talk, last, end string }{
		{"please / don't call me / again", "", "opt_out don't call me"},
		{"stop / calling me", "opt_out stop ~ calling me", "="},
		{"please stop / [sir, if I may] / calling me", "opt_out stop ~ calling me", "="},
		{"Stop. / Calling. / Me.", "", "opt_out Stop ~ Calling"},
		{"take me off / [Sir —] / your list please", "", "opt_out take me off"},
		{
			"I want you to take / [okay] / my number off / your list",
			"opt_out take ~ your list", "=",
		},
		{"take my number / [I see] / off your list", "opt_out take my number ~ off your list", "="},
		// What the agent said in between was no mere interruption.
		{
			"please stop / " +
				"[Would you like to hear of our other plans and what they cost?] / calling me",
			"", "review ambiguous stop",
		},
		{
			"no I don't / " +
				"[And if I gave you a moment to think about all of it, as others do?] / call me",
			"", "",
		},
		// A request is found once, unless it is said again.
		{"don't call me / okay", "", "opt_out don't call me"},
		{
			"don't call me / [Sir] / don't call me again",
			"opt_out don't call me again", "opt_out don't call me",
		},
		// What is said next makes another thing of it.
		{"don't call me / before nine", "scoped don't call me ~ before nine", "="},
		{"don't call me / Shirley", "review withdrawn don't call me ~ Shirley", "="},
		{"don't call me. / Shirley", "", "opt_out don't call me"},
		{"don't call me / [Shirley?] / Shirley was here", "", "opt_out don't call me"},
		{"I never said / don't call me", "", ""},
		{"I never said / [uh huh] / don't call me", "", ""},
		{"he told me / to stop calling her", "", ""},
		// But a new sentence stands for itself.
		{"I never said that. / don't call me", "opt_out don't call me", "="},
		{
			"he told me / [Sorry to interrupt you, sir] / stop calling me",
			"opt_out stop calling me", "=",
		},
		// Later turns take it back, or say it after all.
		{
			"don't call me again / [It is the pharmacy.] / oh then you can call me",
			"review withdrawn don't call me again ~ you can call", "=",
		},
		{
			"don't call me again / [It is the pharmacy.] / oh then you can call me / " +
				"[Thank you.] / no, take me off your list",
			"opt_out take me off your list", "=",
		},
		{"hello / [It is the pharmacy.] / you can call me", "", ""},
		// The agent's own words.
		{
			"[They say: stop calling me.] / they say stop calling me",
			"review echo stop calling me", "=",
		},
		{
			"[Do not call me is what they say.] / I mean it, don't call me",
			"review echo don't call me", "=",
		},
		{
			"[Do you want us off, or stop calling you?] / stop calling me",
			"opt_out stop calling me", "=",
		},
		{ // too short to tell
			"[Stop calling, they say.] / stop calling",
			"opt_out stop calling", "=",
		},
		{"[Stop me if you know it.] / stop calling me", "opt_out stop calling me", "="},
		{
			"leave my mother out / [Hm] / please don't call me before nine / [Sure] / " +
				"stop calling me",
			"opt_out stop calling me", "=",
		},
	} {
		turns := said(c.talk)
		if got := shown(d.FindLast(turns, Options{Language: "en"})); got != c.last {
			t.Errorf("FindLast(%q) = %q; want %q", c.talk, got, c.last)
		}
		if c.end == "=" {
			c.end = c.last
		}
		if got := shown(d.Find(turns, Options{})); got != c.end {
			t.Errorf("Find(%q) = %q; want %q", c.talk, got, c.end)
		}
	}
}
