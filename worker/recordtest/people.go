package recordtest

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
)

// Door is where people's commands are judged: a Record, or the real one.
type Door interface {
	Execute(ctx context.Context, cmd pilot.Command) error
	Load(ctx context.Context, ref pilot.Ref) (pilot.State, error)
}

// People are everybody who acts on one pilot of the demonstration. They do
// whatever is theirs as soon as it is.
type People struct {
	Door
	Pilot  string
	people map[string]domain.Actor
	t      testing.TB
}

// Draft lets the county office draft a pilot of so many villages.
func Draft(t testing.TB, door Door, villages int) *People {
	t.Helper()
	data := zhuanglang.Read()
	p := &People{Door: door, Pilot: uuid.Must(uuid.NewV7()).String(), people: map[string]domain.Actor{}, t: t}
	for _, each := range data.People() {
		p.people[each.ID] = each
	}
	application := data.Application()
	application.Proposals = application.Proposals[:villages]
	p.do(zhuanglang.CountyOfficer, p.pilot(), "draft", &pilot.Draft{Programme: data.Programme, Application: application})
	return p
}

func (p *People) pilot() pilot.Ref { return pilot.Ref{Kind: pilot.PilotKind, ID: p.Pilot} }

func (p *People) do(who string, ref pilot.Ref, name string, payload pilot.Payload) {
	p.t.Helper()
	actor, known := p.people[who]
	if !known {
		p.t.Fatalf("nobody is called %s", who)
	}
	err := p.Execute(context.Background(), pilot.Command{
		ID: uuid.NewString(), Actor: actor, Name: name, Aggregate: ref, Payload: payload,
	})
	if err != nil {
		p.t.Fatalf("%s on %s by %s: %v", name, ref, who, err)
	}
}

// Act lets people do the first thing that is theirs; false when nothing is.
func (p *People) Act(ref pilot.Ref) bool {
	p.t.Helper()
	s, err := p.Load(context.Background(), ref)
	if err != nil {
		return false // it has not been opened
	}
	switch s := s.(type) {
	case *pilot.Pilot:
		return p.onPilot(s)
	case *pilot.Project:
		return p.onProject(s)
	case *pilot.Payment:
		return p.onPayment(s)
	}
	return false
}

func (p *People) onPilot(s *pilot.Pilot) bool {
	ref := p.pilot()
	for _, turn := range s.Turns {
		switch turn.Key {
		case pilot.AwaitApplication:
			p.do(zhuanglang.CountyOfficer, ref, "submit", &pilot.Submit{})
		case pilot.AwaitEligibility:
			if !s.Checked {
				continue
			}
			p.do(zhuanglang.CountyOfficer, ref, "accept", &pilot.Accept{})
		case pilot.AwaitEndorsement:
			approver := map[string]string{
				"620825": zhuanglang.CountyApprover, "620800": zhuanglang.CityApprover, "620000": zhuanglang.ProvinceApprover,
			}[s.Chain[s.Level]]
			p.do(approver, ref, "endorse", &pilot.Endorse{Opinion: "同意推荐"})
		case pilot.AwaitReview:
			p.review(s)
		case pilot.AwaitApproval:
			p.do(zhuanglang.ProvinceApprover, ref, "approve", &pilot.Approve{Number: "甘民发〔2017〕" + s.ID[:8] + "号"})
		case pilot.AwaitSummary:
			p.do(zhuanglang.CountyOfficer, ref, "submit-summary", &pilot.SubmitSummary{
				Scores: map[string]int{"execution": 9, "outputs": 45, "benefits": 26, "satisfaction": 9}, Narrative: "自评",
			})
		case pilot.AwaitAnnouncement:
			p.do(zhuanglang.ProvinceOfficer, ref, "announce", &pilot.Announce{Text: "公告"})
		default:
			continue
		}
		return true
	}
	return false
}

