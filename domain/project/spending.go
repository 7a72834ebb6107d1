package project

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/place"
	"terrace/domain/plan"
)

// Spending is an amount spent on one kind of spending, which has its own line in the budget.
type Spending struct {
	Kind string    `json:"kind"`
	Fen  money.Fen `json:"fen"`
}

// MoneySource says which money an expense was paid from (资金来源).
type MoneySource string

const (
	FromGrant     MoneySource = "grant"     // grant from the welfare lottery (公益金)
	FromMatching  MoneySource = "matching"  // matching funds paid in cash (配套资金)
	FromInKind    MoneySource = "in-kind"   // matching contributions in kind, at their monetary value (实物配套)
	FromEntrusted MoneySource = "entrusted" // money that a donor entrusted to the project (受托资金)
)

// MoneySources maps each source to its display name.
var MoneySources = map[MoneySource]domain.Text{
	FromGrant:     {ZH: "公益金", EN: "grant"},
	FromMatching:  {ZH: "配套资金", EN: "matching funds"},
	FromInKind:    {ZH: "实物配套", EN: "matching in kind"},
	FromEntrusted: {ZH: "受托资金", EN: "entrusted money"},
}

// Invoice is an invoice or a signed pay sheet that proves spending (票据).
type Invoice struct {
	Kind   string        `json:"kind" minLength:"1" maxLength:"40" doc:"kind of spending, as the budget names it"`
	Fen    money.Fen     `json:"fen" minimum:"1" maximum:"100000000000000" doc:"in fen (分)"`
	Source MoneySource   `json:"source" enum:"grant,matching,in-kind,entrusted" doc:"whose money paid it"`
	Number string        `json:"invoice" pattern:"^[0-9A-Za-z-]{4,40}$" doc:"number of the invoice, with its code where it has one (发票代码和号码); unique over all projects and programmes"`
	On     calendar.Date `json:"on" doc:"day on the receipt"`
	File   string        `json:"file" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded receipt"`
	Title  string        `json:"title" minLength:"1" maxLength:"200" doc:"what was bought; no names of people"`
}

// ReportSpending reports the money spent since the last report, receipt by receipt (支出报告). A report without receipts means that
// nothing was spent.
type ReportSpending struct {
	Receipts []Invoice `json:"receipts" maxItems:"200"`
	Note     string    `json:"note,omitempty" maxLength:"2000"`
}

// Disallowance is the rejection of a receipt by finance, with the reason (不予认可).
type Disallowance struct {
	Invoice string `json:"invoice" minLength:"4" maxLength:"40"`
	Reason  string `json:"reason" minLength:"1" maxLength:"2000"`
}

// JudgeSpending accepts the receipts in a report, except those it disallows (核定支出).
type JudgeSpending struct {
	Report     int            `json:"report" minimum:"1" maximum:"1000" doc:"number of the spending report"`
	Disallowed []Disallowance `json:"disallowed,omitempty" maxItems:"200"`
	Remark     string         `json:"remark,omitempty" maxLength:"2000"`
}

// Statement is the project's record of a spending report.
type Statement struct {
	Receipts []Slip        `json:"receipts,omitempty"`
	Judged   bool          `json:"judged,omitempty"`
	JudgedOn calendar.Date `json:"judged_on,omitzero"`
}

// Slip is the project's record of a receipt.
type Slip struct {
	Invoice    string      `json:"invoice"`
	Kind       string      `json:"kind"`
	Source     MoneySource `json:"source"`
	Fen        money.Fen   `json:"fen"`
	ReusedBy   string      `json:"reused_by,omitempty"` // id of another project that has already used the invoice
	Disallowed bool        `json:"disallowed,omitempty"`
	Reason     string      `json:"reason,omitempty"` // why finance disallowed it
}

// receiptKey returns the key of an invoice. It is the same for different spellings of the invoice number.
func receiptKey(invoice string) string {
	return "receipt:" + strings.ToUpper(strings.ReplaceAll(invoice, "-", ""))
}

func (r *ReportSpending) Files() []string {
	return plan.Each(r.Receipts, func(i Invoice) string { return i.File })
}

func (r *ReportSpending) Keys() []string {
	keys := make([]string, len(r.Receipts))
	for i, receipt := range r.Receipts {
		keys[i] = receiptKey(receipt.Number)
	}
	return keys
}

