package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"nocall/internal/dnc"
	"nocall/internal/e164"
)

// memory is an index, and a store that keeps what it is given.
type memory struct {
	dnc.Index
	listed   map[e164.Number]bool
	contacts []e164.Number
	added    *dnc.ImportFile
}

// ContainsMany implements [dnc.Index].
func (m *memory) ContainsMany(
	_ dnc.Environment, ns []e164.Number, listed []bool,
) (int64, error) {
	for i, n := range ns {
		listed[i] = m.listed[n]
	}
	return 1, nil
}

// AddImport implements [Store].
func (m *memory) AddImport(
	_ context.Context, i dnc.Import, f *dnc.ImportFile, steps dnc.ImportSteps,
) (dnc.Import, error) {
	m.added = f
	steps.Written(len(f.Numbers))
	return i, nil
}

// UndoImport implements [Store].
func (m *memory) UndoImport(
	context.Context, dnc.Environment, string, string,
) (dnc.Import, error) {
	return dnc.Import{}, dnc.ErrNoImport
}

// EachRunningContact implements [Store].
func (m *memory) EachRunningContact(
	_ context.Context, _ dnc.Environment, fn func(e164.Number) error,
) error {
	for _, n := range m.contacts {
		if err := fn(n); err != nil {
			return err
		}
	}
	return nil
}

// EachImportLine implements [Store].
func (m *memory) EachImportLine(
	_ context.Context, _ dnc.Environment, _ string, fn func(dnc.ImportLine) error,
) error {
	for _, l := range m.added.Lines {
		if err := fn(l); err != nil {
			return err
		}
	}
	return nil
}

// EachImportListed implements [Store].
func (m *memory) EachImportListed(
	_ context.Context, _ dnc.Environment, _ string, fn func(e164.Number) error,
) error {
	for _, n := range m.added.Numbers {
		if !m.listed[n.Number] {
			continue
		}
		if err := fn(n.Number); err != nil {
			return err
		}
	}
	return nil
}

