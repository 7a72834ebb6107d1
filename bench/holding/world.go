package holding

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.yaml.in/yaml/v3"
	"golang.org/x/sync/errgroup"

	"terrace/bench/lifecycle"
	"terrace/bench/stack"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/domain/money"
	"terrace/domain/pilot"
	"terrace/domain/place"
	"terrace/domain/plan"
	"terrace/programmes"
)

// world is a record on a stopped virtual calendar, with the programmes and the pilots.
type world struct {
	*lifecycle.World
	stack  *stack.Stack
	pool   *pgxpool.Pool
	demo   *zhuanglang.Data
	people map[string]domain.Actor
	eve    time.Time // the time on the record's clock: twelve hours before the first programme's reminders are due

	numbered atomic.Int64
	pilots   []string // ids, by number
	next     atomic.Int64
}

// calls is the number of programmes. They call for applications one day apart, so that an hour in which reminders fall
// due concerns one pilot in calls.
const calls = 12

// firstCall is a Monday. Each programme's window is open for three weeks.
var firstCall = calendar.On(2026, 3, 2)

func programmeOf(n int) string { return fmt.Sprintf("holding-%d", n%calls) }

func openWorld(ctx context.Context, s *stack.Stack) (*world, error) {
	url, err := s.NewRecord(ctx, "holding")
	if err != nil {
		return nil, err
	}
	folder, err := s.Folder()
	if err != nil {
		return nil, err
	}
	if err := writeProgrammes(folder); err != nil {
		return nil, err
	}
	w := &world{stack: s, demo: zhuanglang.Read(), people: map[string]domain.Actor{}}
	if w.World, err = lifecycle.Open(ctx, url, folder); err != nil {
		return nil, err
	}
	for _, a := range w.demo.People() {
		w.people[a.ID] = a
	}
	if w.pool, err = pgxpool.New(ctx, url); err != nil {
		return nil, err
	}
	return w, w.beginOnTheEve(ctx)
}

func (w *world) close() {
	w.pool.Close()
	w.Close()
}

func (w *world) environment() []string {
	return append(w.Environment(), "TERRACE_VIRTUAL_CALENDAR=true")
}

// writeProgrammes writes rules like the demonstration's, but with a shorter approval chain.
func writeProgrammes(folder string) error {
	builtin, err := programmes.Builtin()
	if err != nil {
		return err
	}
	base, err := builtin.Find(zhuanglang.Read().Programme, 1)
	if err != nil {
		return err
	}
	for n := range calls {
		own := *base
		own.ID, own.Call.Value = programmeOf(n), firstCall.AddDays(n)
		own.Effective = own.Call.Value
		own.MidTerm.Value, own.RolloutEnds.Value, own.Announcement.Value = firstCall.AddDays(200), firstCall.AddDays(400), firstCall.AddDays(600)
		own.Chain.Value = []place.Level{place.County}
		own.Panel.MinSize.Value = 1
		own.Fund.TotalFen.Value = money.Fen(90_000_000_000_000)
		text, err := yaml.Marshal(&own)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, own.ID+".yaml"), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// hourBefore returns the instant one hour before the first programme's reminders are due.
func (w *world) hourBefore() time.Time { return w.eve.Add(11 * time.Hour) }

// beginOnTheEve sets the record's clock to the evening before the reminders; a draft made on the day itself would get a
// later reminder.
func (w *world) beginOnTheEve(ctx context.Context) error {
	if err := w.setClock(ctx, firstCall.AddDays(1).At(9, 0), 24*time.Hour); err != nil {
		return err
	}
	outcome, err := w.Store.Execute(ctx, w.drafting(0))
	if err != nil {
		return err
	}
	w.eve = outcome.Progress.Next.At.Add(-12 * time.Hour)
	return w.setClock(ctx, w.eve, 24*time.Hour)
}

// setClock sets the record's clock to an instant. day is the real duration of a calendar day from then on.
func (w *world) setClock(ctx context.Context, at time.Time, day time.Duration) error {
	_, err := w.pool.Exec(ctx, `insert into clock (instant, day_ms) values ($1, $2)
		on conflict (one) do update set instant = excluded.instant, day_ms = excluded.day_ms`, at, day.Milliseconds())
	return err
}

// draft drafts n pilots.
func (w *world) draft(ctx context.Context, n int) error {
	first := len(w.pilots)
	w.pilots = append(w.pilots, make([]string, n)...)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for i := first; i < len(w.pilots); i++ {
		group.Go(func() error {
			c := w.drafting(i)
			w.pilots[i] = c.Aggregate.ID
			_, err := w.Store.Execute(ctx, c)
			return err
		})
	}
	return group.Wait()
}

func (w *world) drafting(n int) flow.Command {
	return flow.Command{
		ID: uuid.Must(uuid.NewV7()).String(), Actor: w.people[zhuanglang.CountyOfficer], Name: "draft",
		Aggregate: flow.Ref{Kind: pilot.Kind, ID: uuid.Must(uuid.NewV7()).String()},
		Payload:   &pilot.Draft{Programme: programmeOf(n), Application: w.application()},
	}
}

// application returns an application for one project by an organization of its own.
func (w *world) application() pilot.Application {
	a := w.demo.Application()
	n := w.numbered.Add(1)
	q := a.Proposals[int(n)%len(a.Proposals)]
	q.Organization = lifecycle.Organization(n)
	q.Milestones = slices.Clone(q.Milestones)
	for i := range q.Milestones {
		q.Milestones[i].Due = firstCall.AddDays(90 + 60*i)
	}
	a.Proposals = []plan.Proposal{q}
	a.RequestedFen = a.Evaluator.Fen + q.BudgetFen()
	return a
}

// untilCarried waits until the workflows have received all signals and have no duties, and everything due has taken
// effect.
func (w *world) untilCarried(ctx context.Context) error {
	for ; ; time.Sleep(50 * time.Millisecond) {
		var left int
		err := w.pool.QueryRow(ctx, `select (select count(*) from outbox) + (select count(*) from aggregate where owes)
			+ (select count(*) from aggregate where not ended and next_at <= terrace_now())`).Scan(&left)
		if err != nil || left == 0 {
			return err
		}
	}
}
