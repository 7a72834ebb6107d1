package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"terrace/e2e/soak/check"
)

func run1() verdict {
	return verdict{
		report: check.Report{Counts: map[string]int{"pilots": 3, "pilots paid": 2, "pilots archived": 1, "payments": 12, "events": 100}},
		faults: map[string]int{"kill -9 of worker": 4, "kill -9 of postgres": 1, "jump of the calendar": 2},
	}
}

func TestRunsOfOneCommitAddUpAndAnotherCommitStartsOver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tally.json")
	for n := 1; n <= 2; n++ {
		sum, err := readTally(path, "c1", "p")
		if err != nil {
			t.Fatal(err)
		}
		sum.add(run1())
		if sum.Runs != n || sum.Kills != 5*n || sum.KillsBy["worker"] != 4*n || sum.Faults["jump of the calendar"] != 2*n ||
			sum.Pilots != 3*n || sum.PilotsBy["paid"] != 2*n || sum.Payments != 12*n || sum.Looked["events"] != 100*n {
			t.Errorf("after %d runs: %+v", n, sum)
		}
		if err := sum.write(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, of := range [][2]string{{"c2", "p"}, {"c1", "q"}} {
		if sum, err := readTally(path, of[0], of[1]); err != nil || sum.Runs != 0 || sum.Kills != 0 {
			t.Errorf("on %v: %+v, %v", of, sum, err)
		}
	}
}

func TestEveryFindingCountsAsLostDoubleOrStuck(t *testing.T) {
	t.Parallel()
	sum, v := emptyTally("c", "p"), run1()
	for _, rule := range []check.Rule{check.IntentLost, check.JournalGap, check.BankDouble, check.Stuck, check.WorkflowOne} {
		v.report.Findings = append(v.report.Findings, check.Finding{Rule: rule})
	}
	sum.add(v)
	if sum.Lost != 2 || sum.Double != 1 || sum.Stuck != 2 || v.good() {
		t.Errorf("lost %d, double %d, stuck %d, good %t", sum.Lost, sum.Double, sum.Stuck, v.good())
	}
	var text strings.Builder
	if sum.print(&text); strings.Contains(text.String(), "what that shows") {
		t.Error("a tally with findings claims a bound")
	}
}

func TestARunWithoutAVerdictStaysInTheTally(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tally.json")
	sum := emptyTally("c", "p")
	sum.add(run1())
	sum.abort(errors.New("the checker: no answer"))
	if err := sum.write(path); err != nil {
		t.Fatal(err)
	}
	sum, err := readTally(path, "c", "p")
	if err != nil || sum.Runs != 2 || sum.good() {
		t.Errorf("%d runs, good %t, %v", sum.Runs, sum.good(), err)
	}
	var text strings.Builder
	if sum.print(&text); strings.Contains(text.String(), "what that shows") || !strings.Contains(text.String(), "no answer") {
		t.Errorf("the reason is missing, or a bound is claimed:\n%s", text.String())
	}
}

func TestTheBoundIsTheRuleOfThree(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "all", 300: "1 in 100", 50000: "1 in 16666"} {
		if got := bound(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
