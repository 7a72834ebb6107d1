// Package pilot implements pilots (试点). In a pilot, an office applies for lottery money to fund proposals in villages, gets them
// approved, and accounts for the money. Each approved proposal becomes a project.
package pilot

import (
	"maps"
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/plan"
	"terrace/domain/project"
)

// Kind is the aggregate kind of a pilot.
const Kind flow.Kind = "pilot"

// Pilot is one run of a programme (试点): an office applies for lottery money to fund proposals in villages, gets them approved, and
// accounts for the money.
type Pilot struct {
	flow.Record
	Application
	Home        string                 `json:"home"`            // place of the office that launched the pilot
	Chain       []string               `json:"chain"`           // places of the offices that endorse the application, lowest first
	Level       int                    `json:"level,omitempty"` // index in Chain of the office whose endorsement is due
	SubmittedBy string                 `json:"submitted_by,omitempty"`
	Reason      string                 `json:"reason,omitempty"`    // why the application was last sent back, or why the pilot ended without an approval
	ReasonOn    calendar.Date          `json:"reason_on,omitzero"`  // the day on which that reason was given
	Corrected   bool                   `json:"corrected,omitempty"` // whether the single permitted correction has been used
	Checked     bool                   `json:"checked,omitempty"`   // whether the proposals have been checked against the directory of social organizations
	Findings    []Finding              `json:"findings,omitempty"`  // what that check found about the evaluator
	Cases       []Case                 `json:"cases,omitempty"`     // one case for each proposal, in the same order
	Panel       []string               `json:"panel,omitempty"`     // actor ids of the experts
	Quorum      int                    `json:"quorum,omitempty"`    // number of scores that each proposal needs
	NoticeRound int                    `json:"notice_round,omitempty"`
	Numbers     []string               `json:"numbers,omitempty"` // document numbers of the written approvals (文号)
	Contract    Contract               `json:"contract"`
	Summary     *Summary               `json:"summary,omitempty"`
	Dossier     string                 `json:"dossier,omitempty"` // SHA-256 hash over the heads of the hash chains of the pilot and everything that belongs to it
	Ends        map[string]project.End `json:"ends,omitempty"`    // how each project ended, by project id

	Promised *money.Fen `json:"-"` // total commitments of the whole pilot; set only in copies made by Part
}

// CaseStatus is the status of a proposal within the pilot.
type CaseStatus string

const (
	CaseProposed CaseStatus = "proposed"
	CaseReview   CaseStatus = "review"  // experts are scoring the proposal
	CaseScored   CaseStatus = "scored"  // recommended, but not yet published for notice
	CaseNotice   CaseStatus = "notice"  // the public notice (公示) is running
	CasePaused   CaseStatus = "paused"  // the public notice is suspended by an inquiry
	CaseCleared  CaseStatus = "cleared" // public notice ended without an open objection; ready for approval
	CaseApproved CaseStatus = "approved"
	CaseRemoved  CaseStatus = "removed"
)

// CaseStatuses maps each status of a proposal to its display name.
var CaseStatuses = map[CaseStatus]domain.Text{
	CaseProposed: {ZH: "已申报", EN: "proposed"},
	CaseReview:   {ZH: "评审中", EN: "under review"},
	CaseScored:   {ZH: "已评审，待公示", EN: "reviewed, not yet on public notice"},
	CaseNotice:   {ZH: "公示中", EN: "on public notice"},
	CasePaused:   {ZH: "公示暂停（异议核查中）", EN: "suspended while an objection is investigated"},
	CaseCleared:  {ZH: "公示期满，待批复", EN: "cleared for approval"},
	CaseApproved: {ZH: "已批复立项", EN: "approved"},
	CaseRemoved:  {ZH: "已退出", EN: "no longer in the pilot"},
}

// Removal is the reason for which a proposal left the pilot.
type Removal string

const (
	RemovalRefused        Removal = "refused"
	RemovalNotRecommended Removal = "not-recommended"
	RemovalUnfunded       Removal = "money-used-up"
	RemovalUpheld         Removal = "objection-upheld"
	RemovalGivenUp        Removal = "given-up"
)

