// Package rules is the register of the rules that Terrace holds a pilot to (规则总表):
// what each says, its number, where it comes from, the code that keeps it and the
// tests that prove it. The pages in docs/ are written from it, and a gap in it fails
// the build.
package rules

import (
	"slices"

	"terrace/domain"
)

//go:generate go run ./cmd/rulesdoc

// Rule is one sentence of the rule book.
type Rule struct {
	ID   string // kebab-case; also its anchor in docs/rules.md
	Row  int    // of the lifecycle, 1 application … 15 archive; 0 everywhere
	Text domain.Text

	// Values are the programme's numbers that the rule speaks of, by the keys of
	// programme.Sourced. They bring their sources with them. "spending.*" is all of a group.
	Values []string
	// Source is the law or paper the rule follows where no value names it, or programme.Default.
	Source string

	Codes []domain.Code // what a command that breaks it is answered with
	Waits []string      // steps of the lifecycle it covers: wait/command, or wait/lapse for a hard due day that passes

	// Code and Tests name Go symbols, as in postgres.(*Store).Execute. One that names no package is declared in one package of the
	// domain alone. A test's case follows its name after a slash.
	Code  []string
	Tests []string
}

// All is every rule, in the order of the lifecycle.
var All = slices.Concat(everywhere, untilApproval, inTheVillages, aboutMoney, afterwards)

// rows names the lifecycle's rows.
var rows = []domain.Text{
	{ZH: "通则", EN: "Everywhere"},
	{ZH: "申报", EN: "Application"},
	{ZH: "资格审查", EN: "Eligibility"},
	{ZH: "审核推荐", EN: "Endorsement"},
	{ZH: "专家评审", EN: "Expert review"},
	{ZH: "公示", EN: "Public notice"},
	{ZH: "立项", EN: "Approval"},
	{ZH: "协议", EN: "Agreement"},
	{ZH: "资金拨付", EN: "Payment"},
	{ZH: "实施", EN: "Rollout"},
	{ZH: "中期评估", EN: "Mid-term"},
	{ZH: "第二批拨付", EN: "Second tranche"},
	{ZH: "末期评估", EN: "Final evaluation"},
	{ZH: "决算、尾款、结项", EN: "Settlement, last tranche, close"},
	{ZH: "绩效自评与公告", EN: "Self-evaluation and disclosure"},
	{ZH: "归档", EN: "Archive"},
}

func t(zh, en string) domain.Text { return domain.Text{ZH: zh, EN: en} }

func codes(all ...domain.Code) []domain.Code { return all }
