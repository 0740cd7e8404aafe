package campaign

import (
	"errors"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // for machines that do not have the zones
)

const wantZone = "not a time zone: want an IANA name, such as America/New_York"

var errZone = errors.New(wantZone)

// zones keeps every zone that was asked for; each is read from the machine's
// own tables, which takes a while, once. IANA has some six hundred.
var zones sync.Map // from its name to its *time.Location

// LoadZone returns the zone of an IANA name such as America/New_York, or UTC.
// It does not take abbreviations: EST is no clock that anybody keeps in summer.
func LoadZone(name string) (*time.Location, error) {
	if zone, found := zones.Load(name); found {
		return zone.(*time.Location), nil
	}
	if name != "UTC" && !strings.Contains(name, "/") {
		return nil, errZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	zones.Store(name, zone)
	return zone, nil
}
