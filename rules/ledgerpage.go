package rules

import (
	"strings"

	"terrace/domain"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/ledger"
)

// owners holds the display names of the kinds of account owner.
var owners = map[ledger.OwnerKind]domain.Text{
	ledger.OfFund:     t("资助计划", "the programme"),
	ledger.OfPilot:    t("试点", "the pilot"),
	ledger.OfProject:  t("项目", "the project"),
	ledger.OfContract: t("评估合同", "the evaluator's contract"),
	ledger.OfPayer:    t("项目或评估合同", "the project, or the evaluator's contract"),
	ledger.OfRecovery: t("追回", "the recovery"),
}

// ledgerPage returns docs/ledger.md: the chart of accounts, and the movement that each event causes according to the aggregates'
// bookings.
func (b Book) ledgerPage() string {
	p := begin("Ledger 账目",
		"Money is booked in whole fen, double entry, in the transaction that records the decision. The chart of accounts is declared in "+
			"[`domain/ledger/chart.go`](../domain/ledger/chart.go), the bookings beside the events in the `declare.go` of each aggregate, and this page is generated from both. Entries are never changed or deleted; a mistake is reversed by another entry. "+
			"What the database itself enforces: [the ledger](decisions/the-ledger.md).",
		"金额以分为单位复式记账，与业务决定在同一事务内入账。会计科目与各类业务的分录均在程序中声明，本页由其生成。分录不得修改或删除，差错以冲回更正。",
		"A balance is debits less credits. Every entry totals zero in each of the three books, so money in one book never pays for spending in another. "+
			"The balance of a **source** 来源 is never above zero: it is negative by the amount that came from it. The balance of any other account is never below zero. The fund gives no more than the programme's total.",
		"余额为借方减贷方。每笔分录在其涉及的每本账内借贷相等，三本账互不垫付。来源科目余额不大于零，其余科目余额不小于零；福彩公益金不得超过资助计划总额。",
		"![How money flows between the accounts 资金在各科目间的流动](ledger.svg)",
		"A solid arrow on the right is money moving forward; a dashed one on the left is a reversal or money returned.",
		"右侧实线为资金向前流动，左侧虚线为冲回或退还。",
		"## Chart of accounts 会计科目表")
	for _, book := range booksInOrder() {
		p.line("### %s\n", bookTitle(book))
		p.table("Account 科目", "Title 名称", "Whose 归属", "What it holds 含义", "Source 来源", "By budget category 按预算科目")
		for _, a := range ledger.Chart {
			if a.Book == book {
				p.row(mono(a.Name), both(a.Title), both(owners[a.Owner]), both(a.Doc), yes(a.Source), yes(a.ByCategory))
			}
		}
		p.line("")
	}
	p.line("## Bookings 分录\n")
	p.table("Event 事件", "From 贷方", "To 借方", "Amount 金额")
	var above flow.Booking
	for _, booking := range catalogue.All.Bookings() {
		event := ""
		if booking.Event != above.Event {
			event = both(booking.Event.Title)
		}
		p.row(event, sideText(booking.From), sideText(booking.To), both(booking.Amount))
		above = booking
	}
	return p.String()
}

// bookTitle returns the name of a book as a heading.
func bookTitle(book ledger.MoneyBook) string {
	name := beside(ledger.Books[book])
	return strings.ToUpper(name[:1]) + name[1:]
}

// booksInOrder returns the books in chart order.
func booksInOrder() (all []ledger.MoneyBook) {
	for _, a := range ledger.Chart {
		if len(all) == 0 || all[len(all)-1] != a.Book {
			all = append(all, a.Book)
		}
	}
	return all
}

func sideText(s ledger.Side) string {
	return strings.Join([]string{mono(s.Name), both(owners[s.Owner])}, "<br>")
}

func yes(flag bool) string {
	if flag {
		return "yes 是"
	}
	return ""
}
