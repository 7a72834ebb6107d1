package api

import (
	"context"
	"slices"

	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/plan"
	"terrace/postgres"
)

// Who may read what, as rules over the state of one aggregate. Lists are filtered
// by the same rules in SQL, through readerOf.

// view is how much of an aggregate a reader sees.
type view int

const (
	hidden view = iota // for this reader it is not there
	part               // what concerns the reader: no other applicant's plan, no colleague's opinion, no person
	whole
)

// viewFor says how much of an aggregate an actor sees:
//   - an auditor, everything;
//   - an office, what was launched at or below its place, drafts at its own place only;
//   - everybody else a part of that whose Readers they are.
func viewFor(a domain.Actor, s flow.State, places *place.Table) view {
	home := place.Code(s.Place())
	office := isOfficer(a) && a.Place != ""
	if a.Has(domain.Auditor) || office && string(home) == a.Place {
		return whole
	}
	switch readers := s.Readers(); {
	case readers.Draft:
		return hidden
	case office && places.Within(home, place.Code(a.Place)):
		return whole
	case concerns(readers, a):
		return part
	default:
		return hidden
	}
}

func isOfficer(a domain.Actor) bool { return slices.ContainsFunc(offices, a.Has) }

// concerns reports whether the actor is among those who see a part of it.
func concerns(r flow.Readers, a domain.Actor) bool {
	return (a.Has(domain.Applicant) || a.Has(domain.Evaluator)) && slices.Contains(r.Organizations, a.Organization) ||
		a.Has(domain.Expert) && slices.Contains(r.Experts, a.ID) ||
		a.Has(domain.Village) && slices.Contains(r.Villages, a.Place)
}

// readerOf is the actor as lists are filtered by.
func readerOf(a domain.Actor) postgres.Reader {
	r := postgres.Reader{All: a.Has(domain.Auditor)}
	if isOfficer(a) {
		r.Place = a.Place
	}
	if a.Has(domain.Applicant) || a.Has(domain.Evaluator) {
		r.Organization = a.Organization
	}
	if a.Has(domain.Expert) {
		r.Person = a.ID
	}
	if a.Has(domain.Village) {
		r.Village = a.Place
	}
	return r
}

// read loads an aggregate for the signed-in reader.
//
// Errors: not-found, also for what the reader may not see.
func (s *server) read(ctx context.Context, ref flow.Ref) (flow.State, view, error) {
	state, err := s.Store.Load(ctx, ref)
	if err != nil {
		return nil, hidden, err
	}
	v, err := s.viewOf(ctx, state)
	if err == nil && v == hidden {
		err = domain.Refuse("not-found", "", "kind", string(ref.Kind), "id", ref.ID)
	}
	return state, v, err
}

// readWhole is read for what only those may see who see the whole aggregate.
func (s *server) readWhole(ctx context.Context, ref flow.Ref) (flow.State, error) {
	state, v, err := s.read(ctx, ref)
	if err == nil && v != whole {
		err = domain.Refuse("not-found", "", "kind", string(ref.Kind), "id", ref.ID)
	}
	return state, err
}

func (s *server) viewOf(ctx context.Context, state flow.State) (view, error) {
	places, err := s.Store.Places(ctx)
	if err != nil {
		return hidden, err
	}
	return viewFor(actorOf(ctx), state, places), nil
}

// mayReadFile lets the uploader, auditors and the readers of what names a file see it.
//
// Errors: not-found.
func (s *server) mayReadFile(ctx context.Context, file postgres.Evidence) error {
	actor := actorOf(ctx)
	if file.UploadedBy == actor.ID || actor.Has(domain.Auditor) {
		return nil
	}
	uses, err := s.Store.EvidenceUses(ctx, file.SHA256)
	if err != nil {
		return err
	}
	for _, ref := range uses {
		switch _, _, err := s.read(ctx, ref); {
		case err == nil:
			return nil
		case !isNotFound(err):
			return err
		}
	}
	return noSuchFile(file.SHA256)
}

func isNotFound(err error) bool {
	refused, ok := domain.Refused(err)
	return ok && refused.Code == "not-found"
}

// progress is whose turn it is, without people's ids for those who see a part.
func (v view) progress(p flow.Progress) flow.Progress {
	if v == whole {
		return p
	}
	p.Turns = slices.Clone(p.Turns)
	for i := range p.Turns {
		p.Turns[i].Who = slices.Clone(p.Turns[i].Who)
		for j := range p.Turns[i].Who {
			p.Turns[i].Who[j].People = nil
		}
	}
	return p
}

// application leaves other applicants' plans and colleagues' opinions out.
func (v view) application(p *pilot.Pilot, a domain.Actor) (pilot.Application, []pilot.Case) {
	if v == whole {
		return p.Application, p.Cases
	}
	all := p.Evaluator.CreditCode == a.Organization || slices.Contains(p.Panel, a.ID)
	shown, cases := p.Application, []pilot.Case{}
	shown.Proposals, shown.Attachments = []plan.Proposal{}, nil
	for i, q := range p.Proposals {
		if !all && q.Organization.CreditCode != a.Organization && q.Village.Code != a.Place {
			continue
		}
		shown.Proposals = append(shown.Proposals, q)
		if i < len(p.Cases) {
			cases = append(cases, ownOpinion(p.Cases[i], a.ID))
		}
	}
	return shown, cases
}

// ownOpinion keeps of the scores of a case the reader's own.
func ownOpinion(c pilot.Case, person string) pilot.Case {
	scores := map[string]pilot.Opinion{}
	if mine, ok := c.Scores[person]; ok {
		scores[person] = mine
	}
	c.Scores = scores
	c.Recused = slices.DeleteFunc(slices.Clone(c.Recused), func(id string) bool { return id != person })
	return c
}
