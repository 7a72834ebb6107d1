package workflows

import (
	"go.temporal.io/sdk/workflow"

	"terrace/activities"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
)

// A nil pointer, used only to name the activities of a pilot.
var pilots *activities.Pilots

// pilotStory is the workflow of a pilot (试点), from its application to its archive.
type pilotStory struct{ runner }

// Pilot is the workflow pilot/{id}. It ends when the pilot has been archived, withdrawn, refused or rejected, or has
// failed, and no duties remain.
func Pilot(ctx workflow.Context, start Start) error {
	p := &pilotStory{newRunner(pilot.Kind, start)}
	return p.run(ctx, p.stage)
}

// stage runs the part of the workflow for the pilot's stage in the record.
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

// application (申报): the launching office completes its draft and submits it. The programme sets a hard deadline, after
// which the workflow lets the draft lapse and the pilot is withdrawn.
func (p *pilotStory) application(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// eligibility (资格审查): the workflow looks up each organization in the directory. A case officer of the first office in
// the chain then accepts the application, which leads to endorsement, asks for a correction, or refuses it. Delays are
// escalated.
func (p *pilotStory) eligibility(ctx workflow.Context) error {
	return p.stay(ctx, work{pilot.CheckEligibility: p.checkEligibility})
}

// correction (补正): the launching office corrects its application and submits it again, which leads back to eligibility.
// The deadline is hard: if it is missed, the pilot is withdrawn.
func (p *pilotStory) correction(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// endorsement (审核推荐): the offices of the chain take their turns, lowest first. Each endorses the application, returns
// it one level down or rejects it, within the days allowed for its level. When the highest office endorses, review
// follows. Delays are escalated.
func (p *pilotStory) endorsement(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// review (评审): the approving office appoints the panel, the experts score the proposals or recuse themselves, and the
// office concludes. Notice follows, or the pilot fails if no proposal is recommended. Delays are escalated.
func (p *pilotStory) review(ctx workflow.Context) error {
	return p.stay(ctx, nothing)
}

// notice (公示): the workflow publishes the recommended proposals and waits until the notice period is over. An objection
// pauses only the proposal that it concerns, until the approving office has decided on it. When the first proposal
// completes its notice period, approval follows; the others join it as they complete theirs.
func (p *pilotStory) notice(ctx workflow.Context) error {
	return p.stay(ctx, work{pilot.PublishNotice: p.publishNotice})
}

// approval (立项): the approving office gives its written approval, with the document number, and rollout follows. Delays
// are escalated. Meanwhile, a proposal that was sent back to the experts may be published for notice again.
func (p *pilotStory) approval(ctx workflow.Context) error {
	return p.stay(ctx, work{pilot.PublishNotice: p.publishNotice})
}

// rollout (实施): each approved proposal becomes a project with its own workflow. The projects run side by side and do
// not wait for one another. Each project reports its end to the record. After the last one, the evaluator is paid, and
// evaluation follows. Proposals that were paused by an objection complete their notice period and get their approval
// here.
func (p *pilotStory) rollout(ctx workflow.Context) error {
	return p.stay(ctx, work{
		pilot.PublishNotice: p.publishNotice,
		pilot.StartProject:  p.startProject,
		payment.Pay:         p.pay,
	})
}

// evaluation (绩效自评): the launching office submits a self-evaluation, and disclosure follows. Delays are escalated. If
// the bank returns the evaluator's money, the evaluator is paid again, at any time before the dossier is sealed.
func (p *pilotStory) evaluation(ctx workflow.Context) error {
	return p.stay(ctx, work{payment.Pay: p.pay})
}

// disclosure (公告): the approving office must publish by 30 June how the money was used, and sealing follows. Delays are
// escalated.
func (p *pilotStory) disclosure(ctx workflow.Context) error {
	return p.stay(ctx, work{payment.Pay: p.pay})
}

// sealing (归档): when the bank can no longer return the evaluator's money, the workflow seals the dossier with a hash of
// all hash chains. The pilot is then archived.
func (p *pilotStory) sealing(ctx workflow.Context) error {
	return p.stay(ctx, work{payment.Pay: p.pay, pilot.Seal: p.seal})
}

func (p *pilotStory) checkEligibility(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return p.act(ctx, recordWork, pilots.CheckEligibility, duty)
}

func (p *pilotStory) publishNotice(ctx workflow.Context, duty flow.Duty) (activities.Answer, error) {
	return p.act(ctx, noticeWork, pilots.PublishNotice, duty)
}

// startProject opens a project in the record, and then starts the project's workflow.
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
