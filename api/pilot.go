package api

import (
	"context"
	"unicode/utf8"

	"terrace/desk"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/ledger"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/plan"
	"terrace/domain/programme"
	"terrace/domain/project"
	"terrace/postgres"
)

// Pilot is a pilot (试点) in the form shown to the caller.
type Pilot struct {
	ID         string                 `json:"id"`
	Version    int                    `json:"version" doc:"for If-Match, as in ETag"`
	Stage      flow.Stage             `json:"stage"`
	StageName  domain.Text            `json:"stage_name"`
	Programme  flow.ProgrammeRef      `json:"programme"`
	Home       string                 `json:"home" doc:"place of the launching office (GB/T 2260)"`
	HomeName   domain.Text            `json:"home_name,omitzero" doc:"missing if the place is not registered"`
	Chain      []string               `json:"chain" doc:"places of the offices that endorse, lowest first"`
	ChainNames map[string]domain.Text `json:"chain_names" doc:"of the places in chain that are registered"`
	pilot.Application
	PlanNames
	Reason        string               `json:"reason,omitempty" doc:"why the application was last sent back, for offices and auditors; or why it was withdrawn, refused or rejected, for every reader"`
	ReasonOn      calendar.Date        `json:"reason_on,omitzero" doc:"the day on which that reason was given"`
	ProposalCount int                  `json:"proposal_count" minimum:"0" doc:"how many proposals you may read; here are the first 50, and all in links.proposals"`
	Findings      []EligibilityFinding `json:"findings,omitempty" doc:"what the eligibility check found about the evaluator; findings about a proposal are in its case"`
	Cases         []Case               `json:"cases" doc:"what was found and decided, one for each proposal here, in the same order"`
	NoticeRound   int                  `json:"notice_round,omitempty"`
	Numbers       []string             `json:"numbers,omitempty" doc:"document numbers (文号) of the written approvals"`
	Committed     money.Fen            `json:"committed_fen" doc:"amount granted by the written approvals, in fen (分)"`
	Summary       *Summary             `json:"summary,omitempty" doc:"self-evaluation (绩效自评)"`
	Dossier       string               `json:"dossier,omitempty" doc:"SHA-256 over the heads of all hash chains, once archived"`
	Ends          map[string]End       `json:"ends,omitempty" doc:"how each project ended, by its id; of the proposals here"`
	TurnCount     int                  `json:"turn_count" minimum:"0" doc:"how many waits are open; progress holds the first 100"`
	Progress      Progress             `json:"progress" doc:"whose turn, what, until when"`
	Doable
	Money *Purse     `json:"money,omitempty" doc:"where the money is; for offices and auditors"`
	Links PilotLinks `json:"links"`
}

// Task is an open wait on which the caller can act.
type Task struct {
	TurnView
	Actions []Action `json:"actions" doc:"the commands that you can send now, including submit for a draft with faults, whose refusal lists them all; a command that would be refused whatever you do first, such as accept while a proposal is not eligible, is left out"`
}

// Action is a command that the caller can send, with its URL.
type Action struct {
	Command string      `json:"command" example:"submit"`
	Title   domain.Text `json:"title"`
	Href    string      `json:"href" format:"uri-reference" doc:"POST here"`
}

// Purse is a breakdown of a pilot's money by state, in fen.
type Purse struct {
	Available  money.Fen `json:"available_fen" doc:"allotted and not yet committed"`
	Committed  money.Fen `json:"committed_fen" doc:"committed and not yet paid (承诺)"`
	Transit    money.Fen `json:"transit_fen" doc:"reserved for a payment in progress, not yet posted (在途)"`
	Advance    money.Fen `json:"advance_fen" doc:"paid, spending not yet accepted (预付)"`
	Spent      money.Fen `json:"spent_fen" doc:"accepted spending (核定支出)"`
	Disallowed money.Fen `json:"disallowed_fen" doc:"not accepted or diverted, its recovery not yet opened (不予认可)"`
	Returned   money.Fen `json:"returned_fen" doc:"unspent and recovered money, back in the treasury (缴回国库)"`
	Receivable money.Fen `json:"receivable_fen" doc:"owed back and not yet repaid (应追回)"`
}

// Case holds what was found and decided about a proposal.
type Case struct {
	pilot.Case
	StatusName  domain.Text            `json:"status_name"`
	PeopleNames map[string]domain.Text `json:"people_names,omitempty" doc:"of the experts in scores and recused, by id"`
	Findings    []EligibilityFinding   `json:"findings,omitempty"`
}

