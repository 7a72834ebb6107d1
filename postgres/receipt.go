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

// request is a command with its declaration, and with the hash that shows whether it has been sent before.
type request struct {
	flow.Command
	about    *flow.Aggregate
	declared *flow.Declaration
	needs    flow.Needs
	hash     []byte
	evidence map[string]string // the media types of those named files that the sender may name
	waited   bool              // the command has waited for a lock
	unseen   bool              // it is not known yet whether the sender may see the aggregate, so the command may not wait for its lock
}

// newRequest finds the command's declaration and hashes its content and its aggregate. The hash does not include the id
// of an aggregate that is yet to be created, because somebody who repeats the command sends another id. Nor does it
// include IfVersion, which only says what the sender has seen.
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
		return request{}, fmt.Errorf("command %s of %s: its id, actor and aggregate must not be empty", c.Name, c.Aggregate)
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

// receiptOf returns the receipt that was given before. It refuses a command that has the same id as an earlier one but
// different content.
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
