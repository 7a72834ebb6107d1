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
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/place"
	"terrace/postgres/db"
)

// Uses breaks a fund's money down by its current use. The other amounts add up to the allotted amount.
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

// FundProject is a project, or an evaluator's contract, in the overview of a fund.
type FundProject struct {
	ID           string      `json:"id"`
	Title        domain.Text `json:"title"`
	Organization Party       `json:"organization"`
	Uses
}

// FundPilot is a pilot in the overview of a fund. Its totals include its projects, its evaluator's contract, and the
// money that the pilot itself holds.
type FundPilot struct {
	ID        string        `json:"id"`
	Title     domain.Text   `json:"title"`
	Place     string        `json:"place" doc:"of the launching office"`
	PlaceName domain.Text   `json:"place_name,omitzero" doc:"missing where the place is not registered"`
	Stage     flow.Stage    `json:"stage"`
	StageName domain.Text   `json:"stage_name"`
	Projects  []FundProject `json:"projects"`
	Uses
}

// Fund is an overview of a programme's money at an instant. If the reader may see only some of the pilots, the totals
// cover only those, and Whole is false. Pilots holds one page of these pilots, newest first.
type Fund struct {
	Programme     string      `json:"programme"`
	Name          domain.Text `json:"name"`
	At            time.Time   `json:"at"`
	Whole         bool        `json:"whole" doc:"you see every pilot of the programme"`
	TotalFen      money.Fen   `json:"total_fen" doc:"of the fund, by the programme's rules"`
	UnallottedFen money.Fen   `json:"unallotted_fen,omitempty" doc:"not given to any pilot; for whoever sees the whole"`
	Pilots        []FundPilot `json:"pilots"`
	Next          string      `json:"next,omitempty" doc:"cursor of the next page of pilots; missing on the last"`
	Uses
}

// FundFilter selects one page of a fund's overview. A zero At means now, and a limit of 0 means 50 pilots.
type FundFilter struct {
	Reader    flow.Reader
	Programme string
	At        time.Time
	Cursor    string
	Limit     int
}

// FundOverview returns the totals of a programme's money over all pilots that the reader may see, and one page of these
// pilots with their projects. For the current time, the cost depends only on the number of ledger lines that CarryFunds
// has yet to add up, however many pilots there are. For an earlier instant, every line up to that instant is added up.
//
// Errors: unknown-programme, bad-cursor.
func (s *Store) FundOverview(ctx context.Context, f FundFilter) (fund Fund, err error) {
	err = s.atOneMoment(ctx, f.Reader, func(q *db.Queries, through db.DBTX) error {
		if fund, err = s.fundSums(ctx, q, f); err != nil {
			return err
		}
		return fund.addPilots(ctx, q, through, f)
	})
	if err != nil {
		return Fund{}, err
	}
	return fund, s.nameCodes(ctx, fund.Pilots)
}

// WholeFund returns an overview that lists all pilots the reader may see, rather than one page of them.
//
// Errors: unknown-programme.
func (s *Store) WholeFund(ctx context.Context, f FundFilter) (fund Fund, err error) {
	f.Cursor, f.Limit = "", MaxPage
	err = s.atOneMoment(ctx, f.Reader, func(q *db.Queries, through db.DBTX) error {
		if fund, err = s.fundSums(ctx, q, f); err != nil {
			return err
		}
		for {
			if err := fund.addPilots(ctx, q, through, f); err != nil || fund.Next == "" {
				return err
			}
			f.Cursor = fund.Next
		}
	})
	if err != nil {
		return Fund{}, err
	}
	return fund, s.nameCodes(ctx, fund.Pilots)
}

// nameCodes fills in the names of the pilots' places and stages.
func (s *Store) nameCodes(ctx context.Context, pilots []FundPilot) error {
	places, err := s.Places(ctx)
	if err != nil {
		return err
	}
	for i := range pilots {
		p := &pilots[i]
		p.PlaceName, p.StageName = domain.T(places.Name(place.Code(p.Place))), s.catalogue.StageName(p.Stage)
	}
	return nil
}

