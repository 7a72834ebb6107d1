package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/place"
	"terrace/postgres/db"
)

// Registry holds the places, organizations and people that pilots need.
type Registry struct {
	Places        []place.Place  `json:"places,omitempty"`
	Organizations []Organization `json:"organizations,omitempty"`
	People        []Person       `json:"people,omitempty"`
}

// RowError is an invalid field in a row of a registry.
type RowError struct {
	Field string // path in the registry, such as people[2].place; “places” for a place that is not in the registry
	ID    string // a place's code, an organization's credit code or a person's id
	Why   domain.Text
}

func (e *RowError) Error() string {
	return fmt.Sprintf("%s “%s”: %s / %s", e.Field, e.ID, e.Why.ZH, e.Why.EN)
}

// faults collects the errors in a registry.
type faults []error

// refusal reports an error in a field of a row.
type refusal func(field, zh, en string, args ...any)

// row returns a refusal whose messages name the given row.
func (f *faults) row(list string, at int, id string) refusal {
	return func(field, zh, en string, args ...any) {
		why := domain.T(fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))
		*f = append(*f, &RowError{fmt.Sprintf("%s[%d].%s", list, at, field), id, why})
	}
}

// Limits for new rows. They do not apply to what is already registered.
const (
	nameLength          = 200 // characters, as in domain.Text
	idLength            = 100
	firstYear, lastYear = 1949, 2999
	lastRegistration    = 2100
)

// within reports a number outside its limits. For a date, the number is its year.
func (refuse refusal) within(field string, number, least, most int) {
	if number < least || number > most {
		refuse(field, "%d不在%d至%d之间", "%d is not between %d and %d", number, least, most)
	}
}

// short reports a text that is too long.
func (refuse refusal) short(field, text string, most int) {
	if length := utf8.RuneCountInString(text); length > most {
		refuse(field, "过长：有%d个字符，最多%d个", "too long: it has %d characters, and the limit is %d", length, most)
	}
}

// named reports a name that is missing in one language, or too long.
func (refuse refusal) named(name domain.Text) {
	if strings.TrimSpace(name.ZH) == "" || strings.TrimSpace(name.EN) == "" {
		refuse("name", "缺少名称：中文（zh）和英文（en）均须填写", "a name is missing: both zh and en are required")
	}
	refuse.short("name.zh", name.ZH, nameLength)
	refuse.short("name.en", name.EN, nameLength)
}

// once reports each item of a list that repeats an earlier one.
func once[T comparable](refuse refusal, list string, items []T) {
	seen := make(map[T]int, len(items))
	for i, item := range items {
		if first, again := seen[item]; again {
			refuse(fmt.Sprintf("%s[%d]", list, i), "与%[1]s[%[2]d]重复", "this is a duplicate of %[1]s[%[2]d]", list, first)
			continue
		}
		seen[item] = i
	}
}

// Register adds new entries and updates known ones, either all of them or none. It never removes anything, and
// registering the same entries again has no effect.
//
// Errors: a *RowError for each invalid field, joined.
func (s *Store) Register(ctx context.Context, r Registry) error {
	return s.register(ctx, func(context.Context, *db.Queries) (Registry, error) { return r, nil })
}

// RegisterAndIssue is like Register. It also issues a token to each person who has none and is not given one, and
// returns the new tokens by person id. The record stores only their hashes.
//
// Errors: a *RowError for each invalid field, joined.
func (s *Store) RegisterAndIssue(ctx context.Context, r Registry) (fresh map[string]string, err error) {
	err = s.register(ctx, func(ctx context.Context, q *db.Queries) (Registry, error) {
		r.People, fresh = slices.Clone(r.People), map[string]string{}
		for i, p := range r.People {
			known, err := q.HasToken(ctx, p.ID)
			if err != nil {
				return r, err
			}
			if p.Token == "" && !known {
				r.People[i].Token = "tr_" + rand.Text()
				fresh[p.ID] = r.People[i].Token
			}
		}
		return r, nil
	})
	return fresh, err
}

// register stores the registry that it reads while no other one is being stored.
func (s *Store) register(ctx context.Context, from func(context.Context, *db.Queries) (Registry, error)) error {
	err := pgx.BeginFunc(ctx, s.care, func(tx pgx.Tx) error {
		read := db.New(tx)
		if err := read.LockRegistry(ctx); err != nil {
			return err
		}
		r, err := from(ctx, read)
		if err != nil {
			return err
		}
		var wrong faults
		wrong.twice(r)
		places, changed, err := s.mergePlaces(ctx, read, r.Places, &wrong)
		if err != nil {
			return err
		}
		wrong.organizations(r.Organizations)
		issued, err := confirmed(ctx, read, r)
		if err != nil {
			return err
		}
		holders, err := holdersOf(ctx, read, r.People)
		if err != nil {
			return err
		}
		for i, p := range r.People {
			p.check(wrong.row("people", i, p.ID), places, issued, holders)
		}
		if len(wrong) > 0 {
			return errors.Join(wrong...)
		}
		var all queue
		if err := r.put(ctx, db.New(&all), changed); err != nil {
			return err
		}
		return all.send(ctx, tx)
	})
	if err != nil {
		return err
	}
	s.staff.forget()
	_, err = s.loadPlaces(ctx, s.care)
	return err
}

// put queues the statements that store a valid registry.
func (r Registry) put(ctx context.Context, q *db.Queries, changed []place.Place) error {
	if err := putPlaces(ctx, q, changed); err != nil {
		return err
	}
	for _, o := range r.Organizations {
		if err := putOrganization(ctx, q, o); err != nil {
			return err
		}
	}
	for _, p := range r.People {
		if err := putPerson(ctx, q, p); err != nil {
			return err
		}
	}
	return nil
}

// twice adds an error for each row that repeats another, because it is unclear which one is meant.
func (f *faults) twice(r Registry) {
	refuse := func(list, field string, seen map[string]int, at int, key, id string) {
		if first, again := seen[key]; again {
			f.row(list, at, id)(field, "与%[1]s[%[2]d]重复", "this is a duplicate of %[1]s[%[2]d]", list, first)
			return
		}
		seen[key] = at
	}
	codes, credits, ids, tokens := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for i, p := range r.Places {
		refuse("places", "code", codes, i, string(p.Code), string(p.Code))
	}
	for i, o := range r.Organizations {
		refuse("organizations", "credit_code", credits, i, o.CreditCode, o.CreditCode)
	}
	for i, p := range r.People {
		refuse("people", "id", ids, i, p.ID, p.ID)
		if p.Token != "" {
			refuse("people", "token", tokens, i, p.Token, p.ID)
		}
	}
}

// holdersOf returns the owners of those of the people's tokens that are already in use, by the hash of the token.
func holdersOf(ctx context.Context, q *db.Queries, people []Person) (map[[sha256.Size]byte]string, error) {
	var hashes [][]byte
	for _, p := range people {
		if p.Token != "" {
			hash := sha256.Sum256([]byte(p.Token))
			hashes = append(hashes, hash[:])
		}
	}
	rows, err := q.ListTokens(ctx, hashes)
	holders := make(map[[sha256.Size]byte]string, len(rows))
	for _, r := range rows {
		holders[[sha256.Size]byte(r.Hash)] = r.Actor
	}
	return holders, err
}
