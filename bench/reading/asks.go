package reading

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"terrace/domain"
)

// ask is one action by a reader: a sequence of requests measured as one.
type ask struct {
	who   string // bearer token; empty if not signed in
	paths []string
}

// reading is one kind of ask by one kind of reader.
type reading struct {
	what string
	draw func(*rand.Rand) ask
}

// sample holds ids, cursors and names from a record, to be used in requests.
type sample struct {
	counties []county
	pilots   []string            // ids, from the whole list
	own      map[county][]string // pilots of a county
	parts    map[string][]string // pilots that an organization is a party to
	cursors  []string            // positions throughout the list of projects
	notices  []string            // cursors into the list of notices
	villages []string            // two characters of each village's name
	named    []string            // two distinctive characters of each organization's name
	codes    []string            // codes of proposals
}

func cursor(key any) (string, error) {
	text, err := json.Marshal(key)
	return base64.RawURLEncoding.EncodeToString(text), err
}

// look takes a sample of a record.
func look(ctx context.Context, databaseURL string, counties int) (s *sample, err error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	s = &sample{counties: chosen(counties), own: map[county][]string{}, parts: map[string][]string{}}
	for i, c := range s.counties {
		if s.own[c], err = texts(ctx, conn, "select id from pilot_row where place = $1 and projects > 0 order by id limit 50", c.code()); err != nil {
			return nil, err
		}
		by := c.organization(i)
		s.parts[by], err = texts(ctx, conn, "select id from pilot_row where organizations @> array[$1] and not draft order by id limit 50", by)
		if err != nil {
			return nil, err
		}
		if len(s.parts[by]) == 0 {
			return nil, fmt.Errorf("organization %s has no proposal", by)
		}
	}
	drawn, err := conn.Query(ctx, "select created_at, id, pilot, left(village_zh, 2), code from project_row order by md5(id) limit 400")
	if err != nil {
		return nil, err
	}
	var at time.Time
	var id, pilot, village, code string
	_, err = pgx.ForEachRow(drawn, []any{&at, &id, &pilot, &village, &code}, func() error {
		c, err := cursor(map[string]any{"at": at, "id": id})
		s.cursors, s.pilots, s.villages, s.codes = append(s.cursors, c), append(s.pilots, pilot), append(s.villages, village), append(s.codes, code)
		return err
	})
	if err != nil {
		return nil, err
	}
	notices, err := conn.Query(ctx, "select pilot, proposal from notice_row order by md5(pilot) limit 100")
	if err != nil {
		return nil, err
	}
	_, err = pgx.ForEachRow(notices, []any{&id, &code}, func() error {
		c, err := cursor(map[string]any{"pilot": id, "proposal": code})
		s.notices = append(s.notices, c)
		return err
	})
	for _, c := range s.counties {
		for n := range 10 {
			own := []rune(c.organizationZH(n))
			s.named = append(s.named, string(own[5:7])) // after the county's name and a virtue
		}
	}
	return s, err
}

