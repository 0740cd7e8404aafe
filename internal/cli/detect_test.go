package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestDetect(t *testing.T) {
	long := `{"id":"long","turns":[],"x":"` + strings.Repeat("x", maxLine) + `"}`
	in := strings.Join([]string{
		`{"id":"c1","turns":[{"speaker":"agent","text":"Hello"},` +
			`{"speaker":"contact","text":"please don't call me again"}],"language":"en"}`,
		`{"id":2,"turns":[{"speaker":"contact","text":"please call me again"}]}`,
		``,
		`not JSON`,
		`{"id":"c4","turns":[{"speaker":"robot","text":"x"}]}`,
		`{"id":"c5"}`,
		`{"id":"c6","turns":[]} {}`,
		long,
		`{"turns":[]}`,
	}, "\n")
	got := invoke(t, in, nil, "detect")
	if got.status != 1 {
		t.Errorf("status %d, want 1", got.status)
	}
	want := []string{
		`{"id":"c1","opt_out":true,"turn":1,"quote":"`,
		`{"id":2,"opt_out":false,"verdict":"none"}`,
		`{"line":4,"error":"want a JSON object with turns: `,
		`{"id":"c4","line":5,"error":"turn 0: speaker \"robot\" is neither contact nor agent"}`,
		`{"id":"c5","line":6,"error":"there are no turns"}`,
		`{"id":"c6","line":7,"error":"there is something after the JSON object"}`,
		`{"line":8,"error":"line is longer than 1048576 bytes"}`,
		`{"opt_out":false,"verdict":"none"}`,
	}
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), got.stdout)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) || !json.Valid([]byte(line)) {
			t.Errorf("line %d is\n%s; want\n%s", i+1, line, want[i])
		}
	}
	if n := strings.Count(got.stderr, "nocall: line "); n != 5 {
		t.Errorf("%d lines are named on stderr, want 5:\n%s", n, got.stderr)
	}
}

// TestDetectOrder judges more lines than one batch has.
func TestDetectOrder(t *testing.T) {
	const n = 3*atMost + 7
	var in strings.Builder
	for i := range n {
		text := "tell me more"
		if i%3 == 0 {
			text = "stop calling me"
		}
		fmt.Fprintf(&in, "{\"id\":%d,\"text\":%q}\n", i, text)
	}
	got := strings.Split(invoke(t, in.String(), nil, "detect").stdout, "\n")
	if len(got) != n+1 {
		t.Fatalf("%d lines, want %d", len(got)-1, n)
	}
	for i, line := range got[:n] {
		if want := fmt.Sprintf(`{"id":%d,"opt_out":%v,`, i, i%3 == 0); !strings.HasPrefix(line, want) {
			t.Fatalf("line %d is %s, want %s...", i, line, want)
		}
	}
}

func TestDetectExplain(t *testing.T) {
	in := `{"id":1,"language":"en","text":"I'm not saying don't call me"}` + "\n"
	got := invoke(t, in, nil, "detect", "-explain")
	for _, want := range []string{
		`{"id":1,"opt_out":false,"verdict":"none","read":[{"turn":0,"language":"en","words":"`,
		`"refused":"negation"`,
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("detect -explain says\n%s\nwant %s in it", got.stdout, want)
		}
	}
}

func TestDetectMeasure(t *testing.T) {
	in := strings.Join([]string{
		`{"id":1,"language":"en","category":"direct","label":"opt_out","text":"stop calling me"}`,
		`{"id":2,"language":"en","category":"direct","label":"opt_out","text":"bananas"}`,
		`{"id":3,"language":"en","category":"neg_naming","label":"none","text":"stop calling me"}`,
		`{"id":4,"language":"en","category":"neg_naming","text":"call me Bob"}`,
		`{"id":5,"language":"en","category":"amb_stop","label":"ambiguous","text":"stop calling"}`,
	}, "\n")
	got := invoke(t, in, nil, "detect", "-measure", "-misses", "-")
	for _, want := range []string{
		"2 direct: is opt_out, judged none\n    contact: bananas\n",
		"3 neg_naming: is none, judged opt_out (",
		"\nen                              2       1       2      1      0.500    0.500  0.500\n",
		"\ndirect                          2       1       0      0      0.500        0      0\n",
		"\nneg_naming                      0       0       2      1      0.500        0      0\n",
		"\namb_stop                        0       0       0      0          -        1      1\n",
		"Fired 1 times in 2 turns of contacts without an opt-out: 5000.0 in 10,000.\n",
		"That is in 1 of 2 conversations: 500.0 in 1,000.\n",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("detect -measure says\n%s\nwant %q in it", got.stdout, want)
		}
	}
	got = invoke(t, in, nil, "detect", "-measure", "-json", "-")
	long := `{"language":"en","category":"direct","label":"opt_out","text":"` +
		strings.Repeat("you know what ", 20) + `"}`
	noisy := invoke(t, long, nil, "detect", "-measure", "-misses", "-noise", "0.3", "-").stdout
	again := invoke(t, long, nil, "detect", "-measure", "-misses", "-noise", "0.3", "-").stdout
	if noisy != again || strings.Contains(noisy, strings.Repeat("you know what ", 20)) {
		t.Errorf("with noise detect -measure says\n%s\nand then\n%s", noisy, again)
	}
	want := `"all":{"opt_outs":2,"heard":1,"others":2,"fired":1,`
	if !strings.Contains(got.stdout, want) {
		t.Errorf("detect -measure -json says\n%s\nwant %s in it", got.stdout, want)
	}
	for _, c := range []struct{ in, args, want string }{
		{"", "-measure", "wants a file"},
		{"", "-measure -", "no conversations"},
		{`{"text":"hello","label":"yes"}`, "-measure -", `-: line 1: label "yes" is not`},
		{"", "-measure /nowhere", "no such file"},
		{"", "file", "reads standard input"},
		{"", "-measure -noise 2 -", "is a share"},
		{"", "-noise 0.1", "is for -measure"},
		{"", "-preset bold", "bold"},
	} {
		got := invoke(t, c.in, nil, append([]string{"detect"}, strings.Fields(c.args)...)...)
		if got.status == 0 || !strings.Contains(got.stderr, c.want) {
			t.Errorf("detect %s: status %d, %q; want %q", c.args, got.status, got.stderr, c.want)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add([]byte(`{"id":"c1","turns":[{"speaker":"contact","text":"stop calling me"}]}`))
	f.Add([]byte(`{"id":{"a":[1]},"turns":null}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		in := strings.ReplaceAll(string(line), "\n", " ")
		got := invoke(t, in, nil, "detect")
		if strings.TrimSpace(in) == "" {
			return
		}
		if n := strings.Count(got.stdout, "\n"); n != 1 || !json.Valid([]byte(got.stdout)) {
			t.Errorf("detect answered %q with %d lines: %q", in, n, got.stdout)
		}
	})
}
