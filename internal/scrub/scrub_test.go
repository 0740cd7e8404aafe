package scrub_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"nocall/internal/e164"
	"nocall/internal/scrub"
)

// odd is a checker on whose lists stand the numbers that end with an odd digit,
// and in whose registry those with a 4.
type odd struct{}

func (odd) CheckMany(_ context.Context, ns []e164.Number, out []scrub.Verdict) error {
	for i, n := range ns {
		switch {
		case n.Uint64()%2 == 1:
			out[i] = scrub.Listed
		case n.Uint64()%10 == 4:
			out[i] = scrub.Registered
		default:
			out[i] = scrub.Clear
		}
	}
	return nil
}

// scrubbed is what became of a file.
type scrubbed struct {
	clear, suppressed, all string
	counts                 scrub.Counts
}

func run(in io.Reader, o scrub.Options) (scrubbed, error) {
	var clear, suppressed, all bytes.Buffer
	counts, err := scrub.Run(context.Background(), in,
		scrub.Outputs{Clear: &clear, Suppressed: &suppressed, All: &all}, odd{}, o)
	return scrubbed{clear.String(), suppressed.String(), all.String(), counts}, err
}

func TestRun(t *testing.T) {
	us := scrub.Options{Region: "US"}
	for _, c := range []struct {
		name, in          string
		o                 scrub.Options
		clear, suppressed string
	}{
		{
			"plain", "name,phone\na,+14155550122\nb,+14155550123\nc,nobody\nd,\ne,4155550124\n", us,
			"name,phone\na,+14155550122\n",
			"name,phone\nb,+14155550123\nc,nobody\nd,\ne,4155550124\n",
		},
		{
			"bytes are kept", "phone;\"n;x\"\r\n\"(415) 555-0122\";\"a \"\"b\"\"\r\n ;c\"\r\n\r\n" +
				"+14155550123;\xff\r\n", us,
			"phone;\"n;x\"\r\n\"(415) 555-0122\";\"a \"\"b\"\"\r\n ;c\"\r\n",
			"phone;\"n;x\"\r\n+14155550123;\xff\r\n",
		},
		{
			"no last line feed", "phone\n+14155550122\n+14155550123", us,
			"phone\n+14155550122\n", "phone\n+14155550123",
		},
		{
			"a quote that is text", "note,phone\n5\" pipe,+14155550122\n6\",+14155550123\n", us,
			"note,phone\n5\" pipe,+14155550122\n", "note,phone\n6\",+14155550123\n",
		},
		{
			"several columns", "Home Phone,name,mobile\n+14155550122,a,\n,b,+14155550122\n" +
				"+14155550122,c,+14155550123\n+14155550122,d,x\n,e,\n+14155550122\n", us,
			"Home Phone,name,mobile\n+14155550122,a,\n,b,+14155550122\n+14155550122\n",
			"Home Phone,name,mobile\n+14155550122,c,+14155550123\n+14155550122,d,x\n,e,\n",
		},
		{
			"recognised by what it holds", "a\tb\n1\t+14155550122\n2\t+14155550123\n", us,
			"a\tb\n1\t+14155550122\n", "a\tb\n2\t+14155550123\n",
		},
		{
			"asked for", "phone,other\n+14155550123,+14155550122\n",
			scrub.Options{Columns: []string{"Other"}},
			"phone,other\n+14155550123,+14155550122\n", "phone,other\n",
		},
		{
			"mark", "\uFEFF\"phone\"\n+14155550122\n", us,
			"\uFEFF\"phone\"\n+14155550122\n", "\uFEFF\"phone\"\n",
		},
		{
			"verdict", "phone,n\r\n+14155550122,1\r\n+14155550123,2\r\n" +
				"+14155550124,3\r\n+1,4",
			scrub.Options{Verdict: "verdict"},
			"phone,n,verdict\r\n+14155550122,1,clear\r\n",
			"phone,n,verdict\r\n+14155550123,2,listed\r\n+14155550124,3,registered\r\n" +
				"+1,4,invalid\n",
		},
		{"header alone", "phone", us, "phone", "phone"},
	} {
		for _, slow := range []bool{false, true} {
			var in io.Reader = strings.NewReader(c.in)
			if slow {
				in = iotest.OneByteReader(in)
			}
			got, err := run(in, c.o)
			if err != nil || got.clear != c.clear || got.suppressed != c.suppressed {
				t.Errorf("%s: clear\n%q\nwant\n%q\nsuppressed\n%q\nwant\n%q\n%v",
					c.name, got.clear, c.clear, got.suppressed, c.suppressed, err)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", "empty"},
		{"no numbers", "a,b\n1,2\n", "line 1: no column with phone numbers was recognised: " +
			"name it; there are a, b"},
		{"open quote", "phone,n\n+14155550122,\n+14155550122,\"x\ny\n", "line 3: a quote is " +
			"opened here"},
		{"bytes", "PK\x03\x04\x00\x00", "not a text file"},
		{"long row", "phone\n" + strings.Repeat("x", 3<<20), "line 2: a row is longer"},
		{"cut UTF-16", "\xff\xfep\x00h", "cut off"},
	} {
		_, err := run(strings.NewReader(c.in), scrub.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.name, err, c.want)
		}
	}
	if _, err := run(strings.NewReader("phone\n"), scrub.Options{Region: "XX"}); err == nil {
		t.Error("region XX: no error")
	}
	in := strings.NewReader("a,b\n1,2\n")
	if _, err := run(in, scrub.Options{Columns: []string{"c"}}); err == nil ||
		!strings.Contains(err.Error(), `no column "c": there are a, b`) {
		t.Errorf("column c: %v", err)
	}
}

// failing answers or takes so many times, and fails then.
type failing struct{ left atomic.Int64 }

func failingAfter(n int64) *failing {
	f := new(failing)
	f.left.Store(n)
	return f
}

var errFailing = errors.New("it fails")

func (f *failing) CheckMany(_ context.Context, _ []e164.Number, _ []scrub.Verdict) error {
	return f.fail()
}

func (f *failing) Write(p []byte) (int, error) { return len(p), f.fail() }

func (f *failing) fail() error {
	if f.left.Add(-1) < 0 {
		return errFailing
	}
	return nil
}

func TestFailures(t *testing.T) {
	in := "phone\n" + strings.Repeat("+14155550122\n", 200_000)
	reading := io.MultiReader(strings.NewReader(in), iotest.ErrReader(errFailing))
	_, err := run(reading, scrub.Options{})
	if !errors.Is(err, errFailing) {
		t.Errorf("a reader that fails: %v", err)
	}
	_, err = scrub.Run(t.Context(), strings.NewReader(in),
		scrub.Outputs{Clear: failingAfter(3)}, odd{}, scrub.Options{})
	if !errors.Is(err, errFailing) {
		t.Errorf("a writer that fails: %v", err)
	}
	one := struct{ scrub.Checker }{failingAfter(0)}
	_, err = scrub.Run(t.Context(), strings.NewReader(in), scrub.Outputs{}, one, scrub.Options{})
	if !errors.Is(err, errFailing) {
		t.Errorf("a checker that fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stop := scrub.Options{Progress: func(int64) { cancel() }}
	_, err = scrub.Run(ctx, strings.NewReader(in), scrub.Outputs{}, odd{}, stop)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestUTF16 scrubs a file in both byte orders, with halves of pairs in it.
func TestUTF16(t *testing.T) {
	rows := func(units ...[]uint16) (all []uint16) {
		for _, u := range units {
			all = append(all, u...)
		}
		return all
	}
	text := func(s string) []uint16 { return utf16.Encode([]rune(s)) }
	header := text("\uFEFFphone,näme\r\n")
	first := rows(text("+14155550122,😀"), []uint16{0xD83D}, text("\r\n"))
	second := rows(text("+14155550123,"), []uint16{0xDE00, 0xD83D})
	for _, big := range []bool{false, true} {
		encode := func(units []uint16) string {
			var b []byte
			for _, u := range units {
				if big {
					b = append(b, byte(u>>8), byte(u))
				} else {
					b = append(b, byte(u), byte(u>>8))
				}
			}
			return string(b)
		}
		got, err := run(strings.NewReader(encode(rows(header, first, second))), scrub.Options{})
		clear, suppressed := encode(rows(header, first)), encode(rows(header, second))
		if err != nil || got.clear != clear || got.suppressed != suppressed {
			t.Errorf("clear\n%x\nwant\n%x\nsuppressed\n%x\nwant\n%x\n%v",
				got.clear, clear, got.suppressed, suppressed, err)
		}
	}
}

// TestLarge scrubs more pieces than are worked on at once, with rows of all
// lengths, some in quotes with line feeds within.
func TestLarge(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var in, clear, suppressed strings.Builder
	for _, w := range []*strings.Builder{&in, &clear, &suppressed} {
		w.WriteString("id,phone,note\n")
	}
	for i := range 100_000 {
		note := strings.Repeat("y", r.IntN(60))
		if r.IntN(4) == 0 {
			note = "\"" + strings.Repeat("a\nb\"\",", r.IntN(20)) + "\""
		}
		number := 4155550000 + r.IntN(5000)
		row := fmt.Sprintf("%d,%d,%s\n", i, number, note)
		in.WriteString(row)
		if number%2 == 0 && number%10 != 4 {
			clear.WriteString(row)
		} else {
			suppressed.WriteString(row)
		}
	}
	got, err := run(strings.NewReader(in.String()), scrub.Options{Region: "US"})
	if err != nil || got.clear != clear.String() || got.suppressed != suppressed.String() {
		t.Errorf("%d clear and %d suppressed bytes, want %d and %d; %v", len(got.clear),
			len(got.suppressed), clear.Len(), suppressed.Len(), err)
	}
	if got.all != in.String() || got.counts.Rows() != 100_000 {
		t.Errorf("all: %d bytes of %d, %d rows", len(got.all), in.Len(), got.counts.Rows())
	}
}

// FuzzRun holds the rows against those of encoding/csv, where it reads them: it
// passes over blank lines above the header.
func FuzzRun(f *testing.F) {
	f.Add("phone,n\n+14155550122,\"a\nb\"\n+14155550123,\n", false)
	f.Add("\xff\xfep\x00\n\x00", true)
	f.Add("a;phone\r\n\"x;\"\"\";1\r\n\r\n2", false)
	f.Fuzz(func(t *testing.T, in string, verdict bool) {
		o := scrub.Options{Region: "US"}
		if verdict {
			o.Verdict = "v"
		}
		got, err := run(strings.NewReader(in), o)
		if err != nil {
			return
		}
		again, err := run(iotest.OneByteReader(strings.NewReader(in)), o)
		if err != nil || again.clear != got.clear || again.suppressed != got.suppressed {
			t.Errorf("%q read byte by byte is scrubbed otherwise: %v", in, err)
		}
		if strings.HasPrefix(strings.TrimPrefix(in, "\r"), "\n") {
			return
		}
		r := csv.NewReader(strings.NewReader(in))
		r.FieldsPerRecord = -1
		if want, err := r.ReadAll(); err == nil && !strings.ContainsAny(in, ";\t|\r\ufeff\x00") {
			if rows := int64(len(want)) - 1; rows != got.counts.Rows() {
				t.Errorf("%q has %d rows, counted %d", in, rows, got.counts.Rows())
			}
		}
	})
}
