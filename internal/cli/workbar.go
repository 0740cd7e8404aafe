package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// A workBar shows how far long work has come, where a person looks on.
type workBar struct{ bar *progressbar.ProgressBar }

// newWorkBar returns a bar for work on so many bytes; 0 is not known.
func newWorkBar(in *Invocation, what string, size int64) workBar {
	return newBar(in, what, size, progressbar.OptionShowBytes(true))
}

// newCountBar returns a bar for work on so many things.
func newCountBar(in *Invocation, what string, count int64) workBar {
	return newBar(in, what, count, progressbar.OptionShowCount())
}

func newBar(in *Invocation, what string, most int64, shown progressbar.Option) workBar {
	if !isTerminal(in.Stderr) {
		return workBar{}
	}
	if most == 0 {
		most = -1
	}
	return workBar{progressbar.NewOptions64(most,
		progressbar.OptionSetWriter(in.Stderr),
		progressbar.OptionSetDescription(what),
		shown,
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
