package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
	"terrace/domain/creditcode"
	"terrace/domain/place"
	"terrace/postgres/db"
)

// actorLife is how long a token is cached, and therefore the maximum time until a changed or revoked token takes
// effect.
const actorLife = 5 * time.Second

// actorLimit is the maximum number of tokens in the cache. A full cache is emptied.
const actorLimit = 10_000

// actorCache caches the owner of each token. Its keys are SHA-256 hashes, so it never holds the tokens themselves.
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

// ActorByToken returns the person who owns a token.
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
	actor := actorOf(row)
	s.actors.put(hash, actor)
	return actor, nil
}

func actorOf(r db.Actor) domain.Actor {
	a := domain.Actor{
		ID: r.ID, Name: domain.Text{ZH: r.NameZh, EN: r.NameEn},
		Place: r.Place, Organization: r.Organization, Interests: r.Interests,
	}
	for _, role := range r.Roles {
		a.Roles = append(a.Roles, domain.Role(role))
	}
	return a
}

// People returns the names of people by id. It leaves out those who are not registered.
func (s *Store) People(ctx context.Context, ids []string) (map[string]domain.Text, error) {
	names := map[string]domain.Text{}
	if len(ids) == 0 {
		return names, nil
	}
	rows, err := db.New(s.reads()).ListPeople(ctx, ids)
	for _, r := range rows {
		names[r.ID] = domain.Text{ZH: r.NameZh, EN: r.NameEn}
	}
	return names, err
}

// Experts returns a page of the registered review experts, sorted by id.
//
// Errors: bad-cursor.
func (s *Store) Experts(ctx context.Context, cursor string, limit int) (Page[domain.Actor], error) {
	after := ""
	if cursor != "" && (!readCursor(cursor, &after) || after == "" || hasControl(after)) {
		return Page[domain.Actor]{}, domain.Refuse("bad-cursor", "cursor")
	}
	limit = pageLimit(limit)
	rows, err := db.New(s.reads()).ListExperts(ctx, db.ListExpertsParams{Role: string(domain.Expert), After: after, Max: limit + 1})
	return cut(rows, limit, err, actorOf, func(r db.Actor) string { return sealCursor(r.ID) })
}

// Person is a user who may send commands. A non-empty Token is added to the user's tokens.
type Person struct {
	domain.Actor
	Token string `json:"token,omitempty"`
}

