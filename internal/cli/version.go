package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

const versionUsage = `Usage:
    nocall version [-json]

Prints the version of the program and what it was built with.
`

type versionCommand struct{ asJSON }

// version is what the program says of itself.
type version struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Run prints the version.
func (k versionCommand) Run(in *Invocation) error {
	v := version{
		Version: buildVersion(), Commit: buildSetting("vcs.revision"),
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	line := fmt.Sprintf("nocall %s %s %s", v.Version, v.Go, v.Platform)
	if v.Commit != "" {
		line += " " + v.Commit
	}
	return k.print(in.Stdout, v, line)
}

// buildVersion returns the version that the program was built at: its tag, or
// one that the go command made of its commit.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

func buildSetting(name string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == name {
			return s.Value
		}
	}
	return ""
}
