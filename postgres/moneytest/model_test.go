package moneytest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// model is a second account of a pilot's money, independent of the ledger. For every accepted command it notes what
// became true (how much was promised, sent, accepted, claimed back), and computes from simple sums what each account
// must hold.
type model struct {
	programme, pilot    string
	requested, contract int64
	evaluator           stream
	projects            map[string]*heldProject
	payments            map[string]*heldPayment
	recoveries          map[string]*heldRecovery
	vouchers            map[string]string // number → what it was entered for
	invoices            map[string]string // normalized number → the project that reported it first
}

// stream is the money that a payer is paying out, in fen: reserved for payments in progress, and sent.
type stream struct{ reserved, sent int64 }

// heldProject models a project's money, in fen.
type heldProject struct {
	id string
	stream
	promised     int64 // promised of the current grant, less what was returned
	given        int64 // the grant as approved
	tranches     []tranche
	known        int64 // the part of the amount sent that the project knows of
	kinds        []string
	budget       map[string]int64
	pending      *project.RequestChange
	reports      []*report
	accepted     map[string]int64 // accepted spending by kind
	covered      map[string]int64
	owed         []int64 // amounts claimed back, one for each debt
	claimed      int64   // the part of the amount owed that recoveries follow up
	refundDue    int64
	refunded     int64
	matchingPaid map[string]int64
	inKind       map[string]int64
	donated      int64 // entrusted money, including the parts given back or spent
	givenBack    int64
	delivered    map[string]int64
	stopped      bool // whether the project was terminated
}

type tranche struct {
	fen           int64
	attempt       int
	paid, dropped bool
}

func (t tranche) underWay() bool { return t.attempt > 0 && !t.paid && !t.dropped }

type report struct {
	receipts []project.Invoice
	reused   map[string]bool // whether each invoice was reported before
	refused  map[string]bool
}

// heldPayment is one attempt. home means that its money was sent and came back.
type heldPayment struct {
	payer    string // id of the account's owner
	tranche  int
	attempt  int
	fen      int64
	parties  []string // credit codes of the organizations in which its releasers may have no interest
	releases []string
	voucher  string
	live     bool // whether it is neither voided nor returned
	posted   bool
	home     bool
}

type heldRecovery struct{ fen, repaid int64 }

func newModel(b beginning) *model {
	m := &model{
		programme: b.programme, pilot: b.pilot.ID, requested: b.requested, contract: b.contract,
		projects: map[string]*heldProject{}, payments: map[string]*heldPayment{}, recoveries: map[string]*heldRecovery{},
		vouchers: map[string]string{}, invoices: map[string]string{},
	}
	for i, p := range b.projects {
		project := &heldProject{
			id: p.ID, promised: b.grants[i], given: b.grants[i], accepted: map[string]int64{}, covered: map[string]int64{},
			matchingPaid: map[string]int64{}, inKind: map[string]int64{}, delivered: map[string]int64{},
		}
		first, second := b.grants[i]*600/1000, b.grants[i]*300/1000
		project.tranches = []tranche{{fen: first}, {fen: second}, {fen: b.grants[i] - first - second}}
		project.plan(b.budgets[i])
		m.projects[p.ID] = project
	}
	return m
}

// account identifies an account of the ledger.
type account struct{ owner, name, category string }

func (a account) String() string { return strings.Trim(a.owner+" "+a.name+" "+a.category, " ") }

