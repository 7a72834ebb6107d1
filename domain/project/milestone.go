package project

import (
	"slices"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/place"
	"terrace/domain/plan"
)

// Step is the status of one of a project's milestones (里程碑).
type Step struct {
	Key        string         `json:"key"`
	Status     StepStatus     `json:"status"`
	Evidence   []EvidenceFile `json:"evidence,omitempty"`
	AcceptedBy string         `json:"accepted_by,omitempty"` // actor id of the village committee member who accepted the work
	VerifiedOn calendar.Date  `json:"verified_on,omitzero"`
	// SubmittedOn is the day of the last submission. It is zero if an entry of version 1 recorded it.
	SubmittedOn calendar.Date `json:"submitted_on,omitzero"`
	Late        bool          `json:"late,omitempty"` // whether it was submitted after its due day
	Reason      string        `json:"reason,omitempty" doc:"why it was last returned (退回理由); kept with the next submission, for those who check it"`
	ReasonOn    calendar.Date `json:"reason_on,omitzero" doc:"the day on which it was returned"`
}

// StepStatus is the status of the work on a milestone.
type StepStatus string

const (
	StepPlanned   StepStatus = "planned"
	StepSubmitted StepStatus = "submitted"
	StepReturned  StepStatus = "returned"
	StepVerified  StepStatus = "verified"
)

// StepStatuses maps each milestone status to its display name.
var StepStatuses = map[StepStatus]domain.Text{
	StepPlanned:   {ZH: "待提交", EN: "planned"},
	StepSubmitted: {ZH: "已提交，待验收核实", EN: "submitted"},
	StepReturned:  {ZH: "已退回", EN: "returned"},
	StepVerified:  {ZH: "已核实", EN: "verified"},
}

// EvidenceFile is an uploaded file together with the kind of evidence it contains (佐证材料).
type EvidenceFile struct {
	Kind   string `json:"kind" minLength:"1" maxLength:"60" doc:"kind of evidence, as the milestone asks for it"`
	SHA256 string `json:"sha256" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the uploaded file"`
}

// SubmitMilestone submits a milestone with the required evidence.
type SubmitMilestone struct {
	Milestone string         `json:"milestone" minLength:"1" maxLength:"8"`
	Evidence  []EvidenceFile `json:"evidence" minItems:"1" maxItems:"60"`
	Note      string         `json:"note,omitempty" maxLength:"2000"`
}

// AcceptWork is the village committee's acceptance of the work on site (村级验收).
type AcceptWork struct {
	Milestone string `json:"milestone" minLength:"1" maxLength:"8"`
	Remark    string `json:"remark,omitempty" maxLength:"2000"`
}

// VerifyMilestone is the office's verification after a site visit (核实).
type VerifyMilestone struct {
	Milestone string        `json:"milestone" minLength:"1" maxLength:"8"`
	VisitedOn calendar.Date `json:"visited_on" doc:"day of the visit on site"`
	Finding   string        `json:"finding" minLength:"1" maxLength:"2000"`
}

// ReturnMilestone sends a milestone back to the organization, with the reason (退回).
type ReturnMilestone struct {
	Milestone string `json:"milestone" minLength:"1" maxLength:"8"`
	Reason    string `json:"reason" minLength:"1" maxLength:"2000"`
}

// step returns the status of the milestone with the given key, or an empty one if there is no such milestone.
func (p *Project) step(key string) *Step {
	for i := range p.Steps {
		if p.Steps[i].Key == key {
			return &p.Steps[i]
		}
	}
	return &Step{}
}

// milestone returns the milestone with the given key, or a refusal if the project has none.
func (p *Project) milestone(key string) (plan.Milestone, error) {
	i := slices.IndexFunc(p.Proposal.Milestones, func(m plan.Milestone) bool { return m.Key == key })
	if i < 0 {
		return plan.Milestone{}, domain.Refuse("no-such-milestone", "milestone", "key", key)
	}
	return p.Proposal.Milestones[i], nil
}

