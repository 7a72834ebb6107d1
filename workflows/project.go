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

// The activities of a project, used only by name.
var projects *activities.Projects

// projectStory carries one project (项目), an organization's work in one village, from its agreement to its closing.
type projectStory struct{ runner }

// Project is the workflow project/{pilot}.{n}, a child of its pilot that may outlive it. It ends when the project is
// closed, abandoned or terminated, the pilot has been told, and the project's payments are final.
func Project(ctx workflow.Context, start Start) error {
	p := &projectStory{newRunner(project.Kind, start)}
	return p.run(ctx, p.stage)
}

// stage runs the part of the lifecycle for the stage on record.
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

// agreement (协议): the organization and the office sign (→ first tranche), or the organization declines (→ abandoned).
// Overdue: escalated. From here until the settlement the office may terminate the project (→ terminated).
func (p *projectStory) agreement(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// firstTranche (首款): the workflow opens the payment of the first tranche, which has a child workflow. The rollout begins
// when the payment reports its end on the record. An attempt that is voided or returned is followed by another.
func (p *projectStory) firstTranche(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// rollout (实施): the organization submits its milestones with evidence, the village accepts the work, and the office
// verifies it. Every few months the organization reports its spending, receipt by receipt, and finance judges it. The
// mid-term report has a hard deadline: without the report, or without the rectification that the evaluator asked for,
// the project is terminated. When the conditions for the next tranche are met, the workflow opens its payment. Diverted
// money is claimed back at once by a recovery, a child workflow that may outlive the project. The rollout ends on its
// last day (→ final evaluation).
func (p *projectStory) rollout(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// finalEvaluation (末期评估): the organization submits its final report, and the evaluator gives the verdict (→ settlement,
// or terminated). Milestones may still be verified, and a tranche may still fall due. Overdue: escalated.
func (p *projectStory) finalEvaluation(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// settlement (决算): the organization submits its final account, and finance accepts it (→ last tranche, or closing if no
// money moves) or returns it. Money that was paid but not accepted is claimed back. Overdue: escalated.
func (p *projectStory) settlement(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// lastTranche (尾款、结余退回): the workflow opens the payment of what was spent but not yet paid, or finance awaits the refund
// of what was paid but not spent. Finance may turn a missing refund into a debt (→ closing). Overdue: escalated.
func (p *projectStory) lastTranche(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// closing (结项): the evaluator closes the project (→ closed) or refuses for now, with reasons. A tranche that the bank
// sent back is paid again first. Overdue: escalated.
func (p *projectStory) closing(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// end: the workflow reports the project's end to the pilot. If the bank sends money back to a closed project, it is paid
// again; the workflow runs until no payment can come back. For a terminated project it stops the payments that the bank
// does not have yet and waits for the others to end. Whatever is owed back is claimed.
func (p *projectStory) end(ctx workflow.Context) error {
	w := p.money()
	w[project.StopPayment] = p.stopPayment
	w[project.ReportEnd] = p.reportEnd
	return p.stay(ctx, w)
}

// money returns the work of every stage in which money may have moved: it pays what fell due or came back, and claims
// what is owed back.
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
