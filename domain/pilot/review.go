package pilot

import (
	"slices"
	"sort"
	"strconv"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/plan"
	"terrace/domain/programme"
)

// AppointPanel appoints the experts of the review panel (评审小组), or replaces those who have not scored yet.
type AppointPanel struct {
	Experts []string `json:"experts" minItems:"1" maxItems:"31" maxLength:"100" doc:"ids of the experts, from the list of experts (GET /v1/experts)"`
}

// Score is one expert's assessment of one proposal.
type Score struct {
	Proposal string `json:"proposal" minLength:"1" maxLength:"24"`
	Opinion
}

// Opinion is a score from 0 to 100 together with the amount that the expert recommends.
type Opinion struct {
	Points         int       `json:"points" minimum:"0" maximum:"100"`
	RecommendedFen money.Fen `json:"recommended_fen" minimum:"0" maximum:"100000000000000" doc:"amount recommended, in fen (分)"`
	Comment        string    `json:"comment,omitempty" maxLength:"2000"`
}

// Recuse excuses an expert with a conflict of interest from scoring a proposal (回避).
type Recuse struct {
	Proposal string `json:"proposal" minLength:"1" maxLength:"24"`
	Interest string `json:"interest" minLength:"1" maxLength:"2000" doc:"the interest declared; personal data: kept apart from the record"`
}

// ConcludeReview ranks the proposals by score and recommends an amount for each.
type ConcludeReview struct{}

func (q Case) awaits(expert string) bool {
	_, scored := q.Scores[expert]
	return q.Status == CaseReview && !scored && !slices.Contains(q.Recused, expert)
}

func (a *AppointPanel) Check(p *Pilot, c flow.Context) error {
	for _, expert := range p.Panel {
		if !slices.Contains(a.Experts, expert) && p.hasScored(expert) {
			return domain.Refuse("panel-at-work", "experts", "expert", expert)
		}
	}
	if least := c.Rules.Panel.MinSize.Value; len(a.Experts) < least || len(a.Experts)%2 == 0 {
		return domain.Refuse("panel-size", "experts", "least", strconv.Itoa(least), "source", c.Rules.Panel.MinSize.Source)
	}
	seen := map[string]bool{}
	for i, expert := range a.Experts {
		if seen[expert] {
			return domain.Refuse("duplicate", flow.At("experts", i), "value", expert)
		}
		seen[expert] = true
	}
	for i, expert := range a.Experts {
		if err := p.maySit(expert, flow.At("experts", i), c); err != nil {
			return err
		}
	}
	return nil
}

// maySit returns an error if a new panel member is not a registered expert, or represents an organization that is applying.
func (p *Pilot) maySit(expert, field string, c flow.Context) error {
	if slices.Contains(p.Panel, expert) {
		return nil
	}
	a, known := c.People[expert]
	if !known || !a.Has(domain.Expert) {
		return domain.Refuse("no-such-expert", field, "expert", expert)
	}
	for _, q := range p.Proposals {
		if o := q.Organization; o.CreditCode == a.Organization {
			return domain.Refuse("expert-applies", field, "expert", expert, "zh", a.Name.ZH, "en", a.Name.EN, "organization-zh", o.Name.ZH, "organization-en", o.Name.EN)
		}
	}
	return nil
}

// People returns the experts, whose details Check needs.
func (a *AppointPanel) People() []string { return a.Experts }

func (a *AppointPanel) Decide(_ *Pilot, c flow.Context) []flow.Event {
	return []flow.Event{&PanelAppointed{a.Experts, quorumOf(len(a.Experts), c.Rules.Panel)}}
}

// quorumOf returns the number of experts on a panel who must score each proposal.
func quorumOf(experts int, rules programme.Panel) int {
	return (experts*rules.QuorumThird.Value + 2) / 3
}

// hasScored reports whether the expert has submitted a score in the current review.
func (p *Pilot) hasScored(expert string) bool {
	return slices.ContainsFunc(p.Cases, func(q Case) bool {
		_, scored := q.Scores[expert]
		return scored && q.Status == CaseReview
	})
}

// underReview returns an error if the proposal is not under review or the person is not on the panel.
func (p *Pilot) underReview(proposal, expert string) error {
	if !slices.Contains(p.Panel, expert) {
		return domain.Refuse("wrong-person", "", "zh", plan.PanelSeat.Name.ZH, "en", plan.PanelSeat.Name.EN)
	}
	q, _ := p.caseOf(proposal)
	if q == nil || q.Status != CaseReview {
		return domain.Refuse("no-such-proposal", "proposal", "proposal", proposal)
	}
	return nil
}

func (s *Score) Check(p *Pilot, c flow.Context) error {
	if err := p.underReview(s.Proposal, c.Actor.ID); err != nil {
		return err
	}
	q, proposal := p.caseOf(s.Proposal)
	if slices.Contains(q.Recused, c.Actor.ID) {
		return domain.Refuse("recused", "proposal", "proposal", s.Proposal)
	}
	if budget := proposal.BudgetFen(); s.RecommendedFen > budget {
		return domain.Refuse("over-budget", "recommended_fen", "most", budget.String(), "got", s.RecommendedFen.String())
	}
	return nil
}

