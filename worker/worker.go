// Package worker runs the Temporal workers for workflows and activities, and the relay that brings the record's News to
// the workflows. It can run in the same process as the API or separately, in any number of processes.
package worker

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"terrace/activities"
	"terrace/reconcile"
	"terrace/workflows"
)

// Config configures a Worker. A zero field has the default given beside it.
type Config struct {
	Client  client.Client // see Dial
	Record  activities.Record
	Outbox  Outbox
	Gateway activities.Gateway     // activities.Voucher
	Sweep   activities.SweepRecord // keeps time every night for what no workflow carries; nil: no sweep and no schedule
	Nightly reconcile.Record       // reconciled every night; nil: no reconciliation and no schedule
	Log     *slog.Logger           // slog.Default()

	// BankRate limits how many times a second a bank is instructed or asked, by all Workers of the queue together.
	// Default 20. Temporal enforces it; if Workers differ, the last one to poll decides.
	BankRate float64

	Prefix  string // of the names of the task queues
	Indexed bool   // the server knows Terrace's search attributes; if it does not, runs started with this would block

	Signals     int           // 16 signals of the relay at once; with more, a small machine becomes slow to answer people
	Poll        time.Duration // 50 ms between two looks at an empty outbox
	Lease       time.Duration // 5 s for an outbox row whose News are on their way; a signal may take half of it
	Resurface   time.Duration // 1 min between two rounds of putting back what nobody acted on; shorter on a virtual calendar
	StopTimeout time.Duration // 10 s for activities in progress when the Worker stops
	Cache       int           // 10,000 workflows kept in memory; fewer than are active means constant replays
}

