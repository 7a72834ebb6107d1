package postgres

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"terrace/domain"
	"terrace/domain/calendar"
	"terrace/domain/flow"
	"terrace/postgres/db"
)

// request is a command with its declaration and the hash that identifies a repetition.
type request struct {
	flow.Command
	about    *flow.Aggregate
	declared *flow.Declaration
	needs    flow.Needs
	hash     []byte
	evidence map[string]string // media types of the files that it names and its sender may name
	waited   bool              // has waited for a lock
	unseen   bool              // whether the sender may see the aggregate is not known yet, so that they may not wait for its lock
}

// newRequest looks up the command's declaration and hashes its content and aggregate. The hash leaves out the fresh id
// of an aggregate to be created, because a sender who repeats the command sends another one. It also leaves out
// IfVersion, which only says what the sender had seen.
//
// Errors: unknown-command.
func (s *Store) newRequest(c flow.Command) (request, error) {
	about, err := s.catalogue.Of(c.Aggregate.Kind)
	if err != nil {
		return request{}, err
	}
	declared, err := about.Command(c.Name)
	if err != nil {
		return request{}, err
	}
	if c.ID == "" || c.Actor.ID == "" || c.Aggregate.ID == "" {
		return request{}, fmt.Errorf("command %s of %s: its id, its actor and its aggregate need a name", c.Name, c.Aggregate)
	}
	content, err := flow.Canonical(c.Payload)
	if err != nil {
		return request{}, fmt.Errorf("content of %s: %w", c.Name, err)
	}
	id := c.Aggregate.ID
	if declared.Creates {
		id = ""
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", c.Name, c.Aggregate.Kind, id, content))
	return request{Command: c, about: about, declared: declared, needs: flow.NeedsOf(c.Payload), hash: hash[:]}, nil
}

// receiptOf returns the receipt given before. It refuses a command whose content differs from that of the earlier one
// with the same id.
//
// Errors: idempotency-conflict.
func (r request) receiptOf(given db.GetReceiptRow) (flow.Receipt, error) {
	if !bytes.Equal(given.Request, r.hash) {
		return flow.Receipt{}, domain.Refuse("idempotency-conflict", "", "id", r.ID)
	}
	return flow.Receipt{
		Aggregate: flow.Ref{Kind: given.Kind, ID: given.ID}, Version: given.Version, Events: given.Events,
		Late: given.Late, At: given.At.In(calendar.Shanghai),
	}, nil
}
