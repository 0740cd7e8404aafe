package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// zoneOutput is where the zones go, seen from the folder of package e164.
const zoneOutput = "zonetable.go"

// zoneDigits is how many digits the zones of a number may depend on.
const zoneDigits = 7

// overlays are groups of area codes of the North American plan that share
// their areas, where these lie in several zones. The metadata has one zone for
// the newer ones.
var overlays = []string{
	"208 986", "250 236 257 672 778", "270 364", "306 474 639", "418 367 581", "423 729",
	"541 458", "709 879", "812 930", "850 448",
}

// zoneMap gives, for the digits that numbers begin with, names of zones in
// order, with a space behind each.
type zoneMap map[string]string

// zoneTable returns the text of the generated file of zones.
func zoneTable() ([]byte, error) {
	listed, err := listedZones()
	if err != nil {
		return nil, fmt.Errorf("read zones: %w", err)
	}
	plans, err := fixedLines()
	if err != nil {
		return nil, err
	}
	return printZones(widen(listed, plans))
}

// listedZones reads what the library has: a file of its own that it does not
// give out, written by diffs. It is held against the library in the tests.
func listedZones() (zoneMap, error) {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}",
		"github.com/nyaruka/phonenumbers").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	path := filepath.Join(strings.TrimSpace(string(dir)), "data", "prefix_to_timezone.xml.gz")
	packed, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, err
	}
	return readZones(bytes.NewReader(text))
}

// readZones reads the names of zones, and then, for each prefix, the step to
// it from the one before, how many zones it has, and which.
func readZones(r *bytes.Reader) (zoneMap, error) {
	var size, count uint32
	if err := binary.Read(r, binary.LittleEndian, &size); err != nil {
		return nil, err
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, err
	}
	names := strings.Split(string(text), "\n")
	if err := binary.Read(r, binary.LittleEndian, &count); err != nil {
		return nil, err
	}
	zones := make(zoneMap)
	prefix := uint64(0)
	for range count {
		step, err := binary.ReadUvarint(r)
		if err != nil {
			return nil, err
		}
		prefix += step
		many, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		places := make([]uint16, many)
		if err := binary.Read(r, binary.LittleEndian, places); err != nil {
			return nil, err
		}
		var list []string
		for _, place := range places {
			list = append(list, names[place])
		}
		zones[strconv.FormatUint(prefix, 10)] = join(list)
	}
	return zones, nil
}

// join returns the names in order, each once.
func join(names []string) string {
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ") + " "
}

// fixedLines returns, for each calling code, what fixed lines are like in its
// regions.
func fixedLines() (map[string][]*syntax.Prog, error) {
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil, fmt.Errorf("read metadata: %w", err)
	}
	plans := make(map[string][]*syntax.Prog)
	for _, m := range collection.GetMetadata() {
		program, err := compile(m.GetFixedLine().GetNationalNumberPattern())
		if err != nil {
			return nil, err
		}
		calling := strconv.Itoa(int(m.GetCountryCode()))
		plans[calling] = append(plans[calling], program)
	}
	return plans, nil
}

// widen makes of the zones that are listed all those in which a number may
// stand. The metadata guesses: it gives a number one zone where it has an
// entry, and where it has none, that of the nearest entry, which is often but
// the most usual one.
//
//   - A number has the zones of its longest entry and of all longer ones that
//     begin so.
//   - A number that is no fixed line, and so may be carried anywhere, has the
//     zones of the country, even where it has an entry.
//   - An area code of the North American plan has the zones of its whole area,
//     as numbers move within it, and those of its overlays.
func widen(listed zoneMap, plans map[string][]*syntax.Prog) zoneMap {
	wide, below := make(zoneMap), listed.sums()
	for prefix, own := range listed {
		key := cut(prefix)
		if key != prefix && key[0] != '1' {
			own += listed[listed.above(key+" ")]
		}
		wide[key] = join(strings.Fields(wide[key] + own + below[key]))
	}
	for key := range wide {
		home := key
		for home != "" && !isFixed(home, plans) {
			home = listed.above(home)
		}
		if home != key && home != "" {
			wide[key] = below[home]
		}
	}
	for _, group := range overlays {
		all := ""
		for code := range strings.FieldsSeq(group) {
			all += below["1"+code]
		}
		for code := range strings.FieldsSeq(group) {
			wide["1"+code] = join(strings.Fields(all))
		}
	}
	return wide
}

// cut shortens a prefix to what is looked at: an area code of the North
// American plan, or four digits behind any other calling code.
func cut(prefix string) string {
	digits := zoneDigits
	switch prefix[0] {
	case '1':
		digits = 4
	case '7':
		digits = 5
	}
	return prefix[:min(len(prefix), digits)]
}

// above returns the longest entry that prefix begins with, but for itself, or
// "".
func (z zoneMap) above(prefix string) string {
	for i := len(prefix) - 1; i > 0; i-- {
		if z[prefix[:i]] != "" {
			return prefix[:i]
		}
	}
	return ""
}

// sums returns, for whatever an entry begins with, the zones of all entries that
// begin so.
func (z zoneMap) sums() zoneMap {
	all := make(map[string][]string)
	for prefix, zones := range z {
		for i := range prefix {
			all[prefix[:i+1]] = append(all[prefix[:i+1]], strings.Fields(zones)...)
		}
	}
	sums := make(zoneMap)
	for prefix, names := range all {
		sums[prefix] = join(names)
	}
	return sums
}

// isFixed reports whether fixed lines may have numbers that begin with prefix.
func isFixed(prefix string, plans map[string][]*syntax.Prog) bool {
	for i := 1; i <= min(3, len(prefix)); i++ {
		for _, program := range plans[prefix[:i]] {
			if canBegin(program, prefix[i:]) {
				return true
			}
		}
	}
	return false
}