// balances returns what every account must hold; empty accounts are left out.
func (m *model) balances() map[account]int64 {
	all := map[account]int64{}
	put := func(owner, name string, fen int64) {
		if fen != 0 {
			all[account{owner, name, ""}] = fen
		}
	}
	each := func(owner, name string, sums map[string]int64) {
		for kind, fen := range sums {
			if fen != 0 {
				all[account{owner, name, kind}] = fen
			}
		}
	}
	var promised, returned int64
	for id, p := range m.projects {
		promised += p.promised
		returned += p.refunded
		put(id, "commitment", p.promised-p.reserved-p.sent)
		put(id, "transit", p.reserved)
		put(id, "advance", p.sent-sum(p.covered)-total(p.owed)-p.refunded)
		each(id, "spent", p.covered)
		put(id, "disallowed", total(p.owed)-p.claimed)
		put(id, "matching", -sum(p.matchingPaid)-sum(p.inKind))
		each(id, "matching-paid", p.matchingPaid)
		each(id, "matching-in-kind", p.inKind)
		put(id, "entrusted", -p.donated)
		put(id, "entrusted-held", p.donated-p.givenBack-sum(p.delivered))
		each(id, "entrusted-spent", p.delivered)
		put(id, "entrusted-returned", p.givenBack)
	}
	for id, r := range m.recoveries {
		returned += r.repaid
		put(id, "receivable", r.fen-r.repaid)
	}
	contract := m.pilot + ".e"
	put(contract, "commitment", m.contract-m.evaluator.reserved-m.evaluator.sent)
	put(contract, "transit", m.evaluator.reserved)
	put(contract, "spent", m.evaluator.sent)
	put(m.pilot, "appropriation", -m.requested)
	put(m.pilot, "available", m.requested-m.contract-promised)
	put(m.pilot, "returned", returned)
	put(m.programme, "fund", -m.requested)
	put(m.programme, "allotted", m.requested)
	return all
}

// impossible returns an error for anything that must never be true, whatever the ledger says.
func (m *model) impossible() error {
	for id, p := range m.projects {
		switch {
		case p.known > p.promised || p.sent+p.reserved > p.promised:
			return fmt.Errorf("%s was sent %d and is to be sent %d more, and was promised %d", id, p.sent, p.reserved, p.promised)
		case p.left() < 0:
			return fmt.Errorf("%s accounts for %d fen more than it was paid", id, -p.left())
		case p.donated-p.givenBack-sum(p.delivered) < 0:
			return fmt.Errorf("%s used more entrusted money than it was given", id)
		}
	}
	for id, r := range m.recoveries {
		if r.repaid > r.fen {
			return fmt.Errorf("%s was repaid %d of %d fen", id, r.repaid, r.fen)
		}
	}
	live := map[string]string{}
	for id, p := range m.payments {
		tranche := fmt.Sprint(p.payer, "/", p.tranche)
		if other, twice := live[tranche]; p.live && twice {
			return fmt.Errorf("tranche %s is paid by %s and by %s", tranche, other, id)
		}
		if p.live {
			live[tranche] = id
		}
	}
	return nil
}

// took applies an accepted command to the model; events are the names of the events it produced. It returns an error
// for a command that should not have been accepted.
func (m *model) took(c flow.Command, events []string) error {
	switch c.Aggregate.Kind {
	case payment.Kind:
		return m.tookPayment(c)
	case project.Kind:
		return m.tookProject(m.projects[c.Aggregate.ID], c, events)
	case recovery.Kind:
		return m.tookRecovery(c)
	case pilot.Kind:
		if r, heard := c.Payload.(*pilot.RecordPayment); heard {
			m.contractHeard(m.payments[r.Payment], r.Outcome)
		}
	}
	return nil
}

// claim enters a voucher number, which an office uses only once.
func (m *model) claim(number, holder string) error {
	if other, taken := m.vouchers[number]; taken && number != "" {
		return fmt.Errorf("voucher %s of %s was entered for %s already", number, holder, other)
	}
	if number != "" {
		m.vouchers[number] = holder
	}
	return nil
}

// banks marks a bank's transaction number, so that it cannot be mistaken for an office's voucher number.
func banks(number string) string {
	if number == "" {
		return ""
	}
	return "the bank's " + number
}

func (m *model) flowOf(p *heldPayment) *stream {
	if project, ok := m.projects[p.payer]; ok {
		return &project.stream
	}
	return &m.evaluator
}

func (m *model) tookPayment(c flow.Command) error {
	id := c.Aggregate.ID
	p := m.payments[id]
	switch payload := c.Payload.(type) {
	case *payment.OpenPayment:
		return m.opened(id, payload)
	case *payment.ReleasePayment:
		return p.released(c.Actor)
	case *payment.VoidPayment, *payment.StopPaymentOrder:
		m.ended(p)
	case *payment.ConfirmPayment:
		if !p.posted {
			return m.posted(id, p, payload.Voucher)
		}
	case *payment.ReturnPayment:
		m.cameBack(p)
	case *payment.RecordInstruction:
		switch payload.Answer.Outcome { //nolint:exhaustive // the others move no money
		case payment.BankPaid:
			if !p.posted {
				return m.posted(id, p, banks(payload.Answer.Number))
			}
		case payment.BankRefused:
			m.ended(p)
		case payment.SentBack:
			m.cameBack(p)
		}
		return p.covered()
	}
	return nil
}

