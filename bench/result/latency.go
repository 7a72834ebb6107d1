package result

import (
	"math"
	"math/bits"
	"time"
)

// fine is the number of buckets for each doubling of the latency, so a quantile is off by less than 1/fine.
const (
	fineBits = 6
	fine     = 1 << fineBits
)

// Latencies is a high-dynamic-range histogram in microseconds. It is not safe for concurrent use: give each client its
// own and add them up.
type Latencies struct {
	counts [40 * fine]int64
	total  int64
}

// Note counts one response.
func (l *Latencies) Note(took time.Duration) {
	l.counts[bucket(max(took.Microseconds(), 0))]++
	l.total++
}

// Add adds the counts of another histogram.
func (l *Latencies) Add(other *Latencies) {
	for i, n := range other.counts {
		l.counts[i] += n
	}
	l.total += other.total
}

// Count returns the number of responses.
func (l *Latencies) Count() int64 { return l.total }

// Quantile returns the latency in milliseconds within which the share q of the responses arrived, or 0 if there are
// none.
func (l *Latencies) Quantile(q float64) float64 {
	rank := max(int64(math.Ceil(q*float64(l.total))), 1)
	for i, n := range l.counts {
		if rank -= n; rank <= 0 && n > 0 {
			return middle(i) / 1000
		}
	}
	return 0
}

// bucket returns the bucket of a value: one for each value below fine, then fine buckets per doubling.
func bucket(us int64) int {
	if us < fine {
		return int(us)
	}
	shift := bits.Len64(uint64(us)) - fineBits - 1
	return min((shift+1)*fine+int(us>>shift)-fine, 40*fine-1)
}

// middle returns the value in the middle of a bucket, in microseconds.
func middle(i int) float64 {
	if i < fine {
		return float64(i)
	}
	shift := i/fine - 1
	return (float64(i%fine+fine) + 0.5) * float64(int64(1)<<shift)
}
