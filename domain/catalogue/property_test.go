package catalogue_test

import (
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// Whatever commands are sent, in whatever order and from any stage of the demonstration, the ledger adds up to zero, no account but
// the fund's is overdrawn, no organization gets more than its grant, everyone who may act on a record can see it, before and after, every
// open wait belongs to its stage, and the state after an accepted command follows from its events alone.
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
		for _, state := range d.states {
			for _, a := range d.people {
				whoeverActsSees(r, state, a)
			}
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

// step sends one random command, usually one that an open wait admits from an authorized sender, so that the test makes progress.
// Sometimes it moves the clock forward instead.
func (d *desk) step(r *rapid.T, people []string) {
	if rapid.IntRange(0, 9).Draw(r, "time passes") == 0 {
		d.on(zhuanglangDay(d).AddDays(rapid.IntRange(1, 40).Draw(r, "days")))
		return
	}
	var refs []flow.Ref
	for ref := range d.states {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b flow.Ref) int { return slices.Compare([]byte(a.String()), []byte(b.String())) })
	ref := rapid.SampledFrom(refs).Draw(r, "aggregate")
	var offers [][2]string
	for _, who := range people {
		for _, task := range flow.TasksOf(d.states[ref], d.people[who]) {
			for _, command := range task.Commands {
				offers = append(offers, [2]string{who, command})
			}
		}
	}
	if len(offers) == 0 {
		return
	}
	offer := rapid.SampledFrom(offers).Draw(r, "command")
	declared, err := catalogue.All.Find(ref.Kind, offer[1])
	if err != nil {
		r.Fatal(err)
	}
	payload := declared.New()
	d.fill(r, d.states[ref], payload)
	switch err := d.send(offer[0], ref, offer[1], payload); {
	case err != nil:
		refusal(d.t, err)
	case declared.Answers(d.states[ref], d.people[offer[0]], nowhere) != nil:
		r.Fatalf("after %s of %s, %s cannot see it any more, nor learn what became of the command by repeating it", offer[1], ref, offer[0])
	default:
		d.work()
	}
}

func (d *desk) invariants(r *rapid.T) {
	if d.sum() != 0 {
		r.Fatalf("the ledger sums to %d", d.sum())
	}
	for account, fen := range d.balances {
		switch kind, known := ledger.KindOfAccount(account.Name); {
		case !known || kind.ByCategory == (account.Category == "") && kind.Owner == ledger.OfProject:
			r.Fatalf("account %+v is not of the chart", account)
		case kind.Source && (fen > 0 || (account.Name == ledger.FundSource && fen < ledger.Floor(account, d.context.Rules))):
			r.Fatalf("the balance of the source %s of %s is %s", account.Name, account.Owner, fen)
		case !kind.Source && fen < 0:
			r.Fatalf("%s of %s is overdrawn: %s", account.Name, account.Owner, fen)
		}
	}
	for ref, state := range d.states {
		record := flow.RecordOf(state)
		for _, turn := range record.Turns {
			if w := state.Aggregate().Wait(turn.Key); !slices.Contains(w.Stages, record.Stage) || w.Aggregate != ref.Kind {
				r.Fatalf("%s awaits %s in stage %s", ref, turn.Key, record.Stage)
			}
		}
		if !catalogue.All.Ended(record.Stage) && len(record.Turns) == 0 && len(record.Duties) == 0 {
			r.Fatalf("%s is stuck in stage %s", ref, record.Stage)
		}
		if p, ok := state.(*project.Project); ok && p.PaidFen > p.GrantFen {
			r.Fatalf("%s got %s of %s", ref, p.PaidFen, p.GrantFen)
		}
	}
}

// nowhere is an empty table of places. Participants in an aggregate must see it even if their place is no longer in the table.
var nowhere, _ = place.New(nil)

func whoeverActsSees(r *rapid.T, s flow.State, a domain.Actor) {
	sight := flow.ReaderOf(a).Sees(s, nowhere)
	if s.Readers().Draft && sight == flow.Part {
		r.Fatalf("%s sees a part of the draft %s", a.ID, flow.RefOf(s))
	}
	for _, declared := range s.Aggregate().Commands {
		if !declared.Creates && declared.Who.Seat != flow.Anyone && declared.Who.Seat != flow.ReaderSeat && sight == flow.Hidden && !s.Readers().Draft && declared.Who.Admits(s, a) == nil {
			r.Fatalf("%s may send %s to %s, and does not see it", a.ID, declared.Name, flow.RefOf(s))
		}
	}
}

// fill fills in a payload with values that are often accepted.
func (d *desk) fill(r *rapid.T, s flow.State, payload flow.Payload) {
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
	case *project.SignAsOrganization:
		p.AccountName = s.(*project.Project).Proposal.Organization.Name.ZH
	case *project.SubmitMilestone:
		p.Milestone = key
		for _, kind := range []string{"attendance-sheet", "village-confirmation", "photos", "spending-report", "village-acceptance", "lottery-mark-photo", "final-report"} {
			p.Evidence = append(p.Evidence, project.EvidenceFile{Kind: kind, SHA256: file})
		}
	case *project.AcceptWork:
		p.Milestone = key
	case *project.VerifyMilestone:
		p.Milestone, p.VisitedOn = key, zhuanglangDay(d)
	case *project.ReturnMilestone:
		p.Milestone, p.Reason = key, text
	case *project.JudgeMidTerm:
		p.Outcome = rapid.SampledFrom([]project.VerdictOutcome{project.Pass, project.Pass, project.Rectify, project.Fail}).Draw(r, "verdict")
		p.Score = rapid.IntRange(50, 100).Draw(r, "score")
	case *project.JudgeFinal:
		p.Outcome = rapid.SampledFrom([]project.VerdictOutcome{project.Pass, project.Pass, project.Fail}).Draw(r, "verdict")
		p.Score = rapid.IntRange(50, 100).Draw(r, "score")
	case *project.SubmitFinalReport:
		p.Achieved = []int{1, 2}
	case *project.SubmitSettlement:
		p.MarkPhotos = []string{file}
	case *project.ReportSpending:
		for _, l := range s.(*project.Project).Proposal.Budget {
			if share := rapid.IntRange(0, 6).Draw(r, "share"); share > 0 {
				receipt := invoice(d.number(r), l.Kind, max(l.Fen/money.Fen(share), 1))
				receipt.Source = rapid.SampledFrom([]project.MoneySource{project.FromGrant, project.FromGrant, project.FromMatching, project.FromEntrusted}).Draw(r, "source")
				receipt.On = zhuanglangDay(d)
				p.Receipts = append(p.Receipts, receipt)
			}
		}
	case *project.JudgeSpending:
		for i, statement := range s.(*project.Project).Statements {
			if statement.Judged {
				continue
			}
			p.Report = i + 1
			for _, slip := range statement.Receipts {
				if slip.ReusedBy != "" || rapid.IntRange(0, 3).Draw(r, "disallowed") == 0 {
					p.Disallowed = append(p.Disallowed, project.Disallowance{Invoice: slip.Invoice, Reason: text})
				}
			}
		}
	case *project.RequestChange:
		budget := slices.Clone(s.(*project.Project).Proposal.Budget)
		i, j := rapid.IntRange(0, len(budget)-1).Draw(r, "from"), rapid.IntRange(0, len(budget)-1).Draw(r, "to")
		moved := budget[i].Fen / money.Fen(rapid.IntRange(2, 40).Draw(r, "part"))
		budget[i].Fen -= moved
		if rapid.Bool().Draw(r, "cut") {
			moved = 0
		}
		budget[j].Fen += moved
		p.Budget, p.Reason = budget, text
	case *project.RecordEntrusted:
		p.Fen, p.Voucher = 1000000, d.number(r)
	case *project.ReturnEntrusted:
		p.Fen, p.Voucher = max(s.(*project.Project).EntrustedFen, 1), d.number(r)
	case *project.RecordDiversion:
		p.Fen, p.Evidence = money.Fen(rapid.IntRange(1, 2000000).Draw(r, "diverted")), []string{file}
		p.Kind = rapid.SampledFrom([]string{"", "service", "training"}).Draw(r, "kind")
	case *project.RecordRefund:
		p.Fen, p.Voucher = d.share(r, s.(*project.Project).RefundDue), d.number(r)
	case *recovery.RecordRepayment:
		p.Fen, p.Voucher = d.share(r, s.(*recovery.Recovery).LeftFen()), d.number(r)
	case *recovery.AgreeInstalments:
		left := s.(*recovery.Recovery).LeftFen()
		p.Instalments = []recovery.Instalment{{Due: zhuanglangDay(d).AddDays(20), Fen: left - left/2}, {Due: zhuanglangDay(d).AddDays(50), Fen: left / 2}}
	case *payment.ConfirmPayment:
		p.Voucher = d.number(r)
	}
	setFiles(payload)
}

// number draws the number of an invoice or a voucher, which may have been drawn before.
func (d *desk) number(r *rapid.T) string {
	return "N-" + strconv.Itoa(rapid.IntRange(1000, 1000000).Draw(r, "number"))
}

// share draws all or part of an amount.
func (d *desk) share(r *rapid.T, fen money.Fen) money.Fen {
	return max(fen/money.Fen(rapid.IntRange(1, 3).Draw(r, "share")), 1)
}

// setFiles sets every file that a payload needs to the only stored file.
func setFiles(payload flow.Payload) {
	v := reflect.ValueOf(payload).Elem()
	for _, name := range []string{"Report", "Slip", "Account"} {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
			f.SetString(file)
		}
	}
}
