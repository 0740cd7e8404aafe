package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// A workBar shows how far long work has come, where a person looks on.
type workBar struct{ bar *progressbar.ProgressBar }

// newWorkBar returns a bar for work on so many bytes; 0 is not known.
func newWorkBar(in *Invocation, what string, size int64) workBar {
	if !isTerminal(in.Stderr) {
		return workBar{}
	}
	if size == 0 {
		size = -1
	}
	return workBar{progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(in.Stderr),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// set says how many bytes are done.
func (b workBar) set(n int64) {
	if b.bar != nil {
		b.bar.Set64(n) // it fails where the terminal does
	}
}

// end takes the bar away.
func (b workBar) end() {
	if b.bar != nil {
		b.bar.Finish()
	}
}
