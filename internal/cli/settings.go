package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// settings finds the values of flags that are not on the command line: in the
// environment, then in the file that -config names. Only flags tagged
// "setting" are looked for.
type settings struct {
	env  func(name string) (string, bool)
	file map[string]string // nil until read
	name string            // of the file
	from map[string]string // where a flag's value is from, by name; not for defaults
}

var _ kong.Resolver = (*settings)(nil)

// Validate implements [kong.Resolver].
func (s *settings) Validate(*kong.Application) error { return nil }

// Resolve implements [kong.Resolver].
func (s *settings) Resolve(
	ctx *kong.Context, _ *kong.Path, flag *kong.Flag,
) (any, error) {
	if s.from == nil {
		s.from = flagsOnLine(ctx)
	}
	if !flag.Tag.Has("setting") {
		return nil, nil
	}
	name := envName(flag.Name)
	if value, ok := s.env(name); ok && value != "" {
		s.from[flag.Name] = name
		return value, nil
	}
	if err := s.readFile(ctx); err != nil {
		return nil, err
	}
	value, ok := s.file[flag.Name]
	if !ok {
		return nil, nil
	}
	s.from[flag.Name] = s.name
	return value, nil
}

// onLine reports whether a flag was given on the command line, or else from
// where its value is; "" is its default.
func (s *settings) onLine(flag string) (from string, given bool) {
	from = s.from[flag]
	return from, strings.HasPrefix(from, "-")
}

// flagsOnLine returns the flags that are on the command line.
func flagsOnLine(ctx *kong.Context) map[string]string {
	from := make(map[string]string)
	for _, p := range ctx.Path {
		if p.Flag != nil {
			from[p.Flag.Name] = "-" + p.Flag.Name
		}
	}
	return from
}

// envName returns the variable that sets a flag: NOCALL_LOG_LEVEL.
func envName(flag string) string {
	return "NOCALL_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// readFile reads the file of settings, once, where the command has one.
func (s *settings) readFile(ctx *kong.Context) error {
	if s.file != nil {
		return nil
	}
	s.file = make(map[string]string)
	known := make(map[string]bool)
	for _, flag := range ctx.Flags() {
		known[flag.Name] = flag.Tag.Has("setting")
		if flag.Name == "config" {
			s.name, _ = ctx.FlagValue(flag).(string)
			if s.name == "" {
				s.name, _ = s.env(envName(flag.Name))
			}
		}
	}
	if s.name == "" {
		return nil
	}
	f, err := os.Open(s.name)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	defer f.Close()
	if s.file, err = readSettings(f, known); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

// readSettings reads lines of the form "name = value". A value may be in
// double quotes; blank lines and those that begin with # are passed over.
func readSettings(r io.Reader, known map[string]bool) (map[string]string, error) {
	values := make(map[string]string)
	scan := bufio.NewScanner(r)
	for n := 1; scan.Scan(); n++ {
		line := strings.TrimSpace(scan.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, err := readSetting(line)
		if err == nil && !known[name] {
			err = fmt.Errorf("there is no setting %q", name)
		}
		if _, twice := values[name]; err == nil && twice {
			err = fmt.Errorf("%s is set twice", name)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		values[name] = value
	}
	return values, scan.Err()
}

func readSetting(line string) (name, value string, err error) {
	name, value, ok := strings.Cut(line, "=")
	if !ok {
		return "", "", errors.New("want name = value")
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if strings.HasPrefix(value, `"`) {
		if value, err = strconv.Unquote(value); err != nil {
			return "", "", fmt.Errorf("%s: the quotes are not closed", name)
		}
	}
	return name, value, nil
}
