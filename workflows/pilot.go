package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// The activities of a pilot, used only by name.
var pilots *activities.Pilots

// pilotStory carries one pilot (试点) from its application to its archive.
type pilotStory struct{ runner }

// Pilot is the workflow pilot/{id}. It ends when the pilot is archived, withdrawn, refused, rejected or failed, and
// nothing is owed any more.
func Pilot(ctx workflow.Context, start Start) error {
	p := &pilotStory{newRunner(pilot.Kind, start)}
	return p.run(ctx, p.stage)
}

// stage runs the part of the lifecycle for the stage on record.
func (p *pilotStory) stage(ctx workflow.Context) error {
	switch p.news.Stage {
	case pilot.Applying:
		return p.application(ctx)
	case pilot.Eligibility:
		return p.eligibility(ctx)
	case pilot.Correction:
		return p.correction(ctx)
	case pilot.Endorsement:
		return p.endorsement(ctx)
	case pilot.Review:
		return p.review(ctx)
	case pilot.Notice:
		return p.notice(ctx)
	case pilot.Approval:
		return p.approval(ctx)
	case pilot.Rollout:
		return p.rollout(ctx)
	case pilot.Evaluation:
		return p.evaluation(ctx)
	case pilot.Disclosure:
		return p.disclosure(ctx)
	case pilot.Sealing:
		return p.sealing(ctx)
	default:
		return p.stay(ctx, nothing)
	}
}

// application (申报): the launching office completes its draft and submits it. The programme's window is a hard deadline:
// when it closes, the workflow lets the draft lapse, and the pilot is withdrawn.
func (p *pilotStory) application(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// eligibility (资格审查): the workflow collects the directory's facts about every organization. Then the first office's case
// officer accepts (→ endorsement), asks for a correction (→ correction) or refuses. Overdue: escalated.
func (p *pilotStory) eligibility(ctx workflow.Context) error {
	return p.stay(ctx, work{pilot.CheckEligibility: p.checkEligibility})
}

// correction (补正): the launching office corrects its application and resubmits it (→ eligibility). The deadline is hard:
// without a correction in time, the pilot is withdrawn.
func (p *pilotStory) correction(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// endorsement (审核推荐): the offices of the chain, lowest first, each endorse, return one level down or reject, within the
// days set for their level. The highest office's endorsement leads to the review. Overdue: escalated.
func (p *pilotStory) endorsement(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// review (评审): the approving office appoints the panel, the experts score or recuse themselves, and the office concludes
// (→ notice, or failed if nothing is recommended). Overdue: escalated.
func (p *pilotStory) review(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// notice (公示): the workflow publishes the recommended proposals, then lets the notice period run. An objection pauses
// only its own proposal, until the approving office has decided on it. The approval begins when the first proposal
// completes its notice; the others follow as they complete theirs.
func (p *pilotStory) notice(ctx workflow.Context) error {
	return p.stay(ctx, work{pilot.PublishNotice: p.publishNotice})
}

// approval (立项): the approving office gives the written approval with its document number (→ rollout). Overdue:
// escalated. Meanwhile a proposal sent back to the experts may go on notice again.
func (p *pilotStory) approval(ctx workflow.Context) error {
	return p.stay(ctx, work{pilot.PublishNotice: p.publishNotice})
}

// rollout (实施): every approved proposal becomes a project with a child workflow. They run side by side; no village
// blocks another. The pilot joins them on the record: each project reports its end, and after the last one the
// evaluator's contract is paid (→ evaluation). Paused proposals go through notice and approval here.
func (p *pilotStory) rollout(ctx workflow.Context) error {
	return p.stay(ctx, work{
		pilot.PublishNotice: p.publishNotice,
		pilot.StartProject:  p.startProject,
		payment.Pay:         p.pay,
	})
}

// evaluation (绩效自评): the launching office submits its performance self-evaluation (→ disclosure). Overdue: escalated. If
// the bank sends back the evaluator's money, it is paid again, here and until the dossier is sealed.
func (p *pilotStory) evaluation(ctx workflow.Context) error {
	return p.stay(ctx, work{payment.Pay: p.pay})
}

// disclosure (公告): the approving office publishes how the money was used, by 30 June (→ sealing). Overdue: escalated.
func (p *pilotStory) disclosure(ctx workflow.Context) error {
	return p.stay(ctx, work{payment.Pay: p.pay})
}

// sealing (归档): once the bank can no longer send back the evaluator's money, the workflow seals the dossier with the
// hash over all chains (→ archived).
func (p *pilotStory) sealing(ctx workflow.Context) error {
	return p.stay(ctx, work{payment.Pay: p.pay, pilot.Seal: p.seal})
}

func (p *pilotStory) checkEligibility(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return p.act(ctx, recordWork, pilots.CheckEligibility, duty)
}

func (p *pilotStory) publishNotice(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return p.act(ctx, noticeWork, pilots.PublishNotice, duty)
}

// startProject opens the project on the record, then starts its workflow.
func (p *pilotStory) startProject(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	answer, err := p.act(ctx, recordWork, pilots.StartProject, duty)
	if err != nil || answer.Refused != "" {
		return answer, err
	}
	return answer, p.startChild(ctx, flow.Ref{Kind: project.Kind, ID: duty.Subject})
}

func (p *pilotStory) seal(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return p.act(ctx, recordWork, pilots.Seal, duty)
}
