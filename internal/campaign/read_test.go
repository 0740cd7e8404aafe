package campaign

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"nocall/internal/e164"
)

var none ReadOptions

// TestReadContacts writes a contact as its number, its zone and its variables,
// and a report as its line.
func TestReadContacts(t *testing.T) {
	for _, test := range []struct {
		name    string
		text    string
		options ReadOptions
		want    string
	}{
		{
			"plain", "phone_number\n+14155550123\n+14155550124\n",
			none,
			"+14155550123 | +14155550124",
		},
		{"no end of line", "phone_number\n+14155550123", none, "+14155550123"},
		{"header alone", "phone_number\n", none, ""},
		{
			"mark, CRLF and quotes",
			"\ufeff\"phone_number\",name\r\n\"+14155550123\",\"Ada, \"\"the\"\" first\"\r\n",
			none,
			`+14155550123 name=Ada, "the" first`,
		},
		{
			"variables", "name,Phone Number,city,\nAda,+14155550123, Paris ,x\n,+14155550124,,\n",
			none,
			"+14155550123 name=Ada city=Paris | +14155550124",
		},
		{
			"semicolons", "mobile;name\n+14155550123;\"Ada; Countess\"\n",
			none,
			"+14155550123 name=Ada; Countess",
		},
		{"tabs", "number\tname\n+14155550123\tAda, B\n", none, "+14155550123 name=Ada, B"},
		{
			"sep=", "sep=;\nphone;name\n+14155550123;x,y,z\nx;\n",
			none,
			"+14155550123 name=x,y,z | 4 invalid x",
		},
		{
			"phone before mobile", "mobile,phone\n+14155550123,+14155550124\n",
			none,
			"+14155550124 mobile=+14155550123",
		},
		{
			"column named", "phone,Cell\n+14155550123,+14155550124\n",
			ReadOptions{NumberColumn: "cell"},
			"+14155550124 phone=+14155550123",
		},
		{
			"national forms", "phone\n(415) 555-0123\n+44 20 7946 0123\n",
			ReadOptions{Region: "US"},
			"+14155550123 | +442079460123",
		},
		{
			"national forms of no region", "phone\n(415) 555-0123\n",
			none,
			"2 invalid (415) 555-0123",
		},
		{
			"zones",
			"phone,Time Zone\n+14155550123,America/New_York\n+14155550124,\n+14155550125,EST\n",
			none,
			"+14155550123 America/New_York | +14155550124 | 4 invalid EST",
		},
		{
			"column of zones named", "phone,where\n+14155550123,Asia/Tokyo\n",
			ReadOptions{TimezoneColumn: "where"},
			"+14155550123 Asia/Tokyo",
		},
		{
			"duplicates", "phone\n+14155550123\n415-555-0123\n+14155550124\n",
			ReadOptions{Region: "US"},
			"+14155550123 | +14155550124 | 3 duplicate 415-555-0123",
		},
		{
			"invalid", "phone,name\nhello,Ada\n,Bob\n+14155550123,Eve\n1.41556E+10,Sue\n",
			none,
			"+14155550123 name=Eve | 2 invalid hello | 3 invalid  | 5 invalid 1.41556E+10",
		},
		{
			"empty rows", "phone,name\n\n,\n\t, \n+14155550123,Ada\n\n,\n",
			none,
			"+14155550123 name=Ada",
		},
		{
			"line of a row behind one of several lines",
			"phone,note\n+14155550123,\"one\ntwo\r\nthree\"\nx,y\n",
			none,
			"+14155550123 note=one\ntwo\nthree | 5 invalid x",
		},
		{
			"short row", "phone,name\n+14155550123\n", none, "+14155550123",
		},
		{
			"fields that moved", "name,phone\nDoe, John,+14155550123\nAda,+14155550124,\n",
			none,
			"+14155550124 name=Ada | 2 invalid  John",
		},
	} {
		read, err := ReadContacts(strings.NewReader(test.text), test.options)
		if got := readText(read); err != nil || got != test.want {
			t.Errorf("%s: %v\ngot  %q\nwant %q", test.name, err, got, test.want)
		}
		bytewise := iotest.OneByteReader(strings.NewReader(test.text))
		slow, err := ReadContacts(bytewise, test.options)
		diff := cmp.Diff(read, slow, cmp.AllowUnexported(e164.Number{}))
		if err != nil || diff != "" {
			t.Errorf("%s: byte by byte: %v\n%s", test.name, err, diff)
		}
	}
}