// EligibilityFinding is one result of the automatic eligibility check (资格审查), with its source in words.
type EligibilityFinding struct {
	pilot.Finding
	SourceName domain.Text `json:"source_name"`
}

func caseOf(c pilot.Case, people map[string]domain.Text) Case {
	return Case{c, c.StatusName(), namesOf(c.People(), personName(people)), findings(c.Findings)}
}

func findings(all []pilot.Finding) []EligibilityFinding {
	return plan.Each(all, func(f pilot.Finding) EligibilityFinding { return EligibilityFinding{f, domain.Cited(f.Source)} })
}

// Summary is the self-evaluation of a pilot (绩效自评), with the name of its grade.
type Summary struct {
	pilot.Summary
	GradeName domain.Text `json:"grade_name" doc:"as the programme calls it"`
}

func summary(s *pilot.Summary, rules *programme.Programme) *Summary {
	if s == nil {
		return nil
	}
	return &Summary{*s, ruled(rules, (*programme.Programme).GradeName, s.Grade)}
}

func cases(all []pilot.Case, people map[string]domain.Text) []Case {
	return plan.Each(all, func(c pilot.Case) Case { return caseOf(c, people) })
}

// End describes how a project ended.
type End struct {
	project.End
	OutcomeName domain.Text `json:"outcome_name,omitzero"`
}

func endOf(e project.End) End { return End{e, catalogue.All.StageName(e.Outcome)} }

// PilotLinks holds the URLs of everything that belongs to a pilot.
type PilotLinks struct {
	Proposals   string `json:"proposals" format:"uri-reference"`
	Projects    string `json:"projects" format:"uri-reference"`
	Payments    string `json:"payments" format:"uri-reference"`
	Recoveries  string `json:"recoveries" format:"uri-reference"`
	Differences string `json:"differences,omitempty" format:"uri-reference" doc:"for offices and auditors"`
	Board       string `json:"board" format:"uri-reference" doc:"every village with its milestones, once projects run"`
	Timeline    string `json:"timeline" format:"uri-reference"`
	Ledger      string `json:"ledger,omitempty" format:"uri-reference" doc:"for offices and auditors"`
	Run         string `json:"run,omitempty" format:"uri-reference" doc:"for offices and auditors"`
	Events      string `json:"events" format:"uri-reference"`
}

// Versioned is the response header with the record's version, which the client sends back in If-Match.
type Versioned struct {
	ETag string `header:"ETag" doc:"the aggregate's version, for If-Match" example:"\"7\""`
}

type namedInput struct{ Named }

type pilotOutput struct {
	Versioned
	Body Pilot
}

