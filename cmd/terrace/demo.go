package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"terrace/demo"
	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/pilot"
	"terrace/postgres"
)

// demonstration is “terrace demo”.
type demonstration struct {
	day    time.Duration
	exit   bool
	people bool
	listen string
	data   string
	out    io.Writer
	log    *slog.Logger
	house  *house
}

func demoCommand() *cobra.Command {
	d := &demonstration{}
	c := &cobra.Command{
		Use: "demo", Short: "Run a whole pilot on a virtual calendar, on this machine", Args: noArguments,
		Long: `Drives the Zhuanglang pilot (演示数据, demonstration data) from the application in
September 2017 to the archive in June 2019, through the HTTP API, with real
workflows, deadlines, notices and payments. A virtual day takes 100 ms.

It uses the Postgres of DATABASE_URL and the Temporal of
TERRACE_TEMPORAL_ADDRESS where they are set, and private ones otherwise, which
keep their data in --data. Stopped at any moment, even by kill -9, the next
“terrace demo” carries on. Once the pilot is archived, the next one begins a
new pilot in a new database, or shows the finished one of a DATABASE_URL.`,
		RunE: func(c *cobra.Command, _ []string) error {
			d.out = c.OutOrStdout()
			return d.run(c.Context())
		},
	}
	c.Flags().DurationVar(&d.day, "day", 100*time.Millisecond, "how long a virtual day takes")
	c.Flags().BoolVar(&d.exit, "exit-when-closed", false, "end with status 0 when the pilot is archived and every check holds, else 1")
	c.Flags().BoolVar(&d.people, "people", true, "let the people of the demonstration act; with --people=false you do, by HTTP, and let the calendar run by PUT /v1/clock")
	c.Flags().StringVar(&d.listen, "listen", "127.0.0.1:8080", "where the API answers; port 0 picks a free one")
	c.Flags().StringVar(&d.data, "data", defaultData(), "folder that keeps the data between runs")
	return c
}

func defaultData() string {
	cache, err := os.UserCacheDir()
	if err != nil || os.Geteuid() == 0 { // a private Postgres runs as another user, who must be able to get there
		return "/var/lib/terrace/demo"
	}
	return filepath.Join(cache, "terrace", "demo")
}

func (d *demonstration) say(format string, args ...any) {
	_, _ = fmt.Fprintf(d.out, format+"\n", args...)
}

// run brings everything up, drives the pilot, and stays or ends.
func (d *demonstration) run(ctx context.Context) error {
	if d.day < time.Millisecond {
		return usageError{errors.New("--day must be at least 1ms")}
	}
	if err := os.MkdirAll(d.data, 0o755); err != nil { //nolint:gosec // a private Postgres runs as another user
		return err
	}
	log, err := os.OpenFile(filepath.Join(d.data, "terrace.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	d.log = slog.New(slog.NewTextHandler(log, nil))
	d.say("梯田 Terrace · %s / %s\n", zhuanglang.Read().Label.ZH, zhuanglang.Read().Label.EN)

	s := &stack{data: d.data, log: log}
	defer s.stop()
	if d.house, err = d.open(ctx, s); err != nil {
		return err
	}
	defer d.house.close()
	return d.carry(ctx)
}

// open finds the servers, prepares the database and registers the people.
func (d *demonstration) open(ctx context.Context, s *stack) (*house, error) {
	set, err := readSettings(os.Environ())
	if err != nil {
		return nil, err
	}
	set.Listen = d.listen
	set.EvidenceURL = "file://" + filepath.Join(d.data, "evidence") + "?no_tmp_dir=true"
	d.say("  Postgres …")
	server, err := s.postgres(ctx, set.DatabaseURL)
	if err != nil {
		return nil, err
	}
	private := set.DatabaseURL == ""
	if set.DatabaseURL = server; private {
		if set.DatabaseURL, err = d.database(ctx, server); err != nil {
			return nil, err
		}
	}
	d.say("  Temporal …")
	if set.TemporalAddress, err = s.temporal(ctx, set.TemporalAddress, server, set.TemporalNamespace); err != nil {
		return nil, err
	}
	if err := postgres.Migrate(ctx, set.DatabaseURL); err != nil {
		return nil, err
	}
	h, err := set.open(ctx, d.log)
	if err != nil {
		return nil, err
	}
	data := zhuanglang.Read()
	if err := h.store.StartCalendar(ctx, data.Golden["call"].At(9, 0), d.day); err != nil {
		h.close()
		return nil, err
	}
	if err := h.store.Register(ctx, registry(data)); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

// database is the one of the pilot that is under way, or a new one after an archived pilot.
func (d *demonstration) database(ctx context.Context, server string) (string, error) {
	for n := 1; ; n++ {
		url, created, err := postgres.CreateDatabase(ctx, server, fmt.Sprintf("terrace_demo_%d", n))
		if err != nil || created {
			return url, err
		}
		finished, err := archived(ctx, url)
		if err != nil || !finished {
			return url, err
		}
	}
}

// archived tells whether the database holds a pilot that came to its end.
func archived(ctx context.Context, url string) (bool, error) {
	if err := postgres.Migrate(ctx, url); err != nil {
		return false, err
	}
	h, err := settings{DatabaseURL: url}.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return false, err
	}
	defer h.close()
	page, err := h.store.Pilots(ctx, postgres.PilotFilter{Reader: postgres.Reader{All: true}, Limit: 1})
	return err == nil && len(page.Rows) == 1 && page.Rows[0].Stage == pilot.Archived, err
}

// registry is the demonstration's people with their tokens, its places and organizations.
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
		r.People = append(r.People, postgres.Person{Actor: a, Token: demo.Token(a.ID)})
	}
	return r
}

