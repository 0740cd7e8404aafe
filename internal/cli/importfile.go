package cli

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"nocall/client"
)

type importFileCommand struct {
	importFlags
	Column       []string
	ReasonColumn string
	Reason       string
	Region       string
	Sheet        string
	Name         string
	DryRun       bool
	Report       string
	Undo         string
	Files        []string `arg:"" optional:"" name:"file"`
}

// Run imports the files as one, or says what would change.
func (k *importFileCommand) Run(ctx context.Context, in *Invocation) (err error) {
	switch {
	case k.Undo != "" && len(k.Files) > 0, k.Undo == "" && len(k.Files) == 0:
		return usageError{"want files, or -undo ID"}
	case k.Undo != "":
		return k.undo(ctx, in, k.Undo)
	case k.DryRun && k.Report != "":
		return usageError{"a dry run has no report: it tells lines on standard error, or in -json"}
	}
	lists, err := k.importer(ctx, in)
	if err != nil {
		return err
	}
	defer lists.close(&err)
	files := new(newFiles)
	defer files.discard()
	report, err := files.output(in, k.Report)
	if err != nil {
		return err
	}
	done, err := k.send(ctx, in, lists)
	if err != nil {
		return err
	}
	tellLines(in.Stderr, done)
	to := in.Stdout
	if k.Report == "-" {
		to = in.Stderr
	}
	if err := k.print(to, done, importedLine(done)); err != nil || report == nil {
		return err
	}
	return errors.Join(lists.ImportReport(ctx, done.ID, report), files.keep())
}

// send imports what the files hold.
func (k *importFileCommand) send(
	ctx context.Context, in *Invocation, lists importing,
) (client.Imported, error) {
	file, size, err := k.open(in)
	if err != nil {
		return client.Imported{}, err
	}
	defer file.Close()
	bar := &importBar{in: in, bar: newWorkBar(in, "import", size)}
	defer bar.end()
	return lists.ImportEntries(ctx, new(counted).of(file, bar.bar), client.ImportOptions{
		Name: k.Name, File: k.called(), Sheet: k.Sheet, Columns: k.Column,
		ReasonColumn: k.ReasonColumn, Reason: k.Reason, Region: k.Region, DryRun: k.DryRun,
		Progress: bar.progress,
	})
}

// called is what the files are called together.
func (k *importFileCommand) called() string {
	var names []string
	for _, name := range k.Files {
		if name == "-" {
			name = "standard input"
		}
		names = append(names, filepath.Base(name))
	}
	return strings.Join(names, ", ")
}

// open opens the files, several as one zip, and says how long they are; 0 if that
// is not known.
func (k *importFileCommand) open(in *Invocation) (io.ReadCloser, int64, error) {
	if len(k.Files) == 1 {
		return openInput(in, k.Files[0])
	}
	size := int64(0)
	for _, name := range k.Files {
		about, err := os.Stat(name)
		if err != nil {
			return nil, 0, err
		}
		size += about.Size()
	}
	packed, to := io.Pipe()
	go func() { to.CloseWithError(k.pack(to)) }()
	return packed, size, nil
}

// pack writes the files as one zip, in which they are as they are.
func (k *importFileCommand) pack(to io.Writer) error {
	z := zip.NewWriter(to)
	for _, name := range k.Files {
		in, err := os.Open(name)
		if err != nil {
			return err
		}
		defer in.Close()
		part, err := z.CreateHeader(&zip.FileHeader{Name: filepath.ToSlash(name)})
		if err != nil {
			return err
		}
		if _, err := io.Copy(part, in); err != nil {
			return err
		}
	}
	return z.Close()
}

// An importBar shows how much of a file was sent, and then how much of it is
// written down.
type importBar struct {
	in      *Invocation
	bar     workBar
	writing bool
}

func (b *importBar) progress(p client.ImportProgress) {
	if p.State != "writing" {
		return
	}
	if !b.writing {
		b.bar.end()
		b.writing, b.bar = true, newCountBar(b.in, "write", p.Numbers)
	}
	b.bar.set(p.Written)
}

func (b *importBar) end() { b.bar.end() }
