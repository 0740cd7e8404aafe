package imports

import (
	"slices"
	"time"

	"nocall/internal/dnc"
)

// State says what an import is at.
type State string

// The states of an import that runs.
const (
	Reading State = "reading"
	Writing State = "writing"
)

// Progress is how far an import has come.
type Progress struct {
	Name    string
	By      string
	DryRun  bool
	State   State
	Since   time.Time
	Rows    int64 // read so far
	Numbers int64 // to be written; 0 while reading
	Written int64
}

// job is an import that runs.
type job struct {
	imports  *Imports
	env      dnc.Environment
	tell     func(Progress)
	told     time.Time
	progress Progress // guarded by imports.mu
}

// tellMost is how often it is told how far an import has come.
const tellMost = 200 * time.Millisecond

func (i *Imports) begin(r Request) *job {
	name := dnc.CleanImportName(r.Name)
	if name == "" {
		name = dnc.CleanImportName(r.File)
	}
	j := &job{imports: i, env: r.Environment, tell: r.Progress, progress: Progress{
		Name: name, By: r.By, DryRun: r.DryRun, State: Reading, Since: time.Now().UTC(),
	}}
	i.mu.Lock()
	if i.running == nil {
		i.running = make(map[*job]struct{})
	}
	i.running[j] = struct{}{}
	i.mu.Unlock()
	i.List.Bell.Ring(r.Environment)
	return j
}

func (i *Imports) end(j *job) {
	i.mu.Lock()
	delete(i.running, j)
	i.mu.Unlock()
	i.List.Bell.Ring(j.env)
}

// Running returns the imports of an environment that run now, the oldest first.
func (i *Imports) Running(env dnc.Environment) (all []Progress) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for j := range i.running {
		if j.env == env {
			all = append(all, j.progress)
		}
	}
	slices.SortFunc(all, func(a, b Progress) int { return a.Since.Compare(b.Since) })
	return all
}

// read notes that so many rows are read.
func (j *job) read(rows int64) {
	j.change(false, func(p *Progress) { p.Rows = rows })
}

// write notes that the numbers are being written.
func (j *job) write(numbers int) {
	j.change(true, func(p *Progress) { p.State, p.Numbers = Writing, int64(numbers) })
}

// written notes that so many numbers are written.
func (j *job) written(numbers int) {
	j.change(false, func(p *Progress) { p.Written = int64(numbers) })
}

// change changes the progress, and tells of it if there is news or it is time.
func (j *job) change(news bool, do func(*Progress)) {
	j.imports.mu.Lock()
	do(&j.progress)
	p := j.progress
	j.imports.mu.Unlock()
	now := time.Now()
	if !news && now.Sub(j.told) < tellMost {
		return
	}
	j.told = now
	j.imports.List.Bell.Ring(j.env)
	if j.tell != nil {
		j.tell(p)
	}
}
