package moneytest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"terrace/demo/zhuanglang"
	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/catalogue"
	"terrace/domain/flow"
	"terrace/domain/payment"
	"terrace/domain/project"
	"terrace/postgres/pgtest"
)

// scene is a record, with its model, in which one project's first tranche has been paid. Tests remove safeguards from
// it.
type scene struct {
	*world
	*model
	t     *testing.T
	books *books
	b     beginning
	past  []answered
}

func (s *scene) project() flow.Ref {
	return flow.Ref{Kind: project.Kind, ID: s.b.pilot.ID + ".1"}
}

func (s *scene) attempt(tranche, attempt int) flow.Ref {
	return flow.Ref{Kind: payment.Kind, ID: fmt.Sprintf("%s.%d.%d", s.project().ID, tranche, attempt)}
}

// does executes a command that must be accepted, and applies it to the model.
func (s *scene) does(actor, name string, ref flow.Ref, payload flow.Payload) answered {
	s.t.Helper()
	c := s.command(actor, name, ref, payload)
	outcome, err := s.stores[0].Execute(s.t.Context(), c)
	if err != nil {
		s.t.Fatalf("%s of %s: %v", name, ref, err)
	}
	a := answered{c, outcome.Receipt}
	must(s.t, s.took(c, a.receipt.Events))
	s.past = append(s.past, a)
	return a
}

// slips executes a command that must be accepted, but hides it from the model, which would reject it.
func (s *scene) slips(c flow.Command) {
	s.t.Helper()
	if _, err := s.stores[0].Execute(s.t.Context(), c); err != nil {
		s.t.Fatalf("%s of %s: %v", c.Name, c.Aggregate, err)
	}
}

// refused executes a command that must be refused.
func (s *scene) refused(want domain.Code, actor, name string, ref flow.Ref, payload flow.Payload) {
	s.t.Helper()
	_, err := s.stores[0].Execute(s.t.Context(), s.command(actor, name, ref, payload))
	if got := code(s.t, err); got != want {
		s.t.Fatalf("%s of %s: %q, want %s", name, ref, got, want)
	}
}

func (s *scene) state(ref flow.Ref) flow.State {
	s.t.Helper()
	state, err := s.stores[0].Load(s.t.Context(), ref)
	must(s.t, err)
	return state
}

// wrong returns everything that the check finds.
func (s *scene) wrong() []string {
	s.t.Helper()
	found, err := s.books.whole(s.model)
	must(s.t, err)
	return found
}

