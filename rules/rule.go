// Package rules is the register of Terrace's rules (规则总表): what each says, its number and source, the code that enforces it and the
// tests that prove it. Pages in docs/ are generated from it, and a gap in it fails the build.
package rules

import (
	"slices"

	"terrace/domain"
)

//go:generate go run ./cmd/rulesdoc

// Rule is one rule.
type Rule struct {
	ID   string // kebab-case; also its anchor in docs/rules.md
	Row  int    // of the lifecycle, from 1 (application) to 15 (archive); 0 for all of them
	Text domain.Text

	// Values names the programme's values that the rule uses, by the keys of programme.Sourced. Their sources are the rule's.
	// “spending.*” means a whole group.
	Values []string
	// Source is the law or document that the rule follows, or programme.Default, when no value has it.
	Source string

	Codes []domain.Code // the refusals of a command that breaks the rule
	Waits []string      // the steps of the lifecycle that it covers: wait/command, or wait/lapse for a passed hard due day

	// Code and Tests name Go symbols, as in postgres.(*Store).Execute. A name without a package must be declared in exactly one package
	// of the domain. A test can be followed by a slash and the name of a case.
	Code  []string
	Tests []string
}

// All holds every rule, in the order of the lifecycle.
var All = slices.Concat(everywhere, untilApproval, inTheVillages, aboutMoney, afterwards)

// rows holds the names of the lifecycle's rows.
var rows = []domain.Text{
	{ZH: "通则", EN: "Everywhere"},
	{ZH: "申报", EN: "Application"},
	{ZH: "资格审查", EN: "Eligibility"},
	{ZH: "审核推荐", EN: "Endorsement"},
	{ZH: "专家评审", EN: "Expert review"},
	{ZH: "公示", EN: "Public notice"},
	{ZH: "立项", EN: "Approval"},
	{ZH: "协议", EN: "Agreement"},
	{ZH: "资金拨付", EN: "Disbursement"},
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