// SeesWholeFund reports whether the reader may read all of a programme's pilots.
func (s *Store) SeesWholeFund(ctx context.Context, reader flow.Reader, programme string) (bool, error) {
	return seesWholeFund(ctx, db.New(s.reads()), reader, programme)
}

func seesWholeFund(ctx context.Context, q *db.Queries, reader flow.Reader, programme string) (bool, error) {
	if reader.All {
		return true, nil
	}
	return q.SeesWholeFund(ctx, db.SeesWholeFundParams{Programme: programme, ReaderPlace: reader.Place})
}

// mostCarried is the approximate maximum number of ledger lines that CarryFunds adds up in one call.
const mostCarried = 50_000

// CarryFunds adds new ledger lines to the stored totals of the funds and returns the number of lines added. An overview
// adds up any remaining lines itself, so a delay makes it slower but never wrong. CarryFunds never waits: it does
// nothing while another process is running it.
func (s *Store) CarryFunds(ctx context.Context) (int64, error) {
	return db.New(s.relay).CarryFunds(ctx, mostCarried)
}

// fundSums returns an overview with only the totals, without pilots.
func (s *Store) fundSums(ctx context.Context, q *db.Queries, f FundFilter) (fund Fund, err error) {
	clock, err := readClock(ctx, q)
	if err != nil {
		return Fund{}, err
	}
	at := f.At
	if at.IsZero() {
		at = clock.now
	}
	rules, err := s.programmes.At(f.Programme, calendar.Of(at))
	if err != nil {
		return Fund{}, domain.Refuse("unknown-programme", "", "programme", f.Programme)
	}
	fund = Fund{Programme: f.Programme, Name: rules.Name, At: at.In(calendar.Shanghai), TotalFen: rules.Fund.TotalFen.Value, Pilots: []FundPilot{}}
	if fund.Whole, err = seesWholeFund(ctx, q, f.Reader, f.Programme); err != nil {
		return Fund{}, err
	}
	if f.At.IsZero() {
		sums, err := q.ListFundSums(ctx, db.ListFundSumsParams{Programme: f.Programme, Whole: fund.Whole, ReaderPlace: f.Reader.Place})
		if err != nil {
			return Fund{}, err
		}
		for _, r := range sums {
			fund.book(r.Name, money.Fen(r.Fen))
		}
	} else {
		sums, err := q.ListFundSumsAt(ctx, db.ListFundSumsAtParams{Programme: f.Programme, Whole: fund.Whole, ReaderPlace: f.Reader.Place, At: at})
		if err != nil {
			return Fund{}, err
		}
		for _, r := range sums {
			fund.book(r.Name, money.Fen(r.Fen))
		}
	}
	if fund.Whole {
		fund.UnallottedFen = fund.TotalFen - fund.AllottedFen
	}
	return fund, nil
}

// addPilots adds one page of pilots to the overview, with their projects and their evaluators' contracts.
func (f *Fund) addPilots(ctx context.Context, q *db.Queries, through db.DBTX, asked FundFilter) error {
	reader := flow.Reader{All: asked.Reader.All, Place: asked.Reader.Place} // no other reader may see a fund
	page, err := Pilots.page(ctx, through, wanted{
		Filter: Filter{Reader: reader, Programme: asked.Programme, Cursor: asked.Cursor, Limit: asked.Limit}, submitted: true,
	})
	if err != nil {
		return err
	}
	ids := make([]string, len(page.Rows))
	for i, r := range page.Rows {
		ids[i] = r.ID
	}
	held, err := usesOf(ctx, q, ids, asked.At)
	if err != nil {
		return err
	}
	first := len(f.Pilots)
	for _, r := range page.Rows {
		f.Pilots = append(f.Pilots, FundPilot{ID: r.ID, Title: domain.Text{ZH: r.TitleZh, EN: r.TitleEn}, Place: r.Place, Stage: r.Stage, Projects: []FundProject{}, Uses: held[r.ID]})
	}
	f.Next = page.Next
	return addProjects(ctx, q, f.Pilots[first:], ids, held)
}