func readText(r Read) string {
	var parts []string
	for _, c := range r.Contacts {
		text := c.Number.String()
		if c.Timezone != "" {
			text += " " + c.Timezone
		}
		for _, name := range r.Columns {
			if value, found := c.Variables[name]; found {
				text += fmt.Sprintf(" %s=%s", name, value)
			}
		}
		parts = append(parts, text)
	}
	for _, l := range r.Duplicates {
		parts = append(parts, fmt.Sprintf("%d duplicate %s", l.Line, l.Input))
	}
	for _, l := range r.Invalid {
		parts = append(parts, fmt.Sprintf("%d invalid %s", l.Line, l.Input))
	}
	return strings.Join(parts, " | ")
}

func TestReadReports(t *testing.T) {
	long := strings.Repeat("é", 300)
	text := "phone, name \n+14155550123,Ada\n+14155550123,Bob\n" + long + ",Eve\n"
	read, err := ReadContacts(strings.NewReader(text), none)
	if err != nil {
		t.Fatal(err)
	}
	want := Read{
		Contacts: []Contact{{
			Number: number(t, "+14155550123"), State: Waiting,
			Variables: map[string]string{"name": "Ada"},
		}},
		Duplicates: []Line{{3, "+14155550123", "the number is on line 2 already"}},
		Invalid: []Line{{
			4, strings.Repeat("é", 50) + "…", "too long: write one phone number and nothing else",
		}},
		Columns: []string{"phone", "name"}, NumberColumn: "phone",
	}
	if diff := cmp.Diff(want, read, cmp.AllowUnexported(e164.Number{})); diff != "" {
		t.Errorf("ReadContacts (-want +got)\n%s", diff)
	}
}

func TestFileErrors(t *testing.T) {
	long := strings.Repeat("x", MaxRow)
	for _, test := range []struct {
		name    string
		text    string
		options ReadOptions
		want    string // the line, and the beginning of the detail
	}{
		{"empty", "", none, "empty: "},
		{"a mark alone", "\ufeff", none, "empty: "},
		{"empty lines alone", "\n\n\n", none, "empty: "},
		{"unknown region", "phone\n", ReadOptions{Region: "us"}, "unknown region: "},
		{"no header", "+14155550123\n+14155550124\n", none, "line 1: a number where "},
		{
			"no header, in national form", "Ada,(415) 555-0123\n",
			none,
			"line 1: a number where ",
		},
		{"no such column", "name,city\nAda,Paris\n", none, "line 1: no column phone_number"},
		{
			"no column of that name", "phone,city\n",
			ReadOptions{NumberColumn: "cell"},
			"line 1: no column cell: there are phone, city",
		},
		{
			"no column of zones", "phone,city\n",
			ReadOptions{TimezoneColumn: "tz"},
			"line 1: no column tz: ",
		},
		{
			"one column for both", "phone\n",
			ReadOptions{TimezoneColumn: "phone"},
			"line 1: one column for numbers and time zones",
		},
		{"names twice", "phone,name,name\n", none, "line 1: two columns with the name name"},
		{"UTF-16", "\xff\xfep\x00h\x00", none, "line 1: not text in UTF-8"},
		{"Latin-1", "phone,name\n+14155550123,Ren\xe9\n", none, "line 2: not text in UTF-8"},
		{"nothing but zeros", "phone\n\x00\x00\n", none, "line 2: not text in UTF-8"},
		{"a quote within", "phone\n4\"2\n", none, "line 2: a quote within a field"},
		{"a quote that is not closed", "phone\n1\n\"2\n3\n", none, "line 3: a quoted field"},
		{"text behind a quote", "phone\n\"1\"2\n", none, "line 2: a quoted field"},
		{"long row", "phone\n" + long + "\n+14155550123\n", none, "line 2: too long"},
		{"longer row", "phone\n1\n" + long + long + long, none, "line 3: too long"},
		{"long header", long + long, none, "line 1: too long"},
		{
			"longer row behind one of two lines", "phone,note\n1,\"a\nb\"\n" + long + long + long,
			none, "line 4: too long",
		},
		{
			"a quote that is never closed",
			"phone\n1\n\"\n" + strings.Repeat("+14155550123\n", 20_000), none,
			"line 3: too long",
		},
		{
			"many columns", "phone" + strings.Repeat(",", MaxColumns) + "\n",
			none,
			"line 1: too many columns",
		},
		{
			"many columns below", "phone\n" + strings.Repeat(",", MaxColumns) + "\n",
			none,
			"line 2: too many columns",
		},
	} {
		read, err := ReadContacts(strings.NewReader(test.text), test.options)
		_, isFile := errors.AsType[*FileError](err)
		if !isFile || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v; want %s…", test.name, err, test.want)
		}
		if len(read.Contacts)+len(read.Duplicates)+len(read.Invalid) > 0 {
			t.Errorf("%s: half read: %+v", test.name, read)
		}
	}
}

