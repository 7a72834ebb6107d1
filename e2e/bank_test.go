package e2e

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"terrace/demo/zhuanglang"
	"terrace/domain/pilot"
)

var (
	worstPayments = flag.Int("worst-payments", 200, "payments that must be made through the bank at its worst")
	worstKills    = flag.Int("worst-kills", 20, "programs that are killed meanwhile")
	worstSeed     = flag.Uint64("worst-seed", 1, "of the moments at which they are killed")
	worstDay      = flag.Duration("worst-day", time.Second, "how long a day takes, in the record and at the bank")
	worstPause    = flag.Duration("worst-pause", 2*time.Second, "between one kill and the next, on average")
)

// The bank loses orders and answers, repeats itself, refuses, sends money back, is late and closes. API, worker, bank and
// PostgreSQL, with all that Temporal knows in it, are killed while people release, press twice, and repeat what was not answered.
func TestABankAtItsWorstPaysEverythingOnceWhoeverIsKilled(t *testing.T) {
	t.Parallel()
	limit := 6*time.Minute + time.Duration(*worstPayments)*time.Second + 100**worstDay
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	began := time.Now()
	const declined = 2
	o := newOrdeal(ctx, t, (*worstPayments-declined+1)/2, *worstDay)
	o.begin()
	people := o.act()
	var ended sync.WaitGroup
	ended.Go(func() {
		shares := []*service{o.worker, o.worker, o.worker, o.api, o.api, o.bank, o.bank, o.postgres, o.postgres, o.postgres}
		killer{rand.New(rand.NewPCG(*worstSeed, 1)), shares, *worstPause}.run(ctx, *worstKills)
	})
	ended.Wait()
	o.untilAllEnded()
	people()
	a := o.audited()
	a.reconcile()
	if status, text := run(t, o.env, "verify"); status != 0 {
		t.Errorf("terrace verify ends with %d:\n%s", status, text)
	}
	a.report(time.Since(began))
}

// begin starts every service and both calendars, and lets nothing but the end of the test stop them.
func (o *ordeal) begin() {
	o.t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(o.ctx))
	var kept sync.WaitGroup
	o.t.Cleanup(func() {
		stop()
		kept.Wait()
		if o.t.Failed() {
			for _, s := range o.all() {
				o.t.Logf("%s wrote in the end:\n%s", s.name, s.last)
			}
		}
	})
	kept.Go(func() { o.bank.keep(ctx) })
	o.startCalendar()
	o.register()
	for _, s := range []*service{o.postgres, o.api, o.worker} {
		kept.Go(func() { s.keep(ctx) })
	}
	kept.Go(func() { o.runCalendar(ctx) })
}

func (o *ordeal) all() []*service { return []*service{o.worker, o.api, o.bank, o.postgres} }

// act lets everybody do what is theirs, and answers how to send them home.
func (o *ordeal) act() (home func()) {
	ctx, stop := context.WithCancel(o.ctx)
	var all sync.WaitGroup
	for _, d := range o.dossier {
		all.Go(func() { o.sign(d) })
	}
	for i, who := range []string{zhuanglang.CountyFinance, zhuanglang.CountyApprover} {
		dice := rand.New(rand.NewPCG(*worstSeed, uint64(2+i)))
		all.Go(func() { o.releasing(ctx, who, func() bool { return dice.IntN(10) == 0 }) })
	}
	all.Go(func() { o.watchBank(ctx) })
	all.Go(func() { o.findingOut(ctx, zhuanglang.CountyFinance) })
	home = sync.OnceFunc(func() {
		stop()
		all.Wait()
	})
	o.t.Cleanup(home)
	return home
}

// untilAllEnded waits until everything promised is paid for good and no payment is under way.
func (o *ordeal) untilAllEnded() {
	o.t.Helper()
	promised := 0
	for _, d := range o.dossier {
		promised += 2 * len(d.application.Proposals)
		if d.declined {
			promised -= 2*len(d.application.Proposals) - 1
		}
	}
	stages := map[pilot.Stage]int{}
	for o.ctx.Err() == nil {
		stages = map[pilot.Stage]int{}
		open := 0
		for _, p := range o.payments(reader, "") {
			stages[p.Stage]++
			if !p.Ended {
				open++
			}
		}
		if open == 0 && stages[pilot.Final] == promised {
			return
		}
		rest(o.ctx)
	}
	o.t.Fatalf("of %d promised payments, not all ended in time: %v", promised, stages)
}

// report prints what happened.
func (a *audit) report(took time.Duration) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	row := func(what string, n any) { _, _ = fmt.Fprintf(w, "%s\t%v\n", what, n) }
	row("payments that were due, each paid once", a.outcomes[pilot.Final])
	row("attempts", total(a.outcomes))
	row("  refused by the bank", a.outcomes[pilot.Voided])
	row("  returned, noticed", a.outcomes[pilot.Returned])
	row("  returned unnoticed, found by the reconciliation", len(a.unnoticed))
	row("attempts of unknown outcome for a time", total(a.unknown))
	for _, stage := range slices.Sorted(maps.Keys(a.unknown)) {
		row("  that ended "+string(stage), a.unknown[stage])
	}
	row("  that a person ended by the bank's record", a.byPerson)
	row("overdue tasks that fell to finance", a.counts.overdue.Load())
	row("  confirmed, came back, overtaken", fmt.Sprint(a.counts.confirmed.Load(), " ", a.counts.cameBack.Load(), " ", a.counts.overtaken.Load()))
	kills := 0
	for _, s := range a.all() {
		kills += s.kills
		row("kill -9 of "+s.name, s.kills)
	}
	row("kill -9 in all", kills)
	row("requests of people that nobody answered", a.counts.unanswered.Load())
	row("  answered that the record is away", a.counts.away.Load())
	row("  carried out, and answered only when repeated", a.counts.repeated.Load())
	row("releases sent twice at once", a.counts.twice.Load())
	for _, fault := range slices.Sorted(maps.Keys(a.faults)) {
		row("at the bank: "+fault, a.faults[fault])
	}
	row("time, days", fmt.Sprint(took.Round(time.Second), ", ", int(a.now().Sub(a.opening).Hours()/24)))
	_ = w.Flush()
	_, _ = fmt.Fprintf(os.Stdout, "\nA bank at its worst, seed %d, a day in %v:\n%s", *worstSeed, *worstDay, text.String())
}