func (m *model) opened(id string, o *payment.OpenPayment) error {
	p := &heldPayment{payer: o.Account, tranche: o.Tranche, attempt: o.Attempt, fen: int64(o.Fen), live: true, parties: []string{o.Payee.CreditCode, o.Evaluator}}
	want := m.contract
	if project, ok := m.projects[p.payer]; ok {
		want = project.tranches[o.Tranche-1].fen
	}
	if p.fen != want {
		return fmt.Errorf("payment %s is of %d fen, the tranche of %d", id, p.fen, want)
	}
	m.payments[id] = p
	m.flowOf(p).reserved += p.fen
	return nil
}

// released checks that two officers with no interest in the payee release the payment.
func (p *heldPayment) released(by domain.Actor) error {
	officer := by.Place == "620825" && (slices.Contains(by.Roles, domain.Finance) || slices.Contains(by.Roles, domain.Approver))
	switch {
	case !officer:
		return fmt.Errorf("%s released a payment and is no officer of the home office", by.ID)
	case slices.Contains(p.releases, by.ID):
		return fmt.Errorf("%s released the payment twice", by.ID)
	case slices.Contains(p.parties, by.Organization) || slices.ContainsFunc(by.Interests, func(code string) bool { return slices.Contains(p.parties, code) }):
		return fmt.Errorf("%s released a payment with an interest in it", by.ID)
	}
	p.releases = append(p.releases, by.ID)
	return nil
}

// covered checks that two people have released the payment before money moves.
func (p *heldPayment) covered() error {
	if len(p.releases) != 2 {
		return fmt.Errorf("the bank has a payment that %v released", p.releases)
	}
	return nil
}

// ended records a payment that was never sent.
func (m *model) ended(p *heldPayment) {
	p.live = false
	m.flowOf(p).reserved -= p.fen
}

func (m *model) posted(id string, p *heldPayment, voucher string) error {
	p.posted, p.voucher = true, voucher
	f := m.flowOf(p)
	f.reserved -= p.fen
	f.sent += p.fen
	if err := m.claim(voucher, id); err != nil {
		return err
	}
	return p.covered()
}

// cameBack records money that was sent and has come back. The payer's account shows it once the payer has learned of
// it.
func (m *model) cameBack(p *heldPayment) {
	if p.voucher != "" {
		delete(m.vouchers, p.voucher)
	}
	if p.posted {
		p.live, p.home = false, true
		return
	}
	m.ended(p)
}

func (m *model) contractHeard(p *heldPayment, outcome flow.Stage) {
	if outcome == payment.Returned && p.home {
		m.evaluator.sent -= p.fen
	}
}

func (m *model) tookRecovery(c flow.Command) error {
	switch payload := c.Payload.(type) {
	case *recovery.OpenRecovery:
		m.recoveries[c.Aggregate.ID] = &heldRecovery{fen: int64(payload.Fen)}
		p := m.projects[payload.Project]
		p.claimed += int64(payload.Fen)
		if p.claimed > total(p.owed) {
			return fmt.Errorf("%s is claimed back %d fen and owes %d", p.id, p.claimed, total(p.owed))
		}
	case *recovery.RecordRepayment:
		m.recoveries[c.Aggregate.ID].repaid += int64(payload.Fen)
		return m.claim(payload.Voucher, c.Aggregate.ID)
	}
	return nil
}

