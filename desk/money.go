package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/plan"
	"terrace/domain/programme"
	"terrace/domain/project"
	"terrace/postgres"
)

// TrialBalance returns the balances of the accounts of a programme, pilot or project at an instant, or now if at is
// zero. For a programme, it covers only the pilots that the user may see.
//
// Errors: one-scope, not-found.
func (d *Desk) TrialBalance(ctx context.Context, scope postgres.Scope, at time.Time) (postgres.TrialBalance, error) {
	var rules *programme.Programme
	var err error
	switch owners := slices.DeleteFunc([]string{scope.Programme, scope.Pilot, scope.Project}, func(o string) bool { return o == "" }); {
	case len(owners) != 1:
		err = domain.Refuse("one-scope", "query.pilot")
	case scope.Programme != "":
		rules, err = d.newest(scope.Programme), d.mayReadProgramme(scope.Programme)
	default:
		rules, err = d.mayReadBooks(ctx, owners[0])
	}
	if err != nil {
		return postgres.TrialBalance{}, err
	}
	scope.Reader = d.reader
	b, err := d.record.TrialBalance(ctx, scope, at)
	for i, a := range b.Accounts {
		b.Accounts[i].CategoryName = categoryName(rules, a.Category)
	}
	return b, err
}

// categoryName returns the name of a kind of spending. It returns an empty text if the programme does not list the
// kind, or if this process does not have the programme's rules.
func categoryName(rules *programme.Programme, category string) domain.Text {
	if rules == nil {
		return domain.Text{}
	}
	return rules.SpendingName(category)
}

// Statement returns a page of the movements on an account.
//
// Errors: not-found, unknown-account, bad-cursor.
func (d *Desk) Statement(ctx context.Context, f postgres.StatementFilter) (postgres.Statement, error) {
	rules, err := d.mayReadBooks(ctx, f.Owner)
	if err != nil {
		return postgres.Statement{}, err
	}
	s, err := d.record.StatementOf(ctx, f)
	if err != nil {
		return s, err
	}
	owners := []string{s.Owner}
	for _, l := range s.Lines {
		owners = append(owners, l.Counter.Owner)
	}
	names, err := d.ownerNames(ctx, owners)
	s.OwnerName, s.CategoryName = names[s.Owner], categoryName(rules, s.Category)
	for i, l := range s.Lines {
		s.Lines[i].Counter.OwnerName = names[l.Counter.Owner]
		s.Lines[i].Counter.CategoryName = categoryName(rules, l.Counter.Category)
	}
	return s, err
}

// Budget compares a project's budget with its spending.
//
// Errors: not-found.
func (d *Desk) Budget(ctx context.Context, id string) (postgres.Budget, error) {
	if _, err := d.Read(ctx, flow.Ref{Kind: project.Kind, ID: id}); err != nil {
		return postgres.Budget{}, err
	}
	return d.record.BudgetOf(ctx, id)
}

// Fund returns a page of the overview of a programme's money, pilot by pilot, with only the pilots that the user may
// see.
//
// Errors: not-found, bad-cursor.
func (d *Desk) Fund(ctx context.Context, f postgres.FundFilter) (postgres.Fund, error) {
	if err := d.mayReadProgramme(f.Programme); err != nil {
		return postgres.Fund{}, err
	}
	f.Reader = d.reader
	return d.record.FundOverview(ctx, f)
}

// WholeFund is like Fund, but returns all pilots at once.
//
// Errors: not-found.
func (d *Desk) WholeFund(ctx context.Context, f postgres.FundFilter) (postgres.Fund, error) {
	if err := d.mayReadProgramme(f.Programme); err != nil {
		return postgres.Fund{}, err
	}
	f.Reader = d.reader
	return d.record.WholeFund(ctx, f)
}

// ownerNames returns the names of the accounts' owners, as far as the user may see them.
func (d *Desk) ownerNames(ctx context.Context, owners []string) (map[string]domain.Text, error) {
	names, err := d.record.OwnerNames(ctx, d.reader, owners)
	for _, owner := range owners {
		if rules := d.newest(owner); rules != nil {
			names[owner] = rules.Name
		}
	}
	return names, err
}

// Money is the state of a pilot's accounts, with the names of their owners and of the kinds of spending into which some
// accounts are divided.
type Money struct {
	postgres.Money
	CategoryNames map[string]domain.Text
	OwnerNames    map[string]domain.Text
}

// Money returns the accounts of a pilot and its projects, for users who see all of them in full.
//
// Errors: not-found.
func (d *Desk) Money(ctx context.Context, id string) (Money, error) {
	s, err := d.ReadAll(ctx, flow.Ref{Kind: pilot.Kind, ID: id})
	if err != nil {
		return Money{}, err
	}
	held, err := d.record.Money(ctx, id)
	if err != nil {
		return Money{}, err
	}
	categories, rules := map[string]domain.Text{}, d.Rules(s.State.Common().Programme)
	var owners []string
	for _, b := range held.Balances {
		owners, categories[b.Category] = append(owners, b.Owner), categoryName(rules, b.Category)
	}
	names, err := d.ownerNames(ctx, owners)
	return Money{held, categories, names}, err
}

// mayReadProgramme returns an error unless the user works at an office or is an auditor. Even they see only the part of
// a programme's money that concerns pilots they may see.
//
// Errors: not-found.
func (d *Desk) mayReadProgramme(id string) error {
	if d.knows(id) && (d.reader.All || d.reader.Place != "") {
		return nil
	}
	return domain.Refuse("not-found", "", "kind", "programme", "id", id)
}

func (o office) knows(id string) bool { return o.newest(id) != nil }

// newest returns the newest version of a programme's rules, or nil if there is none.
func (o office) newest(id string) (rules *programme.Programme) {
	for _, p := range o.programmes {
		if p.ID == id && (rules == nil || p.Version > rules.Version) {
			rules = p
		}
	}
	return rules
}

// mayReadBooks returns the rules under which an account is kept, or an error if the user may not read the account.
// Users may read the accounts of aggregates that they see in full. An organization may also read the accounts of its
// own projects, recoveries and evaluation contracts. The programme's own accounts are open only to users who see all of
// its pilots.
//
// Errors: not-found.
func (d *Desk) mayReadBooks(ctx context.Context, owner string) (*programme.Programme, error) {
	if d.knows(owner) {
		return d.newest(owner), d.mayReadFund(ctx, owner)
	}
	pilotID, rest, below := strings.Cut(owner, ".")
	ref := flow.Ref{Kind: pilot.Kind, ID: pilotID}
	if number, _, _ := strings.Cut(rest, "."); below && rest != "e" {
		ref = flow.Ref{Kind: project.Kind, ID: pilotID + "." + number}
	}
	s, err := d.Read(ctx, ref)
	if err != nil {
		return nil, err
	}
	rules := d.Rules(s.State.Common().Programme)
	if s.Oversees {
		return rules, nil
	}
	own := flow.In(plan.ApplicantSeat, domain.Applicant)
	if rest == "e" {
		own = flow.In(plan.EvaluatorSeat, domain.Evaluator)
	}
	if !below || own.Admits(s.State, d.Actor) != nil {
		return nil, flow.NotFound(ref)
	}
	return rules, nil
}

func (d *Desk) mayReadFund(ctx context.Context, programme string) error {
	if err := d.mayReadProgramme(programme); err != nil {
		return err
	}
	whole, err := d.record.SeesWholeFund(ctx, d.reader, programme)
	if err == nil && !whole {
		err = domain.Refuse("not-found", "", "kind", "programme", "id", programme)
	}
	return err
}
