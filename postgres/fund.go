package postgres

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/postgres/db"
)

// Uses is where money of a fund stands. They add up to what was allotted.
type Uses struct {
	AllottedFen   money.Fen `json:"allotted_fen" doc:"given; the sum of the rest"`
	AvailableFen  money.Fen `json:"available_fen" doc:"given and not promised"`
	CommittedFen  money.Fen `json:"committed_fen" doc:"promised and not paid (承诺)"`
	TransitFen    money.Fen `json:"transit_fen" doc:"handed out for payment, not yet confirmed (在途)"`
	AdvanceFen    money.Fen `json:"advance_fen" doc:"paid, spending not yet accepted (预付)"`
	SpentFen      money.Fen `json:"spent_fen" doc:"accepted spending (核定支出)"`
	DisallowedFen money.Fen `json:"disallowed_fen" doc:"spent and not accepted (不予认可)"`
	ReceivableFen money.Fen `json:"receivable_fen" doc:"to be recovered (应追回)"`
	ReturnedFen   money.Fen `json:"returned_fen" doc:"returned (退回)"`
}

// FundProject is one project of a pilot, or its evaluator's contract, in an overview.
type FundProject struct {
	ID           string      `json:"id"`
	Title        domain.Text `json:"title"`
	Organization Party       `json:"organization"`
	Uses
}

// FundPilot is one pilot in an overview. Its own sums are those of its projects and contract, and of what it holds itself.
type FundPilot struct {
	ID       string        `json:"id"`
	Title    domain.Text   `json:"title"`
	Place    string        `json:"place" doc:"of the launching office"`
	Stage    pilot.Stage   `json:"stage"`
	Projects []FundProject `json:"projects"`
	Uses
}

// Fund is where the money of a programme stood at an instant. Whole tells that it holds all of the programme's pilots; the reader of
// a part gets the sums of that part.
type Fund struct {
	Programme     string      `json:"programme"`
	Name          domain.Text `json:"name"`
	At            time.Time   `json:"at"`
	Whole         bool        `json:"whole" doc:"you see every pilot of the programme"`
	TotalFen      money.Fen   `json:"total_fen" doc:"of the fund, by the programme's rules"`
	UnallottedFen money.Fen   `json:"unallotted_fen,omitempty" doc:"not given to any pilot; for whoever sees the whole"`
	Pilots        []FundPilot `json:"pilots"`
	Uses
}

// FundOverview is where a programme's money stood at an instant, now when it is zero: the pilots that the reader may see, and in
// each its projects.
//
// Errors: unknown-programme.
func (s *Store) FundOverview(ctx context.Context, reader Reader, programme string, at time.Time) (f Fund, err error) {
	err = s.atOneMoment(ctx, func(q *db.Queries) error {
		f, err = s.fundOverview(ctx, q, Scope{Programme: programme, Reader: reader}, at)
		return err
	})
	return f, err
}

func (s *Store) fundOverview(ctx context.Context, q *db.Queries, scope Scope, at time.Time) (Fund, error) {
	balance, pilots, err := trialBalance(ctx, q, scope, at)
	if err != nil {
		return Fund{}, err
	}
	rules, err := s.programmes.At(scope.Programme, calendar.Of(balance.At))
	if err != nil {
		return Fund{}, domain.Refuse("unknown-programme", "", "programme", scope.Programme)
	}
	f := Fund{
		Programme: scope.Programme, Name: rules.Name, At: balance.At, TotalFen: rules.Fund.TotalFen.Value, Pilots: []FundPilot{},
		Whole: !slices.ContainsFunc(pilots, func(p db.ListPilotsOfRow) bool { return !p.Readable }),
	}
	held := usesByOwner(balance)
	for _, p := range pilots {
		if p.Readable {
			f.Pilots = append(f.Pilots, fundPilot(p, held))
		}
	}
	if err := f.addProjects(ctx, q, held); err != nil {
		return Fund{}, err
	}
	for _, p := range f.Pilots {
		f.add(p.Uses)
	}
	if f.Whole {
		f.UnallottedFen = f.TotalFen - f.AllottedFen
	}
	return f, nil
}