func (m *model) tookProject(p *heldProject, c flow.Command, events []string) error {
	if slices.Contains(events, "agreement-concluded") {
		p.tranches[0].attempt = 1
	}
	var err error
	switch payload := c.Payload.(type) {
	case *project.RefuseAgreement:
		p.promised = 0
	case *project.VerifyMilestone, *project.JudgeMidTerm:
		if slices.Contains(events, "tranche-due") {
			p.tranches[1].attempt = 1
		}
	case *project.RecordTranche:
		m.heard(p, m.payments[payload.Payment], payload.Outcome)
	case *project.ReportSpending:
		m.reported(p, payload)
	case *project.JudgeSpending:
		err = p.judged(payload)
	case *project.RequestChange:
		p.pending = payload
	case *project.RefuseChange:
		p.pending = nil
	case *project.AcceptSettlement:
		p.settled()
	case *project.RecordRefund:
		err = m.claim(payload.Voucher, p.id)
		p.refunded += int64(payload.Fen)
		if p.refundDue -= int64(payload.Fen); p.refundDue < 0 {
			err = fmt.Errorf("%s returned more than was left", p.id)
		}
	case *project.DemandRefund:
		p.owe(p.refundDue)
		p.refundDue = 0
	case *project.RecordDiversion:
		err = p.diverted(payload)
	case *project.RecordEntrusted:
		err = m.claim(payload.Voucher, p.id)
		p.donated += int64(payload.Fen)
	case *project.ReturnEntrusted:
		err = m.claim(payload.Voucher, p.id)
		p.givenBack += int64(payload.Fen)
	}
	if slices.Contains(events, "change-applied") {
		p.changed()
	}
	if slices.Contains(events, "terminated") {
		p.terminated()
	}
	return err
}

// left returns the amount that the project was paid and has neither accounted for nor returned, and does not owe back.
func (p *heldProject) left() int64 { return p.known - sum(p.covered) - total(p.owed) - p.refunded }

