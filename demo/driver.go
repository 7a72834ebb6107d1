package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"terrace/demo/zhuanglang"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/pilot"
	"terrace/domain/recovery"
)

// Driver acts on behalf of the demonstration's people. It keeps no state of its own: it asks the API whose turn it is,
// for what, and by when. So it can be stopped and restarted at any time.
type Driver struct {
	client client
	data   *zhuanglang.Data
	show   *Show
	reader string // person on whose behalf the driver reads
	mover  string // person on whose behalf the driver controls the calendar
}

// NewDriver returns a Driver for the API at the base URL.
func NewDriver(base string, show *Show) *Driver {
	return &Driver{
		client: client{base: base, http: &http.Client{Timeout: 30 * time.Second}},
		data:   zhuanglang.Read(), show: show, reader: zhuanglang.AuditorPerson, mover: zhuanglang.CountyOfficer,
	}
}

// look is the interval at which the driver reads the state of the pilot.
const look = 25 * time.Millisecond

// act is an action due on a certain date.
type act struct {
	on calendar.Date
	do func(context.Context) error
}

// actHour is the hour of the day in Shanghai at which people act, which is after reminders are sent.
const actHour = 10

// Drive drives the pilot to its end and returns its id.
func (d *Driver) Drive(ctx context.Context) (string, error) {
	id, err := d.begin(ctx)
	if err != nil {
		return "", err
	}
	for {
		world, err := d.look(ctx, id)
		if err != nil {
			return id, err
		}
		d.show.progress(world, d.data)
		switch {
		case world.pilot.Stage == pilot.Archived:
			return id, nil
		case catalogue.All.Ended(world.pilot.Stage):
			return id, ended(world.pilot.Stage)
		}
		if err := d.turn(ctx, world); err != nil {
			return id, err
		}
	}
}

// ended returns the error of a pilot that ended before its archive.
func ended(stage flow.Stage) error {
	name := catalogue.All.StageName(stage)
	return fmt.Errorf("试点已结束：%s / the pilot ended as %s", name.ZH, name.EN)
}

// settled reports whether nothing is due yet and the workflows have nothing left to do. People act only then, so that
// every run produces the same sequence of events.
func (w *world) settled() bool {
	all := []flow.Progress{w.pilot.Progress}
	for _, p := range w.projects {
		all = append(all, p.Progress)
	}
	for _, p := range w.payments {
		all = append(all, p.Progress)
	}
	for _, r := range w.recoveries {
		all = append(all, r.Progress)
	}
	return !slices.ContainsFunc(all, func(p flow.Progress) bool { return len(p.Duties) > 0 || p.DueBy(w.now) })
}

// turn performs the actions whose date has come. If there are none, it lets the calendar run to the date of the next
// one.
func (d *Driver) turn(ctx context.Context, w *world) error {
	if !w.settled() {
		return pause(ctx, look)
	}
	today := calendar.Of(w.now)
	agenda, next := d.agenda(w)
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(6)
	acting := false
	for _, a := range agenda {
		if today.Before(a.on) || w.now.Before(a.on.At(actHour, 0)) {
			next = earlier(next, a.on.At(actHour, 0))
			continue
		}
		acting = true
		group.Go(func() error { return d.settle(inner, a.do) })
	}
	if acting {
		return group.Wait()
	}
	if next.After(w.now) {
		if err := d.runUntil(ctx, next); err != nil {
			return err
		}
	}
	return pause(ctx, look)
}

