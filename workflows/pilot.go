package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// The activities of a pilot, for their names.
var pilots *activities.Pilots

// pilotStory carries one pilot (试点) from its application to its archive.
type pilotStory struct{ runner }

// Pilot is the workflow pilot/{id}. It ends when the pilot is archived,
// withdrawn, refused, rejected or failed, and nothing is owed any more.
func Pilot(ctx workflow.Context, start Start) error {
	p := &pilotStory{newRunner(pilot.Kind, start)}
	return p.run(ctx, p.stage)
}

// stage tells the part of the lifecycle that the record says the pilot is in.
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

// application (申报): the launching office completes its draft and submits it.
// The window of the programme is hard: when it closes, the workflow lets the
// draft lapse, and the pilot is withdrawn.
func (p *pilotStory) application(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// eligibility (资格审查): the workflow brings the directory's facts about every
// organization; then the first office's case officer accepts (→ endorsement),
// asks for a correction (→ correction) or refuses. Overdue: escalated.
func (p *pilotStory) eligibility(ctx workflow.Context) error {
	return p.stay(ctx, work{pilot.CheckEligibility: p.checkEligibility})
}

// correction (补正): the launching office mends its application and hands it in
// again (→ eligibility). Hard: not corrected in time, the pilot is withdrawn.
func (p *pilotStory) correction(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// endorsement (审核推荐): the offices of the chain, lowest first, each endorse,
// return one level down or reject, within the days of their level. The highest
// one's endorsement leads to the review. Overdue: escalated.
func (p *pilotStory) endorsement(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// review (评审): the approving office appoints the panel, the experts score or
// recuse themselves, and the office concludes (→ notice, or failed when nothing
// is recommended). Overdue: escalated.
func (p *pilotStory) review(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// notice (公示): the workflow publishes the recommended proposals, then lets the
// days of the notice run. An objection pauses its proposal alone until the
// approving office has decided it. With the first proposal whose notice ran its
// time the approval begins; the others follow when theirs has.
func (p *pilotStory) notice(ctx workflow.Context) error {
	return p.stay(ctx, work{pilot.PublishNotice: p.publishNotice})
}

// approval (立项): the approving office gives the written approval with its
// document number (→ rollout). Overdue: escalated. A proposal sent back to the
// experts may come to a new notice meanwhile.
func (p *pilotStory) approval(ctx workflow.Context) error {
	return p.stay(ctx, work{pilot.PublishNotice: p.publishNotice})
}

// rollout (实施): every approved proposal becomes a project, a child workflow
// each, side by side; one village never blocks another. The pilot joins them on
// the record: each project reports its end, and after the last one the
// evaluator's contract is paid (→ evaluation). Proposals that were paused go
// through notice and approval here.
func (p *pilotStory) rollout(ctx workflow.Context) error {
	return p.stay(ctx, work{
		pilot.PublishNotice: p.publishNotice,
		pilot.StartProject:  p.startProject,
		payment.Pay:         p.pay,
	})
}

// evaluation (绩效自评): the launching office hands in its performance
// self-evaluation (→ disclosure). Overdue: escalated. What the bank sends back of
// the evaluator's money is paid again, here and until the dossier is sealed.
func (p *pilotStory) evaluation(ctx workflow.Context) error {
	return p.stay(ctx, work{payment.Pay: p.pay})
}

// disclosure (公告): the approving office announces the use of the money to the
// public by 30 June (→ sealing). Overdue: escalated.
func (p *pilotStory) disclosure(ctx workflow.Context) error {
	return p.stay(ctx, work{payment.Pay: p.pay})
}

// sealing (归档): once the evaluator's money can come back no more, the workflow
// seals the dossier with the hash over all chains (→ archived).
func (p *pilotStory) sealing(ctx workflow.Context) error {
	return p.stay(ctx, work{payment.Pay: p.pay, pilot.Seal: p.seal})
}

func (p *pilotStory) checkEligibility(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return p.act(ctx, recordWork, pilots.CheckEligibility, duty)
}

func (p *pilotStory) publishNotice(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return p.act(ctx, noticeWork, pilots.PublishNotice, duty)
}

// startProject brings the project into being on the record, then starts its workflow.
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
