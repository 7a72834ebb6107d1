// Package reconcile holds against each other what must agree: the ledger and the bank statements (对账), the books among themselves
// (试算平衡), the ledger and the record. It reads nothing and corrects nothing: what differs becomes a task for finance.
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

// Finding is one thing that does not agree with another. Amounts at the bank are as the bank counts: in above zero, out below.
type Finding struct {
	What        difference.Discrepancy
	Home        string // place of the office whose books they are; empty where it follows from the pilot
	Pilot       string // empty when it belongs to none
	Fund        string // the programme, of what belongs to its fund
	Subject     string // payment, account, or the bank's own number
	ExpectedFen money.Fen
	FoundFen    money.Fen
	Statement   string // SHA-256 of the bank statement
	Detail      string // nothing personal

	key string // what tells it from every other finding of its kind
}

// ID names the finding's difference. It depends on nothing but what differs, so whoever finds it again names the same.
func (f Finding) ID() string {
	sum := sha256.Sum256([]byte(string(f.What) + "\x00" + f.key))
	owner := f.Pilot
	if owner == "" {
		owner = "bank"
	}
	return owner + ".d" + hex.EncodeToString(sum[:8])
}

// Opening is the command that brings the finding to finance, under the rules that give it its time.
func (f Finding) Opening(rules flow.ProgrammeRef) *difference.OpenDifference {
	return &difference.OpenDifference{
		What: f.What, Home: f.Home, Pilot: f.Pilot, Programme: rules, Subject: f.Subject,
		ExpectedFen: f.ExpectedFen, FoundFen: f.FoundFen, Statement: f.Statement, Detail: f.Detail,
	}
}

// keyOf makes one key of several names.
func keyOf(names ...string) string { return strings.Join(names, "\x00") }

func fen(f money.Fen) string { return strconv.FormatInt(int64(f), 10) }
