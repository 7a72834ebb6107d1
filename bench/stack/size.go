package stack

// Size is how much is measured.
type Size struct {
	Full   bool // the long form
	Rounds int  // at least 3; medians are over them
}

// Progress tells whoever waits what is being done.
type Progress func(format string, args ...any)