func texts(ctx context.Context, conn *pgx.Conn, sql string, args ...any) ([]string, error) {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func oneOf[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// office returns an officer of a county or, sometimes, of its city or province.
func (s *sample) office(r *rand.Rand) (domain.Actor, county) {
	c := oneOf(r, s.counties)
	return officeOf([]string{c.code(), c.code(), c.city(), c.province()}[r.IntN(4)]), c
}

func (s *sample) organization(r *rand.Rand) (who domain.Actor, pilots []string) {
	i := r.IntN(len(s.counties))
	by := s.counties[i].organization(i)
	return applicant(by), s.parts[by]
}

// readings returns what is measured: each read, by the kinds of reader that use it.
func (s *sample) readings() []reading {
	return []reading{
		{"list, auditor", func(r *rand.Rand) ask { return s.list(r, auditor, s.wide) }},
		{"list, office", func(r *rand.Rand) ask {
			who, _ := s.office(r)
			return s.list(r, who, s.narrow)
		}},
		{"list, organization", func(r *rand.Rand) ask {
			who, _ := s.organization(r)
			return s.list(r, who, s.narrow)
		}},
		{"list, public (notices)", func(r *rand.Rand) ask {
			if r.IntN(2) == 0 {
				return ask{"", []string{"/v1/notices"}}
			}
			return ask{"", []string{"/v1/notices?cursor=" + oneOf(r, s.notices)}}
		}},
		{"search, auditor", func(r *rand.Rand) ask { return s.search(r, auditor) }},
		{"search, office", func(r *rand.Rand) ask {
			who, _ := s.office(r)
			return s.search(r, who)
		}},
		{"search, organization", func(r *rand.Rand) ask {
			who, _ := s.organization(r)
			return s.search(r, who)
		}},
		{"pilot page, auditor", func(r *rand.Rand) ask { return page(auditor, oneOf(r, s.pilots)) }},
		{"pilot page, office", func(r *rand.Rand) ask {
			who, c := s.office(r)
			return page(who, oneOf(r, s.own[c]))
		}},
		{"pilot page, organization", func(r *rand.Rand) ask {
			who, pilots := s.organization(r)
			return page(who, oneOf(r, pilots))
		}},
		{"fund overview, auditor", func(r *rand.Rand) ask { return fundOf(r, auditor) }},
		{"fund overview, office", func(r *rand.Rand) ask {
			who, _ := s.office(r)
			return fundOf(r, who)
		}},
		{"my turns, office", func(r *rand.Rand) ask {
			who, _ := s.office(r)
			return turnsOf(r, who)
		}},
		{"my turns, organization", func(r *rand.Rand) ask {
			who, _ := s.organization(r)
			return turnsOf(r, who)
		}},
		{"others' turns, office", func(r *rand.Rand) ask {
			who, c := s.office(r)
			return ask{tokenOf(who), []string{oneOf(r, []string{"/v1/turns?whose=others", "/v1/turns?whose=others&place=" + c.code(), "/v1/turns?whose=others&overdue=true"})}}
		}},
	}
}

// turnsOf requests turns as users do when they start work: all of their own, those due within a month, or those of one
// kind.
func turnsOf(r *rand.Rand, who domain.Actor) ask {
	return ask{tokenOf(who), []string{oneOf(r, []string{
		"/v1/turns", "/v1/turns", "/v1/turns?whose=seats", "/v1/turns?due_by=" + time.Now().AddDate(0, 1, 0).Format(time.DateOnly), "/v1/turns?kind=project",
	})}}
}

func (s *sample) list(r *rand.Rand, who domain.Actor, query func(*rand.Rand) string) ask {
	return ask{tokenOf(who), []string{query(r)}}
}

// wide returns the query of a list as an auditor reads it: from the start, from any position, or by stage, place,
// programme or organization.
func (s *sample) wide(r *rand.Rand) string {
	c := oneOf(r, s.counties)
	switch r.IntN(10) {
	case 0:
		return "/v1/projects"
	case 1, 2:
		return "/v1/projects?cursor=" + oneOf(r, s.cursors)
	case 3:
		return "/v1/projects?stage=" + oneOf(r, []string{"agreement", "first-tranche", "rollout", "abandoned"})
	case 4:
		return "/v1/projects?stage=rollout&cursor=" + oneOf(r, s.cursors)
	case 5:
		return "/v1/projects?place=" + oneOf(r, []string{c.code(), c.city(), c.province(), c.village(r.IntN(villages))})
	case 6:
		return "/v1/projects?organization=" + c.organization(r.IntN(60))
	case 7:
		return "/v1/pilots?place=" + oneOf(r, []string{c.code(), c.city(), c.province()})
	case 8:
		return "/v1/payments?cursor=" + oneOf(r, s.cursors)
	default:
		return fmt.Sprintf("/v1/pilots?programme=bench-%d", time.Now().Year()-1-r.IntN(years))
	}
}

// narrow returns the query of a list as other readers use it: their own rows, from the start or any position, or by
// stage.
func (s *sample) narrow(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0, 1:
		return "/v1/projects"
	case 2:
		return "/v1/projects?cursor=" + oneOf(r, s.cursors)
	case 3:
		return "/v1/projects?stage=" + oneOf(r, []string{"agreement", "first-tranche", "rollout", "abandoned"})
	case 4:
		return "/v1/pilots"
	default:
		return "/v1/payments"
	}
}

// search usually looks for two characters, of a village's name, an organization's name, a subject or a common word, and
// otherwise for a code.
func (s *sample) search(r *rand.Rand, who domain.Actor) ask {
	var words string
	switch r.IntN(7) {
	case 0, 1:
		words = oneOf(r, s.villages)
	case 2:
		words = oneOf(r, s.named)
	case 3:
		words = oneOf(r, []string{"养老", "饮水", "康复", "儿童", "助学", "食堂"})
	case 4:
		words = oneOf(r, []string{"服务", "项目", "协会"})
	case 5:
		words = oneOf(r, s.counties).zh() + " " + oneOf(r, []string{"养老", "培训", "志愿"})
	default:
		words = oneOf(r, s.codes)
	}
	list := oneOf(r, []string{"projects", "projects", "pilots"})
	return ask{tokenOf(who), []string{"/v1/" + list + "?q=" + url.QueryEscape(words)}}
}

// page requests what a pilot's page shows: the pilot, its projects and its payments.
func page(who domain.Actor, id string) ask {
	return ask{tokenOf(who), []string{"/v1/pilots/" + id, "/v1/projects?pilot=" + id, "/v1/payments?pilot=" + id}}
}

func fundOf(r *rand.Rand, who domain.Actor) ask {
	return ask{tokenOf(who), []string{fmt.Sprintf("/v1/programmes/bench-%d/fund", time.Now().Year()-1-r.IntN(years))}}
}
