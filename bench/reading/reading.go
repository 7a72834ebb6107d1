// Package reading measures how fast the record is read over HTTP, with ten thousand projects and with more: lists,
// searches, a pilot's page and the overview of a fund, by each kind of reader, compared with “pgbench -S” on the same
// server.
package reading

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"terrace/bench/result"
	"terrace/bench/stack"
	"terrace/programmes"
)

// verified is the number of aggregates of each record that “terrace verify” checks.
const verified = 200

// shelf is a record of a given size and the program that serves it.
type shelf struct {
	projects int
	url      string
	base     string
	sample   *sample
}

// Run loads the records, verifies a sample of each, and measures in rounds, each covering every reading at every size.
func Run(ctx context.Context, s *stack.Stack, size stack.Size, progress stack.Progress) (found []result.Reading, err error) {
	folder, err := s.Folder()
	if err != nil {
		return nil, err
	}
	all := starts(time.Now())
	rules, err := rulesOf(all, folder)
	if err != nil {
		return nil, err
	}
	moulds, err := decideModels(ctx, s, all, rules)
	if err != nil {
		return nil, err
	}
	sizes, each := []int{10_000, 100_000}, 300*time.Millisecond
	if size.Full {
		sizes, each = append(sizes, 1_000_000), 2*time.Second
	}
	var shelves []*shelf
	for _, projects := range sizes {
		sh, err := fillShelf(ctx, s, projects, moulds, rules, folder, progress)
		if err != nil {
			return nil, fmt.Errorf("%d projects: %w", projects, err)
		}
		shelves = append(shelves, sh)
		defer func() { err = errors.Join(err, s.DropDatabase(context.WithoutCancel(ctx), sh.url)) }()
	}
	if err := s.Checkpoint(ctx); err != nil {
		return nil, err
	}
	m := measurement{client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, each: each, rows: map[string]*row{}}
	for round := range size.Rounds {
		progress("round %d of %d", round+1, size.Rounds)
		if err := m.round(ctx, s, shelves, round); err != nil {
			return nil, err
		}
	}
	return m.readings(), nil
}

// fillShelf loads a record of a given size, verifies a sample of it, and starts the program on it.
func fillShelf(ctx context.Context, s *stack.Stack, projects int, moulds []*mould, rules *programmes.Set, folder string, progress stack.Progress) (*shelf, error) {
	begun := time.Now()
	databaseURL, err := s.NewRecord(ctx, fmt.Sprintf("reading_%d", projects))
	if err != nil {
		return nil, err
	}
	r := &record{counties: (projects + perCounty*proposals - 1) / (perCounty * proposals), moulds: moulds}
	if err := load(ctx, databaseURL, r); err != nil {
		return nil, err
	}
	if err := settle(ctx, databaseURL, rules, registryOf(r.counties)); err != nil {
		return nil, err
	}
	loaded := time.Since(begun)
	status, text, err := s.Terrace(ctx, databaseURL, "verify", "--sample", fmt.Sprint(verified), "--record-only")
	if err != nil {
		return nil, err
	}
	if status != 0 {
		return nil, fmt.Errorf("terrace verify: %s", text[max(0, len(text)-2000):])
	}
	progress("%d projects loaded in %.0f s; of %d aggregates and of the whole ledger nothing differs (%.0f s)", projects, loaded.Seconds(), verified, (time.Since(begun) - loaded).Seconds())
	sh := &shelf{projects: projects, url: databaseURL}
	if sh.sample, err = look(ctx, databaseURL, r.counties); err != nil {
		return nil, err
	}
	_, sh.base, err = s.API(ctx, databaseURL, "TERRACE_PROGRAMMES="+folder)
	return sh, err
}

// row collects the rounds of one reading at one size.
type row struct {
	what                string
	projects            int
	perSecond, p50, p99 []float64
}

