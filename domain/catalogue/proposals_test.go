package catalogue_test

import (
	"fmt"
	"slices"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/programme"
)

// proposals returns n proposals with different codes.
func proposals(n int) (all []plan.Proposal) {
	models := zhuanglang.Read().Application().Proposals
	for i := range n {
		q := models[i%len(models)]
		q.Code = fmt.Sprintf("N-%d", i)
		all = append(all, q)
	}
	return all
}

func TestRulesOfProposals(t *testing.T) {
	t.Parallel()
	data := zhuanglang.Read()
	with := func(n int) pilot.Application {
		a := data.Application()
		a.Proposals = proposals(n)
		return a
	}
	full := func(d *desk) *desk {
		d.do(zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: data.Programme, Application: with(programme.DefaultProposals)})
		return d
	}
	one := proposals(programme.DefaultProposals + 1)
	checkRules(t, map[string]ruleCase{
		"a draft does not begin above the limit": {
			nil, nil, zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: data.Programme, Application: with(programme.DefaultProposals + 1)}, "too-many-proposals",
		},
		"a draft is not saved above the limit": {
			(*desk).drafted, nil, zhuanglang.CountyOfficer, thePilot, "save-draft", &pilot.SaveDraft{Application: with(programme.DefaultProposals + 1)}, "too-many-proposals",
		},
		"no proposal is put above the limit": {
			full, nil, zhuanglang.CountyOfficer, thePilot, "put-proposal", &pilot.PutProposal{Proposal: one[programme.DefaultProposals]}, "too-many-proposals",
		},
		"at the limit one can still be replaced": {
			full, nil, zhuanglang.CountyOfficer, thePilot, "put-proposal", &pilot.PutProposal{Proposal: one[3]}, "",
		},
		"a proposal that is not in the draft is not removed": {
			(*desk).drafted, nil, zhuanglang.CountyOfficer, thePilot, "remove-proposal", &pilot.RemoveProposal{Proposal: "X"}, "no-such-proposal",
		},
		"an application without proposals is not submitted": {
			func(d *desk) *desk {
				d.do(zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: data.Programme, Application: with(0)})
				return d
			}, nil, zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{}, "no-proposals",
		},
		"no proposal is put into a submitted application": {
			(*desk).submitted, nil, zhuanglang.CountyOfficer, thePilot, "put-proposal", &pilot.PutProposal{Proposal: one[0]}, "wrong-stage",
		},
		"a correction adds no organization that applies elsewhere, and none twice": {
			(*desk).submitted, func(d *desk) {
				d.do(zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"})
				d.do(zhuanglang.CountyOfficer, thePilot, "put-proposal", &pilot.PutProposal{Proposal: one[0]})
			},
			zhuanglang.CountyOfficer, thePilot, "correct", &pilot.Correct{Application: with(0)}, "one-application",
		},
	})
}

func (d *desk) codes() (all []string) {
	for _, q := range d.pilot().Proposals {
		all = append(all, q.Code)
	}
	return all
}

func (d *desk) mustHold(want ...string) {
	d.t.Helper()
	if got := d.codes(); !slices.Equal(got, want) {
		d.t.Errorf("the draft holds %v, want %v", got, want)
	}
}

func TestProposalsArePutAndRemovedOneByOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	whole := d.data.Application()
	head := whole
	head.Proposals = nil
	d.do(zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: d.data.Programme, Application: head})
	d.mustHold()
	for _, q := range whole.Proposals[:3] {
		d.do(zhuanglang.CountyOfficer, thePilot, "put-proposal", &pilot.PutProposal{Proposal: q})
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "remove-proposal", &pilot.RemoveProposal{Proposal: whole.Proposals[0].Code})
	d.mustHold(whole.Proposals[1].Code, whole.Proposals[2].Code)

	other := whole.Proposals[1]
	other.Title.EN = "another title"
	d.do(zhuanglang.CountyOfficer, thePilot, "put-proposal", &pilot.PutProposal{Proposal: other})
	head.Title.EN = "another head"
	d.do(zhuanglang.CountyOfficer, thePilot, "save-draft", &pilot.SaveDraft{Application: head})
	d.mustHold(whole.Proposals[1].Code, whole.Proposals[2].Code)
	if p := d.pilot(); p.Title.EN != "another head" || p.Proposals[0].Title.EN != "another title" {
		t.Errorf("saved as %q with %q", p.Title.EN, p.Proposals[0].Title.EN)
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{})
	if len(d.pilot().Cases) != 2 {
		t.Errorf("%d cases of two proposals", len(d.pilot().Cases))
	}
}

func TestProposalsArePutAndRemovedInACorrection(t *testing.T) {
	t.Parallel()
	d := newDesk(t).submitted()
	whole := d.data.Application()
	first, last := whole.Proposals[0], whole.Proposals[len(whole.Proposals)-1]
	head := whole
	head.Proposals = nil
	d.do(zhuanglang.CountyOfficer, thePilot, "request-correction", &pilot.RequestCorrection{Reason: "r"})
	d.do(zhuanglang.CountyOfficer, thePilot, "remove-proposal", &pilot.RemoveProposal{Proposal: first.Code})
	d.do(zhuanglang.CountyOfficer, thePilot, "put-proposal", &pilot.PutProposal{Proposal: first})
	last.Title.EN = "another title"
	d.do(zhuanglang.CountyOfficer, thePilot, "put-proposal", &pilot.PutProposal{Proposal: last})
	if p := d.pilot(); len(p.Cases) != len(p.Proposals) {
		t.Fatalf("%d cases of %d proposals", len(p.Cases), len(p.Proposals))
	}
	d.do(zhuanglang.CountyOfficer, thePilot, "correct", &pilot.Correct{Application: head})
	if p := d.pilot(); p.Stage != pilot.Eligibility || p.Proposals[len(p.Proposals)-2].Title.EN != "another title" || p.Proposals[len(p.Proposals)-1].Code != first.Code {
		t.Errorf("corrected, at %s: %v", p.Stage, d.codes())
	}
}
