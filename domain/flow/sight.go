package flow

import (
	"slices"

	"terrace/domain"
	"terrace/domain/place"
)

// Sight is how much of an aggregate a reader sees (知情范围).
type Sight int

const (
	Hidden Sight = iota // as if it did not exist
	Part                // what concerns the reader, as State.Part returns it
	Whole
)

// Readers says who can see an aggregate (知情方) besides auditors and the offices above its place, who see all of it. It includes
// everybody who may send it a command.
type Readers struct {
	Draft         bool     // only the office of its own place sees it
	Public        bool     // part of it is on public notice (公示), so commands that anyone may send are open to anyone
	Offices       []string // places whose offices take part and see all of it, even after their place has changed
	Organizations []string // credit codes of organizations, the evaluator's included; their members see part of it
	Villages      []string // codes of villages; members of the committee see part of it
	Experts       []string // ids of actors
}

// Keys returns the readers as the record stores them, sorted and each once. It returns nil for a draft, which only its own office sees.
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

// Reader is a person as all rules of visibility know them, whether for reads, lists, streams, commands or the row-level policies of the
// database. The zero Reader sees nothing.
type Reader struct {
	All          bool   // auditors, and Terrace itself
	Place        string // of an office: it sees what offices in its place launched or it takes part in, but only its own drafts
	Organization string // credit code
	Person       string // actor id of an expert
	Village      string // of a village committee
	Finance      string // place of an office where they work in finance: they read the account numbers that it pays to
}

// Offices holds the roles of people in a civil-affairs office (民政部门).
var Offices = []domain.Role{domain.CaseOfficer, domain.Approver, domain.Finance}

// ReaderOf returns what an actor may read by their roles.
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

// Keys returns the keys under which Readers.Keys can list the reader.
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
//   - auditors, Terrace itself and the office of its place see all of it;
//   - nobody else sees a draft;
//   - an office above its place or among its Readers sees all of it;
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

// Oversees reports whether the reader sees all of an aggregate because of their place, and so all of everything that is part of it.
// This is not so for an office that merely takes part.
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
	return d.Who.Admits(s, by)
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