func (s *Score) Decide(_ *Pilot, c flow.Context) []flow.Event {
	return []flow.Event{&ProposalScored{Proposal: s.Proposal, Expert: c.Actor.ID, Points: s.Points, RecommendedFen: s.RecommendedFen, Comment: s.Comment}}
}

func (r *Recuse) Personal() map[string]string { return map[string]string{"interest": r.Interest} }

func (r *Recuse) Check(p *Pilot, c flow.Context) error { return p.underReview(r.Proposal, c.Actor.ID) }

func (r *Recuse) Decide(_ *Pilot, c flow.Context) []flow.Event {
	return []flow.Event{&ExpertRecused{r.Proposal, c.Actor.ID, c.Digest(r.Interest)}}
}

// Check returns an error while a proposal has too few scores. The code is below-quorum if enough experts have yet to score it, and
// panel-short if the panel must be enlarged.
func (*ConcludeReview) Check(p *Pilot, c flow.Context) error {
	rules := c.Rules.Panel
	if len(p.Panel) == 0 {
		return domain.Refuse("no-panel", "", "least", strconv.Itoa(rules.MinSize.Value), "source", rules.MinSize.Source)
	}
	quorum := quorumOf(len(p.Panel), rules)
	if code, i := p.short(quorum); code != "" {
		q := p.Cases[i]
		return domain.Refuse(code, flow.At("proposals", i), "proposal", p.Proposals[i].Code, "least", strconv.Itoa(quorum),
			"got", strconv.Itoa(len(q.Scores)), "left", strconv.Itoa(p.stillToScore(q)), "source", rules.QuorumThird.Source)
	}
	return nil
}

// short returns the reason why the review cannot be concluded, with the index of the proposal concerned: panel-short if too few
// experts are left, or otherwise below-quorum if scores are still awaited. The code is empty if every proposal has its quorum.
func (p *Pilot) short(quorum int) (code domain.Code, at int) {
	for i, q := range p.Cases {
		switch got := len(q.Scores); {
		case q.Status != CaseReview || got >= quorum:
		case got+p.stillToScore(q) < quorum:
			return "panel-short", i
		case code == "":
			code, at = "below-quorum", i
		}
	}
	return code, at
}

// stillToScore returns the number of experts who have yet to score a proposal.
func (p *Pilot) stillToScore(q Case) (n int) {
	for _, expert := range p.Panel {
		if q.awaits(expert) {
			n++
		}
	}
	return n
}

// Decide recommends the proposals in order of rank. If the amount of a proposal exceeds what is left of the requested total, the
// proposal leaves the pilot.
func (*ConcludeReview) Decide(p *Pilot, c flow.Context) []flow.Event {
	var results []ReviewResult
	for i, q := range p.Cases {
		if q.Status == CaseReview {
			score, grant := q.mean(c.Rules.Panel)
			results = append(results, ReviewResult{
				Proposal: p.Proposals[i].Code, Score: score, GrantFen: grant,
				Recommended: score >= 100*c.Rules.Panel.MinScore.Value && c.Rules.Split(grant)[0] > 0,
			})
		}
	}
	sort.SliceStable(results, func(i, j int) bool { return results[i].Score > results[j].Score })
	var gone []string
	room := p.RequestedFen - p.promisedFen()
	for i := range results {
		r := &results[i]
		r.Rank = i + 1
		if r.Recommended && r.GrantFen > room {
			r.Recommended, r.Unfunded = false, true
		}
		if !r.Recommended {
			gone = append(gone, r.Proposal)
			continue
		}
		room -= r.GrantFen
	}
	return append([]flow.Event{&ReviewConcluded{results}}, p.without(c, gone...)...)
}

// promisedFen returns the amount needed for the evaluator and for every proposal that has passed its review. A project that has ended
// counts only with the amount it was paid.
func (p *Pilot) promisedFen() money.Fen {
	sum := p.Evaluator.Fen
	for _, q := range p.Cases {
		end, ended := p.Ends[q.Project]
		switch {
		case q.Status == CaseRemoved, q.Status == CaseProposed, q.Status == CaseReview:
		case ended:
			sum += end.PaidFen
		default:
			sum += q.GrantFen
		}
	}
	return sum
}