// unadmitted returns an error that says why a milestone cannot be submitted or assessed now: it does not exist, has been verified, has
// not been submitted, or has already been submitted.
func (p *Project) unadmitted(key string, submitting bool) error {
	if p.over() {
		return nil
	}
	if _, err := p.milestone(key); err != nil {
		return err
	}
	m := matter{paper: domain.T("里程碑“"+key+"”", "milestone "+key)}
	switch step := p.step(key); {
	case step.Status == StepVerified:
		return domain.Refuse("already-verified", "milestone", "key", key, "day", step.VerifiedOn.String())
	case submitting && step.Status == StepSubmitted:
		return m.submitted()
	case !submitting:
		return m.missing()
	default:
		return nil
	}
}

func (s *SubmitMilestone) Unadmitted(p flow.State, _ *place.Table) error {
	return p.(*Project).unadmitted(s.Milestone, true)
}

func (a *AcceptWork) Unadmitted(p flow.State, _ *place.Table) error {
	return p.(*Project).unadmitted(a.Milestone, false)
}

func (v *VerifyMilestone) Unadmitted(p flow.State, _ *place.Table) error {
	return p.(*Project).unadmitted(v.Milestone, false)
}

func (r *ReturnMilestone) Unadmitted(p flow.State, _ *place.Table) error {
	return p.(*Project).unadmitted(r.Milestone, false)
}

func (s *SubmitMilestone) About() string { return s.Milestone }

func (s *SubmitMilestone) Files() []string {
	return plan.Each(s.Evidence, func(f EvidenceFile) string { return f.SHA256 })
}

func (s *SubmitMilestone) Check(p *Project, c flow.Context) error {
	m, err := p.milestone(s.Milestone)
	if err != nil {
		return err
	}
	for _, kind := range m.Evidence {
		if !slices.ContainsFunc(s.Evidence, func(f EvidenceFile) bool { return f.Kind == kind }) {
			name := plan.EvidenceName(kind)
			return domain.Refuse("missing-evidence", "evidence", "zh", name.ZH, "en", name.EN, "kind", kind)
		}
	}
	for i, f := range s.Evidence {
		if err := flow.Stored(flow.At("evidence", i)+".sha256", f.SHA256, c); err != nil {
			return err
		}
	}
	return nil
}

func (s *SubmitMilestone) Decide(_ *Project, c flow.Context) []flow.Event {
	return []flow.Event{&MilestoneSubmitted{
		Milestone: s.Milestone, Evidence: plan.Each(s.Evidence, func(f EvidenceFile) recordedFile { return recordedFile(f) }), Note: s.Note,
		On: c.Today(), Deadline: c.Deadline(c.Today(), VerificationTerm),
	}}
}

func (a *AcceptWork) About() string { return a.Milestone }

func (a *AcceptWork) Check(p *Project, _ flow.Context) error {
	if _, err := p.milestone(a.Milestone); err != nil {
		return err
	}
	if p.step(a.Milestone).AcceptedBy != "" {
		return domain.Refuse("already-accepted", "milestone", "key", a.Milestone)
	}
	return nil
}

func (a *AcceptWork) Decide(_ *Project, c flow.Context) []flow.Event {
	return []flow.Event{&WorkAccepted{Milestone: a.Milestone, By: c.Actor.ID, Remark: a.Remark}}
}

func (v *VerifyMilestone) About() string { return v.Milestone }

// Check returns an error if the village committee has not yet accepted the work.
func (v *VerifyMilestone) Check(p *Project, c flow.Context) error {
	if _, err := p.milestone(v.Milestone); err != nil {
		return err
	}
	if p.step(v.Milestone).AcceptedBy == "" {
		return domain.Refuse("village-first", "milestone", "key", v.Milestone)
	}
	if v.VisitedOn.After(c.Today()) {
		return domain.Refuse("future-day", "visited_on", "day", v.VisitedOn.String())
	}
	if v.VisitedOn.Before(p.AgreedOn) {
		return domain.Refuse("visit-too-early", "visited_on", "day", v.VisitedOn.String(), "on", p.AgreedOn.String())
	}
	return nil
}

func (v *VerifyMilestone) Decide(p *Project, c flow.Context) []flow.Event {
	verified := &MilestoneVerified{Milestone: v.Milestone, VisitedOn: v.VisitedOn, Finding: v.Finding, On: c.Today()}
	return append([]flow.Event{verified}, p.fallDue(met{milestone: v.Milestone}, c)...)
}

func (r *ReturnMilestone) About() string { return r.Milestone }

func (r *ReturnMilestone) Check(p *Project, _ flow.Context) error {
	_, err := p.milestone(r.Milestone)
	return err
}