// pilot returns one pilot, if the caller may read it.
//
// Errors: not-found.
func (s *server) pilot(ctx context.Context, in *namedInput) (*pilotOutput, error) {
	sheet, err := s.desk(ctx).Read(ctx, flow.Ref{Kind: pilot.Kind, ID: in.ID})
	if err != nil {
		return nil, err
	}
	p := sheet.State.(*pilot.Pilot)
	self := addressOf(pilot.Kind, p.ID)
	out := &pilotOutput{Versioned{etag(p.Version)}, Pilot{
		ID: p.ID, Version: p.Version, Stage: p.Stage, StageName: catalogue.All.StageName(p.Stage), Programme: p.Programme,
		Home: p.Home, HomeName: placeName(sheet.Places, p.Home), Chain: p.Chain,
		ChainNames:  namesOf(p.Chain, func(code string) domain.Text { return placeName(sheet.Places, code) }),
		Application: p.Application, Reason: p.Reason, ReasonOn: p.ReasonOn, Findings: findings(p.Findings), Cases: cases(p.Cases, sheet.People),
		NoticeRound: p.NoticeRound, Numbers: p.Numbers, Committed: p.CommittedFen(), Summary: summary(p.Summary, s.desks.Rules(p.Programme)), Dossier: p.Dossier,
		Progress: progressOf(sheet), Doable: doable(sheet),
		Links: PilotLinks{
			Proposals: self + "/proposals", Projects: "/v1/projects?pilot=" + p.ID, Payments: "/v1/payments?pilot=" + p.ID, Recoveries: "/v1/recoveries?pilot=" + p.ID,
			Board: self + "/board", Timeline: self + "/timeline", Events: self + "/events",
		},
	}}
	if sheet.Whole {
		out.Body.Ends = map[string]End{}
		for id, end := range p.Ends {
			out.Body.Ends[id] = endOf(end)
		}
	}
	bounded(&out.Body)
	out.Body.PlanNames = planNames(s.desks.Rules(p.Programme), out.Body.Proposals, p.Purposes...)
	if sheet.Oversees {
		balances, err := s.Store.Balances(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		out.Body.Money = purse(balances)
		out.Body.Links.Differences, out.Body.Links.Ledger, out.Body.Links.Run = "/v1/differences?pilot="+p.ID, self+"/ledger", self+"/run"
	}
	return out, nil
}

// Doable lists what the caller can do now.
type Doable struct {
	YourTurn []Task `json:"your_turn" doc:"your open turns, as listed by /v1/turns?whose=mine"`
	YouMay   []Task `json:"you_may" doc:"what you can do although it is not your turn, such as withdraw"`
}

// doable returns what the caller can do now, with the URLs for doing it.
func doable(sheet desk.Sheet) Doable {
	all := Doable{[]Task{}, []Task{}}
	for _, t := range sheet.Tasks {
		task := Task{TurnView: turnView(sheet.Progress.Aggregate.Kind, t.Turn, sheet.Places, sheet.People), Actions: make([]Action, len(t.Commands))}
		for j, c := range t.Commands {
			task.Actions[j] = Action{Command: c.Name, Title: c.Title, Href: desk.Path(sheet.Progress.Aggregate) + "/" + c.Name}
		}
		if t.Awaited {
			all.YourTurn = append(all.YourTurn, task)
		} else {
			all.YouMay = append(all.YouMay, task)
		}
	}
	return all
}

func purse(balances []postgres.Line) *Purse {
	p := &Purse{}
	accounts := map[string]*money.Fen{
		ledger.Available: &p.Available, ledger.Commitment: &p.Committed, ledger.Transit: &p.Transit, ledger.Advance: &p.Advance,
		ledger.Spent: &p.Spent, ledger.Disallowed: &p.Disallowed, ledger.Treasury: &p.Returned, ledger.Receivable: &p.Receivable,
	}
	for _, b := range balances {
		if sum, ok := accounts[b.Account]; ok {
			*sum += b.Fen
		}
	}
	return p
}

// searchable rejects a search text that the index cannot find. The index holds whole words and, for Chinese, pairs of
// adjacent characters.
//
// Errors: too-short, bad-format.
func searchable(q string) error {
	if q == "" {
		return nil
	}
	if !utf8.ValidString(q) {
		return wanting("bad-format", "query.q", "UTF-8")
	}
	if postgres.Searchable(q) {
		return nil
	}
	return domain.Refuse("too-short", "query.q", "least", "2")
}

type pilotsInput struct {
	Narrowing
	OfOrganization
	Q string `query:"q" minLength:"2" maxLength:"100" pattern:"^[^\x00-\x1f\x7f]+$" patternDescription:"words to look for" doc:"only with each of these words in the title or, for offices above and auditors, who read every proposal, in a proposal: titles, villages, organizations, codes. Others find a pilot by its title and by their own projects in it, and with organization= by their own organization or one that runs such a project. Of Chinese, any two characters that follow each other; else whole words" example:"庄浪 养老"`
}

func (in pilotsInput) filter() postgres.Filter {
	f := in.Narrowing.filter()
	f.Search, f.Organization = in.Q, in.Organization
	return f
}

// PilotItem is a pilot in a list.
type PilotItem struct {
	Entry
	Title        domain.Text       `json:"title"`
	Programme    flow.ProgrammeRef `json:"programme"`
	Place        string            `json:"place" doc:"of the launching office"`
	PlaceName    domain.Text       `json:"place_name,omitzero" doc:"missing if the place is not registered"`
	RequestedFen money.Fen         `json:"requested_fen"`
	CommittedFen money.Fen         `json:"committed_fen"`
	Projects     int               `json:"projects" doc:"how many there are"`
}

func pilotItem(r postgres.PilotRow, places *place.Table) PilotItem {
	return PilotItem{
		Entry: entry(pilot.Kind, r.ID, r.Version, r.Stage, r.Ended, r.Due), Title: text(r.TitleZh, r.TitleEn),
		Programme: flow.ProgrammeRef{ID: r.Programme, Version: r.ProgrammeVersion}, Place: r.Place, PlaceName: placeName(places, r.Place),
		RequestedFen: r.RequestedFen, CommittedFen: r.CommittedFen, Projects: r.Projects,
	}
}
