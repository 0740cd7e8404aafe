package contents

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

const list = "phone_number,reason\n+14155550123,asked\n"

// all opens a file and returns its texts by name, in one string.
func all(name string, in io.Reader, o Options) (string, error) {
	var b strings.Builder
	err := Each(name, in, o, func(name string, text io.Reader) error {
		all, err := io.ReadAll(text)
		fmt.Fprintf(&b, "[%s]%s", name, all)
		return err
	})
	return b.String(), err
}

func inGzip(t testing.TB, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// inZip packs files, which are names each followed by a text.
func inZip(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = io.WriteString(f, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// inSheet makes a spreadsheet whose first sheet is empty.
func inSheet(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	_, err := f.NewSheet("Numbers")
	var b bytes.Buffer
	for cell, v := range map[string]any{
		"A1": "phone", "B1": "note", "A2": 14155550123, "B2": `a "b", c`, "A4": "+1 415 555 0100",
	} {
		err = errors.Join(err, f.SetCellValue("Numbers", cell, v))
	}
	if err = errors.Join(err, f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEach(t *testing.T) {
	sheet := "phone,note\n14155550123,\"a \"\"b\"\", c\"\n\n+1 415 555 0100\n"
	for _, test := range []struct {
		name string
		in   []byte
		want string
	}{
		{"a.csv", []byte(list), "[a.csv]" + list},
		{"empty.csv", nil, "[empty.csv]"},
		{"a.csv.gz", inGzip(t, []byte(list)), "[a.csv]" + list},
		{"named wrongly.txt", inGzip(t, []byte(list)), "[named wrongly.txt]" + list},
		{"two.gz", append(inGzip(t, []byte("1\n")), inGzip(t, []byte("2\n"))...), "[two]1\n2\n"},
		{
			"a.zip",
			inZip(t, "b.txt", "1\n", "d/", "", "__MACOSX/b.txt", "?", "d/.DS_Store", "?",
				"d/c.txt", "2\n"),
			"[b.txt]1\n[d/c.txt]2\n",
		},
		{"g.zip", inZip(t, "b.txt.gz", string(inGzip(t, []byte("1\n")))), "[b.txt]1\n"},
		{"a.xlsx", inSheet(t), "[a.xlsx]" + sheet},
		{"x.zip", inZip(t, "a.xlsx", string(inSheet(t))), "[a.xlsx]" + sheet},
	} {
		got, err := all(test.name, bytes.NewReader(test.in), Options{})
		if err != nil || got != test.want {
			t.Errorf("file %s: %q, %v; want %q", test.name, got, err, test.want)
		}
		temp := t.TempDir()
		stream := io.MultiReader(bytes.NewReader(test.in)) // cannot be read at any place
		got, err = all(test.name, stream, Options{Temp: temp})
		if err != nil || got != test.want {
			t.Errorf("stream %s: %q, %v; want %q", test.name, got, err, test.want)
		}
		if left, _ := filepath.Glob(filepath.Join(temp, "*")); len(left) > 0 {
			t.Errorf("stream %s left %v behind", test.name, left)
		}
	}
}

func TestRefused(t *testing.T) {
	packed, archive := inGzip(t, []byte(strings.Repeat(list, 999))), inZip(t, "a.csv", list)
	flipped := bytes.Clone(archive)
	flipped[bytes.Index(flipped, []byte("PK\x01\x02"))+16] ^= 1 // its check sum
	locked := bytes.Clone(archive)
	locked[bytes.Index(locked, []byte("PK\x01\x02"))+8] |= 1
	for _, test := range []struct {
		name string
		in   []byte
		want string
	}{
		{"cut.gz", packed[:len(packed)-1], "cut: cut short"},
		{"cut.gz", packed[:5], "cut short"},
		{"tail.gz", append(bytes.Clone(packed), "more, and more"...), "damaged or cut short"},
		{"cut.zip", archive[:len(archive)-1], "damaged or cut short"},
		{"flipped.zip", flipped, "check sum"},
		{"locked.zip", locked, "has a password"},
		{"none.zip", inZip(t), "no file in it"},
		{"deep.zip", inZip(t, "in.zip", string(archive)), "in.zip: a zip within"},
		{"deep.gz", inGzip(t, inGzip(t, inGzip(t, []byte(list)))), "packed too often"},
		{"false.zip", inZip(t, "in.xlsx", string(archive)), "not a spreadsheet"},
		{"broken.xlsx", inZip(t, "xl/workbook.xml", "<"), "cannot be read"},
		{"old.xls", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..."), "old or a locked spreadsheet"},
	} {
		_, err := all(test.name, bytes.NewReader(test.in), Options{})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", test.name, err, test.want)
		}
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("%s: %T is no *Error", test.name, err)
		}
	}
}

func TestDamageBehindWhatIsRead(t *testing.T) {
	packed := inGzip(t, []byte(strings.Repeat(list, 9999)))
	err := Each("a.gz", bytes.NewReader(packed[:len(packed)-4]), Options{},
		func(_ string, text io.Reader) error {
			_, err := text.Read(make([]byte, 9))
			return err
		})
	if err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("damage after what was read: %v; want cut short", err)
	}
}

func TestBomb(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	zeros := make([]byte, 1<<20)
	for range 100 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string][]byte{
		"bomb.gz": b.Bytes(), "bomb.zip": inZip(t, "bomb", string(make([]byte, 100<<20))),
	} {
		err := Each(name, bytes.NewReader(in), Options{}, func(_ string, text io.Reader) error {
			_, err := io.Copy(io.Discard, text)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "swells") {
			t.Errorf("%s: %v; want it refused", name, err)
		}
	}
}

func TestSheetByName(t *testing.T) {
	got, err := all("a.xlsx", bytes.NewReader(inSheet(t)), Options{Sheet: "numbers"})
	if err != nil || !strings.Contains(got, "14155550123") {
		t.Errorf("sheet by its name: %q, %v", got, err)
	}
	if _, err := all("a.xlsx", bytes.NewReader(inSheet(t)), Options{Sheet: "x"}); err == nil ||
		!strings.Contains(err.Error(), "there are Sheet1, Numbers") {
		t.Errorf("sheet that is not there: %v", err)
	}
}

func TestErrorsOfTheReader(t *testing.T) {
	failure := errors.New("full")
	for name, in := range map[string][]byte{
		"a.csv": []byte(list), "a.zip": inZip(t, "a", list, "b", list), "a.xlsx": inSheet(t),
	} {
		calls := 0
		err := Each(name, bytes.NewReader(in), Options{}, func(string, io.Reader) error {
			calls++
			return failure
		})
		if !errors.Is(err, failure) || calls != 1 {
			t.Errorf("%s: %v after %d calls; want the reader's own after one", name, err, calls)
		}
	}
}

func TestWhole(t *testing.T) {
	for in, want := range map[string]string{
		"1.4155550123E10": "14155550123", "1.4155550123e+10": "14155550123",
		"1.41555E+10": "1.41555E+10", // digits are gone
		"14155550123": "14155550123", "E": "E", "1E": "1E", "HELLO": "HELLO", "1E5": "1E5",
		"1.5E1": "15", "1.23456789012345678E17": "1.23456789012345678E17",
	} {
		if got := whole(in); got != want {
			t.Errorf("whole(%q) = %q; want %q", in, got, want)
		}
	}
}

// FuzzEach opens anything: no panic, nothing left behind, and what is plain comes
// as it is.
func FuzzEach(f *testing.F) {
	f.Add([]byte(list))
	f.Add(inGzip(f, []byte(list)))
	f.Add(inZip(f, "a.csv", list, "b.gz", string(inGzip(f, []byte(list)))))
	f.Add(inSheet(f))
	f.Fuzz(func(t *testing.T, in []byte) {
		temp, err := os.MkdirTemp("", "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(temp)
		var out bytes.Buffer
		err = Each("f", io.MultiReader(bytes.NewReader(in)), Options{Temp: temp},
			func(_ string, text io.Reader) error {
				_, err := io.Copy(&out, io.LimitReader(text, 1<<20))
				return err
			})
		if kindOf(in) == plain && (err != nil || !bytes.Equal(out.Bytes(), in)) {
			t.Errorf("plain file of %d bytes: %d bytes, %v", len(in), out.Len(), err)
		}
		if left, _ := os.ReadDir(temp); len(left) > 0 {
			t.Errorf("%v left behind", left)
		}
	})
}
