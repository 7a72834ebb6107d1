package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// The activities of a project, for their names.
var projects *activities.Projects

// projectStory carries one project (项目), an organization's work in one
// village, from its agreement to its closing.
type projectStory struct{ runner }

// Project is the workflow project/{pilot}.{n}, a child of its pilot that
// outlives it. It ends when the project is closed, abandoned or terminated, the
// pilot has been told and the project's payments are final.
func Project(ctx workflow.Context, start Start) error {
	p := &projectStory{newRunner(project.Kind, start)}
	return p.run(ctx, p.stage)
}

// stage tells the part of the lifecycle that the record says the project is in.
func (p *projectStory) stage(ctx workflow.Context) error {
	switch p.news.Stage {
	case project.Agreement:
		return p.agreement(ctx)
	case project.FirstTranche:
		return p.firstTranche(ctx)
	case pilot.Rollout:
		return p.rollout(ctx)
	case project.FinalEvaluation:
		return p.finalEvaluation(ctx)
	case project.Settlement:
		return p.settlement(ctx)
	case project.LastTranche:
		return p.lastTranche(ctx)
	case project.Closing:
		return p.closing(ctx)
	case project.Closed, project.Abandoned, project.Terminated:
		return p.end(ctx)
	default:
		return p.stay(ctx, nothing)
	}
}

// agreement (协议): the organization and the office sign (→ first tranche), or
// the organization will not (→ abandoned). Overdue: escalated. From here to the
// settlement the office may terminate the project (→ terminated).
func (p *projectStory) agreement(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// firstTranche (首款): the workflow opens the first tranche's payment, a child
// workflow of its own; the rollout begins when the payment reports its end on
// the record. An attempt that was voided or came back is followed by another.
func (p *projectStory) firstTranche(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// rollout (实施): the organization submits its milestones with evidence, the
// village accepts the work and the office verifies it; it reports its spending
// every few months, receipt by receipt, and finance judges it. On a set day the
// mid-term report is due; it is hard: without it, or without the rectification
// the evaluator asked for, the project is terminated. When the conditions of the
// next tranche are met the workflow opens its payment. Money that was diverted
// is claimed back at once by a recovery, a child workflow that outlives the
// project. The rollout ends by itself on its last day (→ final evaluation).
func (p *projectStory) rollout(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// finalEvaluation (末期评估): the organization hands in its final report, the
// evaluator gives the verdict (→ settlement, or terminated). Milestones may
// still be verified, and a tranche may still fall due. Overdue: escalated.
func (p *projectStory) finalEvaluation(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// settlement (决算): the organization hands in its final account, and finance
// accepts it (→ last tranche, or closing when nothing moves) or returns it.
// What was paid and not accepted is claimed back. Overdue: escalated.
func (p *projectStory) settlement(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// lastTranche (尾款、结余退回): the workflow opens the payment of what was spent
// and not yet paid, or finance awaits the money that was paid and not spent, and
// may turn what does not come into a debt (→ closing). Overdue: escalated.
func (p *projectStory) lastTranche(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// closing (结项): the evaluator closes the project (→ closed) or refuses to for
// now, with reasons. A tranche that the bank sent back is paid again first.
// Overdue: escalated.
func (p *projectStory) closing(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// end: the workflow tells the pilot how the project ended. What the bank sends
// back to a closed project is paid again; the workflow lasts until no payment
// can come back. Of a terminated project it stops the payments that the bank
// does not have yet; one that it has comes to its own end first. What is owed
// back is claimed.
func (p *projectStory) end(ctx workflow.Context) error {
	w := p.money()
	w[project.StopPayment] = p.stopPayment
	w[project.ReportEnd] = p.reportEnd
	return p.stay(ctx, w)
}

// money is the work of every stage in which money may have moved: what fell due
// or came back is paid, what is owed back is claimed.
func (p *projectStory) money() work {
	return work{payment.Pay: p.pay, project.StartRecovery: p.startRecovery}
}

// startRecovery opens the recovery on the record, then starts its workflow.
func (p *projectStory) startRecovery(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	answer, err := p.act(ctx, recordWork, projects.StartRecovery, duty)
	if err != nil || answer.Refused != "" {
		return answer, err
	}
	return answer, p.startChild(ctx, flow.Ref{Kind: recovery.Kind, ID: duty.Subject})
}

func (p *projectStory) stopPayment(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return p.act(ctx, recordWork, payments.StopPayment, duty)
}

func (p *projectStory) reportEnd(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return p.act(ctx, recordWork, projects.ReportEnd, duty)
}