// Decide sets the new deadline: the end of the term for resubmission, or the day that the agreement sets if that is later.
func (r *ReturnMilestone) Decide(p *Project, c flow.Context) []flow.Event {
	deadline := c.Deadline(c.Today(), ResubmissionTerm)
	if m, _ := p.milestone(r.Milestone); m.Due.After(deadline.Due) {
		deadline = c.By(c.Today(), m.Due)
	}
	return []flow.Event{&MilestoneReturned{Milestone: r.Milestone, Reason: r.Reason, Deadline: deadline}}
}

// recordedFile is the journal's representation of a file.
type recordedFile struct {
	Kind   string `json:"kind"`
	SHA256 string `json:"sha256"`
}

// MilestoneSubmitted records that the organization submitted a milestone with its evidence. The village committee inspects the
// work first, and the office then verifies it.
type MilestoneSubmitted struct {
	Milestone string         `json:"milestone"`
	Evidence  []recordedFile `json:"evidence"`
	Note      string         `json:"note,omitempty"`
	On        calendar.Date  `json:"on,omitzero"` // zero in entries of version 1
	Deadline  flow.Deadline  `json:"deadline"`
}

// milestoneSubmitted1 is version 1 of the event, which did not record the day.
type milestoneSubmitted1 struct {
	Milestone string         `json:"milestone"`
	Evidence  []recordedFile `json:"evidence"`
	Note      string         `json:"note,omitempty"`
	Deadline  flow.Deadline  `json:"deadline"`
}

func (old milestoneSubmitted1) upcast() (MilestoneSubmitted, error) {
	return MilestoneSubmitted{Milestone: old.Milestone, Evidence: old.Evidence, Note: old.Note, Deadline: old.Deadline}, nil
}

func (e *MilestoneSubmitted) Files() []string {
	return plan.Each(e.Evidence, func(f recordedFile) string { return f.SHA256 })
}

func (e *MilestoneSubmitted) Apply(p *Project) {
	step, due := p.step(e.Milestone), p.Turn(AwaitMilestone, e.Milestone).Due
	*step = Step{
		Key: e.Milestone, Status: StepSubmitted, Evidence: plan.Each(e.Evidence, func(f recordedFile) EvidenceFile { return EvidenceFile(f) }),
		SubmittedOn: e.On, Late: e.On.After(due), Reason: step.Reason, ReasonOn: step.ReasonOn,
	}
	p.Done(AwaitMilestone, e.Milestone)
	p.Open(AwaitVerification, e.Milestone, e.Deadline)
}

// WorkAccepted records that the village committee accepted the work on site.
type WorkAccepted struct {
	Milestone string `json:"milestone"`
	By        string `json:"by"`
	Remark    string `json:"remark,omitempty"`
}

func (e *WorkAccepted) Apply(p *Project) { p.step(e.Milestone).AcceptedBy = e.By }

// MilestoneVerified records that the office verified the work.
type MilestoneVerified struct {
	Milestone string        `json:"milestone"`
	VisitedOn calendar.Date `json:"visited_on"`
	Finding   string        `json:"finding"`
	On        calendar.Date `json:"on"`
}

func (e *MilestoneVerified) Apply(p *Project) {
	step := p.step(e.Milestone)
	step.Status, step.VerifiedOn = StepVerified, e.On
	p.Done(AwaitVerification, e.Milestone)
}

// MilestoneReturned records that a milestone was sent back and must be resubmitted by a new deadline.
type MilestoneReturned struct {
	Milestone string        `json:"milestone"`
	Reason    string        `json:"reason"`
	Deadline  flow.Deadline `json:"deadline"`
}

func (e *MilestoneReturned) Apply(p *Project) {
	step := p.step(e.Milestone)
	*step = Step{Key: e.Milestone, Status: StepReturned, Evidence: step.Evidence, Reason: e.Reason, ReasonOn: p.AsOf}
	p.Done(AwaitVerification, e.Milestone)
	p.Open(AwaitMilestone, e.Milestone, e.Deadline)
}

// People returns the ids of the village committee members who accepted the work on a milestone.
func (p *Project) People() (ids []string) {
	for _, s := range p.Steps {
		if s.AcceptedBy != "" {
			ids = append(ids, s.AcceptedBy)
		}
	}
	return ids
}
