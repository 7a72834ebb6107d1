package pilot

import (
	"strconv"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
)

// SubmitSummary submits the office's self-evaluation of performance (绩效自评).
type SubmitSummary struct {
	Scores    map[string]int `json:"scores" minProperties:"1" maxProperties:"20" doc:"score of each factor that the programme weighs"`
	Narrative string         `json:"narrative" minLength:"1" maxLength:"8000"`
}

// Announce publishes the results of the pilot (公告): its size, its projects, how they were carried out and what they achieved.
type Announce struct {
	Text string `json:"text" minLength:"1" maxLength:"8000" doc:"text of the announcement"`
	URL  string `json:"url,omitempty" maxLength:"500" doc:"where it was published"`
}

// Archive seals the pilot's dossier (归档).
type Archive struct {
	Dossier string `json:"dossier"` // SHA-256 hash over the heads of the hash chains of the pilot and everything that belongs to it
}

// Summary holds the results of the office's self-evaluation.
type Summary struct {
	Scores map[string]int `json:"scores"`
	Total  int            `json:"total"`
	Grade  string         `json:"grade"`
}

func (s *SubmitSummary) Check(_ *Pilot, c flow.Context) error {
	known := 0
	for _, w := range c.Rules.Weights {
		got, given := s.Scores[w.Key]
		switch {
		case !given:
			return domain.Refuse("missing-factor", "scores."+w.Key, "factor", w.Key)
		case got < 0 || got > w.Full:
			return domain.Refuse("over-factor", "scores."+w.Key, "most", strconv.Itoa(w.Full), "source", c.Rules.WeightsSource)
		}
		known++
	}
	if len(s.Scores) > known {
		return domain.Refuse("unknown-factor", "scores")
	}
	return nil
}

func (s *SubmitSummary) Decide(_ *Pilot, c flow.Context) []flow.Event {
	total := 0
	for _, n := range s.Scores {
		total += n
	}
	return []flow.Event{&SummarySubmitted{
		Scores: s.Scores, Total: total, Grade: c.Rules.Grade(total).Key,
		Narrative: s.Narrative, Deadline: c.By(c.Today(), c.Rules.Announcement.Value),
	}}
}

func (*Announce) Check(*Pilot, flow.Context) error { return nil }

func (a *Announce) Decide(*Pilot, flow.Context) []flow.Event {
	return []flow.Event{&Announced{Text: a.Text, URL: a.URL}}
}

func (*Archive) Check(*Pilot, flow.Context) error { return nil }

func (a *Archive) Decide(_ *Pilot, c flow.Context) []flow.Event {
	until := c.Today().AddMonths(12 * c.Rules.RetentionYears.Value)
	return []flow.Event{&PilotArchived{Dossier: a.Dossier, RetainUntil: until}}
}

// SummarySubmitted records that the office submitted its self-evaluation of the pilot.
type SummarySubmitted struct {
	Scores    map[string]int `json:"scores"`
	Total     int            `json:"total"`
	Grade     string         `json:"grade"`
	Narrative string         `json:"narrative"`
	Deadline  flow.Deadline  `json:"deadline"` // deadline for the announcement
}

func (e *SummarySubmitted) Apply(p *Pilot) {
	p.Summary = &Summary{Scores: e.Scores, Total: e.Total, Grade: e.Grade}
	p.Enter(Disclosure)
	p.Open(AwaitAnnouncement, "", e.Deadline)
}

// Announced records that the results were published.
type Announced struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
}

func (e *Announced) Apply(p *Pilot) {
	p.Enter(Sealing)
	p.Open(AwaitSeal, "", flow.Deadline{})
	if !p.Contract.open() {
		p.Owe(Seal, "")
	}
}

// PilotArchived records that the dossier was sealed. Its retention period begins.
type PilotArchived struct {
	Dossier     string        `json:"dossier"`
	RetainUntil calendar.Date `json:"retain_until"`
}

func (e *PilotArchived) Apply(p *Pilot) {
	p.Dossier = e.Dossier
	p.end(Archived)
}
