// Package worker runs the Temporal workers, which execute workflows and activities, and the relay, which sends News
// from the record to the workflows. It may run in the same process as the API or in others, and in any number of them.
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

// Config configures a Worker. Each field whose comment states a default may be left zero.
type Config struct {
	Client  client.Client // as returned by Dial
	Record  activities.Record
	Outbox  Outbox
	Gateway activities.Gateway     // how money is sent (default activities.Voucher, with which an officer pays by hand)
	Sweep   activities.SweepRecord // supplies what is due to the nightly sweep; nil disables the sweep
	Nightly reconcile.Record       // supplies the nightly reconciliation; nil disables it
	Log     *slog.Logger           // default slog.Default()

	// BankRate is the maximum number of requests per second to a bank, over all Workers of the queue (default 20).
	// Temporal enforces it. If Workers have different limits, that of the last one to poll applies.
	BankRate float64

	Prefix  string // prefix of the task queue names
	Indexed bool   // whether the server has Terrace's search attributes; if it does not, runs started with them would block

	Signals     int           // maximum number of signals the relay sends concurrently (default 16); a higher number would slow down user requests on a small machine
	Poll        time.Duration // pause before polling an empty outbox again (default 50 ms)
	Lease       time.Duration // how long a delivery from the outbox is leased (default 5 s); its signal may take half of that
	Resurface   time.Duration // pause between searches for duties and due times that no workflow has acted on (default 1 min; shorter on a virtual calendar)
	StopTimeout time.Duration // time for activities to finish when the Worker stops (default 10 s)
	Cache       int           // number of workflows kept in memory (default 10,000); if more are active, they are replayed again and again
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

// Worker executes workflows and activities and runs the relay until it is stopped.
type Worker struct {
	Config
	stop context.CancelFunc
	done sync.WaitGroup
}

// Start starts a Worker. Temporal need not be reachable: the Worker waits for it, and resumes whenever it becomes
// available again.
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

// Stop accepts no more signals and tasks and waits for those in progress: up to StopTimeout for activities and up to
// Lease for signals. Anything cut off is repeated by another Worker.
func (w *Worker) Stop() {
	w.stop()
	w.done.Wait()
}

// carry runs Temporal workers, and replaces them when they fail.
func (w *Worker) carry(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		err := w.work(ctx, func() { failures = 0 })
		if ctx.Err() != nil {
			return
		}
		if failures == 0 {
			w.Log.Warn("worker: waiting for Temporal", "error", err, "next", Advice(err))
		}
		failures++
		pause(ctx, backoff(failures))
	}
}

// work runs Temporal workers until the context ends or one of them fails permanently.
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

// queues lists the task queues other than that of the workflows.
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
