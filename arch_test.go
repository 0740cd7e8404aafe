package nocall

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "nocall/"

// plan is the house, ground floor first. A package may import any package on
// a floor below its own and, on an ordered floor, those named before it.
var plan = []floor{
	{
		name: "words",
		packages: []string{
			"internal/e164", "internal/sheet", "internal/pages", "internal/dnc", "internal/optout",
			"internal/campaign", "internal/voice",
		},
		ordered: true,
		without: []string{"database/sql", "log/slog", "net", "net/http", "os"},
	},
	{
		name: "works",
		packages: []string{
			"internal/index", "internal/registry", "internal/scrub", "internal/imports",
			"internal/listen", "internal/dialer", "internal/access",
		},
		without: []string{"database/sql", "net", "net/http", "os"},
	},
	{
		name: "doors",
		packages: []string{
			"internal/store", "internal/store/storetest", "internal/snapshot", "internal/intake",
			"internal/voice/simulator",
			"internal/voice/external", "internal/voice/sip", "internal/voice/sip/media",
			"internal/voice/stream", "internal/voice/ears", "internal/voice/opinion",
			"internal/voice/tape", "internal/results", "internal/contents",
			"internal/resp", "internal/api", "internal/web",
		},
	},
	{
		name:     "client", // for programs outside: it knows nothing of the house
		packages: []string{"client"},
		without:  []string{"database/sql"},
		alone:    true,
	},
	{
		name: "roof",
		packages: []string{
			"internal/e164/gen", "internal/optout/labelled", "internal/optout/train",
			"internal/node", "internal/bench",
			"internal/cli", "cmd/nocall",
		},
		ordered: true,
	},
}

// addresses gives each module from outside the packages that may import it, so
// that it can be replaced there.
var addresses = map[string][]string{
	"github.com/alecthomas/kong":          {"internal/cli"},
	"github.com/danielgtaylor/huma/v2":    {"internal/api"},
	"github.com/jackc/pgx/v5":             {"internal/store"},
	"github.com/nyaruka/phonenumbers":     {"internal/e164/gen"},
	"github.com/pressly/goose/v3":         {"internal/store"},
	"github.com/prometheus/client_golang": {"internal/node"},
	"golang.org/x/crypto/argon2":          {"internal/access"},
	"golang.org/x/term":                   {"internal/cli"},
	"github.com/schollz/progressbar/v3":   {"internal/cli"},
	"github.com/emiago/sipgo":             {"internal/voice/sip"},
	"github.com/icholy/digest":            {"internal/voice/sip"}, // of sipgo's own
	"github.com/pion/rtp":                 {"internal/voice/sip/media"},
	"github.com/pion/sdp/v3":              {"internal/voice/sip/media"},
	"github.com/pion/srtp/v3":             {"internal/voice/sip/media"},
	"github.com/zaf/g711":                 {"internal/voice/sip/media"},
	"github.com/coder/websocket":          {"internal/voice/stream", "internal/voice/ears"},
	"github.com/xuri/excelize/v2":         {"internal/contents"},
	"golang.org/x/time/rate":              {"internal/api"},
	"modernc.org/sqlite":                  {"internal/store"},
}

type floor struct {
	name     string
	packages []string
	ordered  bool     // packages may import those named before them
	without  []string // standard packages this floor does without
	alone    bool     // packages import nothing of ours
}

// find returns where in the plan a package stands.
func find(pkg string) (floor, place int, ok bool) {
	for f := range plan {
		if i := slices.Index(plan[f].packages, pkg); i >= 0 {
			return f, i, true
		}
	}
	return 0, 0, false
}

// TestFloors holds every import of every package against the plan.
//
// It reads the files itself, rather than asking go list, so that the go
// command sees which files the result depends on and does not reuse an old one.
func TestFloors(t *testing.T) {
	for _, root := range []string{"internal", "client", "cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			pkg := filepath.ToSlash(filepath.Dir(path))
			for _, spec := range file.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return err
				}
				checkImport(t, path, pkg, imported)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func checkImport(t *testing.T, path, pkg, imported string) {
	f, place, ok := find(pkg)
	if !ok {
		t.Errorf("%s: package is on no floor; give it one here and in ARCHITECTURE.md", path)
		return
	}
	if slices.Contains(plan[f].without, imported) {
		t.Errorf("%s: the %s floor does without %s", path, plan[f].name, imported)
	}
	name, ours := strings.CutPrefix(imported, module)
	if !ours {
		checkAddress(t, path, pkg, imported)
		return
	}
	f2, place2, _ := find(name)
	if !plan[f].alone && f2 < f || f2 == f && plan[f].ordered && place2 < place {
		return
	}
	if strings.HasPrefix(name, pkg+"/") && f2 == f {
		return // a room of its own
	}
	t.Errorf("%s: %s (%s) may not import %s (%s)", path, pkg, plan[f].name, name, plan[f2].name)
}

func checkAddress(t *testing.T, path, pkg, imported string) {
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return // standard library
	}
	for module, rooms := range addresses {
		if strings.HasPrefix(imported, module) && slices.Contains(rooms, pkg) {
			return
		}
	}
	t.Errorf("%s: %s has no address in %s; see addresses", path, imported, pkg)
}