func number(t testing.TB, text string) e164.Number {
	t.Helper()
	n, err := e164.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func newImports(m *memory) *Imports {
	return &Imports{
		List: &dnc.List{Index: m}, Store: m,
		Open: func(name, _ string, in io.Reader, do func(string, io.Reader) error) error {
			return do(name, in)
		},
	}
}

// said is what came of a file in a few words.
func said(m *memory, r Result, err error) string {
	text := fmt.Sprintf("%d rows %d new %d listed %d again %d invalid", r.Rows, r.Added,
		r.AlreadyListed, r.Repeated, r.Invalid)
	if m.added != nil {
		for _, n := range m.added.Numbers {
			text += fmt.Sprintf(" %s=%s", n.Number, m.added.Reasons[n.Reason])
		}
	}
	for _, l := range r.Lines {
		text += fmt.Sprintf(" %d:%s", l.Line, l.Input)
	}
	if err != nil {
		text += " " + err.Error()
	}
	return text
}

func TestImport(t *testing.T) {
	for _, test := range []struct {
		about string
		text  string
		r     Request
		want  string
	}{
		{
			about: "an export of ours",
			text: "Phone Number,Created By,Date Added,Reason\n" +
				"'+14155550102,User,2026-01-01T00:00:00Z,\"by mail, " +
				"twice\"\n+14155550101,Fluents,,\n",
			want: "2 rows 1 new 1 listed 0 again 0 invalid +14155550101= +14155550102=by mail, " +
				"twice",
		},
		{
			about: "plain text", text: "+14155550101\n\n+14155550103\n4155550104\nx12\n",
			want: "4 rows 1 new 1 listed 0 again 2 invalid +14155550101= +14155550103= " +
				"4:4155550104 5:x12",
		},
		{
			about: "national forms", text: "(415) 555-0104\n415.555.0104\n",
			r:    Request{Region: "US"},
			want: "2 rows 1 new 0 listed 1 again 0 invalid +14155550104=",
		},
		{
			about: "a column that is recognised", text: "who;what\nann;+14155550104\n" +
				"bob;+14155550105\n",
			want: "2 rows 2 new 0 listed 0 again 0 invalid +14155550104= +14155550105=",
		},
		{
			about: "several columns", text: "phone,mobile\n+14155550104,\n,+14155550105\n,\n" +
				"x,+14155550106\n",
			want: "3 rows 3 new 0 listed 0 again 1 invalid +14155550104= +14155550105= " +
				"+14155550106= 5:x",
		},
		{
			about: "columns asked for", text: "a,b,why\n+14155550104,+14155550105,w\n",
			r:    Request{Columns: []string{"B"}, ReasonColumn: "why"},
			want: "1 rows 1 new 0 listed 0 again 0 invalid +14155550105=w",
		},
		{
			about: "a place asked for", text: "x,+14155550104\ny,+14155550105\n",
			r:    Request{Columns: []string{"2"}},
			want: "2 rows 2 new 0 listed 0 again 0 invalid +14155550104= +14155550105=",
		},
		{
			about: "a place goes before a name, and its header is none of the rows",
			text:  "2,Contact 2\n1,+14155550104\n", r: Request{Columns: []string{"2"}},
			want: "1 rows 1 new 0 listed 0 again 0 invalid +14155550104=",
		},
		{
			about: "a usual name at a place", text: "x,phone1\n1,12\n1,+14155550104\n",
			r:    Request{Columns: []string{"2"}},
			want: "2 rows 1 new 0 listed 0 again 1 invalid +14155550104= 2:12",
		},
		{
			about: "no such column", text: "a,b\n1,2\n", r: Request{Columns: []string{"c"}},
			want: "0 rows 0 new 0 listed 0 again 0 invalid f.csv line 1: no column c: there are " +
				"a, b",
		},
		{
			about: "no number", text: "a,b\nc,d\n",
			want: "0 rows 0 new 0 listed 0 again 0 invalid f.csv line 1: no column with phone " +
				"numbers was recognised: name it; there are a, b",
		},
		{
			about: "digits lost", text: "phone\n1.41555E+10\n",
			want: "1 rows 0 new 0 listed 0 again 1 invalid 2:1.41555E+10 " +
				dnc.ErrNoNumbers.Error(),
		},
		{
			about: "empty",
			want:  "0 rows 0 new 0 listed 0 again 0 invalid " + dnc.ErrNoNumbers.Error(),
		},
		{
			about: "a broken row", text: "phone\n+14155550104\n\"\n",
			want: "0 rows 0 new 0 listed 0 again 0 invalid f.csv line 3: a quoted field that " +
				"does " +
				"not end where its quote does: write quotes within it twice",
		},
		{
			about: "unknown region", r: Request{Region: "XX"},
			want: "0 rows 0 new 0 listed 0 again 0 invalid unknown region: want a country code, " +
				"such as US",
		},
	} {
		m := &memory{listed: map[e164.Number]bool{number(t, "+14155550101"): true}}
		test.r.Environment, test.r.File = "production", "f.csv"
		r, err := newImports(m).Import(t.Context(), test.r, strings.NewReader(test.text))
		if got := said(m, r, err); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.about, got, test.want)
		}
	}
}

func TestDryRun(t *testing.T) {
	m := &memory{
		listed:   map[e164.Number]bool{number(t, "+14155550101"): true},
		contacts: []e164.Number{number(t, "+14155550101"), number(t, "+14155550102")},
	}
	var told []Progress
	i := newImports(m)
	r := Request{
		Environment: "production", File: "f.csv", DryRun: true, By: "ada",
		Progress: func(p Progress) { told = append(told, p) },
	}
	text := strings.Repeat("+14155550101\n+14155550102\n", 3*tellEvery)
	got, err := i.Import(t.Context(), r, strings.NewReader(text))
	if err != nil || m.added != nil || got.ID != "" {
		t.Errorf("dry run = %+v, %v; want nothing done", got, err)
	}
	if got.Added != 1 || got.AlreadyListed != 1 || got.Contacts != 1 || got.Name != "f.csv" ||
		!slices.Equal(got.Columns, []string{"column 1"}) {
		t.Errorf("dry run = %+v; want one new, one listed, one contact", got)
	}
	if len(told) == 0 || told[0].Rows != tellEvery || told[0].State != Reading || !told[0].DryRun {
		t.Errorf("told %+v; want how far it is", told)
	}
	if left := i.Running("production"); len(left) > 0 {
		t.Errorf("still runs: %+v", left)
	}
}

