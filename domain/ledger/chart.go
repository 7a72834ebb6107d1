// Package ledger holds the chart of accounts (会计科目表) and the postings between accounts.
package ledger

import (
	"terrace/domain"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// Account is an account of the double-entry ledger (科目): its owner, what the money in it is for, and its budget category where its kind
// has one.
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

// MoneyBook is one of the books (账套) that keep money apart: money in one never pays for what belongs to another, and every entry sums
// to zero in each book it touches.
type MoneyBook string

const (
	GrantBook     MoneyBook = "grant"     // 福彩公益金
	MatchingBook  MoneyBook = "matching"  // 配套资金
	EntrustedBook MoneyBook = "entrusted" // 代为落实, restricted
)

// OwnerKind is a kind of owner of accounts.
type OwnerKind string

const (
	OfFund     OwnerKind = "fund"     // a programme
	OfPilot    OwnerKind = "pilot"    // a pilot
	OfProject  OwnerKind = "project"  // a project
	OfContract OwnerKind = "contract" // the evaluator's contract, {pilot}.e
	OfPayer    OwnerKind = "payer"    // what makes payments: a project or the contract
	OfRecovery OwnerKind = "recovery" // a recovery
)

// AccountKind declares the accounts with one name.
type AccountKind struct {
	Name       string
	Book       MoneyBook
	Owner      OwnerKind
	Source     bool // money enters the book here: the balance is never above zero; any other is never below
	ByCategory bool
	Title      domain.Text
	Doc        domain.Text
}

// Chart is the chart of accounts (会计科目表), in the order in which money passes through them.
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

// KindOfAccount returns the declaration of the accounts with the name.
func KindOfAccount(name string) (AccountKind, bool) {
	for _, k := range Chart {
		if k.Name == name {
			return k, true
		}
	}
	return AccountKind{}, false
}

// Floor returns the lowest balance that the ledger allows an account: for the fund its total below zero, for any other account zero.
func Floor(a Account, rules *programme.Programme) money.Fen {
	if a.Name == FundSource {
		return -rules.Fund.TotalFen.Value
	}
	return 0
}

// Posting moves an amount from one account to another. The postings of an event are written in the transaction that records it.
type Posting struct {
	Credit Account   `json:"credit"` // from
	Debit  Account   `json:"debit"`  // to
	Fen    money.Fen `json:"fen"`
}

// Side names an account in a booking by its kind of owner and its name.
type Side struct {
	Owner OwnerKind
	Name  string
}

// Part is one amount that a booking moves. If the event concerns several owners of the kind Of, Owner says which one.
type Part struct {
	Of       OwnerKind
	Owner    string
	Category string
	Fen      money.Fen
}

// From returns the side that the amount is taken from.
func From(owner OwnerKind, name string) Side { return Side{owner, name} }

// To returns the side that the amount goes to.
func To(owner OwnerKind, name string) Side { return Side{owner, name} }

// Whole returns the amount as one part.
func Whole(fen money.Fen) []Part { return []Part{{Fen: fen}} }
