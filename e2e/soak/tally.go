package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// tally adds up the runs of one commit.
type tally struct {
	Commit    string         `json:"commit"`
	Previous  string         `json:"previous"` // the commit from which every run was upgraded
	Machine   string         `json:"machine"`
	Runs      int            `json:"runs"`
	Aborted   []string       `json:"aborted,omitempty"` // the reasons why runs ended without a verdict; each counts as a run
	Seconds   int            `json:"seconds"`
	Processor map[string]int `json:"processor_seconds"` // CPU seconds, by program
	Kills     int            `json:"kills"`
	KillsBy   map[string]int `json:"kills_by"`
	Faults    map[string]int `json:"faults"` // the stack's other faults
	Bank      map[string]int `json:"bank"`   // the bank's faults, as counted by the bank between kills
	Pilots    int            `json:"pilots"`
	PilotsBy  map[string]int `json:"pilots_by"`
	Payments  int            `json:"payments"` // number due; each must have been made exactly once
	Met       map[string]int `json:"met"`      // errors that users met
	Looked    map[string]int `json:"looked_at"`
	Findings  map[string]int `json:"findings"` // by rule
	Surprises int            `json:"surprises"`
	Lost      int            `json:"lost"`
	Double    int            `json:"double"`
	Stuck     int            `json:"stuck"`
}

// readTally reads the commit's tally so far, or starts a new one if the file is about another commit.
func readTally(path, commit, previous string) (tally, error) {
	fresh := emptyTally(commit, previous)
	text, err := os.ReadFile(path) //nolint:gosec // the user names the file
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return fresh, err
	}
	present := emptyTally(commit, previous)
	if err := json.Unmarshal(text, &present); err != nil {
		return fresh, fmt.Errorf("%s: %w", path, err)
	}
	if present.Commit != commit || present.Previous != previous {
		return fresh, nil
	}
	return present, nil
}

func emptyTally(commit, previous string) tally {
	return tally{
		Commit: commit, Previous: previous, Machine: fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()),
		Processor: map[string]int{}, KillsBy: map[string]int{}, Faults: map[string]int{}, Bank: map[string]int{}, PilotsBy: map[string]int{}, Met: map[string]int{}, Looked: map[string]int{}, Findings: map[string]int{},
	}
}

func (t tally) write(path string) error {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600) //nolint:gosec // the user names the file
}

// lost, double and stuck are the three questions that a soak answers; each rule belongs to one of them.
var (
	losing  = []string{"journal-gap", "journal-hash", "journal-head", "no-intent", "intent-lost", "intent-refused", "ledger-sum", "ledger-balance", "fund", "ledger-money", "bank-missing", "bank-amount", "answers", "evidence"}
	doubled = []string{"bank-double", "two-officers", "notice", "paid-as-meant"}
)

// add adds a finished run.
func (t *tally) add(v verdict) {
	t.Runs++
	t.Seconds += int(v.took / time.Second)
	for kind, used := range v.cpu {
		t.Processor[kind] += int(used / time.Second)
	}
	for name, n := range v.faults {
		if kind, killed := strings.CutPrefix(name, "kill -9 of "); killed {
			t.KillsBy[kind] += n
			t.Kills += n
			continue
		}
		t.Faults[name] += n
	}
	sum(t.Bank, v.bank)
	sum(t.Met, v.met)
	for name, n := range v.report.Counts {
		switch kind, isPilots := strings.CutPrefix(name, "pilots "); {
		case isPilots:
			t.PilotsBy[kind] += n
		case name == "pilots":
			t.Pilots += n
		case name == "payments":
			t.Payments += n
		default:
			t.Looked[name] += n
		}
	}
	for _, f := range v.report.Findings {
		rule := string(f.Rule)
		t.Findings[rule]++
		switch {
		case slices.Contains(losing, rule):
			t.Lost++
		case slices.Contains(doubled, rule):
			t.Double++
		default:
			t.Stuck++
		}
	}
	t.Surprises += len(v.surprises)
}

// abort adds a run without a verdict. The tally keeps showing it, because what the run would have found is unknown.
func (t *tally) abort(why error) {
	t.Runs++
	t.Aborted = append(t.Aborted, why.Error())
}

// good reports whether every run reached its verdict without findings.
func (t tally) good() bool { return len(t.Aborted)+t.Lost+t.Double+t.Stuck+t.Surprises == 0 }

func sum(into, from map[string]int) {
	for name, n := range from {
		into[name] += n
	}
}

// print prints the table.
func (t tally) print(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	row := func(what string, n any) { _, _ = fmt.Fprintf(w, "%s\t%v\n", what, n) }
	section := func(title string, by map[string]int) {
		row("", "")
		row(title, total(by))
		for _, name := range slices.Sorted(maps.Keys(by)) {
			row("  "+name, by[name])
		}
	}
	row("commit", t.Commit)
	row("upgraded in every run from", t.Previous)
	row("machine", t.Machine)
	row("runs, time", fmt.Sprint(t.Runs, ", ", time.Duration(t.Seconds)*time.Second))
	section("pilots", t.PilotsBy)
	row("payments due, each paid once", t.Payments)
	section("processor time, seconds", t.Processor)
	section("kill -9", t.KillsBy)
	section("other faults", t.Faults)
	section("the bank misbehaved", t.Bank)
	section("people met with", t.Met)
	row("", "")
	row("looked at", "")
	for _, name := range slices.Sorted(maps.Keys(t.Looked)) {
		row("  "+name, t.Looked[name])
	}
	row("", "")
	row("lost", t.Lost)
	row("double", t.Double)
	row("stuck", t.Stuck)
	row("answers that nobody should get", t.Surprises)
	row("runs without a verdict", len(t.Aborted))
	for _, why := range t.Aborted {
		row("  aborted", why)
	}
	if t.good() {
		row("what that shows, at 95 %", fmt.Sprintf("fewer than %s of the payments, %s of the pilots, %s of the kills go wrong", bound(t.Payments), bound(t.Pilots), bound(t.Kills)))
	}
	_ = w.Flush()
}

// bound applies the rule of three: after n cases without a failure, at most 3/n of all cases fail, at 95 % confidence,
// if all are equally likely to.
func bound(n int) string {
	if n == 0 {
		return "all"
	}
	return fmt.Sprintf("1 in %d", n/3)
}

func total(by map[string]int) (n int) {
	for _, m := range by {
		n += m
	}
	return n
}
