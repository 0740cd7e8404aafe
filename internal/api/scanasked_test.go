package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// FuzzScanAsked holds that what is scanned by hand is found by package
// encoding/json as well, and nothing else.
func FuzzScanAsked(f *testing.F) {
	for _, text := range []string{
		`{"numbers":["+14155550123","+14155550124"]}`,
		" {\n\t\"numbers\" : [ \"a\" , \"\" ] }\r\n",
		`{"numbers":[]}`, `{"numbers":["\u0031"]}`, `{"numbers":["ü"]}`, `{"numbers":null}`,
		`{"numbers":["a"],"numbers":["b"]}`, `{"Numbers":["a"]}`, `{"numbers":["a",]}`,
		`{"numbers":["a"]}{}`, `{"numbers":["a"`, `{"numbers":["a" "b"]}`, `{,"numbers":["a"]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		places, ok := scanAsked(text, nil)
		if !ok {
			return
		}
		var asked Asked
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&asked); err != nil || decoder.More() {
			t.Fatalf("%q is scanned, and is no JSON: %v", text, err)
		}
		var scanned []string
		for _, p := range places {
			scanned = append(scanned, string(text[p.begin:p.end]))
		}
		if asked.Numbers == nil || !slices.Equal(scanned, asked.Numbers) {
			t.Errorf("%q: scanned %q, want %q", text, scanned, asked.Numbers)
		}
	})
}

// TestScanAsked scans what programs send by hand, so that it is quick.
func TestScanAsked(t *testing.T) {
	for text, want := range map[string]bool{
		`{"numbers":["+14155550123"]}`:                                  true,
		"{ \"numbers\": [ \"+14155550123\",\n\"(415) 555-0124\" ] }\n":  true,
		`{"numbers":[` + strings.Repeat(`"1",`, maxNumbers-1) + `"1"]}`: true,
		`{"numbers":[` + strings.Repeat(`"1",`, maxNumbers) + `"1"]}`:   false,
		`{"numbers":["\n"]}`: false,
		`{"numbers":[1]}`:    false,
		`[]`:                 false,
		``:                   false,
	} {
		if _, got := scanAsked([]byte(text), nil); got != want {
			t.Errorf("%.60s: scanned %v, want %v", text, got, want)
		}
	}
}
