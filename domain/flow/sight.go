package flow

import (
	"slices"

	"terrace/domain"
	"terrace/domain/place"
)

// Sight is how much of an aggregate somebody sees (知情范围).
type Sight int

const (
	Hidden Sight = iota // for this reader it is not there
	Part                // what concerns the reader, as the aggregate's own Part says
	Whole
)

// Readers are those who see an aggregate besides auditors and the offices above its place, who see the whole (知情方).
// Whoever may send it a command is among them.
type Readers struct {
	Draft         bool     // nobody but the office of its own place sees anything
	Public        bool     // something of it is on public notice (公示): anybody may send what anybody may
	Offices       []string // places: offices that take part in it see the whole, whatever has become of their place since
	Organizations []string // credit codes: members of the organization, and the evaluator
	Villages      []string // codes: members of the village committee
	Experts       []string // actor ids
}

// Keys are the readers as the record keeps them, each once and in order; nil of a draft, which nobody sees but its own office.
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

// The prefixes of readers' keys.
const (
	officeKey       = "office/"
	organizationKey = "organization/"
	villageKey      = "village/"
	personKey       = "person/"
)

// Reader is a person as every rule about what may be seen knows them: the reads, the lists, the streams, the commands, and the
// database's own policies. The zero Reader sees nothing.
type Reader struct {
	All          bool   // auditors, and Terrace itself
	Place        string // of an office: what it and the offices below it launched, of drafts its own, and what it takes part in
	Organization string // credit code
	Person       string // actor id of an expert
	Village      string // of a village committee
	Finance      string // place of an office whose finance they are: they read the account numbers that it pays to
}

// Offices are the roles of people in a civil-affairs office (民政部门).
var Offices = []domain.Role{domain.CaseOfficer, domain.Approver, domain.Finance}

// ReaderOf is what an actor's roles let them read by.
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

// Keys are the keys under which an aggregate's Readers may list the reader.
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

// Sees is how much of an aggregate the reader sees:
//   - whoever sees all, and the office of its own place: the whole;
//   - of a draft, nobody else anything;
//   - an office above its place or among its Readers: the whole;
//   - everybody else a part of that whose Readers they are.
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

// Oversees reports whether the reader sees the whole of an aggregate by their place, and with it the whole of everything that is part of
// it: an office that only takes part in it does not.
func (r Reader) Oversees(s State, places *place.Table) bool {
	if r.All || r.Place != "" && r.Place == s.Place() {
		return true
	}
	return r.Place != "" && places.Within(place.Code(s.Place()), place.Code(r.Place)) && !s.Readers().Draft
}

// NotFound refuses an aggregate that does not exist or that the sender may not see.
func NotFound(ref Ref) error {
	return domain.Refuse("not-found", "", "kind", string(ref.Kind), "id", ref.ID)
}

// Visible refuses an aggregate that the sender may not see as if it were not there, whatever is asked of it. What is on public
// notice takes from anybody what anybody may send; once that is over, the payload may tell whoever could have sent it.
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
