package demo

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/programme"
	"terrace/domain/project"
	"terrace/domain/recovery"
	"terrace/programmes"
)

// notes returns the details about an event concerning money that are printed after its title.
func notes(e Event) (all []string) {
	data := struct {
		Diff        []project.Alteration   `json:"diff"`
		Logged      bool                   `json:"logged"`
		Reused      []project.Reuse        `json:"reused"`
		Receipts    []project.Invoice      `json:"receipts"`
		Disallowed  []project.Disallowance `json:"disallowed"`
		Finding     string                 `json:"finding"`
		BannedUntil calendar.Date          `json:"banned_until"`
		Parts       []recovery.Instalment  `json:"parts"`
	}{}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return nil
	}
	switch e.Name {
	case "change-requested", "change-applied":
		for _, a := range data.Diff {
			if kind, budgeted := strings.CutPrefix(a.Field, "budget."); budgeted {
				all = append(all, fmt.Sprintf("%s %s 元 → %s 元", spendingName(kind), a.From, a.To))
				continue
			}
			all = append(all, fmt.Sprintf("%s %s → %s", a.Field, a.From, a.To))
		}
		if data.Logged {
			all = append(all, "无须审批，备案 / no approval needed, logged")
		}
	case "spending-reported":
		for _, r := range data.Reused {
			all = append(all, fmt.Sprintf("票据%s已被使用 / invoice used before", data.Receipts[r.Receipt].Number))
		}
	case "spending-judged":
		for _, d := range data.Disallowed {
			all = append(all, fmt.Sprintf("票据%s不予认可 / invoice disallowed", d.Invoice))
		}
	case "diversion-found":
		all = append(all, data.Finding, fmt.Sprintf("该组织至%s不得参与申报 / the organization may have no proposal until then", data.BannedUntil))
	case "instalments-agreed":
		for _, part := range data.Parts {
			all = append(all, fmt.Sprintf("%s  %s 元", part.Due, part.Fen))
		}
	}
	return all
}

// rules returns the rules of the demonstration's programme.
var rules = sync.OnceValues(func() (*programme.Programme, error) {
	set, err := programmes.Builtin()
	if err != nil {
		return nil, err
	}
	data := zhuanglang.Read()
	return set.At(data.Programme, data.Golden["call"])
})

// spendingName returns the programme's name for a kind of spending.
func spendingName(key string) string {
	if rules, err := rules(); err == nil {
		if name := rules.SpendingName(key); name.ZH != "" {
			return name.ZH + " / " + name.EN
		}
	}
	return key
}
