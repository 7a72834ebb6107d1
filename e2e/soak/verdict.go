package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"terrace/e2e/soak/check"
)

// verdict is the result of a run.
type verdict struct {
	report    check.Report
	surprises []string
	faults    map[string]int
	bank      map[string]int
	met       map[string]int
	cpu       map[string]time.Duration
	took      time.Duration
}

func (v verdict) good() bool { return len(v.report.Findings)+len(v.surprises) == 0 }

// mostShown is the maximum number of a run's findings that are printed.
const mostShown = 40

func (v verdict) print(to io.Writer) {
	for i, f := range v.report.Findings {
		if i == mostShown {
			_, _ = fmt.Fprintf(to, "… and %d more\n", len(v.report.Findings)-mostShown)
			break
		}
		_, _ = fmt.Fprintln(to, f)
	}
	for _, s := range v.surprises {
		_, _ = fmt.Fprintln(to, "surprise\t", s)
	}
}

// judge reconciles with the bank and then checks everything, both with the product's own tools and with the independent
// checker.
func (s *soak) judge() (verdict, error) {
	v := verdict{faults: s.chaos.counts.all(), bank: s.misbehaved.all(), cpu: s.stack.processorTime()}
	s.people.ctx = s.ctx // the reconciliation still sends requests
	found, err := s.reconcile()
	if err != nil {
		v.surprises = append(v.surprises, err.Error())
	}
	s.tell("verifying")
	if _, err := s.stack.terrace(s.ctx, "verify"); err != nil {
		v.surprises = append(v.surprises, err.Error())
	}
	s.tell("checking")
	sources, err := s.sources()
	if err != nil {
		return v, err
	}
	if v.report, err = check.Check(s.ctx, sources); err != nil {
		return v, fmt.Errorf("the checker: %w", err)
	}
	if s.late != "" {
		v.report.Findings = append(v.report.Findings, check.Finding{Rule: check.Stuck, Subject: "the run", What: s.late})
	}
	v.surprises = append(v.surprises, unexpected(found, v.report.Unnoticed)...)
	met, n := s.people.surprise.all()
	v.surprises = append(v.surprises, met...)
	if n > len(met) {
		v.surprises = append(v.surprises, fmt.Sprintf("%d more of the kind", n-len(met)))
	}
	broken, _ := s.chaos.errors.all()
	v.surprises = append(v.surprises, broken...)
	v.met = s.people.counts.all()
	v.met["money that came back unnoticed, found by the reconciliation"] = len(found)
	v.took = time.Since(s.began)
	return v, nil
}

// unexpected lists whatever the reconciliation found other than unnoticed returns by the bank.
func unexpected(found []finding, unnoticed map[string]check.Transfer) (wrong []string) {
	byNumber := map[string]check.Transfer{}
	for _, t := range unnoticed {
		byNumber[t.Number] = t
	}
	for _, d := range found {
		t, there := byNumber[d.Subject]
		if !there || d.What != "bank-without-ledger" || d.Found != t.Fen || !strings.HasPrefix(t.Reference, d.Pilot) {
			wrong = append(wrong, fmt.Sprintf("the reconciliation finds %s %s of %d fen, which the bank did not send back unnoticed", d.What, d.Subject, d.Found))
		}
		delete(byNumber, d.Subject)
	}
	for number := range byNumber {
		wrong = append(wrong, fmt.Sprintf("the bank sent %s back unnoticed, and the reconciliation has not found it", number))
	}
	return wrong
}
