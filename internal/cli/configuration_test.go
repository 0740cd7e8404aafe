package cli

import (
	"os"
	"strings"
	"testing"
)

// TestConfigurationDocument holds that the manual tells of every flag, in the
// words of the program.
func TestConfigurationDocument(t *testing.T) {
	document, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(serveUsage, "Options:\n")
	options, _, ok := strings.Cut(rest, "\n\n")
	if !ok || !strings.Contains(string(document), "```\n"+options+"\n```") {
		t.Errorf("docs/configuration.md does not have the options of nocall serve:\n%s", options)
	}
}
