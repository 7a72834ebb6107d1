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

// A nil pointer, used only to name the activities of a project.
var projects *activities.Projects

// projectStory is the workflow of a project (项目): the work of one organization in one village, from agreement to
// closing.
type projectStory struct{ runner }

// Project is the workflow project/{pilot}.{n}, a child of its pilot's workflow that may outlive it. It ends when the
// project has been closed, abandoned or terminated, has reported this to the pilot, and all its payments are final.
func Project(ctx workflow.Context, start Start) error {
	p := &projectStory{newRunner(project.Kind, start)}
	return p.run(ctx, p.stage)
}

// stage runs the part of the workflow for the project's stage in the record.
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

// agreement (协议): the organization and the office sign, which leads to the first tranche, or the organization declines
// and the project is abandoned. Delays are escalated. From here until settlement, the office may terminate the project.
func (p *projectStory) agreement(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// firstTranche (首款): the workflow opens the payment of the first tranche, which has its own workflow. Once that payment
// is posted, rollout begins. If an attempt is voided or the money is returned, another attempt follows.
func (p *projectStory) firstTranche(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// rollout (实施): the organization reports its milestones with evidence, the village accepts the work, and the office
// verifies it. Every few months, the organization reports its spending receipt by receipt, and finance reviews the
// receipts. The mid-term report has a hard deadline. The project is terminated if the report is missing, or if the
// evaluator demands a rectification that is not made. When the conditions for the next tranche are met, the workflow
// opens its payment. Diverted money is claimed back at once by a recovery, whose workflow may outlive the project's.
// Final evaluation follows on the last day of the rollout.
func (p *projectStory) rollout(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// finalEvaluation (末期评估): the organization submits its final report, and the evaluator gives a verdict. Settlement
// follows, or the project is terminated. Milestones may still be verified, and a tranche may still become due. Delays
// are escalated.
func (p *projectStory) finalEvaluation(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// settlement (决算): the organization submits its final account, and finance accepts or returns it. Once it is accepted,
// the last tranche follows, or closing if no money has to be moved. Money that was paid but whose spending was not
// accepted is claimed back. Delays are escalated.
func (p *projectStory) settlement(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// lastTranche (尾款、结余退回): the workflow opens the payment of what was spent but not yet paid, or finance waits for the
// organization to return what was paid but not spent. If that money does not arrive, finance may turn it into a debt.
// Closing follows. Delays are escalated.
func (p *projectStory) lastTranche(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// closing (结项): the evaluator closes the project, or refuses for the time being and gives reasons. If the bank has
// returned a tranche, it is paid again first. Delays are escalated.
func (p *projectStory) closing(ctx workflow.Context) error {
	return p.stay(ctx, p.money())
}

// end: the workflow reports the project's end to the pilot. If the bank returns a payment of a closed project, it is
// made again, so the workflow runs until no payment can be returned. If the project was terminated, the workflow stops
// the payments that the bank does not have yet, and waits for the others to end. Whatever the organization owes is
// claimed back.
func (p *projectStory) end(ctx workflow.Context) error {
	w := p.money()
	w[project.StopPayment] = p.stopPayment
	w[project.ReportEnd] = p.reportEnd
	return p.stay(ctx, w)
}

// money returns the work of every stage in which money may have moved: paying what is due or was returned, and claiming
// back what is owed.
func (p *projectStory) money() work {
	return work{payment.Pay: p.pay, project.StartRecovery: p.startRecovery}
}

// startRecovery opens a recovery in the record, and then starts the recovery's workflow.
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
