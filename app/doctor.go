package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"

	"terrace/postgres"
	"terrace/worker"
)

// checkTime is the time limit for each check in Examine.
const checkTime = 5 * time.Second

// Check is the result of checking one part of the setup: what should be true and, if it is not, the reason and what to
// do about it.
type Check struct {
	What string
	Err  error  // nil if the check passed
	Next string // what to do about a failure; empty if Err already says so
}

// Examine checks the settings, the database, Temporal, the evidence store and the payment gateway. It changes nothing,
// except that it creates the evidence folder if there is none.
func (s Settings) Examine(ctx context.Context, tell func(Check)) error {
	if len(s.Unknown) > 0 {
		tell(Check{"every TERRACE_ variable in the environment is a setting", errors.New(strings.Join(s.Unknown, "; ")), "correct its name, or unset it; “terrace serve --help” lists the settings"})
	}
	if s.Programmes != "" {
		_, err := s.programmes()
		next := "correct the file; until then, “terrace serve”, “api” and “worker” do not start"
		if errors.Is(err, fs.ErrNotExist) {
			next = "create the folder, or correct TERRACE_PROGRAMMES; until then, “terrace serve”, “api” and “worker” do not start"
		}
		tell(Check{"the programmes in TERRACE_PROGRAMMES=" + s.Programmes + " can be used", err, next})
		s.Programmes = "" // so that the rest can be checked all the same
	}
	if err := s.examineRecord(ctx, tell); err != nil {
		return err
	}
	err := inTime(ctx, s.askTemporal)
	tell(Check{"Temporal answers at " + s.temporal() + " and has the namespace " + s.TemporalNamespace, err, cmp.Or(worker.Advice(err), "start it, or correct TERRACE_TEMPORAL_ADDRESS")})
	err = inTime(ctx, s.askEvidence)
	tell(Check{"evidence can be stored at " + s.EvidenceURL, err, "set TERRACE_EVIDENCE_URL to a folder this user may write"})
	err = inTime(ctx, s.askGateway)
	tell(Check{"payments can go by TERRACE_GATEWAY=" + s.Gateway, err, "terrace serve and worker need it; “terrace serve --help” lists the settings"})
	return nil
}

// inTime calls a function with checkTime as its time limit.
func inTime(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	return ask(ctx)
}

// What each check of the record verifies.
const (
	recordAnswers = "the database answers"
	recordRole    = "the program's role has the rights it needs, and no others"
	recordSchema  = "the database has this version's schema"
	recordOpens   = "the record can be used"
)

// examineRecord runs the checks of the record until one fails, and passes each result to tell.
func (s Settings) examineRecord(ctx context.Context, tell func(Check)) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	a, err := Open(ctx, s, slog.New(slog.DiscardHandler))
	if err != nil {
		what := checkOf(err)
		if what != recordAnswers {
			tell(Check{What: recordAnswers})
		}
		next := Advice(err)
		if s.DatabaseURL == "" {
			next = "deploy/postgres/roles.sh makes the database and its two roles, “terrace migrate” its tables; then set TERRACE_DATABASE_URL to the program's. To try Terrace without a database: “terrace demo”. Until then role, schema and clock cannot be checked"
		}
		tell(Check{what, err, next})
		return nil
	}
	for _, what := range []string{recordAnswers, recordRole, recordSchema} {
		tell(Check{What: what})
	}
	clock, virtual, err := a.Store.Calendar(ctx)
	what := "the database's clock is right"
	switch {
	case err == nil && virtual && s.VirtualCalendar:
		what = fmt.Sprintf("the record's virtual calendar stands at %s; TERRACE_VIRTUAL_CALENDAR=true accepts it, for trials only", clock.Now.Format(time.DateTime))
	case err == nil && time.Until(clock.Now).Abs() > time.Minute:
		err = fmt.Errorf("the database's clock says %s", clock.Now.Format(time.DateTime))
	}
	tell(Check{what, err, "a virtual calendar belongs to “terrace demo”, whose settings include TERRACE_VIRTUAL_CALENDAR=true; otherwise set the server's clock"})
	_, err = a.Store.Places(ctx)
	tell(Check{"the table of places is whole", err, Advice(err)})
	none, err := a.Store.Unregistered(ctx)
	if len(none) > 0 {
		err = fmt.Errorf("there are no %s yet", strings.Join(none, ", "))
	}
	tell(Check{"places, organizations and people are registered", err, "run “terrace register FILE” before anything else; “terrace register --help” shows such a file"})
	tell(Check{What: "the journal can go on", Err: a.Store.GoesOn(ctx)})
	owed, err := a.Store.TurnsOwed(ctx)
	if owed {
		err = errors.New("some have not been written for more than a minute; “terrace verify” names them")
	}
	tell(Check{"the lists of turns are up to date", err, "start “terrace worker” or “terrace serve”; if one runs, its log says what stops it"})
	vacant, err := a.Store.Vacancies(ctx)
	if len(vacant) > 0 {
		const most = 10
		err = fmt.Errorf("%d seats are vacant: %s", len(vacant), strings.Join(vacant[:min(len(vacant), most)], "; "))
	}
	tell(Check{"somebody is registered for every open turn", err, "register somebody for each with “terrace register”"})
	return a.Close()
}

// checkOf returns the name of the check that failed, given the error from opening the record.
func checkOf(err error) string {
	var (
		unset  UsageError
		role   *postgres.RoleError
		schema *postgres.SchemaError
	)
	switch {
	case errors.As(err, &role):
		return recordRole
	case errors.As(err, &schema), errors.Is(err, postgres.ErrFormerSchema), errors.Is(err, postgres.ErrNoVersion):
		return recordSchema
	case errors.As(err, &unset), errors.Is(err, context.DeadlineExceeded), postgres.Advice(err) != "":
		return recordAnswers
	}
	return recordOpens
}

func (s Settings) askTemporal(ctx context.Context) error {
	client, err := worker.Dial(s.temporal(), s.TemporalNamespace, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer client.Close()
	return worker.Ready(ctx, client, s.TemporalNamespace)
}

func (s Settings) askEvidence(ctx context.Context) error {
	store, err := s.openEvidence(ctx)
	if err != nil {
		return err
	}
	return errors.Join(s.writable(), store.Close())
}

// writable returns an error if the evidence store is a folder to which this user cannot write.
func (s Settings) writable() error {
	const write, enter = 2, 1
	folder, err := s.evidenceFolder()
	if err != nil {
		return err
	}
	return os.NewSyscallError("access", syscall.Access(folder, write|enter))
}
