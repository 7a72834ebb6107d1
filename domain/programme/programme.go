// Package programme holds the rules of a funding programme (资助计划) as data: what may be funded, who may apply, how long each step may
// take and how money is released. No number that a programme can set is fixed in the code.
package programme

import (
	"errors"
	"fmt"
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/place"
)

// Default is the source of a number that comes from no law or document but is Terrace's own proposal.
const Default = "default"

// Rule is one value of a programme with its source: a document, or Default.
type Rule[T any] struct {
	Value  T      `json:"value" yaml:"value"`
	Source string `json:"source" yaml:"source"`
}

// Term is a length of time with its source, in working days (工作日), calendar days or months. The day from which it runs is not counted.
type Term struct {
	Days   int           `json:"days" yaml:"days"`
	Unit   calendar.Unit `json:"unit" yaml:"unit"`
	Source string        `json:"source" yaml:"source"`
}

// Span returns the length of the term in the form that the calendar uses.
func (t Term) Span() calendar.Term { return calendar.Term{Days: t.Days, Unit: t.Unit} }

// TermKey names a term that a programme can set. The aggregate that uses the term declares it.
type TermKey string

// Fund is the money from which a programme makes its grants (资金来源).
type Fund struct {
	Source   string          `json:"source" yaml:"source"`
	Level    string          `json:"level" yaml:"level"`
	TotalFen Rule[money.Fen] `json:"total_fen" yaml:"total_fen"`
}

// Kind is a kind of project (项目类别). Its cap is the largest budget that such a project may have, in fen.
type Kind struct {
	Key    string          `json:"key" yaml:"key"`
	Name   domain.Text     `json:"name" yaml:"name"`
	CapFen Rule[money.Fen] `json:"cap_fen" yaml:"cap_fen"`
}

// Spending is a kind of spending for which a budget may have a line (支出类别). If it is Forbidden, it cannot be funded.
type Spending struct {
	Key       string      `json:"key" yaml:"key"`
	Name      domain.Text `json:"name" yaml:"name"`
	Forbidden bool        `json:"forbidden" yaml:"forbidden"`
	Source    string      `json:"source" yaml:"source"`
}

// Tranche is one part of the grant (拨付批次), with the conditions for paying it.
type Tranche struct {
	Permille   int      `json:"permille" yaml:"permille"`     // share of the grant, in thousandths
	Milestones []string `json:"milestones" yaml:"milestones"` // milestones that must have been verified
	MidTerm    bool     `json:"midterm" yaml:"midterm"`       // whether the mid-term evaluation must have been passed
	Final      bool     `json:"final" yaml:"final"`           // whether the final evaluation must have been passed
	Settled    bool     `json:"settled" yaml:"settled"`       // whether the settlement must have been accepted; at most the accepted spending that is still unpaid is then paid
	Source     string   `json:"source" yaml:"source"`
}

// Eligibility sets the conditions that an organization must meet to apply (申报条件).
type Eligibility struct {
	InspectionPassed Rule[bool] `json:"inspection_passed" yaml:"inspection_passed"` // whether the organization must have passed the latest annual inspection (年检)
	MinYears         Rule[int]  `json:"min_years" yaml:"min_years"`                 // number of years for which the organization must have been registered
	MinStaff         Rule[int]  `json:"min_staff" yaml:"min_staff"`                 // smallest number of full-time staff
	NotListed        Rule[bool] `json:"not_listed" yaml:"not_listed"`               // whether the organization must not be listed for irregular activity or serious violations (活动异常名录、严重违法失信名单)
	PreferredRating  Rule[int]  `json:"preferred_rating" yaml:"preferred_rating"`   // rating that is an advantage, but not required
}

// Panel sets how a panel of experts is made up and how it judges (评审小组).
type Panel struct {
	MinSize     Rule[int] `json:"min_size" yaml:"min_size"`         // smallest number of experts, which must also be odd
	QuorumThird Rule[int] `json:"quorum_third" yaml:"quorum_third"` // how many thirds of the panel must score each proposal
	DropFrom    Rule[int] `json:"drop_from" yaml:"drop_from"`       // from this number of scores on, the highest and the lowest are dropped
	MinScore    Rule[int] `json:"min_score" yaml:"min_score"`       // lowest mean score, out of 100, with which a proposal is recommended
}

// Grade names a range of scores in an evaluation (等级).
type Grade struct {
	Key  string      `json:"key" yaml:"key"`
	Name domain.Text `json:"name" yaml:"name"`
	From int         `json:"from" yaml:"from"`
}

// Weight is one factor of the self-evaluation (绩效自评) and its highest possible score.
type Weight struct {
	Key  string      `json:"key" yaml:"key"`
	Name domain.Text `json:"name" yaml:"name"`
	Full int         `json:"full" yaml:"full"`
}