func TestRunning(t *testing.T) {
	m := new(memory)
	i := newImports(m)
	in, out := io.Pipe()
	done := make(chan error)
	go func() {
		r := Request{Environment: "production", Name: "Mine", By: "ada"}
		_, err := i.Import(t.Context(), r, in)
		done <- err
	}()
	if _, err := io.WriteString(out, "+14155550101\n"); err != nil {
		t.Fatal(err)
	}
	all := i.Running("production")
	if len(all) != 1 || all[0].Name != "Mine" || all[0].State != Reading || all[0].By != "ada" {
		t.Errorf("running: %+v; want the one", all)
	}
	if other := i.Running("sandbox"); len(other) > 0 {
		t.Errorf("running elsewhere: %+v", other)
	}
	failure := errors.New("cut")
	out.CloseWithError(failure)
	if err := <-done; !errors.Is(err, failure) || m.added != nil {
		t.Errorf("cut off: %v, %+v; want nothing added", err, m.added)
	}
}

func TestReasons(t *testing.T) {
	m := new(memory)
	long := strings.Repeat("ä", dnc.MaxReason+5)
	text := "phone,reason\n+14155550101," + long + "\n+14155550102,\n+14155550103,a\n" +
		"+14155550104,a\n"
	r := Request{Environment: "production", Reason: " why "}
	got, err := newImports(m).Import(t.Context(), r, strings.NewReader(text))
	if err != nil || got.Reason != "why" {
		t.Fatalf("Import = %+v, %v", got, err)
	}
	want := []string{"", strings.Repeat("ä", dnc.MaxReason), "a"}
	if !slices.Equal(m.added.Reasons, want) || m.added.Numbers[3].Reason != 2 {
		t.Errorf("reasons %q of %+v; want %q", m.added.Reasons, m.added.Numbers, want)
	}
}

// FuzzImport reads anything: what comes out is in order, each number once, and
// every row is accounted for.
func FuzzImport(f *testing.F) {
	for _, text := range []string{
		"phone,reason\n+14155550101,x\n", "+14155550101\n+14155550101\n", "a;b\n1;2\n", "\"", "",
	} {
		f.Add(text, "US")
	}
	f.Fuzz(func(t *testing.T, text, region string) {
		m := new(memory)
		r := Request{Environment: "production", Region: region}
		got, err := newImports(m).Import(t.Context(), r, strings.NewReader(text))
		if err != nil {
			return
		}
		last := uint64(0)
		for _, n := range m.added.Numbers {
			if n.Number.Uint64() <= last || int(n.Reason) >= len(m.added.Reasons) {
				t.Fatalf("%v after %d, reason %d", n.Number, last, n.Reason)
			}
			last = n.Number.Uint64()
		}
		if got.Added+got.Repeated+got.Invalid < got.Rows {
			t.Fatalf("%d rows, but %+v", got.Rows, got)
		}
	})
}

func TestReport(t *testing.T) {
	m := &memory{listed: map[e164.Number]bool{number(t, "+14155550102"): true}}
	i := newImports(m)
	text := "phone\n=1+1\n+14155550102\n+14155550103\n"
	r := Request{File: "a.csv"}
	if _, err := i.Import(t.Context(), r, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	err := i.Report(t.Context(), &b, "sandbox", "")
	lines := strings.Split(b.String(), "\n")
	if err != nil || len(lines) != 4 || !strings.HasPrefix(lines[1], "2,'=1+1,,invalid,") ||
		lines[2] != ",,'+14155550102,already_listed," {
		t.Errorf("Report = %q, %v", b.String(), err)
	}
}

// What is not recognised can be chosen from what there is.
func TestColumnsToChooseFrom(t *testing.T) {
	for text, want := range map[string]string{
		"name, age\nAnn,7\nBob,8\n":            "[name age] []",
		"name,phone,tel\n,+14155550101,\n":     "[name phone tel] [1 2]",
		"Ann,+14155550101\nBob,+14155550102\n": "[column 1 column 2] [1]",
		"name,phone\nAnn,\"\n":                 "[name phone] [1]",
	} {
		got, _ := newImports(&memory{}).Import(t.Context(), Request{DryRun: true},
			strings.NewReader(text))
		if said := fmt.Sprint(got.Table, got.Places); said != want {
			t.Errorf("columns of %q: %s; want %s", text, said, want)
		}
	}
}
