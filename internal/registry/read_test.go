package registry

import (
	"errors"
	"strings"
	"testing"
)

// TestLayouts imports a file of each layout that is recognised.
func TestLayouts(t *testing.T) {
	for _, tt := range []struct {
		registry, text string
		layout         Layout
		want           string
	}{
		{"us-national", "818,0000818\n818,5550123\n", Split, "+18180000818 +18185550123"},
		{"us-national", "818,0000818\r\n212,5550123\r\n", Split, "+12125550123 +18180000818"},
		{"us-national", "\ufeff8180000818\n", Digits, "+18180000818"},
		{"canada", "416,1234567\n", Split, "+14161234567"},
		{"litigators", "+14155550123\n+447700900123\n", E164, "+14155550123 +447700900123"},
		{
			"uk-tps", "0207 3787244\r\n01635 506160\r\n0191 5657153\r\n07860 338653\r\n",
			BritishSpace, "+441635506160 +441915657153 +442073787244 +447860338653",
		},
		{"uk-ctps", "02073787244 \r\n0163550616  \r\n", British, "+44163550616 +442073787244"},
		{
			"us-national", "<list type='full' level='ac' val='818'>\n<ac val='818'>\n" +
				"<ph val='0000818' />\n<ph val=\"5550123\"/></ac></list>\n", XML,
			"+18180000818 +18185550123",
		},
		{
			"canada", "<?xml version='1.0'?><!-- sample -->\n<list type='full' val='' />\n" +
				"<ac val='416'> <ph val='1234567' /> </ac>\n" +
				"<ac val='604'><ph val='1234567'></ph></ac>\n</list>", XML,
			"+14161234567 +16041234567",
		},
		{
			"texas", "Name,Phone Number,Zip\nAnn,(512) 555-0123,78701\n\"Lee, B\",512-555-0124,1\n",
			CSV, "+15125550123 +15125550124",
		},
	} {
		k := newMemory().open(t)
		im := Import{Registry: tt.registry, Files: []File{file("f.txt", tt.text)}}
		if tt.registry == "texas" {
			im.Mapping = &Mapping{Region: "US"}
		}
		v, err := k.Import(t.Context(), im)
		if err != nil {
			t.Errorf("Import(%q) = %v", tt.text, err)
			continue
		}
		if got := numbers(t, k, tt.registry); got != tt.want || v.Files[0].Layout != tt.layout {
			t.Errorf("Import(%q) has %s as %s; want %s as %s", tt.text, got, v.Files[0].Layout,
				tt.want, tt.layout)
		}
	}
}

// TestMappings imports files of which it is said where their numbers are.
func TestMappings(t *testing.T) {
	for _, tt := range []struct {
		mapping    Mapping
		text, want string
	}{
		{
			Mapping{Columns: []string{"2"}, Region: "US"},
			"a;512-555-0123\nb;5125550124\n",
			"+15125550123 +15125550124",
		},
		{
			Mapping{Columns: []string{"AC", "Num"}, Region: "US"},
			"AC\tNum\n512\t5550123\n",
			"+15125550123",
		},
		{
			Mapping{Layout: CSV, Columns: []string{"1"}, Delimiter: "|", Region: "GB"},
			"\"020 7946 0123\"|x,y\n", "+442079460123",
		},
		{
			Mapping{Start: 4, Width: 12, Region: "US"},
			"TX 512 5550123 X\nTX 5125550124   \n",
			"+15125550123 +15125550124",
		},
	} {
		k := newMemory().open(t)
		_, err := k.Import(t.Context(), Import{
			Registry: "state", Mapping: &tt.mapping, Files: []File{file("f", tt.text)},
		})
		if got := numbers(t, k, "state"); err != nil || got != tt.want {
			t.Errorf("Import(%q by %+v) has %s, %v; want %s", tt.text, tt.mapping, got, err,
				tt.want)
		}
	}
}

// TestMappingsRefused refuses mappings by which no line can be read.
func TestMappingsRefused(t *testing.T) {
	for _, m := range []Mapping{
		{Width: 12},
		{Start: 4},
		{Start: -5, Width: 12},
		{Start: 1, Width: -1},
		{Layout: Fixed, Start: 1, Width: 65},
		{Start: 5000, Width: 12},
		{Layout: "morse"},
		{Delimiter: "::"},
		{Region: "XX"},
		{Columns: []string{"1", "2", "3", "4", "5"}},
	} {
		k := newMemory().open(t)
		_, err := k.Import(t.Context(), Import{
			Registry: "state", Mapping: &m, Files: []File{file("f", "8180000818\r\n")},
		})
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("Import(by %+v) = %v; want ErrInvalid", m, err)
		}
	}
}