func (p *People) review(s *pilot.Pilot) {
	p.do(zhuanglang.ProvinceOfficer, p.pilot(), "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
	for i, q := range s.Proposals {
		grant := zhuanglang.Read().Projects[i].GrantFen
		for _, expert := range zhuanglang.Experts {
			p.do(expert, p.pilot(), "score", &pilot.Score{Proposal: q.Code, Opinion: pilot.Opinion{Points: 85, RecommendedFen: grant}})
		}
	}
	p.do(zhuanglang.ProvinceOfficer, p.pilot(), "conclude-review", &pilot.ConcludeReview{})
}

func (p *People) onProject(s *pilot.Project) bool {
	ref := pilot.Ref{Kind: pilot.ProjectKind, ID: s.ID}
	organization, village := zhuanglang.OrganizationPerson(s.Proposal.Code), zhuanglang.VillagePerson(s.Proposal.Code)
	for _, turn := range s.Turns {
		switch turn.Key {
		case pilot.AwaitAgreement:
			name := s.Proposal.Organization.Name.ZH
			p.do(organization, ref, "sign-as-organization", &pilot.SignAsOrganization{AccountName: name, AccountNumber: "62220000000001"})
			p.do(zhuanglang.CountyApprover, ref, "sign-as-office", &pilot.SignAsOffice{})
		case pilot.AwaitMilestone:
			p.milestone(s, turn.Subject)
		case pilot.AwaitVerification:
			p.do(village, ref, "accept-work", &pilot.AcceptWork{Milestone: turn.Subject})
			p.do(zhuanglang.CountyOfficer, ref, "verify-milestone", &pilot.VerifyMilestone{
				Milestone: turn.Subject, VisitedOn: calendar.Of(Start), Finding: "属实",
			})
		case pilot.AwaitMidTermReport:
			p.do(organization, ref, "report-midterm", &pilot.ReportMidTerm{Report: file, Summary: "中期自评"})
		case pilot.AwaitMidTermVerdict:
			p.do(zhuanglang.EvaluatorPerson, ref, "judge-midterm", &pilot.JudgeMidTerm{Outcome: pilot.Pass, Score: 82, Reason: "合格"})
		case pilot.AwaitFinalReport:
			p.do(organization, ref, "submit-final-report", &pilot.SubmitFinalReport{Report: file, Achieved: make([]int, len(s.Proposal.Indicators))})
		case pilot.AwaitFinalVerdict:
			if s.MidTerm.Outcome != pilot.Pass || !verified(s) {
				continue
			}
			p.do(zhuanglang.EvaluatorPerson, ref, "judge-final", &pilot.JudgeFinal{Outcome: pilot.Pass, Score: 86, Reason: "合格"})
		default:
			if !p.onAccounts(s, turn) {
				continue
			}
		}
		return true
	}
	return false
}

func (p *People) onAccounts(s *pilot.Project, turn pilot.Turn) bool {
	ref, organization := pilot.Ref{Kind: pilot.ProjectKind, ID: s.ID}, zhuanglang.OrganizationPerson(s.Proposal.Code)
	var spending []pilot.Spending
	for _, l := range s.Proposal.Budget {
		spending = append(spending, pilot.Spending{Kind: l.Kind, Fen: l.Fen})
	}
	switch turn.Key {
	case pilot.AwaitSettlement:
		p.do(organization, ref, "submit-settlement", &pilot.SubmitSettlement{Spending: spending, Account: file, MarkPhotos: []string{file}})
	case pilot.AwaitAcceptance:
		for _, t := range s.Tranches {
			if t.Attempt > 0 && !t.Paid {
				return false
			}
		}
		p.do(zhuanglang.CountyFinance, ref, "accept-settlement", &pilot.AcceptSettlement{Accepted: spending})
	case pilot.AwaitClosing:
		p.do(zhuanglang.EvaluatorPerson, ref, "close", &pilot.CloseProject{Opinion: "同意结项"})
	default:
		return false
	}
	return true
}

// file stands for an uploaded file: the record in memory holds every file that is asked for.
var file = strings.Repeat("0", 64)

func (p *People) milestone(s *pilot.Project, key string) {
	for _, m := range s.Proposal.Milestones {
		if m.Key != key {
			continue
		}
		var evidence []pilot.EvidenceFile
		for _, kind := range m.Evidence {
			evidence = append(evidence, pilot.EvidenceFile{Kind: kind, SHA256: file})
		}
		p.do(zhuanglang.OrganizationPerson(s.Proposal.Code), pilot.Ref{Kind: pilot.ProjectKind, ID: s.ID}, "submit-milestone",
			&pilot.SubmitMilestone{Milestone: key, Evidence: evidence})
	}
}

func verified(s *pilot.Project) bool {
	for _, step := range s.Steps {
		if step.Status != pilot.StepVerified {
			return false
		}
	}
	return true
}

func (p *People) onPayment(s *pilot.Payment) bool {
	ref := pilot.Ref{Kind: pilot.PaymentKind, ID: s.ID}
	for _, turn := range s.Turns {
		switch turn.Key {
		case pilot.AwaitRelease:
			p.do(zhuanglang.CountyFinance, ref, "release", &pilot.ReleasePayment{})
			p.do(zhuanglang.CountyApprover, ref, "release", &pilot.ReleasePayment{})
		case pilot.AwaitConfirmation:
			p.do(zhuanglang.CountyFinance, ref, "confirm", &pilot.ConfirmPayment{Voucher: s.ID, Slip: file})
		default:
			continue
		}
		return true
	}
	return false
}
