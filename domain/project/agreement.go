package project

import (
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/programme"
)

// The parties to an agreement (协议).
const (
	organizationSide = "organization"
	officeSide       = "office"
)

// Sides maps each party to an agreement to its display name.
var Sides = map[string]domain.Text{
	organizationSide: domain.Roles[domain.Applicant],
	officeSide:       domain.T("民政部门", "civil-affairs office"),
}

// SignAsOrganization signs the agreement on behalf of the organization. It specifies the account into which the money will be paid.
type SignAsOrganization struct {
	AccountName   string `json:"account_name" minLength:"1" maxLength:"200" doc:"name of the organization's own bank account (开户名)"`
	AccountNumber string `json:"account_number" pattern:"^[0-9]{8,32}$" doc:"account number; kept apart from the record"`
}

// SignAsOffice signs the agreement on behalf of the office.
type SignAsOffice struct{}

// RefuseAgreement records that the organization declines to sign (拒签), which ends the project before it starts.
type RefuseAgreement struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

func (s *SignAsOrganization) Personal() map[string]string {
	return map[string]string{"account_number": s.AccountNumber}
}

// Check rejects an account that is not in the organization's own name.
func (s *SignAsOrganization) Check(p *Project, _ flow.Context) error {
	if s.AccountName != p.Proposal.Organization.Name.ZH {
		return domain.Refuse("account-name", "account_name", "account", s.AccountName, "organization", p.Proposal.Organization.Name.ZH)
	}
	return p.unsigned(organizationSide)
}

func (p *Project) unsigned(side string) error {
	if p.Signed[side] != "" {
		return domain.Refuse("already-signed", "")
	}
	return nil
}

func (s *SignAsOrganization) Decide(p *Project, c flow.Context) []flow.Event {
	signed := &AgreementSigned{Side: organizationSide, By: c.Actor.ID, AccountName: s.AccountName, Digest: c.Digest(s.AccountNumber)}
	return append([]flow.Event{signed}, p.bothSigned(officeSide, c)...)
}

func (*SignAsOffice) Check(p *Project, _ flow.Context) error { return p.unsigned(officeSide) }

func (*SignAsOffice) Decide(p *Project, c flow.Context) []flow.Event {
	return append([]flow.Event{&AgreementSigned{Side: officeSide, By: c.Actor.ID}}, p.bothSigned(organizationSide, c)...)
}

// bothSigned returns the events that conclude the agreement, if the other side has already signed. The first tranche then falls due.
func (p *Project) bothSigned(other string, c flow.Context) []flow.Event {
	if p.Signed[other] == "" {
		return nil
	}
	concluded := &AgreementConcluded{On: c.Today()}
	return append([]flow.Event{concluded}, p.fallDue(met{signed: true}, c)...)
}

func (*RefuseAgreement) Check(*Project, flow.Context) error { return nil }

func (r *RefuseAgreement) Decide(p *Project, c flow.Context) []flow.Event {
	return []flow.Event{&ProjectAbandoned{Reason: r.Reason, ReleasedFen: p.GrantFen, On: c.Today()}}
}

// AgreementSigned records that one side signed the agreement.
type AgreementSigned struct {
	Side        string `json:"side"`
	By          string `json:"by"`
	AccountName string `json:"account_name,omitempty"`
	Digest      string `json:"digest,omitempty"` // salted SHA-256 hash of the account number
}

// Concealed returns the digest of the account number.
func (e *AgreementSigned) Concealed() (string, []string) { return e.Digest, []string{"account_number"} }

func (e *AgreementSigned) Apply(p *Project) {
	if p.Signed == nil {
		p.Signed = map[string]string{}
	}
	p.Signed[e.Side] = e.By
	if e.Side == organizationSide {
		p.AccountName = e.AccountName
	}
}

// AgreementConcluded records that both sides have signed. The project then waits for its first tranche.
type AgreementConcluded struct {
	On calendar.Date `json:"on"`
}

func (e *AgreementConcluded) Apply(p *Project) {
	p.AgreedOn = e.On
	p.Enter(FirstTranche)
	p.Open(AwaitMoney, "1", flow.Deadline{})
}

// ProjectAbandoned records that the organization declined to sign. Its grant returns to the fund.
type ProjectAbandoned struct {
	Reason      string        `json:"reason"`
	ReleasedFen money.Fen     `json:"released_fen"`
	On          calendar.Date `json:"on"`
}

func (e *ProjectAbandoned) Apply(p *Project) {
	p.EndedOn, p.Reason, p.ReasonOn = e.On, e.Reason, p.AsOf
	p.finish(Abandoned)
}

// met holds the conditions that the current command fulfils, which the state therefore does not show yet.
type met struct {
	signed    bool
	milestone string
	midTerm   bool
	settled   bool
	last      money.Fen // amount of the last tranche, if settled is true
}

// fallDue returns an event for each tranche that falls due because all of its conditions are now met (拨付条件). The programme sets the
// conditions.
func (p *Project) fallDue(now met, c flow.Context) []flow.Event {
	var events []flow.Event
	for i, t := range c.Rules.Tranches {
		if p.Tranches[i].Attempt > 0 || p.Tranches[i].Dropped || !p.meets(t, now) {
			continue
		}
		fen := p.Tranches[i].Fen
		if t.Settled {
			fen = now.last
		}
		if fen > 0 {
			events = append(events, &TrancheDue{Tranche: i + 1, Attempt: 1, Fen: fen, Deadline: trancheDeadline(c)})
		}
	}
	return events
}

func (p *Project) meets(t programme.Tranche, now met) bool {
	if !now.signed && (p.Signed[officeSide] == "" || p.Signed[organizationSide] == "") {
		return false
	}
	for _, key := range t.Milestones {
		if key != now.milestone && p.step(key).Status != StepVerified {
			return false
		}
	}
	return (!t.MidTerm || now.midTerm || p.MidTerm.Outcome == Pass) &&
		(!t.Final || p.Final.Outcome == Pass) &&
		(!t.Settled || now.settled || p.Settled)
}