// TestDamaged refuses files that are not whole or have a line that does not fit, and
// keeps the version before.
func TestDamaged(t *testing.T) {
	list := func(inside string) string {
		return "<list type='full' val='818'>\n<ac val='818'>\n" + inside
	}
	for _, tt := range []struct {
		name, text string
		line       int64
		says       string
	}{
		{"f", "", 0, "no line"},
		{"f", "818,0000818\n818,000081\n", 2, `want "818,0000818"`},
		{"f", "818,0000818\n818,0000819", 2, "cut off"},
		{"f", "818,0000818\n818,00", 2, "cut off"},
		{"f", "818,0000818\n\n", 2, "empty"},
		{"f", "818,0000818\n8180000819\n", 2, "not as the others"},
		{"f", "818,0000818\n818,000081O\n", 2, "not as the others"},
		{"f", "818,0000818\n818,00008*1\n", 2, "not as the others"},
		{"f", "818,0000818\n818,/000081\n", 2, "not as the others"},
		{"f", "118,0000818\n", 1, "no layout"},
		{"f", "phone\n", 0, "no number"},
		{"f", "818,0000818\n416,5550123\n", 2, "+1416 is none of the registry"},
		{"2026-8-5_818_AB.txt", "818,0000818\n212,5550123\n", 2, "in the file of +1818"},
		{
			"f", "8180000818,2026-11-01T02:20:18,A\n8180000818,2026-11-01T02:20:18,X\n", 2,
			"not as",
		},
		{"f", "8180000818,2026-13-01T02:20:18,A\n", 1, "no layout"},
		{"f", list("<ph val='0000818'/>"), 3, "cut off"},
		{"f", list("<ph val='0000818'/>\n<ph val='00"), 4, "cut off"},
		{"f", list("<ph val='0000818'/></ac>"), 3, "cut off"},
		{"f", list("<ph val='0000818'/></list>"), 3, "missing"},
		{"f", list("<ph val='000818'/></ac></list>"), 3, "seven digits"},
		{"f", list("<ph val='0000818'/></ac>\n<ac val='212'>"), 4, "212 is in the list of 818"},
		{"f", list("<ph val='0000818'/>text</ac></list>"), 3, "text between"},
		{"f", list("<ph val='0000818' action='D'/></ac></list>"), 3, "not known"},
		{"f", list("<ph val='0000818'/></ac></list><list>"), 3, "more behind"},
		{"f", "<html><body>Session expired</body></html>", 1, "none such belongs"},
	} {
		k := newMemory().open(t)
		take(t, k, "us-national", file("old", "818,0000001\n"))
		_, err := k.Import(t.Context(), Import{
			Registry: "us-national", Files: []File{file(tt.name, tt.text)},
		})
		wrong, ok := errors.AsType[*FileError](err)
		if !ok || wrong.Line != tt.line || !strings.Contains(wrong.Text, tt.says) {
			t.Errorf("Import(%q) = %v; want line %d and %q", tt.text, err, tt.line, tt.says)
		}
		if got := numbers(t, k, "us-national"); got != "+18180000001" {
			t.Errorf("after Import(%q) there is %q; want the version before", tt.text, got)
		}
	}
}

// TestDamagedElsewhere is TestDamaged for the layouts of Britain and Canada and for
// files that are read by a mapping.
func TestDamagedElsewhere(t *testing.T) {
	const header = "Name;Phone\n"
	for _, tt := range []struct {
		registry, text string
		line           int64
	}{
		{"uk-tps", "0207 3787244\r\n0207 378724\r\n", 2},    // 11 characters
		{"uk-tps", "0207 3787244\r\n02073787244 \r\n", 2},   // the other British layout
		{"uk-tps", "0207 3787244\r\n0207 37872O4\r\n", 2},   // a letter
		{"uk-tps", "0207 3787244\r\n0207 3787245", 2},       // no end
		{"uk-ctps", "02073787244 \r\n2073787244  \r\n", 2},  // no 0 in front
		{"uk-ctps", "02073787244 \r\n02073787244  \r\n", 2}, // 13 characters
		{"canada", "416,1234567\n416,123456\n", 2},
		{"canada", "416,1234567\n818,1234567\n", 2},
		{"canada", "<list type='full' val='' />\n<ac val='416'><ph val='1234567' />\n", 3},
		{"texas", header + "Ann;512-555-0123\nBob\n", 3},
		{"texas", header + "Ann;512-555-0123\nBob;512-555\n", 3},
		{"texas", header + "Ann;512-555-0123\nBob;;512-555-0124\n", 3},
		{"texas", header + "Ann;512-555-0123\nBob;512-555-0124", 3},
		{"texas", header, 0},
	} {
		im := Import{Registry: tt.registry, Files: []File{file("f", tt.text)}}
		if tt.registry == "texas" {
			im.Mapping = &Mapping{Region: "US"}
		}
		_, err := newMemory().open(t).Import(t.Context(), im)
		wrong, ok := errors.AsType[*FileError](err)
		if !ok || wrong.Line != tt.line || wrong.File != "f" {
			t.Errorf("Import(%q into %s) = %v; want line %d refused", tt.text, tt.registry, err,
				tt.line)
		}
	}
}

