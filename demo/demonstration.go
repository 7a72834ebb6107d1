package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"terrace/app"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/flow"
	"terrace/domain/pilot"
	"terrace/postgres"
)

// Demonstration runs a whole pilot on a virtual calendar on this machine.
type Demonstration struct {
	Settings app.Settings  // servers to use; private servers are started for those not set
	Day      time.Duration // real time per virtual day
	Exit     bool          // whether to exit when the pilot is archived
	People   bool          // whether the demonstration's people act automatically, rather than being played by users of the API
	Listen   string        // listen address of the API
	Data     string        // folder that keeps the data between runs
	Out      io.Writer

	log   *slog.Logger
	app   *app.App
	owner string // URL of the role that owns the tables
}

func (d *Demonstration) say(format string, args ...any) {
	_, _ = fmt.Fprintf(d.Out, format+"\n", args...)
}

// Run starts everything, drives the pilot to its end, and then either exits or continues to serve the API.
//
// Errors: app.ErrFindings if Exit is set and a check fails.
func (d *Demonstration) Run(ctx context.Context) (err error) {
	if err := os.MkdirAll(d.Data, 0o755); err != nil { //nolint:gosec // a private Postgres runs as another user
		return err
	}
	leave, err := occupy(d.Data)
	if err != nil {
		return err
	}
	defer leave()
	log, err := os.OpenFile(filepath.Join(d.Data, "terrace.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	d.log = slog.New(slog.NewTextHandler(log, nil))
	d.say("梯田 Terrace · %s / %s\n", zhuanglang.Read().Label.ZH, zhuanglang.Read().Label.EN)

	s := &stack{data: d.Data, log: log}
	defer s.stop()
	if err := d.open(ctx, s); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.app.Close()) }()
	if err := d.prepare(ctx); err != nil {
		return err
	}
	return d.carry(ctx)
}