// Removals maps each reason to the display name of the status that it leaves the proposal in.
var Removals = map[Removal]domain.Text{
	RemovalRefused:        {ZH: "不予受理", EN: "refused"},
	RemovalNotRecommended: {ZH: "未获推荐", EN: "not recommended"},
	RemovalUnfunded:       {ZH: "申请资金余额不足，未予安排", EN: "not funded: too little of the money requested was left"},
	RemovalUpheld:         {ZH: "异议成立", EN: "objection upheld"},
	RemovalGivenUp:        {ZH: "放弃立项", EN: "given up"},
}

// StatusName returns the display name of the case's status, which for a removed proposal is the reason.
func (q Case) StatusName() domain.Text {
	if name, known := Removals[q.Removed]; known && q.Status == CaseRemoved {
		return name
	}
	return CaseStatuses[q.Status]
}

// Case holds the findings and decisions about one proposal.
type Case struct {
	Status    CaseStatus         `json:"status"`
	Removed   Removal            `json:"removed,omitempty" doc:"why it left the pilot: refused, not-recommended (too weak), money-used-up (the money requested did not reach it), objection-upheld or given-up"`
	Reason    string             `json:"reason,omitempty" doc:"why it was refused or given up, or what was decided on the last objection to it, in the words of whoever decided; for a proposal that the review removed, see removed"`
	ReasonOn  calendar.Date      `json:"reason_on,omitzero" doc:"the day of that decision"`
	Findings  []Finding          `json:"findings,omitempty"`
	Scores    map[string]Opinion `json:"scores,omitempty"` // experts' opinions by actor id
	Recused   []string           `json:"recused,omitempty"`
	Score     int                `json:"score,omitempty" doc:"mean score in hundredths of a point: 8550 is 85.50"`
	Rank      int                `json:"rank,omitempty" doc:"place in the review by score, from 1; missing before the review is concluded"`
	GrantFen  money.Fen          `json:"grant_fen,omitempty"`
	Remaining int                `json:"remaining,omitempty" doc:"days left of the public notice when it was suspended: working days, unless the programme counts the notice in calendar days"`
	Project   string             `json:"project,omitempty"`  // project id, once the proposal is approved
	Agreement flow.Deadline      `json:"agreement,omitzero"` // deadline for both sides to sign the agreement
	// NoticeEnded is the last day of the public notice that the proposal completed.
	NoticeEnded calendar.Date `json:"notice_ended,omitzero"`
}

// Contract is the evaluator's contract. The approval commits its money, which is paid in a single payment after the last verdict.
type Contract struct {
	Attempt  int           `json:"attempt,omitempty"`
	Deadline flow.Deadline `json:"deadline,omitzero"`
	PaidFen  money.Fen     `json:"paid_fen,omitempty"`
	Final    bool          `json:"final,omitempty"` // whether the bank can no longer send the money back
}

// open reports whether payment under the contract is due but not final: it may still be made, or be returned by the bank.
func (c Contract) open() bool { return c.Attempt > 0 && !c.Final }

func (p *Pilot) Root() string { return p.ID }

func (p *Pilot) Place() string { return p.Home }

// Label returns the title of the application.
func (p *Pilot) Label() domain.Text { return p.Title }

func (p *Pilot) Party(seat flow.Seat) domain.Party {
	switch seat {
	case plan.HomeOffice:
		return domain.Party{Place: p.Home}
	case plan.TurnOffice: // after every endorsement, the last office still speaks for the pilot
		return domain.Party{Place: p.Chain[min(p.Level, len(p.Chain)-1)]}
	case plan.HighestOffice:
		return domain.Party{Place: p.Chain[len(p.Chain)-1]}
	case plan.PanelSeat:
		return domain.Party{People: p.Panel}
	case plan.ProposerSeat:
		codes := make([]string, len(p.Proposals))
		for i, q := range p.Proposals {
			codes[i] = q.Organization.CreditCode
		}
		return domain.Party{Organizations: codes}
	case plan.EvaluatorSeat:
		return domain.Party{Organizations: []string{p.Evaluator.CreditCode}}
	default:
		return domain.Party{}
	}
}

