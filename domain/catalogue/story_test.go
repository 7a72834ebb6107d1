package catalogue_test

import (
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// Each of these functions takes the pilot from one stage of the demonstration to the next.

func (d *desk) drafted() *desk {
	a := d.data.Application()
	d.do(zhuanglang.CountyOfficer, thePilot, "draft", &pilot.Draft{Programme: d.data.Programme, Application: a})
	return d
}

func (d *desk) submitted() *desk {
	d.drafted().onGolden("applications_close")
	d.do(zhuanglang.CountyOfficer, thePilot, "submit", &pilot.Submit{})
	return d
}

func (d *desk) accepted() *desk {
	d.submitted().onGolden("county")
	d.do(zhuanglang.CountyOfficer, thePilot, "accept", &pilot.Accept{})
	return d
}

func (d *desk) endorsed() *desk {
	d.accepted()
	for _, step := range [][2]string{{"county", zhuanglang.CountyApprover}, {"city", zhuanglang.CityApprover}, {"province", zhuanglang.ProvinceApprover}} {
		d.onDue(thePilot, pilot.AwaitEndorsement)
		d.do(step[1], thePilot, "endorse", &pilot.Endorse{Opinion: "ok"})
	}
	return d
}

func (d *desk) scored() *desk {
	d.endorsed()
	d.do(zhuanglang.ProvinceOfficer, thePilot, "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
	for _, q := range d.data.Projects {
		for i, expert := range zhuanglang.Experts {
			d.do(expert, thePilot, "score", &pilot.Score{Proposal: q.Code, Opinion: pilot.Opinion{Points: 80 + i, RecommendedFen: q.GrantFen}})
		}
	}
	return d
}

func (d *desk) onNotice() *desk {
	d.scored().onGolden("review")
	d.do(zhuanglang.ProvinceOfficer, thePilot, "conclude-review", &pilot.ConcludeReview{})
	return d
}

func (d *desk) approved() *desk {
	d.onNotice().onGolden("approval")
	d.do(zhuanglang.ProvinceApprover, thePilot, "approve", &pilot.Approve{Number: "甘民发〔2017〕1号"})
	return d
}

func (d *desk) signed() *desk {
	d.approved().onGolden("agreement")
	for i, q := range d.data.Projects {
		d.sign(i, q)
	}
	return d
}

func (d *desk) sign(i int, q zhuanglang.Project) {
	d.do(zhuanglang.OrganizationPerson(q.Code), projectRef(n(i)), "sign-as-organization", &project.SignAsOrganization{AccountName: q.Organization.ZH, AccountNumber: "62080000000001"})
	d.do(zhuanglang.CountyApprover, projectRef(n(i)), "sign-as-office", &project.SignAsOffice{})
}

func n(i int) string { return string(rune('1' + i)) }

// pay takes a payment from its release to the voucher.
func (d *desk) pay(ref flow.Ref) {
	d.t.Helper()
	d.do(zhuanglang.CountyFinance, ref, "release", &payment.ReleasePayment{})
	d.do(zhuanglang.CountyApprover, ref, "release", &payment.ReleasePayment{})
	d.do(zhuanglang.CountyFinance, ref, "confirm", &payment.ConfirmPayment{Voucher: "V-" + ref.ID, Slip: file})
}

func (d *desk) rollout() *desk {
	d.signed().onGolden("first_tranche")
	for i := range d.data.Projects {
		d.pay(paymentRef(n(i), "1", "1"))
	}
	return d
}

// milestone takes the same milestone of every project from submission to verification.
func (d *desk) milestone(key string) {
	for i, q := range d.data.Projects {
		var files []project.EvidenceFile
		for _, m := range q.Milestones {
			if m.Key != key {
				continue
			}
			for _, kind := range m.Evidence {
				files = append(files, project.EvidenceFile{Kind: kind, SHA256: file})
			}
		}
		d.do(zhuanglang.OrganizationPerson(q.Code), projectRef(n(i)), "submit-milestone", &project.SubmitMilestone{Milestone: key, Evidence: files})
		d.do(zhuanglang.VillagePerson(q.Code), projectRef(n(i)), "accept-work", &project.AcceptWork{Milestone: key})
		d.do(zhuanglang.CountyOfficer, projectRef(n(i)), "verify-milestone", &project.VerifyMilestone{Milestone: key, VisitedOn: zhuanglangDay(d), Finding: "done"})
	}
}

func (d *desk) midTerm() *desk {
	d.rollout().on(d.data.Projects[0].Milestones[0].Due)
	d.milestone("M1")
	d.on(d.data.Projects[0].Milestones[1].Due)
	d.milestone("M2")
	d.onGolden("mid_term")
	for i, q := range d.data.Projects {
		d.do(zhuanglang.OrganizationPerson(q.Code), projectRef(n(i)), "report-midterm", &project.ReportMidTerm{Report: file, Summary: "half"})
		d.do(zhuanglang.EvaluatorPerson, projectRef(n(i)), "judge-midterm", &project.JudgeMidTerm{Outcome: project.Pass, Score: 85, Reason: "good"})
	}
	return d
}

func (d *desk) finalReport() *desk {
	d.midTerm().onDue(paymentRef("1", "2", "1"), payment.AwaitRelease)
	for i := range d.data.Projects {
		d.pay(paymentRef(n(i), "2", "1"))
	}
	d.on(d.data.Projects[0].Milestones[2].Due)
	d.milestone("M3")
	d.on(d.data.Projects[0].Milestones[3].Due)
	d.milestone("M4")
	d.onGolden("final_report")
	for i, q := range d.data.Projects {
		d.do(zhuanglang.OrganizationPerson(q.Code), projectRef(n(i)), "submit-final-report", &project.SubmitFinalReport{Report: file, Achieved: []int{1, 2}})
	}
	return d
}

func (d *desk) settlement() *desk {
	d.finalReport()
	for i := range d.data.Projects {
		d.do(zhuanglang.EvaluatorPerson, projectRef(n(i)), "judge-final", &project.JudgeFinal{Outcome: project.Pass, Score: 92, Reason: "good"})
	}
	return d
}

// receipts returns one receipt for each budget line, with the unspent amount deducted from the services line.
func receipts(q zhuanglang.Project, unspent money.Fen) (all []project.Invoice) {
	for kind, fen := range q.BudgetFen {
		if kind == "service" {
			fen -= unspent
		}
		all = append(all, invoice(q.Code+"-"+kind, kind, fen))
	}
	return all
}

func invoice(number, kind string, fen money.Fen) project.Invoice {
	return project.Invoice{
		Number: strings.ReplaceAll(number, "_", "-"), Kind: kind, Fen: fen, Source: project.FromGrant,
		On: calendar.On(2018, 5, 1), File: file, Title: "bought",
	}
}

// account reports receipts of a project and has them all accepted.
func (d *desk) account(i int, receipts ...project.Invoice) {
	d.t.Helper()
	d.do(zhuanglang.OrganizationPerson(d.data.Projects[i].Code), projectRef(n(i)), "report-spending", &project.ReportSpending{Receipts: receipts})
	reports := len(d.project(i).Statements)
	d.do(zhuanglang.CountyFinance, projectRef(n(i)), "judge-spending", &project.JudgeSpending{Report: reports})
}

func (d *desk) project(i int) *project.Project { return d.states[projectRef(n(i))].(*project.Project) }

func (d *desk) settle(i int, unspent money.Fen) {
	q := d.data.Projects[i]
	d.account(i, receipts(q, unspent)...)
	d.submitSettlement(i)
	d.do(zhuanglang.CountyFinance, projectRef(n(i)), "accept-settlement", &project.AcceptSettlement{})
}

func (d *desk) submitSettlement(i int) {
	d.t.Helper()
	d.do(zhuanglang.OrganizationPerson(d.data.Projects[i].Code), projectRef(n(i)), "submit-settlement", &project.SubmitSettlement{
		Account: file, MarkPhotos: []string{file},
	})
}

func (d *desk) closed() *desk {
	d.settlement()
	for i := range d.data.Projects {
		d.settle(i, 0)
		d.pay(paymentRef(n(i), "3", "1"))
	}
	d.onGolden("closing")
	for i := range d.data.Projects {
		d.do(zhuanglang.EvaluatorPerson, projectRef(n(i)), "close", &project.CloseProject{Opinion: "closed"})
	}
	return d
}

func (d *desk) archived() *desk {
	d.closed()
	d.pay(flow.Ref{Kind: payment.Kind, ID: id + ".e.1"})
	d.onGolden("announcement")
	d.do(zhuanglang.CountyOfficer, thePilot, "submit-summary", &pilot.SubmitSummary{Scores: map[string]int{"execution": 10, "outputs": 48, "benefits": 28, "satisfaction": 9}, Narrative: "done"})
	d.do(zhuanglang.ProvinceOfficer, thePilot, "announce", &pilot.Announce{Text: "done"})
	return d
}

// With the published calendar, the demonstration must run on the dates given in its data.
func TestTheDemonstrationKeepsItsGoldenDates(t *testing.T) {
	t.Parallel()
	d := newDesk(t).archived()
	if got := d.stage(thePilot); got != pilot.Archived {
		t.Fatalf("the pilot ends in %s", got)
	}
	for event, name := range map[string]string{
		"pilot drafted":               "call",
		"pilot submitted":             "applications_close",
		"pilot accepted":              "county",
		"pilot review-concluded":      "review",
		"pilot cleared":               "notice_ends",
		"pilot approved":              "approval",
		"project agreement-concluded": "agreement",
		"payment posted":              "first_tranche",
		"project midterm-judged":      "mid_term",
		"project rollout-ended":       "rollout_ends",
		"project final-reported":      "final_report",
		"project closed":              "closing",
		"pilot announced":             "announcement",
	} {
		if got := d.days[event]; len(got) == 0 || got[0] != d.data.Golden[name] {
			t.Errorf("%s on %v, the data say %s %s", event, got, name, d.data.Golden[name])
		}
	}
	endorsed := d.days["pilot endorsed"]
	for i, name := range []string{"county", "city", "province"} {
		if endorsed[i] != d.data.Golden[name] {
			t.Errorf("%s endorsed on %s, the data say %s", name, endorsed[i], d.data.Golden[name])
		}
	}
}

func TestEveryFenOfTheDemonstrationIsAccountedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t).archived()
	if d.sum() != 0 {
		t.Errorf("the ledger sums to %d", d.sum())
	}
	if got := d.holds(ledger.Spent); got != 120000000 {
		t.Errorf("spent %s yuan, want 1,200,000.00", got)
	}
	for account, fen := range d.balances {
		if account.Owner != d.data.Programme && account.Name != ledger.Spent && account.Name != ledger.Appropriation && fen != 0 {
			t.Errorf("%s of %s still holds %s", account.Name, account.Owner, fen)
		}
	}
}

