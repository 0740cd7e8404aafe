package intake_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nocall/internal/intake"
	"nocall/internal/registry"
)

// zipped returns a zip of files, given as name and text in turns.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = io.WriteString(w, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.Bytes()
}

// take takes in a file and returns what is in it, name by name.
func take(t testing.TB, dir intake.Folder, name string, content []byte) (string, error) {
	t.Helper()
	taken, err := dir.Take(t.Context(), name, bytes.NewReader(content))
	if err != nil {
		return "", err
	}
	defer taken.Drop()
	var all []string
	for _, f := range taken.Files {
		in, err := f.Open()
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(in)
		if err = errors.Join(err, in.Close()); err != nil {
			return "", err
		}
		all = append(all, f.Name+"="+string(text))
	}
	return strings.Join(all, " "), nil
}

func TestTake(t *testing.T) {
	dir := intake.Folder(filepath.Join(t.TempDir(), "intake"))
	for _, tt := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"a.txt", []byte("818,0000818\n"), "a.txt=818,0000818\n"},
		{"empty", nil, "empty="},
		{"a.txt.gz", gzipped("818,0000818\n"), "a.txt=818,0000818\n"},
		{
			"all.zip",
			zipped(t, "in/2026-8-5_818_A.txt", "x", "__MACOSX/a", "y", ".DS", "z", "b", "w"),
			"2026-8-5_818_A.txt=x b=w",
		},
	} {
		if got, err := take(t, dir, tt.name, tt.content); got != tt.want || err != nil {
			t.Errorf("Take(%s) = %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
	if left, err := os.ReadDir(string(dir)); len(left) > 0 || err != nil {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

// TestNotWhole cuts and flips what is packed at every place.
func TestNotWhole(t *testing.T) {
	dir := intake.Folder(t.TempDir())
	text := strings.Repeat("818,0000818\n818,5550123\n", 20)
	for name, content := range map[string][]byte{
		"a.zip": zipped(t, "a.txt", text), "a.gz": gzipped(text),
	} {
		whole, err := take(t, dir, name, content)
		if err != nil {
			t.Fatal(err)
		}
		for cut := 4; cut < len(content); cut++ {
			_, err := take(t, dir, name, content[:cut])
			if _, ok := errors.AsType[*registry.FileError](err); !ok {
				t.Errorf("%s cut after %d bytes of %d: %v; want a FileError", name, cut,
					len(content), err)
			}
		}
		for at := range content {
			flipped := bytes.Clone(content)
			flipped[at] ^= 0x10
			got, err := take(t, dir, name, flipped)
			_, after, _ := strings.Cut(got, "=")
			_, want, _ := strings.Cut(whole, "=")
			if err == nil && after != want && at > 1 && !strings.HasPrefix(got, "a.zip=") {
				t.Errorf("%s with a bit flipped at %d: read as if it were whole", name, at)
			}
		}
	}
	if _, err := take(t, dir, "none.zip", zipped(t)); err == nil {
		t.Error("a zip without a file was taken")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(zipped(f, "a.txt", "818,0000818\n"))
	f.Add(gzipped("818,0000818\n"))
	f.Add([]byte("818,0000818\n"))
	dir := intake.Folder(f.TempDir())
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		_, err := take(t, dir, "f", content)
		if _, ok := errors.AsType[*registry.FileError](err); err != nil && !ok {
			t.Errorf("Take = %v; want a FileError", err)
		}
	})
}