// sql runs statements as the database's owner; unguarded runs them with all triggers off.
func (s *scene) sql(statements ...string) error {
	return pgx.BeginFunc(s.t.Context(), s.conn, func(tx pgx.Tx) error {
		for _, statement := range statements {
			if _, err := tx.Exec(s.t.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	})
}

const unguarded = "set local session_replication_role = replica"

// stage sets up the scene in a new record.
func stage(t *testing.T) *scene {
	t.Helper()
	w := newWorld(t)
	b := w.approved(t, 21000000, 19000000)
	s := &scene{world: w, model: newModel(b), t: t, books: newBooks(w.conn, b.programme, b.pilot.ID), b: b}
	name := b.projects[0].Proposal.Organization.Name.ZH
	s.does(zhuanglang.OrganizationPerson("ZL-2017-01"), "sign-as-organization", s.project(), &project.SignAsOrganization{AccountName: name, AccountNumber: "62220000000000001"})
	s.does(zhuanglang.CountyApprover, "sign-as-office", s.project(), &project.SignAsOffice{})
	s.open(1, 1)
	s.release(1, 1, zhuanglang.CountyFinance, zhuanglang.CountyApprover)
	s.pay(1, 1)
	s.does(domain.Workflow.ID, "record-payment", s.project(), catalogue.PaymentReport(s.state(s.attempt(1, 1)).(*payment.Payment)))
	return s
}

// open opens a payment as the workflow does, with the tranche's amount from the project's own plan.
func (s *scene) open(tranche, attempt int) {
	s.t.Helper()
	s.does(domain.Workflow.ID, "open", s.attempt(tranche, attempt), s.opening(tranche, attempt))
}

func (s *scene) opening(tranche, attempt int) *payment.OpenPayment {
	p := s.state(s.project()).(*project.Project)
	return &payment.OpenPayment{
		Payer: s.project(), Pilot: p.Pilot, Programme: p.Programme, Home: p.Home, Account: p.ID, Evaluator: p.Evaluator.CreditCode,
		Tranche: tranche, Attempt: attempt, Payee: p.Proposal.Organization, AccountName: p.AccountName, Fen: p.Tranches[tranche-1].Fen,
		Deadline: p.Tranches[0].Due,
	}
}

func (s *scene) release(tranche, attempt int, officers ...string) {
	s.t.Helper()
	for _, officer := range officers {
		s.does(officer, "release", s.attempt(tranche, attempt), &payment.ReleasePayment{})
	}
}

// pay has the bank carry out a released payment.
func (s *scene) pay(tranche, attempt int) {
	s.t.Helper()
	s.does(domain.Workflow.ID, "record-instruction", s.attempt(tranche, attempt), paidAs(fmt.Sprintf("T-%d-%d", tranche, attempt)))
}

func paidAs(number string) *payment.RecordInstruction {
	return &payment.RecordInstruction{Gateway: "http", Answer: payment.BankAnswer{Outcome: payment.BankPaid, Number: number}}
}

// copied returns the same scene in a record of its own.
func (s *scene) copied(t *testing.T) *scene {
	t.Helper()
	w := reach(t, pgtest.Copy(t, s.url))
	again := &scene{world: w, model: newModel(s.b), t: t, books: newBooks(w.conn, s.b.programme, s.b.pilot.ID), b: s.b}
	for _, a := range s.past {
		must(t, again.took(a.command, a.receipt.Events))
	}
	return again
}

// Each safeguard is removed in a copy of the record, and the check must find the resulting fault. With the safeguard in
// place, the same breach is refused and the check finds nothing.
func TestAPlantedFaultIsFound(t *testing.T) {
	t.Parallel()
	first := stage(t)
	if found := first.wrong(); len(found) > 0 {
		t.Fatalf("nothing was planted, but found %q", found)
	}
	first.leave()
	for name, test := range map[string]struct {
		plant func(*scene)
		want  string
	}{
		"nothing":                         {func(*scene) {}, ""},
		"two attempts of one tranche":     {doubleRelease, "a tranche is paid once: tranche"},
		"an entry that sums to something": {lopsidedEntry, "every entry sums to zero in each book: entry"},
		"an overdrawn account":            {overdraft, "no account is overdrawn: account"},
		"a balance that was tampered":     {tamperedBalance, "a balance is the sum of its lines: account"},
		"one officer alone":               {oneOfficer, "two different officers release what the bank gets: payment"},
		"an interested officer":           {interestedOfficer, "nobody releases money they have an interest in: payment"},
		"an entry of the wrong amount":    {wrongAmount, "must hold"},
		"a lost receipt":                  {lostReceipt, "must hold"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := first.copied(t)
			test.plant(s)
			found := s.wrong()
			if test.want == "" && len(found) > 0 || test.want != "" && !slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, test.want) }) {
				t.Errorf("found %q, want %q", found, test.want)
			}
		})
	}
}

// doubleRelease opens and pays a second attempt of a tranche beside the first, without the unique key of live payments.
func doubleRelease(s *scene) {
	s.open(3, 1)
	s.refused("payment-exists", domain.Workflow.ID, "open", s.attempt(3, 2), s.opening(3, 2))
	must(s.t, s.sql("alter table claim drop constraint claim_pkey"))
	s.open(3, 2)
	for attempt := 1; attempt <= 2; attempt++ {
		s.release(3, attempt, zhuanglang.CountyFinance, secondFinance)
		s.pay(3, attempt)
	}
}

// entry books two amounts, one out of the project's advance and one into its commitment, for an event that moves no
// money.
func (s *scene) entry(out, in int64) error {
	event := "(select min(position) from journal where kind = 'payment' and name = 'released')"
	line := "insert into ledger_line (position, line, account, fen) select " + event + ", %d, account, %d from ledger_account where owner = '%s' and name = '%s'"
	return s.sql(
		"insert into ledger_entry (position, kind, id, seq, at, lines) select position, kind, id, seq, at, 2 from journal where position = "+event,
		fmt.Sprintf(line, 1, -out, s.project().ID, "advance"), fmt.Sprintf(line, 2, in, s.project().ID, "commitment"),
	)
}