// TestReadFails has a reader fail: its error comes back, and nothing else.
func TestReadFails(t *testing.T) {
	broken := errors.New("broken")
	for _, text := range []string{
		"", "phone", "phone\n+14155550123\n", "phone\n\"+1415", "phone\n4\"",
		"phone\n" + strings.Repeat("+14155550123\n", 100_000),
		"phone\n" + strings.Repeat("+14155550123\n", 100_000) + "4\"",
	} {
		r := io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))
		read, err := ReadContacts(r, none)
		if !errors.Is(err, broken) || len(read.Contacts) > 0 {
			t.Errorf("after %d bytes: %d contacts, %v", len(text), len(read.Contacts), err)
		}
	}
}

func TestReadTooManyRows(t *testing.T) {
	text := "phone\n+14155550123\n+14155550124\n\n,\n"
	for _, test := range []struct {
		most int
		want string
	}{{2, "line 5: too many rows: want at most 2 in a file"}, {3, ""}} {
		read, err := readContacts(strings.NewReader(text), none, test.most)
		switch {
		case test.want == "" && (err != nil || len(read.Contacts) != 2):
			t.Errorf("at most %d rows: %+v, %v", test.most, read, err)
		case test.want != "" && (err == nil || err.Error() != test.want || len(read.Contacts) > 0):
			t.Errorf("at most %d rows: %+v, %v; want %s", test.most, read, err, test.want)
		}
	}
}

// FuzzReadContacts wants of any file that its rows are accounted for, and that
// no number comes twice.
func FuzzReadContacts(f *testing.F) {
	for _, text := range []string{
		"phone_number\n+14155550123\n", "\ufeffphone;name\r\n\"+14155550123\";\"a\"\"b\"\r\n",
		"sep=\t\nphone\tTimezone\n+14155550123\tUTC\n", "phone\n\"", "phone,,\n,,\n1,2,3,4\n",
	} {
		f.Add(text, "", "US")
	}
	f.Fuzz(func(t *testing.T, text, column, region string) {
		read, err := ReadContacts(strings.NewReader(text), ReadOptions{
			NumberColumn: column, Region: region,
		})
		if err != nil {
			if _, isFile := errors.AsType[*FileError](err); !isFile {
				t.Fatalf("not an error of the file: %v", err)
			}
			return
		}
		rows := len(read.Contacts) + len(read.Duplicates) + len(read.Invalid)
		if most := strings.Count(text, "\n"); rows > most {
			t.Fatalf("%d rows of at most %d lines", rows, most)
		}
		seen := make(map[e164.Number]bool)
		for _, c := range read.Contacts {
			if c.Number.IsZero() || seen[c.Number] || c.State != Waiting {
				t.Fatalf("contact %+v", c)
			}
			seen[c.Number] = true
		}
		last := 1
		for _, l := range read.Invalid {
			if l.Line <= last || l.Detail == "" {
				t.Fatalf("line %+v after line %d", l, last)
			}
			last = l.Line
		}
	})
}
