package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what was printed to the scripts of usage texts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"nocall": main})
}

// TestScript runs the program as a user does; see the files in testdata. The
// scripts have these commands of their own:
//
//	server [FLAG...]         start a server on $WORK/data, wait until it is ready
//	shutdown                 end it gently
//	kill9                    end it as a power cut would
//	status N nocall ARG...   run the program, which ends with status N
//	until REGEXP nocall ARG...   run the program until its stdout matches
//	capture NAME REGEXP      set a variable to what the group matches of stdout
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", UpdateScripts: *update, RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": startServer, "status": endsWith, "capture": capture, "until": until,
			"shutdown": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Check(running(ts).stop())
			},
			"kill9": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Check(running(ts).kill())
			},
		},
		Setup: func(env *testscript.Env) error {
			env.Values[serverKey{}] = new(*server)
			env.Setenv("NOCALL_KEY_FILE", filepath.Join(env.WorkDir, "keys.json"))
			env.Setenv("NOCALL_ENVIRONMENT", "sandbox")
			return nil
		},
	})
}

// serverKey is under what a script keeps its server.
type serverKey struct{}

func running(ts *testscript.TestScript) *server {
	s := *ts.Value(serverKey{}).(**server) //nolint:forcetypeassert // Setup put it there
	if s == nil {
		ts.Fatalf("no server was started")
	}
	return s
}

func startServer(ts *testscript.TestScript, _ bool, args []string) {
	s, err := start(
		append(os.Environ(), "NOCALL_ADMIN_PASSWORD="+ts.Getenv("NOCALL_ADMIN_PASSWORD")),
		append([]string{
			"-data", ts.MkAbs("data"), "-bootstrap-key-file", ts.MkAbs("keys.json"),
		}, args...)...)
	ts.Check(err)
	*ts.Value(serverKey{}).(**server) = s //nolint:forcetypeassert // Setup put it there
	ts.Defer(func() {
		s.kill()
		ts.Logf("server said:\n%s", s.said())
	})
	ts.Setenv("NOCALL_SERVER", s.url)
	ts.Setenv("ADDRESS", strings.TrimPrefix(s.url, "http://"))
	ts.Check(os.WriteFile(ts.MkAbs("server.log"), []byte(s.said()), 0o600))
}

func endsWith(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: status N nocall ARG...")
	}
	status := "0"
	if exit, ok := errors.AsType[*exec.ExitError](ts.Exec(args[1], args[2:]...)); ok {
		status = strconv.Itoa(exit.ExitCode())
	}
	if status != args[0] {
		ts.Fatalf("status is %s, want %s", status, args[0])
	}
}

// until runs a program again and again, until what it prints matches. It gives
// up after a while.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP PROGRAM ARG...")
	}
	want := regexp.MustCompile("(?m)" + args[0])
	for range 200 {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	ts.Fatalf("%q never matched", args[0])
}

func capture(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: capture NAME REGEXP")
	}
	found := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("stdout does not match %q with one group", args[1])
	}
	ts.Setenv(args[0], found[1])
}
