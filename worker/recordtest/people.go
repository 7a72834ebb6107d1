package recordtest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// Door judges commands. It is either a Record in memory or the real record.
type Door interface {
	Execute(ctx context.Context, cmd flow.Command) error
	Load(ctx context.Context, ref flow.Ref) (flow.State, error)
}

// Days controls what happens between two actions of the demonstration's people.
type Days interface {
	// Refs lists the aggregates, including those that have ended.
	Refs() []flow.Ref
	// Settled reports whether the workflows have nothing to do until a person acts or the calendar moves.
	Settled() bool
	// MoveOn moves the calendar to the next due time. It reports whether there was one.
	MoveOn() bool
}

// People are the demonstration's people who take part in one pilot. Each of them acts as soon as it is their turn.
type People struct {
	Door
	Pilot  string
	Idle   []flow.WaitKey // waits that they leave undone
	Doubt  bool           // void the first attempt at every payment
	people map[string]domain.Actor
	t      testing.TB
}

// Draft makes the county office draft a pilot with the given number of villages.
func Draft(t testing.TB, door Door, villages int) *People {
	t.Helper()
	data := zhuanglang.Read()
	p := &People{Door: door, Pilot: uuid.Must(uuid.NewV7()).String(), people: map[string]domain.Actor{}, t: t}
	for _, each := range data.People() {
		p.people[each.ID] = each
	}
	application := data.Application()
	application.Proposals = application.Proposals[:villages]
	p.Do(zhuanglang.CountyOfficer, p.pilot(), "draft", &pilot.Draft{Programme: data.Programme, Application: application})
	return p
}

func (p *People) pilot() flow.Ref { return flow.Ref{Kind: pilot.Kind, ID: p.Pilot} }

// Do sends a command on behalf of a person. The test fails if the command is rejected.
func (p *People) Do(who string, ref flow.Ref, name string, payload flow.Payload) {
	p.t.Helper()
	actor, known := p.people[who]
	if !known {
		p.t.Fatalf("nobody is called %s", who)
	}
	err := p.Execute(context.Background(), flow.Command{
		ID: uuid.NewString(), Actor: actor, Name: name, Aggregate: ref, Payload: payload,
	})
	if err != nil {
		p.t.Fatalf("%s on %s by %s: %v", name, ref, who, err)
	}
}

// Carry alternates between letting people act and moving the calendar, until stop returns true or nothing more happens.
func (p *People) Carry(days Days, stop func() bool) {
	p.t.Helper()
	for !stop() {
		if p.actAll(days, stop) {
			continue
		}
		Until(p.t, "the workflows did what they owe", func() bool { return days.Settled() || stop() })
		if !stop() && !p.actAll(days, stop) && !days.MoveOn() {
			return
		}
	}
}

func (p *People) actAll(days Days, stop func() bool) (acted bool) {
	p.t.Helper()
	for _, ref := range days.Refs() {
		for strings.HasPrefix(ref.ID, p.Pilot) && !stop() && p.act(ref) {
			acted = true
		}
	}
	return acted
}

// Meanwhile makes people do everything that they can without waiting for anyone else.
func (p *People) Meanwhile(days Days) {
	p.t.Helper()
	for p.actAll(days, func() bool { return false }) {
		continue
	}
}

