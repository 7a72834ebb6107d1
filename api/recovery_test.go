package api_test

import (
	"net/http"
	"strings"
	"testing"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/recovery"
)

func TestListsOfRecoveriesAndDifferencesAreFiltered(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for path, want := range map[string]int{
		"/v1/recoveries?pilot=" + b.pilot.ID:                1,
		"/v1/recoveries?pilot=" + unused:                    0,
		"/v1/recoveries?project=" + b.first.ID:              1,
		"/v1/recoveries?project=" + b.second.ID:             0,
		"/v1/recoveries?stage=repayment":                    1,
		"/v1/recoveries?stage=recovered":                    0,
		"/v1/recoveries?place=620800":                       1,
		"/v1/recoveries?place=620826":                       0,
		"/v1/recoveries?organization=51620825MJDEM0030N":    1,
		"/v1/recoveries?organization=91350100M000100Y43":    0,
		"/v1/recoveries?programme=zhuanglang-2017&limit=1":  1,
		"/v1/differences?pilot=" + b.pilot.ID:               1,
		"/v1/differences?pilot=" + unused:                   0,
		"/v1/differences?stage=inspection":                  1,
		"/v1/differences?stage=explained":                   0,
		"/v1/differences?place=62":                          -1,
		"/v1/differences?place=620000":                      1,
		"/v1/differences?place=620826":                      0,
		"/v1/differences?programme=zhuanglang-2017&limit=1": 1,
	} {
		a := b.send(request{method: http.MethodGet, path: path, who: zhuanglang.AuditorPerson})
		if want < 0 {
			if a.problem.Code != "bad-format" {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
			continue
		}
		if got := strings.Count(string(a.body), `"href"`); a.status != http.StatusOK || got != want {
			t.Errorf("%s: %d items, want %d: %s", path, got, want, a.body)
		}
	}
}

func TestADebtIsPaidBackInInstalments(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	self := "/v1/recoveries/" + b.recovery.ID
	b.post(zhuanglang.CountyApprover, self+"/agree-instalments", map[string]any{
		"instalments": []any{map[string]any{"due": "2017-12-31", "fen": 600_000}, map[string]any{"due": "2018-03-31", "fen": 400_000}}, "reason": "组织资金周转困难",
	})
	var read struct {
		Stage       flow.Stage
		Agreed      struct{ Reason, On string }
		Fen         int64
		PaidFen     int64 `json:"paid_fen"`
		LeftFen     int64 `json:"left_fen"`
		Instalments []struct {
			Due     string
			LeftFen int64 `json:"left_fen"`
		}
		YourTurn []struct {
			Subject string
			Actions []struct{ Command string }
		} `json:"your_turn"`
		EndedOn string `json:"ended_on"`
	}
	repay := func(fen int, voucher string) {
		b.post(finance, self+"/record-repayment", map[string]any{"fen": fen, "voucher": voucher, "slip": b.file})
		b.get(finance, self, &read)
	}
	repay(700_000, "R-3")
	if read.LeftFen != 300_000 || read.PaidFen != 1_500_000 || read.Instalments[0].LeftFen != 0 || read.Instalments[1].LeftFen != 300_000 {
		t.Errorf("after the first instalment: %+v", read)
	}
	if read.Agreed.Reason != "组织资金周转困难" || read.Agreed.On == "" {
		t.Errorf("why there are instalments: %+v", read.Agreed)
	}
	if len(read.YourTurn) != 1 || read.YourTurn[0].Subject != "2" || read.YourTurn[0].Actions[0].Command != "record-repayment" {
		t.Errorf("finance's turn: %+v", read.YourTurn)
	}
	repay(300_000, "R-4")
	if read.Stage != recovery.Recovered || read.LeftFen != 0 || read.EndedOn == "" {
		t.Errorf("after the last: %+v", read)
	}
}

func TestADifferenceIsExplainedByFinance(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	self := "/v1/differences/" + b.difference.ID
	b.post(finance, self+"/explain", map[string]any{"explanation": "银行手续费一分", "evidence": []string{b.file}})
	var read struct {
		Stage       flow.Stage
		Explanation string
		WhatName    domain.Text `json:"what_name"`
		Links       struct{ Pilot string }
	}
	b.get(zhuanglang.AuditorPerson, self, &read)
	if read.Stage != difference.Explained || read.Explanation != "银行手续费一分" || read.WhatName.ZH != "金额不符" || read.Links.Pilot != "/v1/pilots/"+b.pilot.ID {
		t.Errorf("read: %+v", read)
	}
}
