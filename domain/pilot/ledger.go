package pilot

import (
	"terrace/domain"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// Account is an account of the double-entry ledger (科目): whose it is, what the
// money there is, and for which budget category where the account is kept by it.
type Account struct {
	Owner    string `json:"owner"` // programme, pilot, project, contract or recovery
	Name     string `json:"name"`
	Category string `json:"category,omitempty"` // kind of a budget line (预算科目)
}

// The accounts of the ledger. A balance is debits less credits.
const (
	FundSource    = "fund"
	Allotted      = "allotted"
	Appropriation = "appropriation"
	Available     = "available"
	Commitment    = "commitment"
	Transit       = "transit"
	Advance       = "advance"
	Spent         = "spent"
	Disallowed    = "disallowed"
	Receivable    = "receivable"
	Treasury      = "returned"

	Matching       = "matching"
	MatchingPaid   = "matching-paid"
	MatchingInKind = "matching-in-kind"

	Entrusted         = "entrusted"
	EntrustedHeld     = "entrusted-held"
	EntrustedSpent    = "entrusted-spent"
	EntrustedReturned = "entrusted-returned"
)

// MoneyBook keeps money apart (账套): that of one book never pays for what belongs to
// another, and every entry sums to zero in each book it touches.
type MoneyBook string

const (
	GrantBook     MoneyBook = "grant"     // 福彩公益金
	MatchingBook  MoneyBook = "matching"  // 配套资金
	EntrustedBook MoneyBook = "entrusted" // 代为落实, restricted
)

// OwnerKind is what an account belongs to.
type OwnerKind string

const (
	OfFund     OwnerKind = "fund"     // a programme
	OfPilot    OwnerKind = "pilot"    // a pilot
	OfProject  OwnerKind = "project"  // a project
	OfContract OwnerKind = "contract" // the evaluator's contract, {pilot}.e
	OfPayer    OwnerKind = "payer"    // whoever a payment is for: a project or the contract
	OfRecovery OwnerKind = "recovery" // a recovery
)

// AccountKind declares the accounts of one name.
type AccountKind struct {
	Name       string
	Book       MoneyBook
	Owner      OwnerKind
	Source     bool // money comes from here: the balance runs negative and never above zero; every other never below
	ByCategory bool
	Title      domain.Text
	Doc        domain.Text
}

// Chart is the chart of accounts (会计科目表), in the order money goes through them.
var Chart = []AccountKind{
	{FundSource, GrantBook, OfFund, true, false, t("福彩公益金", "welfare-lottery fund"), t("资助项目的资金总额,不得透支", "the programme's money; never drawn beyond its total")},
	{Allotted, GrantBook, OfFund, false, false, t("已下达试点", "allotted to pilots"), t("已下达各试点的资金", "what the pilots have been given")},
	{Appropriation, GrantBook, OfPilot, true, false, t("公益金拨入", "appropriation"), t("试点从资金中获得的额度", "what the fund gave the pilot")},
	{Available, GrantBook, OfPilot, false, false, t("可用额度", "available"), t("已获得、尚未承诺", "given and not committed")},
	{Commitment, GrantBook, OfPayer, false, false, t("承诺", "commitment"), t("已立项、尚未拨付", "promised and not paid (encumbrance)")},
	{Transit, GrantBook, OfPayer, false, false, t("在途", "in transit"), t("已预留付款、尚未入账", "reserved for a payment that is under way")},
	{Advance, GrantBook, OfProject, false, false, t("预付组织", "advance to the organization"), t("已拨付、支出尚未核定", "paid, spending not yet accepted")},
	{Spent, GrantBook, OfPayer, false, true, t("核定支出", "accepted spending"), t("按预算科目核定的支出;评估费于付款时核定", "accepted against receipts, by budget category; the evaluator's contract when it is paid")},
	{Disallowed, GrantBook, OfProject, false, false, t("不予认可", "disallowed"), t("不予认可或被挪用,待追回", "disallowed or diverted, to be claimed back")},
	{Receivable, GrantBook, OfRecovery, false, false, t("应追回", "receivable"), t("组织应归还的款项", "what the organization owes back")},
	{Treasury, GrantBook, OfPilot, false, false, t("缴回国库", "returned to the treasury"), t("退回的结余和追回的资金", "unspent money returned, and money recovered")},
	{Matching, MatchingBook, OfProject, true, false, t("配套资金", "matching funds"), t("组织自筹和其他来源", "the organization's own money and other sources")},
	{MatchingPaid, MatchingBook, OfProject, false, true, t("配套支出", "matching funds paid"), t("以货币支付的配套", "paid in money")},
	{MatchingInKind, MatchingBook, OfProject, false, true, t("实物配套", "matching in kind"), t("以物资、场地、志愿服务等折价投入", "goods, premises and volunteer work at their value")},
	{Entrusted, EntrustedBook, OfProject, true, false, t("受托资金", "entrusted money"), t("捐赠方委托代为落实的资金", "what donors entrusted for delivery")},
	{EntrustedHeld, EntrustedBook, OfProject, false, false, t("受托结存", "entrusted money held"), t("尚未使用的受托资金", "entrusted and not yet used")},
	{EntrustedSpent, EntrustedBook, OfProject, false, true, t("受托支出", "entrusted money spent"), t("按委托用途核定的支出", "accepted spending for the donor's purpose")},
	{EntrustedReturned, EntrustedBook, OfProject, false, false, t("受托退回", "entrusted money returned"), t("退还捐赠方的资金", "given back to the donor")},
}

// KindOfAccount finds the declaration of an account's name.
func KindOfAccount(name string) (AccountKind, bool) {
	for _, k := range Chart {
		if k.Name == name {
			return k, true
		}
	}
	return AccountKind{}, false
}

// Floor is the least balance an account may have: the fund gives no more than its total.
func Floor(a Account, rules *programme.Programme) money.Fen {
	if a.Name == FundSource {
		return -rules.Fund.TotalFen.Value
	}
	return 0
}

// Posting moves an amount from one account to another; an event's postings are
// written in the transaction that records it.
type Posting struct {
	Credit Account   `json:"credit"` // from
	Debit  Account   `json:"debit"`  // to
	Fen    money.Fen `json:"fen"`
}

// contractOwner is the owner of the evaluator's accounts.
func contractOwner(pilot string) string { return pilot + ".e" }

// Side names an account of a booking by whose it is.
type Side struct {
	Owner OwnerKind
	Name  string
}

// Booking is a line of the ledger's table: what an event moves, from where to where.
type Booking struct {
	Aggregate Kind
	Event     Event // an empty one, for its type
	Amount    domain.Text
	From, To  Side

	parts func(State, Event) []Part
}

// Part is one amount that a booking moves. Owner tells whose where the event concerns several.
type Part struct {
	Owner    string
	Category string
	Fen      money.Fen
}

func from(owner OwnerKind, name string) Side { return Side{owner, name} }
func to(owner OwnerKind, name string) Side   { return Side{owner, name} }

func books[S State, E any](amount domain.Text, from, to Side, parts func(S, *E) []Part) Booking {
	return Booking{
		Aggregate: kindOf[S](), Event: new(E), Amount: amount, From: from, To: to,
		parts: func(s State, e Event) []Part { return parts(s.(S), e.(*E)) },
	}
}

func whole(fen money.Fen) []Part { return []Part{{Fen: fen}} }

// byLine makes a part of each kind of spending.
func byLine(spending []Spending) []Part {
	parts := make([]Part, len(spending))
	for i, s := range spending {
		parts[i] = Part{Category: s.Kind, Fen: s.Fen}
	}
	return parts
}

// Bookings is every way money moves in the ledger.
var Bookings = []Booking{
	books(t("首次批复时,按申请金额", "with the first approval, as much as was asked for"), from(OfFund, FundSource), to(OfFund, Allotted),
		func(p *Pilot, e *PilotApproved) []Part { return p.first(e, p.RequestedFen) }),
	books(t("首次批复时,按申请金额", "with the first approval, as much as was asked for"), from(OfPilot, Appropriation), to(OfPilot, Available),
		func(p *Pilot, e *PilotApproved) []Part { return p.first(e, p.RequestedFen) }),
	books(t("首次批复时,评估合同", "with the first approval, the evaluator's contract"), from(OfPilot, Available), to(OfContract, Commitment),
		func(p *Pilot, e *PilotApproved) []Part { return p.first(e, p.Evaluator.Fen) }),
	books(t("各项目资助金额", "each project's grant"), from(OfPilot, Available), to(OfProject, Commitment),
		func(_ *Pilot, e *PilotApproved) (parts []Part) {
			for _, g := range e.Grants {
				parts = append(parts, Part{Owner: g.Project, Fen: g.Fen})
			}
			return parts
		}),
	books(t("评估费", "the evaluator's fee"), from(OfContract, Spent), to(OfContract, Commitment),
		func(_ *Pilot, e *ContractReversed) []Part { return whole(e.Fen) }),

	books(t("付款金额", "the payment"), from(OfPayer, Commitment), to(OfPayer, Transit),
		func(p *Payment, _ *PaymentOpened) []Part { return whole(p.Fen) }),
	books(t("批次款", "a tranche"), from(OfPayer, Transit), to(OfPayer, Advance),
		func(p *Payment, _ *PaymentPosted) []Part { return p.when(ProjectKind) }),
	books(t("评估费", "the evaluator's fee"), from(OfPayer, Transit), to(OfPayer, Spent),
		func(p *Payment, _ *PaymentPosted) []Part { return p.when(PilotKind) }),
	books(t("付款金额", "the payment"), from(OfPayer, Transit), to(OfPayer, Commitment),
		func(p *Payment, _ *PaymentVoided) []Part { return whole(p.Fen) }),
	books(t("入账前退回的付款", "a payment that came back before it was posted"), from(OfPayer, Transit), to(OfPayer, Commitment),
		func(p *Payment, e *PaymentReturned) []Part {
			if e.Reversed { // the payer reverses what it has made of the money
				return nil
			}
			return whole(p.Fen)
		}),

	books(t("拨付前已核定的支出", "spending that was accepted before the money came"), from(OfProject, Advance), to(OfProject, Spent),
		func(_ *Project, e *TranchePaid) []Part { return byLine(e.Booked) }),
	books(t("以退回款项抵付的支出,冲回", "reversal of spending that the returned money covered"), from(OfProject, Spent), to(OfProject, Advance),
		func(_ *Project, e *TrancheReversed) []Part { return byLine(e.Unbooked) }),
	books(t("退回的批次款,冲回", "reversal of the tranche that came back"), from(OfProject, Advance), to(OfProject, Commitment),
		func(_ *Project, e *TrancheReversed) []Part { return whole(e.Fen) }),
	books(t("核定支出,以已拨付为限", "accepted spending, as far as money was paid"), from(OfProject, Advance), to(OfProject, Spent),
		func(_ *Project, e *SpendingJudged) []Part { return byLine(e.Booked) }),
	books(t("货币配套", "matching funds paid in money"), from(OfProject, Matching), to(OfProject, MatchingPaid),
		func(_ *Project, e *SpendingJudged) []Part { return byLine(e.Matching) }),
	books(t("实物配套", "matching in kind"), from(OfProject, Matching), to(OfProject, MatchingInKind),
		func(_ *Project, e *SpendingJudged) []Part { return byLine(e.InKind) }),
	books(t("受托支出", "spending of entrusted money"), from(OfProject, EntrustedHeld), to(OfProject, EntrustedSpent),
		func(_ *Project, e *SpendingJudged) []Part { return byLine(e.Entrusted) }),
	books(t("受托资金", "the entrusted money"), from(OfProject, Entrusted), to(OfProject, EntrustedHeld),
		func(_ *Project, e *EntrustedReceived) []Part { return whole(e.Fen) }),
	books(t("退还金额", "what is given back"), from(OfProject, EntrustedHeld), to(OfProject, EntrustedReturned),
		func(_ *Project, e *EntrustedGivenBack) []Part { return whole(e.Fen) }),
	books(t("核减的资助金额", "what the grant shrinks by"), from(OfProject, Commitment), to(OfPilot, Available),
		func(_ *Project, e *ChangeApplied) []Part { return whole(e.ReleasedFen) }),
	books(t("原已核定、经查挪用的支出,冲回", "reversal of accepted spending that was found diverted"), from(OfProject, Spent), to(OfProject, Advance),
		func(_ *Project, e *DiversionFound) []Part { return byLine(e.Unbooked) }),
	books(t("待追回金额", "what is to be claimed back"), from(OfProject, Advance), to(OfProject, Disallowed),
		func(_ *Project, e *DebtArisen) []Part { return whole(e.Fen) }),
	books(t("尾款以外的资助余额", "what is left of the grant after the last tranche"), from(OfProject, Commitment), to(OfPilot, Available),
		func(_ *Project, e *SettlementAccepted) []Part { return whole(e.ReleasedFen) }),
	books(t("退回的结余", "unspent money"), from(OfProject, Advance), to(OfPilot, Treasury),
		func(_ *Project, e *RefundRecorded) []Part { return whole(e.Fen) }),
	books(t("全部资助金额", "the whole grant"), from(OfProject, Commitment), to(OfPilot, Available),
		func(_ *Project, e *ProjectAbandoned) []Part { return whole(e.ReleasedFen) }),
	books(t("未拨付且不在途的资助余额", "what was promised and is neither paid nor under way"), from(OfProject, Commitment), to(OfPilot, Available),
		func(_ *Project, e *ProjectTerminated) []Part { return whole(e.ReleasedFen) }),
	books(t("未付出的款项", "the payment, when it was not made"), from(OfProject, Commitment), to(OfPilot, Available),
		func(_ *Project, e *StrayPaymentEnded) []Part { return whole(e.ReleasedFen) }),

	books(t("应追回金额", "what is owed"), from(OfProject, Disallowed), to(OfRecovery, Receivable),
		func(_ *Recovery, e *RecoveryOpened) []Part { return whole(e.Fen) }),
	books(t("归还金额", "what was paid back"), from(OfRecovery, Receivable), to(OfPilot, Treasury),
		func(_ *Recovery, e *RepaymentRecorded) []Part { return whole(e.Fen) }),
}

func (p *Pilot) first(e *PilotApproved, fen money.Fen) []Part {
	if !e.First {
		return nil
	}
	return whole(fen)
}

// when is the payment's amount if its payer is of the kind.
func (p *Payment) when(payer Kind) []Part {
	if p.Payer.Kind != payer {
		return nil
	}
	return whole(p.Fen)
}

// Postings tells what an event moves in the ledger; s is the state after it.
func Postings(s State, e Event) []Posting {
	var all []Posting
	for _, b := range bookings[typeOf(s, e)] {
		for _, part := range b.parts(s, e) {
			if part.Fen != 0 {
				all = append(all, Posting{b.From.of(s, part), b.To.of(s, part), part.Fen})
			}
		}
	}
	return all
}

var bookings = func() map[*EventType][]Booking {
	m := map[*EventType][]Booking{}
	for _, b := range Bookings {
		typ := TypeOf(b.Aggregate, b.Event)
		m[typ] = append(m[typ], b)
	}
	return m
}()

func typeOf(s State, e Event) *EventType { return TypeOf(s.Kind(), e) }

// of finds the account of one aggregate that the side means.
func (side Side) of(s State, part Part) Account {
	a := Account{Owner: side.Owner.of(s), Name: side.Name}
	if side.Owner == OfProject && part.Owner != "" {
		a.Owner = part.Owner
	}
	if kind, _ := KindOfAccount(side.Name); kind.ByCategory {
		a.Category = part.Category
	}
	return a
}

func (o OwnerKind) of(s State) string {
	switch o {
	case OfFund:
		return s.record().Programme.ID
	case OfPilot:
		return s.pilot()
	case OfContract:
		return contractOwner(s.pilot())
	case OfPayer:
		return s.(*Payment).Account
	case OfRecovery:
		return s.record().ID
	default:
		if r, ok := s.(*Recovery); ok {
			return r.Project
		}
		return s.record().ID
	}
}