// occupy keeps every other demonstration out of the data folder until leave is called or this process ends.
func occupy(data string) (leave func(), err error) {
	lock, err := os.OpenFile(filepath.Join(data, "demo.lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the user names the folder
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, inUseBy("另一次演示", "another demonstration", data)
	}
	return func() { _ = lock.Close() }, nil
}

// inUseBy is the error of a demonstration whose data folder something else uses.
func inUseBy(zh, en, data string) error {
	return fmt.Errorf("%[1]s正在使用 %[3]s，请先停止，或以 --data 指定其他目录 / %[2]s is using %[3]s; stop it, or choose another folder with --data", zh, en, data)
}

// open connects to the servers, starting them if necessary, and opens the program.
func (d *Demonstration) open(ctx context.Context, s *stack) error {
	set := d.Settings
	set.Listen, set.VirtualCalendar = d.Listen, true
	set.EvidenceURL = "file://" + filepath.Join(d.Data, "evidence") + "?no_tmp_dir=true"
	d.say("  Postgres …")
	server, err := s.postgres(ctx, set.DatabaseURL)
	if err != nil {
		return err
	}
	private := set.DatabaseURL == ""
	if set.DatabaseURL = server; private {
		if set.DatabaseURL, err = d.database(ctx, server); err != nil {
			return err
		}
	}
	d.say("  Temporal …")
	if set.TemporalAddress, err = s.temporal(ctx, set.TemporalAddress, server, set.TemporalNamespace); err != nil {
		return err
	}
	if err := set.Migrate(ctx); err != nil {
		if !private {
			err = unusable(err)
		}
		return err
	}
	d.owner = set.DatabaseURL
	if set.DatabaseURL, err = postgres.TrialURL(ctx, d.owner); err != nil {
		return err
	}
	if err := d.keepSettings(set); err != nil {
		return err
	}
	d.app, err = app.Open(ctx, set, d.log)
	return err
}

// unusable explains that the database in the settings cannot be migrated, which is usually because the shell has read
// another demonstration's settings.
func unusable(err error) error {
	why := err.Error()
	if owner, ok := errors.AsType[*postgres.OwnerError](err); ok {
		why = owner.Role + " " + owner.Why // its advice is for production
	}
	return fmt.Errorf("TERRACE_DATABASE_URL（或 DATABASE_URL）指向另一次演示的数据库，或所用角色不是其所有者 / "+
		"TERRACE_DATABASE_URL (or DATABASE_URL) names another demonstration's database, or one that its role does not own: %s.\n"+
		"  → 请换一个终端，或执行 / use a new shell, or: unset TERRACE_DATABASE_URL DATABASE_URL TERRACE_TEMPORAL_ADDRESS", why)
}

// settingsFile returns the path of a file in the data folder that a shell can read to run other commands on the
// demonstration.
func (d *Demonstration) settingsFile() string { return filepath.Join(d.Data, "terrace.env") }

// keepSettings saves the settings to the settings file. They may contain passwords, so only the file's owner can read
// it.
func (d *Demonstration) keepSettings(set app.Settings) error {
	var text strings.Builder
	for _, each := range [][2]string{
		{"TERRACE_DATABASE_URL", set.DatabaseURL},
		{"OWNER_DATABASE_URL", d.owner},
		{"TERRACE_EVIDENCE_URL", set.EvidenceURL},
		{"TERRACE_TEMPORAL_ADDRESS", set.TemporalAddress},
		{"TERRACE_TEMPORAL_NAMESPACE", set.TemporalNamespace},
		{"TERRACE_VIRTUAL_CALENDAR", "true"},
	} {
		fmt.Fprintf(&text, "export %s='%s'\n", each[0], strings.ReplaceAll(each[1], "'", `'\''`))
	}
	return os.WriteFile(d.settingsFile(), []byte(text.String()), 0o600)
}

// prepare starts the calendar and registers the people.
func (d *Demonstration) prepare(ctx context.Context) error {
	data := zhuanglang.Read()
	if err := d.app.Store.StartCalendar(ctx, data.Golden["call"].At(9, 0), d.Day); err != nil {
		return err
	}
	return d.app.Store.Register(ctx, registry(data))
}

// database returns the first of the demonstration's databases that serves, or creates another one.
func (d *Demonstration) database(ctx context.Context, server string) (string, error) {
	for n := 1; ; n++ {
		url, created, err := postgres.CreateDatabase(ctx, server, fmt.Sprintf("terrace_demo_%d", n))
		if err != nil || created {
			return url, err
		}
		pilots, err := pilotsIn(ctx, url)
		if errors.Is(err, postgres.ErrFormerSchema) {
			d.say("  数据库 terrace_demo_%[1]d 由较早版本建立，不再使用 / database terrace_demo_%[1]d is of an earlier version and is left as it is", n)
			continue
		}
		if err != nil || d.serves(pilots) {
			return url, err
		}
		if !slices.ContainsFunc(pilots, func(p postgres.PilotRow) bool { return p.Ended || own(p.TitleZh) }) {
			d.say("  数据库 terrace_demo_%[1]d 中的试点不由演示起草，保留不动；继续办理请用 --people=false / "+
				"database terrace_demo_%[1]d has a pilot that the demonstration did not begin, and is left as it is; --people=false goes on with it", n)
		}
	}
}

// serves reports whether the demonstration can go on in a database with these pilots, newest first. Its people act only
// on a pilot that they began and that has not ended; without them, anything goes until the newest is archived.
func (d *Demonstration) serves(pilots []postgres.PilotRow) bool {
	if len(pilots) == 0 || !d.People {
		return len(pilots) == 0 || pilots[0].Stage != pilot.Archived
	}
	return slices.ContainsFunc(pilots, func(p postgres.PilotRow) bool { return own(p.TitleZh) && !p.Ended })
}

// own reports whether the demonstration's people began the pilot with this title.
func own(titleZH string) bool { return titleZH == zhuanglang.Read().Title.ZH }

// pilotsIn returns the newest pilots in a database.
func pilotsIn(ctx context.Context, url string) (pilots []postgres.PilotRow, err error) {
	set := app.Settings{DatabaseURL: url}
	if err := set.Migrate(ctx); err != nil {
		return nil, err
	}
	if set.DatabaseURL, err = postgres.TrialURL(ctx, url); err != nil {
		return nil, err
	}
	err = app.Care(ctx, set, slog.New(slog.DiscardHandler), func(a *app.App) error {
		page, err := postgres.Pilots.Page(ctx, a.Store, postgres.Filter{Reader: flow.Reader{All: true}, Limit: mostPilots})
		pilots = page.Rows
		return err
	})
	return pilots, err
}

// mostPilots is how many of a database's pilots the demonstration looks at to find its own.
const mostPilots = 200

// registry returns the demonstration's people with their tokens, and its places and organizations.
func registry(data *zhuanglang.Data) postgres.Registry {
	r := postgres.Registry{Places: data.Places()}
	names := map[string]domain.Text{
		data.RefusedExample.CreditCode: {ZH: data.RefusedExample.ZH, EN: data.RefusedExample.EN},
		data.Evaluator.CreditCode:      {ZH: data.Evaluator.ZH, EN: data.Evaluator.EN},
	}
	for _, p := range data.Projects {
		names[p.Organization.CreditCode] = domain.Text{ZH: p.Organization.ZH, EN: p.Organization.EN}
	}
	for _, f := range data.Organizations() {
		r.Organizations = append(r.Organizations, postgres.Organization{OrganizationFacts: f, Name: names[f.CreditCode]})
	}
	for _, a := range data.People() {
		r.People = append(r.People, postgres.Person{Actor: a, Token: Token(a.ID)})
	}
	return r
}

// carry runs the program, advances the calendar and drives the pilot.
func (d *Demonstration) carry(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	calendar, err := NewCalendar(ctx, d.app.Store, d.log)
	if err != nil {
		return err
	}
	if err := d.app.Start(ctx, app.Parts{API: true, Worker: true, Clock: calendar}); err != nil {
		return err
	}
	var moving sync.WaitGroup
	moving.Go(func() { calendar.Run(ctx) })
	err = d.drive(ctx, d.app.URL())
	stop()
	moving.Wait()
	if errors.Is(err, context.Canceled) && !d.Exit {
		return nil // told to stop
	}
	return err
}

// drive acts on behalf of the demonstration's people, shows what happened, and then serves the API until it is
// interrupted.
func (d *Demonstration) drive(ctx context.Context, base string) error {
	d.say("  API %s · %s/docs\n", base, base)
	if !d.People {
		d.whereTo(base, "")
		<-ctx.Done()
		return nil
	}
	show := NewShow(d.Out)
	driver := NewDriver(base, show)
	id, err := driver.Drive(ctx)
	if err != nil {
		return err
	}
	findings, events, err := driver.Inspect(ctx, id)
	if err != nil {
		return err
	}
	show.Story(events)
	differing, err := d.app.Differences(ctx, app.Verifying{}, func(int, int) {})
	if err != nil {
		return err
	}
	findings = append(findings, Finding{domain.T("terrace verify 未发现问题", "terrace verify finds nothing"), len(differing) == 0, bare(differing)})
	failed := d.report(findings)
	if err := d.keepFund(ctx, driver); err != nil {
		return err
	}
	d.whereTo(base, id)
	switch {
	case d.Exit && failed:
		return app.ErrFindings
	case d.Exit:
		return nil
	}
	d.say("\n按 Ctrl-C 结束 / press Ctrl-C to stop.")
	<-ctx.Done()
	return nil
}

// report prints the result of every check and reports whether any failed.
func (d *Demonstration) report(findings []Finding) (failed bool) {
	d.say("")
	for _, f := range findings {
		mark := "✓"
		if !f.OK {
			mark, failed = "✗", true
		}
		d.say("  %s %s / %s", mark, f.What.ZH, f.What.EN)
		switch {
		case f.OK:
		case f.Got.ZH == f.Got.EN:
			d.say("      %s", f.Got.EN)
		default:
			d.say("      %s / %s", f.Got.ZH, f.Got.EN)
		}
	}
	return failed
}

// keepFund saves the overview of the fund to a workbook in the data folder.
func (d *Demonstration) keepFund(ctx context.Context, driver *Driver) error {
	workbook, err := driver.FundStatement(ctx)
	if err != nil {
		return err
	}
	path := filepath.Join(d.Data, "fund.xlsx")
	if err := os.WriteFile(path, workbook, 0o644); err != nil { //nolint:gosec // for the user to open
		return err
	}
	d.say("\n  资金总览 fund statement (Excel)  %s", path)
	return nil
}

// self returns the path of the running program, which need not be in PATH.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return "terrace"
	}
	return path
}