// Check rejects receipts for kinds of spending that may not be funded or are not in the budget, and amounts greater than what is left
// in a budget line.
func (r *ReportSpending) Check(p *Project, c flow.Context) error {
	spent, limits := p.reported(), p.budget()
	this, seen := len(p.Statements)+1, p.invoices()
	for i, receipt := range r.Receipts {
		field := flow.At("receipts", i)
		if err := plan.Fundable(field, receipt.Kind, c); err != nil {
			return err
		}
		before, name := seen[receiptKey(receipt.Number)], c.Rules.SpendingName(receipt.Kind)
		switch most, known := limits[receipt.Kind]; {
		case !known:
			return domain.Refuse("not-in-budget", field+".kind", "kind", receipt.Kind, "zh", name.ZH, "en", name.EN)
		case before == this:
			return domain.Refuse("duplicate", field+".invoice", "value", receipt.Number)
		case before != 0:
			return domain.Refuse("receipt-reported", field+".invoice", "invoice", receipt.Number, "report", strconv.Itoa(before))
		case receipt.On.After(c.Today()):
			return domain.Refuse("future-day", field+".on", "day", receipt.On.String())
		case receipt.On.Before(p.AgreedOn):
			return domain.Refuse("before-agreement", field+".on", "day", receipt.On.String(), "agreed", p.AgreedOn.String())
		case receipt.Source == FromGrant && spent[receipt.Kind]+receipt.Fen > most:
			return domain.Refuse("over-line", field+".fen", "kind", receipt.Kind, "zh", name.ZH, "en", name.EN, "most", most.String(), "got", (spent[receipt.Kind] + receipt.Fen).String())
		}
		if receipt.Source == FromGrant {
			spent[receipt.Kind] += receipt.Fen
		}
		seen[receiptKey(receipt.Number)] = this
		if err := flow.Stored(field+".file", receipt.File, c); err != nil {
			return err
		}
	}
	return nil
}

func (r *ReportSpending) Decide(p *Project, c flow.Context) []flow.Event {
	e := &SpendingReported{
		Report: len(p.Statements) + 1, Receipts: plan.Each(r.Receipts, func(i Invoice) recordedInvoice { return recordedInvoice(i) }), Note: r.Note,
		Check: c.Deadline(c.Today(), SpendingCheckTerm), Next: c.Deadline(c.Today(), SpendingReportTerm),
	}
	for i, receipt := range r.Receipts {
		if holder, held := c.Held[receiptKey(receipt.Number)]; held {
			e.Reused = append(e.Reused, Reuse{Receipt: i, By: holder.ID})
		}
	}
	return []flow.Event{e}
}

func (j *JudgeSpending) About() string { return strconv.Itoa(j.Report) }

// Unadmitted returns an error that says whether the report does not exist or has already been assessed.
func (j *JudgeSpending) Unadmitted(s flow.State, _ *place.Table) error {
	switch p, n := s.(*Project), strconv.Itoa(j.Report); {
	case p.over():
		return nil
	case j.Report < 1 || j.Report > len(p.Statements):
		return domain.Refuse("no-such-report", "report", "report", n)
	case p.Statements[j.Report-1].Judged:
		return domain.Refuse("already-judged", "report", "zh", "第"+n+"号支出报告", "en", "spending report "+n)
	default:
		return nil
	}
}

// Check returns an error if a receipt that another project has accounted for would be accepted, or if the accepted total would exceed
// the grant.
func (j *JudgeSpending) Check(p *Project, _ flow.Context) error {
	statement := p.Statements[j.Report-1]
	refused := map[string]bool{}
	for i, d := range j.Disallowed {
		key := receiptKey(d.Invoice)
		if !slices.ContainsFunc(statement.Receipts, func(s Slip) bool { return receiptKey(s.Invoice) == key }) || refused[key] {
			return domain.Refuse("no-such-receipt", flow.At("disallowed", i)+".invoice", "invoice", d.Invoice)
		}
		refused[key] = true
	}
	accepted, entrusted := sumOf(p.Accepted), money.Fen(0)
	for _, s := range statement.Receipts {
		switch {
		case refused[receiptKey(s.Invoice)]:
		case s.ReusedBy != "":
			return domain.Refuse("receipt-reused", "disallowed", "invoice", s.Invoice, "by", s.ReusedBy)
		case s.Source == FromGrant:
			accepted += s.Fen
		case s.Source == FromEntrusted:
			entrusted += s.Fen
		}
	}
	if accepted > p.GrantFen {
		return domain.Refuse("over-grant", "disallowed", "most", p.GrantFen.String(), "got", accepted.String())
	}
	if entrusted > p.EntrustedFen {
		return domain.Refuse("over-entrusted", "disallowed", "most", p.EntrustedFen.String(), "got", entrusted.String())
	}
	return nil
}