// Programme is one version of a programme's rules. A pilot keeps the version under which it was drafted.
type Programme struct {
	ID             string              `json:"id" yaml:"id"`
	Version        int                 `json:"version" yaml:"version"`
	Name           domain.Text         `json:"name" yaml:"name"`
	Effective      calendar.Date       `json:"effective" yaml:"effective"`
	Call           Rule[calendar.Date] `json:"call" yaml:"call"`                 // day from which applications are accepted (申报通知)
	MidTerm        Rule[calendar.Date] `json:"midterm" yaml:"midterm"`           // day on which the mid-term report is due
	RolloutEnds    Rule[calendar.Date] `json:"rollout_ends" yaml:"rollout_ends"` // last day of the rollout
	Announcement   Rule[calendar.Date] `json:"announcement" yaml:"announcement"` // last day for the announcement (公告)
	Fund           Fund                `json:"fund" yaml:"fund"`
	Purposes       Rule[[]string]      `json:"purposes" yaml:"purposes"`
	Kinds          []Kind              `json:"kinds" yaml:"kinds"`
	Proposals      Rule[int]           `json:"proposals" yaml:"proposals"` // largest number of proposals in one pilot
	Chain          Rule[[]place.Level] `json:"chain" yaml:"chain"`         // levels of the offices that endorse, the lowest first; the last one approves
	Terms          map[TermKey]Term    `json:"terms" yaml:"terms"`
	ReminderDays   Rule[int]           `json:"reminder_days" yaml:"reminder_days"` // number of calendar days between a reminder and the due day
	Eligibility    Eligibility         `json:"eligibility" yaml:"eligibility"`
	Spending       []Spending          `json:"spending" yaml:"spending"`
	AdminPermille  Rule[int]           `json:"admin_permille" yaml:"admin_permille"` // largest administrative share of a budget, in thousandths (管理费)
	GrantPermille  Rule[int]           `json:"grant_permille" yaml:"grant_permille"` // largest part of a project's cost that the grant may pay, in thousandths; the rest is matching funds (配套资金)
	ShiftPermille  Rule[int]           `json:"shift_permille" yaml:"shift_permille"` // thousandths of the smallest budget line involved; a smaller shift needs no approval
	BanYears       Rule[int]           `json:"ban_years" yaml:"ban_years"`           // number of years for which an organization is banned after a breach
	Panel          Panel               `json:"panel" yaml:"panel"`
	Tranches       []Tranche           `json:"tranches" yaml:"tranches"`
	Grades         []Grade             `json:"grades" yaml:"grades"` // grades of the final score, the best first
	GradesSource   string              `json:"grades_source" yaml:"grades_source"`
	Weights        []Weight            `json:"weights" yaml:"weights"`
	WeightsSource  string              `json:"weights_source" yaml:"weights_source"`
	LotteryMark    Rule[string]        `json:"lottery_mark" yaml:"lottery_mark"`       // mark that shows the source of the money (标识)
	RetentionYears Rule[int]           `json:"retention_years" yaml:"retention_years"` // number of years for which accounting vouchers are kept (会计凭证)
}

// DefaultProposals is how many proposals a pilot may have if its programme sets no limit. MostProposals is the highest limit that a
// programme can set.
const (
	DefaultProposals = 60
	MostProposals    = 500
)

// Complete adds the default terms and limits that the programme's file leaves out, so that a file stays valid when a term is added
// later.
//
// Errors: a finding for each term in the file that has no default, because no deadline uses it.
func (p *Programme) Complete(defaults map[TermKey]Term) error {
	var errs []error
	for key := range p.Terms {
		if _, known := defaults[key]; !known {
			errs = append(errs, fmt.Errorf("terms.%s is not a deadline Terrace knows", key))
		}
	}
	if p.Proposals == (Rule[int]{}) {
		p.Proposals = Rule[int]{DefaultProposals, Default}
	}
	if p.Terms == nil {
		p.Terms = map[TermKey]Term{}
	}
	for key, term := range defaults {
		if _, set := p.Terms[key]; !set {
			p.Terms[key] = term
		}
	}
	return errors.Join(errs...)
}

// Kind returns the kind of project with the key.
func (p *Programme) Kind(key string) (Kind, bool) {
	i := slices.IndexFunc(p.Kinds, func(k Kind) bool { return k.Key == key })
	if i < 0 {
		return Kind{}, false
	}
	return p.Kinds[i], true
}

// SpendingKind returns the kind of spending with the key.
func (p *Programme) SpendingKind(key string) (Spending, bool) {
	i := slices.IndexFunc(p.Spending, func(s Spending) bool { return s.Key == key })
	if i < 0 {
		return Spending{}, false
	}
	return p.Spending[i], true
}

// Grade returns the grade of a score between 0 and 100 (优 良 中 差).
func (p *Programme) Grade(score int) Grade {
	for _, g := range p.Grades {
		if score >= g.From {
			return g
		}
	}
	return p.Grades[len(p.Grades)-1]
}

// Split divides a grant into the programme's tranches. The last one takes whatever the others leave, so the parts always add up to the
// grant.
func (p *Programme) Split(grant money.Fen) []money.Fen {
	parts := make([]money.Fen, len(p.Tranches))
	left := grant
	for i, t := range p.Tranches {
		parts[i] = money.Share(grant, t.Permille)
		if i == len(parts)-1 {
			parts[i] = left
		}
		left -= parts[i]
	}
	return parts
}