type measurement struct {
	client *http.Client
	each   time.Duration // time for each reading
	order  []string
	rows   map[string]*row
}

func (m *measurement) note(what string, projects int, took time.Duration, l *result.Latencies) {
	key := fmt.Sprintf("%s %d", what, projects)
	if m.rows[key] == nil {
		m.rows[key], m.order = &row{what: what, projects: projects}, append(m.order, key)
	}
	r := m.rows[key]
	r.perSecond = append(r.perSecond, float64(l.Count())/took.Seconds())
	r.p50, r.p99 = append(r.p50, l.Quantile(0.5)), append(r.p99, l.Quantile(0.99))
}

func (m *measurement) readings() (all []result.Reading) {
	for _, key := range m.order {
		r := m.rows[key]
		rate, p50, p99 := result.Over(r.perSecond), result.Over(r.p50), result.Over(r.p99)
		all = append(all, result.Reading{
			What: r.what, Projects: r.projects, PerSecond: rate.Median, PerSecondMin: rate.Min, PerSecondMax: rate.Max,
			P50: p50.Median, P50Min: p50.Min, P50Max: p50.Max, P99: p99.Median, P99Min: p99.Min, P99Max: p99.Max,
		})
	}
	return all
}

// clients lists the numbers of concurrent readers.
var clients = []int{1, 16}

// round measures every reading at every size, alternating between sizes and reversing the order each round.
func (m *measurement) round(ctx context.Context, s *stack.Stack, shelves []*shelf, round int) error {
	order := slices.Clone(shelves)
	if round%2 == 1 {
		slices.Reverse(order)
	}
	for i := range order[0].sample.readings() {
		for _, n := range clients {
			for _, sh := range order {
				if err := m.measure(ctx, sh, sh.sample.readings()[i], n, round); err != nil {
					return fmt.Errorf("%d projects: %w", sh.projects, err)
				}
			}
		}
	}
	for _, sh := range order {
		if err := m.yardstick(ctx, s, sh); err != nil {
			return err
		}
	}
	return nil
}

// measure has concurrent clients send reads back to back for a while, after one warm-up read.
func (m *measurement) measure(ctx context.Context, sh *shelf, r reading, n, round int) error {
	warm := rand.New(rand.NewPCG(1, uint64(round))) //nolint:gosec // chooses what to ask for
	for range 20 {
		if err := m.answer(ctx, sh, r.draw(warm)); err != nil {
			return fmt.Errorf("%s: %w", r.what, err)
		}
	}
	var total result.Latencies
	all := make([]result.Latencies, n)
	group, ctx := errgroup.WithContext(ctx)
	begun := time.Now()
	for i := range n {
		group.Go(func() error {
			random := rand.New(rand.NewPCG(uint64(round)*1000+uint64(i), 2)) //nolint:gosec // likewise
			for time.Since(begun) < m.each || all[i].Count() < 20 {
				asked := time.Now()
				if err := m.answer(ctx, sh, r.draw(random)); err != nil {
					return fmt.Errorf("%s: %w", r.what, err)
				}
				all[i].Note(time.Since(asked))
			}
			return nil
		})
	}
	err := group.Wait()
	took := time.Since(begun)
	for i := range all {
		total.Add(&all[i])
	}
	m.note(fmt.Sprintf("%s, %d clients", r.what, n), sh.projects, took, &total)
	return err
}

// answer sends an ask's requests and reads the responses.
func (m *measurement) answer(ctx context.Context, sh *shelf, a ask) error {
	for _, path := range a.paths {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, sh.base+path, nil)
		if err != nil {
			return err
		}
		if a.who != "" {
			request.Header.Set("Authorization", "Bearer "+a.who)
		}
		response, err := m.client.Do(request)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(response.Body)
		err = errors.Join(err, response.Body.Close())
		if err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("GET %s by %q: %d %.300s", path, a.who, response.StatusCode, body)
		}
	}
	return nil
}