func (j *JudgeSpending) Decide(p *Project, _ flow.Context) []flow.Event {
	refused := map[string]bool{}
	for _, d := range j.Disallowed {
		refused[receiptKey(d.Invoice)] = true
	}
	sums := map[MoneySource]map[string]money.Fen{}
	for _, s := range p.Statements[j.Report-1].Receipts {
		if refused[receiptKey(s.Invoice)] {
			continue
		}
		if sums[s.Source] == nil {
			sums[s.Source] = map[string]money.Fen{}
		}
		sums[s.Source][s.Kind] += s.Fen
	}
	e := &SpendingJudged{
		Report: j.Report, Disallowed: plan.Each(j.Disallowed, func(d Disallowance) recordedDisallowance { return recordedDisallowance(d) }), Remark: j.Remark, Accepted: p.lines(sums[FromGrant]),
		Matching: p.lines(sums[FromMatching]), InKind: p.lines(sums[FromInKind]), Entrusted: p.lines(sums[FromEntrusted]),
	}
	e.Booked = p.bookable(e.Accepted, p.advance())
	return []flow.Event{e}
}

// lines returns the total for each kind of spending, in budget order.
func (p *Project) lines(sums map[string]money.Fen) (all []Spending) {
	for _, kind := range p.kinds(sums) {
		if fen := sums[kind]; fen > 0 {
			all = append(all, Spending{kind, fen})
		}
	}
	return all
}

