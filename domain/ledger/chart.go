// Package ledger holds the chart of accounts (会计科目表) and the postings between accounts.
package ledger

import (
	"terrace/domain"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// Account identifies an account of the double-entry ledger (科目) by its owner, its name and, where accounts of that name are broken down
// by kind of spending, the kind.
type Account struct {
	Owner    string `json:"owner"` // id of a programme, pilot, project, contract or recovery
	Name     string `json:"name"`
	Category string `json:"category,omitempty"` // kind of spending (预算科目); empty if accounts of this name are not broken down by kind
}

// The names of the ledger's accounts. A balance is debits minus credits.
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

// MoneyBook is one of the separate sets of books (账套). Money in one book can never be used for the purposes of another, and every
// entry adds up to zero within each book that it affects.
type MoneyBook string

const (
	GrantBook     MoneyBook = "grant"     // grant from the welfare lottery (福彩公益金)
	MatchingBook  MoneyBook = "matching"  // matching funds (配套资金)
	EntrustedBook MoneyBook = "entrusted" // donors' money entrusted for a specific purpose (代为落实)
)

// Books maps each book to its display name.
var Books = map[MoneyBook]domain.Text{
	GrantBook:     domain.T("福彩公益金", "grant"),
	MatchingBook:  domain.T("配套资金", "matching funds"),
	EntrustedBook: domain.T("受托资金（代为落实）", "entrusted money"),
}

// OwnerKind is the kind of object that owns an account.
type OwnerKind string

const (
	OfFund     OwnerKind = "fund"     // accounts of a programme's fund
	OfPilot    OwnerKind = "pilot"    // accounts of a pilot
	OfProject  OwnerKind = "project"  // accounts of a project
	OfContract OwnerKind = "contract" // accounts of an evaluator's contract, with the owner id {pilot}.e
	OfPayer    OwnerKind = "payer"    // accounts of the payer in a payment: a project or an evaluator's contract
	OfRecovery OwnerKind = "recovery" // accounts of a recovery
)

// AccountKind describes all accounts with the same name.
type AccountKind struct {
	Name       string
	Book       MoneyBook
	Owner      OwnerKind
	Source     bool // whether money enters the book through this account; its balance is then never positive, and otherwise never negative
	ByCategory bool
	Title      domain.Text
	Doc        domain.Text
}

// Chart is the chart of accounts (会计科目表), in the order in which money passes through the accounts.
var Chart = []AccountKind{
	{FundSource, GrantBook, OfFund, true, false, domain.T("福彩公益金", "welfare-lottery fund"), domain.T("资助计划的资金总额，不得透支", "the programme's money; never overdrawn")},
	{Allotted, GrantBook, OfFund, false, false, domain.T("已下达试点", "allotted to pilots"), domain.T("已下达各试点的资金", "what the pilots have received")},
	{Appropriation, GrantBook, OfPilot, true, false, domain.T("公益金拨入", "appropriation"), domain.T("试点从资金中获得的额度", "what the pilot received from the fund")},
	{Available, GrantBook, OfPilot, false, false, domain.T("可用额度", "available"), domain.T("已获得、尚未承诺", "received and not yet committed")},
	{Commitment, GrantBook, OfPayer, false, false, domain.T("承诺", "commitment"), domain.T("已立项、尚未拨付", "promised and not yet paid (encumbrance)")},
	{Transit, GrantBook, OfPayer, false, false, domain.T("在途", "in transit"), domain.T("已预留付款、尚未入账", "reserved for a payment under way")},
	{Advance, GrantBook, OfProject, false, false, domain.T("预付组织", "advance to the organization"), domain.T("已拨付、支出尚未核定", "paid, with spending not yet accepted")},
	{Spent, GrantBook, OfPayer, false, true, domain.T("核定支出", "accepted spending"), domain.T("按预算科目核定的支出；评估费于付款时核定", "accepted against receipts, by budget category; the evaluator's contract when it is paid")},
	{Disallowed, GrantBook, OfProject, false, false, domain.T("不予认可", "disallowed"), domain.T("不予认可或被挪用，待追回", "disallowed or diverted, to be recovered")},
	{Receivable, GrantBook, OfRecovery, false, false, domain.T("应追回", "receivable"), domain.T("组织应归还的款项", "what the organization owes back")},
	{Treasury, GrantBook, OfPilot, false, false, domain.T("缴回国库", "returned to the treasury"), domain.T("退回的结余和追回的资金", "unspent money returned, and money recovered")},
	{Matching, MatchingBook, OfProject, true, false, domain.T("配套资金", "matching funds"), domain.T("组织自筹和其他来源", "the organization's own money and other sources")},
	{MatchingPaid, MatchingBook, OfProject, false, true, domain.T("配套支出", "matching funds paid"), domain.T("以货币支付的配套", "paid in money")},
	{MatchingInKind, MatchingBook, OfProject, false, true, domain.T("实物配套", "matching in kind"), domain.T("以物资、场地、志愿服务等折价投入", "goods, premises and volunteer work at their value")},
	{Entrusted, EntrustedBook, OfProject, true, false, domain.T("受托资金", "entrusted money"), domain.T("捐赠方委托代为落实的资金", "what donors entrusted for delivery")},
	{EntrustedHeld, EntrustedBook, OfProject, false, false, domain.T("受托结存", "entrusted money held"), domain.T("尚未使用的受托资金", "not yet used")},
	{EntrustedSpent, EntrustedBook, OfProject, false, true, domain.T("受托支出", "entrusted money spent"), domain.T("按委托用途核定的支出", "accepted spending for the donor's purpose")},
	{EntrustedReturned, EntrustedBook, OfProject, false, false, domain.T("受托退回", "entrusted money returned"), domain.T("退还捐赠方的资金", "given back to the donor")},
}

// Title returns the title of the accounts with the given name, or an empty text if the chart has none.
func Title(name string) domain.Text { k, _ := KindOfAccount(name); return k.Title }

// AccountChoice returns the arguments for a refusal that lists the accounts of the chart.
func AccountChoice() []string {
	names := make([]string, len(Chart))
	for i, k := range Chart {
		names[i] = k.Name
	}
	return domain.Choice(names, Title)
}

// KindOfAccount returns the description of the accounts with the given name.
func KindOfAccount(name string) (AccountKind, bool) {
	for _, k := range Chart {
		if k.Name == name {
			return k, true
		}
	}
	return AccountKind{}, false
}

// Floor returns the lowest permitted balance of an account: for the account from which a fund's money originates, minus the fund's
// total; for any other account, zero.
func Floor(a Account, rules *programme.Programme) money.Fen {
	if a.Name == FundSource {
		return -rules.Fund.TotalFen.Value
	}
	return 0
}

// Posting moves an amount from one account to another. The postings of an event are written in the same transaction as the event.
type Posting struct {
	Credit Account   `json:"credit"` // account from which the amount is taken
	Debit  Account   `json:"debit"`  // account to which the amount goes
	Fen    money.Fen `json:"fen"`
}

// Side is one side of a booking: the name of an account and the kind of its owner.
type Side struct {
	Owner OwnerKind
	Name  string
}

// Part is one of the amounts that a booking moves. Owner specifies the owner if the event concerns several owners of the kind Of.
type Part struct {
	Of       OwnerKind
	Owner    string
	Category string
	Fen      money.Fen
}

// From returns the side from which the amount is taken.
func From(owner OwnerKind, name string) Side { return Side{owner, name} }

// To returns the side to which the amount goes.
func To(owner OwnerKind, name string) Side { return Side{owner, name} }

// Whole returns the entire amount as a single part.
func Whole(fen money.Fen) []Part { return []Part{{Fen: fen}} }