// addProjects gives each pilot its projects and its evaluator's contract, as far as they hold or held money, and the pilot the
// sums of them. A project that was just approved has no name yet.
func (f *Fund) addProjects(ctx context.Context, q *db.Queries, held map[string]Uses) error {
	ids := make([]string, len(f.Pilots))
	for i, p := range f.Pilots {
		ids[i] = p.ID
	}
	named := map[string]FundProject{}
	projects, err := q.ListProjectsOf(ctx, ids)
	for _, r := range projects {
		named[r.ID] = FundProject{Title: domain.Text{ZH: r.TitleZh, EN: r.TitleEn}, Organization: Party{r.Organization, domain.Text{ZH: r.OrganizationZh, EN: r.OrganizationEn}}}
	}
	contracts, err2 := q.ListContractsOf(ctx, ids)
	for _, r := range contracts {
		named[r.Pilot+".e"] = FundProject{Title: contractTitle, Organization: Party{r.Organization, domain.Text{ZH: r.OrganizationZh, EN: r.OrganizationEn}}}
	}
	for _, owner := range slices.Sorted(maps.Keys(held)) {
		pilotID, _, below := strings.Cut(owner, ".")
		if i := slices.Index(ids, pilotID); i >= 0 && below {
			project := named[owner]
			project.ID, project.Uses = owner, held[owner]
			f.Pilots[i].Projects = append(f.Pilots[i].Projects, project)
			f.Pilots[i].add(project.Uses)
		}
	}
	return errors.Join(err, err2)
}

var contractTitle = domain.Text{ZH: "第三方评估合同", EN: "evaluator's contract"}

func fundPilot(r db.ListPilotsOfRow, held map[string]Uses) FundPilot {
	return FundPilot{
		ID: r.ID, Title: domain.Text{ZH: r.TitleZh, EN: r.TitleEn}, Place: r.Place, Stage: r.Stage, Projects: []FundProject{}, Uses: held[r.ID],
	}
}

// Own is what the pilot holds itself: money that was not promised, and money that was returned.
func (p FundPilot) Own() Uses {
	own := Uses{AvailableFen: p.AvailableFen, ReturnedFen: p.ReturnedFen}
	own.AllottedFen = own.AvailableFen + own.ReturnedFen
	return own
}

// usesByOwner sums the grant's accounts by the pilot, contract or project whose they are; a recovery's are its project's.
func usesByOwner(b TrialBalance) map[string]Uses {
	held := map[string]Uses{}
	for _, a := range b.Accounts {
		owner, _, _ := strings.Cut(a.Owner, ".r")
		uses := held[owner]
		if into := uses.of(a.Account); into != nil {
			*into += a.BalanceFen
			uses.AllottedFen += a.BalanceFen
		}
		held[owner] = uses
	}
	return held
}

// of is the sum that an account belongs to; nil for sources and other books.
func (u *Uses) of(account string) *money.Fen {
	switch account {
	case pilot.Available:
		return &u.AvailableFen
	case pilot.Commitment:
		return &u.CommittedFen
	case pilot.Transit:
		return &u.TransitFen
	case pilot.Advance:
		return &u.AdvanceFen
	case pilot.Spent:
		return &u.SpentFen
	case pilot.Disallowed:
		return &u.DisallowedFen
	case pilot.Receivable:
		return &u.ReceivableFen
	case pilot.Treasury:
		return &u.ReturnedFen
	default:
		return nil
	}
}

func (u *Uses) add(more Uses) {
	u.AllottedFen += more.AllottedFen
	u.AvailableFen += more.AvailableFen
	u.CommittedFen += more.CommittedFen
	u.TransitFen += more.TransitFen
	u.AdvanceFen += more.AdvanceFen
	u.SpentFen += more.SpentFen
	u.DisallowedFen += more.DisallowedFen
	u.ReceivableFen += more.ReceivableFen
	u.ReturnedFen += more.ReturnedFen
}