// order returns the order in which money covers spending: budget order, followed by lines no longer in the budget, by
// name.
func (p *heldProject) order() []string {
	kinds := slices.Clone(p.kinds)
	for _, kind := range slices.Sorted(maps.Keys(p.accepted)) {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// cover uses the money that was paid to cover accepted spending.
func (p *heldProject) cover() {
	for _, kind := range p.order() {
		if fen := min(p.accepted[kind]-p.covered[kind], p.left()); fen > 0 {
			p.covered[kind] += fen
		}
	}
}

func (p *heldProject) owe(fen int64) {
	if fen > 0 {
		p.owed = append(p.owed, fen)
	}
}

// heard informs the project how one of its payments ended.
func (m *model) heard(p *heldProject, pay *heldPayment, outcome flow.Stage) {
	t := &p.tranches[pay.tranche-1]
	paid := outcome == payment.Posted || outcome == payment.Final
	switch {
	case paid && t.paid: // already recorded as paid
	case paid:
		t.paid = true
		p.known += pay.fen
		if p.stopped {
			p.owe(pay.fen)
		}
		p.cover()
	case t.paid:
		p.reversed(t, pay)
	case p.stopped && pay.home: // paid and returned before the project learned of either: owed back, and entered as a repayment
		t.paid, t.dropped = true, true
		p.known += pay.fen
		p.owe(pay.fen)
	case p.stopped:
		t.dropped = true
		p.promised -= t.fen
	default:
		t.attempt++
		if pay.home {
			p.sent -= pay.fen
		}
	}
}

// reversed records that money came back after it had arrived. The spending that it covered is unpaid again. If the
// money is already owed back, nothing changes here, and finance enters it as a repayment.
func (p *heldProject) reversed(t *tranche, pay *heldPayment) {
	short := pay.fen - p.left()
	if p.stopped || short > sum(p.covered) {
		t.dropped = true
		return
	}
	for _, kind := range p.order() {
		if fen := min(p.covered[kind], short); fen > 0 {
			p.covered[kind] -= fen
			short -= fen
		}
	}
	t.paid = false
	t.attempt++
	p.known -= pay.fen
	p.sent -= pay.fen
}

func invoiceKey(number string) string { return strings.ToUpper(strings.ReplaceAll(number, "-", "")) }

func (m *model) reported(p *heldProject, r *project.ReportSpending) {
	report := &report{receipts: r.Receipts, reused: map[string]bool{}, refused: map[string]bool{}}
	for _, receipt := range r.Receipts {
		key := invoiceKey(receipt.Number)
		if holder, held := m.invoices[key]; held && holder != p.id {
			report.reused[key] = true
		} else {
			m.invoices[key] = p.id
		}
	}
	p.reports = append(p.reports, report)
}

func (p *heldProject) judged(j *project.JudgeSpending) error {
	report := p.reports[j.Report-1]
	for _, d := range j.Disallowed {
		report.refused[invoiceKey(d.Invoice)] = true
	}
	sums := map[project.MoneySource]map[string]int64{
		project.FromGrant: p.accepted, project.FromMatching: p.matchingPaid, project.FromInKind: p.inKind, project.FromEntrusted: p.delivered,
	}
	for _, receipt := range report.receipts {
		key := invoiceKey(receipt.Number)
		if report.refused[key] {
			continue
		}
		if report.reused[key] {
			return fmt.Errorf("%s has invoice %s accepted, which another project reported first", p.id, receipt.Number)
		}
		sums[receipt.Source][receipt.Kind] += int64(receipt.Fen)
	}
	if sum(p.accepted) > p.promised {
		return fmt.Errorf("%s has %d accepted of a grant of %d", p.id, sum(p.accepted), p.promised)
	}
	p.cover()
	return nil
}

// refusedFen returns the spending from the grant that was not accepted.
func (p *heldProject) refusedFen() (fen int64) {
	for _, report := range p.reports {
		for _, receipt := range report.receipts {
			if receipt.Source == project.FromGrant && report.refused[invoiceKey(receipt.Number)] {
				fen += int64(receipt.Fen)
			}
		}
	}
	return fen
}

// diverted records money used for another purpose: it is owed back, and the spending for which it was accepted no
// longer counts.
func (p *heldProject) diverted(d *project.RecordDiversion) error {
	if d.Kind == "" && int64(d.Fen) > p.left()-p.refundDue {
		return fmt.Errorf("%s diverted %d fen, and has %d that are neither accounted for nor to be returned", p.id, int64(d.Fen), p.left()-p.refundDue)
	}
	if d.Kind != "" {
		p.accepted[d.Kind] -= int64(d.Fen)
		p.covered[d.Kind] -= int64(d.Fen)
	}
	p.owe(int64(d.Fen))
	return nil
}

// plan sets the current budget.
func (p *heldProject) plan(budget []plan.BudgetLine) {
	p.kinds, p.budget = nil, map[string]int64{}
	for _, l := range budget {
		if _, known := p.budget[l.Kind]; !known {
			p.kinds = append(p.kinds, l.Kind)
		}
		p.budget[l.Kind] += int64(l.Fen)
	}
}

// changed reduces the grant to fit a smaller budget, and the tranches that are not due yet, starting with the last.
func (p *heldProject) changed() {
	if len(p.pending.Budget) > 0 {
		p.plan(p.pending.Budget)
	}
	less := max(p.promised-sum(p.budget), 0)
	p.promised -= less
	for i := range slices.Backward(p.tranches) {
		if t := &p.tranches[i]; t.attempt == 0 {
			cut := min(t.fen, less)
			t.fen -= cut
			less -= cut
		}
	}
	p.pending = nil
}

// terminated returns to the fund what is neither paid nor under way. What was paid and not accounted for is owed back.
func (p *heldProject) terminated() {
	var underWay int64
	for _, t := range p.tranches {
		if t.underWay() {
			underWay += t.fen
		}
	}
	p.promised = p.known + underWay
	p.owe(p.left())
	p.stopped, p.refundDue = true, 0
}

// settled pays accepted but unpaid spending with the last tranche, as far as the grant goes, and returns the rest of
// the grant. Of what was paid and not accepted, the disallowed amount is owed back and the rest is to be returned.
func (p *heldProject) settled() {
	kept := p.known - total(p.owed)
	last := min(max(sum(p.accepted)-kept, 0), p.promised-p.known)
	over := max(kept-sum(p.accepted), 0)
	disallowed := min(over, p.refusedFen())
	p.refundDue = over - disallowed
	p.owe(disallowed)
	p.promised = p.known + last
	t := &p.tranches[len(p.tranches)-1]
	t.fen = last
	if t.attempt = 1; last == 0 {
		t.attempt, t.dropped = 0, true
	}
}

func sum(parts map[string]int64) (fen int64) {
	for _, part := range parts {
		fen += part
	}
	return fen
}

func total(parts []int64) (fen int64) {
	for _, part := range parts {
		fen += part
	}
	return fen
}

// disagreements describes the accounts whose balances are not what they must be.
func disagreements(held, want map[account]int64) (found []string) {
	all := maps.Clone(held)
	maps.Copy(all, want)
	for a := range all {
		if held[a] != want[a] {
			found = append(found, fmt.Sprintf("%s holds %d fen, and must hold %d", a, held[a], want[a]))
		}
	}
	slices.Sort(found)
	return found
}
