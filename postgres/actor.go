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
	"terrace/postgres/db"
)

// actorLife is how long a changed or withdrawn token may still be taken for what it was.
const actorLife = 5 * time.Second

// actorLimit bounds the cache; a full one is emptied.
const actorLimit = 10_000

// actorCache remembers who a token stands for. Tokens are known by their SHA-256 alone.
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

// ActorByToken finds who a token stands for.
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

// HasToken tells whether somebody was ever given a token.
func (s *Store) HasToken(ctx context.Context, actor string) (bool, error) {
	return db.New(reading{pool: s.door}).HasToken(ctx, actor)
}

// Person is somebody who may send commands, and the token to know them by, if they have one.
type Person struct {
	domain.Actor
	Token string `json:"token,omitempty"`
}

// putPerson adds a person or changes one; tokens given before stay valid.
func putPerson(ctx context.Context, q *db.Queries, p Person) error {
	if p.ID == "" || p.ID == domain.Workflow.ID || p.Has(domain.System) {
		return fmt.Errorf("person %q: no person is the system, and everybody has an id", p.ID)
	}
	actor := db.PutActorParams{
		ID: p.ID, NameZh: p.Name.ZH, NameEn: p.Name.EN, Roles: []string{},
		Place: p.Place, Organization: p.Organization, Interests: append([]string{}, p.Interests...),
	}
	for _, role := range p.Roles {
		if _, known := domain.Roles[role]; !known {
			return fmt.Errorf("person %q: unknown role %q", p.ID, role)
		}
		actor.Roles = append(actor.Roles, string(role))
	}
	if err := q.PutActor(ctx, actor); err != nil || p.Token == "" {
		return err
	}
	hash := sha256.Sum256([]byte(p.Token))
	return q.PutToken(ctx, db.PutTokenParams{Hash: hash[:], Actor: p.ID})
}
