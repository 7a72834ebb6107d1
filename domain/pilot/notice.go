package pilot

import (
	"slices"
	"strconv"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/place"
)

// OpenNotice puts the recommended proposals on public notice (公示), each with its project, organization and amount.
type OpenNotice struct {
	Round string `json:"round"`
}

// Object files an objection (异议) to a proposal. It is possible until the end of the last day of the proposal's public notice.
type Object struct {
	Proposal string `json:"proposal" minLength:"1" maxLength:"24"`
	Grounds  string `json:"grounds" minLength:"1" maxLength:"2000" doc:"personal data: kept apart from the record"`
	Contact  string `json:"contact" minLength:"1" maxLength:"200" doc:"how to reach the objector; personal data: kept apart from the record"`
}

// DecideObjection decides on an objection and so ends the inquiry into it (核查).
type DecideObjection struct {
	Proposal string  `json:"proposal" minLength:"1" maxLength:"24"`
	Outcome  Outcome `json:"outcome" enum:"upheld,dismissed,review-again"`
	Reason   string  `json:"reason" minLength:"1" maxLength:"2000"`
}

// Outcome is the result of an inquiry.
type Outcome string

const (
	Upheld      Outcome = "upheld"       // the proposal leaves the pilot
	Dismissed   Outcome = "dismissed"    // the notice resumes for its remaining days
	ReviewAgain Outcome = "review-again" // the proposal gets new scores and a new notice
)

// Outcomes maps each result of an inquiry to its display name.
var Outcomes = map[Outcome]domain.Text{
	Upheld:      {ZH: "成立", EN: "the objection is upheld"},
	Dismissed:   {ZH: "不成立", EN: "the objection is dismissed"},
	ReviewAgain: {ZH: "重新评审", EN: "the proposal is reviewed again"},
}

func (n *OpenNotice) Check(p *Pilot, _ flow.Context) error {
	if n.Round != strconv.Itoa(p.NoticeRound) {
		return domain.Refuse("no-such-duty", "round")
	}
	return nil
}

func (n *OpenNotice) Decide(p *Pilot, c flow.Context) []flow.Event {
	e := &NoticeOpened{Round: n.Round, Deadline: c.Deadline(c.Today(), NoticeTerm)}
	for i, q := range p.Cases {
		if q.Status == CaseScored {
			e.Proposals = append(e.Proposals, p.Proposals[i].Code)
		}
	}
	return []flow.Event{e}
}

func (o *Object) About() string { return o.Proposal }

func (o *Object) Personal() map[string]string {
	return map[string]string{"grounds": o.Grounds, "contact": o.Contact}
}

func (o *Object) Check(p *Pilot, _ flow.Context) error {
	if q, _ := p.caseOf(o.Proposal); q == nil || q.Status != CaseNotice {
		return domain.Refuse("not-on-notice", "proposal", "proposal", o.Proposal)
	}
	return nil
}

// Unadmitted explains to the sender why no objection to the proposal is possible: its public notice has ended, is suspended, or has
// not been opened. It returns nil if no part of the pilot has been on public notice.
func (o *Object) Unadmitted(s flow.State, places *place.Table) error {
	p := s.(*Pilot)
	q := Case{}
	if i := p.indexOf(o.Proposal); i >= 0 && i < len(p.Cases) { // a draft has no cases
		q = p.Cases[i]
	}
	ended := q.NoticeEnded
	if t := p.Turn(AwaitNotice, o.Proposal); t != nil {
		ended = t.Due // the notice may have ended although this is not recorded yet
	}
	switch {
	case !ended.IsZero():
		office, _ := places.Get(place.Code(p.Chain[len(p.Chain)-1]))
		return domain.Refuse("notice-over", "", "proposal", o.Proposal, "day", ended.String(), "zh", office.ZH, "en", office.EN)
	case q.Status == CasePaused:
		return domain.Refuse("objection-pending", "", "proposal", o.Proposal)
	case p.Readers().Public:
		return domain.Refuse("not-on-notice", "proposal", "proposal", o.Proposal)
	default:
		return nil
	}
}

func (o *Object) Decide(p *Pilot, c flow.Context) []flow.Event {
	due := p.Turn(AwaitNotice, o.Proposal).Due
	return []flow.Event{&Objected{
		Proposal: o.Proposal, Remaining: remaining(c, due, NoticeTerm),
		Digest: c.Digest(o.Grounds + "\x00" + o.Contact), Deadline: c.Deadline(c.Today(), InquiryTerm),
	}}
}

// remaining returns the number of days of a term that are left after today.
func remaining(c flow.Context, due calendar.Date, term flow.Term) int {
	n := 0
	for d := c.Today().AddDays(1); !d.After(due); d = d.AddDays(1) {
		workday, _ := c.Calendar.Workday(d)
		if workday || c.Term(term).Unit != calendar.WorkingDays {
			n++
		}
	}
	return n
}

func (d *DecideObjection) About() string { return d.Proposal }

// Unadmitted returns an error if the proposal has no undecided objection.
func (d *DecideObjection) Unadmitted(s flow.State, _ *place.Table) error {
	if p := s.(*Pilot); p.deciding() {
		return d.Check(p, flow.Context{})
	}
	return nil
}

