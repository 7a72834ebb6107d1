package postgres

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/pilot"
	"terrace/postgres/db"
)

// request is a command with its declaration and the hash by which a repetition is known.
type request struct {
	pilot.Command
	declared *pilot.Declaration
	hash     []byte
}

// newRequest hashes what is asked for, of which aggregate. A creation's fresh id is left out, because a sender who repeats it
// brings another; so is IfVersion, which says what the sender had seen.
func newRequest(c pilot.Command) (request, error) {
	declared := pilot.Find(c.Aggregate.Kind, c.Name)
	if declared == nil {
		return request{}, domain.Refuse("unknown-command", "", "command", c.Name)
	}
	if c.ID == "" || c.Actor.ID == "" || c.Aggregate.ID == "" {
		return request{}, fmt.Errorf("command %s of %s: its id, its actor and its aggregate need a name", c.Name, c.Aggregate)
	}
	content, err := pilot.Canonical(c.Payload)
	if err != nil {
		return request{}, fmt.Errorf("content of %s: %w", c.Name, err)
	}
	id := c.Aggregate.ID
	if declared.Creates {
		id = ""
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", c.Name, c.Aggregate.Kind, id, content))
	return request{Command: c, declared: declared, hash: hash[:]}, nil
}

// receiptOf is what the record answered before, or a refusal when something else was asked for under the same id.
//
// Errors: idempotency-conflict.
func (r request) receiptOf(given db.GetReceiptRow) (pilot.Receipt, error) {
	if !bytes.Equal(given.Request, r.hash) {
		return pilot.Receipt{}, domain.Refuse("idempotency-conflict", "", "id", r.ID)
	}
	return pilot.Receipt{
		Aggregate: pilot.Ref{Kind: given.Kind, ID: given.ID}, Version: given.Version, Events: given.Events,
		Late: given.Late, At: given.At.In(calendar.Shanghai),
	}, nil
}
