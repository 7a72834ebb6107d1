package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
)

const barLength = 30

// bar returns a function that shows a run's progress and, on a terminal, the estimated time left.
func bar(to *os.File) func(progress) {
	terminal := isatty.IsTerminal(to.Fd())
	return func(p progress) {
		if p.Phase != "" {
			_, _ = fmt.Fprintf(to, "\n%s %s", p.Took.Round(time.Second), p.Phase)
			return
		}
		if !terminal {
			return
		}
		share := p.Share
		left := "?"
		if share > 0 {
			left = time.Duration(float64(p.Took) * (1/min(share, 1) - 1)).Round(time.Second).String()
		}
		full := int(barLength * min(share, 1))
		_, _ = fmt.Fprintf(to, "\r%s [%s%s] %d of %d pilots, %d payments posted, %d of %d kills, %s left   ", p.Took.Round(time.Second),
			strings.Repeat("#", full), strings.Repeat("-", barLength-full), p.Pilots, p.OfAll, p.Posted, p.Kills, p.OfKills, left)
	}
}
