package flow

import (
	"slices"

	"terrace/domain"
	"terrace/domain/place"
)

// Sight is how much of an aggregate a reader sees (知情范围).
type Sight int

const (
	Hidden Sight = iota // nothing, as if the aggregate did not exist
	Part                // what concerns the reader, as State.Part returns it
	Whole
)

// Readers says who can see an aggregate (知情方) besides auditors and the offices above its place, who see all of it. It includes
// everybody who may send the aggregate a command.
type Readers struct {
	Draft         bool     // only the office that keeps the aggregate sees it
	Public        bool     // part of the aggregate is on public notice (公示), so commands for Anyone are accepted even from people who see nothing else of it
	Offices       []string // places of the offices that take part; they see all of it, even after their place has come under another
	Organizations []string // credit codes of the organizations, including the evaluator, whose members see part of it
	Villages      []string // codes of the villages whose committees see part of it
	Experts       []string // actor ids of the experts, who see part of it
}

// Keys returns the readers in the form in which the database stores them, sorted and without duplicates. It returns nil for a draft,
// which only its own office sees.
func (r Readers) Keys() []string {
	if r.Draft {
		return nil
	}
	keys := []string{}
	add := func(prefix string, values []string) {
		for _, v := range values {
			if v != "" {
				keys = append(keys, prefix+v)
			}
		}
	}
	add(officeKey, r.Offices)
	add(organizationKey, r.Organizations)
	add(villageKey, r.Villages)
	add(personKey, r.Experts)
	slices.Sort(keys)
	return slices.Compact(keys)
}

// The prefixes of the keys under which readers are stored.
const (
	officeKey       = "office/"
	organizationKey = "organization/"
	villageKey      = "village/"
	personKey       = "person/"
)

// Reader describes a person to all rules about who sees what: for reads, lists, streams, commands and the row-level policies of the
// database. The zero Reader sees nothing.
type Reader struct {
	All          bool   // an auditor, or Terrace itself, who sees everything
	Place        string // place of their office, which sees what was launched in that place or involves the office, but only its own drafts
	Organization string // credit code of their organization
	Person       string // actor id, if they are an expert
	Village      string // code of the village on whose committee they are
	Finance      string // place of the office whose finance they handle, which lets them read the account numbers that it pays to
}

// Offices lists the roles of people who work in a civil-affairs office (民政部门).
var Offices = []domain.Role{domain.CaseOfficer, domain.Approver, domain.Finance}

// ReaderOf returns what an actor may read because of their roles.
func ReaderOf(a domain.Actor) Reader {
	r := Reader{All: a.Has(domain.Auditor) || a.Has(domain.System)}
	if slices.ContainsFunc(Offices, a.Has) {
		r.Place = a.Place
	}
	if a.Has(domain.Finance) {
		r.Finance = a.Place
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

// Keys returns every key by which Readers.Keys may include this reader.
func (r Reader) Keys() []string {
	keys := []string{}
	for _, k := range []struct{ prefix, value string }{
		{officeKey, r.Place}, {organizationKey, r.Organization}, {villageKey, r.Village}, {personKey, r.Person},
	} {
		if k.value != "" {
			keys = append(keys, k.prefix+k.value)
		}
	}
	return keys
}

// Sees returns how much of an aggregate the reader sees:
//   - auditors, Terrace itself and the office that keeps the aggregate see all of it;
//   - nobody else sees a draft;
//   - an office that is above the aggregate's place or among its Readers sees all of it;
//   - any other of its Readers sees part of it.
func (r Reader) Sees(s State, places *place.Table) Sight {
	if r.Oversees(s, places) {
		return Whole
	}
	readers := s.Readers()
	named := readers.Keys()
	is := func(key string) bool { return slices.Contains(named, key) }
	switch {
	case readers.Draft:
		return Hidden
	case r.Place != "" && is(officeKey+r.Place):
		return Whole
	case slices.ContainsFunc(r.Keys(), is):
		return Part
	default:
		return Hidden
	}
}

// Oversees reports whether the reader sees all of an aggregate because the aggregate's place lies in theirs. Such a reader also sees
// all of every aggregate that is part of this one. An office that merely takes part does not oversee it.
func (r Reader) Oversees(s State, places *place.Table) bool {
	if r.All || r.Place != "" && r.Place == s.Place() {
		return true
	}
	return r.Place != "" && places.Within(place.Code(s.Place()), place.Code(r.Place)) && !s.Readers().Draft
}

// NotFound returns the refusal for an aggregate that does not exist or that the sender may not see.
func NotFound(ref Ref) error {
	return domain.Refuse("not-found", "", "kind", string(ref.Kind), "id", ref.ID)
}

// Permits refuses a command to whoever may not send it to this aggregate, whatever its stage and whatever they send.
//
// Errors: those of Visible and of Who.Admits.
func (d *Declaration) Permits(s State, p Payload, by domain.Actor, places *place.Table) error {
	if err := d.Visible(s, p, by, places); err != nil {
		return err
	}
	return named(d.Who.Admits(s, by), places)
}

// Visible refuses a command to an aggregate that the sender may not see, as if it did not exist. What is on public
// notice accepts from anyone the commands that anyone may send; once the notice is over, the payload may say so to
// whoever could have sent it.
//
// Errors: not-found, and those of the payload.
func (d *Declaration) Visible(s State, p Payload, by domain.Actor, places *place.Table) error {
	if d.Creates || ReaderOf(by).Sees(s, places) != Hidden || d.Who.Seat == Anyone && s.Readers().Public {
		return nil
	}
	if d.Who.Admits(s, by) == nil {
		if err := unadmitted(s, p, places); err != nil {
			return err
		}
	}
	return NotFound(RefOf(s))
}
