package pilot_test

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/pilot"
)

// Whatever people send, in whatever order, from any point of the story: the
// ledger sums to zero, no account but the fund's own is overdrawn, nobody gets
// more than the grant, every open wait belongs to its stage, and an accepted
// command leaves a state that nothing but its events explains.
func TestWhateverPeopleSendTheBooksBalance(t *testing.T) {
	t.Parallel()
	starts := []func(*desk) *desk{
		(*desk).drafted, (*desk).submitted, (*desk).accepted, (*desk).scored, (*desk).onNotice, (*desk).approved,
		(*desk).signed, (*desk).rollout, (*desk).midTerm, (*desk).settlement, (*desk).closed,
	}
	rapid.Check(t, func(r *rapid.T) {
		d := rapid.SampledFrom(starts).Draw(r, "start")(newDesk(t))
		people := sortedNames(d.people)
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			d.step(r, people)
			d.invariants(r)
		}
	})
}

func sortedNames(people map[string]domain.Actor) (names []string) {
	for name := range people {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// step draws one command: mostly one that the open waits admit, by somebody who
// may send it, so that the walk gets somewhere; or lets time pass.
func (d *desk) step(r *rapid.T, people []string) {
	if rapid.IntRange(0, 9).Draw(r, "time passes") == 0 {
		d.on(zhuanglangDay(d).AddDays(rapid.IntRange(1, 40).Draw(r, "days")))
		return
	}
	var refs []pilot.Ref
	for ref := range d.states {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b pilot.Ref) int { return slices.Compare([]byte(a.String()), []byte(b.String())) })
	ref := rapid.SampledFrom(refs).Draw(r, "aggregate")
	var offers [][2]string
	for _, who := range people {
		for _, task := range pilot.TasksOf(d.states[ref], d.people[who]) {
			for _, command := range task.Commands {
				offers = append(offers, [2]string{who, command})
			}
		}
	}
	if len(offers) == 0 {
		return
	}
	offer := rapid.SampledFrom(offers).Draw(r, "command")
	payload := pilot.Find(ref.Kind, offer[1]).New()
	d.fill(r, d.states[ref], payload)
	if err := d.try(offer[0], ref, offer[1], payload); err != nil {
		refusal(d.t, err)
	}
}

func (d *desk) invariants(r *rapid.T) {
	if d.sum() != 0 {
		r.Fatalf("the ledger sums to %d", d.sum())
	}
	for account, fen := range d.balances {
		if account.Name != pilot.Appropriation && fen < 0 {
			r.Fatalf("%s of %s is overdrawn: %s", account.Name, account.Owner, fen)
		}
	}
	for ref, state := range d.states {
		record := pilot.RecordOf(state)
		for _, turn := range record.Turns {
			if w := pilot.WaitOf(turn.Key); !slices.Contains(w.Stages, record.Stage) || w.Aggregate != ref.Kind {
				r.Fatalf("%s awaits %s in stage %s", ref, turn.Key, record.Stage)
			}
		}
		if !record.Stage.Ended() && len(record.Turns) == 0 && len(record.Duties) == 0 {
			r.Fatalf("%s is stuck in stage %s", ref, record.Stage)
		}
		if p, ok := state.(*pilot.Project); ok && p.PaidFen > p.GrantFen {
			r.Fatalf("%s got %s of %s", ref, p.PaidFen, p.GrantFen)
		}
	}
}

// fill makes a payload that is often acceptable.
func (d *desk) fill(r *rapid.T, s pilot.State, payload pilot.Payload) {
	text := "text"
	code := rapid.SampledFrom(d.data.Projects).Draw(r, "proposal").Code
	key := rapid.SampledFrom([]string{"M1", "M2", "M3", "M4"}).Draw(r, "milestone")
	switch p := payload.(type) {
	case *pilot.SaveDraft:
		p.Application = d.data.Application()
	case *pilot.Correct:
		p.Application = d.data.Application()
	case *pilot.RefuseProposal:
		p.Proposal, p.Reason = code, text
	case *pilot.AppointPanel:
		p.Experts = zhuanglang.Experts
	case *pilot.Score:
		p.Proposal, p.Points, p.RecommendedFen = code, rapid.IntRange(40, 100).Draw(r, "points"), 100000
	case *pilot.Recuse:
		p.Proposal, p.Interest = code, text
	case *pilot.Object:
		p.Proposal, p.Grounds, p.Contact = code, text, text
	case *pilot.DecideObjection:
		p.Proposal, p.Reason = code, text
		p.Outcome = rapid.SampledFrom([]pilot.Outcome{pilot.Upheld, pilot.Dismissed, pilot.ReviewAgain}).Draw(r, "outcome")
	case *pilot.Approve:
		p.Number = text
	case *pilot.GiveUp:
		p.Proposal, p.Reason = code, text
	case *pilot.SubmitSummary:
		p.Scores = map[string]int{"execution": 1, "outputs": 2, "benefits": 3, "satisfaction": 4}
	case *pilot.SignAsOrganization:
		p.AccountName = s.(*pilot.Project).Proposal.Organization.Name.ZH
	case *pilot.SubmitMilestone:
		p.Milestone = key
		for _, kind := range []string{"attendance-sheet", "village-confirmation", "photos", "spending-report", "village-acceptance", "lottery-mark-photo", "final-report"} {
			p.Evidence = append(p.Evidence, pilot.EvidenceFile{Kind: kind, SHA256: file})
		}
	case *pilot.AcceptWork:
		p.Milestone = key
	case *pilot.VerifyMilestone:
		p.Milestone, p.VisitedOn = key, zhuanglangDay(d)
	case *pilot.ReturnMilestone:
		p.Milestone, p.Reason = key, text
	case *pilot.JudgeMidTerm:
		p.Outcome = rapid.SampledFrom([]pilot.VerdictOutcome{pilot.Pass, pilot.Pass, pilot.Rectify, pilot.Fail}).Draw(r, "verdict")
		p.Score = rapid.IntRange(50, 100).Draw(r, "score")
	case *pilot.JudgeFinal:
		p.Outcome = rapid.SampledFrom([]pilot.VerdictOutcome{pilot.Pass, pilot.Pass, pilot.Fail}).Draw(r, "verdict")
		p.Score = rapid.IntRange(50, 100).Draw(r, "score")
	case *pilot.SubmitFinalReport:
		p.Achieved = []int{1, 2}
	case *pilot.SubmitSettlement:
		for _, l := range s.(*pilot.Project).Proposal.Budget {
			p.Spending = append(p.Spending, pilot.Spending{Kind: l.Kind, Fen: l.Fen / pilotFen(rapid.IntRange(1, 3).Draw(r, "share"))})
		}
		p.MarkPhotos = []string{file}
	case *pilot.AcceptSettlement:
		for kind, fen := range s.(*pilot.Project).Reported {
			p.Accepted = append(p.Accepted, pilot.Spending{Kind: kind, Fen: pilotFen(fen)})
		}
	case *pilot.RecordRefund:
		p.Fen = s.(*pilot.Project).RefundDue
	case *pilot.ConfirmPayment:
		p.Voucher = text
	}
	setFiles(payload)
}

// setFiles names the one stored file wherever a payload wants one.
func setFiles(payload pilot.Payload) {
	v := reflect.ValueOf(payload).Elem()
	for _, name := range []string{"Report", "Slip", "Account"} {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
			f.SetString(file)
		}
	}
}
