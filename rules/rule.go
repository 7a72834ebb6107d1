// Package rules is the register of Terrace's rules (规则总表). For each rule it records what the rule says, its number and source, the
// code that enforces it and the tests that prove it. Several pages in docs/ are generated from the register, and any gap in it fails
// the build.
package rules

import (
	"slices"

	"terrace/domain"
)

//go:generate go run ./cmd/rulesdoc

// Rule is a single rule: what it says, its source, the code that enforces it and the tests that prove it.
type Rule struct {
	ID   string // kebab-case name, which is also the rule's anchor in docs/rules.md
	Row  int    // row of the lifecycle, from 1 (application) to 15 (archive); 0 if the rule applies to every row
	Text domain.Text

	// Values lists the programme values that the rule uses, by their keys in programme.Sourced. The rule's sources are then those of
	// the values. “spending.*” stands for a whole group.
	Values []string
	// Source is the law or other document on which the rule is based, or programme.Default. It is empty if Values provides the
	// source.
	Source string

	Codes []domain.Code // codes returned for a command that breaks the rule
	Waits []string      // lifecycle steps that the rule covers: “wait/command”, or “wait/lapse” for the passing of a hard due date

	// Code and Tests name Go symbols, such as postgres.(*Store).Execute. A symbol without a package must be declared in exactly one
	// package of the domain. The name of a test may be followed by a slash and the name of one of its cases.
	Code  []string
	Tests []string
}

// All holds every rule, in lifecycle order.
var All = slices.Concat(everywhere, untilApproval, inTheVillages, aboutMoney, afterwards)

// rows holds the display name of each row of the lifecycle.
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
