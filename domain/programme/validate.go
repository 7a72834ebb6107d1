package programme

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"terrace/domain/place"
)

// Validate returns an error that joins everything missing or contradictory in the rules. If it returns nil, no command fails because
// of faulty rules.
func (p *Programme) Validate() error {
	return errors.Join(
		p.validateFrame(), p.validateTerms(), p.validateSpending(), p.validateTranches(),
		p.validatePanel(), p.validateScales(), p.validateSources(),
	)
}

func (p *Programme) validateFrame() error {
	var errs []error
	if p.ID == "" || p.Version < 1 || p.Name.ZH == "" || p.Name.EN == "" || p.Effective.IsZero() {
		errs = append(errs, errors.New("id, version, name and effective are required"))
	}
	days := []fmt.Stringer{p.Call.Value, p.MidTerm.Value, p.RolloutEnds.Value, p.Announcement.Value}
	for i := 1; i < len(days); i++ {
		if days[i-1].String() >= days[i].String() {
			errs = append(errs, fmt.Errorf("call, midterm, rollout_ends and announcement must follow each other, but %s is not before %s", days[i-1], days[i]))
		}
	}
	if p.Fund.TotalFen.Value <= 0 {
		errs = append(errs, errors.New("fund.total_fen must be positive"))
	}
	if len(p.Chain.Value) == 0 {
		errs = append(errs, errors.New("chain must list at least one level"))
	}
	for _, level := range p.Chain.Value {
		if level != place.County && level != place.City && level != place.Province {
			errs = append(errs, fmt.Errorf("chain: no office endorses at level %q", level))
		}
	}
	if len(p.Kinds) == 0 || len(p.Purposes.Value) == 0 {
		errs = append(errs, errors.New("kinds and purposes are required"))
	}
	if n := p.Proposals.Value; n < 1 || n > MostProposals {
		errs = append(errs, fmt.Errorf("proposals must be from 1 to %d", MostProposals))
	}
	return errors.Join(errs...)
}

func (p *Programme) validateTerms() error {
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(p.Terms)) {
		if err := p.Terms[key].Span().Validate(); err != nil {
			errs = append(errs, fmt.Errorf("terms.%s: %w", key, err))
		}
	}
	if p.ReminderDays.Value < 0 {
		errs = append(errs, errors.New("reminder_days is negative"))
	}
	return errors.Join(errs...)
}

func (p *Programme) validateSpending() error {
	var errs []error
	seen := map[string]bool{}
	for _, s := range p.Spending {
		if s.Key == "" || seen[s.Key] {
			errs = append(errs, fmt.Errorf("spending: the key %q is empty or appears twice", s.Key))
		}
		seen[s.Key] = true
	}
	if p.AdminPermille.Value < 0 || p.AdminPermille.Value > 1000 {
		errs = append(errs, errors.New("admin_permille must be from 0 to 1000"))
	}
	if p.GrantPermille.Value < 1 || p.GrantPermille.Value > 1000 || p.ShiftPermille.Value < 0 || p.ShiftPermille.Value > 1000 {
		errs = append(errs, errors.New("grant_permille must be from 1 to 1000, and shift_permille from 0 to 1000"))
	}
	if p.BanYears.Value < 0 {
		errs = append(errs, errors.New("ban_years is negative"))
	}
	return errors.Join(errs...)
}

// validateTranches checks that the tranches add up to the whole grant, that the first requires nothing but the signatures, and that
// the last requires the settlement.
func (p *Programme) validateTranches() error {
	if len(p.Tranches) < 2 {
		return errors.New("at least two tranches are needed")
	}
	sum := 0
	for _, t := range p.Tranches {
		sum += t.Permille
	}
	first, last := p.Tranches[0], p.Tranches[len(p.Tranches)-1]
	switch {
	case sum != 1000:
		return fmt.Errorf("the tranches add up to %d permille, not 1000", sum)
	case first.MidTerm || first.Final || first.Settled || len(first.Milestones) > 0:
		return errors.New("the first tranche starts the work, so it can depend only on the signatures")
	case !last.Settled:
		return errors.New("the last tranche must depend on the settlement")
	}
	for _, t := range p.Tranches[:len(p.Tranches)-1] {
		if t.Settled || t.Final {
			return errors.New("only the last tranche can depend on the final evaluation and the settlement")
		}
	}
	return nil
}

func (p *Programme) validatePanel() error {
	if p.Panel.MinSize.Value < 1 || p.Panel.QuorumThird.Value < 1 || p.Panel.QuorumThird.Value > 3 || p.Panel.DropFrom.Value < 3 {
		return errors.New("panel: min_size must be at least 1, quorum_third from 1 to 3, and drop_from at least 3")
	}
	return nil
}