// whereTo prints all URLs, a token for each role in each office, and an example of a request.
func (d *Demonstration) whereTo(base, id string) {
	d.say("\n  API        %s/docs\n  OpenAPI    %s/openapi.json\n  公示 notices %s/v1/notices", base, base, base)
	if id != "" {
		self := base + "/v1/pilots/" + id
		d.say("  试点 pilot   %s\n  大事记 timeline %s/timeline\n  账目 ledger  %s/ledger\n  流程 run      %s/run", self, self, self, self)
		d.say("  资金 fund    %s/v1/programmes/%s/fund\n  试算平衡 trial balance %s/v1/ledger/trial-balance?pilot=%s", base, zhuanglang.Read().Programme, base, id)
	}
	d.say("\n  令牌 / tokens (Authorization: Bearer …):")
	seen := map[string]bool{}
	for _, a := range zhuanglang.Read().People() {
		seat := string(a.Roles[0])
		switch a.Roles[0] {
		case domain.Village: // one village is enough
		case domain.Expert: // the whole panel scores
			seat += a.ID
		default:
			seat += a.Place
		}
		if !seen[seat] {
			seen[seat] = true
			role := domain.Roles[a.Roles[0]]
			d.say("    %-28s %s / %s · %s", Token(a.ID), role.ZH, role.EN, a.Name.ZH)
		}
	}
	d.say("\n  运维：在另一终端执行 / to look after it, in another terminal:")
	d.say("    . %s", d.settingsFile())
	terrace := self()
	d.say("    %s verify", terrace)
	d.say("    TERRACE_DATABASE_URL=$OWNER_DATABASE_URL %s backup /tmp/terrace-demo-backup", terrace)
	d.say("\n  评审专家名单 / list of experts: curl -H 'Authorization: Bearer %s' %s/v1/experts", Token(zhuanglang.ProvinceOfficer), base)
	who, path := zhuanglang.AuditorPerson, "/v1/pilots/"+id
	if id == "" {
		who, path = zhuanglang.CountyOfficer, "/v1/commands"
	}
	d.say("\n  curl -H 'Authorization: Bearer %s' %s%s", Token(who), base, path)
	if id == "" {
		d.say("\n  由县民政局起草试点，见 docs/drive-with-curl.md / the county drafts a pilot: see docs/drive-with-curl.md")
	}
}
