package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"nocall/client"
	"nocall/internal/intake"
	"nocall/internal/node"
	"nocall/internal/registry"
)

const registryUsage = `Usage:
    nocall registry import -registry NAME [OPTION]... FILE...
    nocall registry list | versions NAME | rollback NAME [VERSION] | remove NAME
    nocall registry coverage [-safe] NAME > coverage.csv
    nocall registry set [-title T] [-stale-after DAYS] [-columns C,...] NAME
    nocall registry subscribe [-stale POLICY] [-not-covered POLICY] NAME
    nocall registry unsubscribe NAME | subscriptions
    nocall registry exempt -ground G -since DAY -evidence TEXT NUMBER
    nocall registry exemptions | unexempt ID

Registries are lists that others keep: us-national, canada, uk-tps, uk-ctps, and
any other by a name of yours. An environment that subscribes to one calls no
number that is in it, nor one of which the registry cannot say that it is not:
because it is too old, or does not have that area code.

import takes files as the registry gives them: text, XML, changes, zip, gzip;
several are one version. One that is cut off or has a line that does not fit is
refused, with the line, and what was in force stays. The last two versions are
kept.

Options of import:
    -registry NAME       which one; a new one is set up
    -as-of DAY           the day of the files, as 2026-11-01; by default as
                         their names say, or today
    -keep                area codes that the files do not have stay as they are
    -smaller             an area may have lost many numbers, or be gone
    -data DIR            the data folder itself; no server may be running
Options of coverage, which writes CSV: area code, numbers, as of
    -safe                for spreadsheets: no cell is taken for a formula
Options of set, for files whose layout is not recognised:
    -layout NAME         such as csv or fixed
    -columns C,...       names in the header, or places from 1, of the number
    -delimiter C         between columns
    -start N             of fixed width: where the number begins, from 1
    -width N             and how many characters it has
    -region CODE         country of national numbers, such as US
    -title T             its name for people
    -stale-after DAYS    how old it may be (31)
Options of subscribe: refuse or allow calls
    -stale POLICY        where what the registry has is too old (refuse)
    -not-covered POLICY  where it does not have the area code (refuse)
Options of exempt:
    -ground G            consent, or business_relationship, which ends
    -since DAY           the day of the consent or purchase
    -until DAY           the day before which it counts
    -evidence TEXT       how it can be shown
    -registry NAME       of which it is an exemption; by default of all
    -json                an object for each result
` + remoteUsage + `
Example:
    $ nocall registry import -registry us-national 2026-8-5_818_AB.txt.zip
    us-national: 1469394 numbers in 1 areas, as of 2026-08-05
    $ nocall registry subscribe us-national
    us-national  stale: refuse  not covered: refuse
`

type registryCommand struct {
	Import        registryImportCommand `cmd:""`
	List          registryListCommand   `cmd:""`
	Versions      versionsCommand       `cmd:""`
	Rollback      rollbackCommand       `cmd:""`
	Coverage      coverageCommand       `cmd:""`
	Remove        registryRemoveCommand `cmd:""`
	Set           registrySetCommand    `cmd:""`
	Subscribe     subscribeCommand      `cmd:""`
	Unsubscribe   unsubscribeCommand    `cmd:""`
	Subscriptions subscriptionsCommand  `cmd:""`
	Exempt        exemptCommand         `cmd:""`
	Exemptions    exemptionsCommand     `cmd:""`
	Unexempt      unexemptCommand       `cmd:""`
}

type registryImportCommand struct {
	remote
	asJSON
	Registry string `required:""`
	AsOf     string
	Keep     bool
	Smaller  bool
	Data     string
	Files    []string `arg:"" name:"file"`
}

// Run imports the files, on a server or in the data folder.
func (k *registryImportCommand) Run(ctx context.Context, in *Invocation) error {
	size := int64(0)
	for _, name := range k.Files {
		about, err := os.Stat(name)
		if err != nil {
			return err
		}
		size += about.Size()
	}
	bar := newWorkBar(in, "import", size)
	work := k.send
	if k.Data != "" {
		work = k.offline
	}
	v, err := work(ctx, in, bar)
	bar.end()
	if err != nil {
		return err
	}
	return k.print(in.Stdout, v, k.Registry+": "+versionLine(v))
}

func versionLine(v client.RegistryVersion) string {
	return fmt.Sprintf("%d numbers in %d areas, as of %s", v.Numbers, v.Areas, v.AsOf)
}

// send has a server import the files.
func (k *registryImportCommand) send(
	ctx context.Context, in *Invocation, bar workBar,
) (v client.RegistryVersion, err error) {
	c, err := k.client(in)
	if err != nil {
		return v, err
	}
	im := client.RegistryImport{
		Registry: k.Registry, AsOf: k.AsOf, Keep: k.Keep, Smaller: k.Smaller,
	}
	read := new(counted)
	for _, name := range k.Files {
		file, err := os.Open(name)
		if err != nil {
			return v, err
		}
		defer file.Close()
		im.Files = append(im.Files, client.RegistryUpload{
			Name: filepath.Base(name), Text: read.of(file, bar),
		})
	}
	return c.ImportRegistry(ctx, im)
}

