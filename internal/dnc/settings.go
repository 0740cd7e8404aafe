package dnc

import "time"

// Settings are what can be set of an environment.
type Settings struct {
	DefaultRegion      string         // ISO 3166-1 alpha-2, for national forms; "" for none
	MaxConcurrentCalls int            // outbound calls at once, 1 to 100,000
	OptOutDetection    bool           // whether calls are listened to, unless one says otherwise
	OptOutPreset       string         // optout.Preset, for ambiguous words; "" for cautious
	Hidden             bool           // not offered in the selector of the page
	Registries         []Subscription // by name; replaced, never changed in place
}

// DefaultSettings returns the settings of a new environment.
func DefaultSettings() Settings {
	return Settings{MaxConcurrentCalls: 100, OptOutDetection: true}
}

// World is one environment as it is kept: its name, its settings and how far
// its trail has come.
type World struct {
	Name      Environment
	Settings  Settings
	Revision  int64
	CreatedAt time.Time
}