func TestUnspentMoneyLowersTheLastTrancheAndReturns(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		unspent, last, released, refund money.Fen
	}{
		"all spent: the whole last tranche":            {0, 2100000, 0, 0},
		"less than the last tranche unspent":           {1000000, 1100000, 1000000, 0},
		"exactly the last tranche unspent":             {2100000, 0, 2100000, 0},
		"more than the last tranche unspent: a refund": {3000000, 0, 2100000, 900000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).settlement()
			d.settle(0, test.unspent)
			p := d.states[projectRef("1")].(*project.Project)
			if got := p.Tranches[2]; got.Attempt > 0 && got.Fen != test.last || got.Attempt == 0 && test.last != 0 {
				t.Errorf("last tranche %+v, want %d", got, test.last)
			}
			if got := d.balances[ledger.Account{Owner: id, Name: ledger.Available}]; got != test.released {
				t.Errorf("%s returned to the fund, want %s", got, test.released)
			}
			if p.RefundDue != test.refund {
				t.Errorf("%s to be refunded, want %s", p.RefundDue, test.refund)
			}
			if test.refund > 0 {
				d.do(zhuanglang.CountyFinance, projectRef("1"), "record-refund", &project.RecordRefund{Fen: test.refund, Voucher: "R-1", Slip: file})
				if got := d.balances[ledger.Account{Owner: id, Name: ledger.Treasury}]; got != test.refund {
					t.Errorf("%s refunded, want %s", got, test.refund)
				}
			}
			if test.last > 0 {
				d.pay(paymentRef("1", "3", "1"))
			}
			if got := d.stage(projectRef("1")); got != project.Closing {
				t.Errorf("stage %s, want closing", got)
			}
			if d.sum() != 0 {
				t.Errorf("the ledger sums to %d", d.sum())
			}
		})
	}
}

func TestJournalHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	d := newDesk(t).onNotice()
	object := &pilot.Object{Proposal: "ZL-2017-01", Grounds: "my neighbour Wang", Contact: "13900000000"}
	d.do(zhuanglang.PublicPerson, thePilot, "object", object)
	if personal := flow.NeedsOf(object).Personal; personal["grounds"] == "" || personal["contact"] == "" {
		t.Errorf("personal data not set apart: %v", personal)
	}
	for _, s := range d.states {
		if text := encode(t, s); strings.Contains(text, "Wang") || strings.Contains(text, "139000") || strings.Contains(text, "62080000000001") {
			t.Errorf("%s holds personal data", flow.RecordOf(s).ID)
		}
	}
}
