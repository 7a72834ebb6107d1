package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"terrace/app"
	"terrace/domain/difference"
	"terrace/domain/money"
	"terrace/reconcile"
)

func reconcileCommand() *cobra.Command {
	return &cobra.Command{
		Use: "reconcile", Short: "Compare ledger, bank statements and record", Args: noArguments,
		Long: `Does now what the workers do every night at 02:00 (Asia/Shanghai): compares the
ledger with the bank statements that were entered, adds up the books, and
compares the ledger with states, lists and events. It opens each difference
once, for finance to explain, and corrects nothing. The status is 1 while a
difference is unexplained. Safe to repeat.
` + app.SettingsHelp("DATABASE_URL", "PROGRAMMES"),
		RunE: caring(func(ctx context.Context, c *cobra.Command, a *app.App) error {
			r := report{Command: c}
			for _, part := range reconcile.Parts {
				_, err := reconcile.Run(ctx, a.Store, part, step(r.ErrOrStderr(), string(part)), r.tell)
				if err != nil {
					return fmt.Errorf("reconcile the %s: %w", part, err)
				}
			}
			if err := r.reach(ctx, a); err != nil {
				return err
			}
			return r.end()
		}),
	}
}

// report prints the findings of a reconciliation in plain language.
type report struct {
	*cobra.Command
	standings map[reconcile.Standing]int
	lines     []string
}

func (r *report) tell(f reconcile.Finding, s reconcile.Standing) {
	if r.standings == nil {
		r.standings = map[reconcile.Standing]int{}
	}
	r.standings[s]++
	if s == reconcile.Explained {
		return
	}
	what, next := plainly(f)
	r.lines = append(r.lines, fmt.Sprintf("✗ %s: %s\n  → %s\n  difference %s, %s", difference.Discrepancies[f.What].EN, what, next, f.ID(), s))
}

// plainly explains a finding in plain language, with advice on what to do about it.
func plainly(f reconcile.Finding) (what, next string) {
	expected, found := yuan(f.ExpectedFen), yuan(f.FoundFen)
	if f.Detail != "" {
		f.Subject += " (" + f.Detail + ")"
	}
	switch f.What {
	case difference.BankWithoutLedger:
		return fmt.Sprintf("the bank booked %s as transaction %s", found, f.Subject),
			"enter the voucher, refund, repayment or returned payment that matches the transaction; if there is none, ask the bank"
	case difference.LedgerWithoutBank:
		return fmt.Sprintf("the ledger shows %s for %s", expected, f.Subject),
			"ask the bank, quoting the reference; if the bank never made the payment, enter it as returned (return-payment)"
	case difference.AmountDiffers:
		return fmt.Sprintf("%s is %s according to the bank, but should be %s", f.Subject, found, expected),
			"compare the payment slip with the bank statement; for an account, enter the missing statement"
	case difference.PaidTwice:
		return fmt.Sprintf("the bank paid %s again, %s", f.Subject, found),
			"have the bank bring the money back, then explain the difference"
	case difference.BooksDiffer:
		return fmt.Sprintf("%s is %s and should be %s", f.Subject, found, expected),
			"stop paying, keep a copy of the database, and run “terrace verify”"
	default:
		return fmt.Sprintf("%s: the ledger says %s, the record %s", f.Subject, expected, found),
			"run “terrace verify”; what follows from the journal comes back with “terrace rebuild”"
	}
}

// yuan formats an amount with the yuan sign. Money leaving the account is negative.
func yuan(f money.Fen) string { return "¥" + f.String() }

// reach prints the period covered by the bank statements of each account.
func (r *report) reach(ctx context.Context, a *app.App) error {
	accounts, err := a.Store.BankReach(ctx)
	if err != nil {
		return err
	}
	if len(accounts) == 0 {
		r.Println("No bank statement has been entered: the bank was not compared. Finance enters one with POST /v1/bank-statements.")
	}
	for _, b := range accounts {
		r.Printf("Compared with the bank: %s “%s”, %s to %s.\n", b.Place, b.Account, b.From, b.To)
	}
	return nil
}

func (r *report) end() error {
	for _, line := range r.lines {
		r.Println(line)
	}
	if n := r.standings[reconcile.Explained]; n > 0 {
		r.Printf("%d explained before.\n", n)
	}
	if len(r.lines) == 0 {
		r.Println("Everything agrees.")
		return nil
	}
	r.Printf("%d to explain, %d of them found for the first time. Finance explains each: POST /v1/differences/{id}/explain\n",
		len(r.lines), r.standings[reconcile.Opened])
	return app.ErrFindings
}
