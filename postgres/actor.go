package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/place"
	"terrace/postgres/db"
)

// actorLife is the longest time for which a changed or withdrawn token may still work as before.
const actorLife = 5 * time.Second

// actorLimit is the largest number of tokens in the cache. When the cache is full, it is emptied.
const actorLimit = 10_000

// actorCache remembers to whom each token belongs. It keeps only the SHA-256 of a token, not the token itself.
type actorCache struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]knownActor
}

type knownActor struct {
	actor domain.Actor
	until time.Time
}

func (c *actorCache) get(hash [sha256.Size]byte) (domain.Actor, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.known[hash]
	return k.actor, ok && time.Now().Before(k.until)
}

func (c *actorCache) put(hash [sha256.Size]byte, actor domain.Actor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= actorLimit {
		c.known = map[[sha256.Size]byte]knownActor{}
	}
	c.known[hash] = knownActor{actor, time.Now().Add(actorLife)}
}

// ActorByToken returns the person to whom a token belongs.
//
// Errors: unauthenticated.
func (s *Store) ActorByToken(ctx context.Context, token string) (domain.Actor, error) {
	hash := sha256.Sum256([]byte(token))
	if actor, ok := s.actors.get(hash); ok {
		return actor, nil
	}
	row, err := db.New(reading{pool: s.door}).GetActorByToken(ctx, hash[:])
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.Actor{}, domain.Refuse("unauthenticated", "")
	}
	if err != nil {
		return domain.Actor{}, err
	}
	actor := domain.Actor{
		ID: row.ID, Name: domain.Text{ZH: row.NameZh, EN: row.NameEn},
		Place: row.Place, Organization: row.Organization, Interests: row.Interests,
	}
	for _, role := range row.Roles {
		actor.Roles = append(actor.Roles, domain.Role(role))
	}
	s.actors.put(hash, actor)
	return actor, nil
}

// HasToken reports whether a person has ever been given a token.
func (s *Store) HasToken(ctx context.Context, actor string) (bool, error) {
	return db.New(reading{pool: s.door}).HasToken(ctx, actor)
}

// Person is somebody who may send commands. If Token is not empty, it becomes a new token of theirs.
type Person struct {
	domain.Actor
	Token string `json:"token,omitempty"`
}

// putPerson adds or updates a person. Tokens that they have been given before stay valid.
//
// Errors: *PersonError.
func putPerson(ctx context.Context, q *db.Queries, places *place.Table, p Person) error {
	if p.ID == "" {
		return &PersonError{p.ID, "needs an id"}
	}
	if p.ID == domain.Workflow.ID || p.Has(domain.System) {
		return &PersonError{p.ID, "is Terrace itself, as whom nobody is registered"}
	}
	if _, known := places.Get(place.Code(p.Place)); p.Place != "" && !known {
		return &PersonError{p.ID, "is of the place " + p.Place + ", which is not registered: register it too, or correct the code"}
	}
	actor := db.PutActorParams{
		ID: p.ID, NameZh: p.Name.ZH, NameEn: p.Name.EN, Roles: []string{},
		Place: p.Place, Organization: p.Organization, Interests: append([]string{}, p.Interests...),
	}
	for _, role := range p.Roles {
		if _, known := domain.Roles[role]; !known {
			return &PersonError{p.ID, fmt.Sprintf("has the unknown role %q", role)}
		}
		actor.Roles = append(actor.Roles, string(role))
	}
	if err := q.PutActor(ctx, actor); err != nil || p.Token == "" {
		return err
	}
	hash := sha256.Sum256([]byte(p.Token))
	return q.PutToken(ctx, db.PutTokenParams{Hash: hash[:], Actor: p.ID})
}
