package sheet

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// rowsOf reads a table: fields between bars, rows between slashes.
func rowsOf(text string) (string, error) {
	r, err := NewReader(strings.NewReader(text))
	if err != nil {
		return "", err
	}
	var all []string
	for {
		row, _, err := r.Row()
		if err == io.EOF {
			return strings.Join(all, "/"), nil
		}
		if err != nil {
			return strings.Join(all, "/"), err
		}
		all = append(all, strings.Join(row, "|"))
	}
}

func inUTF16(text string, order binary.AppendByteOrder) string {
	var b []byte
	for _, u := range utf16.Encode([]rune("\uFEFF" + text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func TestReader(t *testing.T) {
	for _, test := range []struct{ text, want, wrong string }{
		{text: "a,b\n1,2\r\n", want: "a|b/1|2"},
		{text: Mark + "a;b\n\"1;\n\"\"2\"\"\";3", want: "a|b/1;\n\"2\"|3"},
		{text: "sep=|\na|b,c,d", want: "a|b,c,d"},
		{text: "a\tb", want: "a|b"},
		{text: "\"a;b;c\",d", want: "a;b;c|d"}, // what is quoted does not count
		{text: inUTF16("ä,𝄞\n1,2\n", binary.LittleEndian), want: "ä|𝄞/1|2"},
		{text: inUTF16("ä,𝄞\n1,2\n", binary.BigEndian), want: "ä|𝄞/1|2"},
		{text: inUTF16("ab", binary.BigEndian) + "x", wrong: "middle of a character"},
		{text: ""},
		{text: "a\nb\n\"c\nd", want: "a/b", wrong: "line 3: a quoted field"},
		{text: "a\n\"b\"c\n", want: "a", wrong: "line 2: a quoted field that does not end"},
		{text: "a\nb\xff\n", want: "a", wrong: "line 2: not text in UTF-8"},
		{text: "a\nb\x00\n", want: "a", wrong: "line 2: not text"},
		{text: "a\n" + strings.Repeat("x", MaxRow+1), want: "a", wrong: "line 2: too long"},
		{text: "a\n" + strings.Repeat("x", 9*MaxRow), want: "a", wrong: "line 2: too long"},
		{text: strings.Repeat(",", MaxColumns), wrong: "line 1: too many columns"},
	} {
		got, err := rowsOf(test.text)
		if got != test.want || (err == nil) != (test.wrong == "") ||
			err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%.40q: %q, %v; want %q, %q", test.text, got, err, test.want, test.wrong)
		}
		if _, ok := errors.AsType[*Error](err); err != nil && !ok {
			t.Errorf("%.40q: %T is no *Error", test.text, err)
		}
	}
}

func TestLines(t *testing.T) {
	r, err := NewReader(strings.NewReader("sep=,\na,b\n\"1\n2\",3\n\n4,5\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 3, 6} {
		if row, line, err := r.Row(); err != nil || line != want {
			t.Errorf("Row = %v on line %d, %v; want line %d", row, line, err, want)
		}
	}
}

func TestColumns(t *testing.T) {
	for _, test := range []struct {
		names string
		all   int // how many have numbers
		first int // the likeliest
	}{
		{"Name,Phone Number", 1, 1},
		{"name,PHONE_NUMBER,mobile", 2, 1},
		{"number,phone", 2, 1},
		{"number,name", 1, 0},
		{"account number,name", 0, -1},
		{"e.164,reason", 1, 0},
	} {
		names := strings.Split(test.names, ",")
		if all, first := NumberColumns(names), NumberColumn(names); len(all) != test.all ||
			first != test.first {
			t.Errorf("columns %s: %v, first %d; want %d, first %d", test.names, all, first,
				test.all, test.first)
		}
	}
	names := []string{"Reason", "reason ", "x"}
	for name, want := range map[string]int{"Reason": 0, "reason": 0, "X": 2, "y": -1} {
		if got := Find(names, name); got != want {
			t.Errorf("Find(%q) = %d; want %d", name, got, want)
		}
	}
}

func TestLikely(t *testing.T) {
	is := func(text string) bool { return strings.HasPrefix(text, "+") }
	for _, test := range []struct {
		rows [][]string
		want int
	}{
		{nil, -1},
		{[][]string{{"a", "+1"}, {"b", "+2"}, {"+c"}}, 1},
		{[][]string{{"a", "+1"}, {"b", "2"}}, -1}, // half of them
	} {
		if got := Likely(test.rows, is); got != test.want {
			t.Errorf("Likely(%v) = %d; want %d", test.rows, got, test.want)
		}
	}
}

func TestHarmless(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "x": "x", "+1": "'+1", "=a": "'=a", "-1": "'-1", "@": "'@", "\tx": "'\tx",
		"a=": "a=",
	} {
		if got := Harmless(cell); got != want {
			t.Errorf("Harmless(%q) = %q; want %q", cell, got, want)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, text := range []string{
		"a,b\n1,2\n", Mark + "a;b", "sep=;\n\"x\"\"\n\";y", inUTF16("a,𝄞", binary.LittleEndian),
		"\xff\xfe\x00\xd8a\x00", "\"",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := NewReader(strings.NewReader(text))
		if err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		for last := 0; ; {
			row, line, err := r.Row()
			if err == io.EOF {
				return
			}
			if err != nil {
				if _, ok := errors.AsType[*Error](err); !ok {
					t.Fatalf("%T: %v", err, err)
				}
				return
			}
			if line <= last || len(row) == 0 || !utf8.ValidString(strings.Join(row, "")) {
				t.Fatalf("row %q on line %d after line %d", row, line, last)
			}
			last = line
		}
	})
}
