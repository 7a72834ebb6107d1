package stack

// Size is how much to measure.
type Size struct {
	Full   bool // whether to measure the full size
	Rounds int  // at least 1; the report gives medians over the rounds
}

// Progress is called to report what is being done.
type Progress func(format string, args ...any)
