package stack

// Size is how much is measured.
type Size struct {
	Full   bool // the full size
	Rounds int  // at least 1; the report gives medians over them
}

// Progress reports what is being done.
type Progress func(format string, args ...any)
