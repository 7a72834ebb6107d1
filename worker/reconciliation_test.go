package worker_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"terrace/bank/statement"
	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/postgres"
	"terrace/reconcile"
	"terrace/worker"
	"terrace/worker/recordtest"
	"terrace/worker/temporaltest"
	"terrace/workflows"
)

// night returns a Config for a Worker that sweeps and reconciles the record.
func (r *real) night(c client.Client) worker.Config {
	return worker.Config{
		Client: c, Record: r, Outbox: r, Sweep: r, Nightly: r.Store, Log: logTo(r.t), Prefix: temporaltest.Prefix(), Indexed: true,
		Poll: 5 * time.Millisecond, Resurface: 200 * time.Millisecond, StopTimeout: time.Second,
	}
}

// enter has the county's finance officer enter a statement with the lines, covering the current period.
func (r *real) enter(lines ...statement.Line) {
	r.t.Helper()
	now, err := r.Now(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	today := calendar.Of(now)
	s := statement.Statement{Account: "62001111", From: today.AddDays(-700), To: today.AddDays(30), Lines: lines}
	for i := range s.Lines {
		s.Lines[i].Number, s.Lines[i].BookedOn = fmt.Sprint("B", i), today
		s.Closing += s.Lines[i].Fen
	}
	sum := sha256.Sum256(s.CSV())
	file := postgres.Evidence{SHA256: hex.EncodeToString(sum[:]), MediaType: "text/csv", Size: 1, UploadedBy: zhuanglang.CountyFinance}
	if err := r.SaveEvidence(r.t.Context(), file); err != nil {
		r.t.Fatal(err)
	}
	if _, _, err := r.EnterStatement(r.t.Context(), postgres.StatementEntry{
		SHA256: file.SHA256, Place: "620825", Account: "grant", By: zhuanglang.CountyFinance, Statement: s,
	}); err != nil {
		r.t.Fatal(err)
	}
}

// discrepancies counts the open differences by kind of discrepancy.
func (r *real) discrepancies() map[difference.Discrepancy]int {
	r.t.Helper()
	counts := map[difference.Discrepancy]int{}
	for _, ref := range r.Refs() {
		if ref.Kind != difference.Kind {
			continue
		}
		state, err := r.Load(r.t.Context(), ref)
		if err != nil {
			r.t.Fatal(err)
		}
		counts[state.(*difference.Difference).What]++
	}
	return counts
}

// reconciled waits for the schedule's n-th run and returns its counts.
func reconciled(t *testing.T, c client.Client, prefix string, n int) (counts map[reconcile.Part]reconcile.Counts) {
	t.Helper()
	ran(t, c, prefix+workflows.ReconciliationSchedule, n, &counts)
	return counts
}

func TestEveryNightTheScheduleFindsWhatDiffers(t *testing.T) {
	t.Parallel()
	r, c := newReal(t), temporaltest.Dial(t)
	config := r.night(c)
	w := worker.Start(config)
	defer w.Stop()
	p := recordtest.Draft(t, r, 4)
	p.Carry(r, func() bool { return r.happened(p)["project/tranche-paid"] == 4 })
	paid, err := postgres.Payments.Page(t.Context(), r.Store, postgres.Filter{Reader: flow.Reader{All: true}, Pilot: p.Pilot, Stage: payment.Posted})
	if err != nil || len(paid.Rows) < 4 {
		t.Fatalf("paid %+v, %v", paid.Rows, err)
	}
	lines := []statement.Line{{Fen: 700}} // not in the ledger
	for i, row := range paid.Rows[1:] {   // the first one is missing
		line := statement.Line{Reference: row.ID, Fen: -row.Fen}
		switch i {
		case 0: // booked twice
			lines = append(lines, line)
		case 1:
			line.Fen--
		}
		lines = append(lines, line)
	}
	r.enter(lines...)

	want := map[difference.Discrepancy]int{difference.LedgerWithoutBank: 1, difference.PaidTwice: 1, difference.AmountDiffers: 1, difference.BankWithoutLedger: 1}
	trigger(t, c, config.Prefix+workflows.ReconciliationSchedule)
	first := reconciled(t, c, config.Prefix, 1)
	if got := r.discrepancies(); !maps.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if got := (reconcile.Counts{Found: 4, Opened: 4}); first[reconcile.BankPart] != got || len(first) != 3 {
		t.Errorf("the first night counted %+v", first)
	}
	trigger(t, c, config.Prefix+workflows.ReconciliationSchedule)
	second := reconciled(t, c, config.Prefix, 2)
	if got := r.discrepancies(); !maps.Equal(got, want) || second[reconcile.BankPart] != (reconcile.Counts{Found: 4}) {
		t.Errorf("the second night counted %+v and left %v", second, got)
	}
	recordtest.Until(t, "every difference has its workflow", func() bool {
		missing, err := worker.Missing(t.Context(), r, c)
		return err == nil && len(missing) == 0
	})
}

func TestAPilotThatRanItsCourseReconciles(t *testing.T) {
	t.Parallel()
	r, c := newReal(t), temporaltest.Dial(t)
	defer worker.Start(r.night(c)).Stop()
	p := recordtest.Draft(t, r, 1)
	p.Carry(r, never)
	paid, err := postgres.Payments.Page(t.Context(), r.Store, postgres.Filter{Reader: flow.Reader{All: true}, Pilot: p.Pilot})
	if err != nil || len(paid.Rows) != 4 {
		t.Fatalf("paid %+v, %v", paid.Rows, err)
	}
	var lines []statement.Line
	for _, row := range paid.Rows {
		lines = append(lines, statement.Line{Reference: row.ID, Fen: -row.Fen})
	}
	r.enter(lines...)
	for _, part := range reconcile.Parts {
		counts, err := reconcile.Run(t.Context(), r.Store, part, func(int, int) {}, func(f reconcile.Finding, _ reconcile.Standing) { t.Errorf("%s: %+v", part, f) })
		if err != nil || counts.Found > 0 {
			t.Errorf("%s: %+v, %v", part, counts, err)
		}
	}
}

// cut is a record that blocks on opening its second difference until the caller gives up.
type cut struct {
	reconcile.Record
	opened atomic.Int32
	second chan struct{}
}

func (c *cut) OpenDifference(ctx context.Context, f reconcile.Finding) (reconcile.Standing, error) {
	if c.opened.Add(1) == 2 {
		close(c.second)
		<-ctx.Done()
		return "", ctx.Err()
	}
	return c.Record.OpenDifference(ctx, f)
}

func TestAReconciliationThatIsCutOffLosesNothing(t *testing.T) {
	t.Parallel()
	r, c := newReal(t), temporaltest.Dial(t)
	recordtest.Draft(t, r, 1)
	r.enter(statement.Line{Fen: 1}, statement.Line{Fen: 2}, statement.Line{Fen: 3})
	config := r.night(c)
	broken := &cut{Record: r.Store, second: make(chan struct{})}
	config.Nightly = broken
	w := worker.Start(config)
	trigger(t, c, config.Prefix+workflows.ReconciliationSchedule)
	<-broken.second
	w.Stop()
	if got := r.discrepancies()[difference.BankWithoutLedger]; got != 1 {
		t.Errorf("%d differences were opened before the cut", got)
	}
	config.Nightly = r.Store
	w = worker.Start(config)
	defer w.Stop()
	counts := reconciled(t, c, config.Prefix, 1)
	if got := r.discrepancies()[difference.BankWithoutLedger]; got != 3 || counts[reconcile.BankPart] != (reconcile.Counts{Found: 3, Opened: 2}) {
		t.Errorf("%d differences are open, counted %+v", got, counts)
	}
}
