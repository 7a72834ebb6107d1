package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const barLength = 30

// bar shows how far a run has come, and how long it may still take.
func bar(to io.Writer) func(progress) {
	phase := ""
	return func(p progress) {
		if p.Phase != "" {
			phase = p.Phase
			_, _ = fmt.Fprintf(to, "\n%s %s", p.Took.Round(time.Second), phase)
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