// usesOf returns a breakdown, by use, of the money held by each of the given pilots and by each of their contracts and
// projects. It omits those that hold none. If at is zero, the amounts are the current ones.
func usesOf(ctx context.Context, q *db.Queries, pilots []string, at time.Time) (map[string]Uses, error) {
	held := map[string]Uses{}
	if at.IsZero() {
		rows, err := q.ListBalancesOf(ctx, pilots)
		for _, r := range rows {
			hold(held, r.Owner, r.Name, r.Balance)
		}
		return held, err
	}
	rows, err := q.ListBalancesAt(ctx, db.ListBalancesAtParams{Pilots: pilots, At: at})
	for _, r := range rows {
		hold(held, r.Owner, r.Name, money.Fen(r.Debit-r.Credit))
	}
	return held, err
}

// addProjects adds to each pilot those of its projects and contracts that hold or have held money, and adds their
// amounts to the pilot's totals. A newly approved project has no name yet.
func addProjects(ctx context.Context, q *db.Queries, pilots []FundPilot, ids []string, held map[string]Uses) error {
	named := map[string]FundProject{}
	projects, err := q.ListProjectsOf(ctx, ids)
	for _, r := range projects {
		named[r.ID] = FundProject{Title: domain.Text{ZH: r.TitleZh, EN: r.TitleEn}, Organization: Party{r.Organization, domain.Text{ZH: r.OrganizationZh, EN: r.OrganizationEn}}}
	}
	contracts, err2 := q.ListContractsOf(ctx, ids)
	for _, r := range contracts {
		named[r.Pilot+".e"] = FundProject{Title: contractTitle, Organization: Party{r.Organization, domain.Text{ZH: r.OrganizationZh, EN: r.OrganizationEn}}}
	}
	at := map[string]*FundPilot{}
	for i := range pilots {
		at[pilots[i].ID] = &pilots[i]
	}
	for _, owner := range slices.Sorted(maps.Keys(held)) {
		pilotID, _, below := strings.Cut(owner, ".")
		if p := at[pilotID]; p != nil && below {
			project := named[owner]
			project.ID, project.Uses = owner, held[owner]
			p.Projects = append(p.Projects, project)
			p.add(project.Uses)
		}
	}
	return errors.Join(err, err2)
}

var contractTitle = domain.Text{ZH: "第三方评估合同", EN: "evaluator's contract"}

// Own returns the money held by the pilot itself: money not yet committed, and money returned.
func (p FundPilot) Own() Uses {
	own := Uses{AvailableFen: p.AvailableFen, ReturnedFen: p.ReturnedFen}
	own.AllottedFen = own.AvailableFen + own.ReturnedFen
	return own
}

// usesByOwner breaks the grant down by use, for each pilot, contract or project that owns accounts.
func usesByOwner(b TrialBalance) map[string]Uses {
	held := map[string]Uses{}
	for _, a := range b.Accounts {
		hold(held, a.Owner, a.Account, a.BalanceFen)
	}
	return held
}

// hold adds an account's balance to its owner's totals. The balance of a recovery counts towards its project.
func hold(held map[string]Uses, owner, account string, fen money.Fen) {
	owner, _, _ = strings.Cut(owner, ".r")
	uses := held[owner]
	uses.book(account, fen)
	held[owner] = uses
}

// book adds an account's balance to the field for accounts of that type. It ignores sources of money, and books other
// than the grant's.
func (u *Uses) book(account string, fen money.Fen) {
	if into := u.of(account); into != nil {
		*into += fen
		u.AllottedFen += fen
	}
}

// of returns the field that accumulates an account's balance, or nil for sources of money and for books other than the
// grant's.
func (u *Uses) of(account string) *money.Fen {
	switch account {
	case ledger.Available:
		return &u.AvailableFen
	case ledger.Commitment:
		return &u.CommittedFen
	case ledger.Transit:
		return &u.TransitFen
	case ledger.Advance:
		return &u.AdvanceFen
	case ledger.Spent:
		return &u.SpentFen
	case ledger.Disallowed:
		return &u.DisallowedFen
	case ledger.Receivable:
		return &u.ReceivableFen
	case ledger.Treasury:
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
