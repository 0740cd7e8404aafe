package cli

import (
	"encoding/json"
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
		`{"id":2,"opt_out":false}`,
		`{"line":4,"error":"want a JSON object with turns: `,
		`{"id":"c4","line":5,"error":"turn 0: speaker \"robot\" is neither contact nor agent"}`,
		`{"id":"c5","line":6,"error":"there are no turns"}`,
		`{"id":"c6","line":7,"error":"there is something after the JSON object"}`,
		`{"line":8,"error":"line is longer than 1048576 bytes"}`,
		`{"opt_out":false}`,
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
