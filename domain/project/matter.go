package project

import (
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/place"
)

// matter is a document that the organization submits and another party then assesses. It is used to explain why the organization
// cannot submit the document now, or why the document cannot be assessed now.
type matter struct {
	paper, verdict domain.Text  // names of the document and of the assessment
	submit, judge  flow.WaitKey // waits for the submission and for the assessment
	judged         bool
}

func (p *Project) midTerm() matter {
	return matter{
		domain.T("中期自评报告", "the mid-term report"), domain.T("中期评估", "the mid-term evaluation"), AwaitMidTermReport, AwaitMidTermVerdict,
		p.MidTerm.Outcome == Pass,
	}
}

func (p *Project) rectification() matter {
	m := p.midTerm()
	m.paper, m.submit = domain.T("整改报告", "the rectification report"), AwaitRectification
	return m
}

func (p *Project) finalEvaluation() matter {
	return matter{
		domain.T("结项报告", "the final report"), domain.T("末期评估", "the final evaluation"), AwaitFinalReport, AwaitFinalVerdict,
		p.Final.Outcome != "",
	}
}

func (p *Project) settling() matter {
	settlement := domain.T("项目决算", "the settlement")
	return matter{settlement, settlement, AwaitSettlement, AwaitAcceptance, p.Settled}
}

func (m matter) submitted() error {
	return domain.Refuse("already-submitted", "", "zh", m.paper.ZH, "en", m.paper.EN)
}

func (m matter) missing() error {
	return domain.Refuse("not-submitted", "", "zh", m.paper.ZH, "en", m.paper.EN)
}

// over reports whether the project has ended. A refusal then needs no explanation beyond the stage.
func (p *Project) over() bool { return p.Aggregate().Stage(p.Stage).Ended }

// resubmitted returns an error that says why the document cannot be submitted: it is already awaiting assessment or has been assessed.
func (p *Project) resubmitted(m matter) error {
	switch {
	case p.over():
		return nil
	case p.Turn(m.judge, "") != nil:
		return m.submitted()
	case m.judged:
		return domain.Refuse("already-judged", "", "zh", m.verdict.ZH, "en", m.verdict.EN)
	default:
		return nil
	}
}

// unready returns an error that says why the document cannot be assessed: it has not been submitted or has already been assessed.
func (p *Project) unready(m matter) error {
	switch {
	case p.over():
		return nil
	case p.Turn(m.submit, "") != nil:
		return m.missing()
	case m.judged:
		return domain.Refuse("already-judged", "", "zh", m.verdict.ZH, "en", m.verdict.EN)
	default:
		return nil
	}
}

func (*ReportMidTerm) Unadmitted(s flow.State, _ *place.Table) error {
	p := s.(*Project)
	if p.MidTerm.Outcome == Rectify {
		return p.midTerm().submitted()
	}
	return p.resubmitted(p.midTerm())
}

func (*ReportRectification) Unadmitted(s flow.State, _ *place.Table) error {
	p := s.(*Project)
	if p.MidTerm.Outcome == "" {
		return nil
	}
	return p.resubmitted(p.rectification())
}

func (*JudgeMidTerm) Unadmitted(s flow.State, _ *place.Table) error {
	p := s.(*Project)
	if p.MidTerm.Outcome == Rectify {
		return p.unready(p.rectification())
	}
	return p.unready(p.midTerm())
}

func (*SubmitFinalReport) Unadmitted(s flow.State, _ *place.Table) error {
	p := s.(*Project)
	return p.resubmitted(p.finalEvaluation())
}

func (*JudgeFinal) Unadmitted(s flow.State, _ *place.Table) error {
	p := s.(*Project)
	return p.unready(p.finalEvaluation())
}

func (*SubmitSettlement) Unadmitted(s flow.State, _ *place.Table) error {
	p := s.(*Project)
	return p.resubmitted(p.settling())
}

func (*AcceptSettlement) Unadmitted(s flow.State, _ *place.Table) error {
	p := s.(*Project)
	return p.unready(p.settling())
}

func (*ReturnSettlement) Unadmitted(s flow.State, _ *place.Table) error {
	p := s.(*Project)
	return p.unready(p.settling())
}