// counted counts what is read of several files, one after the other.
type counted struct{ bytes int64 }

func (c *counted) of(r io.Reader, bar workBar) io.Reader {
	return io.TeeReader(r, told(func(n int) {
		c.bytes += int64(n)
		bar.set(c.bytes)
	}))
}

// told is a writer that is told how much is written.
type told func(n int)

// Write implements [io.Writer].
func (t told) Write(p []byte) (int, error) {
	t(len(p))
	return len(p), nil
}

// offline imports the files into a data folder that no server uses.
func (k *registryImportCommand) offline(
	ctx context.Context, _ *Invocation, bar workBar,
) (v client.RegistryVersion, err error) {
	o, err := node.OpenOffline(ctx, k.Data)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	im := registry.Import{
		Registry: k.Registry, Keep: k.Keep, Smaller: k.Smaller, By: "command line",
		Progress: bar.set,
	}
	if k.AsOf != "" {
		if im.AsOf, err = time.Parse(time.DateOnly, k.AsOf); err != nil {
			return v, usageError{"-as-of wants a day, such as 2026-11-01"}
		}
	}
	for _, name := range k.Files {
		files, err := intake.Open(filepath.Base(name), name)
		if err != nil {
			return v, err
		}
		im.Files = append(im.Files, files...)
	}
	made, err := o.Registries.Import(ctx, im)
	return client.RegistryVersion{
		ID: made.ID, AsOf: made.AsOf.Format(time.DateOnly), ImportedAt: made.ImportedAt,
		By: made.By, Numbers: made.Numbers, Areas: len(made.Areas), Files: sources(made.Files),
		InForce: true, Kept: true,
	}, err
}

func sources(files []registry.Source) (all []client.RegistryFile) {
	for _, f := range files {
		all = append(all, client.RegistryFile{
			Name: f.Name, Layout: string(f.Layout), Lines: f.Lines, Bytes: f.Bytes,
			SHA256: f.SHA256,
		})
	}
	return all
}

type registryListCommand struct {
	remote
	asJSON
}

// Run lists the registries.
func (k *registryListCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	all, err := c.Registries(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		if err := k.print(in.Stdout, r, registryLine(r)); err != nil {
			return err
		}
	}
	return nil
}

func registryLine(r client.Registry) string {
	line := r.Name + "  "
	switch {
	case r.Version == nil:
		line += "nothing imported yet"
	case r.Damaged:
		line += "cannot be read: import it anew, or roll back"
	case r.Stale:
		line += versionLine(*r.Version) + ", stale since " + r.FreshUntil
	default:
		line += versionLine(*r.Version) + ", stale from " + r.FreshUntil + " on"
	}
	if len(r.Subscribers) > 0 {
		line += "  (" + strings.Join(r.Subscribers, ", ") + ")"
	}
	return line
}

type versionsCommand struct {
	remote
	asJSON
	Name string `arg:""`
}

// Run lists the versions of a registry.
func (k *versionsCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	all, err := c.RegistryVersions(ctx, k.Name)
	if err != nil {
		return err
	}
	for _, v := range all {
		state := "gone"
		if v.InForce {
			state = "in force"
		} else if v.Kept {
			state = "kept"
		}
		line := fmt.Sprintf("%s  %-8s  %s, by %s", v.ID, state, versionLine(v), v.By)
		if err := k.print(in.Stdout, v, line); err != nil {
			return err
		}
	}
	return nil
}

type rollbackCommand struct {
	remote
	asJSON
	Name    string `arg:""`
	Version string `arg:"" optional:""`
}

// Run puts a version in force that is kept.
func (k *rollbackCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	v, err := c.RollBackRegistry(ctx, k.Name, k.Version)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, v, k.Name+": "+versionLine(v))
}

type coverageCommand struct {
	remote
	Name string `arg:""`
	Safe bool
}

// Run writes what a registry covers.
func (k *coverageCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	return c.RegistryCoverage(ctx, k.Name, in.Stdout, k.Safe)
}

type registryRemoveCommand struct {
	remote
	Name string `arg:""`
}

// Run removes a registry.
func (k *registryRemoveCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	return c.RemoveRegistry(ctx, k.Name)
}

type registrySetCommand struct {
	remote
	asJSON
	Name       string `arg:""`
	Title      *string
	StaleAfter *int
	Layout     string
	Columns    []string
	Delimiter  string
	Start      int
	Width      int
	Region     string
}

// Run sets up a registry, or changes how it is set up.
func (k *registrySetCommand) Run(ctx context.Context, in *Invocation) error {
	c, err := k.client(in)
	if err != nil {
		return err
	}
	s := client.RegistrySettings{Title: k.Title, StaleAfter: k.StaleAfter}
	if k.Layout+k.Delimiter+k.Region != "" || len(k.Columns)+k.Start+k.Width > 0 {
		s.Mapping = &client.RegistryMapping{
			Layout: k.Layout, Delimiter: k.Delimiter, Columns: k.Columns, Start: k.Start,
			Width: k.Width, Region: k.Region,
		}
	}
	r, err := c.SetRegistry(ctx, k.Name, s)
	if err != nil {
		return err
	}
	return k.print(in.Stdout, r, registryLine(r))
}
