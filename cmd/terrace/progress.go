package main

import (
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
)

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// steps returns a function that displays the progress of each step on a separate line. It displays nothing unless the
// output is a terminal.
func steps(to io.Writer) func(step string, done, total int64) {
	shown, bar := "", progressbar.DefaultSilent(1)
	return func(step string, done, total int64) {
		if !terminal(to) {
			return
		}
		if step != shown {
			shown = step
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(to), progressbar.OptionSetDescription(fmt.Sprintf("%-9s", step)),
				progressbar.OptionSetWidth(30), progressbar.OptionOnCompletion(func() { _, _ = fmt.Fprintln(to) }))
		}
		bar.ChangeMax64(total)
		_ = bar.Set64(done) // it only affects the display
	}
}

// step returns a function that displays the progress of a single step.
func step(to io.Writer, name string) func(done, total int) {
	tell := steps(to)
	return func(done, total int) { tell(name, int64(done), int64(total)) }
}