// settle calls do and ignores a refusal caused by a concurrent change. The driver notices the change the next time it
// reads the pilot.
func (d *Driver) settle(ctx context.Context, do func(context.Context) error) error {
	err := do(ctx)
	var problem *Problem
	if errors.As(err, &problem) && problem.Status == http.StatusConflict {
		return pause(ctx, look)
	}
	return err
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// runUntil lets the calendar run up to the given time. The calendar stops earlier if the workflows have work to do.
func (d *Driver) runUntil(ctx context.Context, moment time.Time) error {
	body := map[string]string{"until": moment.Format(time.RFC3339)}
	return d.client.put(ctx, d.mover, "/v1/clock", "until-"+moment.UTC().Format("20060102T150405"), body)
}

// begin finds the pilot that the demonstration began, or drafts one in an empty record. It does not act on a pilot that
// somebody else began, nor beside one: the two would share the fund, the organizations and the calendar.
func (d *Driver) begin(ctx context.Context) (string, error) {
	found := page[item]{}
	if err := d.client.get(ctx, zhuanglang.CountyOfficer, fmt.Sprintf("/v1/pilots?limit=%d", mostPilots), &found); err != nil {
		return "", err
	}
	for _, p := range found.Items {
		if own(p.Title.ZH) {
			return p.ID, nil
		}
	}
	if len(found.Items) > 0 {
		return "", errors.New("该数据库中的试点不由演示起草，保留不动；请为演示另用数据库，或以 --people=false 继续办理 / " +
			"the pilots in this database were not begun by the demonstration, and are left as they are; use another database for it, or go on with them with --people=false")
	}
	d.show.Say("县民政局起草试点申报", "the county office drafts the pilot")
	draft := pilot.Draft{Programme: d.data.Programme, Application: d.troubled()}
	if err := d.client.post(ctx, zhuanglang.CountyOfficer, "/v1/pilots", "demo-draft", draft); err != nil {
		return "", err
	}
	return d.begin(ctx)
}

// world is everything that the driver sees in one reading of the pilot.
type world struct {
	now        time.Time
	pilot      pilotView
	projects   []projectView
	payments   []*paymentView
	recoveries []*recoveryView
	objected   bool // whether an objection has been filed
}

// look reads the pilot, its projects, payments and recoveries. It reads the projects first, so that if a project has no
// duty to start a payment or recovery, any that it started earlier is included.
func (d *Driver) look(ctx context.Context, id string) (_ *world, err error) {
	w := &world{}
	clock := clockView{}
	if err := d.client.get(ctx, d.reader, "/v1/clock", &clock); err != nil {
		return nil, err
	}
	w.now = clock.Now
	if err := d.client.get(ctx, d.reader, "/v1/pilots/"+id, &w.pilot); err != nil {
		return nil, err
	}
	if w.pilot.Stage == pilot.Notice {
		events, err := d.timeline(ctx, id)
		if err != nil {
			return nil, err
		}
		w.objected = slices.ContainsFunc(events, func(e Event) bool { return e.Name == "objected" })
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(6)
	w.projects = make([]projectView, len(w.pilot.Cases))
	for i, q := range w.pilot.Cases {
		if q.Project == "" {
			continue
		}
		group.Go(func() error {
			err := d.client.get(inner, d.reader, "/v1/projects/"+q.Project, &w.projects[i])
			return missingYet(err)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if w.payments, err = open[paymentView](ctx, d, payment.Kind, id); err != nil {
		return nil, err
	}
	w.recoveries, err = open[recoveryView](ctx, d, recovery.Kind, id)
	return w, err
}

// missingYet ignores a not-found error, because the workflows may not have created the object yet.
func missingYet(err error) error {
	var problem *Problem
	if errors.As(err, &problem) && problem.Status == http.StatusNotFound {
		return nil
	}
	return err
}

// open reads those of the pilot's payments or recoveries that have not ended.
func open[View any](ctx context.Context, d *Driver, kind flow.Kind, id string) ([]*View, error) {
	found := page[item]{}
	if err := d.client.get(ctx, d.reader, catalogue.Path(kind)+"?limit=200&pilot="+id, &found); err != nil {
		return nil, err
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(6)
	var views []*View
	for _, i := range found.Items {
		if i.Ended {
			continue
		}
		view := new(View)
		views = append(views, view)
		group.Go(func() error { return d.client.get(inner, d.reader, catalogue.Path(kind)+"/"+i.ID, view) })
	}
	return views, group.Wait()
}

// timeline returns all events of the pilot, its projects and its payments.
func (d *Driver) timeline(ctx context.Context, id string) ([]Event, error) {
	var all []Event
	for after := int64(0); ; {
		part := struct {
			Items []Event `json:"items"`
			Next  int64   `json:"next"`
		}{}
		if err := d.client.get(ctx, d.reader, fmt.Sprintf("/v1/pilots/%s/timeline?limit=500&after=%d", id, after), &part); err != nil {
			return nil, err
		}
		all = append(all, part.Items...)
		if part.Next == 0 {
			return all, nil
		}
		after = part.Next
	}
}
