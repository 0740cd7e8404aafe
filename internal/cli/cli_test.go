package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/alecthomas/kong"
)

// result is what one run of the program gave.
type result struct {
	status         int
	stdout, stderr string
}

// invoke runs the program. Env is NAME=value.
func invoke(t *testing.T, stdin string, env []string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := Run(t.Context(), Invocation{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
		Env: func(name string) (string, bool) {
			for _, pair := range env {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value, true
				}
			}
			return "", false
		},
	})
	return result{status, stdout.String(), stderr.String()}
}

func TestDoubleDashes(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"add -reason x +1", "add --reason x +1"},
		{"add --reason x", "add --reason x"},
		{"add -reason=-x", "add --reason=-x"},
		{"check -", "check -"},
		{"check -14155550123", "check -14155550123"}, // a number, if a strange one
		{"check -h", "check -h"},
		{"check -- -reason", "check -- -reason"},
	} {
		got := strings.Join(doubleDashes(strings.Fields(test.args)), " ")
		if got != test.want {
			t.Errorf("doubleDashes(%q) = %q, want %q", test.args, got, test.want)
		}
	}
}

func TestHelp(t *testing.T) {
	for args, want := range map[string]string{
		"-h": usage, "--help": usage, "help": usage, "check -h": checkUsage,
		"help check": checkUsage, "key add -help": keyUsage, "call place --help x": callUsage,
	} {
		got := invoke(t, "", nil, strings.Fields(args)...)
		if got.status != 0 || got.stdout != want || got.stderr != "" {
			t.Errorf("nocall %s: %+v, want the usage text on stdout", args, got)
		}
	}
	got := invoke(t, "", nil, "help", "dance")
	if got.status != 2 || !strings.Contains(got.stderr, `there is no command "dance"`) {
		t.Errorf("nocall help dance: %+v", got)
	}
	if got := invoke(t, "", nil); got.status != 2 || got.stderr != usage {
		t.Errorf("nocall alone: %+v", got)
	}
}

// TestUsage holds the usage texts against the grammar: every flag is told of,
// every command has a text, and lines fit a terminal.
func TestUsage(t *testing.T) {
	parser, err := newParser(&settings{})
	if err != nil {
		t.Fatal(err)
	}
	texts := usages()
	for _, command := range parser.Model.Children {
		text, ok := texts[command.Name]
		if !ok {
			t.Errorf("no usage text of %s", command.Name)
		}
		if !strings.Contains(usage, command.Name) {
			t.Errorf("usage does not tell of %s", command.Name)
		}
		if command.Name == "config" {
			text += serveUsage
		}
		for _, flag := range flags(command) {
			if !strings.Contains(text, "    -"+flag) && !strings.Contains(text, "[-"+flag) {
				t.Errorf("usage of %s does not tell of -%s", command.Name, flag)
			}
		}
	}
	for name, text := range texts {
		for line := range strings.Lines(text) {
			if len(line) > 81 && !strings.Contains(line, `{"`) {
				t.Errorf("usage of %s: line is longer than 80: %s", name, line)
			}
		}
	}
}

func flags(node *kong.Node) []string {
	var names []string
	for _, f := range node.Flags {
		names = append(names, f.Name)
	}
	for _, child := range node.Children {
		names = append(names, flags(child)...)
	}
	return names
}

func TestUsageErrors(t *testing.T) {
	for args, want := range map[string]string{
		"dance":                        `unexpected argument dance`,
		"check":                        `expected "<number> ..."`,
		"check -frob 1":                `unknown flag -frob`,
		"list -created-by fluents":     `must be one of`,
		"environment remove old":       `-confirm old`,
		"list -limit many":             `expected a valid 64 bit int`,
		"call inbound +14155550123":    `missing flags: -called`,
		"key add -role emperor a":      `must be one of`,
		"serve -config /does/not/x":    `no such file`,
		"serve -simulator-speed -fast": `expected float`,
	} {
		got := invoke(t, "", nil, strings.Fields(args)...)
		if got.status != 2 || !strings.Contains(got.stderr, want) || got.stdout != "" {
			t.Errorf("nocall %s: %+v, want status 2 and %q", args, got, want)
		}
		if !strings.Contains(got.stderr, "nocall: hint: ") {
			t.Errorf("nocall %s: no hint in %s", args, got.stderr)
		}
	}
}

// TestSources takes a setting from the command line before the environment,
// and from there before the file.
func TestSources(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nocall.conf")
	text := "# settings\nlisten = :3\nplatform = \"Ours, # and theirs\"\n\nsecure-cookies=true\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"NOCALL_LISTEN=:2", "NOCALL_LOG_LEVEL=debug", "NOCALL_CONFIG=" + file,
		"NOCALL_DATABASE=postgres://u:secret@db/x", "NOCALL_ADMIN_PASSWORD=secret",
	}
	got := invoke(t, "", env, "config", "-log-level", "warn")
	if got.status != 0 || strings.Contains(got.stdout, "secret@") {
		t.Fatalf("nocall config: %+v", got)
	}
	for _, want := range []string{
		"listen :2 NOCALL_LISTEN",
		"data ./nocall-data default",
		"platform Ours, # and theirs " + file,
		"secure-cookies true " + file,
		"log-level warn -log-level",
		"database postgres://u:xxxxx@db/x NOCALL_DATABASE",
		"admin-password (hidden) NOCALL_ADMIN_PASSWORD",
	} {
		found := slices.ContainsFunc(strings.Split(got.stdout, "\n"), func(line string) bool {
			return strings.Join(strings.Fields(line), " ") == want
		})
		if !found {
			t.Errorf("nocall config has no line %q:\n%s", want, got.stdout)
		}
	}
}

