package pilot

import (
	"crypto/sha256"
	"encoding/hex"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/programme"
)

// OpenNotice publishes the recommended proposals (公示): project, organization and amount.
type OpenNotice struct {
	Round string `json:"round"`
}

// Object files an objection (异议) to one proposal. The last day of a notice still admits it.
type Object struct {
	Proposal string `json:"proposal" minLength:"1" maxLength:"24"`
	Grounds  string `json:"grounds" minLength:"1" maxLength:"2000" doc:"personal data: kept apart from the record"`
	Contact  string `json:"contact" minLength:"1" maxLength:"200" doc:"how to reach the objector; personal data: kept apart from the record"`
}

// DecideObjection ends the inquiry (核查).
type DecideObjection struct {
	Proposal string  `json:"proposal" minLength:"1" maxLength:"24"`
	Outcome  Outcome `json:"outcome" enum:"upheld,dismissed,review-again"`
	Reason   string  `json:"reason" minLength:"1" maxLength:"2000"`
}

// Outcome of an inquiry.
type Outcome string

const (
	Upheld      Outcome = "upheld"       // the proposal leaves
	Dismissed   Outcome = "dismissed"    // the remaining notice days resume
	ReviewAgain Outcome = "review-again" // new scores and a whole new notice
)

func (n *OpenNotice) check(p *Pilot, _ Context) error {
	if n.Round != itoa(p.NoticeRound) {
		return domain.Refuse("no-such-duty", "round")
	}
	return nil
}

func (n *OpenNotice) decide(p *Pilot, c Context) []Event {
	e := &NoticeOpened{Round: n.Round, Deadline: c.deadline(c.Today(), programme.NoticeTerm)}
	for i, q := range p.Cases {
		if q.Status == CaseScored {
			e.Proposals = append(e.Proposals, p.Proposals[i].Code)
		}
	}
	return []Event{e}
}

func (o *Object) subject() string { return o.Proposal }

func (o *Object) personal() map[string]string {
	return map[string]string{"grounds": o.Grounds, "contact": o.Contact}
}

func (o *Object) check(p *Pilot, _ Context) error {
	if q, _ := p.caseOf(o.Proposal); q == nil || q.Status != CaseNotice {
		return domain.Refuse("not-on-notice", "proposal", "proposal", o.Proposal)
	}
	return nil
}

func (o *Object) decide(p *Pilot, c Context) []Event {
	due := p.turn(AwaitNotice, o.Proposal).Due
	return []Event{&Objected{
		Proposal: o.Proposal, Remaining: c.remaining(due, programme.NoticeTerm),
		Digest: c.digest(o.Grounds + "\x00" + o.Contact), Deadline: c.deadline(c.Today(), programme.InquiryTerm),
	}}
}

// remaining counts the days of a term still to run after today until the due day.
func (c Context) remaining(due calendar.Date, key programme.TermKey) int {
	n := 0
	for d := c.Today().AddDays(1); !d.After(due); d = d.AddDays(1) {
		workday, _ := c.Calendar.Workday(d)
		if workday || c.Rules.Term(key).Unit != calendar.WorkingDays {
			n++
		}
	}
	return n
}

// digest stands in the journal in place of personal data.
func (c Context) digest(text string) string {
	sum := sha256.Sum256([]byte(c.Salt + text))
	return hex.EncodeToString(sum[:])
}

func (d *DecideObjection) subject() string { return d.Proposal }

func (d *DecideObjection) check(p *Pilot, _ Context) error {
	if q, _ := p.caseOf(d.Proposal); q == nil || q.Status != CasePaused {
		return domain.Refuse("no-objection", "proposal", "proposal", d.Proposal)
	}
	return nil
}

func (d *DecideObjection) decide(p *Pilot, c Context) []Event {
	decided := &ObjectionDecided{Proposal: d.Proposal, Outcome: d.Outcome, Reason: d.Reason}
	switch d.Outcome {
	case Upheld:
		return append([]Event{decided}, p.remove(d.Proposal, "objection-upheld", d.Reason, c)...)
	case ReviewAgain:
		decided.Deadline = c.deadline(c.Today(), programme.ReviewTerm)
	default:
		q, _ := p.caseOf(d.Proposal)
		term := calendar.Term{Days: q.Remaining, Unit: calendar.CalendarDays}
		if c.Rules.Term(programme.NoticeTerm).Unit == calendar.WorkingDays {
			term.Unit = calendar.WorkingDays
		}
		decided.Deadline = c.count(c.Today(), c.Today(), term)
	}
	return []Event{decided}
}

// noticeRuns clears the proposals whose notice ran its time and opens their approval.
func (p *Pilot) noticeRuns(turns []Turn, c Context) []Event {
	var events []Event
	for _, t := range turns {
		events = append(events, &ProposalCleared{Proposal: t.Subject, On: t.Due, Deadline: c.deadline(t.Due, programme.ApprovalTerm)})
	}
	return events
}

// NoticeOpened means that the notice is public from this day on.
type NoticeOpened struct {
	Round     string   `json:"round"`
	Proposals []string `json:"proposals"`
	Deadline  Deadline `json:"deadline"`
}

func (e *NoticeOpened) apply(p *Pilot) {
	p.done(AwaitPublication, "")
	p.discharge(PublishNotice, e.Round)
	for _, code := range e.Proposals {
		q, _ := p.caseOf(code)
		q.Status = CaseNotice
		p.open(AwaitNotice, code, e.Deadline)
	}
}

// Objected means that one proposal pauses while the objection is inquired into.
type Objected struct {
	Proposal  string   `json:"proposal"`
	Remaining int      `json:"remaining"` // days of the notice still to run
	Digest    string   `json:"digest"`    // salted SHA-256 of what the objector wrote
	Deadline  Deadline `json:"deadline"`
}

func (e *Objected) apply(p *Pilot) {
	q, _ := p.caseOf(e.Proposal)
	q.Status, q.Remaining = CasePaused, e.Remaining
	p.done(AwaitNotice, e.Proposal)
	p.open(AwaitInquiry, e.Proposal, e.Deadline)
}

// ObjectionDecided means that the inquiry ended.
type ObjectionDecided struct {
	Proposal string   `json:"proposal"`
	Outcome  Outcome  `json:"outcome"`
	Reason   string   `json:"reason"`
	Deadline Deadline `json:"deadline,omitzero"`
}

func (e *ObjectionDecided) apply(p *Pilot) {
	q, _ := p.caseOf(e.Proposal)
	p.done(AwaitInquiry, e.Proposal)
	switch e.Outcome {
	case Dismissed:
		q.Status = CaseNotice
		p.open(AwaitNotice, e.Proposal, e.Deadline)
	case ReviewAgain:
		q.Status, q.Scores, q.Score, q.Rank, q.GrantFen = CaseReview, nil, 0, 0, 0
		p.open(AwaitReview, "", e.Deadline)
	case Upheld:
	}
}

// ProposalCleared means that the notice ran its time; the proposal may be approved.
type ProposalCleared struct {
	Proposal string        `json:"proposal"`
	On       calendar.Date `json:"on"`
	Deadline Deadline      `json:"deadline"`
}

func (e *ProposalCleared) on() calendar.Date { return e.On }

func (e *ProposalCleared) apply(p *Pilot) {
	q, _ := p.caseOf(e.Proposal)
	q.Status = CaseCleared
	p.done(AwaitNotice, e.Proposal)
	if p.Stage == Notice {
		p.Stage = Approval
	}
	if p.turn(AwaitApproval, "") == nil {
		p.open(AwaitApproval, "", e.Deadline)
	}
}