// check calls refuse for each field of the person that is invalid. issued holds the credit codes in the directory.
// holders maps the hash of each token in the registry that is already in use to the id of its owner.
func (p Person) check(refuse refusal, places *place.Table, issued map[string]bool, holders map[[sha256.Size]byte]string) {
	if p.ID == "" {
		refuse("id", "缺少编号", "the id is missing")
	}
	if strings.ContainsFunc(p.ID, unprintable) {
		refuse("id", "编号不能含空格或控制字符", "the id must not contain spaces or control characters")
	}
	refuse.short("id", p.ID, idLength)
	refuse.named(p.Name)
	once(refuse, "roles", p.Roles)
	once(refuse, "interests", p.Interests)
	if p.Roles == nil {
		refuse("roles", "缺少角色，可填：%[1]s；收回全部角色时填 []", "the roles are missing: specify any of %[2]s, or [] to revoke all roles", choicesZH, choicesEN)
	}
	if p.ID == domain.Workflow.ID || p.Has(domain.System) {
		refuse("id", "系统自身的编号或角色不能登记给人员", "Terrace's own id or role cannot be given to a person")
	}
	at, known := places.Get(place.Code(p.Place))
	if p.Place != "" && !known {
		refuse("place", "地区%s未登记：请一并登记，或更正代码", "the place %s is not registered: register it as well, or correct the code", p.Place)
	}
	for i, role := range p.Roles {
		name, known := domain.Roles[role]
		field := fmt.Sprintf("roles[%d]", i)
		switch seat := seats[role]; {
		case !known:
			refuse(field, "角色“%[1]s”不存在，可填：%[2]s", "the role %[1]q does not exist; the roles are %[3]s", string(role), choicesZH, choicesEN)
		case seat == ofOrganization && p.Organization == "":
			refuse("organization", "角色“%[1]s”须注明所属组织的统一社会信用代码", "the role %[2]s requires the unified social credit code of an organization", name.ZH, role)
		case (seat == inOffice || seat == inVillage) && p.Place == "":
			refuse("place", "角色“%[1]s”须注明地区", "the role %[2]s requires a place", name.ZH, role)
		case seat == inOffice && at.Level == place.Village:
			refuse(field, "角色“%[1]s”属于民政部门，不能设在村（%[3]s）", "the role %[2]s belongs to a civil-affairs office and cannot be held in a village (%[3]s)", name.ZH, role, p.Place)
		case seat == inVillage && at.Level != place.Village && at.Level != "":
			refuse(field, "角色“%[1]s”只能设在村，%[3]s不是村", "the role %[2]s can be held only in a village, and %[3]s is not one", name.ZH, role, p.Place)
		}
	}
	if p.Organization != "" && !issued[p.Organization] && creditcode.Check(p.Organization) != creditcode.Valid {
		refuse("organization", wrongCodeZH, wrongCodeEN, p.Organization)
	}
	for i, code := range p.Interests {
		if !issued[code] && creditcode.Check(code) != creditcode.Valid {
			refuse(fmt.Sprintf("interests[%d]", i), wrongCodeZH, wrongCodeEN, code)
		}
	}
	if p.Token != "" && !tokenForm.MatchString(p.Token) {
		refuse("token", "令牌应为10至200个字母、数字或半角符号，不含空格；不填则自动生成", "a token has 10 to 200 ASCII letters, digits or symbols, and no spaces; without one in the file, Terrace makes one")
	}
	if holder := holders[sha256.Sum256([]byte(p.Token))]; p.Token != "" && holder != "" && holder != p.ID {
		refuse("token", "该令牌已属于“%s”", "the token already belongs to %q", holder)
	}
}

// tokenForm matches valid tokens, which use only characters allowed in an Authorization header. The minimum length rules
// out only tokens that are trivial to guess; Terrace generates longer ones.
var tokenForm = regexp.MustCompile(`^[!-~]{10,200}$`)

// choicesZH and choicesEN list the roles that a person can be given.
var choicesZH, choicesEN = roleChoices()

func roleChoices() (zh, en string) {
	var allZH, allEN []string
	for _, role := range slices.Sorted(maps.Keys(domain.Roles)) {
		if role != domain.System {
			en := string(role)
			if said := domain.Roles[role].EN; said != en {
				en += " (" + said + ")"
			}
			allZH, allEN = append(allZH, string(role)+"（"+domain.Roles[role].ZH+"）"), append(allEN, en)
		}
	}
	return strings.Join(allZH, "、"), strings.Join(allEN, ", ")
}

// unprintable reports whether a character is a space or a control character, which makes an id hard to type or to see.
func unprintable(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// seating is where the holders of a role work.
type seating int

const (
	_ seating = iota // in no particular place
	inOffice
	inVillage
	ofOrganization
)

var seats = map[domain.Role]seating{
	domain.CaseOfficer: inOffice, domain.Approver: inOffice, domain.Finance: inOffice, domain.Village: inVillage,
	domain.Applicant: ofOrganization, domain.Evaluator: ofOrganization,
}

// putPerson inserts or updates a person. Tokens issued earlier remain valid.
func putPerson(ctx context.Context, q *db.Queries, p Person) error {
	actor := db.PutActorParams{
		ID: p.ID, NameZh: p.Name.ZH, NameEn: p.Name.EN, Roles: []string{},
		Place: p.Place, Organization: p.Organization, Interests: append([]string{}, p.Interests...),
	}
	for _, role := range p.Roles {
		actor.Roles = append(actor.Roles, string(role))
	}
	if err := q.PutActor(ctx, actor); err != nil || p.Token == "" {
		return err
	}
	hash := sha256.Sum256([]byte(p.Token))
	return q.PutToken(ctx, db.PutTokenParams{Hash: hash[:], Actor: p.ID})
}
