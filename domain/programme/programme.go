// Package programme holds the rules of a funding programme (资助计划) as data: what may be funded, who may apply, the time allowed for
// each step, and how money is released. No value that a programme can set is hard-coded elsewhere.
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

// Default marks a value that comes from no law or other document, but is proposed by Terrace itself.
const Default = "default"

// Rule is a value set by a programme, together with its source: a document, or Default.
type Rule[T any] struct {
	Value  T      `json:"value" yaml:"value"`
	Source string `json:"source" yaml:"source"`
}

// Term is a time limit with its source, in working days (工作日), calendar days or months. The date from which it runs is not counted.
type Term struct {
	Days   int           `json:"days" yaml:"days"`
	Unit   calendar.Unit `json:"unit" yaml:"unit"`
	Source string        `json:"source" yaml:"source"`
}

// Span converts the term to the type that the calendar uses.
func (t Term) Span() calendar.Term { return calendar.Term{Days: t.Days, Unit: t.Unit} }

// TermKey is the name of a term that a programme can set. The aggregate that uses the term declares it.
type TermKey string

// Fund is the source of the money for a programme's grants (资金来源).
type Fund struct {
	Source   string          `json:"source" yaml:"source"`
	Level    string          `json:"level" yaml:"level"`
	TotalFen Rule[money.Fen] `json:"total_fen" yaml:"total_fen"`
}

// Kind is a kind of project (项目类别). Its cap is the maximum budget of such a project, in fen.
type Kind struct {
	Key    string          `json:"key" yaml:"key"`
	Name   domain.Text     `json:"name" yaml:"name"`
	CapFen Rule[money.Fen] `json:"cap_fen" yaml:"cap_fen"`
}

// Spending is a kind of spending that may appear as a line in a budget (支出类别). A Forbidden kind cannot be funded.
type Spending struct {
	Key       string      `json:"key" yaml:"key"`
	Name      domain.Text `json:"name" yaml:"name"`
	Forbidden bool        `json:"forbidden" yaml:"forbidden"`
	Source    string      `json:"source" yaml:"source"`
}

// Tranche is one instalment of the grant (拨付批次), with the conditions for paying it.
type Tranche struct {
	Permille   int      `json:"permille" yaml:"permille"`     // share of the grant, in thousandths
	Milestones []string `json:"milestones" yaml:"milestones"` // milestones that must be verified
	MidTerm    bool     `json:"midterm" yaml:"midterm"`       // whether the project must pass the mid-term evaluation
	Final      bool     `json:"final" yaml:"final"`           // whether the project must pass the final evaluation
	Settled    bool     `json:"settled" yaml:"settled"`       // whether the settlement must have been accepted; if so, the tranche is limited to the accepted spending that earlier payments have not covered
	Source     string   `json:"source" yaml:"source"`
}

// Eligibility specifies the conditions that an organization must meet to apply (申报条件).
type Eligibility struct {
	InspectionPassed Rule[bool] `json:"inspection_passed" yaml:"inspection_passed"` // whether the organization must have passed the latest annual inspection (年检)
	MinYears         Rule[int]  `json:"min_years" yaml:"min_years"`                 // minimum number of years since registration
	MinStaff         Rule[int]  `json:"min_staff" yaml:"min_staff"`                 // minimum number of full-time staff
	NotListed        Rule[bool] `json:"not_listed" yaml:"not_listed"`               // whether the organization must not be listed for irregular activity or serious violations (活动异常名录、严重违法失信名单)
	PreferredRating  Rule[int]  `json:"preferred_rating" yaml:"preferred_rating"`   // rating that counts in an organization's favour but is not required
}

// Panel specifies the composition of a review panel and the rules by which it scores proposals (评审小组).
type Panel struct {
	MinSize     Rule[int] `json:"min_size" yaml:"min_size"`         // minimum number of experts; must be odd
	QuorumThird Rule[int] `json:"quorum_third" yaml:"quorum_third"` // number of thirds of the panel that must score each proposal
	DropFrom    Rule[int] `json:"drop_from" yaml:"drop_from"`       // minimum number of scores at which the highest and the lowest are dropped
	MinScore    Rule[int] `json:"min_score" yaml:"min_score"`       // minimum mean score, out of 100, for a recommendation
}

// Grade is a named range of evaluation scores (等级).
type Grade struct {
	Key  string      `json:"key" yaml:"key"`
	Name domain.Text `json:"name" yaml:"name"`
	From int         `json:"from" yaml:"from"`
}

// Weight is a criterion of the self-evaluation (绩效自评), with its maximum score.
type Weight struct {
	Key  string      `json:"key" yaml:"key"`
	Name domain.Text `json:"name" yaml:"name"`
	Full int         `json:"full" yaml:"full"`
}