func TestReadSettings(t *testing.T) {
	known := map[string]bool{"listen": true, "data": true}
	for text, want := range map[string]string{
		"listen":             "line 1: want name = value",
		"\nlisten = x\nlost": "line 3: want",
		"lost = 1":           `there is no setting "lost"`,
		"data=1\ndata=2":     "line 2: data is set twice",
		`data = "1`:          "quotes are not closed",
	} {
		if _, err := readSettings(strings.NewReader(text), known); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("readSettings(%q): %v, want %q", text, err, want)
		}
	}
}

func FuzzReadSettings(f *testing.F) {
	f.Add("listen = :80\n# more\ndata = \"a b\"")
	known := map[string]bool{"listen": true, "data": true}
	f.Fuzz(func(t *testing.T, text string) {
		values, err := readSettings(strings.NewReader(text), known)
		if err != nil {
			return
		}
		var again strings.Builder
		for name, value := range values {
			fmt.Fprintf(&again, "%s = %q\n", name, value)
		}
		reread, err := readSettings(strings.NewReader(again.String()), known)
		if err != nil || fmt.Sprint(reread) != fmt.Sprint(values) {
			t.Errorf("%q read again is %v, %v; want %v", text, reread, err, values)
		}
	})
}

func TestReadKey(t *testing.T) {
	const file = `{"sandbox":"nocall_sandbox_a_b","production":"nocall_production_a_b"}`
	for _, test := range []struct{ text, environment, key, wrong string }{
		{" nocall_x_y_z\n", "", "nocall_x_y_z", ""},
		{file, "production", "nocall_production_a_b", ""},
		{file, "", "", "-environment"},
		{file, "staging", "", "no key of environment"},
		{"{", "", "", "read key"},
	} {
		key, err := readKey([]byte(test.text), test.environment)
		if key != test.key || (err == nil) != (test.wrong == "") ||
			err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("readKey(%q, %q) = %q, %v", test.text, test.environment, key, err)
		}
	}
}

// TestKeyFileFirst takes a key file on the command line before a key from the
// environment, and a key before a key file where both are from there.
func TestKeyFileFirst(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("filed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Get("Authorization")
		fmt.Fprint(w, `{"number":"+1","verdict":"clear"}`)
	}))
	defer server.Close()
	env := []string{
		"NOCALL_SERVER=" + server.URL, "NOCALL_ENVIRONMENT=sandbox", "NOCALL_KEY=set",
	}
	for _, test := range []struct {
		env, args []string
		want      string
	}{
		{nil, []string{"-key-file", file}, "filed"},
		{[]string{"NOCALL_KEY_FILE=" + file}, nil, "set"},
		{[]string{"NOCALL_KEY_FILE=" + file}, []string{"-key", "given"}, "given"},
	} {
		args := append([]string{"check", "1"}, test.args...)
		got := invoke(t, "", append(test.env, env...), args...)
		if got.status != 0 || sent != "Bearer "+test.want {
			t.Errorf("%v with %v sent %q, want %s; %+v", args, test.env, sent, test.want, got)
		}
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	text := "a\r\n\n" + long + "\n" + long + "y\nb"
	var got []string
	for line, err := range lines(iotest.HalfReader(strings.NewReader(text))) {
		switch {
		case err != nil:
			got = append(got, err.Error())
		case len(line) == maxLine:
			got = append(got, "whole")
		default:
			got = append(got, string(line))
		}
	}
	if want := []string{"a", "", "whole", errLongLine.Error(), "b"}; !slices.Equal(got, want) {
		t.Errorf("lines gave %q, want %q", got, want)
	}
	broken := errors.New("broken")
	for _, err := range lines(iotest.ErrReader(broken)) {
		if !errors.Is(err, broken) {
			t.Errorf("lines of a broken reader gave %v", err)
		}
	}
}

func TestInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		wrong := errors.New("wrong")
		var inputs iter.Seq2[string, error] = func(yield func(string, error) bool) {
			for i := range n {
				yield(fmt.Sprint(i), nil)
			}
			yield("", wrong)
		}
		begin := time.Now()
		var got []string
		err := inOrder(inputs, func(s string) string {
			<-time.After(time.Duration(1+len(s)%3) * time.Millisecond)
			return s
		}, func(s string) { got = append(got, s) })
		if !errors.Is(err, wrong) || len(got) != n {
			t.Fatalf("inOrder: %v, %d outcomes, want %d", err, len(got), n)
		}
		for i, s := range got {
			if s != fmt.Sprint(i) {
				t.Fatalf("outcome %d is of input %s", i, s)
			}
		}
		if took := time.Since(begin); took > n*time.Millisecond/4 {
			t.Errorf("took %v: it does one after the other", took)
		}
	})
}

// TestOutput passes lines on soon, though nobody flushes.
func TestOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w bytes.Buffer
		o := newOutput(&w)
		for range 2 {
			before := w.Len()
			io.WriteString(o, "a line\n")
			io.WriteString(o, "another\n")
			<-time.After(2 * flushAfter)
			synctest.Wait()
			if w.Len() != before+len("a line\nanother\n") {
				t.Errorf("after a while there are %d bytes", w.Len())
			}
		}
	})
}
