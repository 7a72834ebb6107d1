package result_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"terrace/bench/result"
)

func TestTheMedianIsTheMiddleOfTheRounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rounds []float64
		want   result.Spread
	}{
		"no round":                      {nil, result.Spread{}},
		"one round":                     {[]float64{7}, result.Spread{Median: 7, Min: 7, Max: 7}},
		"three rounds in any order":     {[]float64{30, 10, 20}, result.Spread{Median: 20, Min: 10, Max: 30}},
		"an outlier moves no median":    {[]float64{10, 11, 9000}, result.Spread{Median: 11, Min: 10, Max: 9000}},
		"four rounds have two middles":  {[]float64{1, 2, 4, 9}, result.Spread{Median: 3, Min: 1, Max: 9}},
		"the fifth digit is only noise": {[]float64{1234.567}, result.Spread{Median: 1235, Min: 1235, Max: 1235}},
		"so is that of small values":    {[]float64{0.00123456}, result.Spread{Median: 0.001235, Min: 0.001235, Max: 0.001235}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := result.Over(c.rounds); !near(got.Median, c.want.Median) || !near(got.Min, c.want.Min) || !near(got.Max, c.want.Max) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func near(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }

func TestAQuantileIsOffByLessThanTwoPercent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		least, step time.Duration
		quantile    float64
		want        float64 // milliseconds, over a thousand even steps
	}{
		"microseconds are exact":        {time.Microsecond, 0, 0.5, 0.001},
		"median of up to a millisecond": {0, time.Microsecond, 0.5, 0.5},
		"99th percentile of up to 10 s": {0, 10 * time.Millisecond, 0.99, 9900},
		"the minimum":                   {time.Millisecond, time.Millisecond, 0, 1},
		"the maximum, up to a second":   {time.Millisecond, time.Millisecond, 1, 1000},
		"hours fit into the histogram":  {time.Hour, 0, 0.5, 3_600_000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var one, other result.Latencies
			for i := range 1000 {
				into := &one
				if i%2 == 0 {
					into = &other
				}
				into.Note(c.least + time.Duration(i)*c.step)
			}
			one.Add(&other)
			if got := one.Quantile(c.quantile); got < 0.98*c.want || got > 1.02*c.want || one.Count() != 1000 {
				t.Errorf("got %v of %d, want %v", got, one.Count(), c.want)
			}
		})
	}
	var none result.Latencies
	if got := none.Quantile(0.5); got != 0 {
		t.Errorf("without answers: %v", got)
	}
}

// report returns a floor at 1,000 decisions a second, with Terrace and River beside it.
func report(terrace, river, p50 float64) *result.Report {
	row := func(engine, temporal string, rate, p50 float64) result.Command {
		return result.Command{Engine: engine, At: "execute", Temporal: temporal, Concurrency: 1, PerSecond: rate, LifecyclesPerSecond: rate / 12, P50: p50}
	}
	r := &result.Report{Commands: []result.Command{
		row(result.Floor, "none", 1000, 1), row(result.Terrace, "quiet", terrace, p50), row(result.River, "none", river, 5),
	}}
	r.Judge()
	return r
}

func TestGoalsCompareWithTheFloorAndThePeers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		report *result.Report
		missed []string // the missed goals, each with the percentage by which it was missed
	}{
		"everything is reached at the limit": {report(600, 200, 1.5), nil},
		"slower than the floor allows":       {report(540, 100, 1), []string{"× the floor's decisions/s: 10 %"}},
		"slower by less than is shown":       {report(599.99, 100, 1), []string{"× the floor's decisions/s: 0.00167 %"}},
		"later than the floor allows":        {report(600, 100, 3), []string{"p50 as a multiple of the floor's: 100 %"}},
		"too close to a peer":                {report(900, 600, 1), []string{"× river's lifecycles/s, each at its best (1 and 1 clients): 50 %"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var missed []string
			for _, g := range c.report.Goals {
				if !g.Met {
					missed = append(missed, g.What+": "+g.Missed)
				}
			}
			if len(missed) != len(c.missed) || (len(missed) > 0 && !strings.HasSuffix(missed[0], c.missed[0])) {
				t.Errorf("missed %q, want %q", missed, c.missed)
			}
			if len(c.report.Goals) != 3 {
				t.Errorf("%d goals are judged", len(c.report.Goals))
			}
		})
	}
	nothing := &result.Report{}
	if nothing.Judge(); len(nothing.Goals) > 0 {
		t.Errorf("judged what was not measured: %v", nothing.Goals)
	}
}

func TestTheTableShowsTheRatioToTheFloor(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	if err := report(620, 100, 1).Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"0.62", "× river's lifecycles/s", "met"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}

func TestTheFileHasFlatRows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out", "bench.json")
	if err := report(620, 100, 1).Write(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Commands []map[string]any `json:"commands"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	row := read.Commands[1]
	if row["engine"] != "terrace" || row["concurrency"] != 1. || row["per_second"] != 620. || row["p50_ms"] != 1. {
		t.Errorf("the row is %v", row)
	}
}