// TestLateLine finds the line in a file of many blocks.
func TestLateLine(t *testing.T) {
	text := strings.Repeat("818,0000818\n", 300_000)
	k := newMemory().open(t)
	for _, bad := range []int{1, 99_999, 299_999} {
		broken := text[:bad*12] + "818;0000818\n" + text[bad*12:]
		_, err := k.Import(t.Context(), Import{
			Registry: "us-national", Files: []File{file("f", broken)},
		})
		wrong, ok := errors.AsType[*FileError](err)
		if !ok || wrong.Line != int64(bad+1) || wrong.File != "f" {
			t.Errorf("Import = %v; want line %d", err, bad+1)
		}
	}
	v := take(t, k, "us-national", file("f", text))
	if v.Files[0].Lines != 300_000 || v.Files[0].Bytes != 3_600_000 || v.Numbers != 1 {
		t.Errorf("version %+v", v)
	}
}

// TestChanges applies files of changes in the order of their times, twice.
func TestChanges(t *testing.T) {
	for _, tt := range []string{
		"8180000001,2026-11-02T00:00:00,D\n8180000002,2026-11-02T00:00:01,A\n" +
			"8180000002,2026-11-02T00:00:00,D\n8180000003,2026-11-01T00:00:00,A\n" +
			"8180000003,2026-11-02T00:00:00,D\n8180000004,2026-11-02T00:00:00,D\n" +
			"8180000004,2026-11-02T00:00:00,A\n",
		"818,0000001,2026-11-02T00:00:00,D\n818,0000002,2026-11-02T00:00:01,A\n" +
			"818,0000004,2026-11-02T00:00:01,A\n",
		"81800000012026-11-02D\n81800000022026-11-02A\n81800000042026-11-02A\n",
		"<list type='change'><ac val='818'><ph val='0000001' change='D' date='2026-11-02'/>" +
			"<ph val='0000002' change='A'/><ph val='0000004' change='A'/></ac></list>",
	} {
		k := newMemory().open(t)
		take(t, k, "us-national", file("full", "818,0000001\n818,0000009\n"))
		for range 2 {
			v := take(t, k, "us-national", file("change", tt))
			want := "+18180000002 +18180000004 +18180000009"
			if got := numbers(t, k, "us-national"); got != want || v.Base == "" {
				t.Errorf("after %q there is %s, from %q; want %s", tt, got, v.Base, want)
			}
		}
	}
	k := newMemory().open(t)
	for _, files := range [][]File{
		{file("change", "8180000001,2026-11-02T00:00:00,D\n")},
		{file("change", "8180000001,2026-11-02T00:00:00,D\n"), file("f", "818,0000001\n")},
	} {
		_, err := k.Import(t.Context(), Import{Registry: "us-national", Files: files})
		if err == nil {
			t.Errorf("Import(%d files) went well; want no base, or no mixture", len(files))
		}
	}
}

func FuzzImport(f *testing.F) {
	for _, text := range []string{
		"818,0000818\n", "8180000818\r\n", "8180000818,2026-11-01T02:20:18,A\n",
		"81800008182026-11-01D\n", "0207 3787244\r\n", "02073787244 \n", "+14155550123\n",
		"<list val='818'><ac val='818'><ph val='0000818'/></ac></list>", "\ufeff",
		"name,phone\nAnn,+14155550123\n", "\"a\"\"b\";x\n", "<list type='change'><ac val=",
	} {
		f.Add(text, "", 0, 0)
		f.Add(text, "1", 0, 0)
		f.Add(text, "", 3, 12)
	}
	f.Fuzz(func(t *testing.T, text, column string, start, width int) {
		m := Mapping{Region: "US", Start: start, Width: width}
		if column != "" {
			m.Columns = []string{column}
		}
		r := Registry{Name: "any", StaleAfter: 31, Mapping: m}
		if r.Check() != nil {
			return
		}
		b := newBuilding(r, nil, nil)
		im := Import{Files: []File{file("f", text)}}
		base, err := newBuilding(r, nil, nil).builder.Freeze()
		if err != nil {
			t.Fatal(err)
		}
		made, err := b.build(t.Context(), im, before{Version{ID: "x"}, base})
		if err != nil {
			if _, ok := errors.AsType[*FileError](err); !ok {
				t.Errorf("build(%q) = %v; want a FileError", text, err)
			}
			return
		}
		if lines := made.sources[0].Lines; int64(made.set.Len()) > max(lines, int64(len(text))/8) {
			t.Errorf("build(%q) has %d numbers of %d lines", text, made.set.Len(), lines)
		}
		for n := range made.set.All() {
			if AreaOf(n) == 0 {
				t.Errorf("build(%q) has %s, which is in no area", text, n)
			}
		}
	})
}
