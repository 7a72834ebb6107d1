// Package reconcile compares what must agree: the ledger with the bank statements (对账), the books among themselves
// (试算平衡), and the ledger with the record. It reads nothing and corrects nothing: every mismatch becomes a task for
// finance.
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

// Finding is a mismatch. Amounts at the bank have the bank's sign: money in is positive, money out negative.
type Finding struct {
	What        difference.Discrepancy
	Home        string // place of the office whose books they are; empty if it follows from the pilot
	Pilot       string // empty if it belongs to none
	Fund        string // the programme, if it belongs to a fund
	Subject     string // payment, account, or the bank's own number
	ExpectedFen money.Fen
	FoundFen    money.Fen
	Statement   string // SHA-256 of the bank statement
	Detail      string // no personal data

	key string // sets it apart from every other finding of its kind
}

// ID returns the id of the finding's difference. It depends only on what differs, so a later run that finds the same
// returns the same id.
func (f Finding) ID() string {
	sum := sha256.Sum256([]byte(string(f.What) + "\x00" + f.key))
	owner := f.Pilot
	if owner == "" {
		owner = "bank"
	}
	return owner + ".d" + hex.EncodeToString(sum[:8])
}

// Opening returns the command that submits the finding to finance. The rules set its deadline.
func (f Finding) Opening(rules flow.ProgrammeRef) *difference.OpenDifference {
	return &difference.OpenDifference{
		What: f.What, Home: f.Home, Pilot: f.Pilot, Programme: rules, Subject: f.Subject,
		ExpectedFen: f.ExpectedFen, FoundFen: f.FoundFen, Statement: f.Statement, Detail: f.Detail,
	}
}

// keyOf joins several names into one key.
func keyOf(names ...string) string { return strings.Join(names, "\x00") }

func fen(f money.Fen) string { return strconv.FormatInt(int64(f), 10) }
