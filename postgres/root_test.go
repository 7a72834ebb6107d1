package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/project"
)

func TestAnAggregateWithoutARootIsFiledUnderItself(t *testing.T) {
	t.Parallel()
	r := open(t)
	ref := flow.Ref{Kind: difference.Kind, ID: "bank.d1"}
	r.do(domain.Workflow.ID, "open", ref, &difference.OpenDifference{
		What: difference.BankWithoutLedger, Home: "620825", Programme: flow.ProgrammeRef{ID: r.demo.Programme, Version: 1}, Subject: "T1", FoundFen: 5,
	})
	r.leave()
	for name, test := range map[string]struct{ told, found string }{
		"itself":                        {"bank.d1", ""},
		"as an older program filed it":  {"bank", ""},
		"under somebody else's dossier": {"ghost", "journal of difference/bank.d1: event 1 is filed under \"ghost\""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := r.copyOf(t)
			copied.sql("update journal set pilot = '" + test.told + "' where kind = 'difference'")
			found := copied.differences()
			if test.found == "" && len(found) > 0 || test.found != "" && !slices.ContainsFunc(found, func(line string) bool { return strings.HasPrefix(line, test.found) }) {
				t.Errorf("found %q", found)
			}
		})
	}
}

func TestEveryCommandRecordsWhetherAWorkflowCarriesItsAggregate(t *testing.T) {
	t.Parallel()
	r := open(t)
	_, ref, _ := r.inPayment()
	r.sql("update aggregate set carried = false where kind = 'project'")
	r.do(zhuanglang.CountyApprover, "terminate", ref, &project.Terminate{Reason: "违约"})
	if found := r.differences(); len(found) > 0 {
		t.Errorf("found %q", found)
	}
}
