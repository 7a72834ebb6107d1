package moneytest_test

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// content draws a payload that is often, but not always, acceptable.
func (s *story) content(r *rapid.T, ref flow.Ref, name string) flow.Payload {
	declared, err := catalogue.All.Find(ref.Kind, name)
	if err != nil {
		r.Fatal(err)
	}
	payload := declared.New()
	switch state := s.states[ref].(type) {
	case *project.Project:
		s.projectContent(r, state, payload)
	case *payment.Payment:
		s.paymentContent(r, state, payload)
	case *recovery.Recovery:
		s.recoveryContent(r, state, payload)
	case *pilot.Pilot:
		if summary, ok := payload.(*pilot.SubmitSummary); ok {
			summary.Scores = map[string]int{"execution": 1, "outputs": 2, "benefits": 3, "satisfaction": 4}
		}
	}
	setFiles(payload)
	return payload
}

// setFiles names the one stored file wherever a payload needs one.
func setFiles(payload flow.Payload) {
	v := reflect.ValueOf(payload).Elem()
	for _, name := range []string{"Report", "Slip", "Account"} {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
			f.SetString(file)
		}
	}
}

// number draws the number of a voucher or an invoice. It may have been drawn before.
func (s *story) number(r *rapid.T) string {
	return s.mark + "-" + strconv.Itoa(rapid.IntRange(1000, 3000).Draw(r, "number"))
}

// part draws an amount: the whole, part of it, or, rarely, more than it.
func part(r *rapid.T, fen int64) money.Fen {
	switch pick(r, 8, "part") {
	case 0, 1, 2:
		return money.Fen(max(fen, 1))
	case 3, 4:
		return money.Fen(1 + pick(r, int(max(fen, 1)), "fen"))
	case 7:
		return money.Fen(max(fen, 0) + 1)
	default:
		return money.Fen(rapid.Int64Range(1, max(fen, 1)).Draw(r, "fen"))
	}
}

func (s *story) today() calendar.Date { return calendar.Of(s.now) }

func (s *story) paymentContent(r *rapid.T, p *payment.Payment, payload flow.Payload) {
	switch c := payload.(type) {
	case *payment.ConfirmPayment:
		c.Voucher = s.number(r)
	case *payment.RecordInstruction:
		outcomes := []payment.BankOutcome{
			payment.BankPaid, payment.ByHand, payment.BankPaid, payment.ByHand, payment.Pending, payment.OutcomeUnknown, payment.Unheard, payment.BankRefused, payment.SentBack,
		}
		c.Gateway, c.Answer = "http", payment.BankAnswer{Outcome: choose(r, outcomes, "outcome"), Why: "as the bank says"}
		if c.Answer.Outcome == payment.ByHand {
			c.Gateway = payment.ByHandGateway
		}
		if p.Stage != payment.Posted && pick(r, 8, "numbered") > 0 {
			c.Answer.Number = s.number(r)
		}
	}
}

func (s *story) recoveryContent(r *rapid.T, theRecovery *recovery.Recovery, payload flow.Payload) {
	left := int64(theRecovery.LeftFen())
	switch c := payload.(type) {
	case *recovery.RecordRepayment:
		c.Fen, c.Voucher = part(r, left), s.number(r)
	case *recovery.AgreeInstalments:
		first := money.Fen(rapid.Int64Range(1, max(left-1, 1)).Draw(r, "first"))
		c.Instalments = []recovery.Instalment{{Due: s.today().AddDays(20), Fen: first}, {Due: s.today().AddDays(50), Fen: money.Fen(left) - first}}
	}
}

func (s *story) projectContent(r *rapid.T, p *project.Project, payload flow.Payload) {
	milestone := choose(r, []string{"M1", "M2"}, "milestone")
	switch c := payload.(type) {
	case *project.SignAsOrganization:
		c.AccountName, c.AccountNumber = p.Proposal.Organization.Name.ZH, "62220000000000001"
	case *project.SubmitMilestone:
		c.Milestone, c.Evidence = milestone, []project.EvidenceFile{{Kind: "photos", SHA256: file}}
	case *project.AcceptWork:
		c.Milestone = milestone
	case *project.VerifyMilestone:
		c.Milestone, c.VisitedOn = milestone, s.today()
	case *project.ReturnMilestone:
		c.Milestone = milestone
	case *project.JudgeMidTerm:
		c.Outcome, c.Score = choose(r, []project.VerdictOutcome{project.Pass, project.Pass, project.Pass, project.Pass, project.Rectify, project.Pass, project.Pass, project.Fail}, "verdict"), 80
	case *project.JudgeFinal:
		c.Outcome, c.Score = choose(r, []project.VerdictOutcome{project.Pass, project.Pass, project.Pass, project.Pass, project.Pass, project.Pass, project.Pass, project.Fail}, "verdict"), 80
	case *project.SubmitFinalReport:
		c.Achieved = make([]int, len(p.Proposal.Indicators))
	case *project.SubmitSettlement:
		c.MarkPhotos = []string{file}
	default:
		s.moneyContent(r, p, payload)
	}
}

