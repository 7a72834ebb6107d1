package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/project"
	"terrace/domain/recovery"
)

// fundView is the part of the fund's overview that the driver reads.
type fundView struct {
	TotalFen      money.Fen `json:"total_fen"`
	UnallottedFen money.Fen `json:"unallotted_fen"`
	AllottedFen   money.Fen `json:"allotted_fen"`
	AvailableFen  money.Fen `json:"available_fen"`
	CommittedFen  money.Fen `json:"committed_fen"`
	TransitFen    money.Fen `json:"transit_fen"`
	AdvanceFen    money.Fen `json:"advance_fen"`
	SpentFen      money.Fen `json:"spent_fen"`
	DisallowedFen money.Fen `json:"disallowed_fen"`
	ReceivableFen money.Fen `json:"receivable_fen"`
	ReturnedFen   money.Fen `json:"returned_fen"`
}

// openFen returns the total of the money that is neither available, spent nor returned.
func (f fundView) openFen() money.Fen {
	return f.CommittedFen + f.TransitFen + f.AdvanceFen + f.DisallowedFen + f.ReceivableFen
}

// trialView is the part of the trial balance that the driver reads.
type trialView struct {
	Books []struct {
		Book       string    `json:"book"`
		BalanceFen money.Fen `json:"balance_fen"`
	} `json:"books"`
}

func (d *Driver) fundPath() string { return "/v1/programmes/" + d.data.Programme + "/fund" }

// FundStatement returns the overview of the fund as an Excel workbook.
func (d *Driver) FundStatement(ctx context.Context) (workbook []byte, err error) {
	err = d.client.get(ctx, d.reader, d.fundPath()+"?format=xlsx", &workbook)
	return workbook, err
}

// money checks the accounts against the demonstration's data, and checks that each incident involving money ended as
// intended.
func (d *Driver) money(ctx context.Context, events []Event) ([]Finding, error) {
	fund, trial := fundView{}, trialView{}
	if err := d.client.get(ctx, d.reader, d.fundPath(), &fund); err != nil {
		return nil, err
	}
	if err := d.client.get(ctx, d.reader, "/v1/ledger/trial-balance?programme="+d.data.Programme, &trial); err != nil {
		return nil, err
	}
	workbook, err := d.FundStatement(ctx)
	if err != nil {
		return nil, err
	}
	statement, err := fund.statement(workbook)
	return []Finding{trial.balanced(), d.accounted(fund), statement, d.shifts(events), d.reuse(events), d.diversion(events)}, err
}

func (t trialView) balanced() Finding {
	ok := len(t.Books) > 0
	var sums []string
	for _, b := range t.Books {
		ok = ok && b.BalanceFen == 0
		sums = append(sums, fmt.Sprintf("%s %s", b.Book, b.BalanceFen))
	}
	return Finding{domain.T("账目每本账合计为零", "the ledger sums to zero in each book"), ok, both("%s（元）", "%s (yuan)", strings.Join(sums, ", "))}
}

// accounted checks that all of the fund's money was either spent and accepted, left in the fund, or returned.
func (d *Driver) accounted(f fundView) Finding {
	left, returned := zhuanglang.UnspentFen-zhuanglang.RefundFen, zhuanglang.RefundFen+zhuanglang.Diverted.Fen
	spent := d.data.Fund.TotalFen - left - returned
	ok := f.TotalFen == d.data.Fund.TotalFen && f.AllottedFen == f.TotalFen && f.UnallottedFen == 0 &&
		f.SpentFen == spent && f.AvailableFen == left && f.ReturnedFen == returned && f.openFen() == 0
	return Finding{
		both(
			"%s元分毫不差：核定支出%s元，未支用额度%s元，缴回%s元，无未结款项",
			"%s yuan to the fen: %s accepted, %s not drawn, %s returned, nothing open", d.data.Fund.TotalFen, spent, left, returned,
		), ok, both(
			"总额%s元，下达%s元，核定支出%s元，未支用额度%s元，缴回%s元，未结款项%s元",
			"%s yuan in all, %s allotted, %s accepted, %s not drawn, %s returned, %s open", f.TotalFen, f.AllottedFen, f.SpentFen, f.AvailableFen, f.ReturnedFen, f.openFen(),
		),
	}
}

// shifts checks that the small budget shift took effect immediately, and the large one only after approval.
func (d *Driver) shifts(events []Event) Finding {
	var logged, approved, asked []calendar.Date
	for _, e := range events {
		change := struct {
			Logged bool `json:"logged"`
		}{}
		switch {
		case e.Name == "change-requested":
			asked = append(asked, e.On)
		case e.Name != "change-applied" || json.Unmarshal(e.Data, &change) != nil:
		case change.Logged:
			logged = append(logged, e.On)
		default:
			approved = append(approved, e.On)
		}
	}
	small, large := zhuanglang.SmallShift.On, zhuanglang.LargeShift.On
	ok := slices.Equal(logged, []calendar.Date{small}) && slices.Equal(asked, []calendar.Date{large}) && len(approved) == 1 && approved[0].After(large)
	return Finding{
		domain.T("10%的预算调剂备案即生效，12%的须经审批", "a shift of 10 % is logged, one of 12 % waits for its approval"), ok,
		both("备案%v，申请%v，批准%v", "logged %v, asked %v, approved %v", logged, asked, approved),
	}
}

// reuse checks that the reused receipt, and no other, was flagged and disallowed.
func (d *Driver) reuse(events []Event) Finding {
	var flagged, disallowed int
	for _, e := range events {
		report := struct {
			Reused     []project.Reuse        `json:"reused"`
			Disallowed []project.Disallowance `json:"disallowed"`
		}{}
		if (e.Name == "spending-reported" || e.Name == "spending-judged") && json.Unmarshal(e.Data, &report) == nil {
			flagged += len(report.Reused)
			disallowed += len(report.Disallowed)
		}
	}
	return Finding{
		domain.T("重复使用的票据被标出，不予认可", "a reused receipt is flagged and disallowed"), flagged == 1 && disallowed == 1,
		both("标出%d张，不予认可%d张", "%d flagged, %d disallowed", flagged, disallowed),
	}
}

// diversion checks that the diverted money was repaid in instalments and that the organization was banned.
func (d *Driver) diversion(events []Event) Finding {
	var back money.Fen
	var repaid []calendar.Date
	var ban, recovered calendar.Date
	for _, e := range events {
		data := struct {
			Fen         money.Fen     `json:"fen"`
			BannedUntil calendar.Date `json:"banned_until"`
		}{}
		if err := json.Unmarshal(e.Data, &data); err != nil {
			continue
		}
		switch {
		case e.Name == "diversion-found":
			ban = data.BannedUntil
		case e.Aggregate.Kind == recovery.Kind && e.Name == "repaid":
			repaid = append(repaid, e.On)
			back += data.Fen
		case e.Aggregate.Kind == recovery.Kind && e.Name == "recovered":
			recovered = e.On
		}
	}
	want := zhuanglang.Diverted
	last := want.Instalments[len(want.Instalments)-1]
	ok := back == want.Fen && slices.Equal(repaid, want.Instalments) && recovered == last && ban == want.Found.AddMonths(36)
	return Finding{
		both(
			"挪用的%s元分%d期归还，该组织三年内不得参与申报",
			"%s yuan diverted came back in %d instalments, the organization is banned for three years", want.Fen, len(want.Instalments),
		), ok,
		both("归还%s元（%v），追回完毕%s，禁止申报至%s", "%s yuan back on %v, recovered on %s, banned until %s", back, repaid, recovered, ban),
	}
}