// breaks requires that err is a violation of the given constraint.
func (s *scene) breaks(constraint string, err error) {
	s.t.Helper()
	var fault *pgconn.PgError
	if !errors.As(err, &fault) || fault.ConstraintName != constraint && fault.Code != constraint {
		s.t.Fatalf("with the guard in place: %v, want %s", err, constraint)
	}
}

func lopsidedEntry(s *scene) {
	s.breaks("ledger_entry_sums_to_zero", s.entry(10, 15))
	must(s.t, s.sql("drop trigger ledger_entry_founded on ledger_entry"))
	must(s.t, s.entry(10, 15))
}

func overdraft(s *scene) {
	const more = 99999999999
	s.breaks("ledger_account_covered", s.entry(more, more))
	must(s.t, s.sql("drop trigger ledger_account_covered on ledger_account"))
	must(s.t, s.entry(more, more))
}

func tamperedBalance(s *scene) {
	tamper := "update ledger_account set balance = balance + 1 where name = 'transit'"
	s.breaks("23001", s.sql(tamper))
	must(s.t, s.sql(unguarded, tamper))
}

// oneOfficer writes what a program without the two-officer rule would have written: the same officer's second release,
// then the bank's payment.
func oneOfficer(s *scene) {
	ref := s.attempt(3, 1)
	s.open(3, 1)
	s.release(3, 1, zhuanglang.CountyFinance)
	s.refused("same-person", zhuanglang.CountyFinance, "release", ref, &payment.ReleasePayment{})

	state, second := s.state(ref), &payment.PaymentReleased{By: zhuanglang.CountyFinance, Complete: true}
	flow.Apply(state, second, calendar.Date{}) // a release keeps no day
	record := flow.RecordOf(state)
	after, err := json.Marshal(state)
	must(s.t, err)
	event, err := json.Marshal(second)
	must(s.t, err)
	ctx := s.t.Context()
	must(s.t, pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		_, err1 := tx.Exec(ctx, unguarded)
		_, err2 := tx.Exec(ctx, `insert into journal (position, kind, id, pilot, seq, name, version, at, day, actor, late, data, hash)
			select (pg_current_xact_id()::text::bigint + shift) * 1000, kind, id, pilot, seq + 1, name, version, at, day, actor, late, $2, hash from journal cross join journal_origin where kind = 'payment' and id = $1 and name = 'released'`, ref.ID, event)
		_, err3 := tx.Exec(ctx, "update aggregate set state = $2, seq = $3, version = $4, stage = $5 where kind = 'payment' and id = $1", ref.ID, after, record.Seq, record.Version, record.Stage)
		return errors.Join(err1, err2, err3)
	}))
	s.slips(s.command(domain.Workflow.ID, "record-instruction", ref, paidAs("T-3-1")))
}

// interestedOfficer has a payment released by an officer whose declared interest the program has forgotten.
func interestedOfficer(s *scene) {
	s.open(3, 1)
	s.refused("conflict-of-interest", kin, "release", s.attempt(3, 1), &payment.ReleasePayment{})
	forgotten := s.command(kin, "release", s.attempt(3, 1), &payment.ReleasePayment{})
	forgotten.Actor.Interests = nil
	s.slips(forgotten)
}

// wrongAmount books an entry that obeys every law but belongs to no accepted command.
func wrongAmount(s *scene) { must(s.t, s.entry(5, 5)) }

// lostReceipt repeats a command. The result is the same and nothing moves; without its receipt, the command is carried
// out twice.
func lostReceipt(s *scene) {
	first := s.does(zhuanglang.CountyFinance, "record-diversion", s.project(), &project.RecordDiversion{Fen: 100, Finding: "挪用", Evidence: []string{file}})
	again := func() error {
		outcome, err := s.stores[1].Execute(s.t.Context(), first.command)
		must(s.t, err)
		return sameAnswer(first, outcome)
	}
	must(s.t, again())
	if found := s.wrong(); len(found) > 0 {
		s.t.Fatalf("a repetition moved money: %q", found)
	}
	must(s.t, s.sql("delete from receipt"))
	if again() == nil {
		s.t.Error("a repetition whose receipt is lost has the same answer")
	}
}