func (c Config) withDefaults() Config {
	if c.Gateway == nil {
		c.Gateway = activities.Voucher{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	c.Signals = cmp.Or(c.Signals, inFlight)
	c.Poll = cmp.Or(c.Poll, 50*time.Millisecond)
	c.Lease = cmp.Or(c.Lease, 5*time.Second)
	c.Resurface = cmp.Or(c.Resurface, time.Minute)
	c.StopTimeout = cmp.Or(c.StopTimeout, 10*time.Second)
	c.Cache = cmp.Or(c.Cache, 10_000)
	c.BankRate = cmp.Or(c.BankRate, 20)
	return c
}

// Worker carries the workflows until it is stopped.
type Worker struct {
	Config
	stop context.CancelFunc
	done sync.WaitGroup
}

// Start starts carrying the workflows. Temporal may be away, now or later: the Worker waits for it and starts again
// whenever it comes back.
func Start(c Config) *Worker {
	ctx, stop := context.WithCancel(context.Background())
	w := &Worker{Config: c.withDefaults(), stop: stop}
	worker.SetStickyWorkflowCacheSize(w.Cache)
	r := &relay{
		outbox: w.Outbox, client: w.Client, prefix: w.Prefix, indexed: w.Indexed, log: w.Log,
		signals: w.Signals, poll: w.Poll, lease: w.Lease, resurface: w.Resurface,
	}
	w.done.Go(func() { r.run(ctx) })
	w.done.Go(func() { r.keepSums(ctx) })
	w.done.Go(func() { r.keepTurns(ctx) })
	w.done.Go(func() { w.carry(ctx) })
	for _, n := range w.nights() {
		w.done.Go(func() { w.keepSchedule(ctx, n) })
	}
	return w
}

// Stop accepts no more signals and tasks and waits for those in progress: at most StopTimeout for activities and Lease
// for signals. Another Worker repeats whatever is cut off.
func (w *Worker) Stop() {
	w.stop()
	w.done.Wait()
}

// carry keeps Temporal workers running.
func (w *Worker) carry(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		err := w.work(ctx, func() { failures = 0 })
		if ctx.Err() != nil {
			return
		}
		if failures == 0 {
			w.Log.Warn("worker: waiting for Temporal", "error", err)
		}
		failures++
		pause(ctx, backoff(failures))
	}
}

// work runs Temporal workers until the context ends or one of them fails for good.
func (w *Worker) work(ctx context.Context, begun func()) error {
	if err := healthy(ctx, w.Client); err != nil {
		return err
	}
	fatal := make(chan error, len(queues)+1)
	var started []worker.Worker
	defer func() {
		var all sync.WaitGroup
		for _, each := range started {
			all.Go(each.Stop)
		}
		all.Wait()
	}()
	for _, each := range w.workers(func(err error) { fatal <- err }) {
		if err := each.Start(); err != nil {
			return err
		}
		started = append(started, each)
	}
	begun()
	w.Log.Info("worker: carrying the workflows", "queue", w.Prefix+workflows.Queue)
	select {
	case <-ctx.Done():
		return nil
	case err := <-fatal:
		return err
	}
}

// queues are the task queues besides the workflows' own.
var queues = []string{workflows.PaymentsQueue, workflows.NoticesQueue}

// workers returns one Temporal worker for each task queue.
func (w *Worker) workers(fatal func(error)) []worker.Worker {
	main := w.options(fatal)
	main.MaxConcurrentWorkflowTaskPollers, main.MaxConcurrentActivityTaskPollers = 8, 8
	main.MaxConcurrentActivityExecutionSize, main.MaxConcurrentLocalActivityExecutionSize = 64, 64
	story := worker.New(w.Client, w.Prefix+workflows.Queue, main)
	workflows.Register(story)
	register(story, w.recordActivities())

	var all []worker.Worker
	for _, queue := range queues {
		side := w.options(fatal)
		side.DisableWorkflowWorker = true
		side.MaxConcurrentActivityTaskPollers, side.MaxConcurrentActivityExecutionSize = 2, 16
		if queue == workflows.PaymentsQueue {
			side.TaskQueueActivitiesPerSecond = w.BankRate
		}
		each := worker.New(w.Client, w.Prefix+queue, side)
		if queue == workflows.PaymentsQueue {
			register(each, w.paymentActivities())
		} else {
			register(each, w.noticeActivities())
		}
		all = append(all, each)
	}
	return append(all, story) // last, so that the others are ready for its activities
}

func (w *Worker) options(fatal func(error)) worker.Options {
	return worker.Options{WorkerStopTimeout: w.StopTimeout, DisableRegistrationAliasing: true, OnFatalError: fatal}
}

func register(to worker.ActivityRegistry, all map[string]any) {
	for name, each := range all {
		to.RegisterActivityWithOptions(each, activity.RegisterOptions{Name: name})
	}
}

// The activities of each queue by name. Workflows refer to activities by method, so each is registered under its
// method's name.

func (w *Worker) recordActivities() map[string]any {
	records, pilots := &activities.Records{Record: w.Record}, &activities.Pilots{Record: w.Record}
	projects, payments := &activities.Projects{Record: w.Record}, &activities.Payments{Record: w.Record}
	return map[string]any{
		"ReadNews":         records.ReadNews,
		"KeepTime":         records.KeepTime,
		"CheckEligibility": pilots.CheckEligibility,
		"StartProject":     pilots.StartProject,
		"Seal":             pilots.Seal,
		"ReportEnd":        projects.ReportEnd,
		"StartRecovery":    projects.StartRecovery,
		"Pay":              payments.Pay,
		"StopPayment":      payments.StopPayment,
		"ReportPayment":    payments.ReportPayment,
		"Sweep":            (&activities.Sweeps{Record: w.Sweep}).Sweep,
		"Reconcile":        (&activities.Reconciliation{Record: w.Nightly}).Reconcile,
	}
}

func (w *Worker) paymentActivities() map[string]any {
	payments := &activities.Payments{Record: w.Record, Gateway: w.Gateway}
	return map[string]any{"Instruct": payments.Instruct, "Inquire": payments.Inquire}
}

func (w *Worker) noticeActivities() map[string]any {
	pilots := &activities.Pilots{Record: w.Record}
	return map[string]any{"PublishNotice": pilots.PublishNotice}
}
