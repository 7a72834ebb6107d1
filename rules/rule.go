// Package rules is the register of Terrace's rules (规则总表): what each says, its number and source, the code that enforces it and the
// tests that prove it. Pages in docs/ are generated from it, and a gap in it fails the build.
package rules

import (
	"slices"

	"terrace/domain"
)

//go:generate go run ./cmd/rulesdoc

// Rule is one rule: what it says, where it comes from, which code enforces it and which tests prove it.
type Rule struct {
	ID   string // kebab-case name, which is also the rule's anchor in docs/rules.md
	Row  int    // row of the lifecycle, from 1 (application) to 15 (archive); 0 if the rule holds in every row
	Text domain.Text

	// Values lists the values of a programme that the rule uses, by their keys in programme.Sourced. The rule then has the sources of
	// these values. “spending.*” stands for a whole group.
	Values []string
	// Source is the law or document that the rule follows, or programme.Default. It is empty if the rule's values name the source.
	Source string

	Codes []domain.Code // codes with which a command that breaks the rule is refused
	Waits []string      // steps of the lifecycle that the rule covers: wait/command, or wait/lapse for a hard due day that passes

	// Code and Tests name Go symbols, such as postgres.(*Store).Execute. If a name has no package, exactly one package of the domain
	// must declare it. After a test, a slash and the name of one of its cases may follow.
	Code  []string
	Tests []string
}

// All holds every rule, in the order of the lifecycle.
var All = slices.Concat(everywhere, untilApproval, inTheVillages, aboutMoney, afterwards)

// rows names the rows of the lifecycle in both languages.
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