// carry serves the API, carries the workflows, moves the calendar, and drives the pilot.
func (d *demonstration) carry(ctx context.Context) error {
	if err := d.house.openGateway(); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	calendar := demo.NewCalendar(d.house.store, d.log)
	moved := make(chan struct{})
	go func() {
		calendar.Run(ctx)
		close(moved)
	}()
	w := d.house.startWorker(time.Second)
	defer w.Stop()
	address := make(chan net.Addr, 1)
	served := make(chan error, 1)
	go func() { served <- d.house.answer(ctx, calendar, func(a net.Addr) { address <- a }) }()
	var failure error
	select {
	case failure = <-served:
	case a := <-address:
		failure = d.drive(ctx, "http://"+a.String())
		stop()
		failure = errors.Join(failure, <-served)
	}
	stop()
	<-moved
	if errors.Is(failure, context.Canceled) && !d.exit {
		return nil // told to stop
	}
	return failure
}

// drive plays the people, shows what happened, and stays until it is told to stop.
func (d *demonstration) drive(ctx context.Context, base string) error {
	d.say("  API %s · %s/docs\n", base, base)
	if !d.people {
		d.whereTo(base, "")
		<-ctx.Done()
		return nil
	}
	show := demo.NewShow(d.out, isTerminal(d.out))
	driver := demo.NewDriver(base, show)
	id, err := driver.Drive(ctx)
	if err != nil {
		return err
	}
	findings, events, err := driver.Inspect(ctx, id)
	if err != nil {
		return err
	}
	show.Story(events)
	differing, err := d.house.differences(ctx, verifying{}, func(int, int) {})
	if err != nil {
		return err
	}
	findings = append(findings, demo.Finding{What: "terrace verify finds nothing", OK: len(differing) == 0, Got: fmt.Sprint(differing)})
	failed := d.report(findings)
	if err := d.keepFund(ctx, driver); err != nil {
		return err
	}
	d.whereTo(base, id)
	switch {
	case d.exit && failed:
		return errFindings
	case d.exit:
		return nil
	}
	d.say("\n按 Ctrl-C 结束 / press Ctrl-C to stop.")
	<-ctx.Done()
	return nil
}

// report prints every check, and tells whether one failed.
func (d *demonstration) report(findings []demo.Finding) (failed bool) {
	d.say("")
	for _, f := range findings {
		mark := "✓"
		if !f.OK {
			mark, failed = "✗", true
		}
		d.say("  %s %s", mark, f.What)
		if !f.OK {
			d.say("      %s", f.Got)
		}
	}
	return failed
}

// keepFund leaves the fund's statement as a workbook in the data folder.
func (d *demonstration) keepFund(ctx context.Context, driver *demo.Driver) error {
	workbook, err := driver.FundStatement(ctx)
	if err != nil {
		return err
	}
	path := filepath.Join(d.data, "fund.xlsx")
	if err := os.WriteFile(path, workbook, 0o644); err != nil { //nolint:gosec // to be opened by whoever started the demonstration
		return err
	}
	d.say("\n  资金总表 fund statement (Excel)  %s", path)
	return nil
}

// whereTo prints every address and one token for each role.
func (d *demonstration) whereTo(base, id string) {
	d.say("\n  API        %s/docs\n  OpenAPI    %s/openapi.json\n  公示 notices %s/v1/notices", base, base, base)
	if id != "" {
		self := base + "/v1/pilots/" + id
		d.say("  试点 pilot   %s\n  时间线 timeline %s/timeline\n  账目 ledger  %s/ledger\n  工作流 run    %s/run", self, self, self, self)
		d.say("  资金 fund    %s/v1/programmes/%s/fund\n  试算平衡 trial balance %s/v1/ledger/trial-balance?pilot=%s", base, zhuanglang.Read().Programme, base, id)
	}
	d.say("\n  令牌 / tokens (Authorization: Bearer …):")
	seen := map[domain.Role]bool{}
	for _, a := range zhuanglang.Read().People() {
		if role := a.Roles[0]; !seen[role] {
			seen[role] = true
			d.say("    %-14s %-28s %s", role, demo.Token(a.ID), a.Name.ZH)
		}
	}
	d.say("\n  curl -H 'Authorization: Bearer %s' %s/v1/pilots/%s", demo.Token(zhuanglang.AuditorPerson), base, id)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