// Awaited returns, during the review, the experts whose scores are outstanding, and the office once it can act: either to conclude
// the review, because every proposal has its quorum, or to add experts, because too few are left to reach it.
func (p *Pilot) Awaited(t flow.Turn) []domain.Party {
	if t.Key != AwaitReview || len(p.Panel) == 0 {
		return nil
	}
	var parties []domain.Party
	if code, _ := p.short(p.Quorum); code != "below-quorum" {
		parties = append(parties, flow.In(plan.HighestOffice, domain.CaseOfficer).In(p))
	}
	var missing []string
	for _, expert := range p.Panel {
		if slices.ContainsFunc(p.Cases, func(q Case) bool { return q.awaits(expert) }) {
			missing = append(missing, expert)
		}
	}
	if len(missing) > 0 {
		parties = append(parties, domain.Party{Roles: []domain.Role{domain.Expert}, People: missing})
	}
	return parties
}

func (p *Pilot) Lapse(turns []flow.Turn, c flow.Context) []flow.Event {
	switch turns[0].Key {
	case AwaitApplication, AwaitCorrection:
		return []flow.Event{&PilotWithdrawn{On: turns[0].Due, Lapsed: true}}
	default:
		return p.noticeRuns(turns, c)
	}
}

// Claims returns a key for each organization, so that it has only one application in a programme, and a key for the document number
// of each written approval, so that no number is used twice.
func (p *Pilot) Claims() []string {
	var keys []string
	switch p.Stage {
	case Applying, Withdrawn, Refused, Rejected, Failed:
	default:
		for i, q := range p.Proposals {
			if p.Cases[i].Status != CaseRemoved {
				keys = append(keys, "application:"+p.Programme.ID+":"+q.Organization.CreditCode)
			}
		}
	}
	for _, n := range p.Numbers {
		keys = append(keys, "approval-number:"+n)
	}
	return keys
}

// caseOf returns the case and the proposal with the given proposal code, or nil if there is none.
func (p *Pilot) caseOf(code string) (*Case, *plan.Proposal) {
	i := p.indexOf(code)
	if i < 0 {
		return nil, nil
	}
	return &p.Cases[i], &p.Proposals[i]
}

// left reports whether any proposal has one of the given statuses.
func (p *Pilot) left(statuses ...CaseStatus) bool {
	return slices.ContainsFunc(p.Cases, func(q Case) bool { return slices.Contains(statuses, q.Status) })
}

// remaining returns the cases that would be left without the named proposals.
func (p *Pilot) remaining(gone ...string) (cases []Case) {
	for i, q := range p.Proposals {
		if p.Cases[i].Status != CaseRemoved && !slices.Contains(gone, q.Code) {
			cases = append(cases, p.Cases[i])
		}
	}
	return cases
}

// underWay reports whether a proposal is still in the pilot and its project has not ended.
func (p *Pilot) underWay(q Case) bool {
	if q.Status == CaseApproved {
		_, over := p.Ends[q.Project]
		return !over
	}
	return q.Status != CaseRemoved
}

// CommittedFen returns the total committed by the written approvals: the price of the evaluator's contract, and the grants. A project
// that has ended counts only with the amount it was paid.
func (p *Pilot) CommittedFen() money.Fen {
	if p.Promised != nil {
		return *p.Promised
	}
	if len(p.Numbers) == 0 {
		return 0
	}
	sum := p.Evaluator.Fen
	for _, q := range p.Cases {
		if end, ended := p.Ends[q.Project]; ended {
			sum += end.PaidFen
		} else if q.Status == CaseApproved {
			sum += q.GrantFen
		}
	}
	return sum
}

// People returns the ids of the people who gave or declined to give an opinion on a proposal.
func (p *Pilot) People() (ids []string) {
	for _, c := range p.Cases {
		ids = append(ids, c.People()...)
	}
	return ids
}

// People returns the ids of the experts who scored the proposal or recused themselves.
func (q Case) People() []string {
	return slices.AppendSeq(slices.Clone(q.Recused), maps.Keys(q.Scores))
}