// kinds returns the kinds of spending for which there are totals: first those in the budget, in budget order, then those that a
// change removed from it.
func (p *Project) kinds(sums map[string]money.Fen) (kinds []string) {
	place := func(kind string) int {
		if i := slices.IndexFunc(p.Proposal.Budget, func(l plan.BudgetLine) bool { return l.Kind == kind }); i >= 0 {
			return i
		}
		return len(p.Proposal.Budget)
	}
	for kind := range sums {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	return kinds
}

func (p *Project) budget() map[string]money.Fen { return plan.BudgetOf(p.Proposal.Budget) }

// reported returns the reported spending of grant money by kind, excluding what was disallowed or found to be diverted.
func (p *Project) reported() map[string]money.Fen {
	m := map[string]money.Fen{}
	for kind, fen := range p.Diverted {
		m[kind] -= fen
	}
	for _, s := range p.slips() {
		if s.Source == FromGrant && !s.Disallowed {
			m[s.Kind] += s.Fen
		}
	}
	return m
}

// DisallowedFen returns the total spending of grant money that finance did not accept.
func (p *Project) DisallowedFen() (sum money.Fen) {
	for _, s := range p.slips() {
		if s.Source == FromGrant && s.Disallowed {
			sum += s.Fen
		}
	}
	return sum
}

func (p *Project) slips() (all []Slip) {
	for _, statement := range p.Statements {
		all = append(all, statement.Receipts...)
	}
	return all
}

// invoices maps the key of each invoice that was reported to the number of its spending report.
func (p *Project) invoices() map[string]int {
	seen := map[string]int{}
	for i, statement := range p.Statements {
		for _, s := range statement.Receipts {
			seen[receiptKey(s.Invoice)] = i + 1
		}
	}
	return seen
}

// advance returns the money that was paid but has not been accounted for, claimed back or returned.
func (p *Project) advance() money.Fen {
	return p.PaidFen - sumOf(p.Booked) - p.DebtFen() - p.RefundedFen
}

// bookable returns the accepted spending that is not yet booked, including what is being accepted now, in budget order and up to a
// total of most.
func (p *Project) bookable(accepted []Spending, most money.Fen) (booked []Spending) {
	open := map[string]money.Fen{}
	for kind, fen := range p.Accepted {
		open[kind] += fen - p.Booked[kind]
	}
	for _, s := range accepted {
		open[s.Kind] += s.Fen
	}
	for _, kind := range p.kinds(open) {
		if fen := min(open[kind], most); fen > 0 {
			booked = append(booked, Spending{kind, fen})
			most -= fen
		}
	}
	return booked
}

func sumOf(m map[string]money.Fen) (sum money.Fen) {
	for _, fen := range m {
		sum += fen
	}
	return sum
}

func total(spending []Spending) (sum money.Fen) {
	for _, s := range spending {
		sum += s.Fen
	}
	return sum
}

// add adds the spending to the totals by kind, or subtracts it if sign is -1. Kinds whose total becomes zero are removed.
func add(m *map[string]money.Fen, spending []Spending, sign money.Fen) {
	if *m == nil {
		*m = map[string]money.Fen{}
	}
	for _, s := range spending {
		if (*m)[s.Kind] += sign * s.Fen; (*m)[s.Kind] == 0 {
			delete(*m, s.Kind)
		}
	}
}

// Reuse identifies a receipt whose invoice another project has already used.
type Reuse struct {
	Receipt int    `json:"receipt"` // index of the receipt in the report
	By      string `json:"by"`
}

// recordedInvoice is the journal's representation of a receipt.
type recordedInvoice struct {
	Kind   string        `json:"kind"`
	Fen    money.Fen     `json:"fen"`
	Source MoneySource   `json:"source"`
	Number string        `json:"invoice"`
	On     calendar.Date `json:"on"`
	File   string        `json:"file"`
	Title  string        `json:"title"`
}

// recordedDisallowance is the journal's representation of a disallowance.
type recordedDisallowance struct {
	Invoice string `json:"invoice"`
	Reason  string `json:"reason"`
}

// SpendingReported records that the organization submitted receipts for finance to check.
type SpendingReported struct {
	Report   int               `json:"report"`
	Receipts []recordedInvoice `json:"receipts"`
	Reused   []Reuse           `json:"reused,omitempty"`
	Note     string            `json:"note,omitempty"`
	Check    flow.Deadline     `json:"check"` // deadline for finance to assess the report
	Next     flow.Deadline     `json:"next"`  // deadline for the next report
}

func (e *SpendingReported) Files() []string {
	return plan.Each(e.Receipts, func(r recordedInvoice) string { return r.File })
}

func (e *SpendingReported) Apply(p *Project) {
	statement := Statement{Judged: len(e.Receipts) == 0}
	for _, r := range e.Receipts {
		statement.Receipts = append(statement.Receipts, Slip{Invoice: r.Number, Kind: r.Kind, Source: r.Source, Fen: r.Fen})
	}
	for _, reuse := range e.Reused {
		statement.Receipts[reuse.Receipt].ReusedBy = reuse.By
	}
	p.Statements = append(p.Statements, statement)
	p.Open(AwaitSpendingReport, "", e.Next)
	if !statement.Judged {
		p.Open(AwaitSpendingCheck, strconv.Itoa(e.Report), e.Check)
	}
}

// SpendingJudged records which receipts of a report finance accepted.
type SpendingJudged struct {
	Report     int                    `json:"report"`
	Accepted   []Spending             `json:"accepted,omitempty"` // spending of grant money accepted by this decision, by kind
	Booked     []Spending             `json:"booked,omitempty"`   // accepted spending that payments now cover, by kind
	Matching   []Spending             `json:"matching,omitempty"`
	InKind     []Spending             `json:"in_kind,omitempty"`
	Entrusted  []Spending             `json:"entrusted,omitempty"`
	Disallowed []recordedDisallowance `json:"disallowed,omitempty"`
	Remark     string                 `json:"remark,omitempty"`
}

func (e *SpendingJudged) Apply(p *Project) {
	statement := &p.Statements[e.Report-1]
	statement.Judged, statement.JudgedOn = true, p.AsOf
	for i := range statement.Receipts {
		slip := &statement.Receipts[i]
		for _, d := range e.Disallowed {
			if receiptKey(d.Invoice) == receiptKey(slip.Invoice) {
				slip.Disallowed, slip.Reason = true, d.Reason
			}
		}
	}
	add(&p.Accepted, e.Accepted, 1)
	add(&p.Booked, e.Booked, 1)
	p.MatchingFen += total(e.Matching) + total(e.InKind)
	p.EntrustedFen -= total(e.Entrusted)
	p.Done(AwaitSpendingCheck, strconv.Itoa(e.Report))
}
