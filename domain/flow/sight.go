package flow

import (
	"slices"

	"terrace/domain"
	"terrace/domain/place"
)

// Sight is the extent to which a reader can see an aggregate (知情范围).
type Sight int

const (
	Hidden Sight = iota // nothing, as if the aggregate did not exist
	Part                // only what concerns the reader, as returned by State.Part
	Whole
)

// Readers specifies who can see an aggregate (知情方), in addition to auditors and the offices above its place, who see all of it.
// Everyone who may send the aggregate a command must be included.
type Readers struct {
	Draft         bool     // only the office in charge of the aggregate sees it
	Public        bool     // part of the aggregate is on public notice (公示), so commands open to Anyone are accepted even from senders who can see nothing else of it
	Offices       []string // places of the participating offices, which see all of it, even if their place has since moved to another parent
	Organizations []string // credit codes of organizations, including the evaluator, whose representatives see part of it
	Villages      []string // codes of the villages whose committees see part of it
	Experts       []string // actor ids of experts, who see part of it
}

// Keys returns the readers as the keys stored in the database, sorted and without duplicates. It returns nil for a draft, which only
// its own office sees.
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

// The prefixes of the keys that represent readers in the database.
const (
	officeKey       = "office/"
	organizationKey = "organization/"
	villageKey      = "village/"
	personKey       = "person/"
)

// Reader describes a person for the purposes of access control: for reads, lists, streams, commands and the database's row-level
// policies. The zero Reader sees nothing.
type Reader struct {
	All          bool   // whether the reader sees everything: an auditor or Terrace itself
	Place        string // place of their office, which sees everything launched within that place or involving the office, but no drafts except its own
	Organization string // credit code of their organization
	Person       string // actor id, if they are an expert
	Village      string // code of the village whose committee they belong to
	Finance      string // place of the office for which they are a finance officer, with access to the account numbers that it pays into
}

// Offices lists the roles held by staff of a civil-affairs office (民政部门).
var Offices = []domain.Role{domain.CaseOfficer, domain.Approver, domain.Finance}

// ReaderOf returns the Reader for an actor, according to the actor's roles.
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

// Keys returns every key that can represent this reader in Readers.Keys.
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

// Sees returns the extent to which the reader can see an aggregate:
//   - auditors, Terrace itself and the office in charge of the aggregate see all of it;
//   - nobody else sees a draft;
//   - an office above the aggregate's place, or among its Readers, sees all of it;
//   - any other Reader sees part of it.
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

// Oversees reports whether the reader sees all of an aggregate because its place lies within the reader's own. Such a reader also
// sees all of every aggregate that belongs to it. An office that merely participates does not oversee the aggregate.
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

// Permits returns an error if the actor may never send the command to this aggregate, whatever the stage and the content.
//
// Errors: those of Visible and of Who.Admits.
func (d *Declaration) Permits(s State, p Payload, by domain.Actor, places *place.Table) error {
	if err := d.Visible(s, p, by, places); err != nil {
		return err
	}
	return named(d.Who.Admits(s, by), places)
}

// Visible returns not-found if the sender may not see the aggregate. If part of the aggregate is on public notice, commands that
// anyone may send are accepted from anyone. Once the notice is over, the payload may explain this to any sender whom the seat admits.
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

// Answers returns not-found if the answer to an accepted command is not given again to its sender, because they cannot see the
// aggregate any more. The sender of a command that anyone may send never had to see it. They get their answer again even after the
// public notice, so that nobody whose answer was lost believes that they came too late. No command takes its own sender's sight away,
// so every other sender who repeats a command at once gets its answer too.
//
// Errors: not-found.
func (d *Declaration) Answers(s State, by domain.Actor, places *place.Table) error {
	if d.Who.Seat == Anyone && !d.Creates || ReaderOf(by).Sees(s, places) != Hidden {
		return nil
	}
	return NotFound(RefOf(s))
}