// Programme is one version of a programme's rules. A pilot keeps the version that was current when it was drafted.
type Programme struct {
	ID             string              `json:"id" yaml:"id"`
	Version        int                 `json:"version" yaml:"version"`
	Name           domain.Text         `json:"name" yaml:"name"`
	Effective      calendar.Date       `json:"effective" yaml:"effective"`
	Call           Rule[calendar.Date] `json:"call" yaml:"call"`                 // date from which applications are accepted (申报通知)
	MidTerm        Rule[calendar.Date] `json:"midterm" yaml:"midterm"`           // due date of the mid-term report
	RolloutEnds    Rule[calendar.Date] `json:"rollout_ends" yaml:"rollout_ends"` // last day of the rollout
	Announcement   Rule[calendar.Date] `json:"announcement" yaml:"announcement"` // due date of the announcement (公告)
	Fund           Fund                `json:"fund" yaml:"fund"`
	Purposes       Rule[[]string]      `json:"purposes" yaml:"purposes"`
	Kinds          []Kind              `json:"kinds" yaml:"kinds"`
	Proposals      Rule[int]           `json:"proposals" yaml:"proposals"` // maximum number of proposals in a pilot
	Chain          Rule[[]place.Level] `json:"chain" yaml:"chain"`         // levels of the endorsing offices, lowest first; the last one approves
	Terms          map[TermKey]Term    `json:"terms" yaml:"terms"`
	ReminderDays   Rule[int]           `json:"reminder_days" yaml:"reminder_days"` // number of calendar days between a reminder and the due date
	Eligibility    Eligibility         `json:"eligibility" yaml:"eligibility"`
	Spending       []Spending          `json:"spending" yaml:"spending"`
	AdminPermille  Rule[int]           `json:"admin_permille" yaml:"admin_permille"` // maximum share of administrative costs in a budget, in thousandths (管理费)
	GrantPermille  Rule[int]           `json:"grant_permille" yaml:"grant_permille"` // maximum share of a project's cost that the grant may cover, in thousandths; the rest is matching funds (配套资金)
	ShiftPermille  Rule[int]           `json:"shift_permille" yaml:"shift_permille"` // largest shift between budget lines that needs no approval, in thousandths of the smallest line involved
	BanYears       Rule[int]           `json:"ban_years" yaml:"ban_years"`           // number of years for which an organization is banned after a breach
	Panel          Panel               `json:"panel" yaml:"panel"`
	Tranches       []Tranche           `json:"tranches" yaml:"tranches"`
	Grades         []Grade             `json:"grades" yaml:"grades"` // grades of the final score, best first
	GradesSource   string              `json:"grades_source" yaml:"grades_source"`
	Weights        []Weight            `json:"weights" yaml:"weights"`
	WeightsSource  string              `json:"weights_source" yaml:"weights_source"`
	LotteryMark    Rule[string]        `json:"lottery_mark" yaml:"lottery_mark"`       // mark that identifies the source of the money (标识)
	RetentionYears Rule[int]           `json:"retention_years" yaml:"retention_years"` // number of years for which accounting vouchers are kept (会计凭证)
}

// DefaultProposals is the maximum number of proposals in a pilot if its programme sets none. MostProposals is the highest maximum that
// a programme may set.
const (
	DefaultProposals = 60
	MostProposals    = 500
)

// Complete fills in the default terms and limits that the programme's file omits, so that existing files remain valid when a term is
// introduced later.
//
// Errors: a finding for each term in the file that has no default, because nothing uses it.
func (p *Programme) Complete(defaults map[TermKey]Term) error {
	var errs []error
	for key := range p.Terms {
		if _, known := defaults[key]; !known {
			errs = append(errs, fmt.Errorf("terms.%s is not a term that Terrace uses", key))
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

// purposeNames holds the display names of the purposes of the welfare lottery fund (福利彩票公益金的用途).
var purposeNames = map[string]domain.Text{
	"elderly": domain.T("扶老", "care for the elderly"), "disabled": domain.T("助残", "help for disabled people"),
	"orphans": domain.T("救孤", "care for orphans"), "hardship": domain.T("济困", "relief of hardship"),
}

// PurposeName returns the display name of a purpose of the fund, or an empty text for any other key.
func PurposeName(key string) domain.Text { return purposeNames[key] }

// Purposeful returns an error that lists the programme's purposes if the purpose is not one of them.
func (p *Programme) Purposeful(field, purpose string) error {
	if slices.Contains(p.Purposes.Value, purpose) {
		return nil
	}
	choice := domain.Choice(p.Purposes.Value, PurposeName)
	return domain.Refuse("unknown-purpose", field, append(choice, "purpose", purpose)...)
}

// KindChoice returns the arguments for a refusal that lists the kinds of project.
func (p *Programme) KindChoice() []string {
	keys := make([]string, len(p.Kinds))
	for i, k := range p.Kinds {
		keys[i] = k.Key
	}
	return domain.Choice(keys, p.KindName)
}

// KindName returns the display name of a kind of project, or an empty text if the programme does not list the kind.
func (p *Programme) KindName(key string) domain.Text { k, _ := p.Kind(key); return k.Name }

// SpendingChoice returns the arguments for a refusal that lists the kinds of spending that may be funded.
func (p *Programme) SpendingChoice() []string {
	var keys []string
	for _, s := range p.Spending {
		if !s.Forbidden {
			keys = append(keys, s.Key)
		}
	}
	return domain.Choice(keys, p.SpendingName)
}

// SpendingName returns the display name of a kind of spending, or an empty text if the programme does not list the kind.
func (p *Programme) SpendingName(key string) domain.Text { s, _ := p.SpendingKind(key); return s.Name }

// GradeName returns the display name of a grade, or an empty text if the programme has no such grade.
func (p *Programme) GradeName(key string) domain.Text {
	for _, g := range p.Grades {
		if g.Key == key {
			return g.Name
		}
	}
	return domain.Text{}
}

// Grade returns the grade for a score from 0 to 100 (优 良 中 差).
func (p *Programme) Grade(score int) Grade {
	for _, g := range p.Grades {
		if score >= g.From {
			return g
		}
	}
	return p.Grades[len(p.Grades)-1]
}

// Split divides a grant into the programme's tranches. The last tranche takes the remainder, so that the tranches always add up to
// the grant.
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