func (p *Programme) validateScales() error {
	var errs []error
	if len(p.Grades) < 2 || p.Grades[len(p.Grades)-1].From != 0 {
		errs = append(errs, errors.New("at least two grades are needed, the lowest from 0"))
	}
	if !slices.IsSortedFunc(p.Grades, func(a, b Grade) int { return b.From - a.From }) {
		errs = append(errs, errors.New("grades must be listed best first"))
	}
	full := 0
	for _, w := range p.Weights {
		full += w.Full
	}
	if full != 100 {
		errs = append(errs, fmt.Errorf("the weights add up to %d, not 100", full))
	}
	return errors.Join(errs...)
}

// validateSources checks that every rule has a source, which may be Default.
func (p *Programme) validateSources() error {
	var errs []error
	for _, r := range p.Rules() {
		if r.Source == "" {
			errs = append(errs, fmt.Errorf("%s names no source", r.Key))
		}
	}
	return errors.Join(errs...)
}

// Sourced is a programme value in the form used in the documentation.
type Sourced struct {
	Key    string
	Value  string
	Source string
}

// Rules returns every value set by the programme, with its source.
func (p *Programme) Rules() []Sourced {
	show := func(v any) string { return fmt.Sprint(v) }
	all := []Sourced{
		{"call", show(p.Call.Value), p.Call.Source},
		{"midterm", show(p.MidTerm.Value), p.MidTerm.Source},
		{"rollout_ends", show(p.RolloutEnds.Value), p.RolloutEnds.Source},
		{"announcement", show(p.Announcement.Value), p.Announcement.Source},
		{"fund.total_fen", show(int64(p.Fund.TotalFen.Value)), p.Fund.TotalFen.Source},
		{"purposes", show(p.Purposes.Value), p.Purposes.Source},
		{"proposals", show(p.Proposals.Value), p.Proposals.Source},
		{"chain", show(p.Chain.Value), p.Chain.Source},
		{"reminder_days", show(p.ReminderDays.Value), p.ReminderDays.Source},
		{"eligibility.inspection_passed", show(p.Eligibility.InspectionPassed.Value), p.Eligibility.InspectionPassed.Source},
		{"eligibility.min_years", show(p.Eligibility.MinYears.Value), p.Eligibility.MinYears.Source},
		{"eligibility.min_staff", show(p.Eligibility.MinStaff.Value), p.Eligibility.MinStaff.Source},
		{"eligibility.not_listed", show(p.Eligibility.NotListed.Value), p.Eligibility.NotListed.Source},
		{"eligibility.preferred_rating", show(p.Eligibility.PreferredRating.Value), p.Eligibility.PreferredRating.Source},
		{"admin_permille", show(p.AdminPermille.Value), p.AdminPermille.Source},
		{"grant_permille", show(p.GrantPermille.Value), p.GrantPermille.Source},
		{"shift_permille", show(p.ShiftPermille.Value), p.ShiftPermille.Source},
		{"ban_years", show(p.BanYears.Value), p.BanYears.Source},
		{"panel.min_size", show(p.Panel.MinSize.Value), p.Panel.MinSize.Source},
		{"panel.quorum_third", show(p.Panel.QuorumThird.Value), p.Panel.QuorumThird.Source},
		{"panel.drop_from", show(p.Panel.DropFrom.Value), p.Panel.DropFrom.Source},
		{"panel.min_score", show(p.Panel.MinScore.Value), p.Panel.MinScore.Source},
		{"grades", show(len(p.Grades)), p.GradesSource},
		{"weights", show(len(p.Weights)), p.WeightsSource},
		{"lottery_mark", p.LotteryMark.Value, p.LotteryMark.Source},
		{"retention_years", show(p.RetentionYears.Value), p.RetentionYears.Source},
	}
	for _, k := range p.Kinds {
		all = append(all, Sourced{"kinds." + k.Key + ".cap_fen", show(int64(k.CapFen.Value)), k.CapFen.Source})
	}
	for _, key := range slices.Sorted(maps.Keys(p.Terms)) {
		term := p.Terms[key]
		all = append(all, Sourced{"terms." + string(key), fmt.Sprint(term.Days, " ", term.Unit), term.Source})
	}
	for _, s := range p.Spending {
		all = append(all, Sourced{"spending." + s.Key, fmt.Sprintf("forbidden=%t", s.Forbidden), s.Source})
	}
	for i, t := range p.Tranches {
		all = append(all, Sourced{fmt.Sprint("tranches.", i+1), fmt.Sprint(t.Permille, " permille"), t.Source})
	}
	return all
}