func (s *story) moneyContent(r *rapid.T, p *project.Project, payload flow.Payload) {
	switch c := payload.(type) {
	case *project.ReportSpending:
		if pick(r, 24, "everything") == 0 {
			c.Receipts = s.rest(r, p)
			return
		}
		for range pick(r, 5, "receipts") {
			c.Receipts = append(c.Receipts, s.receipt(r, p))
		}
	case *project.JudgeSpending:
		s.judgement(r, p, c)
	case *project.RequestChange:
		s.change(r, p, c)
	case *project.RecordEntrusted:
		c.Fen, c.Voucher = money.Fen(rapid.Int64Range(1, 1000000).Draw(r, "fen")), s.number(r)
	case *project.ReturnEntrusted:
		c.Fen, c.Voucher = part(r, int64(p.EntrustedFen)), s.number(r)
	case *project.RecordRefund:
		c.Fen, c.Voucher = part(r, int64(p.RefundDue)), s.number(r)
	case *project.RecordDiversion:
		c.Evidence = []string{file}
		if most := s.projects[p.ID].left(); rapid.Bool().Draw(r, "unaccounted") {
			c.Fen = part(r, most/4+1)
			return
		}
		c.Kind = choose(r, p.Proposal.Budget, "kind").Kind
		c.Fen = part(r, s.projects[p.ID].covered[c.Kind])
	}
}

// rest draws a receipt for each budget line that is not used up, as far as the grant allows.
func (s *story) rest(r *rapid.T, p *project.Project) (receipts []project.Invoice) {
	left, grant := s.unused(p)
	for _, l := range p.Proposal.Budget {
		if fen := min(left[l.Kind], grant); fen > 0 {
			grant -= fen
			receipts = append(receipts, project.Invoice{Kind: l.Kind, Fen: fen, Source: project.FromGrant, Number: s.number(r), On: s.today(), File: file, Title: "goods"})
		}
	}
	return receipts
}

// unused returns the part of each budget line, and of the grant, for which no receipt was reported.
func (s *story) unused(p *project.Project) (lines map[string]money.Fen, grant money.Fen) {
	lines, grant = map[string]money.Fen{}, p.GrantFen
	for _, l := range p.Proposal.Budget {
		lines[l.Kind] += l.Fen
	}
	for _, statement := range p.Statements {
		for _, slip := range statement.Receipts {
			if slip.Source == project.FromGrant && !slip.Disallowed {
				lines[slip.Kind] -= slip.Fen
				grant -= slip.Fen
			}
		}
	}
	return lines, grant
}

// receipt draws a receipt, usually of a kind that may be funded.
func (s *story) receipt(r *rapid.T, p *project.Project) project.Invoice {
	l := choose(r, p.Proposal.Budget, "line")
	left, _ := s.unused(p)
	i := project.Invoice{Kind: l.Kind, Fen: part(r, int64(left[l.Kind])), Number: s.number(r), On: s.today(), File: file, Title: "goods"}
	if taken := s.reportedByOthers(p.ID); len(taken) > 0 && pick(r, 6, "reused") == 0 {
		i.Number = choose(r, taken, "taken")
	}
	if rapid.Bool().Draw(r, "capitals") {
		i.Number = strings.ToUpper(strings.ReplaceAll(i.Number, "-", ""))
	}
	sources := []project.MoneySource{project.FromGrant, project.FromGrant, project.FromGrant, project.FromGrant, project.FromMatching, project.FromInKind}
	if p.EntrustedFen > 0 {
		sources = append(sources, project.FromEntrusted, project.FromEntrusted)
		i.Fen = min(i.Fen, p.EntrustedFen)
	}
	i.Source = choose(r, sources, "source")
	if pick(r, 32, "kind") == 31 {
		i.Kind = choose(r, []string{"reception", "planting_breeding", "nonsense"}, "forbidden")
	}
	return i
}

// reportedByOthers returns the invoices that other projects were the first to report.
func (s *story) reportedByOthers(but string) (numbers []string) {
	for number, holder := range s.invoices {
		if holder != but {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

func (s *story) judgement(r *rapid.T, p *project.Project, c *project.JudgeSpending) {
	var open []int
	for i, statement := range p.Statements {
		if !statement.Judged {
			open = append(open, i)
		}
	}
	if c.Report = 1; len(open) > 0 {
		c.Report = choose(r, open, "report") + 1
	}
	if len(p.Statements) == 0 {
		return
	}
	careless, over := pick(r, 3, "careless") == 0, s.overGrant(p, c.Report) && pick(r, 8, "too much") > 0
	for _, slip := range p.Statements[c.Report-1].Receipts {
		if (slip.ReusedBy != "" && !careless) || over || pick(r, 10, "disallowed") == 0 {
			c.Disallowed = append(c.Disallowed, project.Disallowance{Invoice: slip.Invoice, Reason: "no such purchase"})
		}
	}
}

// overGrant reports whether a report exceeds what is left of the grant.
func (s *story) overGrant(p *project.Project, report int) bool {
	more := sum(s.projects[p.ID].accepted)
	for _, slip := range p.Statements[report-1].Receipts {
		if slip.Source == project.FromGrant {
			more += int64(slip.Fen)
		}
	}
	return more > int64(p.GrantFen)
}

// change draws a cut in a budget line, or a shift between two lines: small, large, or enough to remove one of them.
func (s *story) change(r *rapid.T, p *project.Project, c *project.RequestChange) {
	c.Reason = "the plan is another one"
	if pick(r, 8, "what changes") == 7 {
		c.Beneficiaries = "older people " + strconv.Itoa(rapid.IntRange(1, 9).Draw(r, "beneficiaries"))
		return
	}
	c.Budget = slices.Clone(p.Proposal.Budget)
	from := pick(r, len(c.Budget), "from")
	to := pick(r, len(c.Budget), "to")
	if from != to && pick(r, 6, "out") == 0 {
		c.Budget[to].Fen += c.Budget[from].Fen
		c.Budget = slices.Delete(c.Budget, from, from+1)
		return
	}
	moved := c.Budget[from].Fen / money.Fen(rapid.IntRange(2, 60).Draw(r, "share"))
	c.Budget[from].Fen -= moved
	if pick(r, 3, "cut") < 2 {
		c.Budget[to].Fen += moved
	}
}
