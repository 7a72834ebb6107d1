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
	"terrace/domain/calendar"
	"terrace/domain/pilot"
)

// Door is where people's commands are judged: a Record, or the real one.
type Door interface {
	Execute(ctx context.Context, cmd pilot.Command) error
	Load(ctx context.Context, ref pilot.Ref) (pilot.State, error)
}

// Days is what lies between one act and the next.
type Days interface {
	// Refs lists the aggregates there are, ended ones perhaps among them.
	Refs() []pilot.Ref
	// Settled tells that the workflows have nothing to do until somebody acts or the calendar moves.
	Settled() bool
	// MoveOn moves the calendar to the next moment; false when time brings nothing more.
	MoveOn() bool
}

// People are everybody who acts on one pilot of the demonstration. They do
// whatever is theirs as soon as it is.
type People struct {
	Door
	Pilot  string
	Idle   []pilot.WaitKey // what they let pass
	Doubt  bool            // the first attempt of every payment is voided
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
	p.Do(zhuanglang.CountyOfficer, p.pilot(), "draft", &pilot.Draft{Programme: data.Programme, Application: application})
	return p
}

func (p *People) pilot() pilot.Ref { return pilot.Ref{Kind: pilot.PilotKind, ID: p.Pilot} }

// Do lets somebody act; the test ends when they may not.
func (p *People) Do(who string, ref pilot.Ref, name string, payload pilot.Payload) {
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

// Carry lets people and days act in turn until stop says so or nothing more comes.
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

// Meanwhile lets people do what is theirs already, and waits for nobody.
func (p *People) Meanwhile(days Days) {
	p.t.Helper()
	for p.actAll(days, func() bool { return false }) {
		continue
	}
}

// Until waits for a condition that others bring about.
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

// act does the first thing that is anybody's; false when nothing is.
func (p *People) act(ref pilot.Ref) bool {
	p.t.Helper()
	s, err := p.Load(context.Background(), ref)
	if err != nil {
		return false // it has not been opened
	}
	for _, turn := range pilot.RecordOf(s).Turns {
		if !slices.Contains(p.Idle, turn.Key) && p.onTurn(s, turn) {
			return true
		}
	}
	return false
}

func (p *People) onTurn(s pilot.State, turn pilot.Turn) bool {
	p.t.Helper()
	switch s := s.(type) {
	case *pilot.Pilot:
		return p.onPilot(s, turn)
	case *pilot.Project:
		return p.onProject(s, turn) || p.onAccounts(s, turn)
	case *pilot.Payment:
		return p.onPayment(s, turn)
	case *pilot.Recovery:
		return p.onRecovery(s, turn)
	}
	return false
}

func (p *People) onPilot(s *pilot.Pilot, turn pilot.Turn) bool {
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

func (p *People) onProject(s *pilot.Project, turn pilot.Turn) bool {
	p.t.Helper()
	ref := pilot.Ref{Kind: pilot.ProjectKind, ID: s.ID}
	organization, village := zhuanglang.OrganizationPerson(s.Proposal.Code), zhuanglang.VillagePerson(s.Proposal.Code)
	switch turn.Key {
	case pilot.AwaitAgreement:
		name := s.Proposal.Organization.Name.ZH
		p.Do(organization, ref, "sign-as-organization", &pilot.SignAsOrganization{AccountName: name, AccountNumber: "62220000000001"})
		p.Do(zhuanglang.CountyApprover, ref, "sign-as-office", &pilot.SignAsOffice{})
	case pilot.AwaitMilestone:
		p.milestone(s, turn.Subject)
	case pilot.AwaitVerification:
		p.Do(village, ref, "accept-work", &pilot.AcceptWork{Milestone: turn.Subject})
		p.Do(zhuanglang.CountyOfficer, ref, "verify-milestone", &pilot.VerifyMilestone{
			Milestone: turn.Subject, VisitedOn: calendar.Of(Start), Finding: "属实",
		})
	case pilot.AwaitMidTermReport:
		p.Do(organization, ref, "report-midterm", &pilot.ReportMidTerm{Report: File, Summary: "中期自评"})
	case pilot.AwaitMidTermVerdict:
		p.Do(zhuanglang.EvaluatorPerson, ref, "judge-midterm", &pilot.JudgeMidTerm{Outcome: pilot.Pass, Score: 82, Reason: "合格"})
	case pilot.AwaitFinalReport:
		p.Do(organization, ref, "submit-final-report", &pilot.SubmitFinalReport{Report: File, Achieved: make([]int, len(s.Proposal.Indicators))})
	case pilot.AwaitFinalVerdict:
		p.Do(zhuanglang.EvaluatorPerson, ref, "judge-final", &pilot.JudgeFinal{Outcome: pilot.Pass, Score: 86, Reason: "合格"})
	default:
		return false
	}
	return true
}

func (p *People) onAccounts(s *pilot.Project, turn pilot.Turn) bool {
	p.t.Helper()
	ref, organization := pilot.Ref{Kind: pilot.ProjectKind, ID: s.ID}, zhuanglang.OrganizationPerson(s.Proposal.Code)
	switch turn.Key {
	case pilot.AwaitSpendingReport:
		if len(s.Statements) > 0 && !turn.Reminded {
			return false
		}
		p.Do(organization, ref, "report-spending", &pilot.ReportSpending{Receipts: p.receipts(s)})
	case pilot.AwaitSpendingCheck:
		report, err := strconv.Atoi(turn.Subject)
		if err != nil {
			p.t.Fatal(err)
		}
		p.Do(zhuanglang.CountyFinance, ref, "judge-spending", &pilot.JudgeSpending{Report: report})
	case pilot.AwaitSettlement:
		if slices.ContainsFunc(s.Statements, func(st pilot.Statement) bool { return !st.Judged }) {
			return false
		}
		p.Do(organization, ref, "submit-settlement", &pilot.SubmitSettlement{Account: File, MarkPhotos: []string{File}})
	case pilot.AwaitAcceptance:
		if paying(s) {
			return false
		}
		p.Do(zhuanglang.CountyFinance, ref, "accept-settlement", &pilot.AcceptSettlement{})
	case pilot.AwaitClosing:
		if paying(s) {
			return false
		}
		p.Do(zhuanglang.EvaluatorPerson, ref, "close", &pilot.CloseProject{Opinion: "同意结项"})
	default:
		return false
	}
	return true
}

// paying tells that a payment of the project is under way.
func paying(s *pilot.Project) bool {
	return slices.ContainsFunc(s.Tranches, func(t pilot.TrancheState) bool { return t.Attempt > 0 && !t.Paid && !t.Dropped })
}

// receipts are one for each line of the budget in the first report, and none in later ones.
func (p *People) receipts(s *pilot.Project) (all []pilot.Invoice) {
	if len(s.Statements) > 0 {
		return nil
	}
	for _, l := range s.Proposal.Budget {
		number := p.Pilot[24:] + s.ID[len(p.Pilot)+1:] + "-" + strings.ReplaceAll(l.Kind, "_", "-")
		all = append(all, pilot.Invoice{
			Number: number, Kind: l.Kind, Fen: l.Fen, Source: pilot.FromGrant, On: calendar.Of(Start), File: File, Title: "项目支出",
		})
	}
	return all
}

// File is the SHA-256 of the one file that people upload.
var File = strings.Repeat("0", 64)

func (p *People) milestone(s *pilot.Project, key string) {
	for _, m := range s.Proposal.Milestones {
		if m.Key != key {
			continue
		}
		var evidence []pilot.EvidenceFile
		for _, kind := range m.Evidence {
			evidence = append(evidence, pilot.EvidenceFile{Kind: kind, SHA256: File})
		}
		p.Do(zhuanglang.OrganizationPerson(s.Proposal.Code), pilot.Ref{Kind: pilot.ProjectKind, ID: s.ID}, "submit-milestone",
			&pilot.SubmitMilestone{Milestone: key, Evidence: evidence})
	}
}

func (p *People) onPayment(s *pilot.Payment, turn pilot.Turn) bool {
	p.t.Helper()
	ref := pilot.Ref{Kind: pilot.PaymentKind, ID: s.ID}
	switch turn.Key {
	case pilot.AwaitRelease:
		if p.Doubt && s.Attempt == 1 {
			p.Do(zhuanglang.CountyFinance, ref, "void", &pilot.VoidPayment{Reason: "户名存疑"})
			break
		}
		p.Do(zhuanglang.CountyFinance, ref, "release", &pilot.ReleasePayment{})
		p.Do(zhuanglang.CountyApprover, ref, "release", &pilot.ReleasePayment{})
	case pilot.AwaitClearing:
		if !turn.Escalated { // the bank may still say it
			return false
		}
		p.Do(zhuanglang.CountyFinance, ref, "confirm", &pilot.ConfirmPayment{Voucher: s.ID, Slip: File})
	case pilot.AwaitConfirmation:
		p.Do(zhuanglang.CountyFinance, ref, "confirm", &pilot.ConfirmPayment{Voucher: s.ID, Slip: File})
	default:
		return false
	}
	return true
}

func (p *People) onRecovery(s *pilot.Recovery, turn pilot.Turn) bool {
	p.t.Helper()
	if turn.Key != pilot.AwaitRepayment {
		return false
	}
	p.Do(zhuanglang.CountyFinance, pilot.Ref{Kind: pilot.RecoveryKind, ID: s.ID}, "record-repayment",
		&pilot.RecordRepayment{Fen: s.LeftFen(), Voucher: s.ID, Slip: File})
	return true
}
