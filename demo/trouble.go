package demo

import (
	"context"
	"fmt"
	"slices"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// troubles returns what people do in a project outside their turns: they shift money within the budget, and discover
// that money was diverted.
func (d *Driver) troubles(p projectView) (acts []act) {
	if p.Stage != pilot.Rollout {
		return nil
	}
	n := d.projectIndex(p.Proposal.Code)
	for _, s := range []zhuanglang.Shift{zhuanglang.SmallShift, zhuanglang.LargeShift} {
		if n == s.Project && !shifted(p) {
			acts = append(acts, act{s.On, func(ctx context.Context) error { return d.shift(ctx, p, s) }})
		}
	}
	if n == zhuanglang.Diverted.Project && p.OwedFen == 0 {
		acts = append(acts, act{zhuanglang.Diverted.Found, func(ctx context.Context) error { return d.divert(ctx, p) }})
	}
	return acts
}

// shifted reports whether the project's budget has changed or a change is waiting for approval.
func shifted(p projectView) bool {
	return p.Revision > 0 || slices.ContainsFunc(p.Progress.Turns, func(t flow.TurnView) bool { return t.Key == project.AwaitChange })
}

// shift requests a change of the budget that moves money to another line.
func (d *Driver) shift(ctx context.Context, p projectView, s zhuanglang.Shift) error {
	budget, smaller := slices.Clone(p.Proposal.Budget), money.Fen(0)
	for i := range budget {
		switch line := &budget[i]; line.Kind {
		case s.From:
			smaller = line.Fen
			line.Fen -= s.Fen
		case s.To:
			line.Fen += s.Fen
		}
	}
	share := s.Fen * 100 / smaller
	zh, en := "即时生效并备案", "at once, and logged"
	if s == zhuanglang.LargeShift {
		zh, en = "须经审批", "only once it is approved"
	}
	d.show.Say(
		fmt.Sprintf("预算调剂%s元，占较小科目的%d%%，%s", s.Fen, share, zh),
		fmt.Sprintf("%s yuan move between budget lines, %d %% of the smaller: %s", s.Fen, share, en),
	)
	change := project.RequestChange{Budget: budget, Reason: "差旅减少，物资增加（演示）"}
	return d.to(project.Kind, p.ID)(ctx, zhuanglang.OrganizationPerson(p.Proposal.Code), "request-change", "", change)
}

// divert records that money for which receipts had been accepted was actually spent on something else.
func (d *Driver) divert(ctx context.Context, p projectView) error {
	found := zhuanglang.Diverted
	protocol, err := d.evidence(ctx, zhuanglang.CountyFinance, p.ID, "inspection-protocol")
	if err != nil {
		return err
	}
	d.show.Say(
		fmt.Sprintf("查实挪用%s元，立即追回，组织三年内不得参与申报", found.Fen),
		fmt.Sprintf("%s yuan were diverted: claimed back, and the organization is banned for three years", found.Fen),
	)
	return d.to(project.Kind, p.ID)(ctx, zhuanglang.CountyFinance, "record-diversion", "", project.RecordDiversion{
		Fen: found.Fen, Kind: found.Kind, Finding: "实地检查发现培训票据不实，资金挪作他用（演示）", Evidence: []string{protocol},
	})
}

// recoveryScript returns how a debt is repaid: the office agrees to instalments, and finance records each of them on
// its due date.
func (d *Driver) recoveryScript(r *recoveryView) script {
	send := d.to(recovery.Kind, r.ID)
	part := zhuanglang.Diverted.Fen / money.Fen(len(zhuanglang.Diverted.Instalments))
	return script{recovery.AwaitRepayment: func(ctx context.Context, t flow.TurnView) error {
		if t.Subject == "" {
			agree := recovery.AgreeInstalments{Reason: "组织申请分期归还（演示）"}
			for _, due := range zhuanglang.Diverted.Instalments {
				agree.Instalments = append(agree.Instalments, recovery.Instalment{Due: due, Fen: part})
			}
			d.show.Say(
				fmt.Sprintf("同意分%d期归还，每期%s元", len(agree.Instalments), part),
				fmt.Sprintf("it may pay back in %d instalments of %s yuan", len(agree.Instalments), part),
			)
			return send(ctx, zhuanglang.CountyApprover, "agree-instalments", "", agree)
		}
		slip, err := d.evidence(ctx, zhuanglang.CountyFinance, r.ID, "instalment-"+t.Subject)
		if err != nil {
			return err
		}
		d.show.Say(
			fmt.Sprintf("收到第%s期归还%s元", t.Subject, part),
			fmt.Sprintf("instalment %s came back: %s yuan", t.Subject, part),
		)
		return send(ctx, zhuanglang.CountyFinance, "record-repayment", t.Subject, recovery.RecordRepayment{
			Fen: part, Voucher: "追回-" + r.ID[len(r.ID)-4:] + "-" + t.Subject, Slip: slip,
		})
	}}
}

// agreedOn returns the date on which the office agrees to instalments. The instalments have due dates of their own.
func agreedOn(r *recoveryView) map[flow.WaitKey]calendar.Date {
	if len(r.Instalments) > 0 {
		return nil
	}
	return map[flow.WaitKey]calendar.Date{recovery.AwaitRepayment: zhuanglang.Diverted.Agreed}
}
