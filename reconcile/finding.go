// Package reconcile compares what must agree: the ledger with the bank statements (对账), the accounts with one another
// (试算平衡), and the ledger with the record. It corrects nothing. Every discrepancy becomes a task for finance.
package reconcile

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"terrace/domain/difference"
	"terrace/domain/flow"
	"terrace/domain/money"
)

// Finding is a discrepancy found by a reconciliation. Amounts at the bank are positive for money in and negative for
// money out.
type Finding struct {
	What        difference.Discrepancy
	Home        string // place of the office whose accounts are concerned; if empty, determined by the pilot
	Pilot       string // empty if the finding concerns no pilot
	Fund        string // the programme, if the finding concerns a fund
	Subject     string // the payment, the account, or the bank's transaction number of the statement line
	ExpectedFen money.Fen
	FoundFen    money.Fen
	Statement   string // SHA-256 of the bank statement's file
	Detail      string // must not contain personal data

	key string // identifies the finding among those of its kind
}

// ID returns the id of the difference that is opened for the finding. It depends only on the discrepancy itself, so a
// later run that finds the same discrepancy gets the same id.
func (f Finding) ID() string {
	sum := sha256.Sum256([]byte(string(f.What) + "\x00" + f.key))
	owner := f.Pilot
	if owner == "" {
		owner = "bank"
	}
	return owner + ".d" + hex.EncodeToString(sum[:8])
}

// Opening returns the command that opens a difference for the finding, as a task for finance. The due date follows from
// the programme's rules.
func (f Finding) Opening(rules flow.ProgrammeRef) *difference.OpenDifference {
	return &difference.OpenDifference{
		What: f.What, Home: f.Home, Pilot: f.Pilot, Programme: rules, Subject: f.Subject,
		ExpectedFen: f.ExpectedFen, FoundFen: f.FoundFen, Statement: f.Statement, Detail: f.Detail,
	}
}

// keyOf joins names into one key.
func keyOf(names ...string) string { return strings.Join(names, "\x00") }

func fen(f money.Fen) string { return strconv.FormatInt(int64(f), 10) }