// mean returns the mean score in hundredths of a point, and the mean of the amounts recommended by the same experts. If there are
// enough scores, the highest and the lowest are left out of both means.
func (q Case) mean(rules programme.Panel) (score int, grant money.Fen) {
	opinions := make([]Opinion, 0, len(q.Scores))
	for _, expert := range sortedKeys(q.Scores) {
		opinions = append(opinions, q.Scores[expert])
	}
	sort.SliceStable(opinions, func(i, j int) bool { return opinions[i].Points < opinions[j].Points })
	if n := len(opinions); n >= rules.DropFrom.Value && n > 2 {
		opinions = opinions[1 : n-1]
	}
	points := 0
	for _, o := range opinions {
		points += o.Points
		grant += o.RecommendedFen
	}
	return points * 100 / len(opinions), grant / money.Fen(len(opinions))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// PanelAppointed records who is on the review panel.
type PanelAppointed struct {
	Experts []string `json:"experts"`
	Quorum  int      `json:"quorum,omitempty"` // number of scores that each proposal needs; 0 in entries of version 1
}

// panelAppointed1 is version 1 of the event.
type panelAppointed1 struct {
	Experts []string `json:"experts"`
}

func (old panelAppointed1) upcast() (PanelAppointed, error) {
	return PanelAppointed{Experts: old.Experts}, nil
}

func (e *PanelAppointed) Apply(p *Pilot) {
	p.Panel, p.Quorum = e.Experts, e.Quorum
	if t := p.Turn(AwaitReview, ""); t != nil { // the turn now waits for the experts, who have not been urged yet
		t.Urged, t.LastUrge = 0, flow.Urging{}
	}
}

// ProposalScored records one expert's score for one proposal. A later score by the same expert replaces it.
type ProposalScored struct {
	Proposal       string    `json:"proposal"`
	Expert         string    `json:"expert"`
	Points         int       `json:"points"`
	RecommendedFen money.Fen `json:"recommended_fen"`
	Comment        string    `json:"comment,omitempty"`
}

func (e *ProposalScored) Apply(p *Pilot) {
	q, _ := p.caseOf(e.Proposal)
	if q.Scores == nil {
		q.Scores = map[string]Opinion{}
	}
	q.Scores[e.Expert] = Opinion{Points: e.Points, RecommendedFen: e.RecommendedFen, Comment: e.Comment}
}

// ExpertRecused records that an expert will not score a proposal because of a conflict of interest (回避).
type ExpertRecused struct {
	Proposal string `json:"proposal"`
	Expert   string `json:"expert"`
	Digest   string `json:"digest"` // salted SHA-256 hash of the interest that the expert declared
}

// Concealed returns the digest of the interest that the expert declared.
func (e *ExpertRecused) Concealed() (string, []string) { return e.Digest, []string{"interest"} }

func (e *ExpertRecused) Apply(p *Pilot) {
	q, _ := p.caseOf(e.Proposal)
	q.Recused = append(q.Recused, e.Expert)
	delete(q.Scores, e.Expert)
}

// ReviewResult is the result of the review for one proposal.
type ReviewResult struct {
	Proposal    string    `json:"proposal"`
	Score       int       `json:"score"` // mean score in hundredths of a point
	Rank        int       `json:"rank"`
	GrantFen    money.Fen `json:"grant_fen"`
	Recommended bool      `json:"recommended"`
	Unfunded    bool      `json:"unfunded,omitempty"` // whether only the money requested was lacking; false in entries of version 1
}

// reviewConcluded1 is version 1 of the event.
type reviewConcluded1 struct {
	Results []struct {
		Proposal    string    `json:"proposal"`
		Score       int       `json:"score"`
		Rank        int       `json:"rank"`
		GrantFen    money.Fen `json:"grant_fen"`
		Recommended bool      `json:"recommended"`
	} `json:"results"`
}

func (old reviewConcluded1) upcast() (now ReviewConcluded, _ error) {
	for _, r := range old.Results {
		now.Results = append(now.Results, ReviewResult{Proposal: r.Proposal, Score: r.Score, Rank: r.Rank, GrantFen: r.GrantFen, Recommended: r.Recommended})
	}
	return now, nil
}

// ReviewConcluded records the ranking and the recommended amounts. Proposals that are not recommended leave the pilot.
type ReviewConcluded struct {
	Results []ReviewResult `json:"results"`
}

func (e *ReviewConcluded) Apply(p *Pilot) {
	for _, r := range e.Results {
		q, _ := p.caseOf(r.Proposal)
		q.Score, q.Rank, q.GrantFen, q.Status = r.Score, r.Rank, r.GrantFen, CaseScored
		if !r.Recommended {
			q.Status, q.Removed = CaseRemoved, RemovalNotRecommended
		}
		if r.Unfunded {
			q.Removed = RemovalUnfunded
		}
	}
	if p.Stage == Review {
		p.Enter(Notice)
	}
	p.Done(AwaitReview, "")
	if p.left(CaseScored) {
		p.Discharge(PublishNotice, strconv.Itoa(p.NoticeRound)) // the new notice also covers proposals whose earlier notice was never published
		p.NoticeRound++
		p.Open(AwaitPublication, "", flow.Deadline{})
		p.Owe(PublishNotice, strconv.Itoa(p.NoticeRound))
	}
}
