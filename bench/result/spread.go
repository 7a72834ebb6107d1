package result

import (
	"math"
	"slices"
)

// Spread summarizes the rounds: median, minimum and maximum.
type Spread struct{ Median, Min, Max float64 }

// Over summarizes the rounds; if there are none, all values are 0.
func Over(rounds []float64) Spread {
	if len(rounds) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(rounds))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + sorted[middle]) / 2
	}
	return Spread{round(median), round(sorted[0]), round(sorted[len(sorted)-1])}
}

// round rounds to four significant digits, because the rest is noise.
func round(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-3)
	return math.Round(v/unit) * unit
}