// deciding reports whether the pilot has reached a stage in which objections may exist: the notice, the approval or the rollout.
func (p *Pilot) deciding() bool {
	return slices.Contains([]flow.Stage{Notice, Approval, Rollout}, p.Stage)
}

func (d *DecideObjection) Check(p *Pilot, _ flow.Context) error {
	if q, _ := p.caseOf(d.Proposal); q == nil || q.Status != CasePaused {
		return domain.Refuse("no-objection", "proposal", "proposal", d.Proposal)
	}
	return nil
}

func (d *DecideObjection) Decide(p *Pilot, c flow.Context) []flow.Event {
	decided := &ObjectionDecided{Proposal: d.Proposal, Outcome: d.Outcome, Reason: d.Reason}
	switch d.Outcome {
	case Upheld:
		return append([]flow.Event{decided}, p.remove(d.Proposal, RemovalUpheld, d.Reason, c)...)
	case ReviewAgain:
		decided.Deadline = c.Deadline(c.Today(), ReviewTerm)
	default:
		q, _ := p.caseOf(d.Proposal)
		term := calendar.Term{Days: q.Remaining, Unit: calendar.CalendarDays}
		if c.Term(NoticeTerm).Unit == calendar.WorkingDays {
			term.Unit = calendar.WorkingDays
		}
		decided.Deadline = c.Count(c.Today(), c.Today(), term)
	}
	return []flow.Event{decided}
}

// noticeRuns returns the events that clear proposals for approval when their notice has ended.
func (p *Pilot) noticeRuns(turns []flow.Turn, c flow.Context) []flow.Event {
	var events []flow.Event
	for _, t := range turns {
		events = append(events, &ProposalCleared{Proposal: t.Subject, On: t.Due, Deadline: c.Deadline(t.Due, ApprovalTerm)})
	}
	return events
}

// NoticeOpened records that the public notice was opened. It runs from that date.
type NoticeOpened struct {
	Round     string        `json:"round"`
	Proposals []string      `json:"proposals"`
	Deadline  flow.Deadline `json:"deadline"`
}

func (e *NoticeOpened) Apply(p *Pilot) {
	p.Done(AwaitPublication, "")
	p.Discharge(PublishNotice, e.Round)
	for _, code := range e.Proposals {
		q, _ := p.caseOf(code)
		q.Status = CaseNotice
		p.Open(AwaitNotice, code, e.Deadline)
	}
}

// Objected records an objection to a proposal, whose notice is suspended during the inquiry.
type Objected struct {
	Proposal  string        `json:"proposal"`
	Remaining int           `json:"remaining"` // number of days left of the notice
	Digest    string        `json:"digest"`    // salted SHA-256 hash of the objector's grounds and contact details
	Deadline  flow.Deadline `json:"deadline"`
}

// Concealed returns the digest of the objector's grounds and contact details.
func (e *Objected) Concealed() (string, []string) { return e.Digest, []string{"grounds", "contact"} }

func (e *Objected) Apply(p *Pilot) {
	q, _ := p.caseOf(e.Proposal)
	q.Status, q.Remaining = CasePaused, e.Remaining
	p.Done(AwaitNotice, e.Proposal)
	p.Open(AwaitInquiry, e.Proposal, e.Deadline)
}

// ObjectionDecided records the result of the inquiry.
type ObjectionDecided struct {
	Proposal string        `json:"proposal"`
	Outcome  Outcome       `json:"outcome"`
	Reason   string        `json:"reason"`
	Deadline flow.Deadline `json:"deadline,omitzero"`
}

func (e *ObjectionDecided) Apply(p *Pilot) {
	q, _ := p.caseOf(e.Proposal)
	q.Reason, q.ReasonOn = e.Reason, p.AsOf
	p.Done(AwaitInquiry, e.Proposal)
	switch e.Outcome {
	case Dismissed:
		q.Status = CaseNotice
		p.Open(AwaitNotice, e.Proposal, e.Deadline)
	case ReviewAgain:
		q.Status, q.Scores, q.Score, q.Rank, q.GrantFen = CaseReview, nil, 0, 0, 0
		p.Open(AwaitReview, "", e.Deadline)
	case Upheld:
	}
}

// ProposalCleared records that a proposal's notice ended without an open objection, so that it can be approved.
type ProposalCleared struct {
	Proposal string        `json:"proposal"`
	On       calendar.Date `json:"on"`
	Deadline flow.Deadline `json:"deadline"`
}

func (e *ProposalCleared) EffectiveOn() calendar.Date { return e.On }

func (e *ProposalCleared) Apply(p *Pilot) {
	q, _ := p.caseOf(e.Proposal)
	q.Status, q.NoticeEnded = CaseCleared, e.On
	p.Done(AwaitNotice, e.Proposal)
	if p.Stage == Notice {
		p.Stage = Approval
	}
	if p.Turn(AwaitApproval, "") == nil {
		p.Open(AwaitApproval, "", e.Deadline)
	}
}