// Until waits until the condition is met, and fails the test if that takes too long.
func Until(t testing.TB, what string, met func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !met() {
		if <-tick.C; time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// act makes a person do the first thing that the aggregate is waiting for. It reports whether there was anything to do.
func (p *People) act(ref flow.Ref) bool {
	p.t.Helper()
	s, err := p.Load(context.Background(), ref)
	if err != nil {
		return false // not opened yet
	}
	for _, turn := range flow.RecordOf(s).Turns {
		if !slices.Contains(p.Idle, turn.Key) && p.onTurn(s, turn) {
			return true
		}
	}
	return false
}

func (p *People) onTurn(s flow.State, turn flow.Turn) bool {
	p.t.Helper()
	switch s := s.(type) {
	case *pilot.Pilot:
		return p.onPilot(s, turn)
	case *project.Project:
		return p.onProject(s, turn) || p.onAccounts(s, turn)
	case *payment.Payment:
		return p.onPayment(s, turn)
	case *recovery.Recovery:
		return p.onRecovery(s, turn)
	}
	return false
}

func (p *People) onPilot(s *pilot.Pilot, turn flow.Turn) bool {
	p.t.Helper()
	ref := p.pilot()
	switch turn.Key {
	case pilot.AwaitApplication:
		p.Do(zhuanglang.CountyOfficer, ref, "submit", &pilot.Submit{})
	case pilot.AwaitEligibility:
		if !s.Checked {
			return false
		}
		p.Do(zhuanglang.CountyOfficer, ref, "accept", &pilot.Accept{})
	case pilot.AwaitEndorsement:
		approver := map[string]string{
			"620825": zhuanglang.CountyApprover, "620800": zhuanglang.CityApprover, "620000": zhuanglang.ProvinceApprover,
		}[s.Chain[s.Level]]
		p.Do(approver, ref, "endorse", &pilot.Endorse{Opinion: "同意推荐"})
	case pilot.AwaitReview:
		p.review(s)
	case pilot.AwaitApproval:
		p.Do(zhuanglang.ProvinceApprover, ref, "approve", &pilot.Approve{Number: "甘民发〔2017〕" + s.ID[:8] + "号"})
	case pilot.AwaitSummary:
		p.Do(zhuanglang.CountyOfficer, ref, "submit-summary", &pilot.SubmitSummary{
			Scores: map[string]int{"execution": 9, "outputs": 45, "benefits": 26, "satisfaction": 9}, Narrative: "自评",
		})
	case pilot.AwaitAnnouncement:
		p.Do(zhuanglang.ProvinceOfficer, ref, "announce", &pilot.Announce{Text: "公告"})
	default:
		return false
	}
	return true
}

func (p *People) review(s *pilot.Pilot) {
	p.Do(zhuanglang.ProvinceOfficer, p.pilot(), "appoint-panel", &pilot.AppointPanel{Experts: zhuanglang.Experts})
	for i, q := range s.Proposals {
		grant := zhuanglang.Read().Projects[i].GrantFen
		for _, expert := range zhuanglang.Experts {
			p.Do(expert, p.pilot(), "score", &pilot.Score{Proposal: q.Code, Opinion: pilot.Opinion{Points: 85, RecommendedFen: grant}})
		}
	}
	p.Do(zhuanglang.ProvinceOfficer, p.pilot(), "conclude-review", &pilot.ConcludeReview{})
}

func (p *People) onProject(s *project.Project, turn flow.Turn) bool {
	p.t.Helper()
	ref := flow.Ref{Kind: project.Kind, ID: s.ID}
	organization, village := zhuanglang.OrganizationPerson(s.Proposal.Code), zhuanglang.VillagePerson(s.Proposal.Code)
	switch turn.Key {
	case project.AwaitAgreement:
		name := s.Proposal.Organization.Name.ZH
		p.Do(organization, ref, "sign-as-organization", &project.SignAsOrganization{AccountName: name, AccountNumber: "62220000000001"})
		p.Do(zhuanglang.CountyApprover, ref, "sign-as-office", &project.SignAsOffice{})
	case project.AwaitMilestone:
		p.milestone(s, turn.Subject)
	case project.AwaitVerification:
		p.Do(village, ref, "accept-work", &project.AcceptWork{Milestone: turn.Subject})
		p.Do(zhuanglang.CountyOfficer, ref, "verify-milestone", &project.VerifyMilestone{
			Milestone: turn.Subject, VisitedOn: s.AgreedOn, Finding: "属实",
		})
	case project.AwaitMidTermReport:
		p.Do(organization, ref, "report-midterm", &project.ReportMidTerm{Report: File, Summary: "中期自评"})
	case project.AwaitMidTermVerdict:
		p.Do(zhuanglang.EvaluatorPerson, ref, "judge-midterm", &project.JudgeMidTerm{Outcome: project.Pass, Score: 82, Reason: "合格"})
	case project.AwaitFinalReport:
		p.Do(organization, ref, "submit-final-report", &project.SubmitFinalReport{Report: File, Achieved: make([]int, len(s.Proposal.Indicators))})
	case project.AwaitFinalVerdict:
		p.Do(zhuanglang.EvaluatorPerson, ref, "judge-final", &project.JudgeFinal{Outcome: project.Pass, Score: 86, Reason: "合格"})
	default:
		return false
	}
	return true
}

func (p *People) onAccounts(s *project.Project, turn flow.Turn) bool {
	p.t.Helper()
	ref, organization := flow.Ref{Kind: project.Kind, ID: s.ID}, zhuanglang.OrganizationPerson(s.Proposal.Code)
	switch turn.Key {
	case project.AwaitSpendingReport:
		if len(s.Statements) > 0 && !turn.Reminded {
			return false
		}
		p.Do(organization, ref, "report-spending", &project.ReportSpending{Receipts: p.receipts(s)})
	case project.AwaitSpendingCheck:
		report, err := strconv.Atoi(turn.Subject)
		if err != nil {
			p.t.Fatal(err)
		}
		p.Do(zhuanglang.CountyFinance, ref, "judge-spending", &project.JudgeSpending{Report: report})
	case project.AwaitSettlement:
		if slices.ContainsFunc(s.Statements, func(st project.Statement) bool { return !st.Judged }) {
			return false
		}
		p.Do(organization, ref, "submit-settlement", &project.SubmitSettlement{Account: File, MarkPhotos: []string{File}})
	case project.AwaitAcceptance:
		if paying(s) {
			return false
		}
		p.Do(zhuanglang.CountyFinance, ref, "accept-settlement", &project.AcceptSettlement{})
	case project.AwaitClosing:
		if paying(s) {
			return false
		}
		p.Do(zhuanglang.EvaluatorPerson, ref, "close", &project.CloseProject{Opinion: "同意结项"})
	default:
		return false
	}
	return true
}

// paying reports whether a payment of the project is in progress.
func paying(s *project.Project) bool {
	return slices.ContainsFunc(s.Tranches, func(t project.TrancheState) bool { return t.Attempt > 0 && !t.Paid && !t.Dropped })
}

// receipts returns one receipt for each budget line for the first report, and none for later ones.
func (p *People) receipts(s *project.Project) (all []project.Invoice) {
	if len(s.Statements) > 0 {
		return nil
	}
	for _, l := range s.Proposal.Budget {
		number := p.Pilot[24:] + s.ID[len(p.Pilot)+1:] + "-" + strings.ReplaceAll(l.Kind, "_", "-")
		all = append(all, project.Invoice{
			Number: number, Kind: l.Kind, Fen: l.Fen, Source: project.FromGrant, On: s.AgreedOn, File: File, Title: "项目支出",
		})
	}
	return all
}

// File is the SHA-256 of the only file that the people upload.
var File = strings.Repeat("0", 64)

func (p *People) milestone(s *project.Project, key string) {
	for _, m := range s.Proposal.Milestones {
		if m.Key != key {
			continue
		}
		var evidence []project.EvidenceFile
		for _, kind := range m.Evidence {
			evidence = append(evidence, project.EvidenceFile{Kind: kind, SHA256: File})
		}
		p.Do(zhuanglang.OrganizationPerson(s.Proposal.Code), flow.Ref{Kind: project.Kind, ID: s.ID}, "submit-milestone",
			&project.SubmitMilestone{Milestone: key, Evidence: evidence})
	}
}

func (p *People) onPayment(s *payment.Payment, turn flow.Turn) bool {
	p.t.Helper()
	ref := flow.Ref{Kind: payment.Kind, ID: s.ID}
	switch turn.Key {
	case payment.AwaitRelease:
		if p.Doubt && s.Attempt == 1 {
			p.Do(zhuanglang.CountyFinance, ref, "void", &payment.VoidPayment{Reason: "户名存疑"})
			break
		}
		p.Do(zhuanglang.CountyFinance, ref, "release", &payment.ReleasePayment{})
		p.Do(zhuanglang.CountyApprover, ref, "release", &payment.ReleasePayment{})
	case payment.AwaitClearing:
		if !turn.Escalated { // the bank may still answer
			return false
		}
		p.Do(zhuanglang.CountyFinance, ref, "confirm", &payment.ConfirmPayment{Voucher: s.ID, Slip: File})
	case payment.AwaitConfirmation:
		p.Do(zhuanglang.CountyFinance, ref, "confirm", &payment.ConfirmPayment{Voucher: s.ID, Slip: File})
	default:
		return false
	}
	return true
}

func (p *People) onRecovery(s *recovery.Recovery, turn flow.Turn) bool {
	p.t.Helper()
	if turn.Key != recovery.AwaitRepayment {
		return false
	}
	p.Do(zhuanglang.CountyFinance, flow.Ref{Kind: recovery.Kind, ID: s.ID}, "record-repayment",
		&recovery.RecordRepayment{Fen: s.LeftFen(), Voucher: s.ID, Slip: File})
	return true
}
